//! What is wrong with a profile, in words for the person who wrote it.

use std::fmt;

/// One mistake in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    /// The file's name as the caller gave it.
    pub file: String,
    /// The dotted path of the key, as `tokens.kinds[1].closed_from`; for broken TOML the line.
    pub key: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}; {}", self.file, self.key, self.reason, self.fix)
    }
}

impl std::error::Error for ProfileError {}
