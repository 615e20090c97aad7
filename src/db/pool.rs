//! The pool of connections: SQLite's readers, or all of PostgreSQL's.

use std::time::Duration;

use diesel::r2d2::R2D2Connection;
use r2d2::{HandleError, ManageConnection, PooledConnection};

use super::connection::{DbConn, Source};
use super::error::{DbError, DbResult, Fault};
use super::options::DbOptions;
use super::stats::{Counters, count};
use super::transaction;
use super::watch;

pub(super) type Pool = r2d2::Pool<Manager>;

/// Idle connections beyond the first are closed after this.
const IDLE_MAX: Duration = Duration::from_secs(600);
const CONNECT_TRIES: u32 = 20;
const CONNECT_PAUSE: Duration = Duration::from_millis(200);

/// Opens connections by the URL's scheme, and tells the dead from the living.
#[derive(Debug)]
pub(super) struct Manager(Source);

impl ManageConnection for Manager {
    type Connection = DbConn;
    type Error = DbError;

    /// Runs on the pool's own threads, whose waits between two failures would soon double beyond
    /// what a request waits; so a restarted server is noticed here.
    fn connect(&self) -> DbResult<DbConn> {
        for _ in 1..CONNECT_TRIES {
            match self.0.connect() {
                Ok(conn) => return Ok(conn),
                Err(_) => std::thread::sleep(CONNECT_PAUSE),
            }
        }
        self.0.connect()
    }

    fn is_valid(&self, conn: &mut DbConn) -> DbResult<()> {
        Ok(conn.ping()?)
    }

    fn has_broken(&self, conn: &mut DbConn) -> bool {
        // is_broken also sees a transaction that is still open.
        std::thread::panicking() || watch::fault(conn) >= Fault::Storage || conn.is_broken()
    }
}

/// Logs what the pool's own threads meet when they open connections.
#[derive(Debug)]
struct LogFailure;

impl HandleError<DbError> for LogFailure {
    fn handle_error(&self, error: DbError) {
        tracing::warn!(%error, "could not open a database connection");
    }
}

/// Builds the pool, with one connection open.
pub(super) fn build(source: Source, size: u32, options: &DbOptions) -> DbResult<Pool> {
    // Opened here first, so that a wrong URL is answered at once with the database's own words.
    drop(source.connect()?);
    r2d2::Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(1))
        .idle_timeout(Some(IDLE_MAX))
        .connection_timeout(options.connect_timeout)
        // A round trip for each page; dead connections show at BEGIN and are replaced there.
        .test_on_check_out(false)
        .error_handler(Box::new(LogFailure))
        .build(Manager(source))
        .map_err(|error| DbError::Unavailable(error.to_string()))
}

/// Takes a connection from the pool.
pub(super) fn checkout(pool: &Pool) -> DbResult<PooledConnection<Manager>> {
    pool.get().map_err(|error| {
        if pool.state().connections == 0 {
            DbError::Unavailable(error.to_string())
        } else {
            DbError::Pool(error.to_string())
        }
    })
}

/// Takes a connection and begins a transaction on it. After a restart of the server every pooled
/// connection is dead: each is thrown away, until one lives or the pool has only fresh ones.
pub(super) fn checkout_and_begin(
    pool: &Pool,
    counters: &Counters,
    postgres: &str,
) -> DbResult<PooledConnection<Manager>> {
    for _ in 0..=pool.max_size() {
        let mut conn = checkout(pool)?;
        match transaction::begin(&mut conn, "BEGIN", postgres) {
            Ok(()) => return Ok(conn),
            Err(_) if watch::fault_after_probe(&mut conn) == Fault::Closed => {
                count(&counters.lost_connections);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(DbError::Unavailable("every connection to the database was lost".to_owned()))
}
