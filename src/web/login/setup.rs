//! BLG095 初回設定: first login with the initial password, in three steps.

use crate::web::form::FormView;
use crate::web::page::{Notice, Row, Shell, Step};

/// The steps of the first setup.
pub const STEPS: [&str; 3] = ["パスワードの設定", "メールアドレスの入力", "確認コードの入力"];

/// BLG095, passwords. Fields: `new_password`, `new_password_again`, `new_confirm`,
/// `new_confirm_again`.
#[derive(askama::Template)]
#[template(path = "login/setup_passwords.html")]
pub struct SetupPasswordsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// What a password must be like, one sentence a line.
    pub rules: Vec<String>,
}

/// BLG095, mail address. Fields: `mail_address`, `mail_address_again`.
#[derive(askama::Template)]
#[template(path = "login/setup_mail.html")]
pub struct SetupMailPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The sender's domain, which a filter must let through.
    pub mail_domain: String,
}

/// BLG095, code. Field: `mail_code`.
#[derive(askama::Template)]
#[template(path = "login/setup_code.html")]
pub struct SetupCodePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top, as after a second sending.
    pub notices: Vec<Notice>,
    /// The form.
    pub form: FormView,
    /// Where and when the code was sent, and until when it is valid.
    pub sent: Vec<Row>,
    /// Back to the mail address.
    pub mail_url: String,
    /// Sends the code again; absent once it may no more.
    pub resend: Option<FormView>,
    /// Goes on without a mail address, where the portal allows it.
    pub later: Option<FormView>,
}
