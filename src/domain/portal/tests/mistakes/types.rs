//! Mistakes that the types refuse.

use super::super::text;
use super::{A, I, S, assert_mistake, mistakes, only};
use crate::domain::portal::Profile;

#[test]
fn what_an_error_reads_like() {
    let found = mistakes(S, "digits = 6", "digits = 7");
    assert_eq!(
        found[0].to_string(),
        "shirakaba.toml: tokens.digits: one-time passwords of 7 digits are not made; write 6 or 8"
    );
}

#[test]
fn broken_toml() {
    let found = Profile::parse("x.toml", "[portal]\nslug = \"x\"\n[contact\n").unwrap_err();
    assert_mistake(&found, "x.toml", "line 3", "this is not TOML");
    let found = Profile::parse("x.toml", "[portal]\nslug = 1\nslug = 2\n").unwrap_err();
    assert_mistake(&found, "x.toml", "line 3", "duplicate key");
    let found = Profile::parse("x.toml", "at = 25:00:00").unwrap_err();
    assert_mistake(&found, "x.toml", "line 1", "invalid time");
}

#[test]
fn a_missing_section() {
    let found = mistakes(S, "[contact]", "[home_contact]");
    assert_mistake(&found, S, "contact", "this section is missing");
    assert_mistake(&found, S, "home_contact", "there is no such section");
    assert_eq!(found.len(), 2);
}

#[test]
fn a_missing_key() {
    only(S, "digits = 6\n", "", "tokens.digits", "this key is missing");
    let found = mistakes(S, "digits = 6\n", "");
    assert!(found[0].fix.contains("digits = ..."), "{found:?}");
}

#[test]
fn an_unknown_key() {
    only(S, "digits = 6", "digits = 6\ndigit = 6", "tokens.digit", "there is no such key");
    only(
        S,
        "method = \"confirm\" }",
        "method = \"confirm\", frm = 1 }",
        "auth.rules[1].frm",
        "no such",
    );
    let found = mistakes(S, "digits = 6", "digits = 6\ndigit = 6");
    assert!(found[0].fix.contains("`digits`"), "{found:?}");
}

#[test]
fn a_wrong_type() {
    only(S, "digits = 6", "digits = \"6\"", "tokens.digits", "invalid type");
    only(S, "picture_card = true", "picture_card = 1", "credentials.picture_card", "invalid type");
    only(
        S,
        "rise_after_days = 3",
        "rise_after_days = -3",
        "limits.rise_after_days",
        "invalid value: integer `-3`",
    );
}

#[test]
fn an_unknown_value() {
    let theme = ("theme = \"blue\"", "theme = \"pink\"");
    only(S, theme.0, theme.1, "portal.theme", "unknown value `pink`");
    assert!(mistakes(S, theme.0, theme.1)[0].fix.contains("`teal`"));
    only(
        S,
        "method = \"otp+confirm\"",
        "method = \"otp&confirm\"",
        "auth.rules[3].method",
        "unknown",
    );
    only(
        S,
        "\"otp.start\"",
        "\"otp.begin\"",
        "auth.rules[1].operation",
        "unknown value `otp.begin`",
    );
    only(S, "kind = \"desktop\"", "kind = \"laptop\"", "tokens.kinds[2].kind", "unknown value");
    only(S, "sharing = \"none\"", "sharing = \"all\"", "tokens.sharing", "unknown value `all`");
    only(
        I,
        "except = \"registered_payee\"",
        "except = \"friends\"",
        "auth.rules[3].except",
        "unknown",
    );
}

#[test]
fn slugs() {
    let key = "portal.slug";
    for reserved in ["qa", "token", "static", "healthz", "readyz", "metrics"] {
        let to = format!("slug = \"{reserved}\"");
        only(S, "slug = \"shirakaba\"", &to, key, "is reserved by the server");
    }
    for odd in ["Shirakaba", "s", "1shirakaba", "shira_kaba", "しらかば", "a/b", ""] {
        let to = format!("slug = \"{odd}\"");
        only(S, "slug = \"shirakaba\"", &to, key, "cannot stand in addresses");
    }
    only(S, "slug = \"shirakaba\"", "slug = \"sirakaba\"", key, "is not the name of the file");
}

#[test]
fn numbers_of_one_time_passwords() {
    only(S, "digits = 6", "digits = 7", "tokens.digits", "7 digits are not made");
    only(S, "period_seconds = 30", "period_seconds = 45", "tokens.period_seconds", "45 seconds");
    for steps in ["3", "-1"] {
        let to = format!("digits = 6\nwindow_steps = {steps}");
        only(S, "digits = 6", &to, "tokens.window_steps", "makes guessing too easy");
    }
    for steps in ["0", "1", "2"] {
        let to = format!("digits = 6\nwindow_steps = {steps}");
        assert!(Profile::parse(S, &text(S).replacen("digits = 6", &to, 1)).is_ok());
    }
}

#[test]
fn bank_codes() {
    only(S, "bank_code = \"0984\"", "bank_code = \"984\"", "portal.bank_code", "is no bank code");
}

#[test]
fn days_and_times() {
    let key = "tokens.kinds[0].registration_from";
    only(S, "2017-03-13", "2017-03-13T07:00:00", key, "not a day");
    only(S, "2017-03-13", "\"2017-03-13\"", key, "invalid type: string");
    let from = "from = 2017-07-24T07:00:00";
    let key = "auth.rules[13].from";
    only(A, from, "from = 2017-07-24T07:00:00+09:00", key, "not a moment in Japan time");
    only(A, "at = 09:00:00", "at = 2017-07-24", "tokens.validity.at", "not a time of day");
}

#[test]
fn hours_and_closures() {
    for odd in ["7:00-24:00", "09:00-09:00", "18:00-09:00", "00:00-24:01", "open"] {
        let to = format!("[hours]\nsundays = \"{odd}\"\n[[hours.closures]]");
        only(S, "[[hours.closures]]", &to, "hours.sundays", "are no hours");
    }
    let key = "hours.closures[0].from";
    for odd in ["13-01 00:00", "02-30 00:00", "12-31", "12-31 24:30"] {
        let to = format!("from = \"{odd}\"");
        only(S, "from = \"12-31 21:00\"", &to, key, "is no time of the year");
    }
    let key = "hours.closures[0].until";
    only(S, "until = \"12-31 24:00\"", "until = \"12-31 21:00\"", key, "has no length");
    let closed = "[hours]\nweekdays = \"closed\"\nsaturdays = \"closed\"\nsundays = \"closed\"\n\
                  [[hours.closures]]";
    only(S, "[[hours.closures]]", closed, "hours.weekdays", "never open");
}

#[test]
fn one_mistake_in_each_section_is_found_at_once() {
    let broken = text(S)
        .replacen("theme = \"blue\"", "theme = \"pink\"", 1)
        .replacen("digits = 6", "digits = 7", 1)
        .replacen("terms_version", "terms_versoin", 1);
    let found = Profile::parse(S, &broken).unwrap_err();
    let keys: Vec<_> = found.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["portal.theme", "tokens.digits", "help.terms_versoin"]);
}
