//! Every cell of the table of acts and proofs, for each of the five portals.

use chrono::NaiveDateTime;

use super::*;
use crate::primitives::clock::jst_to_utc;

const BEFORE: &str = "2017-07-24 06:59:59";
const AFTER: &str = "2017-07-24 07:00:00";

fn profile(slug: &str) -> Profile {
    let file = format!("{slug}.toml");
    let (name, text) = Profile::builtin().into_iter().find(|(name, _)| *name == file).unwrap();
    Profile::parse(name, text).unwrap()
}

fn utc(jst: &str) -> UtcTime {
    jst_to_utc(NaiveDateTime::parse_from_str(jst, "%Y-%m-%d %H:%M:%S%.f").unwrap())
}

fn at(jst: &str) -> Situation {
    Situation {
        now: utc(jst),
        token_in_use: false,
        token_signs: false,
        login_choice: false,
        payee_registered: false,
        has_picture_card: false,
    }
}

/// Short words for the answers, so that the tables below can be read.
fn word(required: Required) -> &'static str {
    use {CodeProof as C, ConfirmBy as B};
    match required {
        Required::Refused(Refusal::NoToken) => "no token",
        Required::Refused(Refusal::NotOffered) => "",
        Required::Refused(Refusal::NotYet(_)) => "not yet",
        Required::Proof(Proof { code, confirm }) => match (code, confirm) {
            (None, None) => "none",
            (None, Some(B::Secret)) => "confirm",
            (None, Some(B::PictureCard)) => "card",
            (Some(C::Otp), None) => "otp",
            (Some(C::Otp), Some(B::Secret)) => "otp+confirm",
            (Some(C::Otp), Some(B::PictureCard)) => "otp+card",
            (Some(C::Mail), Some(B::Secret)) => "mail+confirm",
            (Some(C::Signed), None) => "signed",
            (Some(C::Signed), Some(B::Secret)) => "signed+confirm",
            _ => "odd",
        },
    }
}

/// Looks each operation up before and after the date, without and with a token in use.
fn assert_table(slug: &str, table: &[(Operation, [&str; 4])]) {
    let profile = profile(slug);
    for (operation, expected) in table {
        let ask = |jst: &str, token_in_use: bool| {
            let situation = Situation { token_in_use, ..at(jst) };
            word(required_proof(&profile, *operation, situation))
        };
        let found = [ask(BEFORE, false), ask(BEFORE, true), ask(AFTER, false), ask(AFTER, true)];
        assert_eq!(found, *expected, "{slug} {}", operation.key());
    }
    let mut operations: Vec<_> = table.iter().map(|(operation, _)| *operation).collect();
    operations.sort_unstable();
    assert_eq!(operations, Operation::ALL, "{slug}: the table names every operation once");
}

/// The same before and after the date, without and with a token.
fn always(word: &'static str) -> [&'static str; 4] {
    [word; 4]
}

/// The same before and after the date.
fn by_token(without: &'static str, with: &'static str) -> [&'static str; 4] {
    [without, with, without, with]
}

const NOT_OFFERED: [&str; 4] = [""; 4];

#[test]
fn aoba() {
    use Operation as O;
    let from_the_date = ["confirm", "confirm", "no token", "otp"];
    assert_table(
        "aoba",
        &[
            (O::Login, always("none")),
            (O::MobileLogin, NOT_OFFERED),
            (O::OtpIssue, NOT_OFFERED),
            (O::OtpSetUp, NOT_OFFERED),
            (O::OtpStart, always("confirm")),
            (O::OtpExchange, always("confirm")),
            (O::OtpStop, always("confirm")),
            (O::OtpResynchronise, always("none")),
            (O::Transfer, by_token("no token", "otp")),
            (O::CancelReservation, by_token("no token", "otp")),
            (O::PayEasy, by_token("no token", "otp")),
            (O::PayeeChange, by_token("no token", "otp")),
            (O::LimitChange, always("confirm")),
            (O::CustomerInfoChange, always("confirm")),
            (O::SecretChange, always("confirm")),
            (O::BulkApprove, from_the_date),
            (O::BulkSend, from_the_date),
            (O::ExternalSend, from_the_date),
            (O::ExternalReceive, from_the_date),
            (O::UserManage, always("confirm")),
            (O::TokenRelease, always("confirm")),
            (O::TokenApproveRelease, NOT_OFFERED),
            (O::TokenRevoke, always("confirm")),
            (O::TokenOrder, always("confirm")),
            (O::UserActivate, always("confirm")),
            (O::CertificateIssue, always("confirm")),
            (O::FirstSetup, always("none")),
            (O::DraftEdit, always("none")),
            (O::SessionEnd, always("none")),
            (O::EmergencyStop, always("none")),
        ],
    );
}

