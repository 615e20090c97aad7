//! Word that a transfer was refused because something else was signed.

use super::{common, insert, own_receipt, text};
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::SignatureRefused;
use crate::operations::{Ctx, stop_code};

/// Puts the warning into the out-box of whose act it was.
///
/// # Errors
/// Whatever the database says.
pub fn tell_of_alarm(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let kind = MailKind::SignatureRefused;
    let number = own_receipt(conn, ctx, user, kind)?;
    let mail = SignatureRefused { common: common(ctx, user), receipt_number: number_text(number) };
    let (subject, mut body) = text(&mail);
    if let Some(part) = stop_code::part_of(conn, ctx, user, kind)? {
        body += &part.text();
    }
    insert(conn, ctx, user, kind, address, subject, body)
}
