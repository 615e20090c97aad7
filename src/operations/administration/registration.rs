//! 利用者のトークン登録 (BAU102 to BAU104): an administrator registers a token for users.
//!
//! Rule (otp.md, start and exchange by an administrator): the confirmation that the auth rules ask
//! for, and possession of a token shipped to this contract: serial and current code. In the first
//! mode the ticked users share it, in the second all users of the contract do, those of later
//! too. Whoever has a token in use exchanges it; a token that nobody has any more retires.

use serde::{Deserialize, Serialize};

use crate::db::queries::{contracts, flows, logins, members, one_time_keys, tokens, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::contract::{TokenMode, needs_mode_change};
use crate::domain::flow::{Flow, FlowOperation, FlowStep, MENU_FLOW_LIFETIME};
use crate::domain::login::{EndReason, Login};
use crate::domain::mail::MailKind;
use crate::domain::member::Member;
use crate::domain::permission::{decide_token_act, may_administer};
use crate::domain::token::{StoredTokenStatus, Token, TokenAct, TokenState, UserTokenStatus};
use crate::domain::user::{Role, User};
use crate::operations::administration::{
    MemberLine, MembersOutcome, failures_max, outcome_of, retire_unused,
};
use crate::operations::limit::bring_back::{BringBack, bring_back};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::otp::{self, OtpAttempt, Search};
use crate::operations::step::{StepOutcome, once};
use crate::operations::token::confirmation::{Confirmation, Confirmed, confirm, settle_confirmed};
use crate::operations::token::registration::{self, RegistrationClaim};
use crate::operations::user::hold::open_hold;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, receipt};
use crate::primitives::code::last_four;
use crate::primitives::ids::{TokenId, UserId, random_short_id};

/// The act's name in receipts.
pub const OPERATION: &str = "token.register";

/// What a flow of a registration keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    mode: TokenMode,
}

/// The mode of a flow that [`begin`] began.
#[must_use]
pub fn mode_of(flow: &Flow) -> Option<TokenMode> {
    serde_json::from_str::<Draft>(&flow.draft).ok().map(|draft| draft.mode)
}

/// Begins a registration. Nothing: another mode holds and tokens are in use, so that has to change
/// first.
///
/// Permission: administrators of the contract.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn begin(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    mode: TokenMode,
) -> Result<Option<String>, OperationError> {
    let flow_id = random_short_id()?;
    let (ctx, login) = (ctx.clone(), login.clone());
    let draft = serde_json::to_string(&Draft { mode }).unwrap_or_default();
    let begun = services
        .db
        .write(move |conn| {
            let user = users::get(conn, login.user_id)?;
            let contract = contracts::get(conn, user.contract_id)?;
            let having = members::list_with_token(conn, user.contract_id)?;
            if !may_administer(&ctx.profile, &user)
                || needs_mode_change(&contract, mode, &having, ctx.now)
            {
                return Ok::<_, DbError>(None);
            }
            begin_in_tx(conn, &ctx, &login, &flow_id, &draft)?;
            Ok(Some(flow_id.clone()))
        })
        .await?;
    Ok(begun)
}

fn begin_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &Login,
    flow_id: &str,
    draft: &str,
) -> Result<(), DbError> {
    flows::end_of_user(conn, login.user_id, flow_id)?;
    flows::insert(
        conn,
        flows::NewFlow {
            id: flow_id.to_owned(),
            portal: ctx.portal_slug().to_owned(),
            user_id: login.user_id,
            login_id: login.id.clone(),
            operation: FlowOperation::TokenStart,
            step: FlowStep::Input,
            token_id: None,
            created_at: ctx.now,
            expires_at: ctx.now + MENU_FLOW_LIFETIME,
        },
    )?;
    flows::update_draft(conn, flow_id, FlowStep::Input, FlowStep::Input, draft)?;
    let object = format!("user {}", login.user_id);
    audit::write(conn, ctx, OPERATION, &object, AuditResult::Done, "begun")
}

/// What BAU102 and BAU104 send.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The administrator.
    pub actor: User,
    /// The flow, at its input step.
    pub flow: Flow,
    /// The flow's mode.
    pub mode: TokenMode,
    /// The ticked users; nobody where all get the token.
    pub user_ids: Vec<UserId>,
    /// Normalised serial.
    pub serial: String,
    /// Normalised code.
    pub code: String,
    /// The confirmation.
    pub confirmation: Confirmation,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which address results show; the receipt's id follows.
    pub results_url: String,
}

/// What BAU103 shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationReceipt {
    /// The mode that holds now.
    pub mode: TokenMode,
    /// The token registered; nothing where registrations were released.
    pub serial: Option<String>,
    /// Whom it was done to, with the tokens that they had before.
    pub members: Vec<MemberLine>,
    /// Who keeps a token that others lost.
    pub kept: Vec<MemberLine>,
}

/// Registers the token.
///
/// Permission: administrators of the contract, in a flow of their own.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn register(
    services: &Services,
    ctx: &Ctx,
    input: Registration,
) -> Result<MembersOutcome, OperationError> {
    once(services, ctx, &input.key, register_with_key(services, ctx, &input)).await
}

