//! BLG010 ワンタイムパスワード認証: the second step of login.

use crate::web::form::FormView;
use crate::web::page::Shell;

/// BLG010. Field: `otp`.
#[derive(askama::Template)]
#[template(path = "login/otp.html")]
pub struct OtpPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// The token's kind in words.
    pub token_kind: String,
    /// The last four characters of its serial number.
    pub serial_last4: String,
    /// Back to the first step.
    pub back_url: String,
}
