//! 預金口座振替: one debit for each payer's account here, one credit of what was collected less the
//! fees. Each record gets its 振替結果コード; what is left of a payer's balance is what the records
//! before it in the file left.
//!
//! Payers at other institutions get 9: nothing collects between institutions here. 3, 4 and 8 are
//! known, but no record gets them: mandates and stops (依頼書, 停止届) are kept on paper, and the
//! agreement with the company is that it sends what it has a mandate for.

use std::collections::BTreeMap;

use crate::db::DbConn;
use crate::db::queries::bulk_files;
use crate::db::queries::bulk_runs::FoundAccount;
use crate::domain::bulk_file::{BulkFailure, BulkFile, RecordFailure};
use crate::domain::ledger::PostingLine;
use crate::operations::{ActAbort, Ctx};
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;

use super::RunAbort;
use super::draft::{fee_lines, key, post, words};
use super::records::{Accounts, Item};
use super::settle::Settled;

/// Posts the file in the caller's transaction, which sees the payers' balances as they are.
///
/// # Errors
/// Whatever the database says, or that a balance is no longer as it was read: roll back then.
pub(super) fn collect_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    (portals, items): (&[String], &[Item]),
) -> Result<Settled, RunAbort> {
    let to = file.account_id.ok_or(ActAbort::Stale)?;
    let service = bulk_files::find_service(conn, file.contract_id, file.kind)?;
    let service = service.ok_or(ActAbort::Stale)?;
    let on = file.value_date.ok_or(ActAbort::Stale)?;
    let found = Accounts::find(conn, portals, items)?;
    let (debits, failures) = plan(file, items, &found);
    let collected = debits.iter().try_fold(Yen(0), |sum, line| sum.checked_add(-line.amount));
    let collected = collected.ok_or(ActAbort::Stale)?;
    let count = i64::try_from(debits.len()).map_err(|_| ActAbort::Stale)?;
    let fee = ctx.profile.fees.for_direct_debits(count, collected.0, on);
    if debits.is_empty() {
        return Ok(Settled { entry_id: None, failures, fee });
    }
    let credit = Yen(collected.0.saturating_sub(fee.total_yen()));
    let lines = debits
        .into_iter()
        .chain([PostingLine { account_id: to, amount: credit }])
        .chain(fee_lines(conn, ctx, fee)?);
    let what = (key(file)?, words(file, &service.originator_kana));
    let entry_id = post(conn, ctx, what, to, lines)?;
    Ok(Settled { entry_id: Some(entry_id), failures, fee })
}

fn plan(file: &BulkFile, items: &[Item], found: &Accounts) -> (Vec<PostingLine>, Vec<BulkFailure>) {
    let (mut debits, mut failures) = (Vec::new(), Vec::new());
    let mut left: BTreeMap<AccountId, i64> = BTreeMap::new();
    for item in items {
        let account = item.own.map(|place| found.at(place));
        match debit(account, item.amount, &mut left) {
            Ok(account_id) => debits.push(PostingLine { account_id, amount: -item.amount }),
            Err(reason) => failures.push(BulkFailure {
                file_id: file.id,
                record_no: item.no,
                reason,
                amount_yen: item.amount,
            }),
        }
    }
    (debits, failures)
}

/// The account that can be debited, less what the records before took; or the code of why not.
fn debit(
    account: Option<Option<&FoundAccount>>,
    amount: Yen,
    left: &mut BTreeMap<AccountId, i64>,
) -> Result<AccountId, RecordFailure> {
    let account = account.ok_or(RecordFailure::Other)?;
    let account = account.filter(|account| account.closed_at.is_none());
    let account = account.ok_or(RecordFailure::NoAccount)?;
    let available = account.balance.0.saturating_sub(account.floor.0);
    let left = left.entry(account.id).or_insert(available);
    match left.checked_sub(amount.0).filter(|left| *left >= 0) {
        Some(rest) => {
            *left = rest;
            Ok(account.id)
        }
        None => Err(RecordFailure::Funds),
    }
}
