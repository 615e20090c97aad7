//! 送信 (BFT030, BFT031): an approved file goes to the institution.
//!
//! Rule (files.md): the proof that the auth rules ask for `bulk.send`; every approval that is
//! needed is there; before the deadline; within the limits of the contract and of the sender, for
//! which the total counts on the file's day where money goes out. Each file gets a receipt number
//! of its own.

use super::batch::{BulkActs, BulkLine, BulkOutcome, Doer, prove_and_act};
use super::{BulkAbort, Done, note};
use crate::db::DbConn;
use crate::db::queries::{accounts, bulk_files, bulk_moves};
use crate::domain::bulk_file::{BulkAct, BulkFile, BulkObstacle, BulkRules};
use crate::domain::mail::MailKind;
use crate::operations::notice::bulk::tell_maker;
use crate::operations::{Ctx, OperationError, Services, receipt};

/// The receipts of what was sent at once.
pub const RECEIPT: &str = "bulk.send_all";
/// The receipt of one file.
const FILE_RECEIPT: &str = "bulk.send";

/// Sends the files.
///
/// Permission: users who may send files of the kind on the account.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn send(
    services: &Services,
    ctx: &Ctx,
    input: BulkActs,
) -> Result<BulkOutcome, OperationError> {
    prove_and_act(services, ctx, &input, (BulkAct::Send, send_one)).await
}

fn send_one(
    conn: &mut DbConn,
    ctx: &Ctx,
    doer: &Doer<'_>,
    file: &BulkFile,
) -> Result<BulkLine, BulkAbort> {
    let own_most = super::own_most(conn, ctx, doer.user)?;
    let rules = BulkRules { service: doer.service.as_ref(), own_most, now: ctx.now };
    let to = rules.send(file, doer.actor)?;
    let account_id = file.account_id.ok_or(BulkObstacle::Account)?;
    if accounts::get(conn, account_id)?.closed_at.is_some() {
        return Err(BulkObstacle::Account.into());
    }
    super::count_in_tx(conn, ctx, doer.user, file)?;
    let number = receipt::write_in_tx(conn, ctx, doer.user.id, FILE_RECEIPT, &file.id)?;
    if !bulk_moves::send(conn, file, doer.user.id, number, ctx.now)? {
        return Err(BulkObstacle::State.into());
    }
    let (act, proof) = (BulkAct::Send, doer.proof);
    note(conn, ctx, file, &Done { user: Some(doer.user), act, to, proof, comment: "" })?;
    let sent = bulk_files::get(conn, file.id)?;
    tell_maker(conn, ctx, &sent, MailKind::BulkSent, "")?;
    Ok(BulkLine::of(&sent))
}
