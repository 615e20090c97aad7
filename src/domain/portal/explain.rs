//! A profile in plain English, section by section, for whoever checks one.

mod money;
mod rules;
mod tokens;

use std::fmt::Write;

use super::{
    ClientCertificates, Profile, SecretRule, Segment, Services, SignIn, UserAdministration,
};
use crate::domain::stop_code;

/// The whole explanation.
pub(super) fn explain(profile: &Profile) -> String {
    let sections = [
        ("Portal", portal(profile)),
        ("Services", services(&profile.services)),
        ("Ids and secrets", credentials(profile)),
        ("Sessions and codes by mail", sessions(profile)),
        ("Tokens", tokens::policy(profile)),
        ("Kinds of token", tokens::kinds(profile)),
        ("One-time passwords", tokens::codes(profile)),
        ("What each act needs", rules::rules(profile)),
        ("Limits and transfers", money::limits(profile)),
        ("Fees (net; tax is added)", money::fees(&profile.fees)),
        ("Files", money::files(profile)),
        ("Hours", money::hours(&profile.hours)),
        ("Words", words(profile)),
        ("Screens", vec![profile.screens().join(" ")]),
    ];
    let mut text = format!("{} (/{}/)\n", profile.display_name(), profile.slug());
    for (title, lines) in sections.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{title}\n");
        for line in lines {
            let _ = writeln!(text, "  - {line}");
        }
    }
    text
}

fn portal(profile: &Profile) -> Vec<String> {
    let whom = match profile.portal.segment {
        Segment::Retail => "private customers",
        Segment::Corporate => "companies",
    };
    let (portal, contact) = (&profile.portal, &profile.contact);
    vec![
        format!("It serves {whom}; its pages are {}.", portal.theme.name()),
        format!("Bank code {}, in files \"{}\".", portal.bank_code.as_str(), portal.bank_name_kana),
        format!("Contact: {}, {} ({}).", contact.department, contact.telephone, contact.hours),
        format!("Losses and theft: {}.", contact.telephone_for_losses()),
        format!("Mail comes from {} <{}>.", profile.mail.sender_name, profile.mail.sender_address),
    ]
}

fn services(services: &Services) -> Vec<String> {
    let all = [
        (services.inquiries, "balances and movements"),
        (services.transfers, "transfers, payees, reservations and limits"),
        (services.pay_easy, "Pay-easy"),
        (services.bulk_files, "bulk files"),
        (services.external_files, "external files"),
        (services.mobile_channel, "the feature-phone channel"),
        (services.token_orders, "orders of further tokens"),
        (services.emergency_stop, "the emergency stop"),
        (services.activation, "activation at the first log-on"),
    ];
    let names = |wanted: bool| -> String {
        let names: Vec<_> =
            all.iter().filter(|(is_on, _)| *is_on == wanted).map(|(_, name)| *name).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    };
    let users = match services.user_administration {
        UserAdministration::None => "A contract has one user.",
        UserAdministration::Administrator => {
            "One administrator, who does not trade, manages a contract's users."
        }
        UserAdministration::MasterAndAdministrators => {
            "Master users and administrator users manage a contract's users."
        }
    };
    let certificates = match services.client_certificates {
        ClientCertificates::None => "Client certificates are not used.",
        ClientCertificates::ByContract => "A contract may require client certificates.",
    };
    vec![
        format!("Offered: {}.", names(true)),
        format!("Not offered: {}.", names(false)),
        users.to_owned(),
        certificates.to_owned(),
    ]
}

fn credentials(profile: &Profile) -> Vec<String> {
    let credentials = &profile.credentials;
    let mut lines = vec![match (credentials.sign_in, &credentials.user_id) {
        (SignIn::ContractAndUser, Some(user_id)) => format!(
            "Users log in with {} and {}, the administrator with {} alone.",
            credentials.id.label, user_id.label, credentials.id.label
        ),
        _ => format!("Users log in with {}.", credentials.id.label),
    }];
    let rules = [
        ("login", Some(&credentials.login)),
        ("confirming secret", Some(&credentials.confirm)),
        ("administrator's login", credentials.administrator_login.as_ref()),
        ("administrator's confirming secret", credentials.administrator_confirm.as_ref()),
        ("registration number", credentials.registration_number.as_ref()),
    ];
    lines.extend(rules.iter().filter_map(|(name, rule)| Some(secret(name, (*rule)?))));
    lines.push(format!(
        "{} wrong login secrets in a row lock the login, {} wrong confirming secrets lock those.",
        credentials.login_failures_max, credentials.confirm_failures_max
    ));
    lines.push(if credentials.picture_card {
        let most = credentials.picture_card_failures_max;
        format!("Picture cards may take the confirming secret's place; {most} failures lock one.")
    } else {
        "There are no picture cards.".to_owned()
    });
    lines
}

fn secret(name: &str, rule: &SecretRule) -> String {
    let also = rule.also_called.as_ref().map_or(String::new(), |also| format!(" (also {also})"));
    format!("The {name} is {}{also}: {}.", rule.label, rule.hint())
}

fn sessions(profile: &Profile) -> Vec<String> {
    let (session, code) = (profile.session, profile.mail_code);
    let mut lines = vec![
        format!(
            "A session ends after {} minutes without use (warned {} minutes before) and after {} \
             hours at most.",
            session.idle_minutes, session.warn_minutes, session.hours_max
        ),
        format!(
            "A code by mail is valid {} minutes and for {} tries; an address gets {} a day at \
             most, and the code of an act may be asked for again {} times.",
            code.valid_minutes, code.failures_max, code.sendings_max, code.resends_max
        ),
    ];
    if profile.services.emergency_stop {
        lines.push(format!(
            "A stop code has {} digits and allows {} tries in any {} minutes.",
            stop_code::DIGITS,
            stop_code::TRIES_MAX,
            stop_code::TRIES_WINDOW.num_minutes()
        ));
    }
    lines
}

fn words(profile: &Profile) -> Vec<String> {
    let (words, help) = (&profile.words, &profile.help);
    let stop = words.stop.as_deref().unwrap_or("(none)");
    vec![
        format!("Token {}, its number {} ({}).", words.token, words.serial, words.serial_hint),
        format!(
            "One-time password {} ({}). Customer card {}.",
            words.otp, words.otp_hint, words.card
        ),
        format!(
            "Start {}, exchange {}, stop {stop}, release {}.",
            words.start, words.exchange, words.release
        ),
        format!(
            "Terms: {} version {}, from {}. Token app: {}.",
            help.terms_name, help.terms_version, help.terms_from, help.app_name
        ),
        format!("Notices on the top page: {}.", profile.home.notices.len()),
    ]
}

/// `1234567` as `1,234,567 yen`.
fn yen(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{grouped} yen")
}
