//! What the worker did, and what staff want it to do now.

use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::job::{JobResult, RecordedRun};
use crate::primitives::clock::UtcTime;
use crate::schema::{job_runs, job_wishes};

const DID_MAX: usize = 500;

/// A run to be recorded.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The job.
    pub name: &'static str,
    /// Which process ran it.
    pub holder: String,
    /// Real time.
    pub started_at: UtcTime,
    /// How long it took, in microseconds.
    pub took_us: i64,
    /// How it ended.
    pub result: JobResult,
    /// What it did, or why it failed.
    pub did: String,
}

/// Records a run.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, run: &NewRun) -> Result<(), DbError> {
    diesel::insert_into(job_runs::table)
        .values((
            job_runs::name.eq(run.name),
            job_runs::holder.eq(run.holder.chars().take(64).collect::<String>()),
            job_runs::started_at.eq(run.started_at),
            job_runs::took_us.eq(run.took_us),
            job_runs::result.eq(run.result),
            job_runs::did.eq(run.did.chars().take(DID_MAX).collect::<String>()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The newest recorded run of each of these jobs.
///
/// # Errors
/// Whatever the database says.
pub fn list_last(conn: &mut DbConn, names: &[&str]) -> Result<Vec<RecordedRun>, DbError> {
    let newest: Vec<Option<i64>> = job_runs::table
        .filter(job_runs::name.eq_any(names.to_vec()))
        .group_by(job_runs::name)
        .select(diesel::dsl::max(job_runs::id))
        .load(conn)?;
    let ids: Vec<i64> = newest.into_iter().flatten().collect();
    Ok(job_runs::table
        .filter(job_runs::id.eq_any(ids))
        .select(RecordedRun::as_select())
        .load(conn)?)
}

/// Recorded runs, newest first: those with this result where one is named, older than `before`.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    result: Option<JobResult>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<RecordedRun>, DbError> {
    let mut query = job_runs::table.select(RecordedRun::as_select()).into_boxed();
    if let Some(result) = result {
        query = query.filter(job_runs::result.eq(result));
    }
    if let Some(before) = before {
        query = query.filter(job_runs::id.lt(before));
    }
    Ok(query.order(job_runs::id.desc()).limit(limit).load(conn)?)
}

/// Forgets runs of long ago.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    Ok(diesel::delete(job_runs::table.filter(job_runs::started_at.lt(before))).execute(conn)?)
}

/// Wishes that a job runs now; false if that is wished already.
///
/// # Errors
/// Whatever the database says.
pub fn wish(conn: &mut DbConn, name: &str, now: UtcTime) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(job_wishes::table)
            .values((job_wishes::name.eq(name), job_wishes::asked_at.eq(now)))
            .execute(conn)
    })
}

/// The jobs that are wished.
///
/// # Errors
/// Whatever the database says.
pub fn list_wishes(conn: &mut DbConn) -> Result<Vec<String>, DbError> {
    Ok(job_wishes::table.select(job_wishes::name).order(job_wishes::name).limit(100).load(conn)?)
}

/// Takes a wish; false if another worker took it.
///
/// # Errors
/// Whatever the database says.
pub fn take_wish(conn: &mut DbConn, name: &str) -> Result<bool, DbError> {
    Ok(diesel::delete(job_wishes::table.find(name)).execute(conn)? == 1)
}
