//! Stop codes: what a notice carries so that its reader can stop everything at once (BSP001).
//!
//! Eight digits, valid for thirty days and good once. Each login id has five tries in any hour,
//! known or not.

use chrono::{NaiveDateTime, TimeDelta};

use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ReceiptId, UserId};

/// How long a code holds.
pub const LIFETIME: TimeDelta = TimeDelta::days(30);
/// Tries of a login id within [`TRIES_WINDOW`]; the queries remember so many.
pub const TRIES_MAX: u32 = 5;
/// In which time a login id has its tries.
pub const TRIES_WINDOW: TimeDelta = TimeDelta::hours(1);
/// How long the result page can be opened again.
pub const RESULT_SHOWN_FOR: TimeDelta = TimeDelta::days(1);
/// Digits of a code.
pub const DIGITS: u32 = 8;

/// A row of `stop_codes`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::stop_codes)]
pub struct StopCode {
    /// Row id.
    pub id: i64,
    /// Whose.
    pub user_id: UserId,
    /// When the notice was written.
    pub made_at: NaiveDateTime,
    /// End.
    pub expires_at: NaiveDateTime,
    /// Used when.
    pub used_at: Option<NaiveDateTime>,
    /// Unguessable part of the result page's address.
    pub result_id: Option<String>,
    /// The receipt that the result page shows.
    pub receipt_id: Option<ReceiptId>,
}

impl StopCode {
    /// Whether it may still be used.
    pub fn is_good_at(&self, now: UtcTime) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }

    /// Whether its result may still be shown.
    pub fn shows_result_at(&self, now: UtcTime) -> bool {
        self.used_at.is_some_and(|at| now < at + RESULT_SHOWN_FOR)
    }
}

/// A drawn number as the code's digits.
pub fn code_of(number: u64) -> String {
    let below = 10_u64.pow(DIGITS);
    format!("{:08}", number % below)
}

/// The code as people read it, in two groups.
pub fn grouped(code: &str) -> String {
    let (first, second) = code.split_at_checked(4).unwrap_or((code, ""));
    format!("{first} {second}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::clock::parse_rfc3339;

    #[test]
    fn codes_have_eight_digits() {
        for (number, code) in [(0, "00000000"), (12_345, "00012345"), (u64::MAX, "09551615")] {
            assert_eq!(code_of(number), code);
        }
        assert_eq!(grouped("12345678"), "1234 5678");
    }

    #[test]
    fn a_code_ends_after_thirty_days_to_the_microsecond() {
        let made_at = parse_rfc3339("2026-11-24T12:00:00+09:00").unwrap();
        let end = made_at + LIFETIME;
        let code = StopCode {
            id: 1,
            user_id: UserId(1),
            made_at,
            expires_at: end,
            used_at: None,
            result_id: None,
            receipt_id: None,
        };
        assert!(code.is_good_at(end - TimeDelta::microseconds(1)));
        assert!(!code.is_good_at(end));
        let used = StopCode { used_at: Some(made_at), ..code };
        assert!(!used.is_good_at(made_at));
        assert!(used.shows_result_at(made_at) && !used.shows_result_at(end));
    }
}
