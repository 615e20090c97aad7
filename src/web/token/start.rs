//! Start of a token from the login page: BOM101 to BOM103 (利用開始), BOR001 to BOR003 (利用登録).

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::domain::flow::{FlowOperation, FlowStep};
use crate::domain::portal::{LoginAnswer, LoginChoice};
use crate::domain::registration_number::is_needed;
use crate::operations::token::start::{Start, start};
use crate::primitives::clock::jst_day;
use crate::primitives::code::normalise_serial;
use crate::web::failure::PageResult;
use crate::web::fields::{self, INPUT_LENGTH_MAX, code_problem, normalise_code};
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::guides;
use crate::web::page::{Notice, Receipt, Row, Shell, Step, TokenGuide};
use crate::web::principal::{FlowParts, Who};
use crate::web::token::flow::{self, Lost, StepPage};
use crate::web::token::{place, words};
use crate::web::visit::Visit;

/// The line beside the code.
pub const PURPOSE: &str = "このコードでトークンを登録します。";

/// BOM101, BOR001. Fields: `login_id`, `password`.
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
    /// The portal's word for the start, as `利用開始`.
    pub start_word: String,
    /// The kinds of token that can be registered, as `ハードウェアトークンまたはアプリ`.
    pub kinds_text: String,
    /// What this page asks for, as `契約者IDとログインパスワード`.
    pub identity_text: String,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// The help on kinds of tokens.
    pub tokens_help_url: String,
    /// The terms of the service.
    pub terms_url: String,
    /// Their name.
    pub terms_name: String,
    /// Back to the login page.
    pub back_url: String,
}

/// BOM102, BOR002. Fields: `serial`, `otp`, `registration_number` after a revocation,
/// `login_choice` where offered, and `confirm` or `picture_1` to `picture_3`.
#[derive(askama::Template)]
#[template(path = "token/start_register.html")]
pub struct StartRegisterPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// Where serial and code are found on each kind of token the portal takes.
    pub guides: Vec<TokenGuide>,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BOM103, BOR003.
#[derive(askama::Template)]
#[template(path = "token/start_result.html")]
pub struct StartResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// Until when transfers are held.
    pub hold: Option<Notice>,
    /// 登録内容: serial and, where offered, whether login asks for the code.
    pub rows: Vec<Row>,
    /// The portal's word for the start, as `利用開始`.
    pub start_word: String,
    /// What the code is for from now on.
    pub use_text: String,
    /// 処理結果コード, where the portal shows one.
    pub result_code: Option<&'static str>,
    /// The login page.
    pub login_url: String,
}

const OPERATION: FlowOperation = FlowOperation::TokenStart;
const REQUIRED: &str = "required";
const NOT_REQUIRED: &str = "not_required";

/// The form of BOM102 and BOR002.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RegisterForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    serial: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    registration_number: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    login_choice: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_1: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_2: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_3: Option<String>,
}

/// Shows BOM101 or BOR001.
///
/// # Errors
/// 404 where the portal has neither.
pub async fn identify(visit: Visit, lost: Query<Lost>) -> PageResult {
    let form = flow::identify_form(&visit, OPERATION, "");
    show_identify(&visit, form, flow::lost_notices(&lost))
}

/// Identifies the customer and begins the flow.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_identify(visit: Visit, body: FormBody) -> PageResult {
    place::start(&visit)?;
    match flow::identify(&visit, body, OPERATION).await? {
        Ok(response) => Ok(response),
        Err(form) => show_identify(&visit, form, Vec::new()),
    }
}

fn show_identify(visit: &Visit, form: FormView, notices: Vec<Notice>) -> PageResult {
    let place = place::start(visit)?;
    let profile = &visit.profile;
    let page = StartIdentifyPage {
        shell: place.identify_shell(visit),
        steps: place.step_bar(visit, 0),
        notices,
        start_word: profile.words.start.clone(),
        kinds_text: words::open_kinds(visit),
        identity_text: words::identity(profile),
        serial_label: profile.words.serial.clone(),
        tokens_help_url: visit.url("help/tokens"),
        terms_url: visit.url("help/terms"),
        terms_name: profile.help.terms_name.clone(),
        back_url: visit.url("login"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Shows BOM102 or BOR002.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let key = flow::request_key()?;
    let form = form(&visit, &who, &parts, "", None, key);
    show_register(&visit, &who, &parts, form)
}

/// Registers the token.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered =
        flow::enter_final::<RegisterForm>(&visit, OPERATION, &flow_id, FlowStep::Input, body)
            .await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    let serial = normalise_serial(&input.serial);
    let code = normalise_code(&input.otp);
    let mut form =
        form(&visit, &who, &parts, &serial, input.login_choice.as_deref(), key.key.clone());
    let login_choice = check(&visit, &serial, &code, input.login_choice.as_deref(), &mut form);
    let registration_number =
        fields::checked_registration_number(&mut form, input.registration_number.as_deref());
    let pictures = [input.picture_1, input.picture_2, input.picture_3];
    let confirmation = flow::confirmation(&visit, &who, &mut form, input.confirm, pictures);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return show_register(&visit, &who, &parts, form);
    };
    let result_url = flow::url(&visit, &parts.flow, "result");
    let input = Start {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        serial,
        code,
        login_choice,
        registration_number,
        confirmation,
        key,
        result_url: result_url.clone(),
    };
    let outcome = start(&visit.app.services, &who.ctx, input).await?;
    match flow::after_step(&visit, &parts.flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => show_register(&visit, &who, &parts, form),
    }
}

