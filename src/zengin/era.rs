//! Days as records have them: `YYMMDD` with the year of the Japanese era.

use chrono::{Datelike, NaiveDate};

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
}
