//! Savepoints inside a body.
//!
//! SQLite's writer leaves them out at first, with its own: copies of all that a savepoint could
//! undo, and a walk through them at each statement's end, were a fifth of its time. Where one would
//! have been needed, the writer undoes the whole group and runs it again with all savepoints.

use diesel::prelude::*;
use diesel::result::Error as QueryError;

use super::connection::DbConn;
use super::error::{DbError, DbResult, TransactionError};
use super::watch;

/// Runs `body` in a savepoint: an error undoes its statements only, and the transaction goes on.
///
/// # Errors
/// The body's error, or the savepoint's own.
pub fn savepoint<T>(
    conn: &mut DbConn,
    body: impl FnOnce(&mut DbConn) -> Result<T, QueryError>,
) -> Result<T, QueryError> {
    if watch::are_savepoints_left_out(conn) {
        return without(conn, body);
    }
    conn.transaction(body)
}

/// [`savepoint`] for a whole act: a refused act is undone while what stood before it (the burnt
/// one-time password, the failure count) is kept.
///
/// # Errors
/// The act's error, or the savepoint's own.
pub fn savepoint_act<T, E>(
    conn: &mut DbConn,
    act: impl FnOnce(&mut DbConn) -> Result<T, E>,
) -> Result<T, E>
where
    E: TransactionError,
{
    if watch::are_savepoints_left_out(conn) {
        return without(conn, act);
    }
    let result = conn.transaction(|conn| act(conn).map_err(Inner::Act));
    result.map_err(|error| match error {
        Inner::Act(error) => error,
        Inner::Savepoint(error) => E::from(DbError::from(error)),
    })
}

/// Runs the act alone; an error is noted, since nothing is undone here.
fn without<T, E>(conn: &mut DbConn, act: impl FnOnce(&mut DbConn) -> Result<T, E>) -> Result<T, E> {
    let result = act(conn);
    if result.is_err() {
        watch::miss_savepoint(conn);
    }
    result
}

/// Runs an insert (or update) of one statement whose UNIQUE violation is expected: true if it
/// stands, false if the row exists.
///
/// PostgreSQL needs a savepoint for it; SQLite undoes a statement that fails by itself.
///
/// # Errors
/// Every other failure of the insert.
pub fn insert_or_conflict<T, E>(
    conn: &mut DbConn,
    insert: impl FnOnce(&mut DbConn) -> Result<T, E>,
) -> DbResult<bool>
where
    E: From<QueryError> + Into<DbError>,
{
    let inserted = match conn {
        DbConn::Sqlite(_) => {
            let before = watch::failure(conn);
            let inserted = insert(conn).map_err(E::into);
            if inserted.as_ref().is_err_and(DbError::is_unique_violation) {
                watch::forgive(conn, before);
            }
            inserted
        }
        DbConn::Postgres(_) => conn.transaction(insert).map_err(E::into),
    };
    match inserted {
        Ok(_) => Ok(true),
        Err(error) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Tells the act's error from the savepoint's, so that `E` needs no `From` of diesel's error.
enum Inner<E> {
    Act(E),
    Savepoint(QueryError),
}

impl<E> From<QueryError> for Inner<E> {
    fn from(error: QueryError) -> Self {
        Self::Savepoint(error)
    }
}