#[test]
fn minori() {
    use Operation as O;
    assert_table(
        "minori",
        &[
            (O::Login, by_token("none", "otp")),
            (O::MobileLogin, NOT_OFFERED),
            (O::OtpIssue, always("mail+confirm")),
            (O::OtpSetUp, always("none")),
            (O::OtpStart, always("none")),
            (O::OtpExchange, NOT_OFFERED),
            (O::OtpStop, by_token("no token", "otp+confirm")),
            (O::OtpResynchronise, always("none")),
            (O::Transfer, by_token("confirm", "otp")),
            (O::CancelReservation, always("confirm")),
            (O::PayEasy, by_token("confirm", "otp")),
            (O::PayeeChange, by_token("confirm", "otp")),
            (O::LimitChange, by_token("confirm", "otp")),
            (O::CustomerInfoChange, by_token("confirm", "otp")),
            (O::SecretChange, always("confirm")),
            (O::BulkApprove, NOT_OFFERED),
            (O::BulkSend, NOT_OFFERED),
            (O::ExternalSend, NOT_OFFERED),
            (O::ExternalReceive, NOT_OFFERED),
            (O::UserManage, NOT_OFFERED),
            (O::TokenRelease, NOT_OFFERED),
            (O::TokenApproveRelease, NOT_OFFERED),
            (O::TokenRevoke, NOT_OFFERED),
            (O::TokenOrder, NOT_OFFERED),
            (O::UserActivate, NOT_OFFERED),
            (O::CertificateIssue, NOT_OFFERED),
            (O::FirstSetup, always("none")),
            (O::DraftEdit, always("none")),
            (O::SessionEnd, always("none")),
            (O::EmergencyStop, always("none")),
        ],
    );
}

#[test]
fn kodama() {
    use Operation as O;
    assert_table(
        "kodama",
        &[
            (O::Login, by_token("none", "otp")),
            (O::MobileLogin, always("none")),
            (O::OtpIssue, NOT_OFFERED),
            (O::OtpSetUp, NOT_OFFERED),
            (O::OtpStart, always("none")),
            (O::OtpExchange, NOT_OFFERED),
            (O::OtpStop, by_token("no token", "otp")),
            (O::OtpResynchronise, always("none")),
            (O::Transfer, always("confirm")),
            (O::CancelReservation, always("confirm")),
            (O::PayEasy, always("confirm")),
            (O::PayeeChange, always("confirm")),
            (O::LimitChange, always("confirm")),
            (O::CustomerInfoChange, always("confirm")),
            (O::SecretChange, always("confirm")),
            (O::BulkApprove, NOT_OFFERED),
            (O::BulkSend, NOT_OFFERED),
            (O::ExternalSend, NOT_OFFERED),
            (O::ExternalReceive, NOT_OFFERED),
            (O::UserManage, NOT_OFFERED),
            (O::TokenRelease, NOT_OFFERED),
            (O::TokenApproveRelease, NOT_OFFERED),
            (O::TokenRevoke, NOT_OFFERED),
            (O::TokenOrder, NOT_OFFERED),
            (O::UserActivate, NOT_OFFERED),
            (O::CertificateIssue, NOT_OFFERED),
            (O::FirstSetup, always("none")),
            (O::DraftEdit, always("none")),
            (O::SessionEnd, always("none")),
            (O::EmergencyStop, always("none")),
        ],
    );
}

#[test]
fn shirakaba() {
    use Operation as O;
    assert_table(
        "shirakaba",
        &[
            (O::Login, always("none")),
            (O::MobileLogin, NOT_OFFERED),
            (O::OtpIssue, NOT_OFFERED),
            (O::OtpSetUp, NOT_OFFERED),
            (O::OtpStart, always("confirm")),
            (O::OtpExchange, always("none")),
            (O::OtpStop, by_token("no token", "otp+confirm")),
            (O::OtpResynchronise, always("none")),
            (O::Transfer, by_token("confirm", "otp")),
            (O::CancelReservation, by_token("confirm", "otp")),
            (O::PayEasy, by_token("confirm", "otp")),
            (O::PayeeChange, by_token("confirm", "otp")),
            (O::LimitChange, by_token("confirm", "otp")),
            (O::CustomerInfoChange, by_token("confirm", "otp")),
            (O::SecretChange, always("confirm")),
            (O::BulkApprove, NOT_OFFERED),
            (O::BulkSend, NOT_OFFERED),
            (O::ExternalSend, NOT_OFFERED),
            (O::ExternalReceive, NOT_OFFERED),
            (O::UserManage, NOT_OFFERED),
            (O::TokenRelease, NOT_OFFERED),
            (O::TokenApproveRelease, NOT_OFFERED),
            (O::TokenRevoke, NOT_OFFERED),
            (O::TokenOrder, NOT_OFFERED),
            (O::UserActivate, NOT_OFFERED),
            (O::CertificateIssue, NOT_OFFERED),
            (O::FirstSetup, always("none")),
            (O::DraftEdit, always("none")),
            (O::SessionEnd, always("none")),
            (O::EmergencyStop, always("none")),
        ],
    );
}

