//! What the staff console shows from several tables at once: the work that waits.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::mail::MailState;
use crate::domain::token::TokenState;
use crate::domain::token_order::OrderState;
use crate::primitives::clock::UtcTime;
use crate::schema::{challenges, job_runs, mails, staff_requests, token_orders, tokens};

/// Work that waits, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Requests to decide.
    pub requests: i64,
    /// Runs of jobs that failed.
    pub failed_runs: i64,
    /// Mails given up.
    pub dead_mails: i64,
    /// Mails that were tried in vain and are tried again.
    pub late_mails: i64,
    /// Tokens in use that expire soon.
    pub expiring_tokens: i64,
    /// Orders of tokens that are not shipped yet.
    pub orders: i64,
    /// Transfers of the last days that were refused because something else was signed.
    pub alarms: i64,
}

/// Counts what waits in a portal; jobs belong to all portals and run in real time.
///
/// # Errors
/// Whatever the database says.
pub fn count_waiting(
    conn: &mut DbConn,
    portal: &str,
    failed_since: UtcTime,
    (now, expiring_until, alarms_since): (UtcTime, UtcTime, UtcTime),
) -> Result<Waiting, DbError> {
    let of_portal = || mails::table.filter(mails::portal.eq(portal.to_owned()));
    Ok(Waiting {
        requests: staff_requests::table
            .filter(staff_requests::portal.eq(portal))
            .filter(staff_requests::state.eq("waiting"))
            .count()
            .get_result(conn)?,
        failed_runs: job_runs::table
            .filter(job_runs::result.eq("failed"))
            .filter(job_runs::started_at.gt(failed_since))
            .count()
            .get_result(conn)?,
        dead_mails: of_portal()
            .filter(mails::state.eq(MailState::Dead))
            .count()
            .get_result(conn)?,
        late_mails: of_portal()
            .filter(mails::state.eq(MailState::Waiting))
            .filter(mails::attempts.gt(0))
            .count()
            .get_result(conn)?,
        orders: token_orders::table
            .filter(token_orders::portal.eq(portal))
            .filter(token_orders::state.eq_any([
                OrderState::Requested,
                OrderState::Accepted,
                OrderState::Debited,
            ]))
            .count()
            .get_result(conn)?,
        alarms: challenges::table
            .filter(challenges::portal.eq(portal))
            .filter(challenges::alarmed_at.gt(alarms_since))
            .count()
            .get_result(conn)?,
        expiring_tokens: tokens::table
            .filter(tokens::portal.eq(portal))
            .filter(tokens::state.eq(TokenState::InUse))
            .filter(
                tokens::expires_at
                    .gt(now)
                    .and(tokens::expires_at.le(expiring_until))
                    .assume_not_null(),
            )
            .count()
            .get_result(conn)?,
    })
}
