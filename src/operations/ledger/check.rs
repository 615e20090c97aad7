//! Recomputes every balance from the postings and compares: the command `ledger check`.

use crate::db::queries::ledger;
use crate::db::{DbConn, DbError};
use crate::domain::ledger::AccountPurpose;
use crate::operations::Services;
use crate::primitives::ids::{AccountId, EntryId};
use crate::primitives::yen::Yen;

const SLICE: i64 = 1_000;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// An entry makes or loses money.
    #[error("entry {0} sums to {1} yen instead of zero")]
    Unbalanced(EntryId, i64),
    /// An entry without postings.
    #[error("entry {0} has no postings")]
    Empty(EntryId),
    /// A stored balance differs from its postings.
    #[error("account {0} stores {1} but its postings sum to {2} yen")]
    Balance(AccountId, Yen, i64),
    /// What a statement shows beside a posting does not follow from the postings before it.
    #[error(
        "posting {0} of account {1} stores a balance of {2}, but its account stood at {3} then, \
         or its number or day does not follow the line above"
    )]
    Line(i64, AccountId, String, String),
    /// A customer's balance is below its floor.
    #[error("account {0} stands at {1}, below its floor of {2}")]
    BelowFloor(AccountId, Yen, Yen),
    /// The sum over all accounts is not zero.
    #[error("all postings together sum to {0} yen instead of zero")]
    Total(i64),
}

/// What the check saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries.
    pub entries: i64,
    /// Accounts.
    pub accounts: usize,
    /// Everything wrong, at most a few hundred lines.
    pub findings: Vec<Finding>,
}

/// Checks the whole ledger on one snapshot.
///
/// Permission: whoever may run commands on the database; staff.
///
/// # Errors
/// Whatever the database says; findings are not errors.
pub fn check(services: &Services) -> Result<Report, DbError> {
    services.db.read_blocking(check_in_tx)
}

/// [`check`] inside the caller's transaction.
///
/// # Errors
/// Whatever the database says.
pub fn check_in_tx(conn: &mut DbConn) -> Result<Report, DbError> {
    let mut findings: Vec<Finding> = ledger::list_unbalanced(conn)?
        .into_iter()
        .map(|(id, sum)| Finding::Unbalanced(id, sum))
        .collect();
    findings.extend(ledger::list_empty(conn)?.into_iter().map(Finding::Empty));
    findings.extend(ledger::list_wrong_lines(conn)?.into_iter().map(wrong_line));
    let (mut after, mut accounts, mut total) = (AccountId(0), 0, 0_i64);
    loop {
        let slice = ledger::list_balance_checks(conn, after, SLICE)?;
        let Some(last) = slice.last() else { break };
        after = last.account_id;
        accounts += slice.len();
        for row in &slice {
            total = total.saturating_add(row.posted);
            findings.extend(check_balance(row));
        }
    }
    if total != 0 {
        findings.push(Finding::Total(total));
    }
    Ok(Report { entries: ledger::count_entries(conn)?, accounts, findings })
}

fn wrong_line(line: ledger::LineCheck) -> Finding {
    let text = |yen: Option<Yen>| yen.map_or_else(|| "nothing".to_owned(), |yen| yen.to_string());
    Finding::Line(line.id, line.account_id, text(line.stored), text(line.running))
}

fn check_balance(row: &ledger::BalanceCheck) -> Option<Finding> {
    if row.purpose != AccountPurpose::Customer {
        // Internal accounts take postings only; their stored balance stays nothing.
        return (row.balance != Yen(0)).then_some(Finding::Balance(row.account_id, row.balance, 0));
    }
    if row.balance.0 != row.posted {
        return Some(Finding::Balance(row.account_id, row.balance, row.posted));
    }
    (row.balance < row.floor).then_some(Finding::BelowFloor(row.account_id, row.balance, row.floor))
}
