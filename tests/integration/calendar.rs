//! Business days beside a program of others that reckons the holidays by the law (jpholiday).

use std::process::Command;

use chrono::NaiveDate;
use madoguchi::primitives::calendar::{holiday_on, last_known_day};

#[test]
fn the_holidays_are_those_that_others_reckon() {
    let python = std::env::var("MADOGUCHI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = "import datetime, jpholiday\n\
                  for year in range(2010, 2051):\n \
                  for day, name in jpholiday.year_holidays(year): print(day)";
    let output = Command::new(&python).args(["-c", script]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "run bin/setup, or set MADOGUCHI_TEST_PYTHON: {error}");
    let text = String::from_utf8(output.stdout).unwrap();
    let theirs: Vec<NaiveDate> = text.lines().map(|line| line.parse().unwrap()).collect();
    let first = NaiveDate::from_ymd_opt(2010, 1, 1).unwrap();
    let days = first.iter_days().take_while(|day| *day <= last_known_day());
    let ours: Vec<NaiveDate> = days.filter(|day| holiday_on(*day).is_some()).collect();
    assert!(ours.len() > 600, "{}", ours.len());
    assert_eq!(ours, theirs);
}
