//! BTR005 受付結果: the receipt, and what was made or reserved.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::DbError;
use crate::db::queries::{accounts, payments};
use crate::domain::payment::{PaymentKind, PaymentObstacle, PaymentState};
use crate::domain::transfer::TransferDraft;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Link, Receipt, Row, Shell, Step, steps};
use crate::web::payment::words::payment_rows;
use crate::web::screens;
use crate::web::token::flow;
use crate::web::transfer::{OPERATION, STEPS, TRANSFERS};
use crate::web::visit::Visit;

/// BTR005.
#[derive(askama::Template)]
#[template(path = "transfer/result.html")]
pub struct TransferResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What was done.
    pub done: &'static str,
    /// A sentence about what comes next.
    pub text: Option<&'static str>,
    /// Number and time.
    pub receipt: Receipt,
    /// What was paid.
    pub rows: Vec<Row>,
    /// Where to go on.
    pub links: Vec<Link>,
    /// The top page.
    pub top_url: String,
}

/// Shows BTR005; a reload shows the same.
///
/// # Errors
/// 303 where the flow is not finished, 404 for somebody else's.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts, receipt, _) =
        flow::find_receipt_of::<TransferDraft>(&visit, OPERATION, &flow_id).await?;
    let receipt_id = parts.flow.receipt_id.ok_or(PageError::NotFound)?;
    let user_id = who.user.id;
    let found = visit
        .app
        .services
        .db
        .read(move |conn| {
            let Some(payment) = payments::find_by_receipt(conn, user_id, receipt_id)? else {
                return Ok::<_, DbError>(None);
            };
            let from = accounts::get(conn, payment.account_id)?;
            Ok(Some((payment, from)))
        })
        .await?;
    let (payment, from) = found.ok_or(PageError::NotFound)?;
    let link = |label: &str, path: &str| Link { label: label.to_owned(), url: visit.url(path) };
    let (done, text, more) = match payment.state {
        PaymentState::Reserved => (
            "予約を受け付けました",
            Some("前日の23時59分まで、予約一覧から取り消せます。"),
            link("予約一覧", "reservations"),
        ),
        PaymentState::Done => {
            let done = match payment.kind {
                PaymentKind::OwnTransfer => "振替が完了しました",
                _ => "振込が完了しました",
            };
            (done, None, link("取引履歴", "history"))
        }
        PaymentState::Cancelled => {
            ("この予約は取り消されています", None, link("取引履歴", "history"))
        }
        PaymentState::Failed => (
            "この予約は実行できませんでした",
            payment.reason.map(PaymentObstacle::words),
            link("取引履歴", "history"),
        ),
    };
    let page = TransferResultPage {
        shell: visit.shell_of(&screens::BTR005, &who),
        steps: steps(&STEPS, 3),
        done,
        text,
        receipt,
        rows: payment_rows(&payment, Some(&from), visit.ctx.now),
        links: vec![more, link("続けて手続きする", TRANSFERS)],
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}
