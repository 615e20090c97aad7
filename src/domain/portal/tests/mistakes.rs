//! One test per kind of mistake: the error names the file, the key, the reason and what to do.

mod identity;
mod money;
mod rules;
mod tokens;
mod types;

use super::super::{Profile, ProfileError};
use super::text;

/// The mistakes found after `from` became `to` in a profile that ships.
fn mistakes(file: &str, from: &str, to: &str) -> Vec<ProfileError> {
    let whole = text(file);
    assert!(whole.contains(from), "{file} does not hold {from:?}");
    Profile::parse(file, &whole.replacen(from, to, 1)).expect_err("the profile was accepted")
}

/// Asserts that exactly this one mistake is found.
#[track_caller]
fn only(file: &str, from: &str, to: &str, key: &str, reason: &str) {
    let found = mistakes(file, from, to);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_mistake(&found, file, key, reason);
}

/// Asserts that this mistake is among those found.
#[track_caller]
fn among(file: &str, from: &str, to: &str, key: &str, reason: &str) {
    assert_mistake(&mistakes(file, from, to), file, key, reason);
}

#[track_caller]
fn assert_mistake(found: &[ProfileError], file: &str, key: &str, reason: &str) {
    let is_it = |error: &&ProfileError| {
        error.file == file && error.key == key && error.reason.contains(reason)
    };
    let error = found.iter().find(is_it);
    assert!(error.is_some_and(|error| !error.fix.is_empty()), "no {key}: {reason} in {found:#?}");
}

const S: &str = "shirakaba.toml";
const A: &str = "aoba.toml";
const I: &str = "inaho.toml";
const M: &str = "minori.toml";
const K: &str = "kodama.toml";
