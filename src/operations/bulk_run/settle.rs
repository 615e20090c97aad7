//! What a file's day brought, written down: its state, its result, its history, the mails.

use crate::db::DbConn;
use crate::db::queries::{bulk_files, bulk_runs};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::{
    BulkAct, BulkActor, BulkFailure, BulkFile, BulkResult, BulkState, decide,
};
use crate::domain::mail::MailKind;
use crate::domain::portal::Fee;
use crate::operations::notice::bulk_result::tell_of_file;
use crate::operations::{ActAbort, Ctx, audit, external_file, guard};
use crate::primitives::ids::EntryId;
use crate::primitives::yen::Yen;

use super::{RunAbort, note};

/// What was posted.
pub(super) struct Settled {
    /// The file's entry; nothing where nothing was collected.
    pub entry_id: Option<EntryId>,
    /// Records that could not be done.
    pub failures: Vec<BulkFailure>,
    /// What it cost.
    pub fee: Fee,
}

/// The move out of `accepted` and everything that belongs to it.
///
/// # Errors
/// [`ActAbort::Stale`] where somebody was faster: roll back then.
pub(super) fn settle_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    settled: &Settled,
) -> Result<BulkState, RunAbort> {
    let failed = settled.failures.len();
    let act = if failed == 0 { BulkAct::Execute } else { BulkAct::ExecutePartly };
    let state = decide(file.state, act, BulkActor::WORKER).map_err(|_| ActAbort::Stale)?;
    guard(bulk_files::move_state(conn, file, state, ctx.now)?)?;
    let sum = settled.failures.iter().try_fold(Yen(0), |sum, one| sum.checked_add(one.amount_yen));
    let failed_yen = sum.ok_or(ActAbort::Stale)?;
    let failed_count = i64::try_from(failed).map_err(|_| ActAbort::Stale)?;
    let result = BulkResult {
        file_id: file.id,
        executed_at: ctx.now,
        entry_id: settled.entry_id,
        failed_count,
        failed_yen,
        net_yen: Yen(settled.fee.net_yen),
        tax_yen: Yen(settled.fee.tax_yen),
    };
    let lines = lines(file, &result);
    bulk_runs::insert_result(conn, result)?;
    bulk_runs::insert_failures(conn, &settled.failures)?;
    external_file::begin_result_in_tx(conn, ctx, file)?;
    note(conn, ctx, file, (act, state), &lines.join("、"))?;
    let kind = if failed == 0 { MailKind::BulkDone } else { MailKind::BulkPartlyFailed };
    tell_of_file(conn, ctx, file, (kind, &lines))?;
    let details = format!("{state}, {} records, {failed} failed", file.item_count);
    let object = format!("bulk file {}", file.id);
    audit::write(conn, ctx, "bulk.execute", &object, AuditResult::Done, &details)?;
    Ok(state)
}

/// The result in words.
fn lines(file: &BulkFile, result: &BulkResult) -> Vec<String> {
    let done = (
        file.item_count.saturating_sub(result.failed_count),
        Yen(file.total_yen.0.saturating_sub(result.failed_yen.0)),
    );
    let word = if file.kind.is_outgoing() { "振込" } else { "振替" };
    let mut lines = vec![format!("{word}済み: {}件 {}", done.0, done.1)];
    if result.failed_count > 0 {
        let word = if file.kind.is_outgoing() { "組戻" } else { "振替不能" };
        lines.push(format!("{word}: {}件 {}", result.failed_count, result.failed_yen));
    }
    let fee = Yen(result.net_yen.0.saturating_add(result.tax_yen.0));
    lines.push(format!("手数料: {fee}（うち消費税 {}）", result.tax_yen));
    lines
}
