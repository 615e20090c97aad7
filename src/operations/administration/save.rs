//! 利用者情報の登録・変更・削除 (BAU033; BAU106 and BAU107 of a contract's one administrator): what the
//! flow's draft says, once the administrator has proven themself.
//!
//! Rule: `user.manage` of the auth rules, and who may do what to whom (`permission/users.rs`). What
//! stood when the flow began must still stand. Rights and limits stay within the contract's. Where
//! all users share one token, a new user gets it in the same act.

use serde::{Deserialize, Serialize};

use crate::db::queries::{
    accounts, contracts, flows, logins, member_acts, members, one_time_keys, tokens, user_rights,
    users,
};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{Flow, FlowStep};
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::member::{HandOver, Member, MemberAct, MemberDraft};
use crate::domain::permission::may_administer;
use crate::domain::permission::users::{
    UserAct, decide_grant, decide_registration, decide_user_act,
};
use crate::domain::right::{Grant, UserRight};
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::{Role, SetupState, User};
use crate::operations::administration::delete::{delete_in_tx, give_back};
use crate::operations::administration::draft;
use crate::operations::administration::initial_password::{self, DrawnPassword, hand_over_in_tx};
use crate::operations::administration::registration::join_in_tx;
use crate::operations::administration::reset;
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::act::{ActProof, Asked, GivenProof, settle_in_tx};
use crate::operations::proof::once::once_proven;
use crate::operations::step::{Outcome, StepOutcome};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, receipt, right};
use crate::primitives::code::last_four;
use crate::primitives::ids::{ContractId, ReceiptId, UserId};
use crate::primitives::password::nobodys_hash;

/// The name of the act in receipts: that of its auth rule.
pub const NAME: &str = "user.manage";

/// What BAU033 sends.
#[derive(Debug, Clone)]
pub struct Save {
    /// The administrator.
    pub actor: User,
    /// The flow, at its check step, with the draft.
    pub flow: Flow,
    /// What the auth rules ask for.
    pub proof: GivenProof,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveOutcome {
    /// As any step of a flow.
    Step(StepOutcome),
    /// Somebody took the login id meanwhile.
    IdTaken,
}

impl From<StepOutcome> for SaveOutcome {
    fn from(outcome: StepOutcome) -> SaveOutcome {
        SaveOutcome::Step(outcome)
    }
}

impl Outcome for SaveOutcome {
    fn is_done(&self) -> bool {
        *self == SaveOutcome::Step(StepOutcome::Done)
    }
}

/// What BAU034 shows beside number and time; never a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveReceipt {
    /// What was done, and what was typed.
    pub draft: MemberDraft,
    /// Whom it was done to.
    pub user_id: UserId,
}

/// Does what the flow's draft says.
///
/// Permission: master and administrator users of the same contract, by the rules for the act.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn save(
    services: &Services,
    ctx: &Ctx,
    input: Save,
) -> Result<SaveOutcome, OperationError> {
    let Some(draft) = draft::read(&input.flow) else { return Ok(StepOutcome::Stale.into()) };
    let asked = Asked::of(&input.actor, &input.proof);
    let save = |proof| save_proven(services, ctx, &input, (draft, proof));
    once_proven(services, ctx, &input.key, asked, save).await
}

async fn save_proven(
    services: &Services,
    ctx: &Ctx,
    input: &Save,
    (draft, proof): (MemberDraft, ActProof),
) -> Result<SaveOutcome, OperationError> {
    let is_drawn = match draft.act {
        MemberAct::Register => true,
        MemberAct::Change => draft.resets,
        MemberAct::Delete => false,
    };
    let drawn = if is_drawn {
        Some(initial_password::draw(services, ctx, &draft.login_id).await?)
    } else {
        None
    };
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome = services
        .db
        .write(move |conn| settle(conn, &ctx, &input, &draft, (&proof, drawn.as_ref())))
        .await?;
    Ok(outcome)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Save,
    draft: &MemberDraft,
    (proof, drawn): (&ActProof, Option<&DrawnPassword>),
) -> Result<SaveOutcome, DbError> {
    if let Err(refusal) = settle_in_tx(conn, ctx, &input.actor, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]).into());
    }
    let is_taken = draft.act == MemberAct::Register
        && member_acts::is_login_id_taken(conn, ctx.portal_slug(), &draft.login_id)?;
    if is_taken {
        return Ok(SaveOutcome::IdTaken);
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, draft, drawn)) {
        Ok(()) => Ok(StepOutcome::Done.into()),
        Err(ActAbort::Stale) => Ok(StepOutcome::Stale.into()),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Save,
    draft: &MemberDraft,
    drawn: Option<&DrawnPassword>,
) -> Result<(), ActAbort> {
    let actor = users::get(conn, input.actor.id)?;
    guard(may_administer(&ctx.profile, &actor) && actor.stopped_at.is_none())?;
    guard(contracts::get(conn, actor.contract_id)?.closed_at.is_none())?;
    let current = flows::find(conn, ctx.portal_slug(), &input.flow.id, &input.flow.login_id)?;
    guard(current.is_some_and(|current| current.draft == input.flow.draft))?;
    let user = match (draft.act, drawn) {
        (MemberAct::Register, Some(drawn)) => register(conn, ctx, &actor, draft, drawn)?,
        (MemberAct::Change, drawn) => change(conn, ctx, &actor, draft, drawn)?,
        (MemberAct::Delete, _) => delete(conn, ctx, &actor, draft)?,
        (MemberAct::Register, None) => return Err(ActAbort::Stale),
    };
    let has_joined = draft.act == MemberAct::Register && join_in_tx(conn, ctx, &user)?;
    let receipt = finish(conn, ctx, input, draft, &user)?;
    if let Some(drawn) = drawn {
        let address = draft.address.as_deref().or(user.mail_address.as_deref());
        guard(draft.hand_over == HandOver::Print || address.is_some())?;
        hand_over_in_tx(conn, ctx, receipt, &user, drawn, (draft.hand_over, address))?;
    }
    if has_joined {
        tell_of_shared(conn, ctx, user.id, receipt.1)?;
    }
    Ok(())
}

