//! Mistakes in limits, fees, files and texts; profiles that clash.

use super::super::text;
use super::{A, M, S, among, assert_mistake, only};
use crate::domain::portal::Profile;

#[test]
fn limits() {
    let per_transaction = "{ per_transaction_yen = 1_000_000";
    let to = "{ per_transaction_yen = 1_000_001";
    only(S, per_transaction, to, "limits.transfer.per_transaction_yen", "more than a whole day");
    let to = "{ per_transaction_yen = -1";
    only(S, per_transaction, to, "limits.transfer.per_transaction_yen", "-1 yen cannot be");
    let (from, to) = ("ceiling_yen = 5_000_000", "ceiling_yen = 500_000");
    only(S, from, to, "limits.transfer.daily_yen", "above the most");
    let (from, to) = ("without_token_daily_yen = 500_000", "without_token_daily_yen = 2_000_000");
    only(S, from, to, "limits.without_token_daily_yen", "more than those with one");
    only(
        S,
        "rise_after_days = 3",
        "rise_after_days = 99",
        "limits.rise_after_days",
        "out of range",
    );
    let (from, to) = ("rise_after_days = 3", "rise_after_days = 3\nchange_unit_yen = 0");
    only(S, from, to, "limits.change_unit_yen", "out of range");
    among(S, "pay_easy = true", "pay_easy = false", "limits.pay_easy", "is not offered");
    among(S, "pay_easy = {", "files = {", "limits.pay_easy", "has no limits");
    among(S, "pay_easy = {", "files = {", "limits.files", "is not offered");
}

#[test]
fn transfers_and_holds() {
    let add = |lines: &str| format!("{lines}\n\n[contact]");
    let key = "transfers.name_lookups_daily";
    only(S, "[contact]", &add("[transfers]\nname_lookups_daily = 0"), key, "out of range");
    let key = "transfers.days_ahead_max";
    only(S, "[contact]", &add("[transfers]\ndays_ahead_max = 0"), key, "out of range");
    let key = "transfers.history_months";
    only(S, "[contact]", &add("[transfers]\nhistory_months = 0"), key, "out of range");
    only(S, "hours = 24\n", "hours = 9999\n", "hold.hours", "out of range");
    only(S, "daily_yen = 100_000\n", "daily_yen = -1\n", "hold.daily_yen", "cannot be");
}

#[test]
fn fees() {
    let row = "  { from = 2019-10-01, percent = 10 },\n";
    let again = "  { from = 2014-04-01, percent = 10 },\n";
    only(S, row, again, "fees.tax", "not in order");
    let to = "  { from = 2019-10-01, percent = 99 },\n";
    only(S, row, to, "fees.tax[2].percent", "out of range");
    let (from, to) = ("other_bank = { below_yen = 200", "other_bank = { below_yen = -200");
    only(S, from, to, "fees.transfer.other_bank.below_yen", "cannot be");
    only(S, "card_yen = 1_000", "card_yen = -1", "fees.token.card_yen", "cannot be");
    let (to, key) = ("card_yen = 1_000\nmonthly_yen = 100", "fees.token.monthly_yen");
    only(S, "card_yen = 1_000", to, key, "nothing debits a monthly fee");
}

#[test]
fn files() {
    let add = |lines: &str| format!("{lines}\n\n[contact]");
    let salary = "[files.salary]\nbusiness_days = 1\nbusiness_days_own = 2\nuntil = 12:00:00";
    only(A, "[contact]", &add(salary), "files.salary.business_days_own", "cannot take longer");
    let debit = "[files.direct_debit]\nbusiness_days = 16\nuntil = 12:00:00";
    only(A, "[contact]", &add(debit), "files.direct_debit.business_days", "no day would be left");
    let kept = "[files]\nexternal_kept_days = 0";
    only(A, "[contact]", &add(kept), "files.external_kept_days", "out of range");
    among(A, "[contact]", &add("[files]\ndays_ahead_max = 0"), "files.days_ahead_max", "out of");
}

#[test]
fn help_and_notices() {
    only(S, "terms_version = \"1.2\"", "terms_version = \"\"", "help.terms_version", "empty");
    only(S, "[help]", "[help]\nterms_name = \"\"", "help.terms_name", "empty");
    let until = "until = 2017-10-01";
    only(S, until, "until = 2017-06-26", "home.notices[1].until", "ends before it shows");
    let title = "title = \"他社製の認証アプリの新規登録の終了について\"";
    only(S, title, "title = \"\"", "home.notices[1].title", "empty");
}

#[test]
fn profiles_that_clash() {
    let whole = text(M);
    let found = Profile::parse_all(&[(M, whole), ("other/minori.toml", whole)]).unwrap_err();
    assert_mistake(&found, "other/minori.toml", "portal.slug", "is the slug of minori.toml too");
    let key = "tokens.issue.service_id";
    assert_mistake(&found, "other/minori.toml", key, "minori.toml has the same service id");
    let broken = text(S).replacen("digits = 6", "digits = 7", 1);
    let found = Profile::parse_all(&[(S, &broken), (M, whole)]).unwrap_err();
    assert_eq!(found.len(), 1);
}
