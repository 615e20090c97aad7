//! BOM111 to BOM114: exchange of a token (交換).

use crate::web::form::FormView;
use crate::web::page::{Receipt, Shell, Step, TokenGuide};

/// The steps of an exchange.
pub const STEPS: [&str; 4] = ["利用者確認", "旧トークンの確認", "新トークンの登録", "処理結果"];
/// The line beside the code of BOM112.
pub const PURPOSE_OLD: &str = "このコードで、旧トークンをお持ちであることを確認します。";
/// The line beside the code of BOM113.
pub const PURPOSE_NEW: &str = "このコードで新トークンを登録し、旧トークンを使えなくします。";

/// BOM111. Fields: `login_id`, `password`.
#[derive(askama::Template)]
#[template(path = "token/exchange_identify.html")]
pub struct ExchangeIdentifyPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// Back to the login page.
    pub back_url: String,
}

/// BOM112. Field: `old_otp`.
#[derive(askama::Template)]
#[template(path = "token/exchange_old.html")]
pub struct ExchangeOldPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The old token's kind in words.
    pub old_kind: String,
    /// The last four characters of its serial number.
    pub old_serial_last4: String,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BOM113. Fields: `serial`, `otp`.
#[derive(askama::Template)]
#[template(path = "token/exchange_new.html")]
pub struct ExchangeNewPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// Until when the proof of the old token counts, in a sentence.
    pub deadline_text: String,
    /// Where serial and code are found on each kind of token the portal takes.
    pub guides: Vec<TokenGuide>,
    /// Ends the flow.
    pub cancel: FormView,
}

/// One line of 変更結果.
#[derive(Clone, Debug)]
pub struct Change {
    /// What changed.
    pub label: String,
    /// 変更後.
    pub after: String,
    /// 変更前.
    pub before: String,
}

/// BOM114.
#[derive(askama::Template)]
#[template(path = "token/exchange_result.html")]
pub struct ExchangeResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// The serials, new and old.
    pub changes: Vec<Change>,
    /// The login page.
    pub login_url: String,
}
