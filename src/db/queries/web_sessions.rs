//! The cookie library's server-side store: session keys (as hashes) and the logins they stand for.
//! A key is inserted once and never changed, so that a late save cannot bring an ended session
//! back.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::login::Login;
use crate::domain::user::User;
use crate::primitives::clock::UtcTime;
use crate::schema::{logins, users, web_sessions};

/// The login behind a session key, ended ones too, with its user: the page's one look-up.
///
/// # Errors
/// Whatever the database says.
pub fn find_login(
    conn: &mut DbConn,
    portal: &str,
    key_hash: &str,
) -> Result<Option<(Login, User)>, DbError> {
    Ok(native!(conn, conn => web_sessions::table
        .inner_join(logins::table.inner_join(users::table))
        .filter(web_sessions::key_hash.eq(key_hash))
        .filter(logins::portal.eq(portal))
        .select((Login::as_select(), User::as_select()))
        .first(conn))
    .optional()?)
}

/// Begins a session: `key_hash` stands for the login from now on.
///
/// # Errors
/// Whatever the database says.
pub fn insert(
    conn: &mut DbConn,
    key_hash: &str,
    login_id: &str,
    now: UtcTime,
) -> Result<(), DbError> {
    let insert = diesel::insert_into(web_sessions::table).values((
        web_sessions::key_hash.eq(key_hash),
        web_sessions::login_id.eq(login_id),
        web_sessions::created_at.eq(now),
    ));
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// Ends a session key.
///
/// # Errors
/// Whatever the database says.
pub fn delete(conn: &mut DbConn, key_hash: &str) -> Result<(), DbError> {
    let delete = diesel::delete(web_sessions::table.find(key_hash));
    native!(conn, conn => delete.execute(conn))?;
    Ok(())
}

/// Forgets keys and logins that nobody can use any more.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    Ok(diesel::delete(web_sessions::table.filter(web_sessions::created_at.lt(before)))
        .execute(conn)?)
}
