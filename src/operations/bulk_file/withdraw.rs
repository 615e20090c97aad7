//! 引戻し (BFT040): a file is taken back before it is sent, to be changed or thrown away.
//!
//! Rule (files.md): by its maker while it waits, by an approver until it is sent.

use super::change::{BulkChange, ChangeOutcome, change};
use crate::domain::bulk_file::BulkAct;
use crate::operations::{Ctx, OperationError, Services};

/// Withdraws the file.
///
/// Permission: its maker, or users who may approve files of the kind on the account.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn withdraw(
    services: &Services,
    ctx: &Ctx,
    input: BulkChange,
) -> Result<ChangeOutcome, OperationError> {
    change(services, ctx, input, (BulkAct::Withdraw, |_, _, _, _| Ok(()))).await
}
