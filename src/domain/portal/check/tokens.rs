//! Checks of the token policy.

use super::super::{
    Credential, DoneBy, IssuePolicy, Keeper, KindRules, LoginChoice, Profile, RegistrationPlace,
    Sharing, TokenPolicy, UserAdministration, Validity, ValidityRule,
};
use super::{Findings, identity};
use crate::domain::auth_rule::{Operation, When};

pub(super) fn check(found: &mut Findings<'_>, profile: &Profile) {
    let tokens = &profile.tokens;
    check_numbers(found, tokens);
    check_validity(found, &tokens.validity, &tokens.kinds);
    check_kinds(found, tokens);
    check_issue(found, tokens);
    check_registration(found, profile);
    check_keepers(found, profile);
    check_login_choice(found, profile);
    check_words(found, profile);
}

fn check_numbers(found: &mut Findings<'_>, tokens: &TokenPolicy) {
    let (throttle, drift) = (tokens.throttle, tokens.drift);
    let ranges = [
        ("throttle.failures_max", throttle.failures_max, 1..=10, "failures"),
        ("throttle.wait_seconds", throttle.wait_seconds, 0..=3_600, "seconds"),
        ("throttle.sliding_days", throttle.sliding_days, 1..=365, "days"),
        ("throttle.repeat_seconds", throttle.repeat_seconds, 0..=300, "seconds"),
        ("drift.app_steps_max", drift.app_steps_max, 0..=10, "steps"),
        ("drift.hardware_steps_max", drift.hardware_steps_max, 0..=20, "steps"),
        ("drift.first_search_steps", drift.first_search_steps, 0..=60, "steps"),
        ("drift.resynchronise_steps", drift.resynchronise_steps, 1..=240, "steps"),
        ("attempt_failures_max", tokens.attempt_failures_max, 1..=10, "failures"),
        ("exchange_proof_minutes", tokens.exchange_proof_minutes, 1..=60, "minutes"),
        ("revocation.wait_minutes", tokens.revocation.wait_minutes, 0..=1_440, "minutes"),
    ];
    for (key, value, allowed, unit) in ranges {
        found.in_range(&format!("tokens.{key}"), value, allowed, unit);
    }
    check_order(found, tokens);
}

/// Numbers that must stand in an order to each other.
fn check_order(found: &mut Findings<'_>, tokens: &TokenPolicy) {
    let throttle = tokens.throttle;
    found.require(
        throttle.wait_after < throttle.failures_max,
        "tokens.throttle.wait_after",
        "the token is suspended before the first wait",
        "write less than failures_max, or 0 for no waits",
    );
    found.require(
        throttle.sliding_failures_max >= throttle.failures_max,
        "tokens.throttle.sliding_failures_max",
        "the long count would suspend before the short one",
        "write failures_max or more",
    );
    found.require(
        tokens.revocation.night_from <= tokens.revocation.night_until,
        "tokens.revocation.night_until",
        "the night window ends before it begins",
        "write a time after night_from; the same time means no window",
    );
    let days = &tokens.expiry_warning_days;
    let is_falling = days.windows(2).all(|pair| matches!(pair, [a, b] if a > b));
    found.require(
        is_falling && !days.contains(&0),
        "tokens.expiry_warning_days",
        "the warnings are not in order",
        "write days before the end, the most first, each once, as [60, 30, 7]",
    );
}

fn check_validity(found: &mut Findings<'_>, validity: &Validity, kinds: &[KindRules]) {
    let counts_years = matches!(validity.rule, ValidityRule::Years | ValidityRule::YearsToMonthEnd);
    match validity.years {
        Some(years) if counts_years => {
            found.in_range("tokens.validity.years", years, 1..=20, "years");
        }
        Some(_) => found.add(
            "tokens.validity.years",
            "this rule counts no years",
            "remove it, or set rule = \"years\"",
        ),
        None => found.require(
            !counts_years,
            "tokens.validity.years",
            "this rule counts years, but there is no number",
            "add `years = 5`",
        ),
    }
    let ends = validity.rule != ValidityRule::None;
    found.require(
        validity.at.is_some() == ends,
        "tokens.validity.at",
        "a time of day goes with a rule that ends tokens",
        "add `at = 09:00:00`, or remove it for rule = \"none\"",
    );
    let has_stock = kinds.iter().any(|rules| rules.credential == Credential::Stock);
    found.require(
        validity.rule != ValidityRule::Printed || has_stock,
        "tokens.validity.rule",
        "no kind of token of this portal has a printed day",
        "choose another rule, or add a kind with credential = \"stock\"",
    );
}

