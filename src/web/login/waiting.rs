//! BLG013 トークン登録待ち: the token was revoked, the next can't be registered yet.

use crate::web::page::Shell;

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
