//! Checks of limits, transfers, fees, files and hours.

use super::super::{DayHours, Deadline, Fees, Limits, Profile, ServiceLimits};
use super::Findings;

/// More than any customer moves in a day; a slip of the keyboard shows.
const YEN_MAX: i64 = 100_000_000_000;

pub(super) fn check(found: &mut Findings<'_>, profile: &Profile) {
    check_limits(found, profile);
    check_without_token(found, profile);
    check_transfers(found, profile);
    check_fees(found, &profile.fees);
    check_files(found, profile);
    check_hours(found, profile);
}

fn check_yen(found: &mut Findings<'_>, key: &str, yen: i64) {
    if !(0..=YEN_MAX).contains(&yen) {
        let reason = format!("{yen} yen cannot be");
        found.add(key, reason, format!("write 0 to {YEN_MAX}"));
    }
}

fn check_limits(found: &mut Findings<'_>, profile: &Profile) {
    let limits = &profile.limits;
    let services = &profile.services;
    let parts = [
        ("limits.transfer", limits.transfer, services.transfers),
        ("limits.pay_easy", limits.pay_easy, services.pay_easy),
        ("limits.files", limits.files, services.has_files()),
    ];
    for (key, part, is_offered) in parts {
        match (part, is_offered) {
            (Some(part), true) => check_service(found, key, part),
            (None, true) => {
                found.add(key, "the service is offered, but has no limits", format!("add [{key}]"));
            }
            (Some(_), false) => {
                found.add(key, "the service is not offered", "remove the section, or offer it");
            }
            (None, false) => {}
        }
    }
    found.in_range("limits.rise_after_days", limits.rise_after_days, 0..=30, "days");
    found.in_range("limits.change_unit_yen", limits.change_unit_yen, 1..=1_000_000, "yen");
}

fn check_service(found: &mut Findings<'_>, key: &str, limits: ServiceLimits) {
    check_yen(found, &format!("{key}.per_transaction_yen"), limits.per_transaction_yen);
    check_yen(found, &format!("{key}.daily_yen"), limits.daily_yen);
    check_yen(found, &format!("{key}.ceiling_yen"), limits.ceiling_yen);
    found.require(
        limits.per_transaction_yen <= limits.daily_yen,
        &format!("{key}.per_transaction_yen"),
        "one transaction may be more than a whole day",
        "write daily_yen or less",
    );
    found.require(
        limits.daily_yen <= limits.ceiling_yen,
        &format!("{key}.daily_yen"),
        "the day's limit is above the most that can be asked for",
        "write ceiling_yen or less",
    );
}

fn check_without_token(found: &mut Findings<'_>, profile: &Profile) {
    let Limits { without_token_daily_yen: Some(yen), transfer, .. } = profile.limits else {
        return;
    };
    let key = "limits.without_token_daily_yen";
    check_yen(found, key, yen);
    found.require(
        transfer.is_none_or(|transfer| yen <= transfer.daily_yen),
        key,
        "users without a token could send more than those with one",
        "write limits.transfer.daily_yen or less",
    );
    found.require(
        !profile.tokens.token_mandatory || yen == 0,
        key,
        "tokens.token_mandatory refuses payments without a token",
        "write 0, or set tokens.token_mandatory = false",
    );
}

fn check_transfers(found: &mut Findings<'_>, profile: &Profile) {
    let transfers = profile.transfers;
    found.in_range("transfers.days_ahead_max", transfers.days_ahead_max, 1..=366, "days");
    let lookups = transfers.name_lookups_daily;
    found.in_range("transfers.name_lookups_daily", lookups, 1..=10_000, "look-ups");
    found.in_range("transfers.history_months", transfers.history_months, 1..=120, "months");
    found.in_range("hold.hours", profile.hold.hours, 0..=720, "hours");
    check_yen(found, "hold.daily_yen", profile.hold.daily_yen);
}

fn check_fees(found: &mut Findings<'_>, fees: &Fees) {
    let is_rising = fees.tax.windows(2).all(|pair| matches!(pair, [a, b] if a.from < b.from));
    found.require(
        !fees.tax.is_empty() && is_rising,
        "fees.tax",
        "the tax rates are not in order",
        "write at least one, the oldest first, each day once",
    );
    for (i, rate) in fees.tax.iter().enumerate() {
        found.in_range(&format!("fees.tax[{i}].percent"), rate.percent, 0..=50, "percent");
    }
    let (transfer, token) = (&fees.transfer, &fees.token);
    let amounts = [
        ("fees.transfer.threshold_yen", transfer.threshold_yen),
        ("fees.transfer.own_branch.below_yen", transfer.own_branch.below_yen),
        ("fees.transfer.own_branch.from_yen", transfer.own_branch.from_yen),
        ("fees.transfer.own_institution.below_yen", transfer.own_institution.below_yen),
        ("fees.transfer.own_institution.from_yen", transfer.own_institution.from_yen),
        ("fees.transfer.other_bank.below_yen", transfer.other_bank.below_yen),
        ("fees.transfer.other_bank.from_yen", transfer.other_bank.from_yen),
        ("fees.token.first_yen", token.first_yen),
        ("fees.token.further_yen", token.further_yen),
        ("fees.token.expired_yen", token.expired_yen),
        ("fees.token.faulty_yen", token.faulty_yen),
        ("fees.token.lost_yen", token.lost_yen),
        ("fees.token.card_yen", token.card_yen),
        ("fees.direct_debit_record_yen", fees.direct_debit_record_yen),
    ];
    for (key, yen) in amounts {
        check_yen(found, key, yen);
    }
    found.require(
        token.monthly_yen == 0,
        "fees.token.monthly_yen",
        "nothing debits a monthly fee, so none can be promised",
        "write 0, or leave it out",
    );
}

fn check_files(found: &mut Findings<'_>, profile: &Profile) {
    let files = profile.files;
    let kinds = [
        ("files.general_transfer", files.general_transfer),
        ("files.salary", files.salary),
        ("files.bonus", files.bonus),
        ("files.direct_debit", files.direct_debit),
    ];
    found.in_range("files.days_ahead_max", files.days_ahead_max, 1..=60, "business days");
    found.in_range("files.external_kept_days", files.external_kept_days, 1..=3_650, "days");
    for (key, Deadline { business_days, business_days_own, .. }) in kinds {
        found.require(
            business_days <= files.days_ahead_max,
            &format!("{key}.business_days"),
            "no day would be left between the deadline and days_ahead_max",
            "write files.days_ahead_max or less",
        );
        found.require(
            business_days_own.is_none_or(|own| own <= business_days),
            &format!("{key}.business_days_own"),
            "payees at the own institution cannot take longer",
            "write business_days or less",
        );
    }
}

fn check_hours(found: &mut Findings<'_>, profile: &Profile) {
    let hours = &profile.hours;
    let days = [hours.weekdays, hours.saturdays, hours.sundays];
    found.require(
        days.iter().any(|day| *day != DayHours::Closed),
        "hours.weekdays",
        "the portal is never open",
        "write hours for at least one kind of day",
    );
    for (i, closure) in hours.closures.iter().enumerate() {
        found.filled(&format!("hours.closures[{i}].reason"), &closure.reason);
        if closure.from == closure.until {
            let key = format!("hours.closures[{i}].until");
            found.add(key, "the closure has no length", "write the first minute after it");
        }
    }
}
