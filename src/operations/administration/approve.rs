//! 利用停止解除の承認 (BAU080, BAU081): two users release, together, an administrator whom nobody else
//! can release.
//!
//! Rule: each has the right 利用停止解除の承認, a token of their own, and proves it. The first approval
//! waits a day for the second; it holds as long as its giver could still give it.

use serde::{Deserialize, Serialize};

use crate::db::queries::member_lists::{self, MemberFilter, PageOf};
use crate::db::queries::members;
use crate::db::queries::{contracts, release_approvals, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::member::Member;
use crate::domain::permission::quorum::{
    Approval, Case, QuorumRefusal, decide_approval, has_quorum,
};
use crate::domain::right::UserRight;
use crate::domain::user::{Role, User};
use crate::operations::administration::release::{release_token, tell_released};
use crate::operations::administration::{
    MemberLine, MembersAct, MembersOutcome, count_able, failures_max, finish, prove_and_act,
};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, right};
use crate::primitives::clock::UtcTime;
use crate::primitives::code::last_four;
use crate::primitives::ids::{TokenId, UserId};

/// The name in receipts and in the audit log.
pub const NAME: &str = "token.approve_release";
/// As many suspended administrators as one page has lines.
const TARGETS_MAX: i64 = 50;

/// What BAU081 shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalReceipt {
    /// Whose release.
    pub target: MemberLine,
    /// Who was released: everybody with that token; nobody yet after the first approval.
    pub released: Vec<MemberLine>,
    /// Until when the first approval waits for the second.
    pub waits_until: Option<UtcTime>,
}

/// An administrator whom two could release.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Who.
    pub target: Member,
    /// The first approval, and who gave it.
    pub first: Option<(Approval, String)>,
    /// Whether this user may give one.
    pub decided: Result<(), QuorumRefusal>,
}

