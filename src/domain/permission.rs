//! Who of a company may do what to whom (利用者管理): roles, and what nobody does alone.

pub mod quorum;
pub mod users;

use crate::domain::portal::{DoneBy, Keeper, Profile, RegistrationPlace, UserAdministration};
use crate::domain::token::{ActRefusal, TokenAct, TokenActor, UserTokenStatus, decide};
use crate::domain::user::{Role, User};
use crate::primitives::ids::{TokenId, UserId};

/// Why an administrator may not do something to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberRefusal {
    /// The actor administers nobody: 403.
    NotAdministrator,
    /// Nobody releases themself.
    Oneself,
    /// Nobody releases a user with whom they share the token.
    SameToken,
    /// The life cycle of the token says no.
    LifeCycle(ActRefusal),
}

/// A user as the rules look at them.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Row id.
    pub id: UserId,
    /// The token, if any.
    pub token_id: Option<TokenId>,
    /// ワンタイムパスワード状態.
    pub status: UserTokenStatus,
    /// 停止中.
    pub is_suspended: bool,
}

/// Whether users of this role administer the others of their contract: master and administrator
/// users, or the contract's one administrator.
#[must_use]
pub fn administers(profile: &Profile, role: Role) -> bool {
    match profile.services.user_administration {
        UserAdministration::None => false,
        UserAdministration::Administrator => role == Role::Administrator,
        UserAdministration::MasterAndAdministrators => {
            matches!(role, Role::Master | Role::Administrator)
        }
    }
}

/// Whether users of this role do nothing but administer: a contract's one administrator has neither
/// transactions nor a token.
#[must_use]
pub fn only_administers(profile: &Profile, role: Role) -> bool {
    let by = profile.services.user_administration;
    by == UserAdministration::Administrator && role == Role::Administrator
}

/// Whether `actor` is still one who administers: not paused, deleted or stopped (緊急停止) meanwhile.
#[must_use]
pub fn may_administer(profile: &Profile, actor: &User) -> bool {
    administers(profile, actor.role)
        && actor.paused_at.is_none()
        && actor.deleted_at.is_none()
        && actor.stopped_at.is_none()
}

/// May `actor` release (BAU010), revoke (BAU020), register, exchange (BAU102) or stop (BAU109) the
/// token of `target`, a user of the same contract? Whoever is of another contract is not there at
/// all.
///
/// # Errors
/// [`MemberRefusal`].
pub fn decide_token_act(
    profile: &Profile,
    actor: &User,
    target: Target,
    act: TokenAct,
) -> Result<(), MemberRefusal> {
    let tokens = &profile.tokens;
    let is_theirs = match act {
        TokenAct::Release => tokens.released_by != Keeper::Staff,
        TokenAct::Start => tokens.registration == RegistrationPlace::AdministratorMenu,
        TokenAct::Exchange => tokens.exchange == DoneBy::Administrator,
        TokenAct::Stop => tokens.stop == DoneBy::Administrator,
        _ => tokens.revoked_by != Keeper::Staff,
    };
    if !is_theirs || !may_administer(profile, actor) {
        return Err(MemberRefusal::NotAdministrator);
    }
    if act == TokenAct::Release {
        if actor.id == target.id {
            return Err(MemberRefusal::Oneself);
        }
        if target.token_id.is_some() && actor.token_id == target.token_id {
            return Err(MemberRefusal::SameToken);
        }
    }
    decide(target.status, target.is_suspended, act, TokenActor::Administrator)
        .map(|_| ())
        .map_err(MemberRefusal::LifeCycle)
}
