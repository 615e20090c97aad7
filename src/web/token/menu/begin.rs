//! The beginning of a flow of the menu: the buttons of BOT000.

use crate::domain::flow::FlowOperation;
use crate::domain::token::ActRefusal;
use crate::operations::token::menu::begin;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form_body::FormBody;
use crate::web::principal::{self, MENU};
use crate::web::token::flow::{self, BareForm};
use crate::web::visit::Visit;

/// Whoever opens the address without a flow begins at BOT000.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: Visit) -> PageResult {
    principal::enter_menu(&visit, |_, _, _| Ok(())).await?;
    Ok(see_other(&visit.url(MENU)))
}

/// Begins an issue.
///
/// # Errors
/// As [`begin_flow`].
pub async fn issue(visit: Visit, body: FormBody) -> PageResult {
    begin_flow(&visit, body, FlowOperation::TokenIssue).await
}

/// Begins a start.
///
/// # Errors
/// As [`begin_flow`].
pub async fn start(visit: Visit, body: FormBody) -> PageResult {
    begin_flow(&visit, body, FlowOperation::TokenStart).await
}

/// Begins a stop.
///
/// # Errors
/// As [`begin_flow`].
pub async fn stop(visit: Visit, body: FormBody) -> PageResult {
    begin_flow(&visit, body, FlowOperation::TokenStop).await
}

/// # Errors
/// 4xx for what is no form of ours, 409 where the status does not allow the act any more.
async fn begin_flow(visit: &Visit, body: FormBody, operation: FlowOperation) -> PageResult {
    let (who, ()) = principal::enter_menu(visit, |_, _, _| Ok(())).await?;
    let BareForm {} = body.of(&who)?;
    match begin(&visit.app.services, &who.ctx, &who.login, operation).await? {
        Ok(flow_id) => {
            let base = visit.url(flow::path(visit, operation));
            Ok(see_other(&format!("{base}/{flow_id}")))
        }
        Err(ActRefusal::Suspended) => Ok(see_other(&visit.url("login/suspended"))),
        Err(_) => Err(PageError::Conflict { back: visit.url(MENU) }),
    }
}
