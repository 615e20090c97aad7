//! One-time passwords: claim, compare, settle. Every path that takes a code goes through here:
//! login, start, exchange, stop, acts.

use chrono::TimeDelta;

use crate::db::queries::{flows, logins, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::otp::{
    CodeGenerator, OtpParameters, learnt_drift, matching_pair, matching_step, remaining_to_tell,
    waits_until,
};
use crate::domain::token::{Token, TokenKind};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::proof::ProofRefusal;
use crate::operations::{Ctx, OperationError, audit, count_limit};
use crate::primitives::code::last_four;
use crate::primitives::ids::{TokenId, UserId};
use crate::primitives::keys::KeyRing;

/// How wide to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// The profile's window around the token's drift.
    Window,
    /// First registration: a hardware token arrives with years of drift.
    FirstRegistration,
    /// 時刻補正: two codes in a row, far around the present step.
    Resynchronisation,
}

/// An attempt that was claimed and compared, not settled yet.
#[derive(Debug, Clone)]
pub struct OtpAttempt {
    /// The token as it was after the claim.
    pub token: Token,
    matched: Option<i64>,
    now_step: i64,
    search: Search,
}

impl OtpAttempt {
    /// Whether the code is right; it may have been used meanwhile.
    pub(super) fn is_matched(&self) -> bool {
        self.matched.is_some()
    }
}

/// Claims one attempt at `token_id`, in a `claim` transaction. The code itself is kept only as a
/// keyed digest, so that the same digits again within a minute are recognised.
///
/// # Errors
/// Whatever the database says.
pub fn claim_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    keys: &KeyRing,
    token_id: TokenId,
    code: &str,
) -> Result<Result<Token, ProofRefusal>, DbError> {
    let throttle = &ctx.profile.tokens.throttle;
    let digest = keys.digest("one-time password", &format!("{token_id} {code}"));
    let is_claimed = tokens::claim_attempt(conn, token_id, &digest, ctx.now, throttle)?;
    let token = tokens::get(conn, token_id)?;
    if is_claimed {
        return Ok(Ok(token));
    }
    let refusal = if token.is_suspended(count_limit(throttle.failures_max)) {
        ProofRefusal::Suspended
    } else if token.last_code_digest.as_deref() == Some(&digest) {
        ProofRefusal::OtpRepeated
    } else {
        let until = waits_until(throttle, token.failures, token.last_failure_at);
        ProofRefusal::OtpWaiting { until: until.unwrap_or(ctx.now) }
    };
    let details = match &refusal {
        ProofRefusal::OtpRepeated => "the same digits again",
        ProofRefusal::Suspended => "suspended",
        _ => "has to wait",
    };
    let object = format!("token {token_id}");
    audit::write(conn, ctx, "otp.check", &object, AuditResult::Refused, details)?;
    Ok(Err(refusal))
}

/// Opens the secret, compares all steps of the window in constant time, wipes the secret.
///
/// # Errors
/// [`OperationError::Key`] when the secret cannot be opened.
pub fn compare(
    ctx: &Ctx,
    keys: &KeyRing,
    token: Token,
    code: &str,
    search: Search,
) -> Result<OtpAttempt, OperationError> {
    let context = Token::sealing_context(&token.portal, &token.serial);
    let secret = keys.open(&context, &token.sealing_key_id, &token.secret_sealed)?;
    let parameters = OtpParameters::of(&token);
    let generator = CodeGenerator::new(&secret, parameters);
    let now_step = parameters.step_at(ctx.now);
    let policy = &ctx.profile.tokens;
    let is_first_of_hardware =
        search == Search::FirstRegistration && token.kind == TokenKind::Hardware;
    let window = if is_first_of_hardware {
        policy.drift.first_search_steps
    } else {
        policy.window_steps.steps()
    };
    let centre = now_step + i64::from(token.drift_steps);
    let matched = matching_step(&generator, code, centre, i64::from(window));
    Ok(OtpAttempt { token, matched, now_step, search })
}

/// As [`compare`], for the two codes in a row of a resynchronisation.
///
/// # Errors
/// As [`compare`].
pub fn compare_pair(
    ctx: &Ctx,
    keys: &KeyRing,
    token: Token,
    codes: (&str, &str),
) -> Result<OtpAttempt, OperationError> {
    let context = Token::sealing_context(&token.portal, &token.serial);
    let secret = keys.open(&context, &token.sealing_key_id, &token.secret_sealed)?;
    let parameters = OtpParameters::of(&token);
    let generator = CodeGenerator::new(&secret, parameters);
    let now_step = parameters.step_at(ctx.now);
    let window = i64::from(ctx.profile.tokens.drift.resynchronise_steps);
    let matched = matching_pair(&generator, codes, now_step, window);
    Ok(OtpAttempt { token, matched, now_step, search: Search::Resynchronisation })
}

