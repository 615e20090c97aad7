//! BOT011 ソフトウェアトークン確認 and BOT012: start of the token that was issued to the customer.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::token_issues;
use crate::domain::flow::{FlowOperation, FlowStep};
use crate::domain::token::Token;
use crate::operations::token::confirmation::Confirmation;
use crate::operations::token::start::{Start, start};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, code_problem, normalise_code};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::login::otp::digits;
use crate::web::page::{Notice, Receipt, Row, Shell, Step, steps};
use crate::web::principal::{FlowParts, MENU, Who};
use crate::web::token::flow::{self, StepPage};
use crate::web::token::stop::is_suspended;
use crate::web::token::words;
use crate::web::visit::Visit;
use crate::web::{screens, session};

const STEPS: [&str; 2] = ["ソフトウェアトークン確認", "完了"];
const OPERATION: FlowOperation = FlowOperation::TokenStart;
const PURPOSE: &str = "このコードでワンタイムパスワードの利用を始めます。";

/// BOT011. Field: `otp`.
#[derive(askama::Template)]
#[template(path = "token/menu/start.html")]
pub struct MenuStartPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The token to be started.
    pub rows: Vec<Row>,
    /// Ends the flow.
    pub cancel: FormView,
    /// BOT000.
    pub back_url: String,
}

/// BOT012.
#[derive(askama::Template)]
#[template(path = "token/menu/start_result.html")]
pub struct MenuStartResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// Until when transfers are held.
    pub hold: Option<Notice>,
    /// 登録内容.
    pub rows: Vec<Row>,
    /// BOT000.
    pub menu_url: String,
    /// The top page.
    pub top_url: String,
}

/// BOT011's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StartForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: String,
}

/// Shows BOT011.
///
/// # Errors
/// 303 where another step is due or the app is not set up, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let token = issued_token(&visit, &who, &parts).await?;
    let form = form(&visit, &who, &parts, flow::request_key()?);
    show_form(&visit, &who, &parts, &token, form)
}

/// Starts the token.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered =
        flow::enter_final::<StartForm>(&visit, OPERATION, &flow_id, FlowStep::Input, body).await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    let token = issued_token(&visit, &who, &parts).await?;
    let code = normalise_code(&input.otp);
    let mut form = form(&visit, &who, &parts, key.key.clone());
    if let Some(problem) = code_problem(&visit.profile, &code, digits(&token)) {
        form.set_error("otp", problem);
        return show_form(&visit, &who, &parts, &token, form);
    }
    // No rule may ask for more than this page does.
    if who.proof.confirm.is_some() || who.proof.code.is_some() {
        return Err(PageError::Forbidden("the auth rules ask for a proof that is not built here"));
    }
    let result_url = flow::url(&visit, &parts.flow, "result");
    let input = Start {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        serial: token.serial.clone(),
        code,
        login_choice: None,
        registration_number: None,
        confirmation: Confirmation::NotAsked,
        key,
        result_url: result_url.clone(),
    };
    let outcome = start(&visit.app.services, &who.ctx, input).await?;
    if is_suspended(&outcome) {
        session::end(&visit.session);
        return Ok(see_other(&visit.url("login/suspended")));
    }
    match flow::after_step(&visit, &parts.flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => {
            session::begin(&visit.session, &who.login.id)?;
            Ok(response)
        }
        StepPage::Again(form) => show_form(&visit, &who, &parts, &token, form),
    }
}

/// The customer's issued token, once its app is set up.
async fn issued_token(visit: &Visit, who: &Who, parts: &FlowParts) -> Result<Token, PageError> {
    let user_id = who.user.id;
    let issue =
        visit.app.services.db.read(move |conn| token_issues::find_open(conn, user_id)).await?;
    let is_set_up = |token: &Token| {
        issue.is_some_and(|issue| issue.token_id == token.id && issue.set_up_at.is_some())
    };
    let token = parts.token.clone().filter(is_set_up);
    token.ok_or_else(|| PageError::SeeOther(visit.url(MENU)))
}

fn form(visit: &Visit, who: &Who, parts: &FlowParts, key: String) -> FormView {
    let label = visit.profile.words.otp.clone();
    FormView::new(flow::url(visit, &parts.flow, ""), who.csrf_token())
        .fields(vec![fields::code(&visit.profile, "otp", &label, PURPOSE)])
        .request_key(key)
}

fn show_form(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    token: &Token,
    form: FormView,
) -> PageResult {
    let page = MenuStartPage {
        shell: visit.shell_of(&screens::BOT011, who),
        steps: steps(&STEPS, 0),
        rows: vec![Row::new(visit.profile.words.serial.clone(), token.serial.clone())],
        cancel: flow::cancel_form(visit, who, &parts.flow),
        back_url: visit.url(MENU),
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

/// Shows BOT012.
///
/// # Errors
/// 303 where the flow is not finished.
pub async fn result(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, _, receipt, details) = flow::find_receipt(&visit, OPERATION, &flow_id).await?;
    let page = MenuStartResultPage {
        shell: Shell {
            title: format!("{}完了", visit.profile.words.start).into(),
            ..visit.shell_of(&screens::BOT012, &who)
        },
        steps: steps(&STEPS, 1),
        receipt,
        hold: words::hold(&visit, &who.user),
        rows: vec![Row::new(visit.profile.words.serial.clone(), details.serial)],
        menu_url: visit.url(MENU),
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}
