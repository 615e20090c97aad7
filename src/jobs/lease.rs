//! Leases of jobs. They live on the machine's real clock, because the movable one can stand still.

use chrono::TimeDelta;

use crate::db::queries::leases;
use crate::db::{DbConn, DbError};
use crate::jobs::JobContext;
use crate::primitives::clock::Clock;

/// How long a job that says nothing keeps its lease; after a crash the work waits as long.
const HELD_FOR: TimeDelta = TimeDelta::seconds(30);

/// Takes or renews a lease in the caller's transaction; false while another process holds it.
pub(super) fn take_in_tx(conn: &mut DbConn, name: &str, holder: &str) -> Result<bool, DbError> {
    let real_now = Clock::real_now();
    leases::take(conn, name, holder, real_now, real_now + HELD_FOR)
}

/// Runs `work` while holding the lease `name`; nothing if another process holds it.
pub(super) fn with_lease<T, E: From<DbError>>(
    job: &JobContext,
    name: &'static str,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<Option<T>, E> {
    let holder = job.holder.clone();
    let is_taken = job.services.db.claim_blocking(move |conn| take_in_tx(conn, name, &holder))?;
    if !is_taken {
        return Ok(None);
    }
    let result = work();
    let holder = job.holder.clone();
    let given_back = job
        .services
        .db
        .claim_blocking(move |conn| leases::give_back(conn, name, &holder, Clock::real_now()));
    let value = result?;
    given_back?;
    Ok(Some(value))
}
