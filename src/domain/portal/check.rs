//! What types cannot say: ranges, references from one section to another, contradictions.

mod identity;
mod money;
mod rules;
mod tokens;

use std::ops::RangeInclusive;

use super::error::ProfileError;
use super::{IssuePolicy, Profile};

/// All mistakes of one profile.
pub(super) fn check(file: &str, profile: &Profile) -> Vec<ProfileError> {
    let mut found = Findings { file, errors: Vec::new() };
    identity::check(&mut found, profile);
    tokens::check(&mut found, profile);
    rules::check(&mut found, profile);
    money::check(&mut found, profile);
    found.errors
}

/// What a profile may not have in common with others of the same server.
pub(super) fn check_together(
    file: &str,
    profile: &Profile,
    others: &[(&str, Profile)],
) -> Vec<ProfileError> {
    let service_id =
        |of: &Profile| of.tokens.issue.as_ref().map(|issue: &IssuePolicy| issue.service_id.clone());
    let mut found = Findings { file, errors: Vec::new() };
    for (other_file, other) in others {
        if other.portal.slug == profile.portal.slug {
            let reason = format!("`{}` is the slug of {other_file} too", profile.portal.slug);
            found.add("portal.slug", reason, "choose another word");
        }
        if service_id(profile).is_some() && service_id(profile) == service_id(other) {
            let reason = format!("{other_file} has the same service id");
            found.add("tokens.issue.service_id", reason, "choose another number");
        }
    }
    found.errors
}

/// Collects mistakes.
struct Findings<'a> {
    file: &'a str,
    errors: Vec<ProfileError>,
}

impl Findings<'_> {
    fn add(&mut self, key: impl Into<String>, reason: impl Into<String>, fix: impl Into<String>) {
        self.errors.push(ProfileError {
            file: self.file.to_owned(),
            key: key.into(),
            reason: reason.into(),
            fix: fix.into(),
        });
    }

    /// Adds the mistake unless `is_right`.
    fn require(&mut self, is_right: bool, key: &str, reason: &str, fix: &str) {
        if !is_right {
            self.add(key, reason, fix);
        }
    }

    fn in_range(&mut self, key: &str, value: u32, allowed: RangeInclusive<u32>, unit: &str) {
        if !allowed.contains(&value) {
            let (least, most) = (allowed.start(), allowed.end());
            let reason = format!("{value} {unit} is out of range");
            self.add(key, reason, format!("write a number from {least} to {most}"));
        }
    }

    fn filled(&mut self, key: &str, text: &str) {
        self.require(!text.trim().is_empty(), key, "this text is empty", "write the text to show");
    }
}
