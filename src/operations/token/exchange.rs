//! 交換 (BOM112, BOM113): a new token takes the old one's place.
//!
//! Rule: the old token's code first, whose proof lives ten minutes in the flow and is tied to that
//! token and its status; then serial and code of the new one. The new one starts and the old one
//! retires in one transaction; the old one works until then.

use chrono::TimeDelta;

use crate::db::queries::{flows, logins, one_time_keys, tokens, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{Flow, FlowStep};
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::token::{StoredTokenStatus, Token, TokenAct, TokenState};
use crate::domain::user::User;
use crate::operations::notice::{self, Notice};
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::otp::{self, OtpAttempt, Search};
use crate::operations::receipt::{self, TokenReceipt};
use crate::operations::step::{StepOutcome, await_twin, stale_key};
use crate::operations::token::flow::standing;
use crate::operations::token::registration::{self, RegistrationClaim};
use crate::operations::user::hold::open_hold;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::code::last_four;

/// Proves the old token (BOM112) and moves the flow on to BOM113.
///
/// Permission: the user of the flow.
///
/// # Errors
/// Database or key trouble; refusals are values.
pub async fn prove_old(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    flow: &Flow,
    code: &str,
) -> Result<StepOutcome, OperationError> {
    let Some(token_id) = user.token_id.filter(|id| flow.token_id == Some(*id)) else {
        return Ok(StepOutcome::Stale);
    };
    let (claim_ctx, keys, claim_code) = (ctx.clone(), services.keys.clone(), code.to_owned());
    let claimed = services
        .db
        .claim(move |conn| otp::claim_in_tx(conn, &claim_ctx, &keys, token_id, &claim_code))
        .await?;
    let token = match claimed {
        Ok(token) => token,
        Err(refusal) => return Ok(StepOutcome::Refused(vec![refusal])),
    };
    let attempt = otp::compare(ctx, &services.keys, token, code, Search::Window)?;
    let (ctx, flow) = (ctx.clone(), flow.clone());
    let outcome = services
        .db
        .write(move |conn| {
            if let Err(refusal) = otp::settle_in_tx(conn, &ctx, &attempt)? {
                return Ok::<_, DbError>(StepOutcome::Refused(vec![refusal]));
            }
            let (from, to) = (FlowStep::Input, FlowStep::NewToken);
            let proof = TimeDelta::minutes(ctx.profile.tokens.exchange_proof_minutes.into());
            let until = ctx.now + proof;
            if !flows::update_step(conn, &flow.id, from, to, Some(ctx.now), until)? {
                return Ok(StepOutcome::Stale);
            }
            let object = format!("token {}", attempt.token.id);
            let name = "token.exchange";
            audit::write(conn, &ctx, name, &object, AuditResult::Done, "old token proven")?;
            Ok(StepOutcome::Done)
        })
        .await?;
    Ok(outcome)
}

/// What BOM113 sends.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The customer.
    pub user: User,
    /// The flow, at the step of the new token.
    pub flow: Flow,
    /// Normalised serial.
    pub serial: String,
    /// Normalised code.
    pub code: String,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// Exchanges the tokens.
///
/// Permission: the user of the flow, whose proof of the old token is fresh.
///
/// # Errors
/// Database or key trouble; refusals are values.
pub async fn exchange(
    services: &Services,
    ctx: &Ctx,
    input: Exchange,
) -> Result<StepOutcome, OperationError> {
    let (claim_ctx, keys, claim_input) = (ctx.clone(), services.keys.clone(), input.clone());
    let claim = services
        .db
        .claim(move |conn| {
            let pair = (claim_input.serial.as_str(), claim_input.code.as_str());
            let (user, flow, key) = (&claim_input.user, &claim_input.flow, &claim_input.key);
            registration::claim_in_tx(conn, &claim_ctx, &keys, user, flow, pair, Some(key))
        })
        .await?;
    let token = match claim {
        RegistrationClaim::Claimed(token) => *token,
        RegistrationClaim::Key(claim) => {
            return match stale_key(claim) {
                Some(outcome) => Ok(outcome),
                None => await_twin(services, &input.key).await,
            };
        }
        RegistrationClaim::Refused(outcome) => {
            return settle_refused(services, ctx, input, outcome).await;
        }
    };
    let attempt = otp::compare(ctx, &services.keys, token, &input.code, Search::FirstRegistration)?;
    let ctx = ctx.clone();
    let outcome = services.db.write(move |conn| settle(conn, &ctx, &input, &attempt)).await?;
    Ok(outcome)
}

async fn settle_refused(
    services: &Services,
    ctx: &Ctx,
    input: Exchange,
    outcome: StepOutcome,
) -> Result<StepOutcome, OperationError> {
    let ctx = ctx.clone();
    let outcome = services
        .db
        .write(move |conn| {
            one_time_keys::free(conn, &input.key.key)?;
            registration::end_if_used_up(conn, &ctx, &input.flow, outcome.clone())
        })
        .await?;
    Ok(outcome)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Exchange,
    attempt: &OtpAttempt,
) -> Result<StepOutcome, DbError> {
    if let Err(refusal) = otp::settle_in_tx(conn, ctx, attempt)? {
        one_time_keys::free(conn, &input.key.key)?;
        let outcome = StepOutcome::Refused(vec![refusal]);
        return registration::end_if_used_up(conn, ctx, &input.flow, outcome);
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, &attempt.token)) {
        Ok(()) => Ok(StepOutcome::Done),
        Err(ActAbort::Stale) => {
            one_time_keys::free(conn, &input.key.key)?;
            Ok(StepOutcome::Stale)
        }
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &Exchange, new: &Token) -> Result<(), ActAbort> {
    let minutes = i64::from(ctx.profile.tokens.exchange_proof_minutes);
    let flow = &input.flow;
    guard(flow.is_proof_fresh_at(ctx.now, TimeDelta::minutes(minutes)))?;
    let user = users::get(conn, input.user.id)?;
    guard(user.token_id.is_some() && user.token_id == flow.token_id)?;
    let Some(old_id) = user.token_id else { return Err(ActAbort::Stale) };
    let old = tokens::get(conn, old_id)?;
    guard(standing(ctx, &user, Some(&old), TokenAct::Exchange).is_ok())?;
    guard(registration::take_into_use(conn, ctx, &user, new)?)?;
    let (from, to) = (TokenState::InUse, TokenState::Retired);
    guard(tokens::update_state(conn, old.id, from, to, ctx.now)?)?;
    let columns = users::TokenColumns {
        token_id: Some(new.id),
        token_status: StoredTokenStatus::InUse,
        token_since: Some(ctx.now),
        revoked_at: None,
        login_otp_chosen: user.login_otp_chosen,
    };
    guard(users::update_token(conn, user.id, user.token_status, Some(old.id), &columns)?)?;
    open_hold(conn, ctx, &user)?;
    finish(conn, ctx, input, &user, &old, new)
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Exchange,
    user: &User,
    old: &Token,
    new: &Token,
) -> Result<(), ActAbort> {
    let details = TokenReceipt {
        serial: new.serial.clone(),
        old_serial: Some(old.serial.clone()),
        ..TokenReceipt::default()
    };
    let (receipt_id, number) =
        receipt::write_in_tx(conn, ctx, user.id, "token.exchange", &details)?;
    guard(flows::finish(conn, &input.flow.id, FlowStep::NewToken, receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    let keep = &input.flow.login_id;
    logins::end_of_users(conn, &[user.id], keep, EndReason::TokenChanged, ctx.now)?;
    flows::end_of_user(conn, user.id, &input.flow.id)?;
    let what = Notice {
        serial_last_four: last_four(&new.serial),
        old_serial_last_four: Some(last_four(&old.serial)),
        receipt_number: Some(number),
        ..Notice::of(MailKind::TokenExchanged)
    };
    notice::enqueue(conn, ctx, user, &what)?;
    let object = format!("token {}", new.id);
    let details = format!("instead of token {}", old.id);
    audit::write(conn, ctx, "token.exchange", &object, AuditResult::Done, &details)?;
    Ok(())
}
