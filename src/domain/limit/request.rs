//! What a customer asks for: why it cannot be, or what becomes of it and from when.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{LimitAmounts, LimitService, LimitSet, LimitSpan, LimitStanding};
use crate::domain::portal::Limits;
use crate::primitives::clock::{UtcTime, jst_day, jst_day_start};
use crate::primitives::yen::Yen;
use crate::text_enum;

impl LimitStanding {
    /// What cannot be asked for, and why.
    #[must_use]
    pub fn problems(&self, limits: &Limits, requested: &LimitSet) -> Vec<LimitProblem> {
        let unit = Yen(i64::from(limits.change_unit_yen));
        let mut problems = Vec::new();
        for (&service, &amounts) in requested {
            for &span in LimitSpan::ALL {
                if let Some(why) = self.problem(service, span, amounts, unit) {
                    problems.push(LimitProblem { service, span, why });
                }
            }
        }
        problems
    }

    fn problem(
        &self,
        service: LimitService,
        span: LimitSpan,
        requested: LimitAmounts,
        unit: Yen,
    ) -> Option<LimitProblemKind> {
        let effective = *self.effective.get(&service)?;
        let most = (*self.maximum.get(&service)?).max(effective.daily);
        let amount = requested.of(span);
        let is_same = amount == effective.of(span);
        if amount < unit && !is_same {
            Some(LimitProblemKind::BelowUnit(unit))
        } else if amount.0 % unit.0.max(1) != 0 && !is_same {
            Some(LimitProblemKind::NotInUnit(unit))
        } else if amount > most {
            Some(LimitProblemKind::AboveMaximum(most))
        } else if span == LimitSpan::PerTransaction && amount > requested.daily {
            Some(LimitProblemKind::AboveDaily)
        } else {
            None
        }
    }

    /// What becomes of a request without problems that comes in at `now`; none if it changes
    /// nothing.
    #[must_use]
    pub fn plan(&self, limits: &Limits, requested: &LimitSet, now: UtcTime) -> Option<LimitPlan> {
        let rise_at = rise_at(limits, now);
        let changes = self.changes(requested, rise_at);
        if changes.is_empty() {
            return None;
        }
        let (mut at_once, mut later) = (self.own.clone(), self.own.clone());
        for (service, own) in &self.own {
            let (Some(effective), Some(wanted)) =
                (self.effective.get(service), requested.get(service))
            else {
                continue;
            };
            // What the customer left as it shows keeps what lies behind it.
            let target = LimitAmounts::from_each(|span| {
                let is_same = wanted.of(span) == effective.of(span);
                if is_same { own.of(span) } else { wanted.of(span) }
            });
            let lowered = LimitAmounts::from_each(|span| {
                let is_lower = wanted.of(span) < effective.of(span);
                if is_lower { wanted.of(span) } else { own.of(span) }
            });
            let is_at_once = rise_at.is_none();
            at_once.insert(*service, if is_at_once { target } else { lowered });
            later.insert(*service, target);
        }
        let rise_at = rise_at.filter(|_| changes.iter().any(|change| change.from.is_some()));
        Some(LimitPlan { at_once, rise: rise_at.map(|at| (later, at)), changes })
    }

    /// What differs from what holds, and from when.
    fn changes(&self, requested: &LimitSet, rise_at: Option<UtcTime>) -> Vec<LimitChange> {
        let mut changes = Vec::new();
        for (&service, effective) in &self.effective {
            let Some(wanted) = requested.get(&service) else { continue };
            for &span in LimitSpan::ALL {
                let (before, after) = (effective.of(span), wanted.of(span));
                let from = rise_at.filter(|_| after > before);
                if before != after {
                    changes.push(LimitChange { service, span, before, after, from });
                }
            }
        }
        changes
    }

    /// What the waiting rise changes, as [`LimitPlan::changes`].
    #[must_use]
    pub fn pending_changes(&self) -> Vec<LimitChange> {
        let rise = self.pending.as_ref();
        rise.map_or_else(Vec::new, |rise| self.changes(&rise.to, Some(rise.takes_effect_at)))
    }

    /// What holds otherwise in `after`, at once.
    #[must_use]
    pub fn changes_to(&self, after: &LimitStanding) -> Vec<LimitChange> {
        self.changes(&after.effective, None)
    }
}

/// From when those of the changes hold that wait; none where all of them hold at once.
#[must_use]
pub fn waits_until(changes: &[LimitChange]) -> Option<UtcTime> {
    changes.iter().find_map(|change| change.from)
}

/// From when a rise asked for at `now` holds: 00:00 in Japan so many days later. None: at once.
#[must_use]
pub fn rise_at(limits: &Limits, now: UtcTime) -> Option<UtcTime> {
    let days = limits.rise_after_days;
    (days > 0).then(|| jst_day_start(jst_day(now) + TimeDelta::days(i64::from(days))))
}

/// Why an amount cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitProblemKind {
    /// Nothing at all, or less than the unit.
    BelowUnit(Yen),
    /// No multiple of the unit.
    NotInUnit(Yen),
    /// More than this customer can ask for.
    AboveMaximum(Yen),
    /// One transaction would be more than a whole day.
    AboveDaily,
}

/// An amount that cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitProblem {
    /// Of which service.
    pub service: LimitService,
    /// Over what.
    pub span: LimitSpan,
    /// Why.
    pub why: LimitProblemKind,
}

/// One limit that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitChange {
    /// Of which service.
    pub service: LimitService,
    /// Over what.
    pub span: LimitSpan,
    /// What holds until then.
    pub before: Yen,
    /// What holds afterwards.
    pub after: Yen,
    /// From when; none: at once.
    pub from: Option<UtcTime>,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitPlan {
    /// The own amounts from now on.
    pub at_once: LimitSet,
    /// The own amounts later, and from when; none where nothing waits.
    pub rise: Option<(LimitSet, UtcTime)>,
    /// What the customer sees change.
    pub changes: Vec<LimitChange>,
}

text_enum! {
    /// What a flow of BLM001 to BLM003 is about.
    LimitAct {
        /// New limits.
        Change = "change",
        /// 引き上げの取り消し.
        CancelRise = "cancel_rise",
    }
}

/// What BLM001 took and BLM002 shows: the flow's draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitDraft {
    /// What is asked for.
    pub act: LimitAct,
    /// The limits asked for; those of the waiting rise where that is cancelled.
    pub requested: LimitSet,
    /// What held when the customer asked.
    pub seen: LimitSet,
    /// From when the rise holds, as BLM002 showed it; none where nothing waits, and in drafts of
    /// older versions, which BLM002 shows again.
    #[serde(default)]
    pub rise_at: Option<UtcTime>,
}

/// What BLM003 shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitReceipt {
    /// What was asked for.
    pub act: LimitAct,
    /// What changes; what would have changed where a rise was cancelled.
    pub changes: Vec<LimitChange>,
    /// Whether a rise that waited is cancelled with a lowering.
    pub is_rise_cancelled: bool,
}