#[test]
fn inaho() {
    use Operation as O;
    assert_table(
        "inaho",
        &[
            (O::Login, always("none")),
            (O::MobileLogin, NOT_OFFERED),
            (O::OtpIssue, NOT_OFFERED),
            (O::OtpSetUp, NOT_OFFERED),
            (O::OtpStart, always("none")),
            (O::OtpExchange, NOT_OFFERED),
            (O::OtpStop, NOT_OFFERED),
            (O::OtpResynchronise, always("none")),
            (O::Transfer, by_token("confirm", "otp")),
            (O::CancelReservation, always("confirm")),
            (O::PayEasy, by_token("no token", "otp")),
            (O::PayeeChange, by_token("no token", "otp")),
            (O::LimitChange, by_token("no token", "otp")),
            (O::CustomerInfoChange, by_token("no token", "otp")),
            (O::SecretChange, always("confirm")),
            (O::BulkApprove, by_token("no token", "otp")),
            (O::BulkSend, by_token("no token", "otp")),
            (O::ExternalSend, by_token("no token", "otp")),
            (O::ExternalReceive, by_token("no token", "otp")),
            (O::UserManage, always("confirm")),
            (O::TokenRelease, always("confirm")),
            (O::TokenApproveRelease, by_token("no token", "otp+confirm")),
            (O::TokenRevoke, always("confirm")),
            (O::TokenOrder, always("confirm")),
            (O::UserActivate, NOT_OFFERED),
            (O::CertificateIssue, always("confirm")),
            (O::FirstSetup, always("none")),
            (O::DraftEdit, always("none")),
            (O::SessionEnd, always("none")),
            (O::EmergencyStop, always("none")),
        ],
    );
}

#[test]
fn the_change_comes_at_seven_sharp() {
    let profile = profile("aoba");
    let ask = |jst: &str| {
        let situation = Situation { token_in_use: true, ..at(jst) };
        word(required_proof(&profile, Operation::BulkApprove, situation))
    };
    assert_eq!(ask("2017-07-24 06:59:59.999999"), "confirm");
    assert_eq!(ask("2017-07-24 07:00:00"), "otp");
    assert_eq!(ask("2016-01-01 00:00:00"), "confirm");
    assert_eq!(ask("2030-01-01 00:00:00"), "otp");
}

#[test]
fn shirakaba_asks_at_login_only_who_chose_so() {
    let profile = profile("shirakaba");
    for (token_in_use, login_choice, expected) in
        [(false, false, "none"), (false, true, "none"), (true, false, "none"), (true, true, "otp")]
    {
        let situation = Situation { token_in_use, login_choice, ..at(AFTER) };
        assert_eq!(word(required_proof(&profile, Operation::Login, situation)), expected);
    }
}

#[test]
fn the_choice_counts_only_where_it_is_asked() {
    for slug in ["minori", "kodama"] {
        let situation = Situation { token_in_use: true, login_choice: false, ..at(AFTER) };
        assert_eq!(word(required_proof(&profile(slug), Operation::Login, situation)), "otp");
    }
}

#[test]
fn a_picture_card_takes_the_secrets_place_where_there_are_cards() {
    let with_card = |slug: &str, operation, token_in_use| {
        let situation = Situation { token_in_use, has_picture_card: true, ..at(AFTER) };
        word(required_proof(&profile(slug), operation, situation))
    };
    assert_eq!(with_card("shirakaba", Operation::OtpStart, false), "card");
    assert_eq!(with_card("shirakaba", Operation::OtpStop, true), "otp+card");
    assert_eq!(with_card("shirakaba", Operation::Transfer, false), "card");
    assert_eq!(with_card("shirakaba", Operation::Transfer, true), "otp");
    assert_eq!(with_card("kodama", Operation::Transfer, false), "confirm");
}

