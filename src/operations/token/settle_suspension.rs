//! Finishes suspensions that a stopped server left half-way: the last wrong code was counted, but
//! its outcome never came. The token counts as suspended anyway; what is missing is the mark, the
//! end of the logins that rest on it, the mails and the line in the audit log.

use chrono::TimeDelta;

use crate::db::DbError;
use crate::db::queries::tokens;
use crate::operations::proof::otp::suspend_in_tx;
use crate::operations::{Ctx, Services, count_limit};

/// An outcome that is still to come takes far less than this (movable clock).
const OUTCOME_TAKES_AT_MOST: TimeDelta = TimeDelta::seconds(30);

/// Suspends the portal's tokens whose run of failures is full but unmarked; returns how many.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn settle(services: &Services, ctx: &Ctx) -> Result<usize, DbError> {
    let failures_max = count_limit(ctx.profile.tokens.throttle.failures_max);
    let before = ctx.now - OUTCOME_TAKES_AT_MOST;
    let portal = ctx.portal_slug().to_owned();
    let unsettled = services
        .db
        .read_blocking(move |conn| tokens::list_unsettled(conn, &portal, failures_max, before))?;
    let mut settled = 0;
    for token_id in unsettled {
        let ctx = ctx.clone();
        let is_marked = services
            .db
            .write_blocking(move |conn| suspend_in_tx(conn, &ctx, token_id, failures_max))?;
        settled += usize::from(is_marked);
    }
    Ok(settled)
}
