//! The day of an accepted file: paid or collected, all or nothing.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::db::queries::{accounts, bulk_files, bulk_runs};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::bulk_file::{BulkFile, BulkReason, BulkState};
use crate::operations::name_lookup::portals_of_bank;
use crate::operations::payment::run::due_until;
use crate::operations::{ActAbort, Ctx, Services};
use crate::primitives::calendar::is_business_day;
use crate::primitives::clock::{jst_day, to_jst};
use crate::primitives::ids::BulkFileId;

use super::collect::collect_in_tx;
use super::pay::pay_in_tx;
use super::records::{self, Item};
use super::settle::settle_in_tx;
use super::{RunAbort, obstacle, reject_in_tx};

/// Files looked at once; each is executed in a transaction of its own.
const BATCH: i64 = 50;

/// What the day's files came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Executed {
    /// Files of which every record was done.
    pub done: usize,
    /// Files of which some records could not be done.
    pub partly: usize,
    /// Files that were rejected.
    pub rejected: usize,
    /// Files whose money is not there yet.
    pub short: usize,
    /// Files that the database could not work on; they are tried again.
    pub broken: usize,
}

/// How one file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Moved(BulkState),
    /// The money is not there; it is tried again.
    Short,
    /// Somebody else did it.
    NotWaiting,
}

/// The last day whose files are executed at this time; nothing on days on which banks rest.
fn due_day(ctx: &Ctx) -> Option<NaiveDate> {
    is_business_day(jst_day(ctx.now)).then(|| due_until(ctx))
}

/// Whether what the account cannot bear now is rejected: banks have stopped settling on the file's
/// day.
fn is_too_late(ctx: &Ctx, file: &BulkFile) -> bool {
    let until = file.value_date.map(|day| day.and_time(ctx.profile.transfers.cut_off.0));
    until.is_some_and(|until| to_jst(ctx.now) >= until)
}

/// Whether any file's day has come.
///
/// # Errors
/// Whatever the database says.
pub fn has_due(conn: &mut DbConn, ctx: &Ctx) -> Result<bool, DbError> {
    let Some(until) = due_day(ctx) else { return Ok(false) };
    let due = (BulkState::Accepted, Some(until));
    Ok(!bulk_runs::list_in_state(conn, ctx.portal_slug(), due, None, 1)?.is_empty())
}

/// Executes the files whose day has come, in the order of receipt. Stops early where `goes_on` says
/// no, between two of them.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn execute_due(
    services: &Services,
    ctx: &Ctx,
    goes_on: &dyn Fn() -> bool,
) -> Result<Executed, DbError> {
    let (mut all, mut after) = (Executed::default(), None);
    let Some(until) = due_day(ctx) else { return Ok(all) };
    loop {
        let slug = ctx.portal_slug().to_owned();
        let due = (BulkState::Accepted, Some(until));
        let files = services
            .db
            .read_blocking(|conn| bulk_runs::list_in_state(conn, &slug, due, after, BATCH))?;
        let Some(last) = files.last() else { return Ok(all) };
        after = last.receipt_id;
        for file in files {
            if !goes_on() {
                return Ok(all);
            }
            count(&mut all, file.id, run(services, ctx, &file))?;
        }
    }
}

fn count(all: &mut Executed, id: BulkFileId, ran: Result<Ran, DbError>) -> Result<(), DbError> {
    match ran {
        Ok(Ran::Moved(BulkState::Done)) => all.done += 1,
        Ok(Ran::Moved(BulkState::PartlyFailed)) => all.partly += 1,
        Ok(Ran::Moved(_)) => all.rejected += 1,
        Ok(Ran::Short) => all.short += 1,
        Ok(Ran::NotWaiting) => {}
        Err(error) if error.is_transient() => return Err(error),
        // One that is broken does not keep the others from being executed.
        Err(error) => {
            all.broken += 1;
            tracing::error!(file = %id, %error, "a bulk file cannot be executed");
        }
    }
    Ok(())
}

/// Looks before it locks: a file whose money is not there costs one read.
fn run(services: &Services, ctx: &Ctx, file: &BulkFile) -> Result<Ran, DbError> {
    let is_short = services.db.read_blocking(|conn| is_short(conn, file))?;
    if is_short && !is_too_late(ctx, file) {
        return Ok(Ran::Short);
    }
    let bank = ctx.profile.portal.bank_code.as_str();
    let items = services.db.read_blocking(|conn| records::read(conn, bank, file))?;
    let items: Option<Arc<[Item]>> = items.map(Arc::from);
    let portals = portals_of_bank(services, bank);
    let (ctx, id) = (ctx.clone(), file.id);
    let body = move |conn: &mut DbConn| run_in_tx(conn, &ctx, id, (&portals, items.as_deref()));
    services.db.write_locked_blocking(file.contract_id, body)
}

/// Whether the account holds less than the sum alone; what is collected needs no money before.
fn is_short(conn: &mut DbConn, file: &BulkFile) -> Result<bool, DbError> {
    let Some(id) = file.account_id.filter(|_| file.kind.is_outgoing()) else { return Ok(false) };
    let account = accounts::get(conn, id)?;
    Ok(account.closed_at.is_none() && account.available() < file.total_yen)
}

fn run_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    id: BulkFileId,
    (portals, items): (&[String], Option<&[Item]>),
) -> Result<Ran, DbError> {
    let file = bulk_files::get(conn, id)?;
    if file.state != BulkState::Accepted {
        return Ok(Ran::NotWaiting);
    }
    let reason = match items {
        None => Some(BulkReason::Content),
        Some(_) => obstacle(conn, &file)?,
    };
    let (Some(items), None) = (items, reason) else {
        return reject(conn, ctx, &file, reason.unwrap_or(BulkReason::Content));
    };
    let done = savepoint_act(conn, |conn| execute(conn, ctx, &file, (portals, items)));
    match done {
        Ok(state) => Ok(Ran::Moved(state)),
        Err(RunAbort::Funds) if is_too_late(ctx, &file) => {
            reject(conn, ctx, &file, BulkReason::Funds)
        }
        Err(RunAbort::Funds) => Ok(Ran::Short),
        Err(RunAbort::Act(ActAbort::Stale)) => Ok(Ran::NotWaiting),
        Err(RunAbort::Act(ActAbort::Db(error))) => Err(error),
    }
}

fn execute(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    what: (&[String], &[Item]),
) -> Result<BulkState, RunAbort> {
    let settled = match file.kind.is_outgoing() {
        true => pay_in_tx(conn, ctx, file, what)?,
        false => collect_in_tx(conn, ctx, file, what)?,
    };
    settle_in_tx(conn, ctx, file, &settled)
}

fn reject(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    reason: BulkReason,
) -> Result<Ran, DbError> {
    let is_rejected = reject_in_tx(conn, ctx, file, reason)?;
    Ok(if is_rejected { Ran::Moved(BulkState::Rejected) } else { Ran::NotWaiting })
}
