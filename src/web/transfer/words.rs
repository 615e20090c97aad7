//! Payees, days and fees in words.

use chrono::{Datelike, NaiveDate};

use crate::domain::ledger::Account;
use crate::domain::payee::Destination;
use crate::domain::payment::PaymentKind;
use crate::domain::portal::{Fee, TimeOfDay};
use crate::domain::transfer::{DayRules, TransferDraft, TransferOrder};
use crate::primitives::kana::to_full_katakana;
use crate::primitives::party_name::{PAYEE_NAME_MAX, convert};
use crate::primitives::yen::Yen;
use crate::web::page::Row;
use crate::web::payee::words::changes;
use crate::web::transfer::input::SENDER_LENGTH_MAX;

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

/// Where a draft's transfer goes: an own account without a holder, or a payee with bank, account
/// and holder.
#[must_use]
pub fn draft_rows(draft: &TransferDraft) -> Vec<Row> {
    let to = &draft.to;
    if draft.kind() == PaymentKind::OwnTransfer {
        return vec![Row::new("入金口座", branch_text(to))];
    }
    let mut rows = vec![
        Row::new("振込先", format!("{}（{}）", to.bank_name, to.bank_code)),
        Row::new("口座", branch_text(to)),
    ];
    // A name that was looked up was not made of what was typed.
    let typed = if draft.is_name_found { "" } else { draft.typed_holder.as_str() };
    let holder = (to.holder_kana.as_str(), party_text(&to.holder_kana));
    rows.extend(name_rows("受取人名", holder, (typed, PAYEE_NAME_MAX)));
    rows
}

/// In whose name a transfer goes out.
#[must_use]
pub fn sender_rows(order: &TransferOrder) -> Vec<Row> {
    let sender = (order.sender_kana.as_str(), to_full_katakana(&order.sender_kana));
    name_rows("振込依頼人名", sender, (&order.typed_sender, SENDER_LENGTH_MAX))
}

/// A name, easy to read. Where it is not sent as it was typed nothing is hidden: what was typed,
/// what is sent letter by letter, and what was changed.
fn name_rows(
    label: &str,
    (sent, shown): (&str, String),
    (typed, length_max): (&str, usize),
) -> Vec<Row> {
    let converted = convert(typed, length_max).ok().filter(|converted| converted.name == sent);
    match converted.and_then(|converted| changes(converted.changes)) {
        None => vec![Row::new(label, shown)],
        Some(change) => vec![
            Row::new(format!("入力された{label}"), typed),
            Row::new(format!("{label}（送信される名義）"), sent),
            Row::new(format!("{label}の変換"), change),
        ],
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

/// When it happens, in a sentence; reservations run at the profile's time.
#[must_use]
pub fn when_text(
    kind: PaymentKind,
    days: &DayRules,
    on: NaiveDate,
    reservations_at: TimeOfDay,
) -> String {
    let act = kind.label();
    if days.is_at_once(on) {
        format!("本日 {}、確定するとすぐに{act}を行います。", day_text(on))
    } else {
        let (day, at) = (day_text(on), reservations_at.spoken());
        format!("{day}の{at}ごろに{act}を行います。前日の23時59分まで取り消せます。")
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

    #[test]
    fn a_name_that_is_sent_as_typed_has_one_row() {
        let rows = |typed: &str| {
            let rows = name_rows("受取人名", ("ｲﾜｲ", party_text("ｲﾜｲ")), (typed, PAYEE_NAME_MAX));
            rows.into_iter().map(|row| (row.label, row.value)).collect::<Vec<_>>()
        };
        let row = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        // Typed as it is sent, looked up or chosen, and a name that was not made of what was typed.
        for typed in ["ｲﾜｲ", "", "アオイ"] {
            assert_eq!(rows(typed), [row("受取人名", "イワイ 様")], "{typed}");
        }
        assert_eq!(
            rows("ヰワイ"),
            [
                row("入力された受取人名", "ヰワイ"),
                row("受取人名（送信される名義）", "ｲﾜｲ"),
                row("受取人名の変換", "全角を半角に、ヰ・ヱをイ・エに変換しました。"),
            ]
        );
    }
}