async fn register_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Registration,
) -> Result<MembersOutcome, OperationError> {
    let confirmed = match confirm(services, ctx, &input.actor, &input.confirmation).await? {
        Ok(confirmed) => confirmed,
        Err(refusal) => return Ok(StepOutcome::Refused(vec![refusal]).into()),
    };
    let (claim_ctx, keys, claimed) = (ctx.clone(), services.keys.clone(), input.clone());
    let claim = services
        .db
        .claim(move |conn| {
            let pair = (claimed.serial.as_str(), claimed.code.as_str());
            let (actor, flow) = (&claimed.actor, &claimed.flow);
            registration::claim_in_tx(conn, &claim_ctx, &keys, actor, flow, pair, None)
        })
        .await?;
    let token = match claim {
        RegistrationClaim::Claimed(token) => *token,
        RegistrationClaim::Key(_) => return Ok(StepOutcome::Stale.into()),
        RegistrationClaim::Refused(outcome) => {
            return settle_refused(services, ctx, input, confirmed, outcome).await;
        }
    };
    // A token that others use already has had its clock learnt.
    let is_in_use = token.state == TokenState::InUse;
    let search = if is_in_use { Search::Window } else { Search::FirstRegistration };
    let attempt = otp::compare(ctx, &services.keys, token, &input.code, search)?;
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome =
        services.db.write(move |conn| settle(conn, &ctx, &input, &confirmed, &attempt)).await?;
    Ok(outcome)
}

async fn settle_refused(
    services: &Services,
    ctx: &Ctx,
    input: &Registration,
    confirmed: Confirmed,
    outcome: StepOutcome,
) -> Result<MembersOutcome, OperationError> {
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome = services
        .db
        .write(move |conn| {
            settle_confirmed(conn, &input.actor, &confirmed)?;
            registration::end_if_used_up(conn, &ctx, &input.flow, outcome.clone())
        })
        .await?;
    Ok(outcome.into())
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Registration,
    confirmed: &Confirmed,
    attempt: &OtpAttempt,
) -> Result<MembersOutcome, DbError> {
    let is_confirmed = settle_confirmed(conn, &input.actor, confirmed)?;
    if let Err(refusal) = otp::settle_in_tx(conn, ctx, attempt)? {
        let outcome = StepOutcome::Refused(vec![refusal]);
        return Ok(registration::end_if_used_up(conn, ctx, &input.flow, outcome)?.into());
    }
    if !is_confirmed {
        return Ok(StepOutcome::Stale.into());
    }
    outcome_of(savepoint_act(conn, |conn| act(conn, ctx, input, &attempt.token)))
}

