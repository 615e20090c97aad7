//! How often somebody asked for the holder of an account, counted with a guard.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::savepoint::insert_or_conflict;
use crate::db::{DbConn, DbError};
use crate::primitives::ids::UserId;
use crate::schema::name_lookups;

/// How often the user has asked on this day of Japan.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, user_id: UserId, on_day: NaiveDate) -> Result<i32, DbError> {
    let asked = name_lookups::table
        .find(user_id)
        .filter(name_lookups::on_day.eq(on_day))
        .select(name_lookups::asked)
        .first(conn)
        .optional()?;
    Ok(asked.unwrap_or(0))
}

/// Counts one more, unless that would be more than `most` (at least 1). False: it would.
///
/// # Errors
/// Whatever the database says.
pub fn count(
    conn: &mut DbConn,
    user_id: UserId,
    on_day: NaiveDate,
    most: i32,
) -> Result<bool, DbError> {
    if add(conn, user_id, on_day, most)? {
        return Ok(true);
    }
    let earlier = name_lookups::table.find(user_id).filter(name_lookups::on_day.ne(on_day));
    let begun = diesel::update(earlier)
        .set((name_lookups::on_day.eq(on_day), name_lookups::asked.eq(1)))
        .execute(conn)?;
    if begun == 1 {
        return Ok(true);
    }
    let first = diesel::insert_into(name_lookups::table).values((
        name_lookups::user_id.eq(user_id),
        name_lookups::on_day.eq(on_day),
        name_lookups::asked.eq(1),
    ));
    if insert_or_conflict(conn, |conn| first.execute(conn))? {
        return Ok(true);
    }
    // Somebody was faster, or the most is reached.
    add(conn, user_id, on_day, most)
}

fn add(conn: &mut DbConn, user_id: UserId, on_day: NaiveDate, most: i32) -> Result<bool, DbError> {
    let guarded = name_lookups::table
        .find(user_id)
        .filter(name_lookups::on_day.eq(on_day))
        .filter(name_lookups::asked.lt(most));
    let counted = diesel::update(guarded)
        .set(name_lookups::asked.eq(name_lookups::asked + 1))
        .execute(conn)?;
    Ok(counted == 1)
}
