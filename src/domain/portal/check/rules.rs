//! Checks of the auth rules: every act that the portal has is listed, and nothing contradicts.

use super::super::{
    ClientCertificates, Credential, DoneBy, Keeper, Profile, RegisteredPayees, TokenKind,
};
use super::Findings;
use crate::domain::auth_rule::{
    AppProof, AuthRule, CodeProof, Method, Operation, When, WithoutToken,
};
use crate::domain::permission::quorum::has_quorum;

pub(super) fn check(found: &mut Findings<'_>, profile: &Profile) {
    found.in_range("auth.notice_days", profile.auth.notice_days, 0..=365, "days");
    for operation in needed(profile) {
        let rules = profile.auth.rules_of(operation);
        if rules.is_empty() {
            let reason =
                format!("there is no rule for `{}`, which the portal has", operation.key());
            let fix = format!("add {{ operation = \"{}\", method = ... }}", operation.key());
            found.add("auth.rules", reason, fix);
        }
    }
    let missing = missing(profile);
    for (i, rule) in profile.auth.rules.iter().enumerate() {
        let key = format!("auth.rules[{i}]");
        if missing.contains(&rule.operation) {
            let reason = format!("the portal does not have `{}`", rule.operation.key());
            found.add(format!("{key}.operation"), reason, "remove the rule, or offer the act");
        }
        check_rule(found, &key, rule, profile);
        check_dates(found, &key, rule, &profile.auth.rules, i);
    }
}

/// Acts that the portal has, each with a switch of the profile or always.
fn needed(profile: &Profile) -> Vec<Operation> {
    let mut operations = vec![
        Operation::Login,
        Operation::OtpStart,
        Operation::OtpResynchronise,
        Operation::CustomerInfoChange,
        Operation::SecretChange,
        Operation::FirstSetup,
        Operation::DraftEdit,
        Operation::SessionEnd,
    ];
    operations.extend(
        switches(profile)
            .into_iter()
            .filter(|(is_on, _)| *is_on)
            .flat_map(|(_, operations)| operations.iter().copied()),
    );
    operations
}

/// Acts that the portal does not have; rules for them would mislead. Acts of administration are
/// left out: a profile may state their proof although no screen asks for it yet.
fn missing(profile: &Profile) -> Vec<Operation> {
    let administration = [
        Operation::UserManage,
        Operation::TokenRelease,
        Operation::TokenApproveRelease,
        Operation::TokenRevoke,
        Operation::TokenOrder,
        Operation::CertificateIssue,
    ];
    switches(profile)
        .into_iter()
        .filter(|(is_on, _)| !is_on)
        .flat_map(|(_, operations)| operations.iter().copied())
        .filter(|operation| !administration.contains(operation))
        .filter(|operation| !needed_by_other_switch(profile, *operation))
        .collect()
}

fn needed_by_other_switch(profile: &Profile, operation: Operation) -> bool {
    switches(profile).iter().any(|(is_on, operations)| *is_on && operations.contains(&operation))
}

fn switches(profile: &Profile) -> Vec<(bool, &'static [Operation])> {
    use Operation as O;
    let (services, tokens) = (&profile.services, &profile.tokens);
    let is_issued = tokens.kinds.iter().any(|rules| rules.credential == Credential::Issued);
    vec![
        (services.transfers, &[O::Transfer, O::CancelReservation, O::PayeeChange, O::LimitChange]),
        (services.pay_easy, &[O::PayEasy, O::LimitChange]),
        (services.bulk_files, &[O::BulkApprove, O::BulkSend]),
        (services.external_files, &[O::ExternalSend, O::ExternalReceive]),
        (services.mobile_channel, &[O::MobileLogin]),
        (services.token_orders, &[O::TokenOrder]),
        (services.emergency_stop, &[O::EmergencyStop]),
        (services.activation, &[O::UserActivate]),
        (services.has_user_administration(), &[O::UserManage]),
        (services.client_certificates != ClientCertificates::None, &[O::CertificateIssue]),
        (is_issued, &[O::OtpIssue, O::OtpSetUp]),
        (tokens.exchange != DoneBy::None, &[O::OtpExchange]),
        (tokens.stop != DoneBy::None, &[O::OtpStop]),
        (tokens.released_by != Keeper::Staff, &[O::TokenRelease]),
        (has_quorum(profile), &[O::TokenApproveRelease]),
        (tokens.revoked_by != Keeper::Staff, &[O::TokenRevoke]),
    ]
}

