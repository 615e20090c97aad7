//! Role of the actor x act x target: every cell is decided here.

use super::*;
use crate::domain::right::UserRight;
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::SetupState;

fn profile(slug: &str) -> Profile {
    let file = format!("{slug}.toml");
    let (_, text) = Profile::builtin().into_iter().find(|(name, _)| *name == file).unwrap();
    Profile::parse(&file, text).unwrap()
}

fn user(role: Role) -> User {
    User {
        id: UserId(1),
        portal: "inaho".to_owned(),
        contract_id: ContractId(1),
        login_id: "actor1".to_owned(),
        role,
        name: "x".to_owned(),
        mail_address: None,
        login_secret_hash: String::new(),
        confirm_secret_hash: String::new(),
        setup_state: SetupState::Done,
        login_failures: 0,
        login_locked_at: None,
        confirm_failures: 0,
        confirm_locked_at: None,
        token_id: None,
        token_status: StoredTokenStatus::Unregistered,
        token_since: None,
        revoked_at: None,
        login_otp_chosen: false,
        hold_until: None,
        hold_from: None,
        last_login_at: None,
        last_login_channel: None,
        failures_since_login: 0,
        stopped_at: None,
        telephone: None,
        login_secret_changed_at: None,
        confirm_secret_changed_at: None,
        paused_at: None,
        deleted_at: None,
    }
}

const GENERAL: UserTarget = UserTarget {
    id: UserId(2),
    contract_id: ContractId(1),
    role: Role::General,
    is_paused: false,
    is_last_master: false,
};
const ADMINISTRATOR: UserTarget = UserTarget { role: Role::Administrator, ..GENERAL };
const MASTER: UserTarget = UserTarget { role: Role::Master, ..GENERAL };
const LAST_MASTER: UserTarget = UserTarget { is_last_master: true, ..MASTER };

/// Oneself, general, paused general, administrator, master, paused master, last master, other
/// contract.
fn targets(actor: Role) -> [UserTarget; 8] {
    [
        UserTarget { id: UserId(1), role: actor, ..GENERAL },
        GENERAL,
        UserTarget { is_paused: true, ..GENERAL },
        ADMINISTRATOR,
        MASTER,
        UserTarget { is_paused: true, ..MASTER },
        LAST_MASTER,
        UserTarget { contract_id: ContractId(2), ..GENERAL },
    ]
}

const OK: Result<(), UserActRefusal> = Ok(());
const NOBODY: Result<(), UserActRefusal> = Err(UserActRefusal::NotAdministrator);
const THERE: Result<(), UserActRefusal> = Err(UserActRefusal::NotThere);
const SELF: Result<(), UserActRefusal> = Err(UserActRefusal::Oneself);
const HANDS: Result<(), UserActRefusal> = Err(UserActRefusal::MasterOnly);
const LAST: Result<(), UserActRefusal> = Err(UserActRefusal::LastMaster);
const STATE: Result<(), UserActRefusal> = Err(UserActRefusal::State);

#[test]
fn every_cell_of_role_act_and_target_is_decided() {
    use UserAct::{Change, Delete, Pause, ResetPassword, Resume};
    let (general, administrator, master) = (Role::General, Role::Administrator, Role::Master);
    let table = [
        // Administrator users.
        (administrator, Change(general), [SELF, OK, OK, OK, HANDS, HANDS, HANDS, THERE]),
        (administrator, Change(administrator), [OK, OK, OK, OK, HANDS, HANDS, HANDS, THERE]),
        (administrator, Change(master), [HANDS, HANDS, HANDS, HANDS, HANDS, HANDS, HANDS, THERE]),
        (administrator, Delete, [SELF, OK, OK, OK, HANDS, HANDS, HANDS, THERE]),
        (administrator, Pause, [SELF, OK, STATE, OK, HANDS, HANDS, HANDS, THERE]),
        (administrator, Resume, [SELF, STATE, OK, STATE, HANDS, HANDS, HANDS, THERE]),
        (administrator, ResetPassword, [SELF, OK, OK, OK, HANDS, HANDS, HANDS, THERE]),
        // Master users.
        (master, Change(general), [SELF, OK, OK, OK, OK, OK, LAST, THERE]),
        (master, Change(administrator), [SELF, OK, OK, OK, OK, OK, LAST, THERE]),
        (master, Change(master), [OK, OK, OK, OK, OK, OK, OK, THERE]),
        (master, Delete, [SELF, OK, OK, OK, OK, OK, LAST, THERE]),
        (master, Pause, [SELF, OK, STATE, OK, OK, STATE, LAST, THERE]),
        (master, Resume, [SELF, STATE, OK, STATE, STATE, OK, STATE, THERE]),
        (master, ResetPassword, [SELF, OK, OK, OK, OK, OK, OK, THERE]),
    ];
    let inaho = profile("inaho");
    for (role, act, expected) in table {
        for (target, expected) in targets(role).into_iter().zip(expected) {
            let decided = decide_user_act(&inaho, &user(role), target, act);
            assert_eq!(decided, expected, "{role} {act:?} {target:?}");
        }
    }
    let acts = [Change(general), Change(administrator), Change(master), Delete, Pause, Resume];
    for act in acts.into_iter().chain([ResetPassword]) {
        for target in targets(general) {
            let decided = decide_user_act(&inaho, &user(general), target, act);
            assert_eq!(decided, NOBODY, "{act:?} {target:?}");
        }
    }
}

