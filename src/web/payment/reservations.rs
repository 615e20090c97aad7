//! BTR030 予約一覧: what waits for its day.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::db::queries::payments;
use crate::domain::login::LoginStage;
use crate::domain::payment::Payment;
use crate::web::failure::PageResult;
use crate::web::page::{Notice, Shell};
use crate::web::payment::history::{PaymentRow, row};
use crate::web::payment::{HISTORY, sight};
use crate::web::principal;
use crate::web::screens;
use crate::web::token::flow::{self, Lost};
use crate::web::visit::Visit;

/// BTR030.
#[derive(askama::Template)]
#[template(path = "payment/reservations.html")]
pub struct ReservationsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// At what time of its day it runs, as `午前9時`.
    pub runs_at: String,
    /// What waits, in the order in which it runs.
    pub rows: Vec<PaymentRow>,
    /// BTR040.
    pub history_url: String,
    /// BTR001.
    pub transfers_url: String,
}

/// Shows BTR030.
///
/// # Errors
/// 303 to the login for whoever is not logged in.
pub async fn show(visit: Visit, lost: Query<Lost>) -> PageResult {
    let ctx = visit.ctx.clone();
    let (who, waiting): (_, Vec<Payment>) =
        principal::enter(&visit, LoginStage::Complete, move |conn, _, user| {
            let ids = sight(conn, &ctx, user)?.account_ids();
            payments::list_reserved(conn, user.contract_id, ids.as_deref())
        })
        .await?;
    let page = ReservationsPage {
        shell: visit.shell_of(&screens::BTR030, &who),
        notices: flow::lost_notices(&lost),
        runs_at: visit.profile.transfers.reservations_at.spoken(),
        rows: waiting.iter().map(|payment| row(&visit, payment)).collect(),
        history_url: visit.url(HISTORY),
        transfers_url: visit.url("transfers"),
    };
    visit.page(StatusCode::OK, &page)
}
