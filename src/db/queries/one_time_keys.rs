//! One-time keys of forms: the same form sent twice acts once and shows the same result.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::prepared;
use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;
use crate::schema::one_time_keys;

const PENDING: &str = "pending";
const DONE: &str = "done";

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
    /// Where the result shows, once done.
    pub result: Option<String>,
}

/// Inserts the key as pending; false if it is there already.
///
/// # Errors
/// Whatever the database says.
pub fn claim(
    conn: &mut DbConn,
    request_key: &str,
    user_id: UserId,
    operation: &str,
    payload_digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(one_time_keys::table)
            .values((
                one_time_keys::request_key.eq(request_key),
                one_time_keys::user_id.eq(user_id),
                one_time_keys::operation.eq(operation),
                one_time_keys::payload_digest.eq(payload_digest),
                one_time_keys::state.eq(PENDING),
                one_time_keys::created_at.eq(now),
            ))
            .execute(conn)
    })
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
    let finish = prepared(finish);
    Ok(native!(conn, conn => finish.execute(conn))? == 1)
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

/// Frees pending keys whose server died between claim and outcome.
///
/// # Errors
/// Whatever the database says.
pub fn free_pending_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    let stale = one_time_keys::table
        .filter(one_time_keys::state.eq(PENDING))
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
