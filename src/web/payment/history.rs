//! BTR040 取引履歴: every payment with how it stands and why, newest first.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;

use crate::db::queries::ledger;
use crate::db::queries::payments::{self, PaymentFilter};
use crate::db::{DbConn, DbError};
use crate::domain::login::LoginStage;
use crate::domain::payment::{Payment, PaymentKind, PaymentState};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::{EntryId, PaymentId};
use crate::primitives::kana::to_full_katakana;
use crate::web::failure::PageResult;
use crate::web::form::Choice;
use crate::web::page::{Link, Shell, Tone};
use crate::web::payment::{HISTORY, sight, words};
use crate::web::principal;
use crate::web::screens;
use crate::web::transfer::words::day_text;
use crate::web::visit::Visit;

/// Lines a page.
const PAGE_SIZE: i64 = 50;
/// How a payment stands that the institution took back (BTR032 says when).
const CORRECTED: &str = "訂正済み";

/// BTR040.
#[derive(askama::Template)]
#[template(path = "payment/history.html")]
pub struct HistoryPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The lines.
    pub rows: Vec<PaymentRow>,
    /// The states to choose from.
    pub states: Vec<Choice>,
    /// Where the choice is sent.
    pub url: String,
    /// The next page, older ones.
    pub older: Option<Link>,
    /// Whether it is not the first page.
    pub newest: Option<Link>,
    /// BTR001.
    pub transfers_url: String,
}

/// One line.
#[derive(Debug, Clone)]
pub struct PaymentRow {
    /// BTR032.
    pub url: String,
    /// When it was asked for.
    pub requested_at: String,
    /// On which day it goes out.
    pub execute_on: String,
    /// 振替, 振込 or 払込み.
    pub kind: &'static str,
    /// To whom: the holder, or the biller.
    pub payee: String,
    /// The bank, or what was paid.
    pub bank: String,
    /// How much.
    pub amount: String,
    /// How it stands.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// Why it failed.
    pub reason: Option<&'static str>,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct HistoryQuery {
    state: Option<String>,
    before: Option<String>,
}

/// Shows BTR040.
///
/// # Errors
/// 303 to the login for whoever is not logged in.
pub async fn show(visit: Visit, query: Query<HistoryQuery>) -> PageResult {
    let ctx = visit.ctx.clone();
    let state = query.state.as_deref().and_then(PaymentState::from_text);
    let before = query.before.as_deref().and_then(|id| id.parse().ok()).map(PaymentId);
    let (who, (mut found, corrected)): (_, (Vec<Payment>, Vec<EntryId>)) =
        principal::enter(&visit, LoginStage::Complete, move |conn, _, user| {
            let sight = sight(conn, &ctx, user)?.of_payments();
            let filter = PaymentFilter { sight, state, before, ..PaymentFilter::default() };
            let found = payments::list_of_contract(conn, user.contract_id, &filter, PAGE_SIZE + 1)?;
            let corrected = list_corrected(conn, &found)?;
            Ok((found, corrected))
        })
        .await?;
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let has_more = found.len() > size;
    found.truncate(size);
    let url = visit.url(HISTORY);
    let of_state = state.map_or_else(String::new, |state| format!("state={state}&"));
    let older = found.last().filter(|_| has_more).map(|last| Link {
        label: "前の50件（古いもの）".to_owned(),
        url: format!("{url}?{of_state}before={}", last.id),
    });
    let page = HistoryPage {
        shell: visit.shell_of(&screens::BTR040, &who),
        rows: rows(&visit, &found, &corrected),
        states: states(state),
        older,
        newest: before.map(|_| Link {
            label: "最新の50件".to_owned(),
            url: format!("{url}?{of_state}").trim_end_matches(['&', '?']).to_owned(),
        }),
        url,
        transfers_url: visit.url("transfers"),
    };
    visit.page(StatusCode::OK, &page)
}

fn states(chosen: Option<PaymentState>) -> Vec<Choice> {
    let all = [
        (None, "すべて"),
        (Some(PaymentState::Reserved), "予約・受付"),
        (Some(PaymentState::Done), "完了"),
        (Some(PaymentState::Cancelled), "取消"),
        (Some(PaymentState::Failed), "エラー"),
    ];
    let choice = |(state, label): (Option<PaymentState>, &str)| Choice {
        value: state.map_or_else(String::new, |state| state.to_string()),
        label: label.to_owned(),
        hint: None,
        image: None,
        is_chosen: state == chosen,
    };
    all.into_iter().map(choice).collect()
}

/// The entries of those of these payments that the institution took back: one question for all of
/// a page.
///
/// # Errors
/// Whatever the database says.
pub fn list_corrected(conn: &mut DbConn, found: &[Payment]) -> Result<Vec<EntryId>, DbError> {
    let ids: Vec<EntryId> = found.iter().filter_map(|payment| payment.entry_id).collect();
    ledger::list_reversed(conn, &ids)
}

/// Lines about payments, of which these entries were corrected.
pub fn rows(visit: &Visit, found: &[Payment], corrected: &[EntryId]) -> Vec<PaymentRow> {
    let line = |payment: &Payment| {
        let line = row(visit, payment);
        match payment.entry_id.is_some_and(|id| corrected.contains(&id)) {
            true => PaymentRow { state: CORRECTED, tone: Tone::Warn, ..line },
            false => line,
        }
    };
    found.iter().map(line).collect()
}

/// A line about a payment.
pub fn row(visit: &Visit, payment: &Payment) -> PaymentRow {
    let standing = payment.standing(visit.ctx.now);
    let (payee, bank) = match payment.kind {
        PaymentKind::PayEasy => (payment.bank_name.clone(), payment.branch_name.clone()),
        _ => (to_full_katakana(&payment.holder_kana), payment.bank_name.clone()),
    };
    PaymentRow {
        url: visit.url(&format!("payments/{}", payment.id)),
        requested_at: jst_minute_text(payment.requested_at),
        execute_on: day_text(payment.execute_on),
        kind: payment.kind.label(),
        payee,
        bank,
        amount: payment.amount_yen.to_string(),
        state: standing.label(),
        tone: words::tone(standing),
        reason: payment.reason.map(|reason| reason.words()),
    }
}
