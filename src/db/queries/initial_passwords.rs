//! Initial passwords between the act that drew them and their one showing, sealed.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ReceiptId, UserId};
use crate::schema::{initial_passwords, users};

/// A sealed password to be kept.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = initial_passwords)]
pub struct NewInitialPassword {
    /// The receipt of the act.
    pub receipt_id: ReceiptId,
    /// Whose.
    pub user_id: UserId,
    /// Sealed.
    pub password_sealed: Vec<u8>,
    /// The key.
    pub sealing_key_id: String,
    /// Now.
    pub created_at: UtcTime,
}

/// A sealed password and whose it is.
#[derive(Debug, Clone, Queryable)]
pub struct KeptPassword {
    /// Whose.
    pub user_id: UserId,
    /// ログインID, to which it is sealed.
    pub login_id: String,
    /// Sealed.
    pub password_sealed: Vec<u8>,
    /// The key.
    pub sealing_key_id: String,
}

/// Keeps a password.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, kept: NewInitialPassword) -> Result<(), DbError> {
    diesel::insert_into(initial_passwords::table).values(kept).execute(conn)?;
    Ok(())
}

/// Takes the passwords of a receipt out: whoever comes second finds none.
///
/// # Errors
/// Whatever the database says.
pub fn take(conn: &mut DbConn, receipt_id: ReceiptId) -> Result<Vec<KeptPassword>, DbError> {
    let kept: Vec<KeptPassword> = initial_passwords::table
        .inner_join(users::table.on(users::id.eq(initial_passwords::user_id)))
        .filter(initial_passwords::receipt_id.eq(receipt_id))
        .select((
            initial_passwords::user_id,
            users::login_id,
            initial_passwords::password_sealed,
            initial_passwords::sealing_key_id,
        ))
        .order(users::login_id)
        .limit(1_000)
        .load(conn)?;
    let of_receipt = initial_passwords::table.filter(initial_passwords::receipt_id.eq(receipt_id));
    let taken = diesel::delete(of_receipt).execute(conn)?;
    Ok(if taken == kept.len() { kept } else { Vec::new() })
}

/// Forgets the passwords of a user, who has got another one or is gone.
///
/// # Errors
/// Whatever the database says.
pub fn delete_of_user(conn: &mut DbConn, user_id: UserId) -> Result<usize, DbError> {
    let of_user = initial_passwords::table.filter(initial_passwords::user_id.eq(user_id));
    Ok(diesel::delete(of_user).execute(conn)?)
}

/// Forgets what nobody has looked at.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    let old = initial_passwords::table.filter(initial_passwords::created_at.lt(before));
    Ok(diesel::delete(old).execute(conn)?)
}
