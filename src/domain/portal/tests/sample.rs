//! The sample that people copy.

use toml::{Table, Value};

use super::super::Profile;

const SAMPLE: &str = include_str!("../../../../profiles/sample.toml.example");

#[test]
fn it_parses_and_passes() {
    let profile = Profile::parse("sample.toml.example", SAMPLE).unwrap();
    assert_eq!(profile.slug(), "sample");
    assert!(!profile.explain().is_empty());
}

#[test]
fn what_it_calls_defaults_are_the_defaults() {
    let sample = Profile::parse("sample.toml", SAMPLE).unwrap();
    let mut table: Table = SAMPLE.parse().unwrap();
    for section in ["session", "mail_code", "hold", "files", "certificates"] {
        table.remove(section).unwrap();
    }
    let tokens = table.get_mut("tokens").and_then(Value::as_table_mut).unwrap();
    for key in [
        "drift",
        "throttle",
        "revocation",
        "window_steps",
        "algorithm",
        "login_choice_preset",
        "attempt_failures_max",
        "exchange_proof_minutes",
        "expiry_warning_days",
        "otpauth_export",
    ] {
        tokens.remove(key).unwrap();
    }
    let limits = table.get_mut("limits").and_then(Value::as_table_mut).unwrap();
    limits.remove("change_unit_yen").unwrap();
    let stop = table.get("words").and_then(|words| words.get("stop")).cloned().unwrap();
    table.insert("words".to_owned(), Value::Table(Table::from_iter([("stop".to_owned(), stop)])));
    let services = table.get_mut("services").and_then(Value::as_table_mut).unwrap();
    services.retain(|key, _| ["transfers", "pay_easy", "emergency_stop"].contains(&key));
    let credentials = table.get_mut("credentials").and_then(Value::as_table_mut).unwrap();
    credentials.retain(|key, _| !key.ends_with("_max") && key != "forbidden_parts");
    let hours = table.get_mut("hours").and_then(Value::as_table_mut).unwrap();
    hours.retain(|key, _| key == "closures");
    let help = table.get_mut("help").and_then(Value::as_table_mut).unwrap();
    help.retain(|key, _| key != "app_name" && key != "terms_name");
    let transfers = table.get_mut("transfers").and_then(Value::as_table_mut).unwrap();
    transfers.retain(|key, _| key == "registered_payees");
    assert_eq!(Profile::parse("sample.toml", &table.to_string()).unwrap(), sample);
}

/// Every key that any part of a profile may have stands in the sample: an unknown key put into each
/// table makes the reader name the keys it knows.
#[test]
fn it_shows_every_key() {
    let mut files = Profile::builtin();
    files.push(("sample.toml", SAMPLE));
    let mut keys_seen = 0;
    for (file, text) in files {
        let table: Table = text.parse().unwrap();
        for path in tables_in(&Value::Table(table.clone())) {
            if path.is_empty() {
                continue;
            }
            let mut broken = Value::Table(table.clone());
            let target = path.iter().fold(&mut broken, |value, step| match step.parse::<usize>() {
                Ok(i) => &mut value[i],
                Err(_) => &mut value[step.as_str()],
            });
            target.as_table_mut().unwrap().insert("zzz".to_owned(), Value::Boolean(true));
            let errors = Profile::parse(file, &broken.as_table().unwrap().to_string()).unwrap_err();
            let error = errors
                .iter()
                .find(|error| error.reason.contains("no such key"))
                .unwrap_or_else(|| panic!("{file} {}: {errors:?}", path.join(".")));
            for key in error.fix.split('`').skip(1).step_by(2) {
                keys_seen += 1;
                assert!(is_shown(key), "{key} of {} is not in the sample", path.join("."));
            }
        }
    }
    assert!(keys_seen > 500, "only {keys_seen} keys were looked for");
}

fn is_shown(key: &str) -> bool {
    SAMPLE.lines().map(|line| line.trim_start_matches(['#', ' '])).any(|line| {
        let head = line.split(['=', '#']).next().unwrap_or_default().trim();
        let last = head.trim_matches(['[', ']']).rsplit('.').next().unwrap_or_default();
        head == key
            || (head.starts_with('[') && last == key)
            || line.contains(&format!("{{ {key} ="))
    }) || SAMPLE.contains(&format!(", {key} = "))
}

fn tables_in(value: &Value) -> Vec<Vec<String>> {
    let children: Vec<(String, &Value)> = match value {
        Value::Table(table) => table.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    let mut paths = if value.is_table() { vec![Vec::new()] } else { Vec::new() };
    for (step, child) in children {
        for mut path in tables_in(child) {
            path.insert(0, step.clone());
            paths.push(path);
        }
    }
    paths
}