/// Settles the outcome in the act's transaction: burns the step and clears the run of failures, or
/// writes the failure down and suspends where that was one too many.
///
/// # Errors
/// Whatever the database says. A refusal is a value: commit it.
pub fn settle_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    attempt: &OtpAttempt,
) -> Result<Result<(), ProofRefusal>, DbError> {
    if let Some(step) = attempt.matched
        && accept(conn, ctx, attempt, step)?
    {
        return Ok(Ok(()));
    }
    refuse(conn, ctx, attempt).map(Err)
}

fn accept(conn: &mut DbConn, ctx: &Ctx, attempt: &OtpAttempt, step: i64) -> Result<bool, DbError> {
    let token = &attempt.token;
    let drift = match attempt.search {
        Search::Window => learnt_drift(token, &ctx.profile.tokens.drift, step, attempt.now_step),
        Search::FirstRegistration | Search::Resynchronisation => {
            i32::try_from(step - attempt.now_step).unwrap_or(0)
        }
    };
    let used = (ctx.actor.user_id(), ctx.now);
    // Of two codes in a row neither may have been used before.
    if attempt.search == Search::Resynchronisation
        && !tokens::accept_step(conn, token.id, step - 1, drift, used)?
    {
        return Ok(false);
    }
    let is_accepted = tokens::accept_step(conn, token.id, step, drift, used)?;
    if is_accepted && attempt.search != Search::Window {
        tokens::set_drift_base(conn, token.id, drift)?;
    }
    Ok(is_accepted)
}

fn refuse(conn: &mut DbConn, ctx: &Ctx, attempt: &OtpAttempt) -> Result<ProofRefusal, DbError> {
    let what = if attempt.matched.is_some() { "used before" } else { "wrong" };
    count_failure_in_tx(conn, ctx, attempt.token.id, ("otp.check", what))
}

/// Writes a claimed attempt down as a failure, with an audit line, and suspends the token where
/// that was one too many.
///
/// # Errors
/// Whatever the database says. The refusal is a value: commit it.
pub(super) fn count_failure_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    token_id: TokenId,
    (operation, what): (&str, &str),
) -> Result<ProofRefusal, DbError> {
    let throttle = &ctx.profile.tokens.throttle;
    let since = ctx.now - TimeDelta::days(throttle.sliding_days.into());
    let in_window = tokens::record_failure(conn, token_id, ctx.now, since)?;
    let object = format!("token {token_id}");
    audit::write(conn, ctx, operation, &object, AuditResult::Refused, what)?;
    let at_least = if in_window >= i64::from(throttle.sliding_failures_max) {
        0
    } else {
        count_limit(throttle.failures_max)
    };
    suspend_in_tx(conn, ctx, token_id, at_least)?;
    let token = tokens::get(conn, token_id)?;
    if token.is_suspended(count_limit(throttle.failures_max)) {
        return Ok(ProofRefusal::Suspended);
    }
    Ok(ProofRefusal::OtpWrong {
        remaining: remaining_to_tell(throttle, token.failures),
        until: waits_until(throttle, token.failures, token.last_failure_at),
    })
}

/// Suspends the token of every user of that serial if the run of failures is long enough: ends
/// their logins, half-finished ones and flows, and tells them by mail. False: not (yet) to be done.
///
/// # Errors
/// Whatever the database says.
pub fn suspend_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    token_id: TokenId,
    failures_at_least: i32,
) -> Result<bool, DbError> {
    if !tokens::suspend(conn, token_id, failures_at_least, ctx.now)? {
        return Ok(false);
    }
    let what = Notice::of(MailKind::TokenSuspended);
    after_suspension(conn, ctx, token_id, None, &what)?;
    Ok(true)
}

/// Suspends the token, whatever its counters say, because `stopper`, who gets a notice of another
/// kind, stopped everything.
///
/// # Errors
/// Whatever the database says.
pub fn stop_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    token_id: TokenId,
    stopper: UserId,
) -> Result<(), DbError> {
    if tokens::suspend(conn, token_id, 0, ctx.now)? {
        let what = Notice { is_stopped_by_other: true, ..Notice::of(MailKind::TokenSuspended) };
        after_suspension(conn, ctx, token_id, Some(stopper), &what)?;
    }
    Ok(())
}

/// Ends what rests on a token that has just been suspended, and tells its users but `silent`.
fn after_suspension(
    conn: &mut DbConn,
    ctx: &Ctx,
    token_id: TokenId,
    silent: Option<UserId>,
    what: &Notice,
) -> Result<(), DbError> {
    let token = tokens::get(conn, token_id)?;
    let what = Notice { serial_last_four: last_four(&token.serial), ..what.clone() };
    let holders = users::list_by_token(conn, token_id)?;
    let ids: Vec<_> = holders.iter().map(|user| user.id).collect();
    logins::end_of_users(conn, &ids, "", EndReason::Suspended, ctx.now)?;
    for user in &holders {
        flows::end_of_user(conn, user.id, "")?;
    }
    let told: Vec<_> = holders.into_iter().filter(|user| Some(user.id) != silent).collect();
    tell_of_token(conn, ctx, &told, &[], &what)?;
    let object = format!("token {token_id}");
    audit::write(conn, ctx, "token.suspend", &object, AuditResult::Done, "")
}