fn check_kinds(found: &mut Findings<'_>, tokens: &TokenPolicy) {
    found.require(
        !tokens.kinds.is_empty(),
        "tokens.kinds",
        "there is no kind of token, so nothing can be registered or exchanged",
        "add [[tokens.kinds]]",
    );
    for (i, rules) in tokens.kinds.iter().enumerate() {
        let key = format!("tokens.kinds[{i}]");
        found.filled(&format!("{key}.label"), &rules.label);
        let (least, most) = (rules.serial_length_min, rules.serial_length_max);
        if least < 4 || least > most || most > 32 {
            let reason = format!("serial numbers of {least} to {most} characters cannot be");
            found.add(format!("{key}.serial_length_min"), reason, "write 4 to 32, the least first");
        }
        if tokens.kinds.iter().take(i).any(|earlier| earlier.kind == rules.kind) {
            let reason = format!("`{}` stands twice", rules.kind.as_str());
            found.add(format!("{key}.kind"), reason, "keep one of the two");
        }
        let is_never_open =
            matches!((rules.registration_from, rules.closed_from), (Some(a), Some(b)) if a >= b);
        if is_never_open {
            let reason = "the kind closes before it opens";
            found.add(format!("{key}.closed_from"), reason, "write a day after registration_from");
        }
        for other in &rules.use_instead {
            if *other == rules.kind || tokens.kind(*other).is_none() {
                let reason = format!("`{}` cannot be used instead", other.as_str());
                found.add(
                    format!("{key}.use_instead"),
                    reason,
                    "name another kind that the portal takes",
                );
            }
        }
    }
}

fn check_issue(found: &mut Findings<'_>, tokens: &TokenPolicy) {
    let is_issued = tokens.kinds.iter().any(|rules| rules.credential == Credential::Issued);
    let in_menu = tokens.registration == RegistrationPlace::MenuAfterLogin;
    found.require(
        is_issued == in_menu,
        "tokens.registration",
        "\"menu_after_login\" and a kind with credential = \"issued\" go together",
        "set both, or neither",
    );
    match &tokens.issue {
        None => found.require(
            !is_issued,
            "tokens.issue",
            "a kind of token is issued, but this section is missing",
            "add [tokens.issue]",
        ),
        Some(issue) => {
            found.require(
                is_issued,
                "tokens.issue",
                "no kind of token is issued",
                "remove the section, or set credential = \"issued\" for a kind",
            );
            check_issue_numbers(found, issue);
        }
    }
}

fn check_issue_numbers(found: &mut Findings<'_>, issue: &IssuePolicy) {
    let id = &issue.service_id;
    found.require(
        id.len() == 8 && id.chars().all(|c| c.is_ascii_digit()),
        "tokens.issue.service_id",
        "this is no service id",
        "write 8 digits in quotation marks",
    );
    found.in_range("tokens.issue.user_id_digits", issue.user_id_digits, 8..=16, "digits");
    found.in_range("tokens.issue.set_up_hours", issue.set_up_hours, 1..=720, "hours");
    found.in_range("tokens.issue.set_up_failures_max", issue.set_up_failures_max, 1..=10, "tries");
    identity::check_secret(found, "tokens.issue.activation_password", &issue.activation_password);
}

