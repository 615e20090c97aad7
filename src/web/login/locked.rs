//! BLG012 ログイン停止のお知らせ: the login secret is locked.

use crate::web::page::Shell;

/// BLG012.
#[derive(askama::Template)]
#[template(path = "login/locked.html")]
pub struct LockedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The login page.
    pub login_url: String,
}
