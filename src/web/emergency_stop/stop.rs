//! BSP001 緊急停止: id and stop code.

use serde::Deserialize;
use validator::Validate;

use crate::domain::stop_code::DIGITS;
use crate::domain::user::{login_id_of_contract, login_id_within};
use crate::operations::user::emergency_stop::{StopOutcome, stop};
use crate::web::emergency_stop::STEPS;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_code, normalise_login_id};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Contact, Shell, Step, steps};
use crate::web::shell::contact_for_losses;
use crate::web::visit::Visit;
use crate::web::{principal, screens};

/// The line beside the code of BSP001.
pub const PURPOSE: &str = "このコードで、トークン、ログイン、お振込をすべて止めます。";
const CODE_LENGTH_MAX: usize = 16;
/// Unknown id, wrong, used and expired code read alike.
const WRONG: &str = "または停止コードを確認できませんでした。お知らせのメールをもう一度ご確認ください。停止コードは30日間、一度だけ使えます。";
const TOO_MANY: &str =
    "1時間に入力できる回数（5回）を超えました。お急ぎの場合は、下の番号へすぐにお電話ください。";

/// BSP001. Fields: `login_id`, `user_id` where users have one, `stop_code`.
#[derive(askama::Template)]
#[template(path = "emergency_stop/stop.html")]
pub struct StopPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// Whom to call instead.
    pub lost: Contact,
    /// Back to the login page.
    pub back_url: String,
}

/// BSP001's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StopForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    login_id: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    user_id: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    stop_code: String,
}

/// Shows BSP001.
///
/// # Errors
/// 404 where the portal does not have it.
pub async fn show(visit: Visit) -> PageResult {
    refuse_where_not_offered(&visit)?;
    let form = form(&visit, "", "");
    show_form(&visit, form)
}

/// Stops everything.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    refuse_where_not_offered(&visit)?;
    let input: StopForm = body.public(&visit)?;
    if input.user_id.is_some() != visit.profile.signs_in_by_contract() {
        return Err(PageError::BadRequest("a field that the portal's form does not have"));
    }
    let login_id = normalise_login_id(&input.login_id);
    let code = normalise_code(&input.stop_code);
    let own = normalise_login_id(input.user_id.as_deref().unwrap_or_default());
    let mut form = form(&visit, &login_id, &own);
    if login_id.is_empty() {
        let label = &visit.profile.credentials.id.label;
        form.set_error("login_id", format!("{label}を入力してください。"));
    }
    if let Some(problem) = problem(&code) {
        form.set_error("stop_code", problem);
    }
    if form.is_invalid() {
        return show_form(&visit, form);
    }
    if !visit.app.throttle.allows(&visit.ctx.source) {
        return Err(PageError::TooMany);
    }
    let login_id = whole_id(&visit, login_id, &own);
    match stop(&visit.app.services, &visit.ctx, &login_id, &code).await? {
        StopOutcome::Stopped { result_id } => {
            return Ok(see_other(&visit.url(&format!("stop/{result_id}"))));
        }
        StopOutcome::Wrong => {
            let id = &visit.profile.credentials.id.label;
            form.set_error("stop_code", format!("{id}{WRONG}"));
        }
        StopOutcome::TooMany => form.set_error("stop_code", TOO_MANY),
    }
    show_form(&visit, form)
}

fn refuse_where_not_offered(visit: &Visit) -> Result<(), PageError> {
    if !visit.profile.services.emergency_stop {
        return Err(PageError::NotFound);
    }
    principal::ask_of_nobody(visit)
}

/// What cannot be a stop code at all is not counted as a try.
fn problem(code: &str) -> Option<String> {
    if code.is_empty() {
        return Some("停止コードを入力してください。".to_owned());
    }
    let is_form =
        u32::try_from(code.len()) == Ok(DIGITS) && code.bytes().all(|byte| byte.is_ascii_digit());
    (!is_form).then(|| format!("停止コードは{DIGITS}桁の数字で入力してください。"))
}

/// Where users have an id of their own beside their contract's, an administrator leaves it out.
fn whole_id(visit: &Visit, login_id: String, own: &str) -> String {
    match (visit.profile.signs_in_by_contract(), own.is_empty()) {
        (false, _) => login_id,
        (true, true) => login_id_of_contract(&login_id),
        (true, false) => login_id_within(&login_id, own),
    }
}

fn form(visit: &Visit, login_id: &str, own: &str) -> FormView {
    let code = FieldView::code("stop_code", "停止コード", PURPOSE)
        .hint("お知らせのメールの最後にある8桁の数字です。")
        .autocomplete("off")
        .maxlength(CODE_LENGTH_MAX);
    let mut all = vec![fields::login_id(&visit.profile, login_id), code];
    if visit.profile.signs_in_by_contract() {
        let field = fields::user_id(&visit.profile, own);
        all.insert(1, field.hint("管理者の方は、空欄のままにしてください。"));
    }
    FormView::new(visit.url("stop"), visit.visitor.token.clone()).fields(all)
}

fn show_form(visit: &Visit, form: FormView) -> PageResult {
    let page = StopPage {
        shell: visit.shell(&screens::BSP001),
        steps: steps(&STEPS, 0),
        lost: contact_for_losses(&visit.profile),
        back_url: visit.url("login"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
