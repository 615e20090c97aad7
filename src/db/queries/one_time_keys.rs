//! One-time keys of forms: the same form sent twice acts once and shows the same result.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::update_one;
use crate::db::{DbConn, DbError};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;
use crate::schema::one_time_keys;

const PENDING: &str = "pending";
const DONE: &str = "done";
const REFUSED: &str = "refused";

/// A key as it stands.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = one_time_keys)]
pub struct OneTimeKey {
    /// Whose form.
    pub user_id: UserId,
    /// Which act.
    pub operation: String,
    /// Keyed digest of what was sent.
    pub payload_digest: String,
    state: String,
    /// Where the result shows, once done.
    pub result: Option<String>,
}

impl OneTimeKey {
    /// Whether its form was refused before the key was claimed.
    pub fn is_refused(&self) -> bool {
        self.state == REFUSED
    }
}

/// A key as a form brings it.
#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = one_time_keys)]
pub struct NewKey<'a> {
    /// The hidden field.
    pub request_key: &'a str,
    /// Whose form.
    pub user_id: UserId,
    /// Which act.
    pub operation: &'a str,
    /// Keyed digest of what was sent.
    pub payload_digest: &'a str,
    /// When it came.
    pub created_at: UtcTime,
}

/// Inserts the key as pending; false if it is there already.
///
/// # Errors
/// Whatever the database says.
pub fn claim(conn: &mut DbConn, key: NewKey<'_>) -> Result<bool, DbError> {
    insert(conn, key, PENDING)
}

/// Inserts the key as refused; false if it is there already.
///
/// # Errors
/// Whatever the database says.
pub fn refuse(conn: &mut DbConn, key: NewKey<'_>) -> Result<bool, DbError> {
    insert(conn, key, REFUSED)
}

fn insert(conn: &mut DbConn, key: NewKey<'_>, state: &str) -> Result<bool, DbError> {
    let insert = diesel::insert_into(one_time_keys::table)
        .values((key, one_time_keys::state.eq(state)))
        .on_conflict(one_time_keys::request_key)
        .do_nothing();
    Ok(native!(conn, conn => insert.execute(conn))? == 1)
}

/// Makes a refused key pending for another content; false if it is refused no more.
///
/// # Errors
/// Whatever the database says.
pub fn claim_refused(conn: &mut DbConn, key: NewKey<'_>) -> Result<bool, DbError> {
    let refused = one_time_keys::table.find(key.request_key);
    let refused = refused.filter(one_time_keys::state.eq(REFUSED));
    let claimed = diesel::update(refused).set((
        one_time_keys::state.eq(PENDING),
        one_time_keys::payload_digest.eq(key.payload_digest),
        one_time_keys::created_at.eq(key.created_at),
    ));
    Ok(claimed.execute(conn)? == 1)
}

/// The key as it stands.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, request_key: &str) -> Result<Option<OneTimeKey>, DbError> {
    let key = one_time_keys::table.find(request_key);
    Ok(native!(conn, conn => key.select(OneTimeKey::as_select()).first(conn).optional())?)
}

/// Finishes a pending key with the address of its result, in the act's transaction.
///
/// # Errors
/// Whatever the database says.
pub fn finish(conn: &mut DbConn, request_key: &str, result: &str) -> Result<bool, DbError> {
    let pending = one_time_keys::table.find(request_key).filter(one_time_keys::state.eq(PENDING));
    let finish = diesel::update(pending)
        .set((one_time_keys::state.eq(DONE), one_time_keys::result.eq(result)));
    Ok(update_one!(conn, finish)?)
}

/// Frees a pending key after a refusal, so that the corrected form can be sent with it.
///
/// # Errors
/// Whatever the database says.
pub fn free(conn: &mut DbConn, request_key: &str) -> Result<(), DbError> {
    let pending = one_time_keys::table.find(request_key).filter(one_time_keys::state.eq(PENDING));
    diesel::delete(pending).execute(conn)?;
    Ok(())
}

/// Frees pending keys whose server died between claim and outcome, and refused ones.
///
/// # Errors
/// Whatever the database says.
pub fn free_undone_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    let stale = one_time_keys::table
        .filter(one_time_keys::state.ne(DONE))
        .filter(one_time_keys::created_at.lt(before));
    Ok(diesel::delete(stale).execute(conn)?)
}

/// Forgets finished keys after their day.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    Ok(diesel::delete(one_time_keys::table.filter(one_time_keys::created_at.lt(before)))
        .execute(conn)?)
}