fn check_rule(found: &mut Findings<'_>, key: &str, rule: &AuthRule, profile: &Profile) {
    let is_login = is_login(rule.operation);
    let code = rule.method.token_code();
    let is_explained = rule.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    found.require(
        rule.method != Method::None || is_explained,
        &format!("{key}.reason"),
        "an act without proof needs a reason",
        "add `reason = \"...\"`",
    );
    check_when(found, key, rule);
    let leaves_open = code.is_some() && !rule.method.falls_back_to_confirm() && !is_login;
    found.require(
        rule.without_token.is_none() || leaves_open,
        &format!("{key}.without_token"),
        "the method already says what holds without a token",
        "remove it",
    );
    found.require(
        rule.without_token != Some(WithoutToken::Confirm) || !needs_token_by_nature(rule.operation),
        &format!("{key}.without_token"),
        "without a token there is nothing to stop or exchange",
        "remove it",
    );
    check_exception(found, key, rule, profile);
    check_signed(found, key, rule, profile);
    check_mandatory(found, key, rule, profile);
}

fn is_login(operation: Operation) -> bool {
    matches!(operation, Operation::Login | Operation::MobileLogin)
}

fn check_when(found: &mut Findings<'_>, key: &str, rule: &AuthRule) {
    let key = format!("{key}.when");
    let is_login = is_login(rule.operation);
    let has_code = rule.method.token_code().is_some();
    found.require(
        rule.when.is_none() || (is_login && has_code),
        &key,
        "`when` goes with a code asked at login",
        "remove it; for acts write method = \"otp|confirm\" or without_token",
    );
    found.require(
        !is_login || !has_code || rule.when.is_some(),
        &key,
        "users without a token could never log in",
        "add `when = \"in_use\"` or `when = \"chosen\"`",
    );
    found.require(
        rule.operation != Operation::MobileLogin || rule.when != Some(When::Chosen),
        &key,
        "the customer's choice is not about the feature-phone channel",
        "write `when = \"in_use\"`",
    );
}

fn needs_token_by_nature(operation: Operation) -> bool {
    matches!(operation, Operation::OtpStop | Operation::OtpExchange)
}

fn check_exception(found: &mut Findings<'_>, key: &str, rule: &AuthRule, profile: &Profile) {
    if rule.except.is_none() {
        return;
    }
    found.require(
        rule.operation == Operation::Transfer && rule.method.token_code().is_some(),
        &format!("{key}.except"),
        "the exception is for transfers that ask for a code",
        "remove it",
    );
    found.require(
        profile.transfers.registered_payees != RegisteredPayees::None,
        &format!("{key}.except"),
        "payees are not registered beforehand here",
        "remove it, or set transfers.registered_payees",
    );
}

fn check_signed(found: &mut Findings<'_>, key: &str, rule: &AuthRule, profile: &Profile) {
    let is_by_method = rule.method.token_code() == Some(CodeProof::Signed);
    let field = match (is_by_method, rule.app) {
        (true, _) => format!("{key}.method"),
        (false, Some(AppProof::Signed)) => format!("{key}.app"),
        (false, None) => return,
    };
    let has_app = profile.token_kind(TokenKind::App).is_some();
    found.require(
        is_by_method || rule.method.token_code() == Some(CodeProof::Otp),
        &field,
        "a code bound to the act takes the place of a one-time password, and none is asked here",
        "remove it",
    );
    found.require(
        rule.operation == Operation::Transfer,
        &field,
        "there is nothing here that a code could be bound to: only transfers have such a text",
        "write the same rule with `otp` alone",
    );
    found.require(
        has_app,
        &field,
        "only the token app signs, and the portal does not take it",
        "write the same rule with `otp` alone, or add the kind \"app\"",
    );
    let is_for_all = profile.tokens.kinds.iter().all(|rules| rules.kind == TokenKind::App);
    found.require(
        !is_by_method || is_for_all || !has_app || rule.operation != Operation::Transfer,
        &field,
        "tokens of other kinds than \"app\" cannot sign, and their users could not do this",
        "write the same method with `otp`, and app = \"signed\"",
    );
}

/// A mandatory token leaves no way to pay without one, so nothing may promise one.
fn check_mandatory(found: &mut Findings<'_>, key: &str, rule: &AuthRule, profile: &Profile) {
    let is_payment = matches!(rule.operation, Operation::Transfer | Operation::PayEasy);
    let is_promised = rule.without_token == Some(WithoutToken::Confirm);
    found.require(
        !(profile.tokens.token_mandatory && is_payment && is_promised),
        &format!("{key}.without_token"),
        "tokens.token_mandatory refuses payments without a token",
        "remove it, or set tokens.token_mandatory = false",
    );
}

fn check_dates(found: &mut Findings<'_>, key: &str, rule: &AuthRule, all: &[AuthRule], i: usize) {
    let same = |other: &&AuthRule| other.operation == rule.operation;
    if all.iter().take(i).filter(same).any(|earlier| earlier.from == rule.from) {
        let reason = format!("two rules for `{}` begin at the same time", rule.operation.key());
        found.add(format!("{key}.from"), reason, "keep one of the two, or change its time");
    }
    let is_first = !all.iter().take(i).any(|earlier| same(&earlier));
    if is_first && all.iter().filter(same).all(|other| other.from.is_some()) {
        let reason = format!("before this no rule for `{}` holds", rule.operation.key());
        found.add(format!("{key}.from"), reason, "add a rule without `from` for the time before");
    }
}
