//! BOM111 to BOM114: exchange of a token (交換).

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use chrono::TimeDelta;
use serde::Deserialize;
use validator::Validate;

use crate::domain::flow::{FlowOperation, FlowStep};
use crate::operations::token::exchange::{Exchange, exchange, prove_old};
use crate::primitives::clock::{jst_day, to_jst};
use crate::primitives::code::{last_four, normalise_serial};
use crate::web::failure::{PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, code_problem, normalise_code};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Receipt, Shell, Step, TokenGuide, steps};
use crate::web::principal::{FlowParts, Who};
use crate::web::token::flow::{self, Lost, StepPage};
use crate::web::token::stop::is_suspended;
use crate::web::token::{place, words};
use crate::web::visit::Visit;
use crate::web::{guides, screens};

/// The steps of an exchange.
pub const STEPS: [&str; 4] = ["利用者|確認", "旧トークンの|確認", "新トークンの|登録", "処理|結果"];
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
    /// Boxes at the top, as that a step was reached out of order.
    pub notices: Vec<Notice>,
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
    /// The portal's word for the serial number.
    pub serial_label: String,
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
    /// The portal's word for the serial number.
    pub serial_label: String,
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
    /// Until when transfers are held.
    pub hold: Option<Notice>,
    /// The serials, new and old.
    pub changes: Vec<Change>,
    /// The login page.
    pub login_url: String,
}

const OPERATION: FlowOperation = FlowOperation::TokenExchange;

/// BOM112's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct OldForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    old_otp: String,
}

/// BOM113's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    serial: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: String,
}

/// Shows BOM111.
///
/// # Errors
/// 404 where customers exchange no tokens here.
pub async fn identify(visit: Visit, lost: Query<Lost>) -> PageResult {
    place::check_exchange(&visit)?;
    let form = flow::identify_form(&visit, OPERATION, "");
    show_identify(&visit, form, flow::lost_notices(&lost))
}

/// Identifies the customer and begins the flow.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_identify(visit: Visit, body: FormBody) -> PageResult {
    place::check_exchange(&visit)?;
    match flow::identify(&visit, body, OPERATION).await? {
        Ok(response) => Ok(response),
        Err(form) => show_identify(&visit, form, Vec::new()),
    }
}

