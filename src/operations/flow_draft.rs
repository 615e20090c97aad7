//! Drafts of flows: what a page takes is kept as JSON in the flow until the check page confirms it.

use crate::db::queries::{flows, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{Flow, FlowOperation, FlowStep, MENU_FLOW_LIFETIME};
use crate::domain::login::Login;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::random_short_id;

/// The draft of a flow.
///
/// # Errors
/// [`OperationError::Corrupt`] for what is no draft of ours.
pub fn read<T: serde::de::DeserializeOwned>(flow: &Flow) -> Result<T, OperationError> {
    serde_json::from_str(&flow.draft).map_err(|_| OperationError::Corrupt("a draft"))
}

fn text(draft: &impl serde::Serialize) -> Result<String, OperationError> {
    serde_json::to_string(draft).map_err(|_| OperationError::Corrupt("a draft"))
}

/// Begins a flow that stands at `step` with this draft, and ends whatever other flow the user had
/// open: of two tabs the younger one goes on. Returns its id. The audit line says `details`.
///
/// Permission: the user of a complete login.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn begin(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    (operation, step, details): (FlowOperation, FlowStep, &str),
    draft: &(impl serde::Serialize + Sync),
) -> Result<String, OperationError> {
    let (flow_id, details) = (random_short_id()?, details.to_owned());
    let (ctx, login, draft, id) = (ctx.clone(), login.clone(), text(draft)?, flow_id.clone());
    services
        .db
        .write(move |conn| {
            begin_in_tx(conn, &ctx, &login, &id, (operation, step, &draft, &details))
        })
        .await?;
    Ok(flow_id)
}

fn begin_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &Login,
    flow_id: &str,
    (operation, step, draft, details): (FlowOperation, FlowStep, &str, &str),
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
            operation,
            step: FlowStep::Input,
            token_id: user.token_id,
            created_at: ctx.now,
            expires_at: ctx.now + MENU_FLOW_LIFETIME,
        },
    )?;
    flows::update_draft(conn, flow_id, FlowStep::Input, step, draft)?;
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, operation.as_str(), &object, AuditResult::Done, details)
}

/// Keeps what was typed and moves the flow. False: it stands elsewhere.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn keep(
    services: &Services,
    flow: &Flow,
    (from, to): (FlowStep, FlowStep),
    draft: &(impl serde::Serialize + Sync),
) -> Result<bool, OperationError> {
    let (id, draft) = (flow.id.clone(), text(draft)?);
    Ok(services.db.write(move |conn| flows::update_draft(conn, &id, from, to, &draft)).await?)
}

/// Puts another draft into the flow where it stands, and returns the flow with it. None: the flow
/// stands elsewhere by now, or holds a third draft.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn replace(
    services: &Services,
    flow: &Flow,
    draft: &(impl serde::Serialize + Sync),
) -> Result<Option<Flow>, OperationError> {
    let next = Flow { draft: text(draft)?, ..flow.clone() };
    let (read, draft) = (flow.clone(), next.draft.clone());
    let is_replaced =
        services.db.write(move |conn| flows::replace_draft(conn, &read, &draft)).await?;
    Ok(is_replaced.then_some(next))
}

/// Goes back from the check page to the input with what was typed. False: the flow stands
/// elsewhere.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn go_back(services: &Services, flow: &Flow) -> Result<bool, OperationError> {
    let (id, draft) = (flow.id.clone(), flow.draft.clone());
    let (from, to) = (FlowStep::Confirm, FlowStep::Input);
    Ok(services.db.write(move |conn| flows::update_draft(conn, &id, from, to, &draft)).await?)
}
