//! BSP002 緊急停止の受付: what was stopped, and how it goes on.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::DbError;
use crate::db::queries::{receipts, stop_codes};
use crate::domain::receipt::number_text;
use crate::primitives::clock::jst_receipt_text;
use crate::web::emergency_stop::STEPS;
use crate::web::failure::{PageResult, see_other};
use crate::web::page::{Contact, Receipt, Shell, Step, steps};
use crate::web::screens;
use crate::web::shell::contact_for_losses;
use crate::web::visit::Visit;

/// BSP002.
#[derive(askama::Template)]
#[template(path = "emergency_stop/result.html")]
pub struct StopResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// Whom to call.
    pub lost: Contact,
    /// The login page.
    pub login_url: String,
}

/// Shows BSP002 for a day; a reload shows the same. Nothing on it says whose it is.
///
/// # Errors
/// 303 to BSP001 where there is nothing to show.
pub async fn show(visit: Visit, result: Path<String>) -> PageResult {
    let (slug, now) = (visit.profile.slug().to_owned(), visit.ctx.now);
    let found = visit
        .app
        .services
        .db
        .read(move |conn| {
            let code = stop_codes::find_by_result(conn, &result)?;
            let id = code.filter(|code| code.shows_result_at(now)).and_then(|code| code.receipt_id);
            let receipt = id.map(|id| receipts::get(conn, id)).transpose()?;
            Ok::<_, DbError>(receipt.filter(|receipt| receipt.portal == slug))
        })
        .await?;
    let Some(receipt) = found else { return Ok(see_other(&visit.url("stop"))) };
    let page = StopResultPage {
        shell: visit.shell(&screens::BSP002),
        steps: steps(&STEPS, 1),
        receipt: Receipt {
            number: number_text(receipt.number),
            time_text: jst_receipt_text(receipt.accepted_at),
        },
        lost: contact_for_losses(&visit.profile),
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::OK, &page)
}
