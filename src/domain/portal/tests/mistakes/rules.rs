//! Mistakes in the auth rules.

use super::super::text;
use super::{A, I, K, M, S, among, only};
use crate::domain::portal::Profile;

#[test]
fn an_operation_without_a_rule() {
    let rule = "  { operation = \"transfer\", method = \"otp|confirm\", app = \"signed\" },\n";
    only(S, rule, "", "auth.rules", "there is no rule for `transfer`");
    let rule = "  { operation = \"session.end\", method = \"none\", reason = \"ending a session \
                gives nobody anything\" },\n";
    only(S, rule, "", "auth.rules", "there is no rule for `session.end`");
    let rule = "  { operation = \"token.release\", method = \"confirm\" },\n";
    only(I, rule, "", "auth.rules", "there is no rule for `token.release`");
    let to = "pay_easy = true\nmobile_channel = true";
    only(S, "pay_easy = true", to, "auth.rules", "there is no rule for `mobile_login`");
}

#[test]
fn every_operation_a_portal_has_is_missed() {
    for (file, whole) in Profile::builtin() {
        for line in whole.lines().filter(|line| line.trim_start().starts_with("{ operation")) {
            let may_go = ["token.revoke", "token.order", "certificate.issue", "from = "];
            if may_go.iter().any(|part| line.contains(part)) {
                continue;
            }
            let broken = whole.replacen(line, "", 1);
            let found = Profile::parse(file, &broken).expect_err(line);
            assert!(found.iter().any(|error| error.key.starts_with("auth.rules")), "{line}");
        }
    }
}

#[test]
fn a_rule_for_an_operation_that_there_is_not() {
    let rule = "  { operation = \"transfer\", method = \"otp|confirm\", app = \"signed\" },\n";
    for operation in ["mobile_login", "otp.issue", "otp.set_up", "bulk.send", "external.send"] {
        let to = format!("{rule}  {{ operation = \"{operation}\", method = \"confirm\" }},\n");
        only(S, rule, &to, "auth.rules[6].operation", "the portal does not have");
    }
    let to = "exchange = \"none\"";
    let key = "auth.rules[2].operation";
    only(S, "exchange = \"customer\"", to, key, "the portal does not have `otp.exchange`");
}

#[test]
fn an_act_without_proof_and_reason() {
    let key = "auth.rules[2].reason";
    only(S, ", reason = \"old and new code prove possession\"", "", key, "needs a reason");
    only(S, "\"old and new code prove possession\"", "\" \"", key, "needs a reason");
}

#[test]
fn rules_about_users_without_a_token() {
    let pipe = "{ operation = \"transfer\", method = \"otp|confirm\", app = \"signed\" }";
    let to = "{ operation = \"transfer\", method = \"otp|confirm\", without_token = \"refuse\" }";
    only(S, pipe, to, "auth.rules[5].without_token", "the method already says");
    let stop = "method = \"otp+confirm\"";
    let to = "method = \"otp+confirm\", without_token = \"confirm\"";
    only(S, stop, to, "auth.rules[3].without_token", "nothing to stop");
    let to = "{ operation = \"transfer\", method = \"otp|confirm\", when = \"in_use\" }";
    only(S, pipe, to, "auth.rules[5].when", "goes with a code asked at login");
    only("kodama.toml", ", when = \"in_use\"", "", "auth.rules[0].when", "could never log in");
    let to = "operation = \"mobile_login\", method = \"otp\", when = \"chosen\",";
    let from = "operation = \"mobile_login\", method = \"none\",";
    only("kodama.toml", from, to, "auth.rules[1].when", "not about the feature-phone channel");
}

#[test]
fn exceptions() {
    let from = "{ operation = \"pay_easy\", method = \"otp\" }";
    let to = "{ operation = \"pay_easy\", method = \"otp\", except = \"registered_payee\" }";
    only(I, from, to, "auth.rules[5].except", "for transfers that ask for a code");
    let from = "registered_payees = \"staff_form\"";
    let key = "auth.rules[3].except";
    only(I, from, "registered_payees = \"none\"", key, "not registered beforehand");
}

#[test]
fn signed_codes() {
    let key = "auth.rules[3].method";
    only(S, "method = \"otp+confirm\"", "method = \"signed+confirm\"", key, "could be bound to");
    let from = "\"transfer\", method = \"otp\"";
    let key = "auth.rules[5].method";
    only(A, from, "\"transfer\", method = \"signed\"", key, "only the token app signs");
    // Where every token is the app's, the method may say so; else the rule says it for the app.
    let from = "\"transfer\", method = \"otp|confirm\"";
    let to = "\"transfer\", method = \"signed|confirm\"";
    assert!(Profile::parse(M, &text(M).replacen(from, to, 1)).is_ok());
    only(S, &format!("{from}, app = \"signed\""), to, key, "cannot sign");
    assert!(text(S).contains("app = \"signed\""));
    let pay = "\"pay_easy\", method = \"otp|confirm\"";
    let key = "auth.rules[7].app";
    only(S, pay, &format!("{pay}, app = \"signed\""), key, "could be bound to");
    let confirm = "\"transfer\", method = \"confirm\"";
    let key = "auth.rules[5].app";
    only(K, confirm, &format!("{confirm}, app = \"signed\""), key, "none is asked here");
    let otp = "\"transfer\", method = \"otp\"";
    only(A, otp, &format!("{otp}, app = \"signed\""), key, "only the token app signs");
}

#[test]
fn dates_of_rules() {
    let key = "auth.rules[13].from";
    let from = "  { operation = \"bulk.approve\", method = \"confirm\" },\n";
    only(A, from, "", "auth.rules[12].from", "before this no rule for `bulk.approve` holds");
    only(A, ", from = 2017-07-24T07:00:00", "", key, "begin at the same time");
    only(A, "notice_days = 30", "notice_days = 999", "auth.notice_days", "out of range");
}

#[test]
fn mandatory_tokens() {
    let mandatory = ("token_mandatory = false", "token_mandatory = true");
    let key = "limits.without_token_daily_yen";
    only(S, mandatory.0, mandatory.1, key, "refuses payments without a token");
    let to = "login_choice = \"absent\"\ntoken_mandatory = true";
    let key = "auth.rules[3].without_token";
    among(I, "login_choice = \"absent\"", to, key, "refuses payments without a token");
}
