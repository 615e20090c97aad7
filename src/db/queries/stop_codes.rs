//! Stop codes of notices, and the tries at them.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::stop_code::{LIFETIME, StopCode, TRIES_WINDOW};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ReceiptId, UserId};
use crate::schema::{stop_codes, stop_tries};

/// Keeps the digest of a code that a notice carries.
///
/// # Errors
/// Whatever the database says.
pub fn insert(
    conn: &mut DbConn,
    user_id: UserId,
    code_digest: &str,
    now: UtcTime,
) -> Result<(), DbError> {
    let insert = diesel::insert_into(stop_codes::table).values((
        stop_codes::user_id.eq(user_id),
        stop_codes::code_digest.eq(code_digest),
        stop_codes::made_at.eq(now),
        stop_codes::expires_at.eq(now + LIFETIME),
    ));
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// Claims one of five tries in any hour before the code is looked at. A slot stands for one known
/// user or for one bucket of ids that nobody has. False: the five are used up.
///
/// # Errors
/// Whatever the database says.
pub fn claim_try(
    conn: &mut DbConn,
    portal: &str,
    slot: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(stop_tries::table)
            .values((stop_tries::portal.eq(portal), stop_tries::slot.eq(slot)))
            .execute(conn)
    })?;
    let since = now - TRIES_WINDOW;
    let guarded = stop_tries::table
        .find((portal, slot))
        .filter(stop_tries::fifth_at.is_null().or(stop_tries::fifth_at.le(since)));
    let claimed = diesel::update(guarded)
        .set((
            stop_tries::first_at.eq(now),
            stop_tries::second_at.eq(stop_tries::first_at),
            stop_tries::third_at.eq(stop_tries::second_at),
            stop_tries::fourth_at.eq(stop_tries::third_at),
            stop_tries::fifth_at.eq(stop_tries::fourth_at),
        ))
        .execute(conn)?;
    Ok(claimed == 1)
}

/// The user's newest code with this digest, used and expired ones too.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    user_id: UserId,
    code_digest: &str,
) -> Result<Option<StopCode>, DbError> {
    Ok(stop_codes::table
        .filter(stop_codes::user_id.eq(user_id))
        .filter(stop_codes::code_digest.eq(code_digest))
        .select(StopCode::as_select())
        .order(stop_codes::id.desc())
        .first(conn)
        .optional()?)
}

/// The used code whose result has this address.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_result(conn: &mut DbConn, result_id: &str) -> Result<Option<StopCode>, DbError> {
    Ok(stop_codes::table
        .filter(stop_codes::result_id.eq(result_id))
        .select(StopCode::as_select())
        .first(conn)
        .optional()?)
}

/// Uses the code up; false if it was used or has expired.
///
/// # Errors
/// Whatever the database says.
pub fn use_up(
    conn: &mut DbConn,
    id: i64,
    result_id: &str,
    receipt_id: ReceiptId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let good = stop_codes::table
        .find(id)
        .filter(stop_codes::used_at.is_null())
        .filter(stop_codes::expires_at.gt(now));
    let used = diesel::update(good)
        .set((
            stop_codes::used_at.eq(now),
            stop_codes::result_id.eq(result_id),
            stop_codes::receipt_id.eq(receipt_id),
        ))
        .execute(conn)?;
    Ok(used == 1)
}

/// Forgets codes that ended before `before`.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    Ok(diesel::delete(stop_codes::table.filter(stop_codes::expires_at.lt(before))).execute(conn)?)
}

/// Forgets tries that no hour sees any more.
///
/// # Errors
/// Whatever the database says.
pub fn delete_tries_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    Ok(diesel::delete(stop_tries::table.filter(stop_tries::first_at.lt(before))).execute(conn)?)
}
