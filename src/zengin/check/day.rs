//! The day of a file: `MMDD`, whose year is not in it.

use chrono::{Datelike, NaiveDate};

use crate::zengin::record::digits_of;

/// A leap year, in which every day exists that exists at all.
const ANY_YEAR: i32 = 2000;

/// What `MMDD` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileDay {
    /// No day of the year, or none of this year or the next.
    None,
    /// A day; of which year is not known where nobody said what day it is today.
    Some(Option<NaiveDate>),
}

/// The day on or after today that comes first; 29 February only in a year that has it.
pub(super) fn file_day(mmdd: &[u8], today: Option<NaiveDate>) -> FileDay {
    let number = digits_of(mmdd).filter(|_| mmdd.len() == 4);
    let Some(number) = number.and_then(|number| u32::try_from(number).ok()) else {
        return FileDay::None;
    };
    let (month, day) = (number / 100, number % 100);
    let in_year = |year| NaiveDate::from_ymd_opt(year, month, day);
    let Some(today) = today else {
        return in_year(ANY_YEAR).map_or(FileDay::None, |_| FileDay::Some(None));
    };
    let days = [today.year(), today.year() + 1].into_iter().filter_map(in_year);
    let next = days.filter(|day| *day >= today).min();
    next.map_or(FileDay::None, |day| FileDay::Some(Some(day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_the_one_that_comes_next() {
        for (mmdd, today, found) in [
            ("1126", "2026-11-22", Some("2026-11-26")),
            ("1122", "2026-11-22", Some("2026-11-22")),
            ("1121", "2026-11-22", Some("2027-11-21")),
            ("0105", "2026-12-28", Some("2027-01-05")),
            ("0229", "2027-12-28", Some("2028-02-29")),
            ("0229", "2028-02-29", Some("2028-02-29")),
            ("0229", "2026-12-28", None),
            ("0229", "2028-03-01", None),
            ("1301", "2026-11-22", None),
            ("1131", "2026-11-22", None),
            ("0000", "2026-11-22", None),
            ("11 6", "2026-11-22", None),
            ("112", "2026-11-22", None),
        ] {
            let day = |text: &str| text.parse::<NaiveDate>().unwrap();
            let found = found.map_or(FileDay::None, |found| FileDay::Some(Some(day(found))));
            assert_eq!(file_day(mmdd.as_bytes(), Some(day(today))), found, "{mmdd} on {today}");
        }
        assert_eq!(file_day(b"0229", None), FileDay::Some(None));
        assert_eq!(file_day(b"0230", None), FileDay::None);
    }
}
