//! Mistakes in the token policy.

use super::super::text;
use super::{A, I, M, S, among, assert_mistake, only};
use crate::domain::portal::Profile;

#[test]
fn numbers_of_the_throttle_and_the_drift() {
    let add = |line: &str| format!("{line}\n\n[[tokens.kinds]]");
    let expected = [
        ("[tokens.throttle]\nfailures_max = 0", "tokens.throttle.failures_max", "out of range"),
        (
            "[tokens.throttle]\nwait_after = 5",
            "tokens.throttle.wait_after",
            "before the first wait",
        ),
        ("[tokens.throttle]\nwait_seconds = 9999", "tokens.throttle.wait_seconds", "out of range"),
        (
            "[tokens.throttle]\nsliding_failures_max = 4",
            "tokens.throttle.sliding_failures_max",
            "before the short one",
        ),
        ("[tokens.throttle]\nsliding_days = 0", "tokens.throttle.sliding_days", "out of range"),
        (
            "[tokens.throttle]\nrepeat_seconds = 999",
            "tokens.throttle.repeat_seconds",
            "out of range",
        ),
        ("[tokens.drift]\napp_steps_max = 99", "tokens.drift.app_steps_max", "out of range"),
        ("[tokens.drift]\nhardware_steps_max = 99", "tokens.drift.hardware_steps_max", "out of"),
        ("[tokens.drift]\nfirst_search_steps = 99", "tokens.drift.first_search_steps", "out of"),
        ("[tokens.drift]\nresynchronise_steps = 0", "tokens.drift.resynchronise_steps", "out of"),
        ("[tokens.revocation]\nwait_minutes = 9999", "tokens.revocation.wait_minutes", "out of"),
        (
            "[tokens.revocation]\nnight_until = 01:00:00",
            "tokens.revocation.night_until",
            "ends before it begins",
        ),
    ];
    for (lines, key, reason) in expected {
        among(S, "[[tokens.kinds]]", &add(lines), key, reason);
    }
}

#[test]
fn other_numbers_of_tokens() {
    let more = [
        ("attempt_failures_max = 0", "tokens.attempt_failures_max", "out of range"),
        ("exchange_proof_minutes = 0", "tokens.exchange_proof_minutes", "out of range"),
        ("expiry_warning_days = [7, 30]", "tokens.expiry_warning_days", "not in order"),
        ("expiry_warning_days = [30, 0]", "tokens.expiry_warning_days", "not in order"),
    ];
    for (line, key, reason) in more {
        only(S, "digits = 6", &format!("digits = 6\n{line}"), key, reason);
    }
}

#[test]
fn validity() {
    let of = |rule: &str| format!("validity = {{ {rule} }}");
    let none = of("rule = \"none\"");
    let years = "tokens.validity.years";
    only(S, &none, &of("rule = \"years\", at = 09:00:00"), years, "there is no number");
    only(S, &none, &of("rule = \"years\", years = 0, at = 09:00:00"), years, "out of range");
    only(S, &none, &of("rule = \"none\", years = 5"), years, "counts no years");
    only(S, &none, &of("rule = \"none\", at = 09:00:00"), "tokens.validity.at", "time of day");
    only(S, &none, &of("rule = \"printed\""), "tokens.validity.at", "time of day");
    let from = of("rule = \"years_to_month_end\", years = 5, at = 09:00:00");
    let to = of("rule = \"printed\", at = 09:00:00");
    only(M, &from, &to, "tokens.validity.rule", "has a printed day");
}

#[test]
fn no_kinds_of_token() {
    let whole = text(S);
    let start = whole.find("[[tokens.kinds]]").unwrap();
    let end = whole.find("[auth]").unwrap();
    let broken = format!("{}kinds = []\n{}", &whole[..start], &whole[end..]);
    let broken = broken.replacen("validity = { rule = \"none\" }\n\nkinds", "kinds", 1);
    let broken = broken.replacen("kinds = []", "validity = { rule = \"none\" }\nkinds = []", 1);
    let found = Profile::parse(S, &broken).unwrap_err();
    assert_mistake(&found, S, "tokens.kinds", "nothing can be registered or exchanged");
}

