//! The end of issues that were not set up in time: the token retires, and the customer stands again
//! where the issue had found them.

use crate::db::queries::{token_issues, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::token::{StoredTokenStatus, TokenState};
use crate::domain::token_issue::TokenIssue;
use crate::operations::{Ctx, Services, audit};

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
            if token_issues::update_expired(conn, issue.id, ctx.now)? {
                bring_back(conn, &ctx, &issue)?;
                ended += 1;
            }
        }
        Ok(ended)
    })
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
    let object = format!("token {}", issue.token_id);
    audit::write(conn, ctx, "token.issue_end", &object, AuditResult::Done, "expired")
}
