//! BOS001 利用解除確認 and BOS002: the customer gives up the token. The form is that of the stop from
//! the login page.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::flow::{FlowOperation, FlowStep};
use crate::web::failure::PageResult;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Receipt, Row, Shell, Step, steps};
use crate::web::principal::{FlowParts, MENU, Who};
use crate::web::token::flow;
use crate::web::token::stop::{self, Submitted};
use crate::web::token::words;
use crate::web::visit::Visit;
use crate::web::{fields, limit, screens};

const OPERATION: FlowOperation = FlowOperation::TokenStop;

/// BOS001. Fields: `otp` and `confirm`.
#[derive(askama::Template)]
#[template(path = "token/menu/stop.html")]
pub struct MenuStopPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The token to be stopped.
    pub rows: Vec<Row>,
    /// The portal's word for the stop.
    pub stop_word: String,
    /// The button's words.
    pub stop_button: String,
    /// What becomes of the limits, where they fall.
    pub limit_text: Option<String>,
    /// Ends the flow.
    pub cancel: FormView,
    /// BOT000.
    pub back_url: String,
}

/// BOS002.
#[derive(askama::Template)]
#[template(path = "token/menu/stop_result.html")]
pub struct MenuStopResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// What was stopped.
    pub rows: Vec<Row>,
    /// The portal's word for the stop.
    pub stop_word: String,
    /// The proof that acts ask for again, as `確認用パスワード`.
    pub earlier_proof: String,
    /// BOT000.
    pub menu_url: String,
    /// The top page.
    pub top_url: String,
}

/// The page in the portal's own word for the stop.
fn titled(visit: &Visit, shell: Shell, step: &str) -> Shell {
    Shell { title: format!("{}{step}", words::stop(&visit.profile)).into(), ..shell }
}

fn step_bar(visit: &Visit, current: usize) -> Vec<Step> {
    let confirm = format!("{}|確認", words::stop(&visit.profile));
    steps(&[confirm.as_str(), "完了"], current)
}

/// Shows BOS001.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let form = stop::form(&visit, &who, &parts, flow::request_key()?);
    show_form(&visit, &who, &parts, form)
}

/// Stops the use of the token.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    match stop::try_stop(&visit, &flow_id, body).await? {
        Submitted::Leads(response) => Ok(response),
        Submitted::Again(again) => {
            let (who, parts, form) = *again;
            show_form(&visit, &who, &parts, form)
        }
    }
}

fn show_form(visit: &Visit, who: &Who, parts: &FlowParts, form: FormView) -> PageResult {
    let page = MenuStopPage {
        shell: titled(visit, visit.shell_of(&screens::BOS001, who), "確認"),
        steps: step_bar(visit, 0),
        rows: stop::rows(visit, parts),
        stop_word: words::stop(&visit.profile),
        stop_button: visit.profile.words.stop_button.clone(),
        limit_text: limit::words::after_stop(visit),
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

/// Shows BOS002.
///
/// # Errors
/// 303 where the flow is not finished.
pub async fn result(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts, receipt, details) = flow::find_receipt(&visit, OPERATION, &flow_id).await?;
    let page = MenuStopResultPage {
        shell: titled(&visit, visit.shell_of(&screens::BOS002, &who), "完了"),
        steps: step_bar(&visit, 1),
        receipt,
        rows: vec![Row::new(visit.profile.words.serial.clone(), details.serial)],
        stop_word: words::stop(&visit.profile),
        earlier_proof: fields::earlier_proof(&visit.profile, parts.card.is_some()),
        menu_url: visit.url(MENU),
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}
