//! Service hours in Japan time.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Weekday};
use serde::Deserialize;

const MINUTES_OF_A_DAY: u32 = 24 * 60;

/// Hours of one day, written as `07:00-24:00` or `closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum DayHours {
    /// Closed all day.
    Closed,
    /// Open from the first minute of the day to before the second.
    Open {
        /// Minutes after midnight.
        from: u32,
        /// Minutes after midnight; 1440 is the day's end.
        until: u32,
    },
}

impl DayHours {
    const ALL_DAY: DayHours = DayHours::Open { from: 0, until: MINUTES_OF_A_DAY };

    fn is_open_at(self, minute: u32) -> bool {
        matches!(self, Self::Open { from, until } if (from..until).contains(&minute))
    }

    fn opens(self) -> Option<u32> {
        match self {
            Self::Closed => None,
            Self::Open { from, .. } => Some(from),
        }
    }
}

impl fmt::Display for DayHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Closed => f.write_str("closed"),
            Self::Open { from, until } => write!(f, "{}-{}", clock_face(from), clock_face(until)),
        }
    }
}

impl TryFrom<String> for DayHours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "closed" {
            return Ok(Self::Closed);
        }
        let parts = text.split_once('-').and_then(|(a, b)| Some((minutes(a)?, minutes(b)?)));
        match parts {
            Some((from, until)) if from < until => Ok(Self::Open { from, until }),
            _ => Err(format!(
                "`{text}` are no hours; write \"07:00-24:00\", the earlier first, or \"closed\""
            )),
        }
    }
}

fn clock_face(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let is_plain = |part: &str| part.len() == 2 && part.chars().all(|c| c.is_ascii_digit());
    if !is_plain(hour) || !is_plain(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?);
    (minute < 60).then_some(hour * 60 + minute).filter(|all| *all <= MINUTES_OF_A_DAY)
}

/// A minute of the year, written as `12-31 21:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct MinuteOfYear {
    month: u32,
    day: u32,
    minute: u32,
}

impl MinuteOfYear {
    fn of(jst: NaiveDateTime) -> Self {
        Self { month: jst.month(), day: jst.day(), minute: minute_of_day(jst) }
    }
}

impl fmt::Display for MinuteOfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02} {}", self.month, self.day, clock_face(self.minute))
    }
}

impl TryFrom<String> for MinuteOfYear {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.split_once(' ').and_then(|(date, time)| {
            let (month, day) = date.split_once('-')?;
            let (month, day) = (month.parse().ok()?, day.parse().ok()?);
            // 2016 is a leap year: the 29th of February counts as a day of the year.
            NaiveDate::from_ymd_opt(2016, month, day)?;
            Some(Self { month, day, minute: minutes(time)? })
        });
        parsed.ok_or_else(|| {
            format!("`{text}` is no time of the year; write month, day and time as \"12-31 21:00\"")
        })
    }
}

/// A yearly closure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    /// First minute.
    pub from: MinuteOfYear,
    /// First minute after it; earlier in the year than `from` where it spans the year's end.
    pub until: MinuteOfYear,
    /// What users read.
    pub reason: String,
}

impl Closure {
    fn covers(&self, jst: NaiveDateTime) -> bool {
        let at = MinuteOfYear::of(jst);
        if self.from <= self.until {
            self.from <= at && at < self.until
        } else {
            self.from <= at || at < self.until
        }
    }
}

/// Section `hours`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    /// Monday to Friday, holidays included.
    pub weekdays: DayHours,
    /// Saturdays.
    pub saturdays: DayHours,
    /// Sundays.
    pub sundays: DayHours,
    /// Closures that come back every year.
    pub closures: Vec<Closure>,
}

impl Default for Hours {
    fn default() -> Self {
        Self {
            weekdays: DayHours::ALL_DAY,
            saturdays: DayHours::ALL_DAY,
            sundays: DayHours::ALL_DAY,
            closures: Vec::new(),
        }
    }
}

impl Hours {
    /// Whether the portal is open at this time of Japan.
    #[must_use]
    pub fn is_open_at(&self, jst: NaiveDateTime) -> bool {
        self.of_day(jst.date()).is_open_at(minute_of_day(jst)) && self.closure_at(jst).is_none()
    }

    /// The closure in whose time this falls.
    #[must_use]
    pub fn closure_at(&self, jst: NaiveDateTime) -> Option<&Closure> {
        self.closures.iter().find(|closure| closure.covers(jst))
    }

    /// When the portal opens next, in Japan time, if it is closed now (BER110); `None` if it is
    /// open, or stays closed for more than two months.
    #[must_use]
    pub fn opens_next(&self, jst: NaiveDateTime) -> Option<NaiveDateTime> {
        if self.is_open_at(jst) {
            return None;
        }
        let days = (0..=62).filter_map(|ahead| jst.date().checked_add_days(Days::new(ahead)));
        days.flat_map(|day| self.possible_openings(day))
            .filter(|at| *at > jst && self.is_open_at(*at))
            .min()
    }

    /// The portal can open when its day begins and when a closure ends, at no other time.
    fn possible_openings(&self, day: NaiveDate) -> Vec<NaiveDateTime> {
        let ends = self.closures.iter().map(|closure| closure.until);
        let ends = ends.filter(|end| end.month == day.month() && end.day == day.day());
        let mut minutes: Vec<u32> = ends.map(|end| end.minute).collect();
        minutes.extend(self.of_day(day).opens());
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        minutes
            .into_iter()
            .filter_map(|m| midnight.checked_add_signed(TimeDelta::minutes(i64::from(m))))
            .collect()
    }

    fn of_day(&self, day: NaiveDate) -> DayHours {
        match day.weekday() {
            Weekday::Sat => self.saturdays,
            Weekday::Sun => self.sundays,
            _ => self.weekdays,
        }
    }
}

fn minute_of_day(jst: NaiveDateTime) -> u32 {
    jst.hour() * 60 + jst.minute()
}
