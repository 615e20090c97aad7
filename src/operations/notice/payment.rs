//! Notices about payments: made, reserved, taken back, run, failed.

use super::{common, insert, text};
use crate::db::queries::{members, users};
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::payment::{Payment, PaymentKind, PaymentObstacle};
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::PaymentNews;
use crate::operations::payment::short_number;
use crate::operations::{Ctx, stop_code};
use crate::primitives::kana::to_full_katakana;

/// Puts word of what became of a payment into the out-box of whom it concerns: who confirmed it and
/// who took it back. Where nobody of them can be told in a company, its administrators are.
///
/// # Errors
/// Whatever the database says.
pub fn tell_of_payment(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    payment: &Payment,
    what: (MailKind, Option<PaymentObstacle>),
) -> Result<(), DbError> {
    let mut told = vec![user.clone()];
    if payment.user_id != user.id {
        told.push(users::get(conn, payment.user_id)?);
    }
    told.retain(|user| user.deleted_at.is_none() && user.mail_address.is_some());
    if told.is_empty() && ctx.profile.is_corporate() {
        told = members::list_administrators(conn, payment.contract_id)?;
    }
    for user in &told {
        enqueue(conn, ctx, user, payment, what)?;
    }
    Ok(())
}

fn enqueue(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    payment: &Payment,
    (kind, obstacle): (MailKind, Option<PaymentObstacle>),
) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let (act, sentence) = words(payment, kind);
    let mut sentence = sentence.to_owned();
    if let Some(obstacle) = obstacle {
        sentence += obstacle.words();
    }
    let mail = PaymentNews {
        common: common(ctx, user),
        act: act.to_owned(),
        sentence,
        lines: lines(payment),
        receipt_number: number_text(payment.receipt_number),
    };
    let (subject, mut body) = text(&mail);
    if let Some(part) = stop_code::part_of(conn, ctx, user, kind)? {
        body += &part.text();
    }
    insert(conn, ctx, user, kind, address, subject, body)
}

fn lines(payment: &Payment) -> Vec<String> {
    if payment.kind == PaymentKind::PayEasy {
        return bill_lines(payment);
    }
    let to = format!(
        "{}　{}　{}　{}",
        payment.bank_name,
        payment.branch_name,
        payment.account_type.map_or("", |kind| kind.label()),
        short_number(&payment.number),
    );
    let mut lines = vec![
        format!("振込先: {to}"),
        format!("受取人名: {}", to_full_katakana(&payment.holder_kana)),
        format!("金額: {}", payment.amount_yen),
    ];
    let fee = payment.fee();
    if payment.kind != PaymentKind::OwnTransfer {
        lines.push(match fee.total_yen() {
            0 => "手数料: 無料".to_owned(),
            total => format!(
                "手数料: {}（うち消費税 {}）",
                crate::primitives::yen::Yen(total),
                payment.tax_yen
            ),
        });
    }
    lines.push(format!("実行日: {}", payment.execute_on.format("%Y年%-m月%-d日")));
    lines
}

fn bill_lines(payment: &Payment) -> Vec<String> {
    vec![
        format!("収納機関: {}（{}）", payment.bank_name, payment.bank_code),
        format!("払込内容: {}", payment.branch_name),
        format!("番号: {}", short_number(&payment.number)),
        format!("払込金額: {}", payment.amount_yen),
        format!("払込日: {}", payment.execute_on.format("%Y年%-m月%-d日")),
        "領収書は発行されません。".to_owned(),
    ]
}

fn words(payment: &Payment, kind: MailKind) -> (&'static str, &'static str) {
    let is_own = payment.kind == PaymentKind::OwnTransfer;
    match kind {
        MailKind::TransferReserved if is_own => {
            ("振替予約の受付", "次の振替のご予約を受け付けました。実行日の前日まで取り消せます。")
        }
        MailKind::TransferReserved => {
            ("振込予約の受付", "次の振込のご予約を受け付けました。実行日の前日まで取り消せます。")
        }
        MailKind::ReservationCancelled => ("予約の取消", "次のご予約を取り消しました。"),
        MailKind::ReservationDone => ("予約の実行", "ご予約いただいていた次のお取引を行いました。"),
        MailKind::ReservationFailed => (
            "予約を実行できませんでした",
            "ご予約いただいていた次のお取引は、行うことができませんでした。",
        ),
        MailKind::PayEasyDone => ("税金・各種料金払込みの受付", "次の払込みを行いました。"),
        _ if is_own => ("振替の受付", "次の振替を行いました。"),
        _ => ("振込の受付", "次の振込を行いました。"),
    }
}
