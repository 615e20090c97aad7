//! Checks of name, contact, ids, secrets, sessions.

use super::super::{
    Contact, Credentials, IdRule, MailSender, Profile, SecretRule, Segment, SignIn,
    UserAdministration,
};
use super::Findings;

/// Most characters of a bank's name in Zengin files.
const BANK_NAME_LENGTH_MAX: usize = 15;
/// Most characters of a secret; more would only cost time when hashed.
const SECRET_LENGTH_MAX: u32 = 128;

pub(super) fn check(found: &mut Findings<'_>, profile: &Profile) {
    check_portal(found, profile);
    check_contact(found, &profile.contact);
    check_mail(found, &profile.mail);
    check_segment(found, profile);
    check_credentials(found, &profile.credentials);
    check_sessions(found, profile);
    check_texts(found, profile);
}

fn check_portal(found: &mut Findings<'_>, profile: &Profile) {
    let portal = &profile.portal;
    let stem = found.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default().to_owned();
    if stem != portal.slug.as_str() {
        let reason = format!("`{}` is not the name of the file", portal.slug);
        found.add("portal.slug", reason, format!("write `{stem}`, or rename the file"));
    }
    found.filled("portal.institution", &portal.institution);
    found.filled("portal.service", &portal.service);
    let kana = &portal.bank_name_kana;
    let is_kana = |c: char| matches!(c, 'ｦ' | 'ｱ'..='ﾟ' | 'A'..='Z' | '0'..='9' | ' ' | '-' | '.');
    let length = kana.chars().count();
    found.require(
        (1..=BANK_NAME_LENGTH_MAX).contains(&length) && kana.chars().all(is_kana),
        "portal.bank_name_kana",
        "this is no name for Zengin files",
        "write 1 to 15 characters of half-width kana, capital letters and digits",
    );
}

fn check_contact(found: &mut Findings<'_>, contact: &Contact) {
    found.filled("contact.department", &contact.department);
    found.filled("contact.hours", &contact.hours);
    let telephones = [
        ("contact.telephone", Some(&contact.telephone)),
        ("contact.lost_telephone", contact.lost_telephone.as_ref()),
    ];
    for (key, telephone) in telephones {
        let Some(telephone) = telephone else { continue };
        let digits = telephone.chars().filter(char::is_ascii_digit).count();
        let is_plain = telephone.chars().all(|c| c.is_ascii_digit() || c == '-');
        if !is_plain || !(10..=11).contains(&digits) || !telephone.starts_with('0') {
            let reason = format!("`{telephone}` is no telephone number");
            found.add(key, reason, "write 10 or 11 digits with hyphens, the first a 0");
        }
    }
}

fn check_mail(found: &mut Findings<'_>, mail: &MailSender) {
    found.filled("mail.sender_name", &mail.sender_name);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
    let is_address = mail.sender_address.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && name.chars().all(is_plain)
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && domain.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
    });
    if !is_address {
        let reason = format!("`{}` is no mail address", mail.sender_address);
        found.add("mail.sender_address", reason, "write one as info@example.jp");
    }
}

fn check_segment(found: &mut Findings<'_>, profile: &Profile) {
    if profile.portal.segment == Segment::Corporate {
        return;
    }
    let services = &profile.services;
    let corporate_only = [
        ("services.bulk_files", services.bulk_files),
        ("services.external_files", services.external_files),
        ("services.token_orders", services.token_orders),
        ("services.activation", services.activation),
        ("services.user_administration", services.has_user_administration()),
    ];
    for (key, is_offered) in corporate_only {
        found.require(
            !is_offered,
            key,
            "retail portals do not have this service",
            "remove it, or set portal.segment = \"corporate\"",
        );
    }
}

fn check_credentials(found: &mut Findings<'_>, credentials: &Credentials) {
    let locks = [
        ("credentials.login_failures_max", credentials.login_failures_max),
        ("credentials.confirm_failures_max", credentials.confirm_failures_max),
        ("credentials.picture_card_failures_max", credentials.picture_card_failures_max),
    ];
    for (key, failures) in locks {
        found.in_range(key, failures, 1..=10, "failures");
    }
    let by_contract = credentials.sign_in == SignIn::ContractAndUser;
    let of_contracts = [
        ("credentials.user_id", credentials.user_id.is_some()),
        ("credentials.administrator_login", credentials.administrator_login.is_some()),
        ("credentials.administrator_confirm", credentials.administrator_confirm.is_some()),
    ];
    for (key, is_there) in of_contracts {
        match (by_contract, is_there) {
            (true, false) => found.add(
                key,
                "sign_in = \"contract_and_user\" needs this section",
                format!("add [{key}]"),
            ),
            (false, true) => found.add(
                key,
                "sign_in = \"one_id\" has no use for this section",
                "remove it, or set credentials.sign_in = \"contract_and_user\"",
            ),
            _ => {}
        }
    }
    check_id(found, "credentials.id", &credentials.id);
    if let Some(rule) = &credentials.user_id {
        check_id(found, "credentials.user_id", rule);
    }
    check_secrets(found, credentials);
}

