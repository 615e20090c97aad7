//! 利用停止解除の承認 (BAU080): two users who were picked for it release, together, an administrator
//! whom nobody else can release; otherwise only staff could, on a paper form.

use chrono::{NaiveDateTime, TimeDelta};

use crate::domain::member::Member;
use crate::domain::portal::{Keeper, Profile, UserAdministration};
use crate::domain::user::Role;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{TokenId, UserId};

/// How long a first approval waits for the second.
pub const APPROVAL_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// Whether the portal's companies have it: where their own administrators release.
#[must_use]
pub fn has_quorum(profile: &Profile) -> bool {
    profile.tokens.released_by != Keeper::Staff
        && profile.services.user_administration == UserAdministration::MasterAndAdministrators
}

/// Why somebody may not approve a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuorumRefusal {
    /// It is not for general users: administrators release them.
    NotAdministrator,
    /// Nothing is suspended, or the user is paused.
    NotSuspended,
    /// Who stopped everything (緊急停止) is for staff alone.
    Stopped,
    /// Somebody can release alone.
    Releasable,
    /// Nobody approves for themself.
    Oneself,
    /// Nor for whom they share the token with.
    SameToken,
    /// One approval a person, and one a token.
    AlreadyApproved,
}

/// A first approval, a row of `release_approvals`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Insertable)]
#[diesel(table_name = crate::schema::release_approvals)]
pub struct Approval {
    /// Whose release: the suspended token.
    pub token_id: TokenId,
    /// Who approved.
    pub user_id: UserId,
    /// With which token.
    pub approver_token_id: TokenId,
    /// When.
    pub approved_at: NaiveDateTime,
}

impl Approval {
    /// Until when it waits for the second.
    #[must_use]
    pub fn expires_at(&self) -> UtcTime {
        self.approved_at + APPROVAL_LIFETIME
    }
}

/// What the rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Who approves.
    pub actor_id: UserId,
    /// With which token.
    pub actor_token_id: Option<TokenId>,
    /// Whom to release.
    pub target: &'a Member,
    /// Whether a user of that token stopped everything.
    pub is_stopped: bool,
    /// How many administrators could release somebody now.
    pub able: i64,
    /// The first approval, if one holds.
    pub first: Option<&'a Approval>,
}

/// May the actor, who was picked for it, approve the release?
///
/// # Errors
/// [`QuorumRefusal`].
pub fn decide_approval(case: Case<'_>, failures_max: i32) -> Result<(), QuorumRefusal> {
    let Case { actor_id, actor_token_id, target, is_stopped, able, first } = case;
    if !matches!(target.role, Role::Master | Role::Administrator) {
        return Err(QuorumRefusal::NotAdministrator);
    }
    if !target.is_suspended(failures_max) || target.paused_at.is_some() {
        return Err(QuorumRefusal::NotSuspended);
    }
    if is_stopped {
        return Err(QuorumRefusal::Stopped);
    }
    if able > 0 {
        return Err(QuorumRefusal::Releasable);
    }
    if actor_id == target.id {
        return Err(QuorumRefusal::Oneself);
    }
    if actor_token_id.is_none() || actor_token_id == target.token_id {
        return Err(QuorumRefusal::SameToken);
    }
    let is_again = first.is_some_and(|first| {
        first.user_id == actor_id || Some(first.approver_token_id) == actor_token_id
    });
    if is_again { Err(QuorumRefusal::AlreadyApproved) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
