//! BPE005 払込履歴: the bills that were paid, newest first.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;

use crate::db::queries::payments::{self, PaymentFilter};
use crate::domain::login::LoginStage;
use crate::domain::payment::{Payment, PaymentKind};
use crate::primitives::ids::{EntryId, PaymentId};
use crate::web::failure::PageResult;
use crate::web::page::{Link, Shell};
use crate::web::pay_easy::HISTORY;
use crate::web::payment::history::{PaymentRow, list_corrected, rows};
use crate::web::payment::sight;
use crate::web::principal::{self, PAY_EASY};
use crate::web::screens;
use crate::web::visit::Visit;

/// Lines a page.
const PAGE_SIZE: i64 = 50;

/// BPE005.
#[derive(askama::Template)]
#[template(path = "pay_easy/history.html")]
pub struct BillHistoryPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The lines.
    pub rows: Vec<PaymentRow>,
    /// The next page, older ones.
    pub older: Option<Link>,
    /// Whether it is not the first page.
    pub newest: Option<Link>,
    /// BPE001.
    pub pay_url: String,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct HistoryQuery {
    before: Option<String>,
}

/// Shows BPE005.
///
/// # Errors
/// 303 to the login for whoever is not logged in.
pub async fn show(visit: Visit, query: Query<HistoryQuery>) -> PageResult {
    let ctx = visit.ctx.clone();
    let before = query.before.as_deref().and_then(|id| id.parse().ok()).map(PaymentId);
    let (who, (mut found, corrected)): (_, (Vec<Payment>, Vec<EntryId>)) =
        principal::enter(&visit, LoginStage::Complete, move |conn, _, user| {
            let sight = sight(conn, &ctx, user)?.of_payments();
            let kind = Some(PaymentKind::PayEasy);
            let filter = PaymentFilter { sight, kind, before, ..PaymentFilter::default() };
            let found = payments::list_of_contract(conn, user.contract_id, &filter, PAGE_SIZE + 1)?;
            let corrected = list_corrected(conn, &found)?;
            Ok((found, corrected))
        })
        .await?;
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let has_more = found.len() > size;
    found.truncate(size);
    let url = visit.url(HISTORY);
    let page = BillHistoryPage {
        shell: visit.shell_of(&screens::BPE005, &who),
        rows: rows(&visit, &found, &corrected),
        older: found.last().filter(|_| has_more).map(|last| Link {
            label: "前の50件（古いもの）".to_owned(),
            url: format!("{url}?before={}", last.id),
        }),
        newest: before.map(|_| Link { label: "最新の50件".to_owned(), url }),
        pay_url: visit.url(PAY_EASY),
    };
    visit.page(StatusCode::OK, &page)
}