/// Whether the user was picked to approve.
///
/// # Errors
/// Whatever the database says.
pub fn is_approver(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<bool, DbError> {
    Ok(has_quorum(&ctx.profile)
        && user.paused_at.is_none()
        && user.deleted_at.is_none()
        && right::of_user(conn, ctx, user)?.allows(UserRight::ApproveRelease))
}

/// The administrators of the user's company who wait for two approvals.
///
/// # Errors
/// Whatever the database says.
pub fn list_waiting(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Vec<Waiting>, DbError> {
    if !is_approver(conn, ctx, user)? || count_able(conn, ctx, user, &[])? > 0 {
        return Ok(Vec::new());
    }
    let page = PageOf { size: TARGETS_MAX, page: 0 };
    let mut targets = Vec::new();
    for role in [Role::Master, Role::Administrator] {
        let filter =
            MemberFilter { role: Some(role), is_suspended: Some(true), ..MemberFilter::default() };
        targets.extend(
            member_lists::list(conn, user.contract_id, &filter, failures_max(ctx), page)?.0,
        );
    }
    let mut waiting = Vec::new();
    for target in targets {
        let (decided, first) = decide(conn, ctx, user, &target)?;
        if !matches!(decided, Err(QuorumRefusal::NotSuspended | QuorumRefusal::Stopped)) {
            waiting.push(Waiting { target, first, decided });
        }
    }
    Ok(waiting)
}

type Decided = (Result<(), QuorumRefusal>, Option<(Approval, String)>);

fn decide(conn: &mut DbConn, ctx: &Ctx, actor: &User, target: &Member) -> Result<Decided, DbError> {
    let token_ids: Vec<TokenId> = target.token_id.into_iter().collect();
    let first = match release_approvals::list(conn, &token_ids)?.into_iter().next() {
        Some(first) => holding(conn, ctx, first)?,
        None => None,
    };
    let stopped = members::list_stopped_tokens(conn, actor.contract_id, &token_ids)?;
    let case = Case {
        actor_id: actor.id,
        actor_token_id: actor.token_id,
        target,
        is_stopped: !stopped.is_empty(),
        able: count_able(conn, ctx, actor, &[])?,
        first: first.as_ref().map(|(approval, _)| approval),
    };
    Ok((decide_approval(case, failures_max(ctx)), first))
}

/// The approval with its giver's name, as long as it counts: within its day, from somebody who was
/// not paused, deleted or stopped since, still has the right and the token, which is not suspended.
fn holding(
    conn: &mut DbConn,
    ctx: &Ctx,
    first: Approval,
) -> Result<Option<(Approval, String)>, DbError> {
    let giver = users::get(conn, first.user_id)?;
    let token = tokens::get(conn, first.approver_token_id)?;
    let is_in_order = first.expires_at() > ctx.now
        && giver.stopped_at.is_none()
        && giver.token_id == Some(first.approver_token_id)
        && !token.is_suspended(failures_max(ctx))
        && is_approver(conn, ctx, &giver)?;
    Ok(is_in_order.then_some((first, giver.name)))
}

/// Approves the release of one user; the second approval releases.
///
/// Permission: whoever was picked for it, by the rules of [`decide_approval`].
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn approve(
    services: &Services,
    ctx: &Ctx,
    input: MembersAct,
) -> Result<MembersOutcome, OperationError> {
    let chosen = input.clone();
    prove_and_act(services, ctx, &input, move |conn, ctx| act(conn, ctx, &chosen)).await
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &MembersAct) -> Result<String, ActAbort> {
    let actor = users::get(conn, input.actor.id)?;
    guard(is_approver(conn, ctx, &actor)?)?;
    guard(contracts::get(conn, actor.contract_id)?.closed_at.is_none())?;
    let [target_id]: [UserId; 1] =
        input.user_ids.clone().try_into().map_err(|_| ActAbort::Stale)?;
    let found = members::find_all(conn, actor.contract_id, &[target_id])?;
    let target = found.into_iter().next().ok_or(ActAbort::Stale)?;
    let (decided, first) = decide(conn, ctx, &actor, &target)?;
    guard(decided.is_ok())?;
    let token_id = target.token_id.ok_or(ActAbort::Stale)?;
    let approver_token_id = actor.token_id.ok_or(ActAbort::Stale)?;
    match first {
        Some((first, _)) => second(conn, ctx, input, &target, &first),
        None => {
            let approval =
                Approval { token_id, user_id: actor.id, approver_token_id, approved_at: ctx.now };
            first_of_two(conn, ctx, input, &target, &approval)
        }
    }
}

/// The first approval waits, and everybody concerned hears of it.
fn first_of_two(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MembersAct,
    target: &Member,
    approval: &Approval,
) -> Result<String, ActAbort> {
    // What lies there does not count any more.
    for old in release_approvals::list(conn, &[approval.token_id])? {
        guard(release_approvals::take(conn, &old)?)?;
    }
    guard(release_approvals::insert(conn, approval)?)?;
    audit(conn, ctx, approval.token_id, "first of two")?;
    let waits_until = Some(approval.expires_at());
    let line = MemberLine::of(target);
    let details = ApprovalReceipt { target: line, released: Vec::new(), waits_until };
    let (_, url, number) = finish(conn, ctx, input, NAME, &details)?;
    let token = tokens::get(conn, approval.token_id)?;
    let what = Notice {
        serial_last_four: last_four(&token.serial),
        receipt_number: Some(number),
        ..Notice::of(MailKind::ReleaseApproved)
    };
    let holders = users::list_by_token(conn, approval.token_id)?;
    let mut approvers = release_approvals::list_approvers(conn, target.contract_id)?;
    approvers.retain(|user| user.id != approval.user_id);
    tell_of_token(conn, ctx, &holders, &approvers, &what)?;
    Ok(url)
}

fn second(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MembersAct,
    target: &Member,
    first: &Approval,
) -> Result<String, ActAbort> {
    guard(release_approvals::take(conn, first)?)?;
    audit(conn, ctx, first.token_id, "second of two")?;
    let by = format!("approved by user {} and user {}", first.user_id, input.actor.id);
    let released = release_token(conn, ctx, first.token_id, &by)?;
    let details = ApprovalReceipt { target: MemberLine::of(target), released, waits_until: None };
    let (_, url, number) = finish(conn, ctx, input, NAME, &details)?;
    tell_released(conn, ctx, first.token_id, number)?;
    Ok(url)
}

fn audit(conn: &mut DbConn, ctx: &Ctx, token_id: TokenId, details: &str) -> Result<(), DbError> {
    audit::write(conn, ctx, NAME, &format!("token {token_id}"), AuditResult::Done, details)
}