#[test]
fn inaho_confirms_to_registered_payees() {
    let profile = profile("inaho");
    for (token_in_use, payee_registered, expected) in [
        (true, false, "otp"),
        (true, true, "confirm"),
        (false, false, "confirm"),
        (false, true, "confirm"),
    ] {
        let situation = Situation { token_in_use, payee_registered, ..at(AFTER) };
        assert_eq!(word(required_proof(&profile, Operation::Transfer, situation)), expected);
    }
    let situation = Situation { token_in_use: true, payee_registered: true, ..at(AFTER) };
    assert_eq!(word(required_proof(&profile, Operation::PayEasy, situation)), "otp");
}

#[test]
fn a_mandatory_token_leaves_no_payment_without_one() {
    let mut profile = profile("shirakaba");
    profile.tokens.token_mandatory = true;
    let ask = |operation, token_in_use| {
        word(required_proof(&profile, operation, Situation { token_in_use, ..at(AFTER) }))
    };
    assert_eq!(ask(Operation::Transfer, false), "no token");
    assert_eq!(ask(Operation::PayEasy, false), "no token");
    assert_eq!(ask(Operation::Transfer, true), "otp");
    assert_eq!(ask(Operation::PayeeChange, false), "confirm");
}

#[test]
fn signed_stands_wherever_otp_stands() {
    let mut profile = profile("shirakaba");
    // Without a token, with one that signs, with one that does not.
    let mut ask = |method, app| {
        for rule in &mut profile.auth.rules {
            if rule.operation == Operation::Transfer {
                rule.method = method;
                rule.app = app;
            }
        }
        [(false, true), (true, true), (true, false)].map(|(token_in_use, token_signs)| {
            let situation = Situation { token_in_use, token_signs, ..at(AFTER) };
            word(required_proof(&profile, Operation::Transfer, situation))
        })
    };
    assert_eq!(ask(Method::Signed, None), ["no token", "signed", "no token"]);
    let both = ["no token", "signed+confirm", "no token"];
    assert_eq!(ask(Method::SignedAndConfirm, None), both);
    assert_eq!(ask(Method::SignedOrConfirm, None), ["confirm", "signed", "no token"]);
    let app = Some(AppProof::Signed);
    assert_eq!(ask(Method::Otp, app), ["no token", "signed", "otp"]);
    assert_eq!(ask(Method::OtpAndConfirm, app), ["no token", "signed+confirm", "otp+confirm"]);
    assert_eq!(ask(Method::OtpOrConfirm, app), ["confirm", "signed", "otp"]);
    assert_eq!(ask(Method::OtpOrConfirm, None), ["confirm", "otp", "otp"]);
    assert_eq!(ask(Method::Confirm, app), ["confirm"; 3]);
}

#[test]
fn before_the_first_rule_an_act_is_refused() {
    let mut profile = profile("aoba");
    profile.auth.rules.retain(|rule| rule.operation != Operation::BulkSend || rule.from.is_some());
    let required = required_proof(&profile, Operation::BulkSend, at(BEFORE));
    assert_eq!(required, Required::Refused(Refusal::NotYet(utc(AFTER))));
}

#[test]
fn coming_changes_are_announced_thirty_days_before() {
    let profile = profile("aoba");
    let count = |jst: &str| profile.auth.upcoming_changes(utc(jst)).len();
    assert_eq!(count("2017-06-24 06:59:59"), 0);
    assert_eq!(count("2017-06-24 07:00:00"), 4);
    assert_eq!(count("2017-07-24 06:59:59"), 4);
    assert_eq!(count("2017-07-24 07:00:00"), 0);
    let change = profile.auth.upcoming_changes(utc(BEFORE))[0];
    assert_eq!(change.at, utc(AFTER));
    assert_eq!(change.after.operation, Operation::BulkApprove);
    assert_eq!(change.before.unwrap().method, Method::Confirm);
    assert_eq!(change.after.method, Method::Otp);
}

#[test]
fn names_of_operations_are_those_of_the_profiles() {
    for operation in Operation::ALL {
        let value = toml::Value::String(operation.key().to_owned());
        assert_eq!(value.try_into::<Operation>().unwrap(), *operation);
        assert!(!operation.label().is_empty());
    }
}

#[test]
fn who_stopped_everything_may_come_in_look_and_go_and_nothing_else() {
    let open: Vec<&str> = Operation::ALL
        .iter()
        .filter(|operation| operation.is_open_when_stopped())
        .map(|operation| operation.key())
        .collect();
    assert_eq!(open, ["login", "mobile_login", "setup.first", "session.end", "emergency_stop"]);
}
