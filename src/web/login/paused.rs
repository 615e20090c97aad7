//! BLG015 利用停止のお知らせ: an administrator of the company has paused the user. Shown only after the
//! right password.

use actix_web::http::StatusCode;

use crate::web::failure::PageResult;
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::visit::Visit;

/// BLG015.
#[derive(askama::Template)]
#[template(path = "login/paused.html")]
pub struct PausedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The login page.
    pub login_url: String,
}

/// Tells whom to ask.
///
/// # Errors
/// As [`Visit::page`].
pub fn show(visit: &Visit) -> PageResult {
    let page = PausedPage { shell: visit.shell(&screens::BLG015), login_url: visit.url("login") };
    visit.page(StatusCode::FORBIDDEN, &page)
}
