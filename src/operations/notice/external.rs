//! Notices about files of 外部ファイル受信: one a day and person, however many files there are.

use super::{common, insert, text};
use crate::db::queries::external_files;
use crate::db::{DbConn, DbError};
use crate::domain::external_file::ExternalFile;
use crate::domain::mail::MailKind;
use crate::domain::user::User;
use crate::mail::templates::ExternalNews;
use crate::operations::{Ctx, right};
use crate::primitives::clock::jst_day;

/// People of one contract that are told.
const READERS_MAX: i64 = 200;

/// Puts word of a file into the out-box of each user who receives it and was not told of another
/// one today.
///
/// # Errors
/// Whatever the database says.
pub fn tell_readers(conn: &mut DbConn, ctx: &Ctx, file: &ExternalFile) -> Result<(), DbError> {
    let Some(contract_id) = file.contract_id else { return Ok(()) };
    if !ctx.profile.services.external_files {
        return Ok(());
    }
    for user in external_files::list_readers(conn, contract_id, READERS_MAX)? {
        let rights = right::of_user(conn, ctx, &user)?;
        let is_told = file.is_open_to(&rights)
            && external_files::insert_notice(conn, user.id, jst_day(ctx.now))?;
        if is_told {
            enqueue(conn, ctx, &user, file)?;
        }
    }
    Ok(())
}

fn enqueue(conn: &mut DbConn, ctx: &Ctx, user: &User, file: &ExternalFile) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let mail = ExternalNews {
        common: common(ctx, user),
        kind: file.kind.label().to_owned(),
        kept_days: ctx.profile.files.external_kept_days,
    };
    let (subject, body) = text(&mail);
    insert(conn, ctx, user, MailKind::ExternalReady, address, subject, body)
}
