//! The end of an emergency stop. The token stays suspended: that is another act (`release`), or the
//! token is revoked.

use crate::db::queries::{tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::user::User;
use crate::operations::notice::{self, Notice};
use crate::operations::{Ctx, Services, audit, count_limit};

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiftOutcome {
    /// Lifted.
    Lifted {
        /// The serial of a token that is still suspended.
        suspended_serial: Option<String>,
    },
    /// No such user.
    NoSuchUser,
    /// Nothing was stopped.
    NotStopped,
}

/// Lifts the emergency stop of the user with `login_id`.
///
/// Permission: staff, by command or in the console with a second person, once they are sure
/// who asks.
///
/// # Errors
/// Whatever the database says.
pub fn lift(services: &Services, ctx: &Ctx, login_id: &str) -> Result<LiftOutcome, DbError> {
    let (ctx, login_id) = (ctx.clone(), login_id.to_owned());
    services.db.write_blocking(move |conn| {
        let Some(user) = users::find_by_login_id(conn, ctx.portal_slug(), &login_id)? else {
            return Ok(LiftOutcome::NoSuchUser);
        };
        lift_in_tx(conn, &ctx, &user, "")
    })
}

/// [`lift`] for a user in the caller's transaction; `details` go into the audit line.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn lift_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    details: &str,
) -> Result<LiftOutcome, DbError> {
    if !users::lift_stop(conn, user.id)? {
        return Ok(LiftOutcome::NotStopped);
    }
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "user.lift_stop", &object, AuditResult::Done, details)?;
    notice::enqueue(conn, ctx, user, &Notice::of(MailKind::StopLifted))?;
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    let limit = count_limit(ctx.profile.tokens.throttle.failures_max);
    let suspended = token.filter(|token| token.is_suspended(limit));
    Ok(LiftOutcome::Lifted { suspended_serial: suspended.map(|token| token.serial) })
}
