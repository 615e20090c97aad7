//! BLG014 トークン有効期限切れ: leads to the registration of the next token.

use crate::web::page::Shell;

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
