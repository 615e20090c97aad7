//! Payees, days and fees in words.

use chrono::{Datelike, NaiveDate};

use crate::domain::ledger::Account;
use crate::domain::payee::Destination;
use crate::domain::payment::PaymentKind;
use crate::domain::portal::Fee;
use crate::domain::transfer::{DayRules, TransferDraft};
use crate::primitives::kana::to_full_katakana;
use crate::primitives::yen::Yen;
use crate::web::page::Row;

const WEEKDAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];

/// `2026年11月24日（火）`.
#[must_use]
pub fn day_text(day: NaiveDate) -> String {
    let place = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0);
    let weekday = WEEKDAYS.get(place).copied().unwrap_or_default();
    format!("{}（{weekday}）", day.format("%Y年%-m月%-d日"))
}

/// `本店（001）　普通　1234567`.
#[must_use]
pub fn account_text(account: &Account) -> String {
    format!(
        "{}（{}）　{}　{}",
        account.branch_name,
        account.branch_code,
        account.account_type.label(),
        account.number
    )
}

/// `本店（001）　普通　1234567` of a payee, without the bank.
#[must_use]
pub fn branch_text(to: &Destination) -> String {
    format!("{}（{}）　{}　{}", to.branch_name, to.branch_code, to.account_type.label(), to.number)
}

/// `ハナゾノ サクラ 様`: a name as it is sent, in letters that are easy to read.
#[must_use]
pub fn party_text(kana: &str) -> String {
    format!("{} 様", to_full_katakana(kana))
}

/// The payee: bank, account, holder.
#[must_use]
pub fn payee_rows(to: &Destination) -> Vec<Row> {
    vec![
        Row::new("振込先", format!("{}（{}）", to.bank_name, to.bank_code)),
        Row::new("口座", branch_text(to)),
        Row::new("受取人名", party_text(&to.holder_kana)),
    ]
}

/// Where a draft's transfer goes: an own account without a holder, or a payee.
#[must_use]
pub fn draft_rows(draft: &TransferDraft) -> Vec<Row> {
    match draft.kind() {
        PaymentKind::OwnTransfer => vec![Row::new("入金口座", branch_text(&draft.to))],
        _ => payee_rows(&draft.to),
    }
}

/// `220円（うち消費税 20円）`.
#[must_use]
pub fn fee_text(fee: Fee) -> String {
    match fee.total_yen() {
        0 => "無料".to_owned(),
        total => format!("{}（うち消費税 {}）", Yen(total), Yen(fee.tax_yen)),
    }
}

/// When it happens, in a sentence.
#[must_use]
pub fn when_text(kind: PaymentKind, days: &DayRules, on: NaiveDate) -> String {
    let act = kind.label();
    if days.is_at_once(on) {
        format!("本日 {}、確定するとすぐに{act}を行います。", day_text(on))
    } else {
        format!("{}の午前9時ごろに{act}を行います。前日の23時59分まで取り消せます。", day_text(on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_fees_in_words() {
        assert_eq!(day_text("2026-11-24".parse().unwrap()), "2026年11月24日（火）");
        assert_eq!(day_text("2027-01-03".parse().unwrap()), "2027年1月3日（日）");
        assert_eq!(fee_text(Fee { net_yen: 200, tax_yen: 20 }), "220円（うち消費税 20円）");
        assert_eq!(fee_text(Fee { net_yen: 0, tax_yen: 0 }), "無料");
    }
}
