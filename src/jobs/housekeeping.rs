//! Forgets what nobody can use any more, and frees what a killed server left pending.

use chrono::TimeDelta;

use crate::db::queries::{
    bill_tries, bulk_reports, certificates, challenges, external_files, flows, initial_passwords,
    job_runs, key_imports, logins, one_time_keys, registration_numbers, staff_logins, stop_codes,
    tokens, web_sessions,
};
use crate::db::{DbConn, DbError};
use crate::domain::stop_code::TRIES_WINDOW;
use crate::jobs::lease::with_lease;
use crate::jobs::{JobContext, JobError};
use crate::operations::bulk_file::keep::discard_stale;
use crate::primitives::clock::{Clock, UtcTime, jst_day};

pub(super) const NAME: &str = "housekeeping";

/// No act runs as long, so a key still pending after it belongs to a server that has gone; and the
/// other one of two clicks has come long before. Who is refused all day leaves few keys behind.
const UNDONE_KEYS: TimeDelta = TimeDelta::minutes(2);
/// A login lasts eight hours at most; its session key, its flows with their results and the keys
/// of its forms are of no use afterwards.
const USED_FOR: TimeDelta = TimeDelta::days(1);
/// Challenges of signed codes; staff are told of their alarms for as long.
const CHALLENGES_KEPT: TimeDelta = TimeDelta::days(7);
/// An initial password that nobody has looked at is forgotten; its user gets another one.
const PASSWORDS_KEPT: TimeDelta = TimeDelta::hours(1);
/// Logins that are over are kept as long, for questions about them; the audit log stays.
const LOGINS_KEPT: TimeDelta = TimeDelta::days(90);
/// An upload of which nothing has come for so long broke off, or its server was killed.
const UPLOADS_KEPT: TimeDelta = TimeDelta::hours(1);
/// Reports of files that were not taken.
const REPORTS_KEPT: TimeDelta = TimeDelta::days(7);
/// Runs of jobs, in real time.
const RUNS_KEPT: TimeDelta = TimeDelta::days(30);
/// Logins forgotten in one run, so that a long pile of them holds the writer only briefly.
const LOGINS_BATCH: i64 = 500;

/// What one run took away.
#[derive(Debug, Default)]
struct Taken {
    undone_keys: usize,
    keys: usize,
    sessions: usize,
    flows: usize,
    logins: usize,
    staff_logins: usize,
    failures: usize,
    runs: usize,
    stop_codes: usize,
    passwords: usize,
    key_files: usize,
    numbers: usize,
    bill_tries: usize,
    challenges: usize,
    uploads: usize,
    reports: usize,
    notices: usize,
}

/// Tidies up once.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let now = job.services.clock.now();
    // Failures of all portals stand in one table; the longest sliding window decides.
    let days = job.services.profiles.values().map(|p| p.tokens.throttle.sliding_days).max();
    let failures_before = now - TimeDelta::days(i64::from(days.unwrap_or(0)) + 1);
    let hours = job.services.profiles.values().map(|p| p.session.hours_max).max();
    let absolute = TimeDelta::hours(i64::from(hours.unwrap_or(0)));
    let taken = with_lease(job, NAME, || {
        let db = &job.services.db;
        let mut taken =
            db.claim_blocking(move |conn| tidy(conn, now, failures_before, absolute))?;
        taken.uploads = discard_stale(&job.services, now - UPLOADS_KEPT)?;
        Ok::<_, DbError>(taken)
    })?;
    Ok(taken.and_then(|taken| taken.text()))
}

fn tidy(
    conn: &mut DbConn,
    now: UtcTime,
    failures_before: UtcTime,
    absolute: TimeDelta,
) -> Result<Taken, DbError> {
    let logins_before = now - LOGINS_KEPT;
    Ok(Taken {
        undone_keys: one_time_keys::free_undone_before(conn, now - UNDONE_KEYS)?,
        keys: one_time_keys::delete_before(conn, now - USED_FOR)?,
        sessions: web_sessions::delete_before(conn, now - USED_FOR)?,
        flows: flows::delete_before(conn, now - USED_FOR)?
            + certificates::delete_permits_before(conn, now - USED_FOR)?,
        logins: logins::delete_over_before(conn, logins_before, absolute, LOGINS_BATCH)?,
        staff_logins: staff_logins::delete_over_before(
            conn,
            now - USED_FOR,
            logins_before,
            absolute,
            LOGINS_BATCH,
        )?,
        failures: tokens::delete_failures_before(conn, failures_before)?,
        runs: job_runs::delete_before(conn, Clock::real_now() - RUNS_KEPT)?,
        stop_codes: stop_codes::delete_before(conn, now - USED_FOR)?
            + stop_codes::delete_tries_before(conn, now - TRIES_WINDOW)?,
        passwords: initial_passwords::delete_before(conn, now - PASSWORDS_KEPT)?,
        key_files: key_imports::delete_before(conn, now)?,
        numbers: registration_numbers::delete_before(conn, now)?,
        bill_tries: bill_tries::delete_before(conn, jst_day(now))?,
        challenges: challenges::delete_before(conn, now - CHALLENGES_KEPT)?,
        uploads: 0,
        reports: bulk_reports::delete_before(conn, now - REPORTS_KEPT)?,
        notices: external_files::delete_notices_before(conn, jst_day(now - REPORTS_KEPT))?,
    })
}

impl Taken {
    fn text(&self) -> Option<String> {
        let parts: Vec<String> = [
            (self.undone_keys, "freed", "undone form keys"),
            (self.keys, "forgot", "form keys"),
            (self.sessions, "forgot", "session keys"),
            (self.flows, "forgot", "flows"),
            (self.logins, "forgot", "logins"),
            (self.staff_logins, "forgot", "logins of staff"),
            (self.failures, "forgot", "old failures"),
            (self.runs, "forgot", "runs of jobs"),
            (self.stop_codes, "forgot", "old stop codes and tries"),
            (self.passwords, "forgot", "initial passwords not looked at"),
            (self.key_files, "forgot", "key files not imported"),
            (self.numbers, "forgot", "registration numbers not used"),
            (self.bill_tries, "forgot", "old tries at bills"),
            (self.challenges, "forgot", "challenges of signed codes"),
            (self.uploads, "took away", "uploads that broke off"),
            (self.reports, "forgot", "reports of uploads"),
            (self.notices, "forgot", "who was told of files"),
        ]
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, verb, noun)| format!("{verb} {count} {noun}"))
        .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}
