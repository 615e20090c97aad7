//! Registration numbers (登録番号) of customers whose token was revoked.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::registration_number::FAILURES_MAX;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;
use crate::schema::opening::registration_numbers;

/// Puts a number in the place of the one before.
///
/// # Errors
/// Whatever the database says.
pub fn replace(
    conn: &mut DbConn,
    user_id: UserId,
    number_digest: &str,
    (now, expires_at): (UtcTime, UtcTime),
) -> Result<(), DbError> {
    delete(conn, user_id)?;
    diesel::insert_into(registration_numbers::table)
        .values((
            registration_numbers::user_id.eq(user_id),
            registration_numbers::number_digest.eq(number_digest),
            registration_numbers::made_at.eq(now),
            registration_numbers::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Claims a try before the number is looked at, and counts it as failed. False: there is no number
/// that could be tried.
///
/// # Errors
/// Whatever the database says.
pub fn claim_try(conn: &mut DbConn, user_id: UserId, now: UtcTime) -> Result<bool, DbError> {
    let good = registration_numbers::table
        .find(user_id)
        .filter(registration_numbers::expires_at.gt(now))
        .filter(registration_numbers::failures.lt(FAILURES_MAX));
    let set = registration_numbers::failures.eq(registration_numbers::failures + 1);
    Ok(diesel::update(good).set(set).execute(conn)? == 1)
}

/// Gives a try back that was right; false if it was not.
///
/// # Errors
/// Whatever the database says.
pub fn settle_right(
    conn: &mut DbConn,
    user_id: UserId,
    number_digest: &str,
) -> Result<bool, DbError> {
    let right = registration_numbers::table
        .find(user_id)
        .filter(registration_numbers::number_digest.eq(number_digest));
    let set = registration_numbers::failures.eq(registration_numbers::failures - 1);
    Ok(diesel::update(right).set(set).execute(conn)? == 1)
}

/// Whether a number that was proven still holds. The row is written, so that a new number and the
/// act that rests on this one come one after the other.
///
/// # Errors
/// Whatever the database says.
pub fn still_holds(
    conn: &mut DbConn,
    user_id: UserId,
    number_digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let same = registration_numbers::table
        .find(user_id)
        .filter(registration_numbers::number_digest.eq(number_digest))
        .filter(registration_numbers::expires_at.gt(now));
    let set = registration_numbers::number_digest.eq(number_digest);
    Ok(diesel::update(same).set(set).execute(conn)? == 1)
}

/// Spends the number of a token that is started; false if it is not there any more.
///
/// # Errors
/// Whatever the database says.
pub fn spend(
    conn: &mut DbConn,
    user_id: UserId,
    number_digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let same = registration_numbers::table
        .find(user_id)
        .filter(registration_numbers::number_digest.eq(number_digest))
        .filter(registration_numbers::expires_at.gt(now));
    Ok(diesel::delete(same).execute(conn)? == 1)
}

/// Forgets the number of a user.
///
/// # Errors
/// Whatever the database says.
pub fn delete(conn: &mut DbConn, user_id: UserId) -> Result<(), DbError> {
    diesel::delete(registration_numbers::table.find(user_id)).execute(conn)?;
    Ok(())
}

/// Forgets numbers that ended before then.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    let over = registration_numbers::table.filter(registration_numbers::expires_at.lt(before));
    Ok(diesel::delete(over).execute(conn)?)
}
