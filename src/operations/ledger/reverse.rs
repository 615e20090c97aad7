//! Corrects an entry: a new one that names it and takes the same amounts back, together with the
//! fee that was posted with it.
//!
//! Rule: once only, and never of a correction; the ledger's unique `reverses_id` and the key of
//! the new entry see to that, whoever else tries at the same time. No customer's account falls
//! below its floor, and none that is closed is posted to: then nothing is corrected, and the answer
//! says which account it was. What a corrected payment counted for the limits of its day stays
//! counted: it was sent.

use crate::db::queries::{accounts, ledger};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::ledger::{Account, Entry, EntryDraft, PostingLine, REVERSAL_KIND, fee_key};
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
    },
    /// The portal has no such entry.
    NoSuchEntry,
    /// It is a correction itself.
    IsReversal,
    /// It was corrected before, by this entry.
    Already(EntryId),
    /// This account is closed, or would fall below its floor.
    Refused(Box<Account>),
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
    let draft = draft(ctx, &entry, ledger::list_postings(conn, entry_id)?);
    let fee = fee_draft(conn, ctx, &entry)?;
    let posted = savepoint_act(conn, |conn| {
        let posted = post_in_tx(conn, &draft)?;
        let fee = match (&posted, &fee) {
            (Posted::New(_), Some(fee)) => Some(post_in_tx(conn, fee)?),
            _ => None,
        };
        Ok((posted, fee))
    });
    match posted {
        Ok((Posted::New(by), fee)) => {
            Ok(ReverseOutcome::Reversed { by, fee: fee.map(|fee| fee.id()) })
        }
        Ok((Posted::Already(by), _)) => Ok(ReverseOutcome::Already(by)),
        Err(PostError::Refused(account_id)) => {
            Ok(ReverseOutcome::Refused(Box::new(accounts::get(conn, account_id)?)))
        }
        Err(PostError::Draft(_)) => Err(OperationError::Corrupt("the postings of an entry")),
        Err(PostError::Db(error)) => Err(error.into()),
    }
}

/// What takes back the fee that was posted with the entry, if that was not done before.
fn fee_draft(conn: &mut DbConn, ctx: &Ctx, entry: &Entry) -> Result<Option<EntryDraft>, DbError> {
    let Some(id) = ledger::find_by_key(conn, &fee_key(&entry.idempotency_key))? else {
        return Ok(None);
    };
    let fee = ledger::find_entry(conn, id)?;
    let is_back = ledger::find_reversal(conn, id)?.is_some();
    let Some(fee) = fee.filter(|_| !is_back) else { return Ok(None) };
    let lines = ledger::list_postings(conn, id)?;
    Ok(Some(draft(ctx, &fee, lines)))
}

fn draft(ctx: &Ctx, entry: &Entry, lines: Vec<PostingLine>) -> EntryDraft {
    let text = |of: &str| [CORRECTS, of].concat().chars().take(DESCRIPTION_MAX).collect();
    // Who gained then loses now, and sees the same text as then.
    let gained = entry.credit_description.as_deref();
    EntryDraft {
        portal: entry.portal.clone(),
        kind: REVERSAL_KIND.to_owned(),
        business_date: jst_day(ctx.now),
        posted_at: ctx.now,
        idempotency_key: format!("reversal {}", entry.id),
        description: text(gained.unwrap_or(&entry.description)),
        credit_description: gained.map(|_| text(&entry.description)),
        reverses_id: Some(entry.id),
        lines: lines.into_iter().map(|line| PostingLine { amount: -line.amount, ..line }).collect(),
    }
}

/// What the audit log keeps of it.
fn told(outcome: &ReverseOutcome, reason: &str) -> (AuditResult, String) {
    let refused = |why: String| (AuditResult::Refused, format!("{why}; {reason}"));
    match outcome {
        ReverseOutcome::Reversed { by, fee } => {
            let fee = fee.map_or_else(String::new, |fee| format!(", its fee by entry {fee}"));
            (AuditResult::Done, format!("by entry {by}{fee}; {reason}"))
        }
        ReverseOutcome::NoSuchEntry => refused("no such entry".to_owned()),
        ReverseOutcome::IsReversal => refused("a correction itself".to_owned()),
        ReverseOutcome::Already(by) => refused(format!("corrected before, by entry {by}")),
        ReverseOutcome::Refused(account) => refused(format!("account {} refuses", account.id)),
    }
}
