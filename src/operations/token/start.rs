//! 利用開始 (BOM102, BOR002, BOT011): the customer proves possession of a token and registers it.
//!
//! Rule: serial and current code of a token that may be registered today, and the confirmation that
//! the auth rules ask for `otp.start`. From then on login and acts ask for the one-time password as
//! the rules say. The version of the terms is kept with the receipt and in the audit line.

use crate::db::queries::{
    flows, logins, one_time_keys, registration_numbers, token_issues, tokens, users,
};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{Flow, FlowStep};
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::registration_number::is_needed;
use crate::domain::token::{StoredTokenStatus, Token, TokenAct, TokenState};
use crate::domain::user::User;
use crate::operations::limit::bring_back::{BringBack, bring_back};
use crate::operations::login::register;
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::otp::{self, OtpAttempt, Search};
use crate::operations::receipt::{self, TokenReceipt};
use crate::operations::step::{StepOutcome, once};
use crate::operations::token::confirmation::{Confirmation, Confirmed, confirm, settle_confirmed};
use crate::operations::token::flow::standing;
use crate::operations::token::registration::{self, RegistrationClaim};
use crate::operations::token::registration_number;
use crate::operations::user::hold::open_hold;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::code::last_four;

/// What BOM102 sends.
#[derive(Debug, Clone)]
pub struct Start {
    /// The customer.
    pub user: User,
    /// The flow, at its input step.
    pub flow: Flow,
    /// Normalised serial.
    pub serial: String,
    /// Normalised code.
    pub code: String,
    /// ログイン時のワンタイムパスワード認証要否, where it is offered.
    pub login_choice: Option<bool>,
    /// 登録番号, where one is needed.
    pub registration_number: Option<String>,
    /// The confirmation.
    pub confirmation: Confirmation,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// Registers the token.
///
/// Permission: the user of the flow.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn start(
    services: &Services,
    ctx: &Ctx,
    input: Start,
) -> Result<StepOutcome, OperationError> {
    once(services, ctx, &input.key, start_with_key(services, ctx, &input)).await
}

async fn start_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Start,
) -> Result<StepOutcome, OperationError> {
    let confirmed = match confirm(services, ctx, &input.user, &input.confirmation).await? {
        Ok(confirmed) => confirmed,
        Err(refusal) => return Ok(StepOutcome::Refused(vec![refusal])),
    };
    let number = match prove_number(services, ctx, input).await? {
        Ok(number) => number,
        Err(outcome) => return settle_refused(services, ctx, input, confirmed, outcome).await,
    };
    let (claim_ctx, keys, claim_input) = (ctx.clone(), services.keys.clone(), input.clone());
    let claim = services
        .db
        .claim(move |conn| {
            let pair = (claim_input.serial.as_str(), claim_input.code.as_str());
            let (user, flow) = (&claim_input.user, &claim_input.flow);
            registration::claim_in_tx(conn, &claim_ctx, &keys, user, flow, pair, None)
        })
        .await?;
    let token = match claim {
        RegistrationClaim::Claimed(token) => *token,
        RegistrationClaim::Key(_) => return Ok(StepOutcome::Stale),
        RegistrationClaim::Refused(outcome) => {
            return settle_refused(services, ctx, input, confirmed, outcome).await;
        }
    };
    // A token that others use already has had its clock learnt.
    let is_in_use = token.state == TokenState::InUse;
    let search = if is_in_use { Search::Window } else { Search::FirstRegistration };
    let attempt = otp::compare(ctx, &services.keys, token, &input.code, search)?;
    let (ctx, input) = (ctx.clone(), input.clone());
    let proven = Proven { confirmed, number, attempt };
    let outcome = services.db.write(move |conn| settle(conn, &ctx, &input, &proven)).await?;
    Ok(outcome)
}

/// What stands proven before the act.
struct Proven {
    confirmed: Confirmed,
    /// 登録番号, where one is needed.
    number: Option<String>,
    attempt: OtpAttempt,
}

/// An issue that waits for its start has asked for the number already (BOT001).
async fn prove_number(
    services: &Services,
    ctx: &Ctx,
    input: &Start,
) -> Result<Result<Option<String>, StepOutcome>, DbError> {
    if input.user.token_status == StoredTokenStatus::Issued {
        return Ok(Ok(None));
    }
    let number = input.registration_number.as_deref();
    registration_number::prove(services, ctx, &input.user, &input.flow, number).await
}

