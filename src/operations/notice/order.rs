//! Notices about orders of tokens: ordered, accepted, debited, shipped, withdrawn.

use super::{common, insert, text};
use crate::db::queries::{members, users};
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
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
    let (act, sentence) = words(order, kind);
    let mut lines = vec![format!("{}　{}個", order.reason.label(), order.quantity)];
    lines.push(fee_line(order));
    lines.extend_from_slice(more);
    let mail = OrderNews {
        common: common(ctx, user),
        act: act.to_owned(),
        sentence: sentence.to_owned(),
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

fn words(order: &TokenOrder, kind: MailKind) -> (&'static str, &'static str) {
    match kind {
        MailKind::OrderAccepted if order.is_free() => {
            ("トークン発行依頼の受付", "トークンの発行依頼を受け付けました。まもなく発送します。")
        }
        MailKind::OrderAccepted => (
            "トークン発行依頼の受付",
            "トークンの発行依頼を受け付けました。手数料を代表口座から引き落としたあと、発送します。",
        ),
        MailKind::OrderDebited => (
            "トークン発行手数料の引落",
            "トークンの発行手数料を、代表口座から引き落としました。まもなく発送します。",
        ),
        MailKind::OrderShipped => (
            "トークンの発送",
            "トークンを発送しました。届いたらシリアル番号を確かめ、登録のお手続きをしてください。",
        ),
        MailKind::OrderWithdrawn => (
            "トークン発行依頼の取下げ",
            "トークンの発行依頼を取り下げました。手数料はかかりません。",
        ),
        _ => (
            "トークン発行依頼",
            "トークンの発行依頼を承りました。受け付けましたら、あらためてお知らせします。",
        ),
    }
}
