//! Challenges: what the token app was asked to sign.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::challenge::Challenge;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{TokenId, UserId};
use crate::schema::challenges;

/// Most challenges of one token that a code is compared with: more than all who share it can open
/// while they are known.
const KNOWN_MAX: i64 = 2_000;

/// A challenge to be shown.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = challenges)]
pub struct NewChallenge {
    /// The portal's slug.
    pub portal: String,
    /// The flow whose act it is for.
    pub flow_id: String,
    /// Whose act.
    pub user_id: UserId,
    /// The token that is to sign.
    pub token_id: TokenId,
    /// All lines but the nonce.
    pub body: String,
    /// The nonce.
    pub nonce: String,
    /// Now.
    pub shown_at: UtcTime,
    /// Until when its code is taken.
    pub expires_at: UtcTime,
}

/// The flow's newest challenge that is neither closed nor used.
///
/// # Errors
/// Whatever the database says.
pub fn find_open(conn: &mut DbConn, flow_id: &str) -> Result<Option<Challenge>, DbError> {
    Ok(challenges::table
        .filter(challenges::flow_id.eq(flow_id))
        .filter(challenges::closed_at.is_null())
        .filter(challenges::used_at.is_null())
        .order(challenges::id.desc())
        .select(Challenge::as_select())
        .first(conn)
        .optional()?)
}

/// How many challenges the user was shown since then.
///
/// # Errors
/// Whatever the database says.
pub fn count_of_user(conn: &mut DbConn, user_id: UserId, since: UtcTime) -> Result<i64, DbError> {
    Ok(challenges::table
        .filter(challenges::user_id.eq(user_id))
        .filter(challenges::shown_at.gt(since))
        .count()
        .get_result(conn)?)
}

/// Puts a challenge in the place of the flow's open ones.
///
/// # Errors
/// Whatever the database says.
pub fn open(conn: &mut DbConn, new: NewChallenge) -> Result<(), DbError> {
    let before = challenges::table
        .filter(challenges::flow_id.eq(&new.flow_id))
        .filter(challenges::closed_at.is_null());
    diesel::update(before).set(challenges::closed_at.eq(new.shown_at)).execute(conn)?;
    diesel::insert_into(challenges::table).values(new).execute(conn)?;
    Ok(())
}

/// What the token was asked to sign since then, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_shown(
    conn: &mut DbConn,
    token_id: TokenId,
    since: UtcTime,
) -> Result<Vec<Challenge>, DbError> {
    Ok(challenges::table
        .filter(challenges::token_id.eq(token_id))
        .filter(challenges::shown_at.gt(since))
        .order(challenges::id.desc())
        .limit(KNOWN_MAX)
        .select(Challenge::as_select())
        .load(conn)?)
}

/// Takes the code of a challenge, once, in time, and for nothing but what was signed in this flow.
/// False: it is not taken.
///
/// # Errors
/// Whatever the database says.
pub fn use_up(
    conn: &mut DbConn,
    id: i64,
    (flow_id, body): (&str, &str),
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = challenges::table
        .find(id)
        .filter(challenges::flow_id.eq(flow_id))
        .filter(challenges::body.eq(body))
        .filter(challenges::closed_at.is_null())
        .filter(challenges::used_at.is_null())
        .filter(challenges::expires_at.gt(now));
    Ok(diesel::update(guarded).set(challenges::used_at.eq(now)).execute(conn)? == 1)
}

/// Closes a challenge whose code is not to be taken any more.
///
/// # Errors
/// Whatever the database says.
pub fn close(conn: &mut DbConn, id: i64, now: UtcTime) -> Result<(), DbError> {
    let open = challenges::table.find(id).filter(challenges::closed_at.is_null());
    diesel::update(open).set(challenges::closed_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Notes that the code of a challenge came with something else than was signed. False: it is noted
/// already.
///
/// # Errors
/// Whatever the database says.
pub fn alarm(conn: &mut DbConn, id: i64, now: UtcTime) -> Result<bool, DbError> {
    let quiet = challenges::table.find(id).filter(challenges::alarmed_at.is_null());
    Ok(diesel::update(quiet).set(challenges::alarmed_at.eq(now)).execute(conn)? == 1)
}

/// Forgets challenges that nobody asks about any more.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    let over = challenges::table.filter(challenges::expires_at.lt(before));
    Ok(diesel::delete(over).execute(conn)?)
}
