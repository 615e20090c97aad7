//! Initial passwords of resets, until their letters are printed.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{StaffId, StaffRequestId, UserId};
use crate::primitives::keys::Sealed;
use crate::schema::staff_letters;

/// A letter.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = staff_letters)]
pub struct Letter {
    /// Of which reset.
    pub request_id: StaffRequestId,
    /// To whom.
    pub user_id: UserId,
    /// The sealed password; none once it is printed.
    pub secret_sealed: Option<Vec<u8>>,
    /// Which key opens it.
    pub sealing_key_id: String,
    /// When it was printed.
    pub printed_at: Option<UtcTime>,
}

/// Whether a letter to this user waits for its printing.
///
/// # Errors
/// Whatever the database says.
pub fn has_unprinted(conn: &mut DbConn, user_id: UserId) -> Result<bool, DbError> {
    let waiting = staff_letters::table
        .filter(staff_letters::user_id.eq(user_id))
        .filter(staff_letters::printed_at.is_null())
        .filter(staff_letters::secret_sealed.is_not_null());
    Ok(waiting.count().get_result::<i64>(conn)? > 0)
}

/// Keeps a letter to be printed.
///
/// # Errors
/// Whatever the database says.
pub fn insert(
    conn: &mut DbConn,
    request_id: StaffRequestId,
    portal: &str,
    user_id: UserId,
    sealed: &Sealed,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::insert_into(staff_letters::table)
        .values((
            staff_letters::request_id.eq(request_id),
            staff_letters::portal.eq(portal),
            staff_letters::user_id.eq(user_id),
            staff_letters::secret_sealed.eq(&sealed.bytes),
            staff_letters::sealing_key_id.eq(&sealed.key_id),
            staff_letters::made_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// The letter of a reset.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    portal: &str,
    request_id: StaffRequestId,
) -> Result<Option<Letter>, DbError> {
    Ok(staff_letters::table
        .find(request_id)
        .filter(staff_letters::portal.eq(portal))
        .select(Letter::as_select())
        .first(conn)
        .optional()?)
}

/// Marks a letter as printed and forgets its password; false if it was printed before.
///
/// # Errors
/// Whatever the database says.
pub fn mark_printed(
    conn: &mut DbConn,
    request_id: StaffRequestId,
    by: StaffId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let waiting = staff_letters::table.find(request_id).filter(staff_letters::printed_at.is_null());
    let printed = diesel::update(waiting)
        .set((
            staff_letters::printed_at.eq(now),
            staff_letters::printed_by.eq(by),
            staff_letters::secret_sealed.eq(None::<Vec<u8>>),
        ))
        .execute(conn)?;
    Ok(printed == 1)
}

/// The portal's letters to be printed that another key than `key_id` sealed, at most `limit` after
/// the letter `after`.
///
/// # Errors
/// Whatever the database says.
pub fn list_sealed_otherwise(
    conn: &mut DbConn,
    portal: &str,
    key_id: &str,
    after: StaffRequestId,
    limit: i64,
) -> Result<Vec<Letter>, DbError> {
    Ok(staff_letters::table
        .filter(staff_letters::portal.eq(portal))
        .filter(staff_letters::printed_at.is_null())
        .filter(staff_letters::sealing_key_id.ne(key_id))
        .filter(staff_letters::request_id.gt(after))
        .select(Letter::as_select())
        .order(staff_letters::request_id)
        .limit(limit)
        .load(conn)?)
}

/// Puts a password sealed anew in the place of `before`; false if that is not what stands there.
///
/// # Errors
/// Whatever the database says.
pub fn reseal(
    conn: &mut DbConn,
    request_id: StaffRequestId,
    before: &[u8],
    sealed: &Sealed,
) -> Result<bool, DbError> {
    let unchanged = staff_letters::table
        .find(request_id)
        .filter(staff_letters::secret_sealed.eq(before).assume_not_null());
    let resealed = diesel::update(unchanged)
        .set((
            staff_letters::secret_sealed.eq(&sealed.bytes),
            staff_letters::sealing_key_id.eq(&sealed.key_id),
        ))
        .execute(conn)?;
    Ok(resealed == 1)
}

/// How many letters to be printed, of all portals, another key than `key_id` sealed.
///
/// # Errors
/// Whatever the database says.
pub fn count_sealed_otherwise(conn: &mut DbConn, key_id: &str) -> Result<i64, DbError> {
    Ok(staff_letters::table
        .filter(staff_letters::printed_at.is_null())
        .filter(staff_letters::sealing_key_id.ne(key_id))
        .count()
        .get_result(conn)?)
}
