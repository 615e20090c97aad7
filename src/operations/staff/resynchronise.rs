//! 時刻補正: two codes in a row tell how far a token's clock is off. The attempt is claimed first and
//! counts as one of the token's own; both codes are spent.

use crate::db::queries::{tokens, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::domain::token::{TokenAct, TokenActor, UserTokenStatus, decide};
use crate::domain::user::User;
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::proof::ProofRefusal;
use crate::operations::proof::otp::{self, OtpAttempt};
use crate::operations::staff::request::{
    ActOutcome, StaffKey, Subject, find_made, known, record_in_tx,
};
use crate::operations::staff::standing::refused;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::code::last_four;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResynchroniseOutcome {
    /// As other acts.
    Act(ActOutcome),
    /// The codes were not accepted.
    Refused(ProofRefusal),
}

/// Resynchronises the user's token with two codes in a row.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Database or key trouble; refusals are values.
pub async fn resynchronise(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    user: &User,
    (first, second, note): (&str, &str, &str),
) -> Result<ResynchroniseOutcome, OperationError> {
    let blocked = |why| Ok(ResynchroniseOutcome::Act(ActOutcome::Blocked(why)));
    let Some(token_id) = user.token_id else { return blocked(Blocked::NoToken) };
    // The same form sent again shows what became of it, and costs no try.
    let (known_key, known_member) = (key.clone(), member.clone());
    let earlier = services.db.read(move |conn| known(conn, &known_key, &known_member)).await?;
    if let Some(outcome) = earlier {
        return Ok(ResynchroniseOutcome::Act(outcome));
    }
    let (claim_ctx, keys, claim_user) = (ctx.clone(), services.keys.clone(), user.clone());
    let codes = format!("{first} {second}");
    let claimed = services
        .db
        .claim(move |conn| {
            if let Some(why) = standing(conn, &claim_ctx, &claim_user)? {
                return Ok(Err(why));
            }
            otp::claim_in_tx(conn, &claim_ctx, &keys, token_id, &codes).map(Ok::<_, Blocked>)
        })
        .await?;
    let token = match claimed {
        Err(why) => return blocked(why),
        Ok(Ok(token)) => token,
        Ok(Err(ProofRefusal::OtpRepeated)) => {
            // The twin of a double click, perhaps.
            return Ok(match find_made(services, member, key).await? {
                ActOutcome::Made(id) => ResynchroniseOutcome::Act(ActOutcome::Made(id)),
                _ => ResynchroniseOutcome::Refused(ProofRefusal::OtpRepeated),
            });
        }
        Ok(Err(refusal)) => return Ok(ResynchroniseOutcome::Refused(refusal)),
    };
    let attempt = otp::compare_pair(ctx, &services.keys, token, (first, second))?;
    let subject = Subject {
        act: StaffAct::Resynchronise,
        user_id: Some(user.id),
        token_id: Some(token_id),
        note: note.to_owned(),
        payload: String::new(),
    };
    let (ctx, member, key) = (ctx.clone(), member.clone(), key.clone());
    let outcome = services
        .db
        .write(move |conn| settle(conn, &ctx, &member, &key, &subject, &attempt))
        .await?;
    Ok(outcome)
}

fn standing(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Option<Blocked>, DbError> {
    let Some(token_id) = user.token_id else { return Ok(Some(Blocked::NoToken)) };
    let token = tokens::get(conn, token_id)?;
    let status = UserTokenStatus::at(user.token_status, token.expires_at, ctx.now);
    let limit = count_limit(ctx.profile.tokens.throttle.failures_max);
    let is_suspended = token.is_suspended(limit);
    let may = decide(status, is_suspended, TokenAct::Resynchronise, TokenActor::Staff);
    Ok(may.err().map(refused))
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    subject: &Subject,
    attempt: &OtpAttempt,
) -> Result<ResynchroniseOutcome, DbError> {
    if let Err(refusal) = otp::settle_in_tx(conn, ctx, attempt)? {
        return Ok(ResynchroniseOutcome::Refused(refusal));
    }
    let token = tokens::get(conn, attempt.token.id)?;
    let result = format!("{} -> {}", attempt.token.drift_steps, token.drift_steps);
    let done = savepoint_act(conn, |conn| {
        let holders = users::list_by_token(conn, token.id)?;
        let what = Notice {
            serial_last_four: last_four(&token.serial),
            ..Notice::of(MailKind::TokenResynchronised)
        };
        tell_of_token(conn, ctx, &holders, &[], &what)?;
        let object = format!("token {}", token.id);
        let details = format!("drift {result} steps");
        audit::write(conn, ctx, "token.resynchronise", &object, AuditResult::Done, &details)?;
        record_in_tx(conn, ctx, member, key, subject, &result)
    });
    match done {
        Ok(outcome) => Ok(ResynchroniseOutcome::Act(outcome)),
        Err(ActAbort::Stale) => {
            // The codes are spent and the clock is set; only a twin with other codes has the form.
            let object = format!("token {}", token.id);
            let details = format!("drift {result} steps, the form was another's");
            audit::write(conn, ctx, "token.resynchronise", &object, AuditResult::Done, &details)?;
            Ok(ResynchroniseOutcome::Act(ActOutcome::KeyConflict))
        }
        Err(ActAbort::Db(error)) => Err(error),
    }
}
