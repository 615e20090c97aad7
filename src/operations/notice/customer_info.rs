//! Notices of お客様情報変更: to the registered address, and of a new address to that one as well.

use super::{Notice, common, enqueue as enqueue_notice, insert, text, with_telephone};
use crate::db::{DbConn, DbError};
use crate::domain::customer_info::{InfoItem, masked_address};
use crate::domain::mail::MailKind;
use crate::domain::portal::SecretKind;
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::{
    MailAddressChanged, MailAddressTaken, SecretChanged, TelephoneChanged,
};
use crate::operations::{Ctx, stop_code};
use crate::primitives::clock::{UtcTime, jst_receipt_text};

/// What was changed.
#[derive(Debug, Clone)]
pub struct InfoNotice<'a> {
    /// The item.
    pub item: InfoItem,
    /// 受付番号 of the act.
    pub receipt_number: i32,
    /// The new mail address, if that is what was changed.
    pub new_address: Option<&'a str>,
    /// Until when transfers are held.
    pub held_until: Option<UtcTime>,
}

/// Tells a change by mail. `user` is the user before it.
///
/// # Errors
/// Whatever the database says.
pub fn enqueue(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    what: &InfoNotice<'_>,
) -> Result<(), DbError> {
    let receipt_number = number_text(what.receipt_number);
    let common = common(ctx, user);
    match (what.item, what.new_address) {
        (InfoItem::MailAddress, Some(new)) => mail_address(conn, ctx, user, what, new),
        (InfoItem::MailAddress, None) => Ok(()),
        (InfoItem::Telephone, _) => {
            let mail = text(&TelephoneChanged { common, receipt_number });
            to_registered(conn, ctx, user, MailKind::TelephoneChanged, mail)
        }
        (InfoItem::LoginSecret | InfoItem::ConfirmSecret, _) => {
            let is_login = what.item == InfoItem::LoginSecret;
            let kind = if is_login { SecretKind::Login } else { SecretKind::Confirm };
            let secret_label = ctx.profile.secret_label(kind, user.role).to_owned();
            let mail = text(&SecretChanged { common, secret_label, receipt_number });
            to_registered(conn, ctx, user, MailKind::SecretChanged, mail)
        }
    }
}

fn mail_address(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    what: &InfoNotice<'_>,
    new: &str,
) -> Result<(), DbError> {
    if user.mail_address.is_none() {
        let told = User { mail_address: Some(new.to_owned()), ..user.clone() };
        let receipt_number = Some(what.receipt_number);
        let set = Notice { receipt_number, ..Notice::of(MailKind::MailAddressSet) };
        return enqueue_notice(conn, ctx, &told, &set);
    }
    let masked_address = masked_address(new);
    let receipt_number = number_text(what.receipt_number);
    let changed = MailAddressChanged {
        common: common(ctx, user),
        masked_address: masked_address.clone(),
        held_until: what.held_until.map(jst_receipt_text),
        receipt_number: receipt_number.clone(),
    };
    to_registered(conn, ctx, user, MailKind::MailAddressChanged, text(&changed))?;
    let taken = MailAddressTaken { common: common(ctx, user), masked_address, receipt_number };
    let (subject, body) = with_telephone(ctx, text(&taken));
    insert(conn, ctx, user, MailKind::MailAddressTaken, new.to_owned(), subject, body)
}

/// To the address from before the act, with the way to stop everything.
fn to_registered(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    kind: MailKind,
    (subject, mut body): (String, String),
) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    if let Some(part) = stop_code::part_of(conn, ctx, user, kind)? {
        body += &part.text();
    }
    insert(conn, ctx, user, kind, address, subject, body)
}
