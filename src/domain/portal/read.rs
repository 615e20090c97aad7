//! From TOML text to typed sections: every section is read on its own, so that one run reports a
//! mistake in each of them.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::error::ProfileError;

const SAMPLE: &str = "profiles/sample.toml.example shows how";

/// Takes section after section out of a profile and collects what is wrong.
pub(super) struct Reader<'a> {
    file: &'a str,
    root: Table,
    errors: Vec<ProfileError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, text: &str) -> Result<Self, Vec<ProfileError>> {
        match text.parse::<Table>() {
            Ok(root) => Ok(Self { file, root, errors: Vec::new() }),
            Err(e) => Err(vec![not_toml(file, text, &e)]),
        }
    }

    /// A section that every profile has.
    pub(super) fn required<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        if let Some(value) = self.root.remove(section) {
            return self.section(section, value);
        }
        self.errors.push(ProfileError {
            file: self.file.to_owned(),
            key: section.to_owned(),
            reason: "this section is missing".to_owned(),
            fix: format!("add [{section}]; {SAMPLE}"),
        });
        None
    }

    /// A section that has defaults as a whole.
    pub(super) fn with_default<T: DeserializeOwned + Default>(&mut self, key: &str) -> Option<T> {
        match self.root.remove(key) {
            Some(value) => self.section(key, value),
            None => Some(T::default()),
        }
    }

    /// All mistakes found, those in the names of sections included.
    pub(super) fn finish(mut self) -> Vec<ProfileError> {
        for name in self.root.keys() {
            self.errors.push(ProfileError {
                file: self.file.to_owned(),
                key: name.clone(),
                reason: "there is no such section".to_owned(),
                fix: format!("remove it or correct its name; {SAMPLE}"),
            });
        }
        self.errors
    }

    fn section<T: DeserializeOwned>(&mut self, section: &str, value: Value) -> Option<T> {
        match serde_path_to_error::deserialize(value) {
            Ok(typed) => Some(typed),
            Err(e) => {
                let path = e.path().to_string();
                let key =
                    if path == "." { section.to_owned() } else { format!("{section}.{path}") };
                self.errors.push(explained(self.file, &key, e.inner().message()));
                None
            }
        }
    }
}

fn not_toml(file: &str, text: &str, error: &toml::de::Error) -> ProfileError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    ProfileError {
        file: file.to_owned(),
        key: format!("line {}", before.matches('\n').count() + 1),
        reason: format!("this is not TOML: {}", error.message().replace('\n', ", ")),
        fix: "correct this line".to_owned(),
    }
}

/// Turns the deserializer's message into a reason and what to do.
fn explained(file: &str, key: &str, message: &str) -> ProfileError {
    let error = |key: String, reason: String, fix: String| ProfileError {
        file: file.to_owned(),
        key,
        reason,
        fix,
    };
    if let Some(field) = message.strip_prefix("missing field `") {
        let field = field.trim_end_matches('`');
        let fix = format!("add `{field} = ...`; {SAMPLE}");
        return error(format!("{key}.{field}"), "this key is missing".to_owned(), fix);
    }
    if message.starts_with("unknown field") {
        let allowed = message.split_once(", ").map_or("no key at all", |(_, allowed)| allowed);
        let fix = format!("remove it or correct its name ({allowed})");
        return error(key.to_owned(), "there is no such key here".to_owned(), fix);
    }
    if let Some((wrong, allowed)) = message.split_once(", expected ") {
        let wrong = wrong.replace("unknown variant", "unknown value");
        return error(key.to_owned(), wrong, format!("write {}", plain(allowed)));
    }
    let (reason, fix) = message.split_once("; ").unwrap_or((message, SAMPLE));
    error(key.to_owned(), reason.to_owned(), fix.to_owned())
}

fn plain(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" => "a whole number, 0 or more",
        "i64" => "a whole number",
        "a boolean" => "true or false",
        "a string" => "text in quotation marks",
        "a TOML datetime" => "a day as 2017-07-24 or a time as 15:00:00, without quotation marks",
        "a sequence" => "a list in square brackets",
        other => other,
    }
}
