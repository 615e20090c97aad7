//! 総合振込, 給与振込, 賞与振込: one debit of the sum and its fees, one credit for each payee of this
//! institution whose account is open, the rest into outgoing clearing. Who has no such account any
//! more is not paid: that sum comes back (組戻), and costs nothing.

use crate::db::DbConn;
use crate::db::queries::{accounts, bulk_files};
use crate::domain::bulk_file::{BulkFailure, BulkFile, RecordFailure};
use crate::domain::ledger::{Account, AccountPurpose, PostingLine, return_key};
use crate::domain::portal::{Destination as Distance, Fee};
use crate::operations::{ActAbort, Ctx};
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;

use super::RunAbort;
use super::draft::{fee_lines, internal, key, post, return_words, words};
use super::records::{Accounts, Item};
use super::settle::Settled;

/// What becomes of the records.
struct Plan {
    credits: Vec<PostingLine>,
    to_clearing: Yen,
    failures: Vec<BulkFailure>,
    returned: Yen,
    fee: Fee,
}

/// Posts the file in the caller's transaction.
///
/// # Errors
/// [`RunAbort::Funds`] where the account cannot bear it: roll back then.
pub(super) fn pay_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    (portals, items): (&[String], &[Item]),
) -> Result<Settled, RunAbort> {
    let from_id = file.account_id.ok_or(ActAbort::Stale)?;
    let service = bulk_files::find_service(conn, file.contract_id, file.kind)?;
    let service = service.ok_or(ActAbort::Stale)?;
    let from = accounts::get(conn, from_id)?;
    let found = Accounts::find(conn, portals, items)?;
    let plan = plan(ctx, file, &from, items, &found).ok_or(ActAbort::Stale)?;
    let entry_id = debit(conn, ctx, file, (from_id, &service.originator_kana), &plan)?;
    if !plan.failures.is_empty() {
        give_back(conn, ctx, file, from_id, &plan)?;
    }
    Ok(Settled { entry_id: Some(entry_id), failures: plan.failures, fee: plan.fee })
}

/// Nothing where a sum does not fit: no file of this size is agreed with anybody.
fn plan(
    ctx: &Ctx,
    file: &BulkFile,
    from: &Account,
    items: &[Item],
    found: &Accounts,
) -> Option<Plan> {
    let on = file.value_date?;
    let mut plan = Plan {
        credits: Vec::new(),
        to_clearing: Yen(0),
        failures: Vec::new(),
        returned: Yen(0),
        fee: Fee { net_yen: 0, tax_yen: 0 },
    };
    for item in items {
        let distance = match item.own {
            None => {
                plan.to_clearing = plan.to_clearing.checked_add(item.amount)?;
                Distance::OtherBank
            }
            Some(place) => {
                let account = found.at(place);
                let reason = match account {
                    None => Some(RecordFailure::PayeeUnknown),
                    Some(account) if account.closed_at.is_some() => {
                        Some(RecordFailure::PayeeClosed)
                    }
                    Some(_) => None,
                };
                if let Some(reason) = reason {
                    plan.returned = plan.returned.checked_add(item.amount)?;
                    plan.failures.push(failure(file, item, reason));
                    continue;
                }
                let account = account?;
                plan.credits.push(PostingLine { account_id: account.id, amount: item.amount });
                if account.contract_id == Some(file.contract_id) {
                    Distance::OwnAccount
                } else if place.is_at_branch(&from.branch_code) {
                    Distance::OwnBranch
                } else {
                    Distance::OwnInstitution
                }
            }
        };
        let fee = ctx.profile.fees.for_transfer(distance, item.amount.0, on);
        plan.fee.net_yen = plan.fee.net_yen.checked_add(fee.net_yen)?;
        plan.fee.tax_yen = plan.fee.tax_yen.checked_add(fee.tax_yen)?;
    }
    Some(plan)
}

fn failure(file: &BulkFile, item: &Item, reason: RecordFailure) -> BulkFailure {
    BulkFailure { file_id: file.id, record_no: item.no, reason, amount_yen: item.amount }
}

fn debit(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    (from, originator): (AccountId, &str),
    plan: &Plan,
) -> Result<crate::primitives::ids::EntryId, RunAbort> {
    let total = file.total_yen.checked_add(Yen(plan.fee.total_yen())).ok_or(ActAbort::Stale)?;
    let clearing = internal(conn, ctx, AccountPurpose::OutgoingClearing)?;
    let suspense = internal(conn, ctx, AccountPurpose::Suspense)?;
    let line = |account_id, amount| PostingLine { account_id, amount };
    // The debit stands first: whoever pays into the same account needs the money before.
    let lines = std::iter::once(line(from, -total))
        .chain(plan.credits.iter().copied())
        .chain([line(clearing, plan.to_clearing), line(suspense, plan.returned)])
        .chain(fee_lines(conn, ctx, plan.fee)?);
    post(conn, ctx, (key(file)?, words(file, originator)), from, lines)
}

/// 組戻: what waits in suspense goes back to the company.
fn give_back(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    from: AccountId,
    plan: &Plan,
) -> Result<(), RunAbort> {
    let suspense = internal(conn, ctx, AccountPurpose::Suspense)?;
    let lines = [
        PostingLine { account_id: suspense, amount: -plan.returned },
        PostingLine { account_id: from, amount: plan.returned },
    ];
    let words = return_words(file, plan.failures.len());
    post(conn, ctx, (return_key(&key(file)?), words), from, lines).map(drop)
}
