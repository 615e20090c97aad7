//! The draft of a payee: what BTR021 takes is kept in the flow until its check page confirms it; a
//! deletion (BTR022) begins there.

use crate::db::queries::{flows, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{Flow, FlowOperation, FlowStep, MENU_FLOW_LIFETIME};
use crate::domain::login::Login;
use crate::domain::payee::PayeeDraft;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::random_short_id;

const OPERATION: FlowOperation = FlowOperation::PayeeChange;

/// The draft of a flow.
///
/// # Errors
/// [`OperationError::Corrupt`] for what is no draft of ours.
pub fn read(flow: &Flow) -> Result<PayeeDraft, OperationError> {
    serde_json::from_str(&flow.draft).map_err(|_| OperationError::Corrupt("a draft"))
}

fn text(draft: &PayeeDraft) -> Result<String, OperationError> {
    serde_json::to_string(draft).map_err(|_| OperationError::Corrupt("a draft"))
}

/// Begins a flow that stands at the check page with this draft, and ends whatever other flow the
/// user had open: of two tabs the younger one goes on. Returns its id. `lookup` is what the look-up
/// of the name answered.
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
    let flow_id = random_short_id()?;
    let details = format!("begun: {}, name look-up {lookup}", draft.act);
    let (ctx, login, draft, id) = (ctx.clone(), login.clone(), text(draft)?, flow_id.clone());
    services.db.write(move |conn| begin_in_tx(conn, &ctx, &login, &id, (&draft, &details))).await?;
    Ok(flow_id)
}

fn begin_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &Login,
    flow_id: &str,
    (draft, details): (&str, &str),
) -> Result<(), DbError> {
    let user = users::get(conn, login.user_id)?;
    flows::end_of_user(conn, user.id, flow_id)?;
    flows::insert(
        conn,
        flows::NewFlow {
            id: flow_id.to_owned(),
            portal: ctx.portal_slug().to_owned(),
            user_id: user.id,
            login_id: login.id.clone(),
            operation: OPERATION,
            step: FlowStep::Input,
            token_id: user.token_id,
            created_at: ctx.now,
            expires_at: ctx.now + MENU_FLOW_LIFETIME,
        },
    )?;
    flows::update_draft(conn, flow_id, FlowStep::Input, FlowStep::Confirm, draft)?;
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, OPERATION.as_str(), &object, AuditResult::Done, details)
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
    let (id, draft) = (flow.id.clone(), text(draft)?);
    let (from, to) = (FlowStep::Input, FlowStep::Confirm);
    let is_kept =
        services.db.write(move |conn| flows::update_draft(conn, &id, from, to, &draft)).await?;
    Ok(is_kept)
}

/// Goes back to the input with what was typed. False: the flow stands elsewhere.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn go_back(services: &Services, flow: &Flow) -> Result<bool, OperationError> {
    let (id, draft) = (flow.id.clone(), flow.draft.clone());
    let (from, to) = (FlowStep::Confirm, FlowStep::Input);
    let is_moved =
        services.db.write(move |conn| flows::update_draft(conn, &id, from, to, &draft)).await?;
    Ok(is_moved)
}
