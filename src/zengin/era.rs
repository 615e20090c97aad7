//! Days as records have them: `YYMMDD` with the year of the Japanese era.

use chrono::{Datelike, NaiveDate};

use crate::zengin::record::digits_of;

/// Begin of each era and the year before its first, newest first.
const ERAS: [((i32, u32, u32), i32); 2] = [((2019, 5, 1), 2018), ((1989, 1, 8), 1988)];

/// `YYMMDD`: 令和8年10月5日 is `081005`. None before 平成.
#[must_use]
pub fn era_digits(day: NaiveDate) -> Option<String> {
    let begun = |((year, month, date), _): &((i32, u32, u32), i32)| {
        NaiveDate::from_ymd_opt(*year, *month, *date).is_some_and(|first| first <= day)
    };
    let (_, before) = ERAS.into_iter().find(begun)?;
    let year = day.year() - before;
    (year < 100).then(|| format!("{year:02}{:02}{:02}", day.month(), day.day()))
}

/// The day that six digits are, of the era in which it comes closest to `near`: records do not say
/// which era their year is of. Nothing where they are no day of any.
#[must_use]
pub fn era_day(digits: &[u8], near: NaiveDate) -> Option<NaiveDate> {
    let number = digits_of(digits).filter(|_| digits.len() == 6)?;
    let number = u32::try_from(number).ok()?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    let days = ERAS.into_iter().filter_map(|((first, month_one, day_one), before)| {
        let begun = NaiveDate::from_ymd_opt(first, month_one, day_one)?;
        NaiveDate::from_ymd_opt(before + year, month, day).filter(|day| *day >= begun)
    });
    days.min_by_key(|day| (*day - near).num_days().abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_those_of_the_era() {
        for (day, digits) in [
            ("2026-10-05", Some("081005")),
            ("2019-05-01", Some("010501")),
            ("2019-04-30", Some("310430")),
            ("2016-05-03", Some("280503")),
            ("1989-01-08", Some("010108")),
            ("1989-01-07", None),
            ("2117-12-31", Some("991231")),
            ("2118-01-01", None),
        ] {
            assert_eq!(era_digits(day.parse().unwrap()).as_deref(), digits, "{day}");
        }
    }

    #[test]
    fn the_era_is_the_one_that_comes_closest() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (digits, near, found) in [
            ("280503", "2016-05-10", Some("2016-05-03")),
            ("280503", "2046-05-10", Some("2046-05-03")),
            ("081005", "2026-10-06", Some("2026-10-05")),
            ("010501", "2019-05-01", Some("2019-05-01")),
            ("010430", "2019-05-01", Some("1989-04-30")),
            ("080229", "2024-03-01", Some("1996-02-29")),
            ("070229", "2025-03-01", None),
            ("081301", "2026-10-06", None),
            ("000101", "2026-10-06", None),
            ("08100", "2026-10-06", None),
            ("0810 5", "2026-10-06", None),
        ] {
            let found = found.map(day);
            assert_eq!(era_day(digits.as_bytes(), day(near)), found, "{digits} near {near}");
        }
    }
}
