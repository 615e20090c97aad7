//! 利用停止解除: a suspended token is released, and with it every user of that serial.

use crate::db::queries::{tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::token::{ActRefusal, TokenAct, TokenActor, UserTokenStatus, decide};
use crate::domain::user::User;
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{Ctx, Services, audit, count_limit};
use crate::primitives::code::last_four;

/// How a release ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseOutcome {
    /// Released; these login ids may authenticate again.
    Released(Vec<String>),
    /// No such user.
    NoSuchUser,
    /// The user has no token.
    NoToken,
    /// Nothing was suspended.
    NotSuspended,
    /// The life cycle says no.
    Refused(ActRefusal),
}

/// Releases the token of the user with `login_id`.
///
/// Permission: staff, on the customer's form; by command, or in the console with a second person.
///
/// # Errors
/// Whatever the database says.
pub fn release(
    services: &Services,
    ctx: &Ctx,
    login_id: &str,
    actor: TokenActor,
) -> Result<ReleaseOutcome, DbError> {
    let (ctx, login_id) = (ctx.clone(), login_id.to_owned());
    services.db.write_blocking(move |conn| {
        let Some(user) = users::find_by_login_id(conn, ctx.portal_slug(), &login_id)? else {
            return Ok(ReleaseOutcome::NoSuchUser);
        };
        release_in_tx(conn, &ctx, &user, actor, "")
    })
}

/// [`release`] of a user in the caller's transaction; `details` go into the audit line.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn release_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    actor: TokenActor,
    details: &str,
) -> Result<ReleaseOutcome, DbError> {
    let Some(token_id) = user.token_id else { return Ok(ReleaseOutcome::NoToken) };
    let token = tokens::get(conn, token_id)?;
    let limit = count_limit(ctx.profile.tokens.throttle.failures_max);
    let status = UserTokenStatus::at(user.token_status, token.expires_at, ctx.now);
    match decide(status, token.is_suspended(limit), TokenAct::Release, actor) {
        Ok(_) => {}
        Err(ActRefusal::NotSuspended) => return Ok(ReleaseOutcome::NotSuspended),
        Err(refusal) => return Ok(ReleaseOutcome::Refused(refusal)),
    }
    let holders = users::list_by_token(conn, token_id)?;
    // What somebody stopped in an emergency is lifted first, by an act of its own.
    if holders.iter().any(|user| user.stopped_at.is_some()) {
        return Ok(ReleaseOutcome::Refused(ActRefusal::Stopped));
    }
    if !tokens::release(conn, token_id, limit)? {
        return Ok(ReleaseOutcome::NotSuspended);
    }
    let what = Notice {
        serial_last_four: last_four(&token.serial),
        ..Notice::of(MailKind::TokenReleased)
    };
    tell_of_token(conn, ctx, &holders, &[], &what)?;
    let object = format!("token {token_id}");
    audit::write(conn, ctx, "token.release", &object, AuditResult::Done, details)?;
    Ok(ReleaseOutcome::Released(holders.into_iter().map(|user| user.login_id).collect()))
}
