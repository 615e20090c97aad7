//! Days of bulk files: until when a file for a day must be sent, and which days can be chosen.

use chrono::NaiveDate;

use super::BulkKind;
use crate::domain::portal::{Deadline, FilePolicy};
use crate::primitives::calendar::{
    business_day_after, business_day_before, business_day_from, is_business_day,
};
use crate::primitives::clock::{UtcTime, jst_day, jst_to_utc};

/// Why a file cannot be for a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayProblem {
    /// Banks are closed then.
    NotBusinessDay,
    /// Its deadline has passed.
    PastDeadline,
    /// Further ahead than the institution takes files.
    TooFar,
}

/// The days for which a file can be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayWindow {
    /// The first one.
    pub first: NaiveDate,
    /// The last one.
    pub last: NaiveDate,
}

impl DayWindow {
    /// The days for files of this kind; `is_own` where all payees are at the own institution.
    #[must_use]
    pub fn at(kind: BulkKind, policy: &FilePolicy, is_own: bool, now: UtcTime) -> DayWindow {
        let deadline = kind.deadline(policy);
        let today = jst_day(now);
        let mut first = business_day_from(today);
        // Each business day further on has a later deadline, and some day's is still to come.
        for _ in 0..=lead(deadline, is_own).saturating_add(1) {
            if now <= deadline_at(deadline, first, is_own) {
                break;
            }
            first = business_day_after(first);
        }
        let last = (0..policy.days_ahead_max).fold(today, |day, _| business_day_after(day));
        DayWindow { first, last: last.max(first) }
    }

    /// Whether a file can be for this day.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, day: NaiveDate) -> Result<(), DayProblem> {
        if day > self.last {
            return Err(DayProblem::TooFar);
        }
        if day < self.first {
            return Err(DayProblem::PastDeadline);
        }
        if is_business_day(day) { Ok(()) } else { Err(DayProblem::NotBusinessDay) }
    }

    /// All of them, in order.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> {
        let last = self.last;
        let days = self.first.iter_days().take_while(move |day| *day <= last);
        days.filter(|day| is_business_day(*day))
    }
}

fn lead(deadline: Deadline, is_own: bool) -> u32 {
    deadline.business_days_own.filter(|_| is_own).unwrap_or(deadline.business_days)
}

/// Until when a file for `day` must be sent.
#[must_use]
pub fn deadline_at(deadline: Deadline, day: NaiveDate, is_own: bool) -> UtcTime {
    let on = (0..lead(deadline, is_own)).fold(day, |day, _| business_day_before(day));
    jst_to_utc(on.and_time(deadline.until.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::clock::parse_rfc3339;

    fn at(text: &str) -> UtcTime {
        parse_rfc3339(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_day_follows_the_deadline_of_the_kind() {
        let policy = FilePolicy::default();
        let first = |kind, is_own, now| DayWindow::at(kind, &policy, is_own, at(now)).first;
        // A Tuesday after a holiday; Monday 23 November is one, too.
        for (kind, is_own, now, expected) in [
            (BulkKind::GeneralTransfer, false, "2026-11-24T12:00:00+09:00", "2026-11-25"),
            (BulkKind::GeneralTransfer, false, "2026-11-24T12:00:01+09:00", "2026-11-26"),
            (BulkKind::Salary, false, "2026-11-24T11:00:00+09:00", "2026-11-27"),
            (BulkKind::Salary, true, "2026-11-24T11:00:00+09:00", "2026-11-25"),
            (BulkKind::Bonus, false, "2026-11-24T13:00:00+09:00", "2026-11-30"),
            (BulkKind::DirectDebit, false, "2026-11-24T11:00:00+09:00", "2026-11-30"),
            (BulkKind::DirectDebit, true, "2026-11-24T11:00:00+09:00", "2026-11-30"),
            // On a closed day, the deadline of the next business day but one is ahead.
            (BulkKind::GeneralTransfer, false, "2026-11-22T13:00:00+09:00", "2026-11-25"),
        ] {
            assert_eq!(first(kind, is_own, now), day(expected), "{kind} {now}");
        }
    }

    #[test]
    fn days_past_the_deadline_closed_or_too_far_cannot_be_chosen() {
        let now = at("2026-11-24T10:00:00+09:00");
        let window = DayWindow::at(BulkKind::GeneralTransfer, &FilePolicy::default(), false, now);
        // Fifteen business days after the 24th.
        assert_eq!(window.last, day("2026-12-15"));
        for (on, expected) in [
            ("2026-11-24", Err(DayProblem::PastDeadline)),
            ("2026-11-25", Ok(())),
            ("2026-11-28", Err(DayProblem::NotBusinessDay)),
            ("2026-12-15", Ok(())),
            ("2026-12-16", Err(DayProblem::TooFar)),
        ] {
            assert_eq!(window.check(day(on)), expected, "{on}");
        }
        assert_eq!(window.days().count(), 15);
    }

    #[test]
    fn a_deadline_is_so_many_business_days_before() {
        let policy = FilePolicy::default();
        let of = |kind: BulkKind, on, is_own| deadline_at(kind.deadline(&policy), day(on), is_own);
        let salary = BulkKind::Salary;
        assert_eq!(of(salary, "2026-11-25", false), at("2026-11-19T12:00:00+09:00"));
        assert_eq!(of(salary, "2026-11-25", true), at("2026-11-24T12:00:00+09:00"));
        let transfer = BulkKind::GeneralTransfer;
        assert_eq!(of(transfer, "2027-01-04", false), at("2026-12-30T12:00:00+09:00"));
    }
}
