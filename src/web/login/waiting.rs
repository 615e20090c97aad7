//! BLG013 トークン登録待ち: the token was revoked, the next can't be registered yet.

use actix_web::http::StatusCode;

use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::web::failure::{PageResult, see_other};
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::visit::Visit;

/// BLG013.
#[derive(askama::Template)]
#[template(path = "login/waiting.html")]
pub struct WaitingPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// From when registration is possible, as `2017年07月24日 10時35分`.
    pub registrable_from: String,
    /// The login page.
    pub login_url: String,
}

/// The address alone knows no customer: it leads to the login.
pub async fn show(visit: Visit) -> PageResult {
    Ok(see_other(&visit.url("login")))
}

/// Tells from when a token can be registered.
///
/// # Errors
/// As [`Visit::page`].
pub fn show_from(visit: &Visit, from: UtcTime) -> PageResult {
    let page = WaitingPage {
        shell: visit.shell(&screens::BLG013),
        registrable_from: jst_minute_text(from),
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::FORBIDDEN, &page)
}
