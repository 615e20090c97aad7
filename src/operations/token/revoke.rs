//! 失効 by staff: a token that was lost, or whose app is gone, is of no use to anybody any more.
//!
//! Rule: every user of the token becomes revoked, every login and flow that rests on it ends, an
//! issue that waits for its set-up or start is over, and the token retires. Another token can be
//! registered once the profile's wait is over.

use crate::db::queries::{flows, logins, registration_numbers, token_issues, tokens, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::token::{
    ActRefusal, StoredTokenStatus, Token, TokenAct, TokenActor, TokenState, UserTokenStatus, decide,
};
use crate::domain::user::User;
use crate::operations::limit::bring_back::{BringBack, bring_back};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, Services, audit, count_limit, guard};
use crate::primitives::clock::UtcTime;
use crate::primitives::code::last_four;
use crate::text_enum;

text_enum! {
    /// Why, as the audit log keeps it.
    RevokeReason {
        /// Lost or stolen.
        Lost = "lost",
        /// The app was uninstalled, or its phone is gone.
        Uninstalled = "uninstalled",
        /// Anything else.
        Other = "other",
    }
}

/// How a revocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevokeOutcome {
    /// Revoked.
    Revoked {
        /// The login ids of its users.
        users: Vec<String>,
        /// From when another token can be registered.
        registrable_from: UtcTime,
    },
    /// The portal has no such serial.
    NoSuchToken,
    /// Nobody uses it, or not any more.
    NotInUse,
    /// The life cycle says no.
    Refused(ActRefusal),
}

/// Revokes the token `serial`.
///
/// Permission: staff, by command or in the console; no second person, because it cannot wait.
///
/// # Errors
/// Whatever the database says.
pub fn revoke(
    services: &Services,
    ctx: &Ctx,
    serial: &str,
    reason: RevokeReason,
) -> Result<RevokeOutcome, DbError> {
    let (ctx, serial) = (ctx.clone(), serial.to_owned());
    services.db.write_blocking(move |conn| {
        let Some(token) = tokens::find_by_serial(conn, ctx.portal_slug(), &serial)? else {
            return Ok(RevokeOutcome::NoSuchToken);
        };
        revoke_in_tx(conn, &ctx, &token, reason)
    })
}

/// [`revoke`] of a token in the caller's transaction.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn revoke_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    token: &Token,
    reason: RevokeReason,
) -> Result<RevokeOutcome, DbError> {
    let holders = users::list_by_token(conn, token.id)?;
    if holders.is_empty() {
        return Ok(RevokeOutcome::NotInUse);
    }
    for holder in &holders {
        if let Err(refusal) = standing(ctx, holder, token) {
            return Ok(RevokeOutcome::Refused(refusal));
        }
    }
    match savepoint_act(conn, |conn| act(conn, ctx, token, &holders, reason)) {
        Ok(outcome) => Ok(outcome),
        Err(ActAbort::Stale) => Ok(RevokeOutcome::NotInUse),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn standing(ctx: &Ctx, user: &User, token: &Token) -> Result<(), ActRefusal> {
    let status = UserTokenStatus::at(user.token_status, token.expires_at, ctx.now);
    let limit = count_limit(ctx.profile.tokens.throttle.failures_max);
    decide(status, token.is_suspended(limit), TokenAct::Revoke, TokenActor::Staff).map(|_| ())
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    token: &Token,
    holders: &[User],
    reason: RevokeReason,
) -> Result<RevokeOutcome, ActAbort> {
    guard(tokens::update_state(conn, token.id, token.state, TokenState::Retired, ctx.now)?)?;
    token_issues::revoke(conn, token.id, ctx.now)?;
    let ids: Vec<_> = holders.iter().map(|user| user.id).collect();
    logins::end_of_users(conn, &ids, "", EndReason::TokenChanged, ctx.now)?;
    let registrable_from = ctx.profile.revocation_wait_until(ctx.now);
    let columns = users::TokenColumns {
        token_id: None,
        token_status: StoredTokenStatus::Revoked,
        token_since: Some(ctx.now),
        revoked_at: Some(ctx.now),
        login_otp_chosen: false,
    };
    for holder in holders {
        let (status, token_id) = (holder.token_status, holder.token_id);
        guard(users::update_token(conn, holder.id, status, token_id, &columns)?)?;
        flows::end_of_user(conn, holder.id, "")?;
        registration_numbers::delete(conn, holder.id)?;
        guard(bring_back(conn, ctx, holder, BringBack::Revoked)?)?;
    }
    let what = Notice {
        serial_last_four: last_four(&token.serial),
        expires_at: Some(registrable_from),
        ..Notice::of(MailKind::TokenRevoked)
    };
    tell_of_token(conn, ctx, holders, &[], &what)?;
    let object = format!("token {}", token.id);
    let details = format!("{reason}, {} users", holders.len());
    audit::write(conn, ctx, "token.revoke", &object, AuditResult::Done, &details)?;
    let users = holders.iter().map(|user| user.login_id.clone()).collect();
    Ok(RevokeOutcome::Revoked { users, registrable_from })
}
