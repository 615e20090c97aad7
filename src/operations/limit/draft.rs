//! The draft of a change of limits: what BLM001 takes is kept in the flow until BLM002 confirms it.

use crate::domain::flow::{Flow, FlowOperation, FlowStep};
use crate::domain::limit::LimitDraft;
use crate::domain::login::Login;
use crate::operations::{Ctx, OperationError, Services, flow_draft};

pub use crate::operations::flow_draft::go_back;

const OPERATION: FlowOperation = FlowOperation::LimitChange;

/// The draft of a flow.
///
/// # Errors
/// [`OperationError::Corrupt`] for what is no draft of ours.
pub fn read(flow: &Flow) -> Result<LimitDraft, OperationError> {
    flow_draft::read(flow)
}

/// Begins a flow that stands at BLM002 with this draft. Returns its id.
///
/// Permission: the user of a complete login.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn begin(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    draft: &LimitDraft,
) -> Result<String, OperationError> {
    let step = (OPERATION, FlowStep::Confirm, "begun");
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
    draft: &LimitDraft,
) -> Result<bool, OperationError> {
    flow_draft::keep(services, flow, (FlowStep::Input, FlowStep::Confirm), draft).await
}

/// Puts the draft into the flow as BLM002 shows it now, and returns the flow with it. None: the
/// flow stands elsewhere by now, or holds a third draft.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn replace(
    services: &Services,
    flow: &Flow,
    draft: &LimitDraft,
) -> Result<Option<Flow>, OperationError> {
    flow_draft::replace(services, flow, draft).await
}
