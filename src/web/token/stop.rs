//! BOM121 to BOM123: stop of a token (利用中止).

use crate::web::form::FormView;
use crate::web::page::{Receipt, Row, Shell, Step};

/// The steps of a stop.
pub const STEPS: [&str; 3] = ["利用者確認", "利用中止の確認", "処理結果"];
/// The line beside the code of BOM122.
pub const PURPOSE: &str = "このコードでワンタイムパスワードの利用を中止します。";

/// BOM121. Fields: `login_id`, `password`.
#[derive(askama::Template)]
#[template(path = "token/stop_identify.html")]
pub struct StopIdentifyPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The proof that acts will ask for again, as `確認用パスワード`.
    pub earlier_proof: String,
    /// The exchange, for those who meant that.
    pub exchange_url: String,
    /// Back to the login page.
    pub back_url: String,
}

/// BOM122. Fields: `otp`, and `confirm` or `picture_1` to `picture_3`.
#[derive(askama::Template)]
#[template(path = "token/stop_confirm.html")]
pub struct StopConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The token to be stopped.
    pub rows: Vec<Row>,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BOM123.
#[derive(askama::Template)]
#[template(path = "token/stop_result.html")]
pub struct StopResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// What was stopped.
    pub rows: Vec<Row>,
    /// The proof that acts ask for again, as `確認用パスワード`.
    pub earlier_proof: String,
    /// The login page.
    pub login_url: String,
}
