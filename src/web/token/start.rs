//! BOM101 to BOM103: start of a token (利用開始).

use crate::web::form::FormView;
use crate::web::page::{Notice, Receipt, Row, Shell, Step, TokenGuide};

/// The steps of a start.
pub const STEPS: [&str; 3] = ["利用者確認", "ワンタイムパスワード登録", "処理結果"];
/// The line beside the code of BOM102.
pub const PURPOSE: &str = "このコードでトークンを登録します。";

/// BOM101. Fields: `login_id`, `password`.
#[derive(askama::Template)]
#[template(path = "token/start_identify.html")]
pub struct StartIdentifyPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top, as that a step was reached out of order.
    pub notices: Vec<Notice>,
    /// The form.
    pub form: FormView,
    /// The help on kinds of tokens.
    pub tokens_help_url: String,
    /// The terms of the service.
    pub terms_url: String,
    /// Back to the login page.
    pub back_url: String,
}

/// BOM102. Fields: `serial`, `otp`, `login_choice` where offered, and `confirm` or `picture_1`
/// to `picture_3`.
#[derive(askama::Template)]
#[template(path = "token/start_register.html")]
pub struct StartRegisterPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// Where serial and code are found on each kind of token the portal takes.
    pub guides: Vec<TokenGuide>,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BOM103.
#[derive(askama::Template)]
#[template(path = "token/start_result.html")]
pub struct StartResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// 登録内容: serial and, where offered, whether login asks for the code.
    pub rows: Vec<Row>,
    /// The proof asked so far, as `確認用パスワード`.
    pub replaced_proof: String,
    /// The login page.
    pub login_url: String,
}
