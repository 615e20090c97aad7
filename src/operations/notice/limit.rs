//! Notices about limits: a rise asked for, limits that changed, a rise cancelled.

use super::{common, insert, own_receipt, text};
use crate::db::queries::members;
use crate::db::{DbConn, DbError};
use crate::domain::limit::LimitChange;
use crate::domain::mail::MailKind;
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::LimitNews;
use crate::operations::{Ctx, stop_code};
use crate::primitives::clock::jst_minute_text;

/// What a notice about limits tells.
#[derive(Debug, Clone)]
pub struct LimitNotice {
    /// What happened.
    pub kind: MailKind,
    /// The same in a sentence.
    pub sentence: String,
    /// The limits concerned, one a line.
    pub lines: Vec<String>,
    /// 受付番号 of the act; without one the notice gets its own.
    pub receipt_number: Option<i32>,
}

/// `振込・振替（1日あたり）: 200,000円 → 1,000,000円（2026年11月27日 00:00 から）`, one a change.
#[must_use]
pub fn change_lines(changes: &[LimitChange]) -> Vec<String> {
    let one = |change: &LimitChange| {
        let LimitChange { service, span, before, after, from } = change;
        let from = from.map_or_else(String::new, |at| format!("（{} から）", jst_minute_text(at)));
        format!("{}（{}）: {before} → {after}{from}", service.label(), span.label())
    };
    changes.iter().map(one).collect()
}

/// Puts a notice about limits into the out-box: to the customer; in a company to every
/// administrator, since the limits are the contract's.
///
/// # Errors
/// Whatever the database says.
pub fn tell_of_limit(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    notice: &LimitNotice,
) -> Result<(), DbError> {
    if !ctx.profile.is_corporate() {
        return enqueue_limit(conn, ctx, user, notice);
    }
    for told in &members::list_administrators(conn, user.contract_id)? {
        enqueue_limit(conn, ctx, told, notice)?;
    }
    Ok(())
}

/// Puts a notice about limits into the out-box. A user without a verified address gets none.
///
/// # Errors
/// Whatever the database says.
pub fn enqueue_limit(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    notice: &LimitNotice,
) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let number = match notice.receipt_number {
        Some(number) => number,
        None => own_receipt(conn, ctx, user, notice.kind)?,
    };
    let act = match notice.kind {
        MailKind::LimitRiseRequested => "限度額の引き上げの受付",
        MailKind::LimitRiseCancelled => "限度額の引き上げの取り消し",
        _ => "限度額の変更",
    };
    let mail = LimitNews {
        common: common(ctx, user),
        act: act.to_owned(),
        sentence: notice.sentence.clone(),
        lines: notice.lines.clone(),
        receipt_number: number_text(number),
    };
    let (subject, mut body) = text(&mail);
    if let Some(part) = stop_code::part_of(conn, ctx, user, notice.kind)? {
        body += &part.text();
    }
    insert(conn, ctx, user, notice.kind, address, subject, body)
}
