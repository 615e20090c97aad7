//! How a demo file came to where it stands.

use chrono::{NaiveDate, TimeDelta};

use super::case::{Case, Facts, at, business_day};
use crate::domain::bulk_file::{BulkAct, BulkOrigin, BulkReason, BulkState};
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::ids::UserId;

/// One line of a history.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub at: UtcTime,
    /// Nobody for what the institution did.
    pub who: Option<(UserId, String)>,
    pub institution: String,
    pub act: BulkAct,
    pub state: BulkState,
    pub proof: &'static str,
    pub comment: String,
}

impl Step {
    pub fn is_submission(&self) -> bool {
        self.act == BulkAct::Submit
    }

    pub fn is_approval(&self) -> bool {
        matches!(self.act, BulkAct::Approve | BulkAct::ApproveLast)
    }

    pub fn is_sending(&self) -> bool {
        self.act == BulkAct::Send
    }
}

/// The acts that lead to a state, the file's beginning first.
fn acts(state: BulkState, origin: BulkOrigin) -> Vec<(BulkAct, BulkState)> {
    use {BulkAct as A, BulkState as S};
    let sent = match origin {
        BulkOrigin::External => vec![(A::Create, S::Draft), (A::Send, S::Sent)],
        _ => vec![
            (A::Create, S::Draft),
            (A::Submit, S::Waiting),
            (A::ApproveLast, S::Approved),
            (A::Send, S::Sent),
        ],
    };
    let begun = |count: usize| sent.iter().take(count).copied();
    let accepted = || sent.iter().copied().chain([(A::Accept, S::Accepted)]);
    match state {
        S::Draft | S::Uploading | S::Deleted => begun(1).collect(),
        S::Waiting => begun(2).collect(),
        S::Returned => begun(2).chain([(A::Return, state)]).collect(),
        S::Withdrawn => begun(2).chain([(A::Withdraw, state)]).collect(),
        S::Approved => begun(3).collect(),
        S::Expired => begun(3).chain([(A::Expire, state)]).collect(),
        S::Sent => sent,
        S::Accepted => accepted().collect(),
        S::Rejected => accepted().chain([(A::Reject, state)]).collect(),
        S::Done => accepted().chain([(A::Execute, state)]).collect(),
        S::PartlyFailed => accepted().chain([(A::ExecutePartly, state)]).collect(),
    }
}

/// The history of a case whose day is `on`.
pub(super) fn steps(
    facts: &Facts<'_>,
    case: &Case,
    (on, deadline_at): (NaiveDate, UtcTime),
) -> Vec<Step> {
    let begun = begin(facts, case, deadline_at);
    let mut steps: Vec<Step> = Vec::new();
    for (act, state) in acts(case.state, case.origin) {
        let before = steps.last().map_or(begun, |step| step.at);
        let moment = match act {
            BulkAct::Create => begun,
            BulkAct::Execute | BulkAct::ExecutePartly => at(on, 9, 0),
            BulkAct::Reject => at(on, 15, 0),
            BulkAct::Expire => deadline_at,
            BulkAct::Accept => before + TimeDelta::seconds(9),
            BulkAct::Send if case.state == BulkState::Sent => facts.now - TimeDelta::minutes(1),
            _ => before + TimeDelta::minutes(23),
        };
        steps.push(step(facts, case, (act, state), moment.max(before).min(facts.now)));
    }
    steps
}

/// Two business days before its deadline and before now, at ten.
fn begin(facts: &Facts<'_>, case: &Case, deadline_at: UtcTime) -> UtcTime {
    let day = business_day(jst_day(deadline_at.min(facts.now)), -2);
    at(day, 10, i64::try_from(case.count).unwrap_or(0) % 50)
}

fn step(facts: &Facts<'_>, case: &Case, (act, state): (BulkAct, BulkState), at: UtcTime) -> Step {
    use BulkAct as A;
    let people = facts.people;
    let is_external = case.origin == BulkOrigin::External;
    let (who, proof) = match act {
        A::Create if is_external => (Some(&people.sender), ""),
        A::Create | A::Submit | A::Withdraw => (Some(&people.maker), ""),
        A::Approve | A::ApproveLast => (Some(&people.approver), "otp"),
        A::Return => (Some(&people.approver), ""),
        A::Send => (Some(&people.sender), "otp"),
        _ => (None, ""),
    };
    let comment = match act {
        A::Reject => BulkReason::Funds.words().to_owned(),
        A::Return | A::Withdraw => case.comment.clone(),
        _ => String::new(),
    };
    let institution = facts.profile.portal.institution.clone();
    Step { at, who: who.cloned(), institution, act, state, proof, comment }
}
