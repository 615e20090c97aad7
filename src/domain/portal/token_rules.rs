//! Numbers that rule one-time passwords: digits, period, window, drift, throttle, validity.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use serde::Deserialize;

use super::when::TimeOfDay;
use crate::primitives::clock::{UtcTime, jst_to_utc, to_jst};

/// Digits of a one-time password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "i64")]
pub enum Digits {
    /// Six.
    Six,
    /// Eight.
    Eight,
}

impl Digits {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        match self {
            Self::Six => 6,
            Self::Eight => 8,
        }
    }
}

impl TryFrom<i64> for Digits {
    type Error = String;

    fn try_from(digits: i64) -> Result<Self, String> {
        match digits {
            6 => Ok(Self::Six),
            8 => Ok(Self::Eight),
            _ => Err(format!("one-time passwords of {digits} digits are not made; write 6 or 8")),
        }
    }
}

/// Seconds for which a one-time password shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "i64")]
pub enum PeriodSeconds {
    /// Thirty.
    Thirty,
    /// Sixty.
    Sixty,
}

impl PeriodSeconds {
    /// The number, in seconds.
    #[must_use]
    pub fn get(self) -> u32 {
        match self {
            Self::Thirty => 30,
            Self::Sixty => 60,
        }
    }
}

impl TryFrom<i64> for PeriodSeconds {
    type Error = String;

    fn try_from(seconds: i64) -> Result<Self, String> {
        match seconds {
            30 => Ok(Self::Thirty),
            60 => Ok(Self::Sixty),
            _ => Err(format!("a period of {seconds} seconds is not made; write 30 or 60")),
        }
    }
}

/// Steps accepted on either side of the present one: 0 to 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "i64")]
pub struct Window(u32);

impl Window {
    /// Every step more makes guessing easier, so there are few.
    pub const STEPS_MAX: u32 = 2;

    /// The number, in steps.
    #[must_use]
    pub fn steps(self) -> u32 {
        self.0
    }
}

impl Default for Window {
    fn default() -> Self {
        Self(1)
    }
}

impl TryFrom<i64> for Window {
    type Error = String;

    fn try_from(steps: i64) -> Result<Self, String> {
        u32::try_from(steps).ok().filter(|steps| *steps <= Self::STEPS_MAX).map(Self).ok_or_else(
            || format!("a window of {steps} steps makes guessing too easy; write 0, 1 or 2"),
        )
    }
}

/// Section `tokens.drift`: how far a token's clock may be off, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drift {
    /// How far learning moves the drift of apps.
    pub app_steps_max: u32,
    /// How far learning moves the drift of hardware tokens.
    pub hardware_steps_max: u32,
    /// Steps searched on either side at the first registration of a hardware token.
    pub first_search_steps: u32,
    /// Steps searched on either side at a resynchronisation.
    pub resynchronise_steps: u32,
}

impl Default for Drift {
    fn default() -> Self {
        Self {
            app_steps_max: 2,
            hardware_steps_max: 10,
            first_search_steps: 10,
            resynchronise_steps: 120,
        }
    }
}

/// Section `tokens.throttle`: waits and suspension after wrong codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Throttle {
    /// Failures in a row from which on each asks for a wait; 0: no waits.
    pub wait_after: u32,
    /// Length of the wait in seconds.
    pub wait_seconds: u32,
    /// Failures in a row that suspend the token.
    pub failures_max: u32,
    /// Failures within `sliding_days` that suspend the token, successes between or not.
    pub sliding_failures_max: u32,
    /// Days over which they are counted.
    pub sliding_days: u32,
    /// Seconds in which the same wrong code again is not counted.
    pub repeat_seconds: u32,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            wait_after: 3,
            wait_seconds: 60,
            failures_max: 5,
            sliding_failures_max: 30,
            sliding_days: 30,
            repeat_seconds: 60,
        }
    }
}

impl Throttle {
    /// The wait that follows the `failures`th failure in a row, if there is one.
    #[must_use]
    pub fn wait_after_failure(&self, failures: u32) -> Option<TimeDelta> {
        let waits =
            self.wait_after > 0 && failures >= self.wait_after && failures < self.failures_max;
        waits.then(|| TimeDelta::seconds(i64::from(self.wait_seconds)))
    }
}

/// How the end of a token's validity is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidityRule {
    /// There is no end.
    None,
    /// A number of years after the registration.
    Years,
    /// The last day of the month in which those years are over.
    YearsToMonthEnd,
    /// The day printed on the token, from the stock data.
    Printed,
}

/// Section `tokens.validity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// How the end is found.
    pub rule: ValidityRule,
    /// Years, for the rules that count them.
    #[serde(default)]
    pub years: Option<u32>,
    /// Time of the last day at which the token ends.
    #[serde(default)]
    pub at: Option<TimeOfDay>,
}

impl Validity {
    /// When a token ends that was registered on this day of Japan; `printed` is the day printed
    /// on it.
    #[must_use]
    pub fn ends_at(&self, registered: NaiveDate, printed: Option<NaiveDate>) -> Option<UtcTime> {
        let later = self
            .years
            .and_then(|years| years.checked_mul(12))
            .and_then(|months| registered.checked_add_months(Months::new(months)));
        let day = match self.rule {
            ValidityRule::None => None,
            ValidityRule::Years => later,
            ValidityRule::YearsToMonthEnd => later.and_then(month_end),
            ValidityRule::Printed => printed,
        };
        Some(jst_to_utc(day?.and_time(self.at?.0)))
    }
}

fn month_end(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// Section `tokens.revocation`: when registration is possible again.
///
/// It is `wait_minutes` after the revocation; but for one in the night window (`night_from` up to
/// and without `night_until`, Japan time) at the window's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Revocation {
    /// Wait in minutes.
    pub wait_minutes: u32,
    /// Start of the night window.
    pub night_from: TimeOfDay,
    /// End of the night window.
    pub night_until: TimeOfDay,
}

impl Default for Revocation {
    fn default() -> Self {
        Self {
            wait_minutes: 30,
            night_from: TimeOfDay::of(2, 59),
            night_until: TimeOfDay::of(3, 10),
        }
    }
}

impl Revocation {
    /// From when on a token can be registered after a revocation.
    #[must_use]
    pub fn wait_until(&self, revoked_at: UtcTime) -> UtcTime {
        let jst = to_jst(revoked_at);
        if jst.time() >= self.night_from.0 && jst.time() < self.night_until.0 {
            return jst_to_utc(jst.date().and_time(self.night_until.0));
        }
        let wait = TimeDelta::minutes(i64::from(self.wait_minutes));
        revoked_at.checked_add_signed(wait).unwrap_or(UtcTime::MAX)
    }
}
