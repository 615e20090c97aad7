//! The draft of a payee: what BTR021 takes is kept in the flow until its check page confirms it; a
//! deletion (BTR022) begins there.

use crate::domain::flow::{Flow, FlowOperation, FlowStep};
use crate::domain::login::Login;
use crate::domain::payee::PayeeDraft;
use crate::operations::{Ctx, OperationError, Services, flow_draft};

pub use crate::operations::flow_draft::go_back;

const OPERATION: FlowOperation = FlowOperation::PayeeChange;

/// The draft of a flow.
///
/// # Errors
/// [`OperationError::Corrupt`] for what is no draft of ours.
pub fn read(flow: &Flow) -> Result<PayeeDraft, OperationError> {
    flow_draft::read(flow)
}

/// Begins a flow that stands at the check page with this draft. Returns its id. `lookup` is what
/// the look-up of the name answered.
///
/// Permission: the user of a complete login.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn begin(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    (draft, lookup): (&PayeeDraft, &'static str),
) -> Result<String, OperationError> {
    let details = format!("begun: {}, name look-up {lookup}", draft.act);
    let step = (OPERATION, FlowStep::Confirm, details.as_str());
    flow_draft::begin(services, ctx, login, step, draft).await
}

/// Keeps what was typed again and goes on to the check page. False: the flow stands elsewhere.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn keep(
    services: &Services,
    flow: &Flow,
    draft: &PayeeDraft,
) -> Result<bool, OperationError> {
    flow_draft::keep(services, flow, (FlowStep::Input, FlowStep::Confirm), draft).await
}