/// Checks what was typed by its form alone; the form says what is wrong. Returns the choice of
/// being asked at login, where it is offered.
pub fn check(
    visit: &Visit,
    serial: &str,
    code: &str,
    login_choice: Option<&str>,
    form: &mut FormView,
) -> Option<bool> {
    let label = &visit.profile.words.serial;
    if serial.is_empty() {
        form.set_error("serial", format!("{label}を入力してください。"));
    } else if !serial.bytes().all(|byte| byte.is_ascii_alphanumeric()) || serial.len() > 32 {
        form.set_error("serial", format!("{label}は半角英数字で入力してください。"));
    }
    if let Some(problem) = code_problem(&visit.profile, code, visit.profile.tokens.digits.get()) {
        form.set_error("otp", problem);
    }
    if visit.profile.tokens.login_choice != LoginChoice::Offered {
        return None;
    }
    match login_choice {
        Some(REQUIRED) => Some(true),
        Some(NOT_REQUIRED) => Some(false),
        _ => {
            form.set_error("login_choice", "「認証する」か「認証しない」を選んでください。");
            None
        }
    }
}

fn form(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    serial: &str,
    login_choice: Option<&str>,
    key: String,
) -> FormView {
    let profile = &visit.profile;
    let label = profile.words.otp.clone();
    let mut all =
        vec![fields::serial(profile, serial), fields::code(profile, "otp", &label, PURPOSE)];
    if is_needed(profile, &who.user) {
        all.push(fields::registration_number());
    }
    if profile.tokens.login_choice == LoginChoice::Offered {
        all.push(login_choice_field(visit, login_choice));
    }
    all.extend(fields::confirmation(profile, who.proof.confirm, parts.card.as_ref()));
    FormView::new(flow::url(visit, &parts.flow, ""), who.csrf_token()).fields(all).request_key(key)
}

fn login_choice_field(visit: &Visit, chosen: Option<&str>) -> FieldView {
    let preset = match visit.profile.tokens.login_choice_preset {
        LoginAnswer::Required => REQUIRED,
        LoginAnswer::NotRequired => NOT_REQUIRED,
    };
    let chosen = chosen.unwrap_or(preset);
    let choice = |value: &str, label: &str, hint: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: Some(hint.to_owned()),
        image: None,
        is_chosen: chosen == value,
    };
    FieldView::radio(
        "login_choice",
        "ログイン時のワンタイムパスワード認証要否",
        vec![
            choice(REQUIRED, "認証する", "ログインのたびに入力します。より安全です。"),
            choice(NOT_REQUIRED, "認証しない", "お振込などのお手続きのときだけ入力します。"),
        ],
    )
}

fn show_register(visit: &Visit, who: &Who, parts: &FlowParts, form: FormView) -> PageResult {
    let place = place::start(visit)?;
    let page = StartRegisterPage {
        shell: place.input_shell(visit),
        steps: place.step_bar(visit, 1),
        serial_label: visit.profile.words.serial.clone(),
        guides: guides::open_kinds(&visit.profile, jst_day(visit.ctx.now)),
        cancel: flow::cancel_form(visit, who, &parts.flow),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Cancels the flow.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    flow::cancel(&visit, body, OPERATION, &flow_id).await
}

/// Shows BOM103 or BOR003.
///
/// # Errors
/// 303 where the flow is not finished.
pub async fn result(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts, receipt, details) = flow::find_receipt(&visit, OPERATION, &flow_id).await?;
    let mut rows = vec![Row::new(visit.profile.words.serial.clone(), details.serial)];
    if let Some(is_chosen) = details.login_choice {
        let words = if is_chosen { "認証する" } else { "認証しない" };
        rows.push(Row::new("ログイン時の認証要否", words));
    }
    let place = place::start(&visit)?;
    let page = StartResultPage {
        shell: visit.shell(place.result),
        steps: place.step_bar(&visit, 2),
        receipt,
        hold: words::hold(&visit, &who.user),
        rows,
        start_word: visit.profile.words.start.clone(),
        use_text: words::use_after_start(&visit, parts.card.is_some()),
        result_code: place.result_code,
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::OK, &page)
}
