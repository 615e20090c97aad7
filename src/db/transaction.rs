//! Begin, commit and roll back on either database, and the running of a body.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error as QueryError;

use super::connection::DbConn;
use super::error::{DbError, DbResult, TransactionError};
use super::stats::{Counters, count};
use super::watch;

/// Begins a transaction with the statement for its database.
pub(super) fn begin(conn: &mut DbConn, sqlite: &str, postgres: &str) -> QueryResult<()> {
    watch::reset(conn);
    match conn {
        DbConn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite),
        DbConn::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, postgres),
    }
}

/// Begins a savepoint.
pub(super) fn begin_savepoint(conn: &mut DbConn) -> QueryResult<()> {
    <DbConn as TransactionManager<DbConn>>::begin_transaction(conn)
}

/// Commits the innermost savepoint, or the transaction.
pub(super) fn commit(conn: &mut DbConn) -> QueryResult<()> {
    <DbConn as TransactionManager<DbConn>>::commit_transaction(conn)
}

/// Rolls back until `depth` transactions and savepoints are left: a body that panicked may have
/// left some open.
pub(super) fn rollback_to(conn: &mut DbConn, depth: u32) -> QueryResult<()> {
    while self::depth(conn)? > depth {
        <DbConn as TransactionManager<DbConn>>::rollback_transaction(conn)?;
    }
    // Fewer than wanted: the database ended the transaction by itself.
    if self::depth(conn)? < depth { Err(QueryError::NotInTransaction) } else { Ok(()) }
}

/// Open transactions and savepoints; an error if the connection is broken.
pub(super) fn depth(conn: &mut DbConn) -> QueryResult<u32> {
    let status = <DbConn as TransactionManager<DbConn>>::transaction_manager_status_mut(conn);
    Ok(status.transaction_depth()?.map_or(0, std::num::NonZero::get))
}

/// True if the body left nothing behind that a commit would lose or half-store.
pub(super) fn is_clean(conn: &mut DbConn, depth: u32) -> bool {
    !watch::has_ignored_failure(conn) && self::depth(conn).is_ok_and(|open| open == depth)
}

thread_local! {
    static IN_BODY: Cell<bool> = const { Cell::new(false) };
}

/// Refuses a door inside a body: on SQLite the writer would wait for itself, on PostgreSQL bodies
/// that hold two connections each can empty the pool and wait for ever.
pub(super) fn refuse_nested() -> DbResult<()> {
    if IN_BODY.get() { Err(DbError::Nested) } else { Ok(()) }
}

/// Runs a body; a panic in it becomes [`DbError::JobPanicked`].
pub(super) fn run_body<T, E>(
    conn: &mut DbConn,
    counters: &Counters,
    body: impl FnOnce(&mut DbConn) -> Result<T, E>,
) -> Result<T, E>
where
    E: TransactionError,
{
    IN_BODY.set(true);
    // Whatever the body broke is its own: its connection is rolled back, its result dropped.
    let result = catch_unwind(AssertUnwindSafe(|| body(conn)));
    IN_BODY.set(false);
    result.unwrap_or_else(|_panic| {
        count(&counters.panics);
        Err(E::from(DbError::JobPanicked))
    })
}
