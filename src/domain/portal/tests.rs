//! Tests of profiles: the five that ship, the sample, each kind of mistake, the helpers.

mod builtin;
mod helpers;
mod mistakes;
mod sample;

use chrono::{NaiveDate, NaiveDateTime};

use super::Profile;
use crate::primitives::clock::{UtcTime, jst_to_utc};

fn text(file: &str) -> &'static str {
    Profile::builtin().into_iter().find(|(name, _)| *name == file).unwrap().1
}

fn profile(slug: &str) -> Profile {
    let file = format!("{slug}.toml");
    Profile::parse(&file, text(&file)).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn jst(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap()
}

fn utc_of_jst(text: &str) -> UtcTime {
    jst_to_utc(jst(text))
}