fn check_secrets(found: &mut Findings<'_>, credentials: &Credentials) {
    check_secret(found, "credentials.login", &credentials.login);
    check_secret(found, "credentials.confirm", &credentials.confirm);
    let of_administrators = [
        ("credentials.administrator_login", &credentials.administrator_login),
        ("credentials.administrator_confirm", &credentials.administrator_confirm),
        ("credentials.registration_number", &credentials.registration_number),
    ];
    for (key, rule) in of_administrators {
        if let Some(rule) = rule {
            check_secret(found, key, rule);
        }
    }
    let shortest = credentials.forbidden_parts.iter().map(|part| part.chars().count()).min();
    found.require(
        shortest.is_none_or(|length| length >= 3),
        "credentials.forbidden_parts",
        "a part of fewer than 3 characters would forbid nearly every password",
        "write longer parts",
    );
}

fn check_id(found: &mut Findings<'_>, key: &str, rule: &IdRule) {
    found.filled(&format!("{key}.label"), &rule.label);
    check_lengths(found, key, rule.length_min, rule.length_max);
}

/// Checks a secret's rule; also used for the activation password of issued tokens.
pub(super) fn check_secret(found: &mut Findings<'_>, key: &str, rule: &SecretRule) {
    found.filled(&format!("{key}.label"), &rule.label);
    check_lengths(found, key, rule.length_min, rule.length_max);
    if rule.length_min < 4 {
        let reason = format!("{} characters are guessed at once", rule.length_min);
        found.add(format!("{key}.length_min"), reason, "write 4 or more");
    }
    let samples = ['a', '0', '#'];
    for class in &rule.needs {
        let can_be = samples.iter().any(|c| class.holds(*c) && rule.characters.allows(*c));
        if !can_be {
            let reason = format!("{class:?} is needed, but `characters` allows none");
            found.add(format!("{key}.needs"), reason, "remove it, or allow more characters");
        }
    }
}

fn check_lengths(found: &mut Findings<'_>, key: &str, least: u32, most: u32) {
    if least == 0 || least > most {
        let reason = format!("lengths from {least} to {most} leave nothing to enter");
        found.add(format!("{key}.length_min"), reason, "write 1 or more, length_max at most");
    }
    found.in_range(&format!("{key}.length_max"), most, 1..=SECRET_LENGTH_MAX, "characters");
}

fn check_sessions(found: &mut Findings<'_>, profile: &Profile) {
    let session = profile.session;
    found.in_range("session.idle_minutes", session.idle_minutes, 2..=60, "minutes");
    found.in_range("session.hours_max", session.hours_max, 1..=24, "hours");
    found.require(
        session.warn_minutes >= 1 && session.warn_minutes < session.idle_minutes,
        "session.warn_minutes",
        "the warning must come before the end",
        "write 1 or more, less than idle_minutes",
    );
    let code = profile.mail_code;
    found.in_range("mail_code.valid_minutes", code.valid_minutes, 1..=60, "minutes");
    found.in_range("mail_code.failures_max", code.failures_max, 1..=10, "tries");
    found.in_range("mail_code.sendings_max", code.sendings_max, 1..=10, "times");
    found.in_range("mail_code.resends_max", code.resends_max, 0..=10, "times");
    let certificates = profile.certificates;
    found.in_range("certificates.valid_days", certificates.valid_days, 1..=1_825, "days");
    found.require(
        certificates.renewal_days < certificates.valid_days,
        "certificates.renewal_days",
        "a certificate could be renewed before it begins",
        "write less than valid_days",
    );
}

fn check_texts(found: &mut Findings<'_>, profile: &Profile) {
    let help = &profile.help;
    found.filled("help.terms_name", &help.terms_name);
    found.filled("help.terms_version", &help.terms_version);
    found.filled("help.how_to_get", &help.how_to_get);
    found.filled("help.cost", &help.cost);
    for (i, notice) in profile.home.notices.iter().enumerate() {
        found.filled(&format!("home.notices[{i}].title"), &notice.title);
        if matches!((notice.from, notice.until), (Some(from), Some(until)) if from >= until) {
            let key = format!("home.notices[{i}].until");
            found.add(key, "the notice ends before it shows", "write a day after `from`");
        }
    }
    let administered = profile.services.user_administration;
    let has_one_administrator = administered == UserAdministration::Administrator;
    let by_contract = profile.credentials.sign_in == SignIn::ContractAndUser;
    found.require(
        has_one_administrator == by_contract,
        "services.user_administration",
        "\"administrator\" and sign_in = \"contract_and_user\" go together",
        "set both, or neither",
    );
    if profile.services.activation && profile.credentials.registration_number.is_none() {
        found.add(
            "credentials.registration_number",
            "services.activation needs this section",
            "add [credentials.registration_number]",
        );
    }
}
