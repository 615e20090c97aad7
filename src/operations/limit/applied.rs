//! The most a day by the customer's application, which staff keep: no limit is above it, and no
//! rise leads beyond it. Whoever has less or more by it from now on is told by mail.

use crate::db::queries::{limits, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::limit::{LimitChange, LimitService};
use crate::domain::mail::MailKind;
use crate::domain::user::User;
use crate::operations::limit::{changeable, settle};
use crate::operations::notice::limit::{LimitNotice, change_lines, tell_of_limit};
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
    if limits::find(conn, user.contract_id)?.applied(service) == Some(applied) {
        return Ok(AppliedOutcome::Same);
    }
    match savepoint_act(conn, |conn| write_down(conn, ctx, user, service, applied)) {
        Ok(()) => Ok(AppliedOutcome::Changed),
        Err(ActAbort::Stale) => Ok(AppliedOutcome::Stale),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn write_down(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    service: LimitService,
    applied: Yen,
) -> Result<(), ActAbort> {
    // What the clock has brought is told by itself, as it came; the rest is staff's.
    settle::catch_up(conn, ctx, user)?;
    let held = changeable(conn, ctx, user)?;
    let row = limits::find(conn, user.contract_id)?;
    limits::ensure(conn, ctx.portal_slug(), user.contract_id)?;
    guard(limits::update_applied(conn, user.contract_id, row.version, service, applied)?)?;
    let changes = held.changes_to(&changeable(conn, ctx, user)?);
    if !changes.is_empty() {
        tell_of_limit(conn, ctx, user, &notice_of(&changes))?;
    }
    let object = format!("user {}", user.id);
    let before = row.applied(service).map_or("none".to_owned(), |yen| yen.0.to_string());
    let details = format!("{service} daily {before} to {}", applied.0);
    audit::write(conn, ctx, "limit.applied", &object, AuditResult::Done, &details)?;
    Ok(())
}

fn notice_of(changes: &[LimitChange]) -> LimitNotice {
    LimitNotice {
        kind: MailKind::LimitChanged,
        sentence: "お申込書でお届けの金額が変わったため、限度額を変更しました。".to_owned(),
        lines: change_lines(changes),
        receipt_number: None,
    }
}
