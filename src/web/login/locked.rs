//! BLG012 ログイン停止のお知らせ: the login secret is locked.

use actix_web::http::StatusCode;

use crate::domain::portal::UserAdministration;
use crate::web::failure::PageResult;
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::visit::Visit;

/// BLG012.
#[derive(askama::Template)]
#[template(path = "login/locked.html")]
pub struct LockedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Whether an administrator of the company lets the user in again.
    pub is_by_administrator: bool,
    /// The login page.
    pub login_url: String,
}

/// Tells that the login is locked.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit) -> PageResult {
    let by = visit.profile.services.user_administration;
    let page = LockedPage {
        shell: visit.shell(&screens::BLG012),
        is_by_administrator: by == UserAdministration::MasterAndAdministrators,
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::OK, &page)
}