/// Everybody who has the token of all hears that one more has it.
fn tell_of_shared(
    conn: &mut DbConn,
    ctx: &Ctx,
    user_id: UserId,
    receipt_number: i32,
) -> Result<(), ActAbort> {
    let user = users::get(conn, user_id)?;
    let token_id = user.token_id.ok_or(ActAbort::Stale)?;
    let what = Notice {
        serial_last_four: last_four(&tokens::get(conn, token_id)?.serial),
        receipt_number: Some(receipt_number),
        ..Notice::of(MailKind::TokenStarted)
    };
    let sharers = users::list_by_token(conn, token_id)?;
    tell_of_token(conn, ctx, &[user], &sharers, &what)?;
    Ok(())
}

/// Whether everything granted is the contract's, and the portal has it.
fn is_within(
    conn: &mut DbConn,
    ctx: &Ctx,
    contract_id: ContractId,
    grant: &Grant,
) -> Result<bool, DbError> {
    let offered = UserRight::offered(&ctx.profile);
    let own: Vec<_> =
        accounts::list_by_contract(conn, contract_id)?.iter().map(|account| account.id).collect();
    let contract = right::contract_limits(conn, ctx, contract_id)?;
    Ok(grant.rights.iter().all(|right| offered.contains(right))
        && grant.account_ids.iter().all(|id| own.contains(id))
        && grant.is_within(&contract))
}

/// Master users need no rows: they may do everything.
fn kept_grant(draft: &MemberDraft) -> Grant {
    if draft.role == Role::Master { Grant::default() } else { draft.grant.clone() }
}

fn register(
    conn: &mut DbConn,
    ctx: &Ctx,
    actor: &User,
    draft: &MemberDraft,
    drawn: &DrawnPassword,
) -> Result<User, ActAbort> {
    guard(decide_registration(&ctx.profile, actor, draft.role).is_ok())?;
    let grant = kept_grant(draft);
    guard(is_within(conn, ctx, actor.contract_id, &grant)?)?;
    let new = users::NewUser {
        portal: ctx.portal_slug().to_owned(),
        contract_id: actor.contract_id,
        login_id: draft.login_id.clone(),
        role: draft.role,
        name: draft.name.clone(),
        mail_address: None,
        login_secret_hash: drawn.hash.clone(),
        confirm_secret_hash: drawn
            .confirm_hash
            .clone()
            .unwrap_or_else(|| nobodys_hash().to_owned()),
        setup_state: SetupState::Initial,
        token_id: None,
        token_status: StoredTokenStatus::Unregistered,
        token_since: None,
        login_otp_chosen: false,
        created_at: ctx.now,
    };
    guard(contracts::touch_open(conn, actor.contract_id)?)?;
    let id = users::insert(conn, new)?;
    user_rights::replace(conn, id, &grant)?;
    if let Some(address) = &draft.address {
        member_acts::set_unverified_address(conn, id, address)?;
    }
    Ok(users::get(conn, id)?)
}

/// The user as of now, if that is as of the beginning of the flow.
fn find_target(
    conn: &mut DbConn,
    actor: &User,
    draft: &MemberDraft,
) -> Result<(Member, member_acts::Seen), ActAbort> {
    let id = draft.user_id.ok_or(ActAbort::Stale)?;
    let found = members::find_all(conn, actor.contract_id, &[id])?;
    let member = found.into_iter().next().ok_or(ActAbort::Stale)?;
    guard(member.version == draft.version)?;
    let seen = member_acts::Seen { id, contract_id: actor.contract_id, version: draft.version };
    Ok((member, seen))
}

