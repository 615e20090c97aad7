//! Auth rules in words.

use chrono::TimeDelta;

use super::super::{JstMoment, Profile};
use crate::domain::auth_rule::{
    AppProof, AuthRule, Exception, Method, Operation, When, WithoutToken,
};

pub(super) fn rules(profile: &Profile) -> Vec<String> {
    let mut lines: Vec<_> = Operation::ALL
        .iter()
        .filter_map(|operation| {
            let rules = profile.auth.rules_of(*operation);
            let ends = rules.iter().skip(1).map(|rule| rule.from).chain([None]);
            let parts: Vec<_> =
                rules.iter().zip(ends).map(|(rule, end)| dated(rule, end)).collect();
            (!parts.is_empty()).then(|| format!("{}: {}.", operation.key(), parts.join("; ")))
        })
        .collect();
    lines.push(format!("Coming changes are announced {} days before.", profile.auth.notice_days));
    lines
}

fn dated(rule: &AuthRule, end: Option<JstMoment>) -> String {
    let last = end.and_then(|JstMoment(end)| end.checked_sub_signed(TimeDelta::seconds(1)));
    match (rule.from, last) {
        (None, None) => proof(rule),
        (Some(from), None) => format!("from {from} {}", proof(rule)),
        (None, Some(last)) => format!("until {} {}", JstMoment(last), proof(rule)),
        (Some(from), Some(last)) => {
            format!("from {from} until {} {}", JstMoment(last), proof(rule))
        }
    }
}

fn proof(rule: &AuthRule) -> String {
    let mut text = match rule.method {
        Method::None => "nothing",
        Method::Confirm => "the confirming secret",
        Method::Otp => "a one-time password",
        Method::OtpAndConfirm => "a one-time password and the confirming secret",
        Method::OtpOrConfirm => {
            "a one-time password if a token is in use, else the confirming secret"
        }
        Method::MailAndConfirm => "a code by mail and the confirming secret",
        Method::Signed => "a code bound to the act",
        Method::SignedAndConfirm => "a code bound to the act and the confirming secret",
        Method::SignedOrConfirm => {
            "a code bound to the act if a token is in use, else the confirming secret"
        }
    }
    .to_owned();
    if rule.app == Some(AppProof::Signed) {
        text.push_str(" (of the token app a code bound to the act)");
    }
    match rule.when {
        None => {}
        Some(When::InUse) => text.push_str(" once a token is in use"),
        Some(When::Chosen) => text.push_str(" once a token is in use, if the customer chose so"),
    }
    if rule.except == Some(Exception::RegisteredPayee) {
        text.push_str(", but to a registered payee the confirming secret");
    }
    let is_left_open = rule.method.token_code().is_some()
        && !rule.method.falls_back_to_confirm()
        && rule.when.is_none();
    if is_left_open {
        text.push_str(match rule.without_token {
            Some(WithoutToken::Confirm) => ", without a token the confirming secret",
            Some(WithoutToken::Refuse) | None => ", refused without a token",
        });
    }
    if let Some(reason) = &rule.reason {
        text = format!("{text} ({reason})");
    }
    text
}
