//! 受付: what companies sent is accepted, or rejected with a reason.

use crate::db::queries::{bulk_files, bulk_runs};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::{BulkAct, BulkActor, BulkFile, BulkReason, BulkState, decide};
use crate::operations::{Ctx, Services, audit};
use crate::primitives::ids::BulkFileId;

use super::{note, obstacle, records, reject_in_tx};

/// Files looked at once.
const BATCH: i64 = 100;

/// What became of what was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Files that were accepted.
    pub accepted: usize,
    /// Files that were rejected.
    pub rejected: usize,
    /// Files that the database could not work on; they are tried again.
    pub broken: usize,
}

/// Whether anything waits to be accepted.
///
/// # Errors
/// Whatever the database says.
pub fn has_sent(conn: &mut DbConn, ctx: &Ctx) -> Result<bool, DbError> {
    let sent = bulk_runs::list_in_state(conn, ctx.portal_slug(), (BulkState::Sent, None), None, 1);
    Ok(!sent?.is_empty())
}

/// Accepts or rejects what was sent, each file in a transaction of its own. Stops early where
/// `goes_on` says no, between two of them.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn accept_sent(
    services: &Services,
    ctx: &Ctx,
    goes_on: &dyn Fn() -> bool,
) -> Result<Accepted, DbError> {
    let (mut all, mut after) = (Accepted::default(), None);
    loop {
        let slug = ctx.portal_slug().to_owned();
        let sent = (BulkState::Sent, None);
        let files = services
            .db
            .read_blocking(|conn| bulk_runs::list_in_state(conn, &slug, sent, after, BATCH))?;
        let Some(last) = files.last() else { return Ok(all) };
        after = last.receipt_id;
        for file in files {
            if !goes_on() {
                return Ok(all);
            }
            let id = file.id;
            match accept(services, ctx, file) {
                Ok(Some(BulkState::Accepted)) => all.accepted += 1,
                Ok(Some(_)) => all.rejected += 1,
                Ok(None) => {}
                Err(error) if error.is_transient() => return Err(error),
                // One that is broken does not keep the others from being accepted.
                Err(error) => {
                    all.broken += 1;
                    tracing::error!(file = %id, %error, "a bulk file cannot be accepted");
                }
            }
        }
    }
}

/// Reads the whole file outside the transaction; what was sent does not change any more, and the
/// guard of the move says so.
fn accept(services: &Services, ctx: &Ctx, file: BulkFile) -> Result<Option<BulkState>, DbError> {
    let bank = ctx.profile.portal.bank_code.as_str();
    let is_right = services
        .db
        .read_blocking(|conn| Ok::<_, DbError>(records::read(conn, bank, &file)?.is_some()))?;
    let (ctx, id) = (ctx.clone(), file.id);
    let body = move |conn: &mut DbConn| accept_in_tx(conn, &ctx, id, is_right);
    services.db.write_locked_blocking(file.contract_id, body)
}

fn accept_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    id: BulkFileId,
    is_content_right: bool,
) -> Result<Option<BulkState>, DbError> {
    let file = bulk_files::get(conn, id)?;
    let Ok(state) = decide(file.state, BulkAct::Accept, BulkActor::WORKER) else {
        return Ok(None);
    };
    let content = (!is_content_right).then_some(BulkReason::Content);
    if let Some(reason) = obstacle(conn, &file)?.or(content) {
        let is_rejected = reject_in_tx(conn, ctx, &file, reason)?;
        return Ok(is_rejected.then_some(BulkState::Rejected));
    }
    if !bulk_files::move_state(conn, &file, state, ctx.now)? {
        return Ok(None);
    }
    note(conn, ctx, &file, (BulkAct::Accept, state), "")?;
    let object = format!("bulk file {id}");
    let details = format!("{}, {} records", file.kind, file.item_count);
    audit::write(conn, ctx, "bulk.accept", &object, AuditResult::Done, &details)?;
    Ok(Some(state))
}
