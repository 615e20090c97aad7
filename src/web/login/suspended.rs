//! BLG011 認証停止のお知らせ: the token is suspended, whom to call.

use crate::web::page::Shell;

/// BLG011.
#[derive(askama::Template)]
#[template(path = "login/suspended.html")]
pub struct SuspendedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The login page.
    pub login_url: String,
}
