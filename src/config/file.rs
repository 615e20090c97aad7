//! The settings file: TOML, one key per setting, no sections.

use std::collections::BTreeMap;
use std::path::Path;

use super::SettingsError;
use super::sources::{KEYS, known_key, refuse_redis};

/// Reads the file; numbers, booleans and lists become the text that the environment would have.
pub(super) fn read(path: &Path) -> Result<BTreeMap<&'static str, String>, SettingsError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        SettingsError(format!("--config {shown}: {error}; give the path of a readable file"))
    })?;
    parse(&shown.to_string(), &text)
}

/// [`read`] for a text; `file` names it in mistakes.
pub(super) fn parse(
    file: &str,
    text: &str,
) -> Result<BTreeMap<&'static str, String>, SettingsError> {
    let table: toml::Table = text.parse().map_err(|error| not_toml(file, text, &error))?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        if key == "redis_url" {
            return Err(refuse_redis(&format!("{file}: redis_url")));
        }
        let Some(name) = known_key(&key) else {
            return Err(SettingsError(format!(
                "{file}: {key} is not a setting; remove it or write one of: {}",
                KEYS.join(", ")
            )));
        };
        let text = as_text(&value).ok_or_else(|| {
            SettingsError(format!("{file}: {key}: write text in quotes, a number, true or false"))
        })?;
        values.insert(name, text);
    }
    Ok(values)
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}

/// Names the line only: its text may hold a secret.
fn not_toml(file: &str, text: &str, error: &toml::de::Error) -> SettingsError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    SettingsError(format!("{file}: line {line} is not TOML; write NAME = \"VALUE\""))
}
