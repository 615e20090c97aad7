//! The end of issues that were not set up in time, or with too many wrong tries: the token retires,
//! and the customer stands again where the issue had found them.

use crate::db::queries::{token_issues, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::token::{StoredTokenStatus, TokenState};
use crate::domain::token_issue::{IssueEnd, TokenIssue};
use crate::operations::{Ctx, Services, audit, count_limit};

/// Issues ended in one run; the next run takes the rest.
const BATCH: i64 = 200;

/// Ends the portal's issues whose time for the set-up is over; returns how many.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn end_due(services: &Services, ctx: &Ctx) -> Result<usize, DbError> {
    let ctx = ctx.clone();
    services.db.write_blocking(move |conn| {
        let mut ended = 0;
        for issue in token_issues::list_due(conn, ctx.portal_slug(), ctx.now, BATCH)? {
            ended += usize::from(end_if_due(conn, &ctx, &issue)?);
        }
        Ok(ended)
    })
}

/// Ends an issue that was not set up, once its time is over or its tries are used up, and brings
/// the customer back to the state before it. False: it is over already, set up, or still open.
///
/// # Errors
/// Whatever the database says.
pub fn end_if_due(conn: &mut DbConn, ctx: &Ctx, issue: &TokenIssue) -> Result<bool, DbError> {
    let (reason, failures_at_least) = if issue.expires_at <= ctx.now {
        (IssueEnd::Expired, 0)
    } else {
        let max = ctx.profile.tokens.issue.as_ref().map(|policy| policy.set_up_failures_max);
        (IssueEnd::Attempts, max.map_or(i32::MAX, count_limit))
    };
    if !token_issues::end_not_set_up(conn, issue.id, reason, failures_at_least, ctx.now)? {
        return Ok(false);
    }
    bring_back(conn, ctx, issue)?;
    let object = format!("token {}", issue.token_id);
    let details = reason.as_str();
    audit::write(conn, ctx, "token.issue_end", &object, AuditResult::Done, details)?;
    Ok(true)
}

/// Brings the customer back to the state before an issue that was just ended.
fn bring_back(conn: &mut DbConn, ctx: &Ctx, issue: &TokenIssue) -> Result<(), DbError> {
    let user = users::get(conn, issue.user_id)?;
    let columns = users::TokenColumns {
        token_id: issue.previous_token_id,
        token_status: issue.previous_status,
        token_since: Some(ctx.now),
        revoked_at: user.revoked_at,
        login_otp_chosen: user.login_otp_chosen,
    };
    let (status, token_id) = (StoredTokenStatus::Issued, Some(issue.token_id));
    // Whoever is no longer where the issue had brought them stays where they are.
    users::update_token(conn, user.id, status, token_id, &columns)?;
    tokens::update_state(conn, issue.token_id, TokenState::Shipped, TokenState::Retired, ctx.now)?;
    Ok(())
}
