//! BTR021 and BTR022, the result: the receipt, and the payee as it stands now.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::payee::{PayeeAct, PayeeReceipt, PayeeState};
use crate::web::failure::PageResult;
use crate::web::page::{Receipt, Row, Shell, Step, steps};
use crate::web::payee::{OPERATION, confirm, words};
use crate::web::principal::PAYEES;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// The result.
#[derive(askama::Template)]
#[template(path = "payee/result.html")]
pub struct PayeeResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What was done.
    pub done: String,
    /// What else there is to know.
    pub text: Option<&'static str>,
    /// Number and time.
    pub receipt: Receipt,
    /// The account.
    pub rows: Vec<Row>,
    /// BTR020.
    pub list_url: String,
    /// The top page.
    pub top_url: String,
}

/// Shows the result.
///
/// # Errors
/// 303 where the flow is not finished, 404 for somebody else's.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, _, receipt, details) =
        flow::find_receipt_of::<PayeeReceipt>(&visit, OPERATION, &flow_id).await?;
    let mut shell = visit.shell_of(confirm::screen(details.act), &who);
    let done = format!("振込先の{}", details.act.label());
    shell.title = format!("{done}の完了").into();
    let waits = details.act != PayeeAct::Delete && details.state == PayeeState::Waiting;
    let labels = confirm::step_labels(details.act);
    let page = PayeeResultPage {
        shell,
        steps: steps(labels, labels.len() - 1),
        done: format!("{done}を承りました"),
        text: waits.then_some(words::WAITING),
        receipt,
        rows: words::rows(&details.destination, &details.nickname),
        list_url: visit.url(PAYEES),
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}
