//! STF001, second step: the code of the own authenticator; at the first login the one that proves
//! that it is set up. Claim, compare, settle, as for customers' tokens.

use crate::db::queries::{staff, staff_logins};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::otp::{CodeGenerator, matching_step, remaining_to_tell, waits_until};
use crate::domain::staff::{STAFF_OTP, STAFF_OTP_WINDOW, StaffLogin, StaffMember, StaffStage};
use crate::operations::proof::ProofRefusal;
use crate::operations::staff::log_in::{lock_if_due, object_of};
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::keys::KeyRing;
use crate::primitives::secret::Secret;

const WAIT_STEPS: u32 = 10;
const WAIT_STEP: std::time::Duration = std::time::Duration::from_millis(40);

/// How the second step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeOutcome {
    /// Logged in.
    Done,
    /// The code was not accepted; [`ProofRefusal::Suspended`]: the member is locked.
    Refused(ProofRefusal),
    /// The login is over, or another browser's set-up took its place.
    Stale,
}

/// Completes a login with a code.
///
/// Permission: the member of a login that waits for it.
///
/// # Errors
/// Database or key trouble; refusals are values.
pub async fn complete(
    services: &Services,
    ctx: &Ctx,
    login: &StaffLogin,
    member: &StaffMember,
    code: &str,
) -> Result<CodeOutcome, OperationError> {
    let (claim_ctx, keys) = (ctx.clone(), services.keys.clone());
    let (claim_member, claim_code) = (member.clone(), code.to_owned());
    let claimed = services
        .db
        .claim(move |conn| claim(conn, &claim_ctx, &keys, &claim_member, &claim_code))
        .await?;
    let member = match claimed {
        Ok(member) => member,
        Err(ProofRefusal::OtpRepeated) if is_completed(services, login).await? => {
            return Ok(CodeOutcome::Done);
        }
        Err(refusal) => return Ok(CodeOutcome::Refused(refusal)),
    };
    let secret = open_secret(&services.keys, &member)?;
    let now_step = STAFF_OTP.step_at(ctx.now);
    let generator = CodeGenerator::new(&secret, STAFF_OTP);
    let matched = matching_step(&generator, code, now_step, STAFF_OTP_WINDOW);
    let (ctx, login) = (ctx.clone(), login.clone());
    let outcome =
        services.db.write(move |conn| settle(conn, &ctx, &login, &member, matched)).await?;
    Ok(outcome)
}

/// The secret of the member's authenticator.
///
/// # Errors
/// [`OperationError::Key`] when it cannot be opened; [`OperationError::Corrupt`] without one.
pub fn open_secret(keys: &KeyRing, member: &StaffMember) -> Result<Secret, OperationError> {
    let missing = OperationError::Corrupt("a member of staff without a secret");
    let sealed = member.secret_sealed.as_ref().zip(member.sealing_key_id.as_ref());
    let (bytes, key_id) = sealed.ok_or(missing)?;
    let context = StaffMember::sealing_context(&member.portal, &member.staff_id);
    Ok(keys.open(&context, key_id, bytes)?)
}

fn claim(
    conn: &mut DbConn,
    ctx: &Ctx,
    keys: &KeyRing,
    member: &StaffMember,
    code: &str,
) -> Result<Result<StaffMember, ProofRefusal>, DbError> {
    let throttle = &ctx.profile.tokens.throttle;
    let digest = keys.digest("staff code", &format!("{} {code}", member.id));
    let is_claimed = staff::claim_code_attempt(conn, member.id, &digest, ctx.now, throttle)?;
    let member = staff::get(conn, member.id)?;
    if is_claimed {
        return Ok(Ok(member));
    }
    let refusal = if is_locked(ctx, &member) {
        ProofRefusal::Suspended
    } else if member.last_code_digest.as_deref() == Some(&digest) {
        ProofRefusal::OtpRepeated
    } else {
        let until = waits_until(throttle, member.otp_failures, member.last_failure_at);
        ProofRefusal::OtpWaiting { until: until.unwrap_or(ctx.now) }
    };
    let details = match &refusal {
        ProofRefusal::OtpRepeated => "the same digits again",
        ProofRefusal::Suspended => "locked",
        _ => "has to wait",
    };
    let object = object_of(&member);
    audit::write(conn, ctx, "staff.code", &object, AuditResult::Refused, details)?;
    Ok(Err(refusal))
}

fn is_locked(ctx: &Ctx, member: &StaffMember) -> bool {
    let otp_max = count_limit(ctx.profile.tokens.throttle.failures_max);
    member.is_locked(i32::MAX, otp_max)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &StaffLogin,
    member: &StaffMember,
    matched: Option<i64>,
) -> Result<CodeOutcome, DbError> {
    let is_accepted = match matched {
        Some(step) => staff::accept_step(conn, member.id, step)?,
        None => false,
    };
    if !is_accepted {
        return refuse(conn, ctx, member, matched.is_some());
    }
    if login.stage == StaffStage::Enrolment {
        let proven = member.secret_sealed.clone().unwrap_or_default();
        if !staff::finish_enrolment(conn, member.id, &proven, ctx.now)? {
            return Ok(CodeOutcome::Stale);
        }
    }
    if !staff_logins::advance(conn, &login.id, login.stage, StaffStage::Complete, ctx.now)? {
        return Ok(CodeOutcome::Stale);
    }
    staff::note_login(conn, member.id, ctx.now)?;
    let what = if login.stage == StaffStage::Enrolment { "staff.enrol" } else { "staff.login" };
    audit::write(conn, ctx, what, &object_of(member), AuditResult::Done, "")?;
    Ok(CodeOutcome::Done)
}

fn refuse(
    conn: &mut DbConn,
    ctx: &Ctx,
    member: &StaffMember,
    is_used: bool,
) -> Result<CodeOutcome, DbError> {
    let throttle = &ctx.profile.tokens.throttle;
    let what = if is_used { "used before" } else { "wrong" };
    audit::write(conn, ctx, "staff.code", &object_of(member), AuditResult::Refused, what)?;
    lock_if_due(conn, ctx, member)?;
    let member = staff::get(conn, member.id)?;
    if is_locked(ctx, &member) {
        return Ok(CodeOutcome::Refused(ProofRefusal::Suspended));
    }
    Ok(CodeOutcome::Refused(ProofRefusal::OtpWrong {
        remaining: remaining_to_tell(throttle, member.otp_failures),
        until: waits_until(throttle, member.otp_failures, member.last_failure_at),
    }))
}

/// Waits up to half a second for the twin of a double click to complete this login.
async fn is_completed(services: &Services, login: &StaffLogin) -> Result<bool, DbError> {
    for _ in 0..WAIT_STEPS {
        let id = login.id.clone();
        let current = services.db.read(move |conn| staff_logins::find(conn, &id)).await?;
        match current.filter(|login| login.ended_at.is_none()) {
            Some(login) if login.stage == StaffStage::Complete => return Ok(true),
            Some(_) => tokio::time::sleep(WAIT_STEP).await,
            None => return Ok(false),
        }
    }
    Ok(false)
}
