//! BLG001 ログイン: id and password.

use crate::web::form::FormView;
use crate::web::page::{Link, LinkCard, Notice, Shell};

/// A panel of buttons beside the form, as ワンタイムパスワード管理.
#[derive(Clone, Debug)]
pub struct TokenPanel {
    /// The panel's heading.
    pub title: String,
    /// Its buttons, each with one line saying what it is for.
    pub items: Vec<LinkCard>,
    /// A link to the help below the buttons.
    pub help: Option<Link>,
}

/// BLG001. Fields: `login_id`, `password` (with the software keyboard).
#[derive(askama::Template)]
#[template(path = "login/password.html")]
pub struct PasswordPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// Boxes above the form, as after a logout by the clock.
    pub notices: Vec<Notice>,
    /// Lines below the form, as that upper and lower case matter.
    pub notes: Vec<String>,
    /// The buttons for tokens, where the portal has them on this page.
    pub token_panel: Option<TokenPanel>,
}