fn show_identify(visit: &Visit, form: FormView, notices: Vec<Notice>) -> PageResult {
    let page = ExchangeIdentifyPage {
        shell: Shell {
            title: visit.profile.words.exchange.clone().into(),
            ..visit.shell(&screens::BOM111)
        },
        steps: steps(&STEPS, 0),
        notices,
        back_url: visit.url("login"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Shows BOM112.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show_old(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let form = old_form(&visit, &who, &parts);
    show_old_form(&visit, &who, &parts, form)
}

/// Proves the old token. The twin of a double click finds the next step due.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where the token has changed.
pub async fn submit_old(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let input: OldForm = body.of(&who)?;
    let code = normalise_code(&input.old_otp);
    let mut form = old_form(&visit, &who, &parts);
    let digits = parts.token.as_ref().map_or(6, crate::web::login::otp::digits);
    if let Some(problem) = code_problem(&visit.profile, &code, digits) {
        form.set_error("old_otp", problem);
        return show_old_form(&visit, &who, &parts, form);
    }
    let services = &visit.app.services;
    let outcome = prove_old(services, &who.ctx, &who.user, &parts.flow, &code).await?;
    if is_suspended(&outcome) {
        return Ok(see_other(&visit.url("login/suspended")));
    }
    let next = flow::url(&visit, &parts.flow, "new");
    match flow::after_step(&visit, &parts.flow, outcome, form, &next, "old_otp")? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => show_old_form(&visit, &who, &parts, form),
    }
}

fn old_form(visit: &Visit, who: &Who, parts: &FlowParts) -> FormView {
    let label = format!("旧トークンの{}", visit.profile.words.otp);
    FormView::new(flow::url(visit, &parts.flow, ""), who.csrf_token()).fields(vec![fields::code(
        &visit.profile,
        "old_otp",
        &label,
        PURPOSE_OLD,
    )])
}

fn show_old_form(visit: &Visit, who: &Who, parts: &FlowParts, form: FormView) -> PageResult {
    let token = parts.token.as_ref();
    let kind = token.and_then(|token| visit.profile.token_kind(token.kind));
    let page = ExchangeOldPage {
        shell: visit.shell(&screens::BOM112),
        steps: steps(&STEPS, 1),
        old_kind: kind.map_or_else(String::new, |rules| rules.label.clone()),
        serial_label: visit.profile.words.serial.clone(),
        old_serial_last4: token.map_or_else(String::new, |token| last_four(&token.serial)),
        cancel: flow::cancel_form(visit, who, &parts.flow),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Shows BOM113.
///
/// # Errors
/// As [`show_old`].
pub async fn show_new(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::NewToken).await?;
    let form = new_form(&visit, &who, &parts, "", flow::request_key()?);
    show_new_form(&visit, &who, &parts, form)
}

/// Exchanges the tokens.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit_new(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered =
        flow::enter_final::<NewForm>(&visit, OPERATION, &flow_id, FlowStep::NewToken, body).await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    let serial = normalise_serial(&input.serial);
    let code = normalise_code(&input.otp);
    let mut form = new_form(&visit, &who, &parts, &serial, key.key.clone());
    let label = &visit.profile.words.serial;
    if serial.is_empty() {
        form.set_error("serial", format!("新しいトークンの{label}を入力してください。"));
    } else if !serial.bytes().all(|byte| byte.is_ascii_alphanumeric()) || serial.len() > 32 {
        form.set_error("serial", format!("{label}は半角英数字で入力してください。"));
    }
    if let Some(problem) = code_problem(&visit.profile, &code, visit.profile.tokens.digits.get()) {
        form.set_error("otp", problem);
    }
    if form.is_invalid() {
        return show_new_form(&visit, &who, &parts, form);
    }
    let result_url = flow::url(&visit, &parts.flow, "result");
    let input = Exchange {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        serial,
        code,
        key,
        result_url: result_url.clone(),
    };
    let outcome = exchange(&visit.app.services, &who.ctx, input).await?;
    match flow::after_step(&visit, &parts.flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => show_new_form(&visit, &who, &parts, form),
    }
}

fn new_form(visit: &Visit, who: &Who, parts: &FlowParts, serial: &str, key: String) -> FormView {
    let profile = &visit.profile;
    let label = format!("新トークンの{}", profile.words.otp);
    FormView::new(flow::url(visit, &parts.flow, "new"), who.csrf_token())
        .fields(vec![
            fields::serial(profile, serial),
            fields::code(profile, "otp", &label, PURPOSE_NEW),
        ])
        .request_key(key)
}

fn show_new_form(visit: &Visit, who: &Who, parts: &FlowParts, form: FormView) -> PageResult {
    let minutes = i64::from(visit.profile.tokens.exchange_proof_minutes);
    let deadline = parts.flow.proven_at.unwrap_or(visit.ctx.now) + TimeDelta::minutes(minutes);
    let deadline = deadline.min(parts.flow.expires_at);
    let page = ExchangeNewPage {
        shell: visit.shell(&screens::BOM113),
        steps: steps(&STEPS, 2),
        serial_label: visit.profile.words.serial.clone(),
        deadline_text: format!(
            "{}までに登録してください。過ぎた場合は、はじめからやり直していただきます。",
            to_jst(deadline).format("%-H時%M分")
        ),
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

/// Shows BOM114.
///
/// # Errors
/// 303 where the flow is not finished.
pub async fn result(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, _, receipt, details) = flow::find_receipt(&visit, OPERATION, &flow_id).await?;
    let page = ExchangeResultPage {
        shell: visit.shell(&screens::BOM114),
        steps: steps(&STEPS, 3),
        receipt,
        hold: words::hold(&visit, &who.user),
        changes: vec![Change {
            label: visit.profile.words.serial.clone(),
            after: details.serial,
            before: details.old_serial.unwrap_or_default(),
        }],
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::OK, &page)
}
