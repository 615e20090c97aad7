//! Claims on bills. A move names the state that the claim leaves.

use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::bill::{Bill, BillClaim, ClaimState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{PaymentId, UserId};
use crate::schema::bill_claims;

/// Writes down that a biller is asked to hold a bill.
///
/// # Errors
/// Whatever the database says.
pub fn insert(
    conn: &mut DbConn,
    key: &str,
    (portal, user_id): (&str, UserId),
    bill: &Bill,
    real_now: UtcTime,
) -> Result<(), DbError> {
    diesel::insert_into(bill_claims::table)
        .values((
            bill_claims::claim_key.eq(key),
            bill_claims::portal.eq(portal),
            bill_claims::user_id.eq(user_id),
            bill_claims::agency.eq(&bill.agency),
            bill_claims::reference.eq(&bill.reference),
            bill_claims::category.eq(&bill.category),
            bill_claims::late_yen.eq(bill.late),
            bill_claims::state.eq(ClaimState::Asked),
            bill_claims::asked_at.eq(real_now),
            bill_claims::next_try_at.eq(real_now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Money has moved for the bill; false where the claim is given up meanwhile, or the bill was paid
/// here before.
///
/// # Errors
/// Whatever the database says.
pub fn set_paid(conn: &mut DbConn, key: &str, payment_id: PaymentId) -> Result<bool, DbError> {
    let asked = bill_claims::table
        .filter(bill_claims::claim_key.eq(key))
        .filter(bill_claims::state.eq(ClaimState::Asked));
    let mut moved = 0;
    let is_first = insert_or_conflict(conn, |conn| {
        moved = diesel::update(asked)
            .set((bill_claims::state.eq(ClaimState::Paid), bill_claims::payment_id.eq(payment_id)))
            .execute(conn)?;
        Ok::<_, diesel::result::Error>(())
    })?;
    Ok(is_first && moved == 1)
}

/// No money will move by this claim; false where it has, or where that is settled already.
///
/// # Errors
/// Whatever the database says.
pub fn set_releasing(conn: &mut DbConn, key: &str) -> Result<bool, DbError> {
    update_state(conn, key, ClaimState::Asked, ClaimState::Releasing)
}

/// Moves the claim only if it still stands at `from`.
///
/// # Errors
/// Whatever the database says.
pub fn update_state(
    conn: &mut DbConn,
    key: &str,
    from: ClaimState,
    to: ClaimState,
) -> Result<bool, DbError> {
    let guarded = bill_claims::table
        .filter(bill_claims::claim_key.eq(key))
        .filter(bill_claims::state.eq(from));
    let moved = diesel::update(guarded).set(bill_claims::state.eq(to)).execute(conn)?;
    Ok(moved == 1)
}

/// The biller did not answer: not again before this time.
///
/// # Errors
/// Whatever the database says.
pub fn put_off(conn: &mut DbConn, id: i64, until: UtcTime) -> Result<(), DbError> {
    diesel::update(bill_claims::table.find(id))
        .set((
            bill_claims::attempts.eq(bill_claims::attempts + 1),
            bill_claims::next_try_at.eq(until),
        ))
        .execute(conn)?;
    Ok(())
}

/// Claims whose end a biller has not heard, and those asked before `asked_before` of which nothing
/// came, as far as they are due, in the order in which they are.
///
/// # Errors
/// Whatever the database says.
pub fn list_open(
    conn: &mut DbConn,
    real_now: UtcTime,
    asked_before: UtcTime,
    limit: i64,
) -> Result<Vec<BillClaim>, DbError> {
    let ended = bill_claims::state.eq_any([ClaimState::Paid, ClaimState::Releasing]);
    let left = bill_claims::state.eq(ClaimState::Asked).and(bill_claims::asked_at.lt(asked_before));
    Ok(bill_claims::table
        .filter(bill_claims::next_try_at.le(real_now))
        .filter(ended.or(left))
        .select(BillClaim::as_select())
        .order((bill_claims::next_try_at, bill_claims::id))
        .limit(limit)
        .load(conn)?)
}

/// The claim with this key.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, key: &str) -> Result<BillClaim, DbError> {
    Ok(bill_claims::table
        .filter(bill_claims::claim_key.eq(key))
        .select(BillClaim::as_select())
        .first(conn)?)
}

/// The claim by which a payment was made.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_payment(
    conn: &mut DbConn,
    payment_id: PaymentId,
) -> Result<Option<BillClaim>, DbError> {
    Ok(bill_claims::table
        .filter(bill_claims::payment_id.eq(payment_id))
        .select(BillClaim::as_select())
        .first(conn)
        .optional()?)
}
