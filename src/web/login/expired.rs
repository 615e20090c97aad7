//! BLG014 トークン有効期限切れ: leads to the registration of the next token.

use actix_web::http::StatusCode;

use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::web::failure::{PageResult, see_other};
use crate::web::page::Shell;
use crate::web::principal::{self, MENU};
use crate::web::screens;
use crate::web::visit::Visit;

/// BLG014.
#[derive(askama::Template)]
#[template(path = "login/expired.html")]
pub struct ExpiredPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The last four characters of the old serial number.
    pub serial_last4: String,
    /// When the token expired, in Japan time.
    pub expired_at: String,
    /// Where the next token is registered.
    pub start_url: String,
    /// The login page.
    pub login_url: String,
}

/// The address alone knows no customer: it leads to the login.
pub async fn show(visit: Visit) -> PageResult {
    Ok(see_other(&visit.url("login")))
}

/// Tells that the token has expired and leads to the registration of the next.
///
/// # Errors
/// As [`Visit::page`].
pub fn show_of(visit: &Visit, serial_last_four: &str, expired_at: UtcTime) -> PageResult {
    let page = ExpiredPage {
        shell: visit.shell(&screens::BLG014),
        serial_last4: serial_last_four.to_owned(),
        expired_at: jst_minute_text(expired_at),
        start_url: visit.url(if principal::is_menu(visit) { MENU } else { "token/start" }),
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::FORBIDDEN, &page)
}
