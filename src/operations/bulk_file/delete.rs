//! 削除 (BFT040): a draft is thrown away. Its records are forgotten; its history stays.

use super::change::{BulkChange, ChangeOutcome, change};
use crate::db::queries::bulk_chunks;
use crate::domain::bulk_file::{BulkAct, BulkFile};
use crate::operations::{Ctx, OperationError, Services};

/// Deletes the file.
///
/// Permission: its maker.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn delete(
    services: &Services,
    ctx: &Ctx,
    input: BulkChange,
) -> Result<ChangeOutcome, OperationError> {
    let forget = |conn: &mut _, _: &Ctx, file: &BulkFile, _: &str| {
        bulk_chunks::delete_all(conn, file.id).map(|_| ())
    };
    change(services, ctx, input, (BulkAct::Delete, forget)).await
}
