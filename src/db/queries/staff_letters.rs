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
