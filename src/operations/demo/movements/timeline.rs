//! Days on which banks move money. Weekends and the turn of the year are enough for a demo.

use chrono::{Datelike, Months, NaiveDate, TimeDelta, Weekday};

/// That day of the month, or its last where it is shorter.
pub fn day_of_month(month: NaiveDate, day: u32) -> NaiveDate {
    let first = month.with_day(1).unwrap_or(month);
    let last = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
    first.with_day(day).or(last).unwrap_or(first)
}

fn is_business_day(day: NaiveDate) -> bool {
    let is_new_year = matches!((day.month(), day.day()), (12, 31) | (1, 1..=3));
    !is_new_year && !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The day, or the next one on which banks are open.
pub fn business_day_from(mut day: NaiveDate) -> NaiveDate {
    while !is_business_day(day) {
        day += TimeDelta::days(1);
    }
    day
}

/// The day, or the last one before on which banks are open.
pub fn business_day_until(mut day: NaiveDate) -> NaiveDate {
    while !is_business_day(day) {
        day -= TimeDelta::days(1);
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_off_are_passed_over() {
        assert_eq!(business_day_from(day("2026-01-01")), day("2026-01-05"));
        assert_eq!(business_day_until(day("2026-10-25")), day("2026-10-23"));
        assert_eq!(day_of_month(day("2016-02-10"), 31), day("2016-02-29"));
    }
}
