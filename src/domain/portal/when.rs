//! Days and times as profiles write them; Japan time is meant, so none carries an offset.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde::{Deserialize, Deserializer, de};
use toml::value::{Date, Datetime, Time};

use crate::primitives::clock::{UtcTime, jst_to_utc};

/// A day in Japan, written as `2017-07-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JstDate(pub NaiveDate);

/// A moment in Japan time, written as `2017-07-24T07:00:00`; a day alone means its 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JstMoment(pub NaiveDateTime);

/// A time of day in Japan, written as `15:00:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(pub NaiveTime);

impl JstMoment {
    /// The same moment in UTC.
    #[must_use]
    pub fn to_utc(self) -> UtcTime {
        jst_to_utc(self.0)
    }
}

impl TimeOfDay {
    /// `hour`:`minute`; midnight where there is no such time.
    #[must_use]
    pub fn of(hour: u32, minute: u32) -> Self {
        Self(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN))
    }

    /// As customers read it: `午前9時`, `午前8時30分`, `午後1時`.
    #[must_use]
    pub fn spoken(self) -> String {
        let half = if self.0.hour() < 12 { "午前" } else { "午後" };
        let hour = self.0.hour() % 12;
        match (self.0.minute(), self.0.second()) {
            (0, 0) => format!("{half}{hour}時"),
            (minute, 0) => format!("{half}{hour}時{minute}分"),
            (minute, second) => format!("{half}{hour}時{minute}分{second}秒"),
        }
    }
}

impl fmt::Display for JstDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for JstMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d %H:%M:%S"))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = if self.0.format("%S").to_string() == "00" { "%H:%M" } else { "%H:%M:%S" };
        write!(f, "{}", self.0.format(pattern))
    }
}

impl<'de> Deserialize<'de> for JstDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Datetime::deserialize(deserializer)? {
            Datetime { date: Some(date), time: None, offset: None } => day(date).map(Self),
            _ => Err(de::Error::custom("not a day; write it as 2017-07-24, without quotes")),
        }
    }
}

impl<'de> Deserialize<'de> for JstMoment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Datetime::deserialize(deserializer)? {
            Datetime { date: Some(date), time, offset: None } => {
                let time = time.map_or(Ok(NaiveTime::MIN), time_of_day)?;
                Ok(Self(day::<D::Error>(date)?.and_time(time)))
            }
            _ => Err(de::Error::custom(
                "not a moment in Japan time; write it as 2017-07-24T07:00:00, without an offset",
            )),
        }
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Datetime::deserialize(deserializer)? {
            Datetime { date: None, time: Some(time), offset: None } => time_of_day(time).map(Self),
            _ => Err(de::Error::custom("not a time of day; write it as 15:00:00, without quotes")),
        }
    }
}

fn day<E: de::Error>(date: Date) -> Result<NaiveDate, E> {
    NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
        .ok_or_else(|| E::custom("there is no such day; write one of the calendar"))
}

fn time_of_day<E: de::Error>(time: Time) -> Result<NaiveTime, E> {
    let second = time.second.unwrap_or(0);
    NaiveTime::from_hms_opt(u32::from(time.hour), u32::from(time.minute), u32::from(second))
        .ok_or_else(|| E::custom("there is no such time; write 00:00:00 to 23:59:59"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_in_words() {
        for (time, words) in [
            ("09:00:00", "午前9時"),
            ("08:30:00", "午前8時30分"),
            ("13:00:00", "午後1時"),
            ("00:00:00", "午前0時"),
            ("00:05:00", "午前0時5分"),
            ("11:59:59", "午前11時59分59秒"),
            ("12:00:00", "午後0時"),
            ("12:30:00", "午後0時30分"),
            ("23:00:01", "午後11時0分1秒"),
        ] {
            assert_eq!(TimeOfDay(time.parse().unwrap()).spoken(), words, "{time}");
        }
    }
}