fn check_registration(found: &mut Findings<'_>, profile: &Profile) {
    let tokens = &profile.tokens;
    let is_for_companies = matches!(
        tokens.registration,
        RegistrationPlace::AdministratorMenu | RegistrationPlace::ForcedAtLogin
    );
    found.require(
        is_for_companies == profile.is_corporate(),
        "tokens.registration",
        "this place of registration does not fit the segment",
        "corporate: \"administrator_menu\" or \"forced_at_login\"; retail: one of the others",
    );
    let is_forced = tokens.registration == RegistrationPlace::ForcedAtLogin;
    found.require(
        is_forced == tokens.service_starts_on.is_some(),
        "tokens.service_starts_on",
        "the day goes with registration = \"forced_at_login\"",
        "add it there, remove it elsewhere",
    );
    let in_panel = tokens.registration == RegistrationPlace::LoginPagePanel;
    found.require(
        tokens.exchange != DoneBy::Customer || in_panel,
        "tokens.exchange",
        "customers exchange tokens in the panel of the login page only",
        "write \"none\", or set registration = \"login_page_panel\"",
    );
    found.require(
        tokens.stop != DoneBy::Customer || !is_for_companies,
        "tokens.stop",
        "users of companies do not stop tokens by themselves",
        "write \"administrator\" or \"none\"",
    );
}

fn check_keepers(found: &mut Findings<'_>, profile: &Profile) {
    let tokens = &profile.tokens;
    let by = profile.services.user_administration;
    let needs_administrator = [
        ("tokens.registration", tokens.registration == RegistrationPlace::AdministratorMenu),
        ("tokens.exchange", tokens.exchange == DoneBy::Administrator),
        ("tokens.stop", tokens.stop == DoneBy::Administrator),
        ("tokens.released_by", tokens.released_by == Keeper::Administrator),
        ("tokens.revoked_by", tokens.revoked_by == Keeper::Administrator),
        ("tokens.sharing", tokens.sharing == Sharing::ByAdministrator),
    ];
    for (key, is_needed) in needs_administrator {
        found.require(
            !is_needed || by == UserAdministration::Administrator,
            key,
            "this portal has no such administrator",
            "choose another value, or set services.user_administration = \"administrator\"",
        );
    }
    let needs_masters =
        [("tokens.released_by", tokens.released_by), ("tokens.revoked_by", tokens.revoked_by)];
    for (key, keeper) in needs_masters {
        found.require(
            keeper != Keeper::MasterAndAdministrators
                || by == UserAdministration::MasterAndAdministrators,
            key,
            "this portal has no master users",
            "choose another value, or set services.user_administration = \
             \"master_and_administrators\"",
        );
    }
    found.require(
        tokens.sharing == Sharing::None || profile.is_corporate(),
        "tokens.sharing",
        "retail customers do not share tokens",
        "write \"none\"",
    );
}

fn check_login_choice(found: &mut Findings<'_>, profile: &Profile) {
    let rules = profile.auth.rules_of(Operation::Login);
    let follows_choice = rules.iter().any(|rule| rule.when == Some(When::Chosen));
    let has_choice = profile.tokens.login_choice != LoginChoice::Absent;
    found.require(
        follows_choice == has_choice,
        "tokens.login_choice",
        "the choice and a rule for `login` with when = \"chosen\" go together",
        "set both; or write \"absent\" here and no such rule",
    );
}

fn check_words(found: &mut Findings<'_>, profile: &Profile) {
    let words = &profile.words;
    found.require(
        profile.tokens.stop == DoneBy::None || words.stop.is_some(),
        "words.stop",
        "tokens can be stopped, but there is no word for it",
        "add `stop = \"...\"`",
    );
    let texts = [
        ("words.login", &words.login),
        ("words.logout", &words.logout),
        ("words.token", &words.token),
        ("words.card", &words.card),
        ("words.serial", &words.serial),
        ("words.otp", &words.otp),
        ("words.start", &words.start),
        ("words.exchange", &words.exchange),
        ("words.stop_button", &words.stop_button),
        ("words.release", &words.release),
    ];
    for (key, text) in texts {
        found.filled(key, text);
    }
}