#[test]
fn kinds_of_token() {
    let key = |name: &str| format!("tokens.kinds[2].{name}");
    among(S, "kind = \"desktop\"", "kind = \"app\"", &key("kind"), "`app` stands twice");
    let to = "closed_from = 2018-03-12\nregistration_from = 2018-03-12";
    only(S, "closed_from = 2018-03-12", to, &key("closed_from"), "closes before it opens");
    let instead = "use_instead = [\"app\", \"hardware\"]";
    only(S, instead, "use_instead = [\"desktop\"]", &key("use_instead"), "cannot be used instead");
    let key = "tokens.kinds[0].serial_length_min";
    only(S, "serial_length_min = 12", "serial_length_min = 13", key, "cannot be");
    let to = "label = \"\"";
    only(S, "label = \"スマートフォンアプリ\"", to, "tokens.kinds[0].label", "empty");
    let to = "use_instead = [\"vendor_app\"]\ncode_place";
    only(A, "code_place", to, "tokens.kinds[0].use_instead", "`vendor_app` cannot be used");
}

#[test]
fn issued_tokens() {
    let key = "tokens.registration";
    among(M, "credential = \"issued\"", "credential = \"self_made\"", key, "go together");
    among(M, "menu_after_login", "login_page_links", key, "go together");
    only(
        M,
        "service_id = \"30000001\"",
        "service_id = \"3\"",
        "tokens.issue.service_id",
        "no service id",
    );
    only(M, "set_up_hours = 24", "set_up_hours = 0", "tokens.issue.set_up_hours", "out of range");
    let to = "set_up_failures_max = 0";
    only(M, "set_up_failures_max = 5", to, "tokens.issue.set_up_failures_max", "out of range");
    only(M, "user_id_digits = 12", "user_id_digits = 2", "tokens.issue.user_id_digits", "out of");
    let key = "tokens.issue.activation_password.length_min";
    only(M, "length_min = 4", "length_min = 9", key, "leave nothing to enter");
    let whole = text(M);
    let (start, end) = (whole.find("[tokens.issue]").unwrap(), whole.find("[[tokens").unwrap());
    let broken = format!("{}{}", &whole[..start], &whole[end..]);
    assert_mistake(&Profile::parse(M, &broken).unwrap_err(), M, "tokens.issue", "is missing");
}

#[test]
fn places_of_registration() {
    let key = "tokens.registration";
    among(S, "login_page_panel", "forced_at_login", key, "does not fit the segment");
    among(I, "forced_at_login", "login_page_panel", key, "does not fit the segment");
    let key = "tokens.service_starts_on";
    only(I, "service_starts_on = 2015-10-05\n", "", key, "the day goes with");
    let to = "digits = 6\nservice_starts_on = 2015-10-05";
    only(S, "digits = 6", to, key, "the day goes with");
    among(S, "login_page_panel", "login_page_links", "tokens.exchange", "panel of the login page");
    among(I, "stop = \"none\"", "stop = \"customer\"", "tokens.stop", "by themselves");
}

#[test]
fn administrators_that_there_are_not() {
    let none = "this portal has no such administrator";
    among(S, "exchange = \"customer\"", "exchange = \"administrator\"", "tokens.exchange", none);
    among(S, "stop = \"customer\"", "stop = \"administrator\"", "tokens.stop", none);
    let to = "released_by = \"administrator\"";
    among(S, "released_by = \"staff\"", to, "tokens.released_by", none);
    let to = "revoked_by = \"administrator\"";
    among(S, "revoked_by = \"staff\"", to, "tokens.revoked_by", none);
    among(I, "\"same_serial\"", "\"by_administrator\"", "tokens.sharing", none);
    let to = "revoked_by = \"master_and_administrators\"";
    among(A, "revoked_by = \"staff\"", to, "tokens.revoked_by", "has no master users");
    among(S, "sharing = \"none\"", "sharing = \"same_serial\"", "tokens.sharing", "do not share");
}

#[test]
fn the_login_choice() {
    let key = "tokens.login_choice";
    only(S, "login_choice = \"offered\"", "login_choice = \"absent\"", key, "go together");
    only(S, "when = \"chosen\"", "when = \"in_use\"", key, "go together");
    let hidden = text(S).replacen("\"offered\"", "\"hidden\"", 1);
    assert!(Profile::parse(S, &hidden).is_ok());
}

#[test]
fn words() {
    only(S, "stop = \"利用中止\"", "", "words.stop", "there is no word for it");
    only(S, "stop = \"利用中止\"", "stop = \"x\"\nserial = \"\"", "words.serial", "empty");
}
