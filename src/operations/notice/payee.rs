//! Notices about payees: registered, changed, deleted.

use super::{common, insert, text};
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::payee::{PayeeAct, PayeeReceipt, PayeeState};
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::PayeeNews;
use crate::operations::{Ctx, stop_code};

/// Digits of an account number that a mail shows: mails are read by others more easily than pages.
const DIGITS_SHOWN: usize = 3;

/// Puts a notice about a payee into the out-box. A user without a verified address gets none.
///
/// # Errors
/// Whatever the database says.
pub fn enqueue_payee(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    details: &PayeeReceipt,
    receipt_number: i32,
) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let to = &details.destination;
    let hidden = to.number.len().saturating_sub(DIGITS_SHOWN);
    let shown = to.number.get(hidden..).unwrap_or_default();
    let mut lines = vec![
        format!("金融機関: {}（{}）", to.bank_name, to.bank_code),
        format!("支店: {}（{}）", to.branch_name, to.branch_code),
        format!("口座: {} {}{shown}", to.account_type.label(), "*".repeat(hidden)),
        format!("受取人名: {}", to.holder_kana),
    ];
    if details.act != PayeeAct::Delete && details.state == PayeeState::Waiting {
        lines.push("事前登録先としてのお取り扱いは、申込書の受付のあとになります。".to_owned());
    }
    let kind = MailKind::PayeeChanged;
    let mail = PayeeNews {
        common: common(ctx, user),
        act: details.act.label(),
        lines,
        receipt_number: number_text(receipt_number),
    };
    let (subject, mut body) = text(&mail);
    if let Some(part) = stop_code::part_of(conn, ctx, user, kind)? {
        body += &part.text();
    }
    insert(conn, ctx, user, kind, address, subject, body)
}
