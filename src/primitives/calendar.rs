//! Business days of Japanese banks: Monday to Friday without the holidays of Japan and without
//! 31 December to 3 January (Banking Act, article 15, and its enforcement order, article 5).
//!
//! The holidays are data (`holidays.txt`, written by `bin/holidays`): they change by law, and the
//! two equinoxes are announced a year ahead. They reach to [`last_known_day`].

use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};

static HOLIDAYS: LazyLock<Vec<(NaiveDate, &'static str)>> = LazyLock::new(|| {
    let lines = include_str!("calendar/holidays.txt").lines();
    let one = |line: &'static str| {
        let (day, name) = line.split_once(' ')?;
        Some((day.parse().ok()?, name))
    };
    lines.filter(|line| !line.starts_with('#')).filter_map(one).collect()
});

/// More days than ever lie between two business days: the longest rows of holidays have ten.
const DAYS_BETWEEN_MAX: u64 = 31;

/// The name of the holiday on this day (国民の祝日, 休日).
#[must_use]
pub fn holiday_on(day: NaiveDate) -> Option<&'static str> {
    let place = HOLIDAYS.binary_search_by_key(&day, |(day, _)| *day).ok()?;
    HOLIDAYS.get(place).map(|(_, name)| *name)
}

/// The last day of the years whose holidays are known. After it only weekends and the turn of the
/// year count.
#[must_use]
pub fn last_known_day() -> NaiveDate {
    let last = HOLIDAYS.last().map(|(day, _)| *day).unwrap_or_default();
    NaiveDate::from_ymd_opt(last.year(), 12, 31).unwrap_or(last)
}

/// Whether banks settle with each other on this day.
#[must_use]
pub fn is_business_day(day: NaiveDate) -> bool {
    let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let is_turn_of_year = matches!((day.month(), day.day()), (12, 31) | (1, 1..=3));
    !is_weekend && !is_turn_of_year && holiday_on(day).is_none()
}

/// This day if it is a business day, else the next one that is.
#[must_use]
pub fn business_day_from(day: NaiveDate) -> NaiveDate {
    let days = (0..DAYS_BETWEEN_MAX).filter_map(|ahead| day.checked_add_days(Days::new(ahead)));
    days.into_iter().find(|day| is_business_day(*day)).unwrap_or(day)
}

/// The first business day after this day.
#[must_use]
pub fn business_day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().map_or(day, business_day_from)
}

/// The last business day before this day.
#[must_use]
pub fn business_day_before(day: NaiveDate) -> NaiveDate {
    let days = (1..=DAYS_BETWEEN_MAX).filter_map(|back| day.checked_sub_days(Days::new(back)));
    days.into_iter().find(|day| is_business_day(*day)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weekends_holidays_and_the_turn_of_the_year_are_no_business_days() {
        for (on, is) in [
            ("2016-01-01", false),
            ("2016-01-03", false),
            ("2016-01-04", true),
            ("2016-02-29", true),
            // 山の日, the first one; a year without it before.
            ("2016-08-11", false),
            ("2015-08-11", true),
            // 振替休日 after a Sunday, 国民の休日 between two holidays.
            ("2018-02-12", false),
            ("2019-04-30", false),
            ("2019-05-01", false),
            ("2019-10-22", false),
            // Moved for the games in Tokyo.
            ("2020-07-24", false),
            ("2020-10-12", true),
            ("2021-07-23", false),
            ("2026-09-22", false),
            ("2026-11-20", true),
            ("2026-11-21", false),
            ("2026-11-23", false),
            ("2026-12-30", true),
            ("2026-12-31", false),
        ] {
            assert_eq!(is_business_day(day(on)), is, "{on}");
        }
        assert_eq!(holiday_on(day("2026-11-23")), Some("勤労感謝の日"));
        assert_eq!(holiday_on(day("2026-11-24")), None);
        assert_eq!(last_known_day(), day("2050-12-31"));
    }

    #[test]
    fn the_next_business_day_may_be_far() {
        for (from, same, after) in [
            ("2026-11-20", "2026-11-20", "2026-11-24"),
            ("2026-11-21", "2026-11-24", "2026-11-24"),
            ("2019-04-26", "2019-04-26", "2019-05-07"),
            ("2019-04-27", "2019-05-07", "2019-05-07"),
            ("2026-12-30", "2026-12-30", "2027-01-04"),
            ("2026-12-31", "2027-01-04", "2027-01-04"),
        ] {
            assert_eq!(business_day_from(day(from)), day(same), "{from}");
            assert_eq!(business_day_after(day(from)), day(after), "{from}");
        }
        for (from, before) in [
            ("2026-11-24", "2026-11-20"),
            ("2019-05-07", "2019-04-26"),
            ("2027-01-04", "2026-12-30"),
        ] {
            assert_eq!(business_day_before(day(from)), day(before), "{from}");
        }
    }

    #[test]
    fn the_list_is_in_order_and_whole() {
        assert!(HOLIDAYS.is_sorted_by(|a, b| a.0 < b.0));
        for year in 2010..=2050 {
            let count = HOLIDAYS.iter().filter(|(day, _)| day.year() == year).count();
            assert!((15..=22).contains(&count), "{year}: {count}");
        }
    }
}
