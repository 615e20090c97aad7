//! 利用者情報の登録・変更・削除, 利用停止・再開, パスワードの初期化: who may do what to whom.
//!
//! The rules, in the order in which they are asked: only administrators act, only within their
//! contract; administrator users keep their hands off master users; nobody acts on themself but to
//! change name and address, or to give rights up; a contract keeps a master user who can log in.

use crate::domain::permission::may_administer;
use crate::domain::portal::{Profile, UserAdministration};
use crate::domain::right::Grant;
use crate::domain::user::{Role, User};
use crate::primitives::ids::{ContractId, UserId};

/// What an administrator does to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserAct {
    /// 変更; the role afterwards.
    Change(Role),
    /// 削除.
    Delete,
    /// 利用停止.
    Pause,
    /// 利用再開.
    Resume,
    /// パスワードの初期化.
    ResetPassword,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserActRefusal {
    /// The actor administers nobody: 403.
    NotAdministrator,
    /// The user is of another contract: 404.
    NotThere,
    /// Not to oneself.
    Oneself,
    /// Only master users act on master users, or make some; where a contract has one administrator,
    /// that one acts on plain users alone.
    MasterOnly,
    /// The contract's last master user who can log in.
    LastMaster,
    /// It is so already.
    State,
}

/// A user as these rules look at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserTarget {
    /// Row id.
    pub id: UserId,
    /// The contract.
    pub contract_id: ContractId,
    /// 利用者区分.
    pub role: Role,
    /// 利用停止中.
    pub is_paused: bool,
    /// Whether no other master user of the contract can log in: all are paused or deleted.
    pub is_last_master: bool,
}

/// May `actor` do this to `target`?
///
/// # Errors
/// [`UserActRefusal`].
pub fn decide_user_act(
    profile: &Profile,
    actor: &User,
    target: UserTarget,
    act: UserAct,
) -> Result<(), UserActRefusal> {
    if !may_administer(profile, actor) {
        return Err(UserActRefusal::NotAdministrator);
    }
    if actor.contract_id != target.contract_id {
        return Err(UserActRefusal::NotThere);
    }
    let is_about_master = target.role == Role::Master || act == UserAct::Change(Role::Master);
    if is_about_master && actor.role != Role::Master {
        return Err(UserActRefusal::MasterOnly);
    }
    if has_one_administrator(profile) {
        decide_below_one(actor, target, act)?;
    }
    if actor.id == target.id && act != UserAct::Change(target.role) {
        return Err(UserActRefusal::Oneself);
    }
    if target.is_last_master && takes_master_away(target.role, act) {
        return Err(UserActRefusal::LastMaster);
    }
    match (act, target.is_paused) {
        (UserAct::Pause, true) | (UserAct::Resume, false) => Err(UserActRefusal::State),
        _ => Ok(()),
    }
}

/// Whether a contract has one administrator, whom the institution looks after.
fn has_one_administrator(profile: &Profile) -> bool {
    profile.services.user_administration == UserAdministration::Administrator
}

fn decide_below_one(actor: &User, target: UserTarget, act: UserAct) -> Result<(), UserActRefusal> {
    if actor.id == target.id {
        return Err(UserActRefusal::Oneself);
    }
    let stays_general = !matches!(act, UserAct::Change(to) if to != Role::General);
    if target.role == Role::General && stays_general {
        return Ok(());
    }
    Err(UserActRefusal::MasterOnly)
}

fn takes_master_away(role: Role, act: UserAct) -> bool {
    role == Role::Master
        && match act {
            UserAct::Change(to) => to != Role::Master,
            UserAct::Delete | UserAct::Pause => true,
            UserAct::Resume | UserAct::ResetPassword => false,
        }
}

/// May `actor` register a user of this role?
///
/// # Errors
/// [`UserActRefusal`].
pub fn decide_registration(
    profile: &Profile,
    actor: &User,
    role: Role,
) -> Result<(), UserActRefusal> {
    if !may_administer(profile, actor) {
        return Err(UserActRefusal::NotAdministrator);
    }
    let is_master_by_other = role == Role::Master && actor.role != Role::Master;
    if is_master_by_other || (has_one_administrator(profile) && role != Role::General) {
        return Err(UserActRefusal::MasterOnly);
    }
    Ok(())
}

/// The roles that `actor` may give.
#[must_use]
pub fn roles_to_give(profile: &Profile, actor: &User) -> Vec<Role> {
    [Role::Master, Role::Administrator, Role::General]
        .into_iter()
        .filter(|role| decide_registration(profile, actor, *role).is_ok())
        .collect()
}

/// May `actor` give `target` these rights and limits? No one raises the own.
///
/// # Errors
/// [`UserActRefusal::Oneself`].
pub fn decide_grant(
    actor: UserId,
    target: UserId,
    before: &Grant,
    after: &Grant,
) -> Result<(), UserActRefusal> {
    if actor == target && after.exceeds(before) {
        return Err(UserActRefusal::Oneself);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
