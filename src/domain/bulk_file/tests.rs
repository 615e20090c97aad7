//! The life of a file: every (state, act, role).

use super::*;

/// Who may do what, beside the worker.
fn people() -> Vec<(&'static str, Option<BulkActor>)> {
    let nobody = BulkActor {
        may_make: false,
        may_approve: false,
        may_send: false,
        is_maker: false,
        has_approved: false,
        maker_may_approve: false,
    };
    let all = BulkActor { may_make: true, may_approve: true, may_send: true, ..nobody };
    vec![
        ("stranger", Some(nobody)),
        ("maker", Some(BulkActor { may_make: true, is_maker: true, ..nobody })),
        ("other maker", Some(BulkActor { may_make: true, ..nobody })),
        ("approver", Some(BulkActor { may_approve: true, ..nobody })),
        ("approved", Some(BulkActor { may_approve: true, has_approved: true, ..nobody })),
        ("sender", Some(BulkActor { may_send: true, ..nobody })),
        ("maker of all", Some(BulkActor { is_maker: true, ..all })),
        ("maker alone", Some(BulkActor { is_maker: true, maker_may_approve: true, ..all })),
        ("worker", BulkActor::WORKER),
    ]
}

/// `(act, from, to, who)`; whatever is not listed is refused.
const LIFE: &[(BulkAct, &[BulkState], BulkState, &[&str])] = {
    use {BulkAct as A, BulkState as S};
    const MAKERS: &[&str] = &["maker", "other maker", "maker of all", "maker alone"];
    const OWN: &[&str] = &["maker", "maker of all", "maker alone"];
    const APPROVERS: &[&str] = &["approver", "maker alone"];
    const RETURNERS: &[&str] = &["approver", "approved", "maker of all", "maker alone"];
    const SENDERS: &[&str] = &["sender", "maker of all", "maker alone"];
    const WORKER: &[&str] = &["worker"];
    const DRAFTS: &[S] = &[S::Draft, S::Returned, S::Withdrawn];
    const UNSENT: &[S] =
        &[S::Draft, S::Returned, S::Withdrawn, S::Waiting, S::Approved, S::Expired];
    const DELETABLE: &[S] = &[S::Draft, S::Returned, S::Withdrawn, S::Expired];
    &[
        (A::Create, &[S::Uploading], S::Draft, MAKERS),
        (A::Edit, UNSENT, S::Draft, MAKERS),
        (A::Submit, DRAFTS, S::Waiting, MAKERS),
        (A::Approve, &[S::Waiting], S::Waiting, APPROVERS),
        (A::ApproveLast, &[S::Waiting], S::Approved, APPROVERS),
        (A::Return, &[S::Waiting], S::Returned, RETURNERS),
        (A::Withdraw, &[S::Waiting], S::Withdrawn, OWN),
        (A::Withdraw, &[S::Waiting, S::Approved], S::Withdrawn, RETURNERS),
        (A::Send, &[S::Approved], S::Sent, SENDERS),
        (A::Delete, DELETABLE, S::Deleted, OWN),
        (A::Accept, &[S::Sent], S::Accepted, WORKER),
        (A::Reject, &[S::Sent, S::Accepted], S::Rejected, WORKER),
        (A::Execute, &[S::Accepted], S::Done, WORKER),
        (A::ExecutePartly, &[S::Accepted], S::PartlyFailed, WORKER),
        (A::Expire, &[S::Waiting, S::Approved], S::Expired, WORKER),
    ]
};

#[test]
fn every_state_act_and_role_is_as_the_life_says() {
    let mut possible = 0;
    for &state in BulkState::ALL {
        for &act in BulkAct::ALL {
            for (name, actor) in people() {
                let listed = LIFE.iter().find(|(of, from, _, who)| {
                    *of == act && from.contains(&state) && who.contains(&name)
                });
                let found = decide(state, act, actor);
                match listed {
                    Some((_, _, to, _)) => assert_eq!(found, Ok(*to), "{act} {state} {name}"),
                    None => assert!(found.is_err(), "{act} {state} {name}: {found:?}"),
                }
                possible += usize::from(listed.is_some());
            }
        }
    }
    assert_eq!(possible, 79);
}

#[test]
fn who_made_a_file_does_not_approve_it_and_nobody_approves_twice() {
    let find = |wanted: &str| {
        people().into_iter().find(|(name, _)| *name == wanted).and_then(|(_, actor)| actor)
    };
    for name in ["maker of all", "approved"] {
        let refused = decide(BulkState::Waiting, BulkAct::ApproveLast, find(name));
        assert_eq!(refused, Err(BulkRefusal::OtherPerson), "{name}");
    }
}

#[test]
fn a_route_by_amount_asks_for_the_second_person_from_its_band_on() {
    let service = |from: Option<i64>| BulkService {
        contract_id: crate::primitives::ids::ContractId(1),
        kind: BulkKind::Salary,
        originator_code: "0000000001".to_owned(),
        originator_kana: "ｱｵﾊﾞ".to_owned(),
        business_type: "11".to_owned(),
        second_approval_from_yen: from.map(crate::primitives::yen::Yen),
        maker_may_approve: false,
        file_limit_yen: crate::primitives::yen::Yen(1),
        record_limit_yen: crate::primitives::yen::Yen(1),
        external_send: false,
    };
    let needed = |from, total| service(from).approvals_needed(crate::primitives::yen::Yen(total));
    assert_eq!(needed(None, i64::MAX), 1);
    assert_eq!(needed(Some(0), 0), 2);
    assert_eq!((needed(Some(100), 99), needed(Some(100), 100)), (1, 2));
}

#[test]
fn kinds_and_business_types_belong_together() {
    let kinds: Vec<_> =
        ["21", "11", "71", "12", "72", "91", "03", ""].map(BulkKind::of_business_type).into();
    let [transfer, salary, bonus, debit] = [
        Some(BulkKind::GeneralTransfer),
        Some(BulkKind::Salary),
        Some(BulkKind::Bonus),
        Some(BulkKind::DirectDebit),
    ];
    assert_eq!(kinds, [transfer, salary, salary, bonus, bonus, debit, None, None]);
}
