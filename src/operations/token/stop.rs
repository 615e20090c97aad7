//! 利用中止 (BOM122, BOS001): the customer gives up one-time passwords.
//!
//! Rule: the token's code and the confirmation that the auth rules ask for `otp.stop`. The token
//! goes back to what is shipped to the contract, or retires where it was issued; from then on
//! confirmation is by the earlier method.

use crate::db::queries::{flows, logins, one_time_keys, tokens, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{Flow, FlowStep};
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::token::{StoredTokenStatus, TokenAct, TokenState};
use crate::domain::user::User;
use crate::operations::limit::bring_back::{BringBack, bring_back};
use crate::operations::notice::{self, Notice};
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::otp::{self, OtpAttempt, Search};
use crate::operations::receipt::{self, TokenReceipt};
use crate::operations::step::{StepOutcome, once};
use crate::operations::token::confirmation::{Confirmation, Confirmed, confirm, settle_confirmed};
use crate::operations::token::flow::standing;
use crate::operations::token::registration;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::code::last_four;

/// What BOM122 sends.
#[derive(Debug, Clone)]
pub struct Stop {
    /// The customer.
    pub user: User,
    /// The flow, at its input step.
    pub flow: Flow,
    /// Normalised code.
    pub code: String,
    /// The confirmation.
    pub confirmation: Confirmation,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// Stops the use of the token.
///
/// Permission: the user of the flow.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn stop(
    services: &Services,
    ctx: &Ctx,
    input: Stop,
) -> Result<StepOutcome, OperationError> {
    once(services, ctx, &input.key, stop_with_key(services, ctx, &input)).await
}

async fn stop_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Stop,
) -> Result<StepOutcome, OperationError> {
    let Some(token_id) = input.user.token_id else { return Ok(StepOutcome::Stale) };
    let confirmed = match confirm(services, ctx, &input.user, &input.confirmation).await? {
        Ok(confirmed) => confirmed,
        Err(refusal) => return Ok(StepOutcome::Refused(vec![refusal])),
    };
    let (claim_ctx, keys, code) = (ctx.clone(), services.keys.clone(), input.code.clone());
    let (user, settled) = (input.user.clone(), confirmed.clone());
    let claimed = services
        .db
        .claim(move |conn| {
            let claimed = otp::claim_in_tx(conn, &claim_ctx, &keys, token_id, &code)?;
            if claimed.is_err() {
                settle_confirmed(conn, &user, &settled)?;
            }
            Ok::<_, DbError>(claimed)
        })
        .await?;
    let token = match claimed {
        Ok(token) => token,
        Err(refusal) => return Ok(StepOutcome::Refused(vec![refusal])),
    };
    let attempt = otp::compare(ctx, &services.keys, token, &input.code, Search::Window)?;
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome =
        services.db.write(move |conn| settle(conn, &ctx, &input, &confirmed, &attempt)).await?;
    Ok(outcome)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Stop,
    confirmed: &Confirmed,
    attempt: &OtpAttempt,
) -> Result<StepOutcome, DbError> {
    let is_confirmed = settle_confirmed(conn, &input.user, confirmed)?;
    if let Err(refusal) = otp::settle_in_tx(conn, ctx, attempt)? {
        return Ok(StepOutcome::Refused(vec![refusal]));
    }
    if !is_confirmed {
        return Ok(StepOutcome::Stale);
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, attempt)) {
        Ok(()) => Ok(StepOutcome::Done),
        Err(ActAbort::Stale) => Ok(StepOutcome::Stale),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &Stop, attempt: &OtpAttempt) -> Result<(), ActAbort> {
    let user = users::get(conn, input.user.id)?;
    let token = tokens::get(conn, attempt.token.id)?;
    guard(user.token_id == Some(token.id))?;
    guard(standing(ctx, &user, Some(&token), TokenAct::Stop).is_ok())?;
    let columns = users::TokenColumns {
        token_id: None,
        token_status: StoredTokenStatus::Unregistered,
        token_since: Some(ctx.now),
        revoked_at: None,
        login_otp_chosen: false,
    };
    guard(users::update_token(conn, user.id, user.token_status, user.token_id, &columns)?)?;
    let is_issued = registration::is_issued(ctx, &token);
    let to = if is_issued { TokenState::Retired } else { TokenState::Shipped };
    let from = TokenState::InUse;
    guard(tokens::update_state(conn, token.id, from, to, ctx.now)?)?;
    guard(bring_back(conn, ctx, &user, BringBack::Stopped)?)?;
    let details = TokenReceipt { serial: token.serial.clone(), ..TokenReceipt::default() };
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, "token.stop", &details)?;
    guard(flows::finish(conn, &input.flow.id, FlowStep::Input, receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    let keep = &input.flow.login_id;
    logins::end_of_users(conn, &[user.id], keep, EndReason::TokenChanged, ctx.now)?;
    flows::end_of_user(conn, user.id, &input.flow.id)?;
    let what = Notice {
        serial_last_four: last_four(&token.serial),
        receipt_number: Some(number),
        ..Notice::of(MailKind::TokenStopped)
    };
    notice::enqueue(conn, ctx, &user, &what)?;
    let object = format!("token {}", token.id);
    audit::write(conn, ctx, "token.stop", &object, AuditResult::Done, "")?;
    Ok(())
}
