//! 期限切れ: a file that was not sent by its deadline is over; its maker is told.

use super::{Done, note};
use crate::db::queries::{bulk_files, bulk_lists, bulk_moves};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkAct, BulkActor, decide};
use crate::domain::mail::MailKind;
use crate::operations::notice::bulk::tell_maker;
use crate::operations::{Ctx, Services};
use crate::primitives::ids::BulkFileId;

/// Files looked for at once; each expires in a transaction of its own.
const BATCH: i64 = 200;

/// Whether any file of the portal is overdue.
///
/// # Errors
/// Whatever the database says.
pub fn has_overdue(conn: &mut DbConn, ctx: &Ctx) -> Result<bool, DbError> {
    let first = (BulkFileId(0), 1);
    Ok(!bulk_lists::list_overdue(conn, ctx.portal_slug(), ctx.now, first)?.is_empty())
}

/// Lets every file of the portal expire whose deadline has passed before it was sent; how many.
/// Stops early where `goes_on` says no, between two of them. Whoever else does the same meanwhile,
/// each file expires once.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn expire_due(
    services: &Services,
    ctx: &Ctx,
    goes_on: &dyn Fn() -> bool,
) -> Result<usize, DbError> {
    let (mut expired, mut after) = (0, BulkFileId(0));
    loop {
        let (slug, now) = (ctx.portal_slug().to_owned(), ctx.now);
        let due = services
            .db
            .read_blocking(|conn| bulk_lists::list_overdue(conn, &slug, now, (after, BATCH)))?;
        let Some(last) = due.last().copied() else { return Ok(expired) };
        for id in due {
            if !goes_on() {
                return Ok(expired);
            }
            let ctx = ctx.clone();
            let is_expired =
                services.db.write_blocking(move |conn| expire_in_tx(conn, &ctx, id))?;
            expired += usize::from(is_expired);
        }
        after = last;
    }
}

fn expire_in_tx(conn: &mut DbConn, ctx: &Ctx, id: BulkFileId) -> Result<bool, DbError> {
    let file = bulk_files::get(conn, id)?;
    let Ok(to) = decide(file.state, BulkAct::Expire, BulkActor::WORKER) else { return Ok(false) };
    if !bulk_moves::expire(conn, &file, ctx.now)? {
        return Ok(false);
    }
    let done = Done { user: None, act: BulkAct::Expire, to, proof: "", comment: "" };
    note(conn, ctx, &file, &done)?;
    tell_maker(conn, ctx, &file, MailKind::BulkExpired, "")?;
    Ok(true)
}
