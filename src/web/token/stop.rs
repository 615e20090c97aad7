//! Stop of a token from the login page: BOM121 to BOM123 (利用中止), BOR011 to BOR013 (利用停止).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::domain::flow::{FlowOperation, FlowStep};
use crate::operations::proof::ProofRefusal;
use crate::operations::step::StepOutcome;
use crate::operations::token::stop::{Stop, stop};
use crate::primitives::code::last_four;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, code_problem, normalise_code};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Notice, Receipt, Row, Shell, Step};
use crate::web::principal::{FlowParts, Who};
use crate::web::token::flow::{self, Lost, StepPage};
use crate::web::token::{place, words};
use crate::web::visit::Visit;

/// BOM121, BOR011. Fields: `login_id`, `password`.
#[derive(askama::Template)]
#[template(path = "token/stop_identify.html")]
pub struct StopIdentifyPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top, as that a step was reached out of order.
    pub notices: Vec<Notice>,
    /// The form.
    pub form: FormView,
    /// What is stopped, as `中止`.
    pub verb: String,
    /// How the customer is asked afterwards.
    pub afterwards: String,
    /// For those who want to replace their token: the exchange, where there is one.
    pub exchange: Option<Link>,
    /// The same where there is none.
    pub replace_text: String,
    /// Back to the login page.
    pub back_url: String,
}

/// BOM122, BOR012. Fields: `otp`, and `confirm` or `picture_1` to `picture_3`.
#[derive(askama::Template)]
#[template(path = "token/stop_confirm.html")]
pub struct StopConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// What is done, as `中止`.
    pub verb: String,
    /// The button that does it.
    pub stop_button: String,
    /// The token to be stopped.
    pub rows: Vec<Row>,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BOM123, BOR013.
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
    /// What was done, as `中止`.
    pub verb: String,
    /// How the customer is asked from now on.
    pub afterwards: String,
    /// The portal's word for the start, as `利用開始`.
    pub start_word: String,
    /// The login page.
    pub login_url: String,
}

const OPERATION: FlowOperation = FlowOperation::TokenStop;

/// The form of BOM122 and BOR012.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StopForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_1: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_2: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_3: Option<String>,
}

/// Shows BOM121 or BOR011.
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
    place::stop(&visit)?;
    match flow::identify(&visit, body, OPERATION).await? {
        Ok(response) => Ok(response),
        Err(form) => show_identify(&visit, form, Vec::new()),
    }
}

fn show_identify(visit: &Visit, form: FormView, notices: Vec<Notice>) -> PageResult {
    let place = place::stop(visit)?;
    let page = StopIdentifyPage {
        shell: place.identify_shell(visit),
        steps: place.step_bar(visit, 0),
        notices,
        verb: words::stop_verb(&visit.profile),
        afterwards: words::use_after_stop(visit, false),
        exchange: words::exchange_link(visit),
        replace_text: words::replace(&visit.profile),
        back_url: visit.url("login"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Shows BOM122 or BOR012.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let form = form(&visit, &who, &parts, flow::request_key()?);
    show_confirm(&visit, &who, &parts, form)
}

/// Stops the use of the token.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    match try_stop(&visit, &flow_id, body).await? {
        Submitted::Leads(response) => Ok(response),
        Submitted::Again(again) => {
            let (who, parts, form) = *again;
            show_confirm(&visit, &who, &parts, form)
        }
    }
}

/// Where the form leads, whichever screen shows it.
pub enum Submitted {
    /// Another page.
    Leads(HttpResponse),
    /// The same form again, with the words for what was refused.
    Again(Box<(Who, FlowParts, FormView)>),
}

/// Stops the use of the token with what the form brought.
///
/// # Errors
/// As [`submit`].
pub async fn try_stop(
    visit: &Visit,
    flow_id: &str,
    body: FormBody,
) -> Result<Submitted, PageError> {
    let entered =
        flow::enter_final::<StopForm>(visit, OPERATION, flow_id, FlowStep::Input, body).await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(Submitted::Leads(done)),
    };
    let code = normalise_code(&input.otp);
    let mut form = form(visit, &who, &parts, key.key.clone());
    let digits = parts.token.as_ref().map_or(6, crate::web::login::otp::digits);
    if let Some(problem) = code_problem(&visit.profile, &code, digits) {
        form.set_error("otp", problem);
    }
    let pictures = [input.picture_1, input.picture_2, input.picture_3];
    let confirmation = flow::confirmation(visit, &who, &mut form, input.confirm, pictures);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return Ok(Submitted::Again(Box::new((who, parts, form))));
    };
    let result_url = flow::url(visit, &parts.flow, "result");
    let input = Stop {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        code,
        confirmation,
        key,
        result_url: result_url.clone(),
    };
    let outcome = stop(&visit.app.services, &who.ctx, input).await?;
    if is_suspended(&outcome) {
        return Ok(Submitted::Leads(see_other(&visit.url("login/suspended"))));
    }
    Ok(match flow::after_step(visit, &parts.flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => Submitted::Leads(response),
        StepPage::Again(form) => Submitted::Again(Box::new((who, parts, form))),
    })
}

/// Whether the customer's own token was found, or has just become, suspended: BLG011.
pub fn is_suspended(outcome: &StepOutcome) -> bool {
    matches!(outcome, StepOutcome::Refused(refusals) if refusals.contains(&ProofRefusal::Suspended))
}

/// The form: code and confirmation.
pub fn form(visit: &Visit, who: &Who, parts: &FlowParts, key: String) -> FormView {
    let profile = &visit.profile;
    let label = profile.words.otp.clone();
    let verb = words::stop_verb(profile);
    let purpose = format!("このコードで{label}の利用を{verb}します。");
    let mut all = vec![fields::code(profile, "otp", &label, &purpose)];
    all.extend(fields::confirmation(profile, who.proof.confirm, parts.card.as_ref()));
    FormView::new(flow::url(visit, &parts.flow, ""), who.csrf_token()).fields(all).request_key(key)
}

/// What is told of the token to be stopped.
pub fn rows(visit: &Visit, parts: &FlowParts) -> Vec<Row> {
    parts.token.as_ref().map_or_else(Vec::new, |token| {
        let kind = visit.profile.token_kind(token.kind);
        vec![
            Row::new("種類", kind.map_or_else(String::new, |rules| rules.label.clone())),
            Row::new(
                visit.profile.words.serial.clone(),
                format!("下4桁 {}", last_four(&token.serial)),
            ),
        ]
    })
}

fn show_confirm(visit: &Visit, who: &Who, parts: &FlowParts, form: FormView) -> PageResult {
    let place = place::stop(visit)?;
    let page = StopConfirmPage {
        shell: place.input_shell(visit),
        steps: place.step_bar(visit, 1),
        rows: rows(visit, parts),
        verb: words::stop_verb(&visit.profile),
        stop_button: visit.profile.words.stop_button.clone(),
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

/// Shows BOM123 or BOR013.
///
/// # Errors
/// 303 where the flow is not finished.
pub async fn result(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (_, parts, receipt, details) = flow::find_receipt(&visit, OPERATION, &flow_id).await?;
    let place = place::stop(&visit)?;
    let page = StopResultPage {
        shell: visit.shell(place.result),
        steps: place.step_bar(&visit, 2),
        receipt,
        rows: vec![Row::new(visit.profile.words.serial.clone(), details.serial)],
        verb: words::stop_verb(&visit.profile),
        afterwards: words::use_after_stop(&visit, parts.card.is_some()),
        start_word: visit.profile.words.start.clone(),
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::OK, &page)
}
