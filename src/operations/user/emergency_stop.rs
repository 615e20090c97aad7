//! 緊急停止 (BSP001): whoever has a notice's stop code stops everything in the customer's name.
//!
//! Rule: five tries per login id in any hour, known ids and others alike, claimed before the code
//! is looked at. A right code suspends the customer's token (all users of it), ends every login and
//! flow, lets no app be set up any more and marks the customer as stopped, which every later act
//! asks. Only staff undo it (`lift_stop`, `release`).

use crate::db::queries::{flows, logins, stop_codes, token_issues, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::stop_code::StopCode;
use crate::domain::user::User;
use crate::operations::limit::bring_back::{BringBack, bring_back};
use crate::operations::login::identify::bucket_of;
use crate::operations::notice::{self, Notice};
use crate::operations::proof::otp;
use crate::operations::receipt::{self, TokenReceipt};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, stop_code};
use crate::primitives::ids::{UserId, random_short_id};

const NAME: &str = "emergency_stop";
/// Rows begin at 1: nobody's codes, looked for where nobody has the id.
const NOBODY: UserId = UserId(0);

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopOutcome {
    /// Everything is stopped, now or by the same code before; the result shows there.
    Stopped {
        /// Unguessable part of the result page's address.
        result_id: String,
    },
    /// Unknown id, wrong, used or expired code: alike.
    Wrong,
    /// The five tries of this hour are used up.
    TooMany,
}

/// Stops everything in the name of the user with `login_id`.
///
/// Permission: whoever has one of the user's stop codes.
///
/// # Errors
/// Database trouble or no randomness; refusals are values.
pub async fn stop(
    services: &Services,
    ctx: &Ctx,
    login_id: &str,
    code: &str,
) -> Result<StopOutcome, OperationError> {
    let portal = ctx.portal_slug().to_owned();
    let id_digest = services.keys.digest("login id", &format!("{portal} {login_id}"));
    let (login_id, now) = (login_id.to_owned(), ctx.now);
    let (user_id, is_claimed) = services
        .db
        .claim(move |conn| {
            let user = users::find_by_login_id(conn, &portal, &login_id)?;
            let slot = match &user {
                Some(user) => format!("user {}", user.id),
                None => format!("bucket {}", bucket_of(&id_digest)),
            };
            let is_claimed = stop_codes::claim_try(conn, &portal, &slot, now)?;
            Ok::<_, DbError>((user.map(|user| user.id), is_claimed))
        })
        .await?;
    let digest = stop_code::digest(&services.keys, user_id.unwrap_or(NOBODY), code);
    let result_id = random_short_id()?;
    let ctx = ctx.clone();
    let outcome = services
        .db
        .write(move |conn| {
            if !is_claimed {
                return refuse(conn, &ctx, user_id, "too many tries", StopOutcome::TooMany);
            }
            settle(conn, &ctx, user_id, &digest, &result_id)
        })
        .await?;
    Ok(outcome)
}

fn refuse(
    conn: &mut DbConn,
    ctx: &Ctx,
    user_id: Option<UserId>,
    details: &str,
    outcome: StopOutcome,
) -> Result<StopOutcome, DbError> {
    let object = user_id.map_or("unknown id".to_owned(), |id| format!("user {id}"));
    audit::write(conn, ctx, NAME, &object, AuditResult::Refused, details)?;
    Ok(outcome)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    user_id: Option<UserId>,
    digest: &str,
    result_id: &str,
) -> Result<StopOutcome, DbError> {
    let Some(code) = stop_codes::find(conn, user_id.unwrap_or(NOBODY), digest)? else {
        return refuse(conn, ctx, user_id, "wrong", StopOutcome::Wrong);
    };
    let user = users::get(conn, code.user_id)?;
    match savepoint_act(conn, |conn| act(conn, &ctx.by(&user), &user, &code, result_id)) {
        Ok(()) => Ok(StopOutcome::Stopped { result_id: result_id.to_owned() }),
        Err(ActAbort::Stale) => used_or_expired(conn, ctx, &user, digest),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

/// The twin of a double click sees the same result while the stop lasts.
fn used_or_expired(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    digest: &str,
) -> Result<StopOutcome, DbError> {
    let known = stop_codes::find(conn, user.id, digest)?
        .filter(|code| user.stopped_at.is_some() && code.shows_result_at(ctx.now))
        .and_then(|code| code.result_id);
    match known {
        Some(result_id) => Ok(StopOutcome::Stopped { result_id }),
        None => refuse(conn, ctx, Some(user.id), "used or expired", StopOutcome::Wrong),
    }
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    code: &StopCode,
    result_id: &str,
) -> Result<(), ActAbort> {
    let none = TokenReceipt::default();
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, NAME, &none)?;
    guard(stop_codes::use_up(conn, code.id, result_id, receipt_id, ctx.now)?)?;
    let is_first = users::stop(conn, user.id, ctx.now)?;
    if let Some(token_id) = user.token_id {
        otp::stop_in_tx(conn, ctx, token_id, user.id)?;
    }
    logins::end_of_users(conn, &[user.id], "", EndReason::Suspended, ctx.now)?;
    flows::end_of_user(conn, user.id, "")?;
    token_issues::cut_short(conn, user.id, ctx.now)?;
    guard(bring_back(conn, ctx, user, BringBack::EmergencyStop)?)?;
    let what = Notice { receipt_number: Some(number), ..Notice::of(MailKind::EmergencyStopped) };
    notice::enqueue(conn, ctx, user, &what)?;
    let object = format!("user {}", user.id);
    let details = if is_first { "" } else { "stopped already" };
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, details)?;
    Ok(())
}
