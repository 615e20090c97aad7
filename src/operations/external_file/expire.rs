//! After its time a file can no longer be fetched, and its content goes; who fetched it stays.

use super::write::PIECES_A_TIME;
use crate::db::queries::external_files;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::external_file::kept_since;
use crate::operations::{Ctx, Services, audit};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::ExternalFileId;

/// Files taken away in one run.
const BATCH: i64 = 50;

fn before(ctx: &Ctx) -> UtcTime {
    kept_since(ctx.now, ctx.profile.files.external_kept_days)
}

/// Whether the time of any file is over.
///
/// # Errors
/// Whatever the database says.
pub fn has_over(conn: &mut DbConn, ctx: &Ctx) -> Result<bool, DbError> {
    Ok(!external_files::list_over(conn, ctx.portal_slug(), before(ctx), 1)?.is_empty())
}

/// Takes away the content of what is over, and says of how many files.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn expire_over(
    services: &Services,
    ctx: &Ctx,
    goes_on: &dyn Fn() -> bool,
) -> Result<usize, DbError> {
    let (slug, before) = (ctx.portal_slug().to_owned(), before(ctx));
    let over =
        services.db.read_blocking(|conn| external_files::list_over(conn, &slug, before, BATCH))?;
    let mut count = 0;
    for id in over {
        if !goes_on() {
            break;
        }
        expire(services, ctx, id, before)?;
        count += 1;
    }
    Ok(count)
}

fn expire(
    services: &Services,
    ctx: &Ctx,
    id: ExternalFileId,
    before: UtcTime,
) -> Result<(), DbError> {
    let db = &services.db;
    if !db.claim_blocking(move |conn| external_files::expire(conn, id, before))? {
        return Ok(());
    }
    let some = move |conn: &mut DbConn| external_files::delete_chunks(conn, id, PIECES_A_TIME);
    while db.claim_blocking(some)? > 0 {}
    let ctx = ctx.clone();
    db.write_blocking(move |conn| {
        external_files::note_gone(conn, id)?;
        let object = format!("external file {id}");
        audit::write(conn, &ctx, "external.expire", &object, AuditResult::Done, "content deleted")
    })
}
