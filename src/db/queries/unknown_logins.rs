//! Failures of login ids that nobody has, in a fixed number of buckets.

use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::schema::unknown_login_buckets as buckets;

/// Claims an attempt in a bucket; false once it has had `failures_max`. Returns the count after it.
///
/// # Errors
/// Whatever the database says.
pub fn claim_attempt(
    conn: &mut DbConn,
    portal: &str,
    bucket: i32,
    failures_max: i32,
) -> Result<Option<i32>, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(buckets::table)
            .values((buckets::portal.eq(portal), buckets::bucket.eq(bucket)))
            .execute(conn)
    })?;
    let guarded = buckets::table.find((portal, bucket)).filter(buckets::failures.lt(failures_max));
    Ok(diesel::update(guarded)
        .set(buckets::failures.eq(buckets::failures + 1))
        .returning(buckets::failures)
        .get_result(conn)
        .optional()?)
}
