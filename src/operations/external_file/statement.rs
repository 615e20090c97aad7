//! 入出金取引明細 (03) and 振込入金明細 (01) of an account, from its movements on the file's days.

use crate::db::DbConn;
use crate::db::queries::accounts;
use crate::db::queries::statements::{self, Lines};
use crate::domain::external_file::ExternalFile;
use crate::domain::ledger::Account;
use crate::domain::statement::Movement;
use crate::operations::external_file::write::{Sink, WriteError};
use crate::operations::statement::zengin;
use crate::operations::{Ctx, OperationError, Services};
use crate::primitives::clock::jst_day;
use crate::primitives::yen::Yen;
use crate::zengin::credit_notice::{CreditFile, CreditLine};
use crate::zengin::layout::LineEnd;
use crate::zengin::statement::{StatementFile, StatementHeader};

/// Lines of a slice.
const SLICE: i64 = 1_000;
/// 照会番号 of 01 has six digits.
const NUMBERS: u64 = 1_000_000;

/// The account with its movements on the file's days.
struct Subject {
    account: Account,
    lines: Lines,
    header: StatementHeader,
}

/// Nothing where nothing moved.
fn subject(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &ExternalFile,
) -> Result<Option<Subject>, WriteError> {
    let missing = OperationError::Corrupt("a file of movements without an account");
    let account = accounts::get(conn, file.account_id.ok_or(missing)?)?;
    let days = (file.from_day, file.to_day);
    let span = (days.0, Some(days.1));
    let Some(lines) = statements::find_lines(conn, account.id, span)? else { return Ok(None) };
    let first = statements::list_oldest(conn, account.id, lines, 1)?;
    let before = first.first().map_or(0, |line| line.balance_after.0 - line.amount.0);
    let created = jst_day(ctx.now);
    let header = zengin::header(&ctx.profile, &account, created, days, before);
    Ok(Some(Subject { account, lines, header }))
}

impl Subject {
    /// Calls `act` with each movement, slice by slice.
    fn each(
        &self,
        services: &Services,
        mut act: impl FnMut(&Movement) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let (mut next, last) = self.lines;
        while next <= last {
            let (id, lines) = (self.account.id, (next, last));
            let read = |conn: &mut DbConn| statements::list_oldest(conn, id, lines, SLICE);
            let slice = services.db.read_blocking(read)?;
            let Some(end) = slice.last() else { break };
            next = end.line_no + 1;
            slice.iter().try_for_each(&mut act)?;
        }
        Ok(())
    }
}

/// Writes 03.
pub(super) fn write(
    services: &Services,
    ctx: &Ctx,
    file: &ExternalFile,
    sink: &mut Sink<'_>,
) -> Result<(), WriteError> {
    let found = services.db.read_blocking(|conn| subject(conn, ctx, file))?;
    let Some(subject) = found else { return Ok(()) };
    let (mut making, head) = StatementFile::begin(&subject.header, LineEnd::None)?;
    sink.record(&head)?;
    subject.each(services, |movement| {
        sink.count(Yen(movement.amount.0.abs()))?;
        sink.record(&making.line(&zengin::line(movement))?)
    })?;
    let tail = making.finish()?;
    tail.chunks(head.len()).try_for_each(|record| sink.record(record))
}

/// Writes 01: what came in by 振込.
pub(super) fn write_credits(
    services: &Services,
    ctx: &Ctx,
    file: &ExternalFile,
    sink: &mut Sink<'_>,
) -> Result<(), WriteError> {
    let found = services.db.read_blocking(|conn| subject(conn, ctx, file))?;
    let Some(subject) = found else { return Ok(()) };
    let (mut making, head) = CreditFile::begin(&subject.header)?;
    sink.record(&head)?;
    subject.each(services, |movement| {
        let Some(line) = credit(movement) else { return Ok(()) };
        sink.count(movement.amount)?;
        sink.record(&making.line(&line)?)
    })?;
    making.finish()?.iter().try_for_each(|record| sink.record(record))
}

/// The record of a movement; nothing for what is no transfer that came in.
fn credit(movement: &Movement) -> Option<CreditLine> {
    let amount = u64::try_from(movement.amount.0).ok()?;
    movement.is_incoming_transfer().then(|| CreditLine {
        number: u64::try_from(movement.line_no).unwrap_or(0) % NUMBERS,
        day: movement.booked_on,
        amount,
        remitter: zengin::line(movement).remitter,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_transfers_that_came_in_are_told_of() {
        let movement = |kind: &str, amount| Movement {
            line_no: 2_000_007,
            booked_on: "2026-11-20".parse().unwrap(),
            kind: kind.to_owned(),
            description: "振込　ﾔﾏﾀﾞ".to_owned(),
            amount: Yen(amount),
            balance_after: Yen(0),
        };
        let line = credit(&movement("transfer", 500)).unwrap();
        assert_eq!((line.number, line.amount, line.remitter.as_str()), (7, 500, "ﾔﾏﾀﾞ"));
        assert!(credit(&movement("incoming_transfer", 1)).is_some());
        for (kind, amount) in
            [("transfer", -500), ("bulk_return", 500), ("atm_deposit", 500), ("own_transfer", 5)]
        {
            assert!(credit(&movement(kind, amount)).is_none(), "{kind}");
        }
    }
}
