//! BLG011 認証停止のお知らせ: the token is suspended, whom to call.

use actix_web::http::StatusCode;

use crate::web::failure::PageResult;
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::visit::Visit;

/// BLG011.
#[derive(askama::Template)]
#[template(path = "login/suspended.html")]
pub struct SuspendedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The login page.
    pub login_url: String,
}

/// Tells that the token is suspended.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit) -> PageResult {
    let page =
        SuspendedPage { shell: visit.shell(&screens::BLG011), login_url: visit.url("login") };
    visit.page(StatusCode::OK, &page)
}
