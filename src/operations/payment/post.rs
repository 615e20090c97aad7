//! The entries of a payment: the amount, and its fee with the tax as an entry of its own.
//!
//! Own institution: out of one account into the other. Another bank: into outgoing clearing. Fee
//! and tax go into fee income and consumption tax. Money never leaves half: both entries are posted
//! in the caller's transaction or none is.

use crate::db::DbConn;
use crate::db::queries::accounts;
use crate::domain::ledger::{AccountPurpose, EntryDraft, PostingLine, fee_key};
use crate::domain::payment::PaymentObstacle;
use crate::domain::portal::Fee;
use crate::operations::ledger::post::{PostError, Posted, post_in_tx};
use crate::operations::payment::PaymentAbort;
use crate::operations::{ActAbort, Ctx};
use crate::primitives::clock::jst_day;
use crate::primitives::ids::{AccountId, EntryId};
use crate::primitives::yen::Yen;

const FEE_KIND: &str = "payment_fee";

/// Where the amount goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A customer's account of the institution.
    Account(AccountId),
    /// One of the institution's own.
    Internal(AccountPurpose),
}

/// What is posted.
#[derive(Debug, Clone)]
pub struct PaymentEntry<'a> {
    /// What kind of entry.
    pub kind: &'a str,
    /// Once for each payment: `payment 12`.
    pub key: String,
    /// 出金口座.
    pub from: AccountId,
    /// Where to.
    pub to: Side,
    /// How much.
    pub amount: Yen,
    /// Fee and tax.
    pub fee: Fee,
    /// 摘要 of whoever pays.
    pub description: String,
    /// 摘要 of whoever gains.
    pub credit_description: String,
    /// 摘要 of the fee.
    pub fee_description: &'a str,
}

/// Posts amount and fee; returns the entry of the amount.
///
/// # Errors
/// [`PaymentObstacle::Funds`], or that an account is closed: roll back then.
pub fn post_payment_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    entry: &PaymentEntry<'_>,
) -> Result<EntryId, PaymentAbort> {
    let to = match entry.to {
        Side::Account(id) => id,
        Side::Internal(purpose) => accounts::get_internal(conn, ctx.portal_slug(), purpose)?.id,
    };
    let draft = EntryDraft {
        portal: ctx.portal_slug().to_owned(),
        kind: entry.kind.to_owned(),
        business_date: jst_day(ctx.now),
        posted_at: ctx.now,
        idempotency_key: entry.key.clone(),
        description: entry.description.clone(),
        credit_description: Some(entry.credit_description.clone()),
        reverses_id: None,
        lines: vec![
            PostingLine { account_id: entry.from, amount: -entry.amount },
            PostingLine { account_id: to, amount: entry.amount },
        ],
    };
    let entry_id = post(conn, &draft, entry.from)?;
    if entry.fee.total_yen() > 0 {
        post_fee(conn, ctx, entry, &draft)?;
    }
    Ok(entry_id)
}

fn post_fee(
    conn: &mut DbConn,
    ctx: &Ctx,
    entry: &PaymentEntry<'_>,
    amount: &EntryDraft,
) -> Result<(), PaymentAbort> {
    let mut internal = |purpose| accounts::get_internal(conn, ctx.portal_slug(), purpose);
    let income = internal(AccountPurpose::FeeIncome)?.id;
    let tax = internal(AccountPurpose::ConsumptionTax)?.id;
    let all = [
        (entry.from, -Yen(entry.fee.total_yen())),
        (income, Yen(entry.fee.net_yen)),
        (tax, Yen(entry.fee.tax_yen)),
    ];
    let lines = all.into_iter().filter(|(_, amount)| *amount != Yen(0));
    let draft = EntryDraft {
        kind: FEE_KIND.to_owned(),
        idempotency_key: fee_key(&entry.key),
        description: entry.fee_description.to_owned(),
        credit_description: None,
        lines: lines.map(|(account_id, amount)| PostingLine { account_id, amount }).collect(),
        ..amount.clone()
    };
    post(conn, &draft, entry.from).map(drop)
}

/// An entry that was there already is no success: each payment is posted once, with what belongs
/// to it.
fn post(conn: &mut DbConn, draft: &EntryDraft, from: AccountId) -> Result<EntryId, PaymentAbort> {
    match post_in_tx(conn, draft) {
        Ok(Posted::New(id)) => Ok(id),
        Ok(Posted::Already(_)) | Err(PostError::Draft(_)) => Err(ActAbort::Stale.into()),
        Err(PostError::Refused(id)) => {
            let account = accounts::get(conn, id)?;
            Err(PaymentAbort::Obstacle(match (id == from, account.closed_at.is_some()) {
                (true, true) => PaymentObstacle::AccountClosed,
                (true, false) => PaymentObstacle::Funds,
                (false, _) => PaymentObstacle::PayeeClosed,
            }))
        }
        Err(PostError::Db(error)) => Err(error.into()),
    }
}
