//! The database: its doors and nothing beside them.
//!
//! - [`Db::read`] sees one snapshot and can't write.
//! - [`Db::write`] is one business act: `Ok` commits, `Err` rolls back.
//! - [`Db::write_locked`] is such an act about one contract's money.
//! - [`Db::claim`] is one guarded UPDATE plus inserts that commit on their own: counters and
//!   one-time keys.
//!
//! A body runs again when the database asks for it (a lost race, a lost connection, a group that
//! could not be stored). So it does nothing outside the database, and takes its time and its random
//! values from outside. A body must not ignore a failed statement: an expected conflict goes in a
//! [`savepoint`] (or [`insert_or_conflict`]), anything else leaves the body with `?`. A body that
//! ignores one is rolled back on both databases, because PostgreSQL would store nothing and say Ok.
//!
//! Bodies never open a second door; the blocking doors refuse that ([`DbError::Nested`]).

mod connection;
mod error;
mod job;
mod migrate;
mod options;
mod pool;
mod postgres;
mod prepared;
pub mod queries;
mod savepoint;
mod stats;
#[cfg(test)]
mod tests;
pub mod text_search;
mod transaction;
mod url;
mod watch;
mod writer;

use std::sync::Arc;

pub use self::connection::DbConn;
use self::connection::{Role, Source};
pub use self::error::{DbError, DbResult, TransactionError};
pub use self::migrate::{migrate, pending_migrations};
pub use self::options::DbOptions;
use self::pool::Pool;
use self::postgres::{Isolation, PostgresDoor};
pub use self::savepoint::{insert_or_conflict, savepoint, savepoint_act};
use self::stats::Counters;
pub use self::stats::DbStats;
pub use self::url::DatabaseUrl;
use self::writer::Writer;
use crate::primitives::ids::ContractId;

/// PostgreSQL's read door: one snapshot for all statements, as on SQLite.
const READ_SQL: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The database with its doors. Clones share the same connections.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    door: Door,
    counters: Arc<Counters>,
}

enum Door {
    Sqlite { readers: Pool, writer: Writer },
    Postgres(Arc<PostgresDoor>),
}

impl Db {
    /// Connects, and on SQLite starts the writer thread. Does not migrate.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if the database can't be reached or opened.
    pub fn open(url: &DatabaseUrl, options: DbOptions) -> DbResult<Self> {
        let counters = Arc::new(Counters::default());
        let source = |role| Source::new(url, role, &options).counted(&counters);
        let door = if url.is_sqlite() {
            // The writer comes first: it makes the file and switches it to WAL.
            let writer = Writer::start(source(Role::Writer), &options, &counters)?;
            let readers = pool::build(source(Role::Reader), options.readers_max, &options)?;
            Door::Sqlite { readers, writer }
        } else {
            let pool = pool::build(source(Role::Writer), options.pool_max, &options)?;
            Door::Postgres(Arc::new(PostgresDoor::new(pool, &options, &counters)))
        };
        Ok(Self { inner: Arc::new(Inner { door, counters }) })
    }