/// Gives a user who was just registered the token that all users of the contract share. False: each
/// has an own one, or none is in use yet.
///
/// Permission: whoever registers the user.
///
/// # Errors
/// Whatever the database says.
pub fn join_in_tx(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<bool, ActAbort> {
    let contract = contracts::get(conn, user.contract_id)?;
    if contract.token_mode != Some(TokenMode::All) || user.role != Role::General {
        return Ok(false);
    }
    let having = members::list_with_token(conn, user.contract_id)?;
    let shared = having.iter().find(|one| one.status_at(ctx.now) == UserTokenStatus::InUse);
    let Some(token_id) = shared.and_then(|one| one.token_id) else { return Ok(false) };
    let (mode, all) = (contract.token_mode, TokenMode::All);
    guard(contracts::set_token_mode(conn, contract.id, mode, all)?)?;
    let before = members::find_all(conn, user.contract_id, &[user.id])?;
    let before = before.into_iter().next().ok_or(ActAbort::Stale)?;
    let given = Given { user: user.clone(), before, act: TokenAct::Start };
    let token = tokens::get(conn, token_id)?;
    give(conn, ctx, &given, &token)?;
    Ok(true)
}

/// A user to whom the token goes, and by which act of the life cycle.
struct Given {
    user: User,
    before: Member,
    act: TokenAct,
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Registration,
    token: &Token,
) -> Result<String, ActAbort> {
    let actor = users::get(conn, input.actor.id)?;
    guard(may_administer(&ctx.profile, &actor))?;
    set_mode(conn, ctx, &actor, input.mode)?;
    let given = targets(conn, ctx, &actor, input, token.id)?;
    guard(registration::take_into_use(conn, ctx, &actor, token)?)?;
    for one in &given {
        give(conn, ctx, one, token)?;
    }
    let mut old: Vec<TokenId> = given.iter().filter_map(|one| one.before.token_id).collect();
    old.sort_unstable();
    old.dedup();
    let kept = retire_unused(conn, ctx, actor.contract_id, &old, TokenState::Retired)?;
    let details = RegistrationReceipt {
        mode: input.mode,
        serial: Some(token.serial.clone()),
        members: given.iter().map(|one| MemberLine::of(&one.before)).collect(),
        kept,
    };
    let (id, number) = receipt::write_in_tx(conn, ctx, actor.id, OPERATION, &details)?;
    guard(flows::finish(conn, &input.flow.id, FlowStep::Input, id)?)?;
    let url = format!("{}/{id}", input.results_url);
    guard(one_time_keys::finish(conn, &input.key.key, &url)?)?;
    tell(conn, ctx, &given, token, number)?;
    Ok(url)
}

/// The contract's row is written by each of these acts, so that they come one after the other.
fn set_mode(conn: &mut DbConn, ctx: &Ctx, actor: &User, mode: TokenMode) -> Result<(), ActAbort> {
    let contract = contracts::get(conn, actor.contract_id)?;
    guard(contract.closed_at.is_none())?;
    let having = members::list_with_token(conn, actor.contract_id)?;
    guard(!needs_mode_change(&contract, mode, &having, ctx.now))?;
    guard(contracts::set_token_mode(conn, contract.id, contract.token_mode, mode)?)
}

/// Whom the token goes to: whoever has it already is left as they are.
fn targets(
    conn: &mut DbConn,
    ctx: &Ctx,
    actor: &User,
    input: &Registration,
    token_id: TokenId,
) -> Result<Vec<Given>, ActAbort> {
    let found = match input.mode {
        TokenMode::All => members::list_of_role(conn, actor.contract_id, Role::General)?,
        TokenMode::Each => {
            let found = members::find_all(conn, actor.contract_id, &input.user_ids)?;
            guard(found.len() == input.user_ids.len())?;
            found
        }
    };
    let max = failures_max(ctx);
    let mut given = Vec::new();
    for before in found {
        guard(before.role == Role::General)?;
        let target = before.target(max, ctx.now);
        if before.token_id == Some(token_id) && target.status == UserTokenStatus::InUse {
            continue;
        }
        let act = match target.status {
            UserTokenStatus::InUse => TokenAct::Exchange,
            _ => TokenAct::Start,
        };
        guard(decide_token_act(&ctx.profile, actor, target, act).is_ok())?;
        let user = users::get(conn, before.id)?;
        let from = user.revoked_at.map(|at| ctx.profile.revocation_wait_until(at));
        guard(from.is_none_or(|from| from <= ctx.now))?;
        given.push(Given { user, before, act });
    }
    guard(!given.is_empty())?;
    Ok(given)
}

fn give(conn: &mut DbConn, ctx: &Ctx, given: &Given, token: &Token) -> Result<(), ActAbort> {
    let user = &given.user;
    let columns = users::TokenColumns {
        token_id: Some(token.id),
        token_status: StoredTokenStatus::InUse,
        token_since: Some(ctx.now),
        revoked_at: None,
        login_otp_chosen: false,
    };
    let (status, before) = (given.before.token_status, given.before.token_id);
    guard(users::update_token(conn, user.id, status, before, &columns)?)?;
    if given.act == TokenAct::Start {
        guard(bring_back(conn, ctx, user, BringBack::Started)?)?;
    }
    open_hold(conn, ctx, user)?;
    logins::end_of_users(conn, &[user.id], "", EndReason::TokenChanged, ctx.now)?;
    flows::end_of_user(conn, user.id, "")?;
    let name = match given.act {
        TokenAct::Exchange => "token.exchange",
        _ => "token.start",
    };
    let details = format!("token {} by an administrator", token.id);
    audit::write(conn, ctx, name, &format!("user {}", user.id), AuditResult::Done, &details)?;
    Ok(())
}

/// One notice for those who start, one for each token that others exchange; to whoever shares the
/// token already as well.
fn tell(
    conn: &mut DbConn,
    ctx: &Ctx,
    given: &[Given],
    token: &Token,
    receipt_number: i32,
) -> Result<(), ActAbort> {
    let is_new = |user: &User| given.iter().any(|one| one.user.id == user.id);
    let holders = users::list_by_token(conn, token.id)?;
    let sharers: Vec<User> = holders.into_iter().filter(|user| !is_new(user)).collect();
    let what = |kind, old: Option<&str>| Notice {
        serial_last_four: last_four(&token.serial),
        old_serial_last_four: old.map(last_four),
        receipt_number: Some(receipt_number),
        ..Notice::of(kind)
    };
    let users_of = |act: TokenAct, old: Option<TokenId>| -> Vec<User> {
        let of = given.iter().filter(|one| one.act == act);
        let of = of.filter(|one| act == TokenAct::Start || one.before.token_id == old);
        of.map(|one| one.user.clone()).collect()
    };
    let started = users_of(TokenAct::Start, None);
    tell_of_token(conn, ctx, &started, &sharers, &what(MailKind::TokenStarted, None))?;
    let mut exchanged: Vec<(TokenId, &str)> = given
        .iter()
        .filter(|one| one.act == TokenAct::Exchange)
        .filter_map(|one| Some((one.before.token_id?, one.before.serial.as_deref()?)))
        .collect();
    exchanged.sort_unstable();
    exchanged.dedup();
    for (old, serial) in exchanged {
        let users = users_of(TokenAct::Exchange, Some(old));
        // Whoever keeps the old token hears of it as well as whoever has the new one.
        let mut others = sharers.clone();
        others.extend(users::list_by_token(conn, old)?);
        tell_of_token(conn, ctx, &users, &others, &what(MailKind::TokenExchanged, Some(serial)))?;
    }
    Ok(())
}
