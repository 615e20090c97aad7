//! How claims on bills end: what was paid is written off by the biller, what was not is let go of.
//!
//! Right after the act, and again by the worker until the biller has heard it. Nothing is decided
//! here but by the claim's own row, so that whoever does it, and however often, does the same.

use crate::db::queries::bill_claims;
use crate::db::{DbConn, DbError};
use crate::domain::bill::{ASKED_FOR_MAX, BillClaim, ClaimState, Told};
use crate::domain::mail::pause_after;
use crate::operations::{Ctx, OperationError, Services};
use crate::primitives::clock::{Clock, UtcTime};

/// Claims that one run of the worker takes up.
const BATCH: i64 = 200;

/// What one run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettleBatch {
    /// Payments that their billers have heard of.
    pub settled: usize,
    /// Claims that were let go of.
    pub released: usize,
    /// Claims whose billers do not answer.
    pub waiting: usize,
    /// Claims that their billers deny.
    pub denied: usize,
}

/// Ends a claim after its act. What goes wrong is left to the worker.
///
/// Permission: the act that made the claim.
pub async fn finish(services: &Services, ctx: &Ctx, key: &str) {
    if let Err(error) = end(services, ctx.now, key).await {
        tracing::warn!(%error, "a claim on a bill is left to the worker");
    }
}

/// Whether a claim waits to be ended.
///
/// # Errors
/// Whatever the database says.
pub fn has_open(conn: &mut DbConn) -> Result<bool, DbError> {
    let real_now = Clock::real_now();
    let open = bill_claims::list_open(conn, real_now, real_now - ASKED_FOR_MAX, 1)?;
    Ok(!open.is_empty())
}

/// Ends the claims that servers or billers have left.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub async fn work_off(services: &Services, now: UtcTime) -> Result<SettleBatch, OperationError> {
    let real_now = Clock::real_now();
    let list = move |conn: &mut DbConn| {
        bill_claims::list_open(conn, real_now, real_now - ASKED_FOR_MAX, BATCH)
    };
    let mut batch = SettleBatch::default();
    for claim in services.db.read(list).await? {
        match end(services, now, &claim.claim_key).await? {
            (Told::Heard, ClaimState::Paid) => batch.settled += 1,
            (Told::Heard, _) => batch.released += 1,
            (told, _) => {
                if told == Told::Denied {
                    batch.denied += 1;
                } else {
                    batch.waiting += 1;
                }
                let until = real_now + pause_after(claim.attempts.saturating_add(1));
                services.db.claim(move |conn| bill_claims::put_off(conn, claim.id, until)).await?;
            }
        }
    }
    Ok(batch)
}

/// Tells the biller how the claim ended, and writes down that it has heard it. Says what it told.
async fn end(
    services: &Services,
    now: UtcTime,
    key: &str,
) -> Result<(Told, ClaimState), OperationError> {
    let owned = key.to_owned();
    let claim = services.db.claim(move |conn| give_up_or_get(conn, &owned)).await?;
    let (told, to) = match claim.state {
        ClaimState::Paid => {
            (services.biller.settle(&claim.place(), key, now).await, ClaimState::Settled)
        }
        ClaimState::Releasing | ClaimState::Asked => {
            (services.biller.release(&claim.place(), key).await, ClaimState::Released)
        }
        ClaimState::Settled | ClaimState::Released => return Ok((Told::Heard, claim.state)),
    };
    match told {
        Told::Heard => {
            let (owned, from) = (key.to_owned(), claim.state);
            let heard = move |conn: &mut DbConn| {
                bill_claims::update_state(conn, &owned, from, to).map(drop)
            };
            services.db.claim(heard).await?;
        }
        Told::Unavailable => {}
        Told::Denied => {
            tracing::error!(claim = claim.id, "a biller denies a claim; compare both books");
        }
    }
    Ok((told, claim.state))
}

/// A claim without money is given up before the biller hears of it, so that no money moves for it
/// afterwards.
fn give_up_or_get(conn: &mut DbConn, key: &str) -> Result<BillClaim, DbError> {
    bill_claims::set_releasing(conn, key)?;
    bill_claims::get(conn, key)
}
