//! Warnings before a token expires that were given already.

use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{TokenId, UserId};
use crate::schema::expiry_warnings;

/// Notes a warning; false if it was given before.
///
/// # Errors
/// Whatever the database says.
pub fn insert(
    conn: &mut DbConn,
    token_id: TokenId,
    user_id: UserId,
    days_before: i32,
    expires_at: UtcTime,
    now: UtcTime,
) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(expiry_warnings::table)
            .values((
                expiry_warnings::token_id.eq(token_id),
                expiry_warnings::user_id.eq(user_id),
                expiry_warnings::days_before.eq(days_before),
                expiry_warnings::expires_at.eq(expires_at),
                expiry_warnings::warned_at.eq(now),
            ))
            .execute(conn)
    })
}
