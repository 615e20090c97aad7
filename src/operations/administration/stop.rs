//! 利用登録解除 (BAU109) and the change of 利用形態 (BAU101): an administrator releases registrations.
//!
//! Rule (otp.md, stop by an administrator): the users lose the token; one that nobody has any more
//! goes back to what is shipped to the contract. Where all share one token, it is released for all
//! of them. A suspended token is released from its suspension, or exchanged, before.

use crate::db::DbConn;
use crate::db::queries::{contracts, flows, logins, members, users};
use crate::domain::audit::AuditResult;
use crate::domain::contract::TokenMode;
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::member::Member;
use crate::domain::permission::{decide_token_act, may_administer};
use crate::domain::token::{StoredTokenStatus, TokenAct, TokenState, UserTokenStatus};
use crate::domain::user::User;
use crate::operations::administration::registration::RegistrationReceipt;
use crate::operations::administration::{
    MemberLine, MembersAct, MembersOutcome, failures_max, finish, load, prove_and_act,
    retire_unused,
};
use crate::operations::limit::bring_back::{BringBack, bring_back};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::code::last_four;
use crate::primitives::ids::TokenId;

/// The name of a release in receipts.
pub const OPERATION: &str = "token.stop";
/// The name of a change of mode.
pub const MODE: &str = "token.mode";

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopKind {
    /// The ticked users, or all of them where they share one token.
    Users,
    /// All users, because another mode shall hold.
    ModeChange(TokenMode),
}

/// Releases registrations.
///
/// Permission: administrators of the contract.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn stop(
    services: &Services,
    ctx: &Ctx,
    input: MembersAct,
    kind: StopKind,
) -> Result<MembersOutcome, OperationError> {
    let ticked = input.clone();
    prove_and_act(services, ctx, &input, move |conn, ctx| act(conn, ctx, &ticked, kind)).await
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MembersAct,
    kind: StopKind,
) -> Result<String, ActAbort> {
    let (actor, targets, mode) = targets(conn, ctx, input, kind)?;
    let max = failures_max(ctx);
    for member in &targets {
        let target = member.target(max, ctx.now);
        guard(decide_token_act(&ctx.profile, &actor, target, TokenAct::Stop).is_ok())?;
    }
    for member in &targets {
        take_away(conn, ctx, member)?;
    }
    let mut token_ids: Vec<TokenId> = targets.iter().filter_map(|member| member.token_id).collect();
    token_ids.sort_unstable();
    token_ids.dedup();
    let kept = retire_unused(conn, ctx, actor.contract_id, &token_ids, TokenState::Shipped)?;
    let members = targets.iter().map(MemberLine::of).collect();
    let details = RegistrationReceipt { mode, serial: None, members, kept };
    let name = if kind == StopKind::Users { OPERATION } else { MODE };
    let (_, url, number) = finish(conn, ctx, input, name, &details)?;
    for token_id in token_ids {
        tell(conn, ctx, &targets, token_id, number)?;
    }
    Ok(url)
}

/// Whom it is about, and which mode holds afterwards. The contract's row is written, so that acts
/// on its tokens come one after the other.
fn targets(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MembersAct,
    kind: StopKind,
) -> Result<(User, Vec<Member>, TokenMode), ActAbort> {
    let actor = users::get(conn, input.actor.id)?;
    guard(may_administer(&ctx.profile, &actor))?;
    let contract = contracts::get(conn, actor.contract_id)?;
    guard(contract.closed_at.is_none())?;
    let before = contract.token_mode.unwrap_or(TokenMode::Each);
    let mode = match kind {
        StopKind::Users => before,
        StopKind::ModeChange(to) => to,
    };
    guard(kind == StopKind::Users || mode != before)?;
    guard(contracts::set_token_mode(conn, contract.id, contract.token_mode, mode)?)?;
    if kind == StopKind::Users && before == TokenMode::Each {
        let (actor, ticked) = load(conn, ctx, input)?;
        return Ok((actor, ticked, mode));
    }
    // An expired token stays until the next one takes its place.
    let mut having = members::list_with_token(conn, actor.contract_id)?;
    having.retain(|member| member.status_at(ctx.now) == UserTokenStatus::InUse);
    guard(!having.is_empty())?;
    Ok((actor, having, mode))
}

/// Ends the user's link to the token and whatever rests on it.
fn take_away(conn: &mut DbConn, ctx: &Ctx, member: &Member) -> Result<(), ActAbort> {
    let columns = users::TokenColumns {
        token_id: None,
        token_status: StoredTokenStatus::Unregistered,
        token_since: Some(ctx.now),
        revoked_at: None,
        login_otp_chosen: false,
    };
    guard(users::update_token(conn, member.id, member.token_status, member.token_id, &columns)?)?;
    logins::end_of_users(conn, &[member.id], "", EndReason::TokenChanged, ctx.now)?;
    flows::end_of_user(conn, member.id, "")?;
    let user = users::get(conn, member.id)?;
    guard(bring_back(conn, ctx, &user, BringBack::Stopped)?)?;
    let object = format!("user {}", member.id);
    let token = member.token_id.map_or_else(String::new, |id| format!("token {id}"));
    audit::write(conn, ctx, OPERATION, &object, AuditResult::Done, &token)?;
    Ok(())
}

/// One notice a token, to whoever keeps it as well.
fn tell(
    conn: &mut DbConn,
    ctx: &Ctx,
    targets: &[Member],
    token_id: TokenId,
    receipt_number: i32,
) -> Result<(), ActAbort> {
    let of_token = || targets.iter().filter(|member| member.token_id == Some(token_id));
    let serial = of_token().find_map(|member| member.serial.as_deref()).unwrap_or_default();
    let what = Notice {
        serial_last_four: last_four(serial),
        receipt_number: Some(receipt_number),
        ..Notice::of(MailKind::TokenStopped)
    };
    let mut concerned = Vec::new();
    for member in of_token() {
        concerned.push(users::get(conn, member.id)?);
    }
    let sharers = users::list_by_token(conn, token_id)?;
    tell_of_token(conn, ctx, &concerned, &sharers, &what)?;
    Ok(())
}