    /// True on SQLite. For the few bodies whose SQL differs; prefer a `match` on [`DbConn`].
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.inner.door, Door::Sqlite { .. })
    }

    /// Runs `body` on one read-only snapshot, in one hop to a blocking thread.
    ///
    /// # Errors
    /// The body's own error, or a [`DbError`] as `E`.
    pub async fn read<T, E>(
        &self,
        body: impl FnOnce(&mut DbConn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
    {
        let db = self.clone();
        tokio::task::spawn_blocking(move || db.read_blocking(body))
            .await
            .unwrap_or_else(|broken| Err(E::from(DbError::from_hop(&broken))))
    }

    /// [`Db::read`] for the command line, worker threads and tests.
    ///
    /// # Errors
    /// As [`Db::read`]; [`DbError::Nested`] inside another body.
    pub fn read_blocking<T, E>(
        &self,
        body: impl FnOnce(&mut DbConn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: TransactionError,
    {
        transaction::refuse_nested()?;
        let counters = &self.inner.counters;
        let pool = match &self.inner.door {
            Door::Sqlite { readers, .. } => readers,
            Door::Postgres(door) => door.pool(),
        };
        let mut conn = pool::checkout_and_begin(pool, counters, READ_SQL)?;
        let result = transaction::run_body(&mut conn, counters, body);
        // Nothing was written. A rollback that fails leaves a connection the pool throws away.
        let _ = transaction::rollback_to(&mut conn, 0);
        result
    }

    /// Runs one business act: `Ok` commits, `Err` rolls back.
    ///
    /// SQLite: queued for the writer, which commits in groups. PostgreSQL: SERIALIZABLE, tried
    /// again with jitter after a lost race. Answers only after the COMMIT is on disk.
    ///
    /// # Errors
    /// The body's own error, or a [`DbError`] as `E`: `Busy`, `QueueFull`, `Deadline`, `Pool` and
    /// `Unavailable` stored nothing; `OutcomeUnknown` may have stored everything.
    pub async fn write<T, E>(
        &self,
        body: impl FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
    {
        self.transact(Isolation::Serializable, body).await
    }

    /// Like [`Db::write`], with the contract's row locked before the body begins, so that acts on
    /// one contract follow each other. PostgreSQL: READ COMMITTED, where whoever comes second waits
    /// and then sees what the first one did, instead of losing a race and running again; and two
    /// contracts whose rows share an index page never disturb each other.
    ///
    /// For acts that move money. Nothing in such a body may rest on what it has read but where the
    /// row is the contract's and is changed only under this lock, or where the outcome is the same
    /// as if this act had come first. Everything else is a guarded UPDATE (balance, sum of the day,
    /// state of a payment, step of a token) or a UNIQUE constraint.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_locked<T, E>(
        &self,
        contract_id: ContractId,
        body: impl FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
    {
        self.transact(Isolation::ReadCommitted, under_lock(contract_id, body)).await
    }

    /// Like [`Db::write`] for one guarded UPDATE plus inserts. PostgreSQL: READ COMMITTED, where
    /// the UPDATE waits for its row instead of failing. Its WHERE is the only check.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn claim<T, E>(
        &self,
        body: impl FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
    {
        self.transact(Isolation::ReadCommitted, body).await
    }

    /// [`Db::write`] for the command line, worker threads and tests.
    ///
    /// # Errors
    /// As [`Db::write`]; [`DbError::Nested`] inside another body.
    pub fn write_blocking<T, E>(
        &self,
        body: impl FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
    {
        self.transact_blocking(Isolation::Serializable, body)
    }

    /// [`Db::write_locked`] for the command line, worker threads and tests.
    ///
    /// # Errors
    /// As [`Db::write_locked`]; [`DbError::Nested`] inside another body.
    pub fn write_locked_blocking<T, E>(
        &self,
        contract_id: ContractId,
        body: impl FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
    {
        self.transact_blocking(Isolation::ReadCommitted, under_lock(contract_id, body))
    }

    /// [`Db::claim`] for the command line, worker threads and tests.
    ///
    /// # Errors
    /// As [`Db::claim`]; [`DbError::Nested`] inside another body.
    pub fn claim_blocking<T, E>(
        &self,
        body: impl FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
    {
        self.transact_blocking(Isolation::ReadCommitted, body)
    }

    /// Counters since [`Db::open`], and the lengths of the queue and the pool now.
    #[must_use]
    pub fn stats(&self) -> DbStats {
        let (pool, queue_length) = match &self.inner.door {
            Door::Sqlite { readers, writer } => (readers, writer.queue_length()),
            Door::Postgres(door) => (door.pool(), 0),
        };
        self.inner.counters.snapshot(queue_length, &pool.state())
    }

    async fn transact<T, E, F>(&self, isolation: Isolation, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
        F: FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    {
        let counters = &self.inner.counters;
        let result = match &self.inner.door {
            Door::Sqlite { writer, .. } => writer.submit(body).await,
            Door::Postgres(door) => door.transact(isolation, body).await,
        };
        counters.note_refusal(result.as_ref().err().and_then(E::as_db_error));
        result
    }

    fn transact_blocking<T, E, F>(&self, isolation: Isolation, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
        F: FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    {
        transaction::refuse_nested()?;
        let counters = &self.inner.counters;
        let result = match &self.inner.door {
            Door::Sqlite { writer, .. } => writer.submit_blocking(body),
            Door::Postgres(door) => door.transact_blocking(isolation, body),
        };
        counters.note_refusal(result.as_ref().err().and_then(E::as_db_error));
        result
    }
}

/// The body, after the lock on the contract.
fn under_lock<T, E: TransactionError>(
    contract_id: ContractId,
    mut body: impl FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
) -> impl FnMut(&mut DbConn) -> Result<T, E> + Send + 'static {
    move |conn| {
        queries::contracts::lock(conn, contract_id)?;
        body(conn)
    }
}
