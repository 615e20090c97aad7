//! Logins of staff, and the session keys (as hashes) that stand for them: the authority on who is
//! in.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::login::EndReason;
use crate::domain::staff::{StaffLogin, StaffMember, StaffStage};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::StaffId;
use crate::schema::{staff_logins, staff_members, staff_sessions};

/// A login to be begun.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = staff_logins)]
pub struct NewStaffLogin {
    /// Unguessable id.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub member_id: StaffId,
    /// Stage.
    pub stage: StaffStage,
    /// Key of its form tokens.
    pub csrf_secret: String,
    /// Now.
    pub created_at: UtcTime,
    /// Now.
    pub last_use_at: UtcTime,
}

/// Begins a login.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, login: NewStaffLogin) -> Result<(), DbError> {
    let insert = diesel::insert_into(staff_logins::table).values(login);
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// The login behind a session key, ended ones too, with its member: the page's one look-up.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_key(
    conn: &mut DbConn,
    portal: &str,
    key_hash: &str,
) -> Result<Option<(StaffLogin, StaffMember)>, DbError> {
    Ok(native!(conn, conn => staff_sessions::table
        .inner_join(staff_logins::table.inner_join(staff_members::table))
        .filter(staff_sessions::key_hash.eq(key_hash))
        .filter(staff_logins::portal.eq(portal))
        .select((StaffLogin::as_select(), StaffMember::as_select()))
        .first(conn))
    .optional()?)
}

/// The login with this id, ended ones too.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, id: &str) -> Result<Option<StaffLogin>, DbError> {
    Ok(staff_logins::table.find(id).select(StaffLogin::as_select()).first(conn).optional()?)
}

/// Begins a session: `key_hash` stands for the login from now on.
///
/// # Errors
/// Whatever the database says.
pub fn insert_session(
    conn: &mut DbConn,
    key_hash: &str,
    login_id: &str,
    now: UtcTime,
) -> Result<(), DbError> {
    let insert = diesel::insert_into(staff_sessions::table).values((
        staff_sessions::key_hash.eq(key_hash),
        staff_sessions::login_id.eq(login_id),
        staff_sessions::created_at.eq(now),
    ));
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// Ends a session key.
///
/// # Errors
/// Whatever the database says.
pub fn delete_session(conn: &mut DbConn, key_hash: &str) -> Result<(), DbError> {
    let delete = diesel::delete(staff_sessions::table.find(key_hash));
    native!(conn, conn => delete.execute(conn))?;
    Ok(())
}

/// Stores the last use of a login that has not ended.
///
/// # Errors
/// Whatever the database says.
pub fn store_use(conn: &mut DbConn, id: &str, now: UtcTime) -> Result<(), DbError> {
    let open = staff_logins::table.find(id).filter(staff_logins::ended_at.is_null());
    let update = diesel::update(open).set(staff_logins::last_use_at.eq(now));
    native!(conn, conn => update.execute(conn))?;
    Ok(())
}

/// Moves a login to its next stage only if it still stands at `from` and has not ended.
///
/// # Errors
/// Whatever the database says.
pub fn advance(
    conn: &mut DbConn,
    id: &str,
    from: StaffStage,
    to: StaffStage,
    now: UtcTime,
) -> Result<bool, DbError> {
    let open = staff_logins::table
        .find(id)
        .filter(staff_logins::stage.eq(from))
        .filter(staff_logins::ended_at.is_null());
    let moved = diesel::update(open)
        .set((staff_logins::stage.eq(to), staff_logins::last_use_at.eq(now)))
        .execute(conn)?;
    Ok(moved == 1)
}

/// Ends one login; false if it has ended already.
///
/// # Errors
/// Whatever the database says.
pub fn end(conn: &mut DbConn, id: &str, reason: EndReason, now: UtcTime) -> Result<bool, DbError> {
    let open = staff_logins::table.find(id).filter(staff_logins::ended_at.is_null());
    let ended = diesel::update(open)
        .set((staff_logins::ended_at.eq(now), staff_logins::end_reason.eq(reason)))
        .execute(conn)?;
    Ok(ended == 1)
}

/// Ends every login of a member, but for `except`.
///
/// # Errors
/// Whatever the database says.
pub fn end_of_member(
    conn: &mut DbConn,
    member_id: StaffId,
    except: &str,
    reason: EndReason,
    now: UtcTime,
) -> Result<usize, DbError> {
    let open = staff_logins::table
        .filter(staff_logins::member_id.eq(member_id))
        .filter(staff_logins::id.ne(except))
        .filter(staff_logins::ended_at.is_null());
    Ok(diesel::update(open)
        .set((staff_logins::ended_at.eq(now), staff_logins::end_reason.eq(reason)))
        .execute(conn)?)
}

/// Forgets session keys made before `sessions_before`, and logins that were over before `before`,
/// at most `limit` at once; how many logins.
///
/// # Errors
/// Whatever the database says.
pub fn delete_over_before(
    conn: &mut DbConn,
    sessions_before: UtcTime,
    before: UtcTime,
    absolute: TimeDelta,
    limit: i64,
) -> Result<usize, DbError> {
    diesel::delete(staff_sessions::table.filter(staff_sessions::created_at.lt(sessions_before)))
        .execute(conn)?;
    let ids: Vec<String> = staff_logins::table
        .filter(staff_logins::last_use_at.lt(before))
        .filter(staff_logins::created_at.lt(before - absolute))
        .order(staff_logins::last_use_at)
        .select(staff_logins::id)
        .limit(limit)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(0);
    }
    diesel::delete(staff_sessions::table.filter(staff_sessions::login_id.eq_any(&ids)))
        .execute(conn)?;
    Ok(diesel::delete(staff_logins::table.filter(staff_logins::id.eq_any(&ids))).execute(conn)?)
}
