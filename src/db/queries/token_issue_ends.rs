//! Ends of issued tokens from outside the issue itself: a revocation, an emergency stop.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::token_issue::IssueEnd;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{TokenId, UserId};
use crate::schema::token_issues;

/// Ends the token's open issue as revoked.
///
/// # Errors
/// Whatever the database says.
pub fn revoke(conn: &mut DbConn, token_id: TokenId, now: UtcTime) -> Result<usize, DbError> {
    let open = token_issues::table
        .filter(token_issues::token_id.eq(token_id))
        .filter(token_issues::ended_at.is_null());
    Ok(diesel::update(open)
        .set((token_issues::ended_at.eq(now), token_issues::end_reason.eq(IssueEnd::Revoked)))
        .execute(conn)?)
}

/// Lets the time for a set-up that has not been done yet be over now: the app gets no secret any
/// more, and the user comes back to the state before the issue as after any set-up that came late.
///
/// # Errors
/// Whatever the database says.
pub fn cut_short(conn: &mut DbConn, user_id: UserId, now: UtcTime) -> Result<usize, DbError> {
    let waiting = token_issues::table
        .filter(token_issues::user_id.eq(user_id))
        .filter(token_issues::ended_at.is_null())
        .filter(token_issues::set_up_at.is_null())
        .filter(token_issues::expires_at.gt(now));
    Ok(diesel::update(waiting).set(token_issues::expires_at.eq(now)).execute(conn)?)
}
