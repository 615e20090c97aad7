//! Payments in words.

use crate::domain::ledger::Account;
use crate::domain::payment::{Payment, PaymentKind, PaymentStanding};
use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::primitives::kana::to_full_katakana;
use crate::web::page::{Row, Tone};
use crate::web::transfer::words::{account_text, day_text, fee_text, party_text};

/// The colour of how a payment stands.
#[must_use]
pub fn tone(standing: PaymentStanding) -> Tone {
    match standing {
        PaymentStanding::Done => Tone::Success,
        PaymentStanding::Accepted | PaymentStanding::Reserved => Tone::Info,
        PaymentStanding::Cancelled => Tone::Warn,
        PaymentStanding::Failed => Tone::Error,
    }
}

/// `本店（001）　普通　1234567` of whom it goes to; the number alone where it is no account.
#[must_use]
pub fn payee_account_text(payment: &Payment) -> String {
    let Some(account_type) = payment.account_type else { return payment.number.clone() };
    format!(
        "{}（{}）　{}　{}",
        payment.branch_name,
        payment.branch_code,
        account_type.label(),
        payment.number
    )
}

/// Everything about a payment.
#[must_use]
pub fn payment_rows(payment: &Payment, from: Option<&Account>, now: UtcTime) -> Vec<Row> {
    let standing = payment.standing(now);
    let mut rows =
        vec![Row::new("お取引", payment.kind.label()), Row::new("状態", standing.label())];
    if let Some(reason) = payment.reason {
        rows.push(Row::new("理由", reason.words()));
    }
    rows.extend(from.map(|from| Row::new("出金口座", account_text(from))));
    if payment.kind == PaymentKind::OwnTransfer {
        rows.push(Row::new("入金口座", payee_account_text(payment)));
    } else {
        rows.push(Row::new("振込先", format!("{}（{}）", payment.bank_name, payment.bank_code)));
        rows.push(Row::new("口座", payee_account_text(payment)));
        rows.push(Row::new("受取人名", party_text(&payment.holder_kana)));
    }
    rows.push(Row::new("金額", payment.amount_yen.to_string()));
    if payment.kind != PaymentKind::OwnTransfer {
        rows.push(Row::new("手数料", fee_text(payment.fee())));
        rows.push(Row::new("引落合計", payment.total().to_string()));
        rows.push(Row::new("振込依頼人名", to_full_katakana(&payment.sender_kana)));
    }
    rows.push(Row::new("実行日", day_text(payment.execute_on)));
    rows.push(Row::new("受付日時", jst_minute_text(payment.requested_at)));
    if let Some(at) = payment.ended_at {
        rows.push(Row::new(format!("{}日時", standing.label()), jst_minute_text(at)));
    }
    rows
}
