//! Issued tokens, from the issue over the set-up in the token app to the start.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::token::StoredTokenStatus;
use crate::domain::token_issue::{IssueEnd, TokenIssue};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{TokenId, UserId};
use crate::schema::{token_issues, users};

/// An issue to be written down.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = token_issues)]
pub struct NewTokenIssue {
    /// The portal's slug.
    pub portal: String,
    /// To whom.
    pub user_id: UserId,
    /// The credential.
    pub token_id: TokenId,
    /// ユーザID.
    pub user_number: String,
    /// 携帯メールアドレス.
    pub mail_address: String,
    /// Argon2id of the activation password.
    pub activation_hash: String,
    /// The user's status before.
    pub previous_status: StoredTokenStatus,
    /// The user's token before.
    pub previous_token_id: Option<TokenId>,
    /// Now.
    pub issued_at: UtcTime,
    /// Until when the app may be set up.
    pub expires_at: UtcTime,
}

/// Writes an issue down; false if the portal has the ユーザID already.
///
/// # Errors
/// Whatever the database says beside that.
pub fn insert(conn: &mut DbConn, issue: &NewTokenIssue) -> Result<bool, DbError> {
    crate::db::insert_or_conflict(conn, |conn| {
        diesel::insert_into(token_issues::table).values(issue.clone()).execute(conn)
    })
}

/// The user's issue that is not over.
///
/// # Errors
/// Whatever the database says.
pub fn find_open(conn: &mut DbConn, user_id: UserId) -> Result<Option<TokenIssue>, DbError> {
    Ok(token_issues::table
        .filter(token_issues::user_id.eq(user_id))
        .filter(token_issues::ended_at.is_null())
        .select(TokenIssue::as_select())
        .order(token_issues::id.desc())
        .first(conn)
        .optional()?)
}

/// The issue of this token, over or not.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_token(conn: &mut DbConn, token_id: TokenId) -> Result<Option<TokenIssue>, DbError> {
    Ok(token_issues::table
        .filter(token_issues::token_id.eq(token_id))
        .select(TokenIssue::as_select())
        .order(token_issues::id.desc())
        .first(conn)
        .optional()?)
}

/// The portal's issues whose time for the set-up is over and that were not set up, at most `limit`.
///
/// # Errors
/// Whatever the database says.
pub fn list_due(
    conn: &mut DbConn,
    portal: &str,
    now: UtcTime,
    limit: i64,
) -> Result<Vec<TokenIssue>, DbError> {
    Ok(token_issues::table
        .filter(token_issues::portal.eq(portal))
        .filter(token_issues::ended_at.is_null())
        .filter(token_issues::set_up_at.is_null())
        .filter(token_issues::expires_at.le(now))
        .select(TokenIssue::as_select())
        .order(token_issues::id)
        .limit(limit)
        .load(conn)?)
}

/// Ends an issue, whether set up or not; false if it is over already.
///
/// # Errors
/// Whatever the database says.
pub fn update_end(
    conn: &mut DbConn,
    id: i64,
    reason: IssueEnd,
    now: UtcTime,
) -> Result<bool, DbError> {
    let open = token_issues::table.find(id).filter(token_issues::ended_at.is_null());
    let ended = diesel::update(open)
        .set((token_issues::ended_at.eq(now), token_issues::end_reason.eq(reason)))
        .execute(conn)?;
    Ok(ended == 1)
}

/// Ends an issue with the start of its token, which its app holds; false if it is over, or not set
/// up.
///
/// # Errors
/// Whatever the database says.
pub fn update_started(conn: &mut DbConn, id: i64, now: UtcTime) -> Result<bool, DbError> {
    let set_up = token_issues::table
        .find(id)
        .filter(token_issues::ended_at.is_null())
        .filter(token_issues::set_up_at.is_not_null());
    let ended = diesel::update(set_up)
        .set((token_issues::ended_at.eq(now), token_issues::end_reason.eq(IssueEnd::Started)))
        .execute(conn)?;
    Ok(ended == 1)
}

/// The issue with this ユーザID.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_user_number(
    conn: &mut DbConn,
    portal: &str,
    user_number: &str,
) -> Result<Option<TokenIssue>, DbError> {
    Ok(token_issues::table
        .filter(token_issues::portal.eq(portal))
        .filter(token_issues::user_number.eq(user_number))
        .select(TokenIssue::as_select())
        .first(conn)
        .optional()?)
}

/// Claims one try before the activation password is looked at: counts it as failed, unless the
/// issue is over, its tries or its time are used up, or another app was set up. False: not claimed.
///
/// # Errors
/// Whatever the database says.
pub fn claim_failure(
    conn: &mut DbConn,
    id: i64,
    key_digest: &str,
    failures_max: i32,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = token_issues::table
        .find(id)
        .filter(token_issues::ended_at.is_null())
        .filter(token_issues::expires_at.gt(now))
        .filter(token_issues::failures.lt(failures_max))
        .filter(
            token_issues::set_up_key_digest
                .is_null()
                .or(token_issues::set_up_key_digest.eq(key_digest)),
        );
    let claimed = diesel::update(guarded)
        .set(token_issues::failures.eq(token_issues::failures + 1))
        .execute(conn)?;
    Ok(claimed == 1)
}

/// Notes which app has the secret, once, and gives the try back. False: the issue is over, its user
/// stopped everything, or another app was faster.
///
/// # Errors
/// Whatever the database says.
pub fn update_set_up(
    conn: &mut DbConn,
    id: i64,
    key_digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    // Also for a try that was claimed before an emergency stop and comes to its end after it.
    let not_stopped = users::table.filter(users::stopped_at.is_null()).select(users::id);
    let open = token_issues::table
        .find(id)
        .filter(token_issues::ended_at.is_null())
        .filter(token_issues::user_id.eq_any(not_stopped));
    let unset = open.filter(token_issues::set_up_at.is_null());
    let is_first = diesel::update(unset)
        .set((
            token_issues::set_up_at.eq(now),
            token_issues::set_up_key_digest.eq(key_digest),
            token_issues::failures.eq(0),
        ))
        .execute(conn)?
        == 1;
    if is_first {
        return Ok(true);
    }
    let again = open.filter(token_issues::set_up_key_digest.eq(key_digest));
    Ok(diesel::update(again).set(token_issues::failures.eq(0)).execute(conn)? == 1)
}

/// Ends an issue that was not set up, once `failures_at_least` tries failed (0: whatever they are);
/// false if it is over, set up, or has tries left.
///
/// # Errors
/// Whatever the database says.
pub fn end_not_set_up(
    conn: &mut DbConn,
    id: i64,
    reason: IssueEnd,
    failures_at_least: i32,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = token_issues::table
        .find(id)
        .filter(token_issues::ended_at.is_null())
        .filter(token_issues::set_up_at.is_null())
        .filter(token_issues::failures.ge(failures_at_least));
    let ended = diesel::update(guarded)
        .set((token_issues::ended_at.eq(now), token_issues::end_reason.eq(reason)))
        .execute(conn)?;
    Ok(ended == 1)
}

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
