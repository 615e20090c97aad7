//! 承認 (BFT021, BFT022): somebody else than its maker approves what was handed in.
//!
//! Rule (files.md): the proof that the auth rules ask for `bulk.approve`; one code for one or
//! several files. Maker and approver are different persons unless the contract agreed otherwise, and
//! so are two approvers. An approval is for this content, handed in this time, within the limits of
//! the contract and of the approver, before the deadline. The last approval that is needed makes the
//! file ready to be sent.

use super::batch::{BulkActs, BulkLine, BulkOutcome, Doer, prove_and_act};
use super::{BulkAbort, Done, note};
use crate::db::DbConn;
use crate::db::queries::{bulk_files, bulk_moves};
use crate::domain::bulk_file::{BulkAct, BulkFile, BulkObstacle, BulkRules, BulkState};
use crate::domain::mail::MailKind;
use crate::operations::notice::bulk::tell_maker;
use crate::operations::{Ctx, OperationError, Services};

/// The receipts of approvals.
pub const RECEIPT: &str = "bulk.approve";

/// Approves the files.
///
/// Permission: users who may approve files of the kind on the account, and did not make them.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn approve(
    services: &Services,
    ctx: &Ctx,
    input: BulkActs,
) -> Result<BulkOutcome, OperationError> {
    prove_and_act(services, ctx, &input, (BulkAct::ApproveLast, approve_one)).await
}

fn approve_one(
    conn: &mut DbConn,
    ctx: &Ctx,
    doer: &Doer<'_>,
    file: &BulkFile,
) -> Result<BulkLine, BulkAbort> {
    let own_most = super::own_most(conn, ctx, doer.user)?;
    let rules = BulkRules { service: doer.service.as_ref(), own_most, now: ctx.now };
    let (act, to) = rules.approve(file, doer.actor)?;
    if !bulk_moves::insert_approval(conn, file, doer.user.id, ctx.now)? {
        return Err(BulkObstacle::OtherPerson.into());
    }
    if !bulk_moves::approve(conn, file, to, ctx.now)? {
        return Err(BulkObstacle::State.into());
    }
    note(
        conn,
        ctx,
        file,
        &Done { user: Some(doer.user), act, to, proof: doer.proof, comment: "" },
    )?;
    let approved = bulk_files::get(conn, file.id)?;
    if to == BulkState::Approved {
        tell_maker(conn, ctx, &approved, MailKind::BulkApproved, "")?;
    }
    Ok(BulkLine::of(&approved))
}
