//! BTR032 お取引の詳細: everything about one payment, and the way to take a reservation back.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::queries::{accounts, bill_claims, ledger, payments};
use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::Operation;
use crate::domain::ledger::{Account, Entry, fee_key};
use crate::domain::login::LoginStage;
use crate::domain::payment::{Payment, PaymentKind, PaymentStanding};
use crate::domain::receipt::number_text;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::{EntryId, PaymentId};
use crate::web::failure::{PageError, PageResult};
use crate::web::form::FormView;
use crate::web::page::{Notice, Row, Shell, Step, Tone};
use crate::web::pay_easy::words as bill_words;
use crate::web::payment::words::payment_rows;
use crate::web::payment::{HISTORY, sight};
use crate::web::principal::{self, RESERVATIONS, Who};
use crate::web::screens;
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

/// BTR032.
#[derive(askama::Template)]
#[template(path = "payment/detail.html")]
pub struct PaymentDetailPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar of what was just done; none where the page stands alone.
    pub steps: Vec<Step>,
    /// What was just done.
    pub notices: Vec<Notice>,
    /// Everything about it.
    pub rows: Vec<Row>,
    /// Begins 予約取消, where that is still possible.
    pub cancel: Option<FormView>,
    /// BTR030.
    pub reservations_url: String,
    /// BTR040.
    pub history_url: String,
}

/// Shows BTR032.
///
/// # Errors
/// 404 for what this user may not see.
pub async fn show(visit: Visit, payment_id: Path<i64>) -> PageResult {
    let id = PaymentId(payment_id.into_inner());
    let (who, payment, from) = enter(&visit, id).await?;
    let now = visit.ctx.now;
    let content = match payment.kind {
        PaymentKind::PayEasy => {
            let read = move |conn: &mut DbConn| bill_claims::find_by_payment(conn, id);
            let claim = visit.app.services.db.read(read).await?;
            bill_words::payment_rows(&payment, claim.as_ref(), &from, now)
        }
        _ => payment_rows(&payment, Some(&from), now),
    };
    let notices = corrected(&visit, &payment).await?;
    show_payment(&visit, &who, &payment, content, (Vec::new(), notices))
}

/// That the institution took the payment back.
async fn corrected(visit: &Visit, payment: &Payment) -> Result<Vec<Notice>, PageError> {
    let Some(entry_id) = payment.entry_id else { return Ok(Vec::new()) };
    let services = &visit.app.services;
    let found = services
        .db
        .read(move |conn| match ledger::find_reversal(conn, entry_id)? {
            Some(by) => Ok((ledger::find_entry(conn, by)?, is_fee_back(conn, entry_id)?)),
            None => Ok::<_, DbError>((None, false)),
        })
        .await?;
    let (found, is_fee_back) = found;
    let fee = if is_fee_back { "手数料を含めて" } else { "" };
    let notice = |entry: Entry| {
        let mut text = vec![format!(
            "{} に、{fee}出金口座へお戻ししました。くわしくは、画面下のお問い合わせ先へお電話ください。",
            jst_minute_text(entry.posted_at)
        )];
        if payment.kind == PaymentKind::PayEasy {
            text.push(
                "この払込書は、この画面からもう一度払い込むことはできません。払込書の発行元にお問い合わせください。"
                    .to_owned(),
            );
        }
        Notice {
            tone: Tone::Info, title: "このお取引は訂正されました。".to_owned(), text
        }
    };
    Ok(found.map(notice).into_iter().collect())
}

/// Whether the fee that was posted with this entry came back too.
fn is_fee_back(conn: &mut DbConn, entry_id: EntryId) -> Result<bool, DbError> {
    let Some(entry) = ledger::find_entry(conn, entry_id)? else { return Ok(false) };
    let Some(fee) = ledger::find_by_key(conn, &fee_key(&entry.idempotency_key))? else {
        return Ok(false);
    };
    Ok(ledger::find_reversal(conn, fee)?.is_some())
}

/// Lets somebody in to a payment of the own contract.
///
/// # Errors
/// 404 for what this user may not see.
pub(super) async fn enter(
    visit: &Visit,
    id: PaymentId,
) -> Result<(Who, Payment, Account), PageError> {
    let ctx = visit.ctx.clone();
    let (who, found) = principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
        let Some(payment) = payments::find_of_contract(conn, user.contract_id, id)? else {
            return Ok(None);
        };
        let sight = sight(conn, &ctx, user)?;
        if !sight.sees(&payment) {
            return Ok(None);
        }
        let from = accounts::get(conn, payment.account_id)?;
        Ok(Some((payment, from)))
    })
    .await?;
    let (payment, from) = found.ok_or(PageError::NotFound)?;
    Ok((who, payment, from))
}

/// Shows BTR032 with what was just done above it, and its step bar.
pub(super) fn show_payment(
    visit: &Visit,
    who: &Who,
    payment: &Payment,
    content: Vec<Row>,
    (steps, mut notices): (Vec<Step>, Vec<Notice>),
) -> PageResult {
    let mut rows = vec![Row::new("受付番号", number_text(payment.receipt_number))];
    rows.extend(content);
    let can_cancel = payment.can_cancel(visit.ctx.now);
    let hindrance = obstacle(visit, &who.user, Operation::CancelReservation);
    let cancel = (can_cancel && hindrance.is_none()).then(|| {
        let url = visit.url(&format!("payments/{}/cancel", payment.id));
        FormView::new(url, who.csrf_token())
    });
    notices.extend(hindrance.filter(|_| can_cancel));
    let is_due = payment.standing(visit.ctx.now) == PaymentStanding::Accepted;
    notices.extend(is_due.then(|| Notice {
        tone: Tone::Info,
        title: "実行日になりました。".to_owned(),
        text: vec!["まもなく実行します。取消のお手続きはできません。".to_owned()],
    }));
    let page = PaymentDetailPage {
        shell: visit.shell_of(&screens::BTR032, who),
        steps,
        notices,
        rows,
        cancel,
        reservations_url: visit.url(RESERVATIONS),
        history_url: visit.url(HISTORY),
    };
    visit.page(StatusCode::OK, &page)
}

/// The box above a reservation that was taken back.
pub(super) fn cancelled(number: &str) -> Notice {
    Notice {
        tone: Tone::Success,
        title: "予約を取り消しました。".to_owned(),
        text: vec![format!("受付番号 {number} の予約は実行されません。")],
    }
}
