//! Initial passwords and registration numbers, until their letters are printed.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::staff_request::StaffAct;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{StaffId, StaffRequestId, UserId};
use crate::primitives::keys::Sealed;
use crate::schema::{staff_letters, staff_requests};

/// A letter.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = staff_letters)]
pub struct Letter {
    /// Of which reset.
    pub request_id: StaffRequestId,
    /// To whom.
    pub user_id: UserId,
    /// What is sealed; none once it is printed.
    pub secret_sealed: Option<Vec<u8>>,
    /// Which key opens it.
    pub sealing_key_id: String,
    /// When it was printed.
    pub printed_at: Option<UtcTime>,
}

/// Forgets what letters of requests of these kinds to this user would have told: nobody prints them
/// any more.
///
/// # Errors
/// Whatever the database says.
pub fn forget(
    conn: &mut DbConn,
    user_id: UserId,
    kinds: &[StaffAct],
    now: UtcTime,
) -> Result<usize, DbError> {
    let of_kinds = staff_requests::table
        .filter(staff_requests::kind.eq_any(kinds.to_vec()))
        .filter(staff_requests::user_id.eq(user_id))
        .select(staff_requests::id);
    let waiting = staff_letters::table
        .filter(staff_letters::user_id.eq(user_id))
        .filter(staff_letters::printed_at.is_null())
        .filter(staff_letters::request_id.eq_any(of_kinds));
    Ok(diesel::update(waiting)
        .set((staff_letters::printed_at.eq(now), staff_letters::secret_sealed.eq(None::<Vec<u8>>)))
        .execute(conn)?)
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

/// Marks a letter as printed and forgets its secret, only for whoever made the request; false for
/// anybody else, and if it was printed before.
///
/// # Errors
/// Whatever the database says.
pub fn mark_printed(
    conn: &mut DbConn,
    request_id: StaffRequestId,
    by: StaffId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let own = staff_requests::table
        .filter(staff_requests::id.eq(request_id))
        .filter(staff_requests::maker_id.eq(by))
        .select(staff_requests::id);
    let waiting = staff_letters::table
        .find(request_id)
        .filter(staff_letters::printed_at.is_null())
        .filter(staff_letters::request_id.eq_any(own));
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
