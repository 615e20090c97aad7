//! Logins: the authority on who is in.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::update_one;
use crate::db::{DbConn, DbError};
use crate::domain::login::{EndReason, Login, LoginStage};
use crate::domain::user::Channel;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, TokenId, UserId};
use crate::schema::{flows, logins, users, web_sessions};

/// A login to be begun.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = logins)]
pub struct NewLogin {
    /// Unguessable id.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub user_id: UserId,
    /// Stage.
    pub stage: LoginStage,
    /// The token it rests on.
    pub token_id: Option<TokenId>,
    /// Key of its form tokens.
    pub csrf_secret: String,
    /// Channel.
    pub channel: Channel,
    /// The login before.
    pub previous_login_at: Option<UtcTime>,
    /// Its channel.
    pub previous_login_channel: Option<Channel>,
    /// Failures since.
    pub previous_failures: i32,
    /// Now.
    pub created_at: UtcTime,
    /// Now.
    pub last_use_at: UtcTime,
}

/// Begins a login.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, login: NewLogin) -> Result<(), DbError> {
    let insert = diesel::insert_into(logins::table).values(login);
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// The portal's login with this id, ended ones too.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, portal: &str, id: &str) -> Result<Option<Login>, DbError> {
    Ok(logins::table
        .find(id)
        .filter(logins::portal.eq(portal))
        .select(Login::as_select())
        .first(conn)
        .optional()?)
}

/// Stores the last use of a login that has not ended.
///
/// # Errors
/// Whatever the database says.
pub fn store_use(conn: &mut DbConn, id: &str, now: UtcTime) -> Result<(), DbError> {
    let open = logins::table.find(id).filter(logins::ended_at.is_null());
    update_one!(conn, diesel::update(open).set(logins::last_use_at.eq(now)))?;
    Ok(())
}

/// Ends one login; false if it has ended already.
///
/// # Errors
/// Whatever the database says.
pub fn end(conn: &mut DbConn, id: &str, reason: EndReason, now: UtcTime) -> Result<bool, DbError> {
    let open = logins::table.find(id).filter(logins::ended_at.is_null());
    let ended = diesel::update(open)
        .set((logins::ended_at.eq(now), logins::end_reason.eq(reason)))
        .execute(conn)?;
    Ok(ended == 1)
}

/// Ends every login of these users, but for `except`.
///
/// # Errors
/// Whatever the database says.
pub fn end_of_users(
    conn: &mut DbConn,
    user_ids: &[UserId],
    except: &str,
    reason: EndReason,
    now: UtcTime,
) -> Result<usize, DbError> {
    let open = logins::table
        .filter(logins::user_id.eq_any(user_ids.to_vec()))
        .filter(logins::id.ne(except))
        .filter(logins::ended_at.is_null());
    Ok(diesel::update(open)
        .set((logins::ended_at.eq(now), logins::end_reason.eq(reason)))
        .execute(conn)?)
}

/// Ties a login to the client certificate that it came with.
///
/// # Errors
/// Whatever the database says.
pub fn set_certificate(conn: &mut DbConn, id: &str, fingerprint: &str) -> Result<(), DbError> {
    let set = logins::certificate_fingerprint.eq(fingerprint);
    diesel::update(logins::table.find(id)).set(set).execute(conn)?;
    Ok(())
}

/// Ends every login of the contract's users that came without a client certificate.
///
/// # Errors
/// Whatever the database says.
pub fn end_without_certificate(
    conn: &mut DbConn,
    contract_id: ContractId,
    reason: EndReason,
    now: UtcTime,
) -> Result<usize, DbError> {
    let of_contract = users::table.filter(users::contract_id.eq(contract_id)).select(users::id);
    let open = logins::table
        .filter(logins::user_id.eq_any(of_contract))
        .filter(logins::certificate_fingerprint.is_null())
        .filter(logins::ended_at.is_null());
    Ok(diesel::update(open)
        .set((logins::ended_at.eq(now), logins::end_reason.eq(reason)))
        .execute(conn)?)
}

/// Ends every login that came with this client certificate.
///
/// # Errors
/// Whatever the database says.
pub fn end_of_certificate(
    conn: &mut DbConn,
    fingerprint: &str,
    now: UtcTime,
) -> Result<usize, DbError> {
    let open = logins::table
        .filter(logins::certificate_fingerprint.eq(fingerprint))
        .filter(logins::ended_at.is_null());
    Ok(diesel::update(open)
        .set((logins::ended_at.eq(now), logins::end_reason.eq(EndReason::Staff)))
        .execute(conn)?)
}

/// Ends every login there is: demo reset and jumps of the clock.
///
/// # Errors
/// Whatever the database says.
pub fn end_all(conn: &mut DbConn, now: UtcTime) -> Result<usize, DbError> {
    let open = logins::table.filter(logins::ended_at.is_null());
    Ok(diesel::update(open)
        .set((logins::ended_at.eq(now), logins::end_reason.eq(EndReason::Reset)))
        .execute(conn)?)
}

/// Moves a login to its next stage only if it still stands at `from` and has not ended.
///
/// # Errors
/// Whatever the database says.
pub fn advance(
    conn: &mut DbConn,
    id: &str,
    from: LoginStage,
    to: LoginStage,
    now: UtcTime,
) -> Result<bool, DbError> {
    let open =
        logins::table.find(id).filter(logins::stage.eq(from)).filter(logins::ended_at.is_null());
    let update = diesel::update(open).set((logins::stage.eq(to), logins::last_use_at.eq(now)));
    let moved = native!(conn, conn => update.execute(conn))?;
    Ok(moved == 1)
}

/// Whether the login stands at this stage and has not ended. The row is written, so that whatever
/// ends it and what rests on it come one after the other.
///
/// # Errors
/// Whatever the database says.
pub fn is_open_at(conn: &mut DbConn, id: &str, stage: LoginStage) -> Result<bool, DbError> {
    let open =
        logins::table.find(id).filter(logins::stage.eq(stage)).filter(logins::ended_at.is_null());
    Ok(diesel::update(open).set(logins::stage.eq(stage)).execute(conn)? == 1)
}

/// Forgets logins that ended before `before` or whose longest duration, `absolute`, was over by
/// then, with what hangs on them; at most `limit` at once.
///
/// # Errors
/// Whatever the database says.
pub fn delete_over_before(
    conn: &mut DbConn,
    before: UtcTime,
    absolute: TimeDelta,
    limit: i64,
) -> Result<usize, DbError> {
    // The last use lies before the end whatever it was, and has an index.
    let ids: Vec<String> = logins::table
        .filter(logins::last_use_at.lt(before))
        .filter(
            logins::ended_at
                .lt(before)
                .assume_not_null()
                .or(logins::created_at.lt(before - absolute)),
        )
        .order(logins::last_use_at)
        .select(logins::id)
        .limit(limit)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(0);
    }
    diesel::delete(web_sessions::table.filter(web_sessions::login_id.eq_any(&ids)))
        .execute(conn)?;
    diesel::delete(flows::table.filter(flows::login_id.eq_any(&ids))).execute(conn)?;
    Ok(diesel::delete(logins::table.filter(logins::id.eq_any(&ids))).execute(conn)?)
}
