//! Corrects an entry: a new one that names it and takes the same amounts back, together with the
//! fee that was posted with it and, for a bulk file, with what came back of it (組戻): the file's
//! entry has its whole total, so that alone it would pay the company twice what came back.
//!
//! Rule: once only, and never of a correction; the ledger's unique `reverses_id` and the key of
//! the new entry see to that, whoever else tries at the same time. No customer's account falls
//! below its floor, and none that is closed is posted to: then nothing is corrected, and the answer
//! says which account it was. What a corrected payment counted for the limits of its day stays
//! counted: it was sent.

use crate::db::queries::{accounts, ledger};
use crate::db::{DbConn, DbError, TransactionError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::ledger::{
    Account, Entry, EntryDraft, PostingLine, REVERSAL_KIND, fee_key, return_key,
};
use crate::operations::ledger::post::{PostError, Posted, post_in_tx};
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::clock::jst_day;
use crate::primitives::ids::EntryId;

const NAME: &str = "ledger.reverse";
/// Longest text that the ledger takes.
const DESCRIPTION_MAX: usize = 200;
/// What statements show before the text of what is corrected.
pub(in crate::operations) const CORRECTS: &str = "訂正 ";

/// How it ended.
#[derive(Debug)]
pub enum ReverseOutcome {
    /// Corrected.
    Reversed {
        /// By this entry.
        by: EntryId,
        /// And the fee that was posted with it, by this one.
        fee: Option<EntryId>,
        /// And what came back of a bulk file, by this one.
        returned: Option<EntryId>,
    },
    /// The portal has no such entry.
    NoSuchEntry,
    /// It is a correction itself.
    IsReversal,
    /// It was corrected before, by this entry.
    Already(EntryId),
    /// What came back of this bulk file was corrected before, by this entry: where that money went
    /// since is not known here, so nothing is corrected.
    ReturnCorrected(EntryId),
    /// This account is closed, or would fall below its floor.
    Refused(Box<Account>),
}

/// Everything that a correction posts.
struct Drafts {
    entry: EntryDraft,
    fee: Option<EntryDraft>,
    returned: Option<EntryDraft>,
}

/// Why nothing of it was posted.
#[derive(Debug, thiserror::Error)]
enum ReverseAbort {
    #[error(transparent)]
    Post(#[from] PostError),
    /// Somebody else corrected the return meanwhile, by this entry.
    #[error("what came back was corrected by entry {0}")]
    Return(EntryId),
}

impl From<DbError> for ReverseAbort {
    fn from(error: DbError) -> ReverseAbort {
        ReverseAbort::Post(PostError::Db(error))
    }
}

impl TransactionError for ReverseAbort {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            ReverseAbort::Post(error) => error.as_db_error(),
            ReverseAbort::Return(_) => None,
        }
    }
}

/// The portal of an entry.
///
/// # Errors
/// Whatever the database says.
pub fn portal_of(services: &Services, entry_id: EntryId) -> Result<Option<String>, DbError> {
    let found = services.db.read_blocking(|conn| ledger::find_entry(conn, entry_id))?;
    Ok(found.map(|entry| entry.portal))
}

/// Corrects the entry, for this reason.
///
/// Permission: staff, by command.
///
/// # Errors
/// Whatever the database says, or an entry that never balanced; refusals are values.
pub fn reverse(
    services: &Services,
    ctx: &Ctx,
    entry_id: EntryId,
    reason: &str,
) -> Result<ReverseOutcome, OperationError> {
    let (ctx, reason) = (ctx.clone(), reason.to_owned());
    services.db.write_blocking(move |conn| {
        let outcome = reverse_in_tx(conn, &ctx, entry_id)?;
        let (result, details) = told(&outcome, &reason);
        audit::write(conn, &ctx, NAME, &format!("entry {entry_id}"), result, &details)?;
        Ok(outcome)
    })
}

fn reverse_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    entry_id: EntryId,
) -> Result<ReverseOutcome, OperationError> {
    let found = ledger::find_entry(conn, entry_id)?;
    let Some(entry) = found.filter(|entry| entry.portal == ctx.portal_slug()) else {
        return Ok(ReverseOutcome::NoSuchEntry);
    };
    // Entries never change, so this holds whatever else happens meanwhile.
    if entry.reverses_id.is_some() {
        return Ok(ReverseOutcome::IsReversal);
    }
    if let Some(by) = ledger::find_reversal(conn, entry_id)? {
        return Ok(ReverseOutcome::Already(by));
    }
    let drafts = match drafts(conn, ctx, &entry)? {
        Ok(drafts) => drafts,
        Err(by) => return Ok(ReverseOutcome::ReturnCorrected(by)),
    };
    let posted = savepoint_act(conn, |conn| post_all_in_tx(conn, &drafts));
    match posted {
        Ok(outcome) => Ok(outcome),
        Err(ReverseAbort::Return(by)) => Ok(ReverseOutcome::ReturnCorrected(by)),
        Err(ReverseAbort::Post(PostError::Refused(account_id))) => {
            Ok(ReverseOutcome::Refused(Box::new(accounts::get(conn, account_id)?)))
        }
        Err(ReverseAbort::Post(PostError::Draft(_))) => {
            Err(OperationError::Corrupt("the postings of an entry"))
        }
        Err(ReverseAbort::Post(PostError::Db(error))) => Err(error.into()),
    }
}

