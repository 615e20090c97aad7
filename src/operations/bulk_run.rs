//! What the institution does with a bulk file that a company has sent: it accepts it or not, and on
//! the file's day it pays or collects, all in one transaction.
//!
//! Rule: a file is accepted while its kind is agreed with the contract, its account is open and its
//! records are those that were approved. It is executed on its day from the profile's hour on (as
//! reservations are, 09:00), in the order of receipt; where nobody ran it then, on the next
//! business day. What the account cannot bear is tried again until banks stop settling (15:00) and
//! rejected then, with nothing posted. Each file is done once, whoever else runs it too: its move
//! out of `accepted` is guarded, and so are its result and the key of its entry.

pub mod accept;
mod collect;
mod draft;
pub mod execute;
mod pay;
mod records;
mod settle;

use crate::db::queries::{accounts, bulk_files, bulk_runs, contracts, users};
use crate::db::{DbConn, DbError, TransactionError};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::{BulkAct, BulkFile, BulkReason, BulkState};
use crate::domain::mail::MailKind;
use crate::operations::notice::bulk_result::tell_of_file;
use crate::operations::{ActAbort, Ctx, audit, bulk_file};

/// How executing a file inside its transaction ends early: all of it is undone.
#[derive(Debug, thiserror::Error)]
enum RunAbort {
    /// The company's account does not hold the sum and its fees.
    #[error("the account cannot bear the file")]
    Funds,
    /// Somebody was faster, or the database.
    #[error(transparent)]
    Act(#[from] ActAbort),
}

impl From<DbError> for RunAbort {
    fn from(error: DbError) -> RunAbort {
        RunAbort::Act(ActAbort::Db(error))
    }
}

impl TransactionError for RunAbort {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            RunAbort::Act(abort) => abort.as_db_error(),
            RunAbort::Funds => None,
        }
    }
}

/// Why a file cannot be taken as things stand, but for its content and the money.
fn obstacle(conn: &mut DbConn, file: &BulkFile) -> Result<Option<BulkReason>, DbError> {
    if contracts::get(conn, file.contract_id)?.closed_at.is_some() {
        return Ok(Some(BulkReason::ContractClosed));
    }
    if bulk_files::find_service(conn, file.contract_id, file.kind)?.is_none() {
        return Ok(Some(BulkReason::Service));
    }
    if let Some(sender_id) = file.sender_id
        && users::get(conn, sender_id)?.stopped_at.is_some()
    {
        return Ok(Some(BulkReason::Stopped));
    }
    let account = match file.account_id {
        Some(id) => accounts::find_of_contract(conn, file.contract_id, id)?,
        None => None,
    };
    let is_open = account.is_some_and(|account| account.closed_at.is_none());
    Ok((!is_open).then_some(BulkReason::Account))
}

/// Rejects a file, with its history, the mails and the audit line. False: somebody was faster.
fn reject_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    reason: BulkReason,
) -> Result<bool, DbError> {
    if !bulk_runs::reject(conn, file, reason, ctx.now)? {
        return Ok(false);
    }
    bulk_file::give_back_in_tx(conn, file)?;
    note(conn, ctx, file, (BulkAct::Reject, BulkState::Rejected), reason.words())?;
    tell_of_file(conn, ctx, file, (MailKind::BulkRejected, &[reason.words().to_owned()]))?;
    let object = format!("bulk file {}", file.id);
    audit::write(conn, ctx, "bulk.reject", &object, AuditResult::Refused, reason.as_str())?;
    Ok(true)
}

/// A line of the file's history, of the institution.
fn note(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    (act, state): (BulkAct, BulkState),
    comment: &str,
) -> Result<(), DbError> {
    let event = bulk_files::NewBulkEvent {
        user_id: None,
        actor_name: &ctx.profile.portal.institution,
        act,
        state,
        proof: "",
        comment,
        content_sha256: &file.content_sha256,
    };
    bulk_files::insert_event(conn, file.id, &event, ctx.now)
}
