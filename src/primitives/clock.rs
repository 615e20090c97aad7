//! The one clock. Times are UTC, cut to microseconds, which is what PostgreSQL keeps.
//!
//! Rules, codes and sessions read the movable clock. Leases, retries and latencies read the
//! [`Clock::real_now`], because they are about this machine and not about the bank's day.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use parking_lot::{Mutex, MutexGuard, RwLock};

/// A point in time in UTC with microseconds.
pub type UtcTime = NaiveDateTime;

/// Japan has had one offset, without summer time, since 1951.
const JST_OFFSET: TimeDelta = TimeDelta::hours(9);

/// Wall-clock time in Japan.
pub fn to_jst(time: UtcTime) -> NaiveDateTime {
    time + JST_OFFSET
}

/// The UTC time of a wall-clock time in Japan.
pub fn jst_to_utc(time: NaiveDateTime) -> UtcTime {
    time - JST_OFFSET
}

/// The day in Japan.
pub fn jst_day(time: UtcTime) -> NaiveDate {
    to_jst(time).date()
}

/// Midnight in Japan at which `day` begins.
pub fn jst_day_start(day: NaiveDate) -> UtcTime {
    jst_to_utc(day.and_time(NaiveTime::MIN))
}

/// As receipts show it: `2014年07月18日 10時35分25秒`, Japan time.
pub fn jst_receipt_text(time: UtcTime) -> String {
    to_jst(time).format("%Y年%m月%d日 %H時%M分%S秒").to_string()
}

/// As pages show it: `2014年7月18日 10:35`, Japan time.
pub fn jst_minute_text(time: UtcTime) -> String {
    to_jst(time).format("%Y年%-m月%-d日 %H:%M").to_string()
}

/// As lists of tokens show an expiry: `2021年09月30日 08時00分`, Japan time.
pub fn jst_expiry_text(time: UtcTime) -> String {
    to_jst(time).format("%Y年%m月%d日 %H時%M分").to_string()
}

/// RFC 3339 with Japan's offset, for `<time datetime>`.
pub fn jst_iso(time: UtcTime) -> String {
    to_jst(time).format("%Y-%m-%dT%H:%M:%S+09:00").to_string()
}

fn cut(time: NaiveDateTime) -> UtcTime {
    time.with_nanosecond(time.nanosecond() / 1_000 * 1_000).unwrap_or(time)
}

/// How the movable clock stands to the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMode {
    /// The machine's own time.
    Real,
    /// The machine's time plus an offset.
    Offset(TimeDelta),
    /// Standing still at one time.
    Frozen(UtcTime),
}

/// The clock that operations get their time from. Clones share one mode.
#[derive(Debug, Clone)]
pub struct Clock {
    mode: Arc<RwLock<ClockMode>>,
    moving: Arc<Mutex<()>>,
}

impl Clock {
    /// A clock that shows the machine's time until it is moved.
    pub fn new() -> Clock {
        Clock { mode: Arc::new(RwLock::new(ClockMode::Real)), moving: Arc::default() }
    }

    /// The time that rules, codes and sessions live in.
    pub fn now(&self) -> UtcTime {
        let real = Clock::real_now();
        match *self.mode.read() {
            ClockMode::Real => real,
            ClockMode::Offset(offset) => real + offset,
            ClockMode::Frozen(at) => at,
        }
    }

    /// The machine's time, for leases and retries.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the wall clock"
    )]
    pub fn real_now() -> UtcTime {
        cut(chrono::Utc::now().naive_utc())
    }

    /// How the clock stands now.
    pub fn mode(&self) -> ClockMode {
        *self.mode.read()
    }

    /// Lets the clock stand as it stood when [`Clock::mode`] was asked, to the microsecond.
    pub fn set_mode(&self, mode: ClockMode) {
        *self.mode.write() = mode;
    }

    /// Keeps others who ask from moving the clock while it is set and noted down elsewhere.
    pub fn hold(&self) -> MutexGuard<'_, ()> {
        self.moving.lock()
    }

    /// Lets the clock run on from `at`.
    pub fn run_from(&self, at: UtcTime) {
        *self.mode.write() = ClockMode::Offset(cut(at) - Clock::real_now());
    }

    /// Stops the clock at `at`.
    pub fn freeze(&self, at: UtcTime) {
        *self.mode.write() = ClockMode::Frozen(cut(at));
    }

    /// Back to the machine's time.
    pub fn follow_real(&self) {
        *self.mode.write() = ClockMode::Real;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

/// Reads an RFC 3339 time with offset.
pub fn parse_rfc3339(text: &str) -> Option<UtcTime> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| cut(time.naive_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japan_is_nine_hours_ahead_and_receipts_show_it() {
        let at = parse_rfc3339("2014-07-18T10:35:25+09:00").unwrap();
        assert_eq!(at.to_string(), "2014-07-18 01:35:25");
        assert_eq!(jst_receipt_text(at), "2014年07月18日 10時35分25秒");
        assert_eq!(jst_day_start(jst_day(at)).to_string(), "2014-07-17 15:00:00");
    }

    #[test]
    fn times_carry_no_more_than_microseconds() {
        assert_eq!(Clock::real_now().nanosecond() % 1_000, 0);
    }

    #[test]
    fn a_frozen_clock_stands_and_a_moved_one_runs() {
        let clock = Clock::new();
        let at = parse_rfc3339("2016-02-29T00:00:00+09:00").unwrap();
        clock.freeze(at);
        assert_eq!(clock.now(), at);
        clock.run_from(at);
        assert!(clock.now() >= at && clock.now() < at + TimeDelta::seconds(5));
    }
}
