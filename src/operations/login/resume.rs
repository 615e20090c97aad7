//! A flow of the menu outlives its login: when the clock ended the login and the same user logs in
//! again within an hour, the new login carries the flow on.

use crate::db::queries::{flows, logins};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{FLOW_WAITS_FOR, Flow};
use crate::domain::login::{EndReason, Login, LoginStage, SessionLimits};
use crate::domain::user::User;
use crate::operations::{Ctx, audit};
use crate::primitives::clock::UtcTime;

/// Hands the user's open flow of the menu to the login `login_id`, if the clock ended the one that
/// carried it. `None`: there is no such flow.
///
/// # Errors
/// Whatever the database says.
pub(super) fn resume_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    login_id: &str,
) -> Result<Option<Flow>, DbError> {
    let Some(flow) = flows::find_open(conn, ctx.portal_slug(), user.id, ctx.now)? else {
        return Ok(None);
    };
    let carrier = logins::find(conn, ctx.portal_slug(), &flow.login_id)?;
    let Some(carrier) = carrier.filter(|login| login.stage == LoginStage::Complete) else {
        return Ok(None);
    };
    let limits = ctx.profile.session.limits();
    let Some(reason) = carrier.end_at(ctx.now, limits).filter(|reason| is_by_clock(*reason)) else {
        return Ok(None);
    };
    if ctx.now >= over_at(&carrier, limits) + FLOW_WAITS_FOR
        || !flows::update_login(conn, &flow.id, &carrier.id, login_id)?
    {
        return Ok(None);
    }
    // Nobody has come back with the old session's key since.
    logins::end(conn, &carrier.id, reason, ctx.now)?;
    let object = format!("user {}", user.id);
    let name = flow.operation.as_str();
    audit::write(conn, ctx, name, &object, AuditResult::Done, "resumed")?;
    Ok(Some(Flow { login_id: login_id.to_owned(), ..flow }))
}

fn is_by_clock(reason: EndReason) -> bool {
    matches!(reason, EndReason::Idle | EndReason::Absolute)
}

fn over_at(login: &Login, limits: SessionLimits) -> UtcTime {
    (login.last_use_at + limits.idle).min(login.created_at + limits.absolute)
}
