//! BPE004 払込結果: the receipt, and what was paid.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::DbError;
use crate::db::queries::{accounts, bill_claims, payments};
use crate::domain::bill::BillDraft;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Link, Receipt, Row, Shell, Step, steps};
use crate::web::pay_easy::{HISTORY, OPERATION, STEPS, words};
use crate::web::principal::PAY_EASY;
use crate::web::screens;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// BPE004.
#[derive(askama::Template)]
#[template(path = "pay_easy/result.html")]
pub struct BillResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// What was paid.
    pub rows: Vec<Row>,
    /// That there is no paper.
    pub no_receipt: &'static str,
    /// Where to go on.
    pub links: Vec<Link>,
    /// The top page.
    pub top_url: String,
}

/// Shows BPE004; a reload shows the same.
///
/// # Errors
/// 303 where the flow is not finished, 404 for somebody else's.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts, receipt, _) =
        flow::find_receipt_of::<BillDraft>(&visit, OPERATION, &flow_id).await?;
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
            let claim = bill_claims::find_by_payment(conn, payment.id)?;
            Ok(Some((payment, from, claim)))
        })
        .await?;
    let (payment, from, claim) = found.ok_or(PageError::NotFound)?;
    let link = |label: &str, path: &str| Link { label: label.to_owned(), url: visit.url(path) };
    let page = BillResultPage {
        shell: visit.shell_of(&screens::BPE004, &who),
        steps: steps(&STEPS, 3),
        receipt,
        rows: words::payment_rows(&payment, claim.as_ref(), &from, visit.ctx.now),
        no_receipt: words::NO_RECEIPT_DONE,
        links: vec![link("払込履歴", HISTORY), link("続けて払い込む", PAY_EASY)],
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}
