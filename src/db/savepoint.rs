//! Savepoints inside a body.

use diesel::prelude::*;
use diesel::result::Error as QueryError;

use super::connection::DbConn;
use super::error::{DbError, DbResult, TransactionError};

/// Runs `body` in a savepoint: an error undoes its statements only, and the transaction goes on.
///
/// # Errors
/// The body's error, or the savepoint's own.
pub fn savepoint<T>(
    conn: &mut DbConn,
    body: impl FnOnce(&mut DbConn) -> Result<T, QueryError>,
) -> Result<T, QueryError> {
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
    let result = conn.transaction(|conn| act(conn).map_err(Inner::Act));
    result.map_err(|error| match error {
        Inner::Act(error) => error,
        Inner::Savepoint(error) => E::from(DbError::from(error)),
    })
}

/// Runs an insert whose UNIQUE violation is expected: true if inserted, false if the row exists.
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
    match conn.transaction(insert).map_err(E::into) {
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
