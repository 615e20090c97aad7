//! Limits, fees, files and hours in words.

use super::super::{
    Band, Deadline, Fees, Hours, Profile, RegisteredPayees, RiseOnStart, ServiceLimits,
};
use super::yen;

pub(super) fn limits(profile: &Profile) -> Vec<String> {
    let limits = &profile.limits;
    let parts =
        [("Transfers", limits.transfer), ("Pay-easy", limits.pay_easy), ("Files", limits.files)];
    let mut lines: Vec<_> =
        parts.iter().filter_map(|(name, part)| Some(service(name, (*part)?))).collect();
    lines.push(match limits.without_token_daily_yen {
        None => "Without a token the same limits hold.".to_owned(),
        Some(0) => "Without a token there are no transfers and no Pay-easy.".to_owned(),
        Some(most) => format!("Without a token at most {} a day.", yen(most)),
    });
    let start = match limits.rise_on_start {
        RiseOnStart::AtOnce => "at once after the start of a token",
        RiseOnStart::OnRequest => "only once the customer asks for a rise",
    };
    lines.push(format!(
        "The limits with a token hold {start}; a rise takes effect {} days later, a lowering at \
         once. Customers ask for multiples of {}.",
        limits.rise_after_days,
        yen(i64::from(limits.change_unit_yen))
    ));
    lines.push(transfers(profile));
    lines.push(match profile.hold.hours {
        0 => "There is no hold after changes of the token.".to_owned(),
        hours => format!(
            "For {hours} hours after a start, exchange, issue or change of mail address nothing \
             goes to new payees, and {} a day to others.",
            yen(profile.hold.daily_yen)
        ),
    });
    lines
}

fn service(name: &str, limits: ServiceLimits) -> String {
    format!(
        "{name}: {} each, {} a day; at most {} a day can be asked for.",
        yen(limits.per_transaction_yen),
        yen(limits.daily_yen),
        yen(limits.ceiling_yen)
    )
}

fn transfers(profile: &Profile) -> String {
    let transfers = profile.transfers;
    let registered = match transfers.registered_payees {
        RegisteredPayees::None => "payees are not registered beforehand",
        RegisteredPayees::StaffForm => "payees are registered beforehand by a form",
        RegisteredPayees::Otp => "payees are registered beforehand with a one-time password",
    };
    format!(
        "Transfers to other banks after {} go out on the next business day; reservations up to {} \
         days ahead run at {}; {registered}; {} names a day are looked up for a user; {} months of \
         movements are shown.",
        transfers.cut_off,
        transfers.days_ahead_max,
        transfers.reservations_at,
        transfers.name_lookups_daily,
        transfers.history_months
    )
}

pub(super) fn fees(fees: &Fees) -> Vec<String> {
    let transfer = &fees.transfer;
    let threshold = yen(transfer.threshold_yen);
    let band = |name: &str, band: Band| {
        format!(
            "Transfer, {name}: {} below {threshold}, {} from then on.",
            yen(band.below_yen),
            yen(band.from_yen)
        )
    };
    let rates: Vec<_> =
        fees.tax.iter().map(|rate| format!("{} % from {}", rate.percent, rate.from)).collect();
    let token = &fees.token;
    vec![
        format!("Tax: {}.", rates.join(", ")),
        band("same branch", transfer.own_branch),
        band("other branch of the institution", transfer.own_institution),
        band("other bank", transfer.other_bank),
        format!(
            "Tokens: the first {}, each further one {}; a new one on expiry {}, for a fault {}, \
             for a lost one {}; nothing a month; a new customer card {}.",
            yen(token.first_yen),
            yen(token.further_yen),
            yen(token.expired_yen),
            yen(token.faulty_yen),
            yen(token.lost_yen),
            yen(token.card_yen)
        ),
        format!("Direct debit: {} a record.", yen(fees.direct_debit_record_yen)),
    ]
}

pub(super) fn files(profile: &Profile) -> Vec<String> {
    if !profile.services.has_files() {
        return Vec::new();
    }
    let files = profile.files;
    vec![
        deadline("General transfers", files.general_transfer),
        deadline("Salaries", files.salary),
        deadline("Bonuses", files.bonus),
        deadline("Direct debits", files.direct_debit),
        format!("A file's date lies at most {} business days ahead.", files.days_ahead_max),
        format!(
            "Files for contracts are put out from {} on, and kept {} days.",
            files.external_at, files.external_kept_days
        ),
    ]
}

fn deadline(name: &str, deadline: Deadline) -> String {
    let own = deadline
        .business_days_own
        .map_or(String::new(), |days| format!(" ({days} if all payees are at the institution)"));
    format!(
        "{name}: {} business days before{own}, until {}.",
        deadline.business_days, deadline.until
    )
}

pub(super) fn hours(hours: &Hours) -> Vec<String> {
    let mut lines = vec![format!(
        "Weekdays {}, Saturdays {}, Sundays {}.",
        hours.weekdays, hours.saturdays, hours.sundays
    )];
    lines.extend(hours.closures.iter().map(|closure| {
        format!(
            "Closed every year from {} to {} ({}).",
            closure.from, closure.until, closure.reason
        )
    }));
    lines
}
