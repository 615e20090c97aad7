//! Notices about orders of tokens and cards: ordered, accepted, debited, shipped, withdrawn.

use super::{common, insert, text};
use crate::db::queries::{members, users};
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::portal::Profile;
use crate::domain::receipt::number_text;
use crate::domain::token_order::TokenOrder;
use crate::domain::user::User;
use crate::mail::templates::OrderNews;
use crate::operations::{Ctx, stop_code};
use crate::primitives::yen::Yen;

/// Puts word of what happened to an order into the out-box: to every administrator of a company, to
/// the customer elsewhere. `more` are lines of their own, as the ends of the serials.
///
/// # Errors
/// Whatever the database says.
pub fn tell_of_order(
    conn: &mut DbConn,
    ctx: &Ctx,
    order: &TokenOrder,
    kind: MailKind,
    more: &[String],
) -> Result<(), DbError> {
    let told = if ctx.profile.is_corporate() {
        members::list_administrators(conn, order.contract_id)?
    } else {
        vec![users::get(conn, order.user_id)?]
    };
    for user in told.iter().filter(|user| user.deleted_at.is_none()) {
        enqueue(conn, ctx, user, order, (kind, more))?;
    }
    Ok(())
}

fn enqueue(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    order: &TokenOrder,
    (kind, more): (MailKind, &[String]),
) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let (act, sentence) = words(&ctx.profile, order, kind);
    let mut lines = vec![order.summary(&ctx.profile.words)];
    lines.push(fee_line(order));
    lines.extend_from_slice(more);
    let mail = OrderNews {
        common: common(ctx, user),
        act,
        sentence,
        lines,
        receipt_number: number_text(order.receipt_number),
    };
    let (subject, mut body) = text(&mail);
    if let Some(part) = stop_code::part_of(conn, ctx, user, kind)? {
        body += &part.text();
    }
    insert(conn, ctx, user, kind, address, subject, body)
}

/// `手数料: 2,200円（うち消費税 200円）`.
fn fee_line(order: &TokenOrder) -> String {
    if order.is_free() {
        return "手数料: 無料".to_owned();
    }
    let total = Yen(order.fee().total_yen());
    format!("手数料: {total}（うち消費税 {}）", order.tax_yen)
}

/// What was done, and the sentence about it.
fn words(profile: &Profile, order: &TokenOrder, kind: MailKind) -> (String, String) {
    let what = order.item.name(&profile.words);
    let issue = if order.item.is_card() { "再発行" } else { "発行" };
    let fee = order.item.fee_label();
    let asked = format!("{what}{issue}依頼");
    match kind {
        MailKind::OrderAccepted => {
            let next = match order.is_free() {
                true => "まもなく発送します。",
                false => "手数料を代表口座から引き落としたあと、発送します。",
            };
            (format!("{asked}の受付"), format!("{what}の{issue}依頼を受け付けました。{next}"))
        }
        MailKind::OrderDebited => (
            format!("{what}{fee}の引落"),
            format!("{what}の{fee}を、代表口座から引き落としました。まもなく発送します。"),
        ),
        MailKind::OrderShipped => {
            let next = match order.item.is_card() {
                true => "届いたら、記載の内容をお確かめください。",
                false => "届いたらシリアル番号を確かめ、登録のお手続きをしてください。",
            };
            (format!("{what}の発送"), format!("{what}を発送しました。{next}"))
        }
        MailKind::OrderWithdrawn => (
            format!("{asked}の取下げ"),
            format!("{what}の{issue}依頼を取り下げました。手数料はかかりません。"),
        ),
        _ => (
            asked,
            format!(
                "{what}の{issue}依頼を承りました。受け付けましたら、あらためてお知らせします。"
            ),
        ),
    }
}
