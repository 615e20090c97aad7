//! Days as people type them into one field.

use chrono::NaiveDate;

use crate::primitives::code::to_half_width;

/// The day of `2026-10-05`, `2026/10/5`, `2026.10.5`, `2026年10月5日` or `20261005`, in half or full
/// width. None: something else, or no day of the calendar.
pub fn read_day(typed: &str) -> Option<NaiveDate> {
    let half = to_half_width(typed.trim());
    let half = half.trim().trim_end_matches('日');
    if half.len() == 8 && half.bytes().all(|byte| byte.is_ascii_digit()) {
        return day_of(half.get(..4)?, half.get(4..6)?, half.get(6..)?);
    }
    let is_between = |c: char| matches!(c, '-' | '/' | '.' | '年' | '月' | '‐' | '−' | 'ー' | '．');
    let mut parts = half.split(is_between).map(str::trim);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() { None } else { day_of(year, month, day) }
}

fn day_of(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let is_number = |text: &str, longest| {
        (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if year.len() != 4 || !is_number(year, 4) || !is_number(month, 2) || !is_number(day, 2) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_type_them() {
        let day = NaiveDate::from_ymd_opt(2026, 10, 5);
        for typed in [
            "2026-10-05",
            "2026/10/5",
            " 2026.10.05 ",
            "2026年10月5日",
            "２０２６年１０月５日",
            "２０２６／１０／０５",
            "２０２６−１０−０５",
            "20261005",
            "2026 / 10 / 5",
        ] {
            assert_eq!(read_day(typed), day, "{typed}");
        }
        for wrong in [
            "",
            "2026",
            "10/5",
            "26-10-05",
            "2026-13-01",
            "2026-02-29",
            "2026-10-05-01",
            "20261",
            "十月五日",
            "2026-1o-05",
            "-2026-10-05",
            "+2026-10-5",
            "2026-10-",
        ] {
            assert_eq!(read_day(wrong), None, "{wrong}");
        }
    }
}
