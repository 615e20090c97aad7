//! BLG090 ログアウト.

use crate::web::page::Shell;

/// BLG090.
#[derive(askama::Template)]
#[template(path = "login/logged_out.html")]
pub struct LoggedOutPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The login page.
    pub login_url: String,
}