/// Posts all of it; with an error the caller undoes what was posted.
fn post_all_in_tx(conn: &mut DbConn, drafts: &Drafts) -> Result<ReverseOutcome, ReverseAbort> {
    let by = match post_in_tx(conn, &drafts.entry)? {
        Posted::New(by) => by,
        Posted::Already(by) => return Ok(ReverseOutcome::Already(by)),
    };
    let fee = match &drafts.fee {
        Some(fee) => Some(post_in_tx(conn, fee)?.id()),
        None => None,
    };
    // Last: the file's correction brings the company the money that this one takes.
    let returned = match &drafts.returned {
        Some(back) => match post_in_tx(conn, back)? {
            Posted::New(id) => Some(id),
            Posted::Already(by) => return Err(ReverseAbort::Return(by)),
        },
        None => None,
    };
    Ok(ReverseOutcome::Reversed { by, fee, returned })
}

/// What takes back the entry and all that was posted with it, but not a fee that was taken back
/// before; or the entry that corrected before what came back of the file.
fn drafts(conn: &mut DbConn, ctx: &Ctx, entry: &Entry) -> Result<Result<Drafts, EntryId>, DbError> {
    let fee = match find_beside(conn, &fee_key(&entry.idempotency_key))? {
        Some((fee, None)) => Some(draft(conn, ctx, &fee)?),
        Some((_, Some(_))) | None => None,
    };
    let returned = match find_beside(conn, &return_key(&entry.idempotency_key))? {
        Some((back, None)) => Some(draft(conn, ctx, &back)?),
        Some((_, Some(by))) => return Ok(Err(by)),
        None => None,
    };
    Ok(Ok(Drafts { entry: draft(conn, ctx, entry)?, fee, returned }))
}

/// The entry with this key, and the one that corrected it.
fn find_beside(conn: &mut DbConn, key: &str) -> Result<Option<(Entry, Option<EntryId>)>, DbError> {
    let Some(id) = ledger::find_by_key(conn, key)? else { return Ok(None) };
    let Some(entry) = ledger::find_entry(conn, id)? else { return Ok(None) };
    Ok(Some((entry, ledger::find_reversal(conn, id)?)))
}

/// What takes one entry back.
fn draft(conn: &mut DbConn, ctx: &Ctx, entry: &Entry) -> Result<EntryDraft, DbError> {
    let lines = ledger::list_postings(conn, entry.id)?;
    let text = |of: &str| [CORRECTS, of].concat().chars().take(DESCRIPTION_MAX).collect();
    // Who gained then loses now, and sees the same text as then.
    let gained = entry.credit_description.as_deref();
    Ok(EntryDraft {
        portal: entry.portal.clone(),
        kind: REVERSAL_KIND.to_owned(),
        business_date: jst_day(ctx.now),
        posted_at: ctx.now,
        idempotency_key: format!("reversal {}", entry.id),
        description: text(gained.unwrap_or(&entry.description)),
        credit_description: gained.map(|_| text(&entry.description)),
        reverses_id: Some(entry.id),
        lines: lines.into_iter().map(|line| PostingLine { amount: -line.amount, ..line }).collect(),
    })
}

/// What the audit log keeps of it.
fn told(outcome: &ReverseOutcome, reason: &str) -> (AuditResult, String) {
    let refused = |why: String| (AuditResult::Refused, format!("{why}; {reason}"));
    match outcome {
        ReverseOutcome::Reversed { by, fee, returned } => {
            let also = |what: &str, by: Option<EntryId>| {
                by.map_or_else(String::new, |by| format!(", its {what} by entry {by}"))
            };
            let (fee, returned) = (also("fee", *fee), also("return", *returned));
            (AuditResult::Done, format!("by entry {by}{fee}{returned}; {reason}"))
        }
        ReverseOutcome::NoSuchEntry => refused("no such entry".to_owned()),
        ReverseOutcome::IsReversal => refused("a correction itself".to_owned()),
        ReverseOutcome::Already(by) => refused(format!("corrected before, by entry {by}")),
        ReverseOutcome::ReturnCorrected(by) => {
            refused(format!("its return was corrected before, by entry {by}"))
        }
        ReverseOutcome::Refused(account) => refused(format!("account {} refuses", account.id)),
    }
}
