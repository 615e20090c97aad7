//! Every reason, each from a case in which nothing else is wrong.

use super::*;
use crate::domain::token::{StoredTokenStatus, TokenState};
use crate::domain::user::SetupState;
use crate::primitives::ids::ContractId;

fn master() -> Member {
    let now = NaiveDateTime::default();
    Member {
        id: UserId(1),
        login_id: "master01".to_owned(),
        name: "x".to_owned(),
        role: Role::Master,
        setup_state: SetupState::Done,
        paused_at: None,
        token_status: StoredTokenStatus::InUse,
        token_id: Some(TokenId(1)),
        serial: None,
        token_state: Some(TokenState::InUse),
        expires_at: None,
        suspended_at: Some(now),
        failures: Some(5),
        contract_id: ContractId(1),
        mail_address: None,
        login_locked_at: None,
        confirm_locked_at: None,
        version: 0,
        revoked_at: None,
    }
}

#[test]
fn each_reason_alone_refuses() {
    use QuorumRefusal as R;
    let now = NaiveDateTime::default();
    let target = master();
    let good = Case {
        actor_id: UserId(2),
        actor_token_id: Some(TokenId(2)),
        target: &target,
        is_stopped: false,
        able: 0,
        first: None,
    };
    let by = |user_id, token_id| Approval {
        token_id: TokenId(1),
        user_id: UserId(user_id),
        approver_token_id: TokenId(token_id),
        approved_at: now,
    };
    let (other, own, same_token) = (by(3, 3), by(2, 2), by(3, 2));
    let administrator = Member { role: Role::Administrator, ..master() };
    let general = Member { role: Role::General, ..master() };
    let running = Member { suspended_at: None, failures: Some(4), ..master() };
    let paused = Member { paused_at: Some(now), ..master() };
    for (case, expected) in [
        (good, Ok(())),
        (Case { first: Some(&other), ..good }, Ok(())),
        (Case { target: &administrator, ..good }, Ok(())),
        (Case { target: &general, ..good }, Err(R::NotAdministrator)),
        (Case { target: &running, ..good }, Err(R::NotSuspended)),
        (Case { target: &paused, ..good }, Err(R::NotSuspended)),
        (Case { is_stopped: true, ..good }, Err(R::Stopped)),
        (Case { able: 1, ..good }, Err(R::Releasable)),
        (Case { actor_id: UserId(1), ..good }, Err(R::Oneself)),
        (Case { actor_token_id: Some(TokenId(1)), ..good }, Err(R::SameToken)),
        (Case { actor_token_id: None, ..good }, Err(R::SameToken)),
        (Case { first: Some(&own), ..good }, Err(R::AlreadyApproved)),
        (Case { first: Some(&same_token), ..good }, Err(R::AlreadyApproved)),
    ] {
        assert_eq!(decide_approval(case, 5), expected, "{case:?}");
    }
}