async fn settle_refused(
    services: &Services,
    ctx: &Ctx,
    input: &Start,
    confirmed: Confirmed,
    outcome: StepOutcome,
) -> Result<StepOutcome, OperationError> {
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome = services
        .db
        .write(move |conn| {
            settle_confirmed(conn, &input.user, &confirmed)?;
            registration::end_if_used_up(conn, &ctx, &input.flow, outcome.clone())
        })
        .await?;
    Ok(outcome)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Start,
    proven: &Proven,
) -> Result<StepOutcome, DbError> {
    let is_confirmed = settle_confirmed(conn, &input.user, &proven.confirmed)?;
    if let Err(refusal) = otp::settle_in_tx(conn, ctx, &proven.attempt)? {
        let outcome = StepOutcome::Refused(vec![refusal]);
        return registration::end_if_used_up(conn, ctx, &input.flow, outcome);
    }
    if !is_confirmed {
        return Ok(StepOutcome::Stale);
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, proven)) {
        Ok(()) => Ok(StepOutcome::Done),
        Err(ActAbort::Stale) => Ok(StepOutcome::Stale),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

/// An issued token is started by its own customer once its app is set up; the token it follows
/// (an expired one) retires.
fn end_issue(conn: &mut DbConn, ctx: &Ctx, user: &User, token: &Token) -> Result<(), ActAbort> {
    let issue = token_issues::find_open(conn, user.id)?.ok_or(ActAbort::Stale)?;
    guard(issue.token_id == token.id)?;
    guard(token_issues::update_started(conn, issue.id, ctx.now)?)?;
    if let Some(earlier) = issue.previous_token_id {
        tokens::update_state(conn, earlier, TokenState::InUse, TokenState::Retired, ctx.now)?;
    }
    Ok(())
}

/// Who needed a number has shown it in this attempt or when the token was issued; either way it is
/// spent now. A revocation since asks for another one.
fn spend_number(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    number: Option<&str>,
) -> Result<(), ActAbort> {
    match number {
        Some(number) => guard(registration_numbers::spend(conn, user.id, number, ctx.now)?),
        None if user.token_status == StoredTokenStatus::Issued => {
            Ok(registration_numbers::delete(conn, user.id)?)
        }
        None => guard(!is_needed(&ctx.profile, user)),
    }
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &Start, proven: &Proven) -> Result<(), ActAbort> {
    let attempt = &proven.attempt;
    let user = users::get(conn, input.user.id)?;
    spend_number(conn, ctx, &user, proven.number.as_deref())?;
    let earlier = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    guard(standing(ctx, &user, earlier.as_ref(), TokenAct::Start).is_ok())?;
    if let Some(earlier) = earlier.filter(|token| token.state == TokenState::InUse) {
        // Expired: the new token takes its place for good.
        let (from, to) = (TokenState::InUse, TokenState::Retired);
        guard(tokens::update_state(conn, earlier.id, from, to, ctx.now)?)?;
    }
    if registration::is_issued(ctx, &attempt.token) {
        end_issue(conn, ctx, &user, &attempt.token)?;
    }
    guard(registration::take_into_use(conn, ctx, &user, &attempt.token)?)?;
    let is_chosen = input.login_choice.unwrap_or(matches!(
        ctx.profile.tokens.login_choice_preset,
        crate::domain::portal::LoginAnswer::Required
    ));
    let columns = users::TokenColumns {
        token_id: Some(attempt.token.id),
        token_status: StoredTokenStatus::InUse,
        token_since: Some(ctx.now),
        revoked_at: None,
        login_otp_chosen: is_chosen,
    };
    guard(users::update_token(conn, user.id, user.token_status, user.token_id, &columns)?)?;
    guard(bring_back(conn, ctx, &user, BringBack::Started)?)?;
    open_hold(conn, ctx, &user)?;
    let details = TokenReceipt {
        serial: attempt.token.serial.clone(),
        old_serial: None,
        login_choice: input.login_choice,
        terms_version: Some(ctx.profile.help.terms_version.clone()),
    };
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, "token.start", &details)?;
    guard(flows::finish(conn, &input.flow.id, FlowStep::Input, receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    logins::end_of_users(conn, &[user.id], &input.flow.login_id, EndReason::TokenChanged, ctx.now)?;
    register::complete_in_tx(conn, ctx, &user, &input.flow.login_id)?;
    flows::end_of_user(conn, user.id, &input.flow.id)?;
    let what = Notice {
        serial_last_four: last_four(&attempt.token.serial),
        receipt_number: Some(number),
        ..Notice::of(MailKind::TokenStarted)
    };
    let sharers = users::list_by_token(conn, attempt.token.id)?;
    tell_of_token(conn, ctx, std::slice::from_ref(&user), &sharers, &what)?;
    let object = format!("token {}", attempt.token.id);
    let details = format!("terms {}", ctx.profile.help.terms_version);
    audit::write(conn, ctx, "token.start", &object, AuditResult::Done, &details)?;
    Ok(())
}
