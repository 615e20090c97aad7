//! 差戻し (BFT021): an approver gives a file back to be changed, and says why.
//!
//! Rule (files.md): while it waits for approval, with a comment, which its maker is told by mail.

use super::change::{BulkChange, ChangeOutcome, change};
use crate::domain::bulk_file::BulkAct;
use crate::domain::mail::MailKind;
use crate::operations::notice::bulk::tell_maker;
use crate::operations::{Ctx, OperationError, Services};

/// Longest comment, in characters.
pub const COMMENT_MAX: usize = 200;

/// Returns the file.
///
/// Permission: users who may approve files of the kind on the account.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn return_to_maker(
    services: &Services,
    ctx: &Ctx,
    input: BulkChange,
) -> Result<ChangeOutcome, OperationError> {
    let tell = |conn: &mut _, ctx: &_, file: &_, comment: &str| {
        tell_maker(conn, ctx, file, MailKind::BulkReturned, comment)
    };
    change(services, ctx, input, (BulkAct::Return, tell)).await
}
