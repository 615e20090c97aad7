//! The most a day by the customer's application, which staff keep: no limit is above it, and no
//! rise leads beyond it.

use crate::db::queries::{limits, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::limit::LimitService;
use crate::domain::user::User;
use crate::operations::{ActAbort, Ctx, Services, audit, guard};
use crate::primitives::yen::Yen;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppliedOutcome {
    /// Written down.
    Changed,
    /// The portal has no such service.
    NotOffered,
    /// No such user.
    NoSuchUser,
    /// It stands there already.
    Same,
    /// Somebody was faster.
    Stale,
}

/// Writes down what the user with `login_id` applied for.
///
/// Permission: staff (by command or in the console).
///
/// # Errors
/// Whatever the database says.
pub fn set(
    services: &Services,
    ctx: &Ctx,
    login_id: &str,
    service: LimitService,
    applied: Yen,
) -> Result<AppliedOutcome, DbError> {
    let (ctx, login_id) = (ctx.clone(), login_id.to_owned());
    services.db.write_blocking(move |conn| {
        let Some(user) = users::find_by_login_id(conn, ctx.portal_slug(), &login_id)? else {
            return Ok(AppliedOutcome::NoSuchUser);
        };
        set_in_tx(conn, &ctx, &user, service, applied)
    })
}

/// [`set`] for a user in the caller's transaction.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn set_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    service: LimitService,
    applied: Yen,
) -> Result<AppliedOutcome, DbError> {
    if !service.is_offered(&ctx.profile) {
        return Ok(AppliedOutcome::NotOffered);
    }
    let row = limits::find(conn, user.contract_id)?;
    let before = row.applied(service);
    if before == Some(applied) {
        return Ok(AppliedOutcome::Same);
    }
    let done = savepoint_act(conn, |conn| {
        limits::ensure(conn, ctx.portal_slug(), user.contract_id)?;
        let (id, version) = (user.contract_id, row.version);
        guard(limits::update_applied(conn, id, version, service, applied)?)?;
        let object = format!("user {}", user.id);
        let before = before.map_or("none".to_owned(), |yen| yen.0.to_string());
        let details = format!("{service} daily {before} to {}", applied.0);
        audit::write(conn, ctx, "limit.applied", &object, AuditResult::Done, &details)?;
        Ok(())
    });
    match done {
        Ok(()) => Ok(AppliedOutcome::Changed),
        Err(ActAbort::Stale) => Ok(AppliedOutcome::Stale),
        Err(ActAbort::Db(error)) => Err(error),
    }
}
