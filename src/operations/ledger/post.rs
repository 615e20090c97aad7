//! Posts one entry: postings that sum to zero, balances guarded, once per idempotency key.

use crate::db::queries::{accounts, bookings, ledger};
use crate::db::{DbConn, DbError, TransactionError};
use crate::domain::ledger::{DraftProblem, EntryDraft};
use crate::primitives::ids::{AccountId, EntryId};

/// Up to so many postings are written one by one: that statement is known to the database already.
const SINGLY_MAX: usize = 8;

/// What posting found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// Posted now.
    New(EntryId),
    /// The key was posted before; nothing happened.
    Already(EntryId),
}

impl Posted {
    /// The entry that stands there.
    #[must_use]
    pub fn id(&self) -> EntryId {
        match self {
            Posted::New(id) | Posted::Already(id) => *id,
        }
    }
}

/// Why an entry was not posted; the transaction must be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The draft is wrong by itself.
    #[error(transparent)]
    Draft(#[from] DraftProblem),
    /// An account would fall below its floor, or is closed.
    #[error("account {0} cannot take this posting")]
    Refused(AccountId),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl TransactionError for PostError {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            PostError::Db(error) => Some(error),
            PostError::Draft(_) | PostError::Refused(_) => None,
        }
    }
}

/// Posts `draft` in the caller's transaction. Accounts are locked in the order of their ids, so
/// that two entries never wait for each other in a circle.
///
/// Permission: the caller's; this is the last step of an act that has its own.
///
/// # Errors
/// [`PostError`]; roll back then.
pub fn post_in_tx(conn: &mut DbConn, draft: &EntryDraft) -> Result<Posted, PostError> {
    draft.check()?;
    let Some(entry_id) = ledger::insert_entry(conn, draft)? else {
        return Ok(Posted::Already(ledger::get_by_key(conn, &draft.idempotency_key)?));
    };
    let mut lines = draft.lines.clone();
    lines.sort_by_key(|line| line.account_id);
    let on = draft.business_date;
    if lines.len() > SINGLY_MAX {
        let booked = bookings::add_to_balances(conn, &lines, on)?.map_err(PostError::Refused)?;
        ledger::insert_postings(conn, entry_id, &booked)?;
        return Ok(Posted::New(entry_id));
    }
    let mut booked = Vec::new();
    for line in lines {
        let booking = accounts::add_to_balance(conn, line.account_id, line.amount, on)?;
        booked.push((line, booking.ok_or(PostError::Refused(line.account_id))?));
    }
    for (line, booking) in booked {
        ledger::insert_posting(conn, entry_id, line, booking)?;
    }
    Ok(Posted::New(entry_id))
}