fn change(
    conn: &mut DbConn,
    ctx: &Ctx,
    actor: &User,
    draft: &MemberDraft,
    drawn: Option<&DrawnPassword>,
) -> Result<User, ActAbort> {
    let (member, seen) = find_target(conn, actor, draft)?;
    let masters = members::count_masters(conn, actor.contract_id)?;
    let (profile, facts) = (&ctx.profile, member.user_target(masters));
    guard(decide_user_act(profile, actor, facts, UserAct::Change(draft.role)).is_ok())?;
    let (before, after) = (user_rights::find(conn, seen.id)?, kept_grant(draft));
    guard(decide_grant(actor.id, seen.id, &before, &after).is_ok())?;
    guard(is_within(conn, ctx, actor.contract_id, &after)?)?;
    guard(member_acts::change(conn, seen, &draft.name, draft.role)?)?;
    user_rights::replace(conn, seen.id, &after)?;
    change_address(conn, &member, draft)?;
    if let Some(drawn) = drawn {
        guard(decide_user_act(profile, actor, facts, UserAct::ResetPassword).is_ok())?;
        let changed = member_acts::Seen { version: seen.version + 1, ..seen };
        begin_anew(conn, ctx, changed, drawn)?;
    }
    Ok(users::get(conn, seen.id)?)
}

/// New initial secrets: both are unlocked, and the next login is a first one.
fn begin_anew(
    conn: &mut DbConn,
    ctx: &Ctx,
    seen: member_acts::Seen,
    drawn: &DrawnPassword,
) -> Result<(), ActAbort> {
    guard(member_acts::reset_password(conn, seen, &drawn.hash)?)?;
    if let Some(hash) = &drawn.confirm_hash {
        member_acts::set_initial_confirm(conn, seen.id, hash)?;
    }
    logins::end_of_users(conn, &[seen.id], "", EndReason::SecretChanged, ctx.now)?;
    flows::end_of_user(conn, seen.id, "")?;
    let object = format!("user {}", seen.id);
    audit::write(conn, ctx, reset::NAME, &object, AuditResult::Done, "")?;
    Ok(())
}

fn delete(
    conn: &mut DbConn,
    ctx: &Ctx,
    actor: &User,
    draft: &MemberDraft,
) -> Result<User, ActAbort> {
    let (member, seen) = find_target(conn, actor, draft)?;
    let masters = members::count_masters(conn, actor.contract_id)?;
    let facts = member.user_target(masters);
    guard(decide_user_act(&ctx.profile, actor, facts, UserAct::Delete).is_ok())?;
    let user = delete_in_tx(conn, ctx, &member, seen)?;
    if let Some(token_id) = member.token_id {
        give_back(conn, ctx, token_id, user.stopped_at.is_some())?;
    }
    Ok(user)
}

/// A new address waits until its user has proven it; the proven one stays until then.
fn change_address(conn: &mut DbConn, member: &Member, draft: &MemberDraft) -> Result<(), DbError> {
    match &draft.address {
        Some(address) if member.mail_address.as_ref() != Some(address) => {
            member_acts::set_unverified_address(conn, member.id, address)
        }
        _ => {
            member_acts::delete_unverified_address(conn, member.id)?;
            member_acts::finish_setup(conn, member.id)?;
            Ok(())
        }
    }
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Save,
    draft: &MemberDraft,
    user: &User,
) -> Result<(ReceiptId, i32), ActAbort> {
    let details = SaveReceipt { draft: draft.clone(), user_id: user.id };
    let (id, number) = receipt::write_in_tx(conn, ctx, input.actor.id, NAME, &details)?;
    guard(flows::finish(conn, &input.flow.id, FlowStep::Confirm, id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    let (name, kind) = match draft.act {
        MemberAct::Register => ("user.register", MailKind::UserRegistered),
        MemberAct::Change => ("user.change", MailKind::UserChanged),
        MemberAct::Delete => ("user.delete", MailKind::UserDeleted),
    };
    let what = Notice { receipt_number: Some(number), ..Notice::of(kind) };
    tell_of_token(conn, ctx, std::slice::from_ref(user), &[], &what)?;
    if draft.resets {
        let what = Notice { kind: MailKind::PasswordReset, ..what };
        tell_of_token(conn, ctx, std::slice::from_ref(user), &[], &what)?;
    }
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, name, &object, AuditResult::Done, &audit_text(draft))?;
    Ok((id, number))
}

/// `general, rights transfer balance, 2 accounts, transfer 100/300`.
fn audit_text(draft: &MemberDraft) -> String {
    if draft.act == MemberAct::Delete {
        return String::new();
    }
    let grant = kept_grant(draft);
    let rights: Vec<&str> = grant.rights.iter().map(|right| right.as_str()).collect();
    let limits: Vec<String> = grant
        .limits
        .iter()
        .map(|(service, own)| format!(", {service} {}/{}", own.per_transaction.0, own.daily.0))
        .collect();
    let accounts = grant.account_ids.len();
    let (role, rights) = (draft.role, rights.join(" "));
    format!("{role}, rights {rights}, {accounts} accounts{}", limits.concat())
}