#[test]
fn whoever_was_paused_or_deleted_meanwhile_administers_nobody() {
    let inaho = profile("inaho");
    let now = "2026-11-21T00:00:00".parse().ok();
    for actor in [
        User { paused_at: now, ..user(Role::Master) },
        User { deleted_at: now, ..user(Role::Master) },
    ] {
        assert_eq!(decide_user_act(&inaho, &actor, GENERAL, UserAct::Delete), NOBODY);
        assert_eq!(decide_registration(&inaho, &actor, Role::General), NOBODY);
    }
}

#[test]
fn registrations_and_the_roles_to_give() {
    let (inaho, shirakaba) = (profile("inaho"), profile("shirakaba"));
    let all = [Role::Master, Role::Administrator, Role::General];
    for (actor, expected) in [
        (Role::Master, [OK, OK, OK]),
        (Role::Administrator, [HANDS, OK, OK]),
        (Role::General, [NOBODY; 3]),
        (Role::Customer, [NOBODY; 3]),
    ] {
        for (role, expected) in all.into_iter().zip(expected) {
            let decided = decide_registration(&inaho, &user(actor), role);
            assert_eq!(decided, expected, "{actor} {role}");
        }
        assert!(roles_to_give(&shirakaba, &user(actor)).is_empty());
    }
    assert_eq!(roles_to_give(&inaho, &user(Role::Master)), all);
    let fewer = [Role::Administrator, Role::General];
    assert_eq!(roles_to_give(&inaho, &user(Role::Administrator)), fewer);
}

#[test]
fn nobody_raises_the_own_rights() {
    let little = Grant { rights: [UserRight::Balance].into(), ..Grant::default() };
    let much =
        Grant { rights: [UserRight::Balance, UserRight::Transfer].into(), ..Grant::default() };
    let (own, other) = (UserId(1), UserId(2));
    assert_eq!(decide_grant(own, own, &little, &much), SELF);
    assert_eq!(decide_grant(own, own, &much, &little), OK);
    assert_eq!(decide_grant(own, own, &much, &much), OK);
    assert_eq!(decide_grant(own, other, &little, &much), OK);
}

#[test]
fn a_contracts_one_administrator_acts_on_plain_users_alone() {
    use UserAct::{Change, Delete, Pause, ResetPassword, Resume};
    let (general, administrator, master) = (Role::General, Role::Administrator, Role::Master);
    let table = [
        (Change(general), [SELF, OK, OK, HANDS, HANDS, HANDS, HANDS, THERE]),
        (Change(administrator), [SELF, HANDS, HANDS, HANDS, HANDS, HANDS, HANDS, THERE]),
        (Change(master), [HANDS, HANDS, HANDS, HANDS, HANDS, HANDS, HANDS, THERE]),
        (Delete, [SELF, OK, OK, HANDS, HANDS, HANDS, HANDS, THERE]),
        (Pause, [SELF, OK, STATE, HANDS, HANDS, HANDS, HANDS, THERE]),
        (Resume, [SELF, STATE, OK, HANDS, HANDS, HANDS, HANDS, THERE]),
        (ResetPassword, [SELF, OK, OK, HANDS, HANDS, HANDS, HANDS, THERE]),
    ];
    let aoba = profile("aoba");
    for (act, expected) in table {
        for (target, expected) in targets(administrator).into_iter().zip(expected) {
            let decided = decide_user_act(&aoba, &user(administrator), target, act);
            assert_eq!(decided, expected, "{act:?} {target:?}");
        }
        for target in targets(general) {
            assert_eq!(decide_user_act(&aoba, &user(general), target, act), NOBODY);
        }
    }
    assert_eq!(roles_to_give(&aoba, &user(administrator)), [general]);
    assert_eq!(roles_to_give(&aoba, &user(general)), []);
}
