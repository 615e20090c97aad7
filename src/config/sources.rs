//! Where a setting's value comes from, and which names there are.

use std::collections::BTreeMap;

use super::{ENVIRONMENT_PREFIX, Flags, SettingsError, file};

/// Every setting.
pub(super) const KEYS: [&str; 21] = [
    "listen",
    "database_url",
    "public_url",
    "keys",
    "smtp_url",
    "smtp_ca",
    "letter_font",
    "pictures",
    "directory",
    "profiles",
    "serve",
    "login_tries_per_minute",
    "trust_forwarded_for",
    "tls_client_listen",
    "tls_client_certificate",
    "tls_client_key",
    "client_certificate_header",
    "client_certificate_proxies",
    "client_certificate_url",
    "workers",
    "log",
];

/// Variables of the scripts and tests around the program, which the program itself never reads.
const NOT_SETTINGS: [&str; 2] = ["MADOGUCHI_BIN", "MADOGUCHI_CHROMIUM"];
const NOT_SETTINGS_PREFIXES: [&str; 2] = ["MADOGUCHI_TEST_", "MADOGUCHI_BROWSER_"];

/// The setting of this name in the settings file.
pub(super) fn known_key(name: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|key| *key == name)
}

pub(super) fn refuse_redis(place: &str) -> SettingsError {
    SettingsError(format!(
        "{place}: this version keeps sessions in the database; remove the setting"
    ))
}

fn variable_of(key: &str) -> String {
    format!("{ENVIRONMENT_PREFIX}{}", key.to_ascii_uppercase())
}

fn flag_of(key: &str) -> String {
    match key {
        "database_url" => "--database".to_owned(),
        _ => format!("--{}", key.replace('_', "-")),
    }
}

/// A value and how to name its place in a mistake.
struct Value {
    text: String,
    place: String,
}

/// The values that hold: one per setting, from the strongest source that has it.
pub(super) struct Sources(BTreeMap<&'static str, Value>);

impl Sources {
    pub(super) fn gather(
        flags: &Flags,
        environment: &BTreeMap<String, String>,
    ) -> Result<Sources, SettingsError> {
        check_variables(environment)?;
        let mut values = BTreeMap::new();
        if let Some(path) = &flags.config {
            for (key, text) in file::read(path)? {
                values.insert(key, Value { text, place: format!("{}: {key}", path.display()) });
            }
        }
        for key in KEYS {
            let variable = variable_of(key);
            // An empty variable is how scripts and containers say "not set".
            if let Some(text) = environment.get(&variable).filter(|text| !text.is_empty()) {
                values.insert(key, Value { text: text.clone(), place: variable });
            }
        }
        for (key, text) in &flags.values {
            values.insert(*key, Value { text: text.clone(), place: flag_of(key) });
        }
        Ok(Sources(values))
    }

    /// The value as it stands.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.text.as_str())
    }

    /// The value, parsed; a mistake gets its place put before it.
    pub(super) fn parsed<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, SettingsError> {
        let Some(value) = self.0.get(key) else { return Ok(None) };
        let parsed = parse(value.text.trim());
        parsed.map(Some).map_err(|what| SettingsError(format!("{}: {what}", value.place)))
    }
}

fn check_variables(environment: &BTreeMap<String, String>) -> Result<(), SettingsError> {
    let ours = environment.iter().filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX));
    for (name, value) in ours {
        let is_free = NOT_SETTINGS.contains(&name.as_str())
            || NOT_SETTINGS_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if is_free || KEYS.iter().any(|key| variable_of(key) == *name) {
            continue;
        }
        if name == "MADOGUCHI_REDIS_URL" {
            if value.is_empty() {
                continue;
            }
            return Err(refuse_redis(name));
        }
        let known: Vec<String> = KEYS.into_iter().map(variable_of).collect();
        return Err(SettingsError(format!(
            "{name} is not a setting; unset it or use one of: {}",
            known.join(", ")
        )));
    }
    Ok(())
}
