//! Acts on PostgreSQL: one transaction a try, and who may try again.

use std::sync::Arc;
use std::time::Duration;

use diesel::result::Error as QueryError;

use super::connection::DbConn;
use super::error::{DbError, DbResult, Fault, TransactionError};
use super::options::DbOptions;
use super::pool::{self, Pool};
use super::stats::{Counters, count};
use super::transaction;
use super::watch;

/// How an act is kept apart from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Isolation {
    /// As if alone; a lost race runs again.
    Serializable,
    /// A guarded UPDATE waits for its row and then judges it anew.
    ReadCommitted,
}

impl Isolation {
    fn begin_sql(self) -> &'static str {
        match self {
            Self::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
            Self::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }
}

/// PostgreSQL's side of the door.
pub(super) struct PostgresDoor {
    pool: Pool,
    tries_max: u32,
    counters: Arc<Counters>,
}

/// How one try ended.
enum Attempt<T, E> {
    Done(Result<T, E>),
    /// Nothing is stored; the body may run again.
    Again(Again),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// A serialization failure or a deadlock.
    Conflict,
    /// The connection went before the COMMIT was sent.
    Lost,
}

impl PostgresDoor {
    pub(super) fn new(pool: Pool, options: &DbOptions, counters: &Arc<Counters>) -> Self {
        let tries_max = options.tries_max.max(1);
        Self { pool, tries_max, counters: Arc::clone(counters) }
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Runs the act; each try is one hop to a blocking thread, and the wait between two holds none.
    pub(super) async fn transact<T, E, F>(
        self: &Arc<Self>,
        isolation: Isolation,
        mut body: F,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
        F: FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    {
        let mut tries = Tries::new(self);
        loop {
            let door = Arc::clone(self);
            let hop = tokio::task::spawn_blocking(move || {
                let attempt = door.attempt(isolation, &mut body);
                (body, attempt)
            });
            let (returned, attempt) =
                hop.await.map_err(|broken| E::from(DbError::from_hop(&broken)))?;
            body = returned;
            match attempt {
                Attempt::Done(result) => return result,
                Attempt::Again(why) => tokio::time::sleep(tries.next(why)?).await,
            }
        }
    }

    /// [`PostgresDoor::transact`] for a thread that may block.
    pub(super) fn transact_blocking<T, E, F>(
        &self,
        isolation: Isolation,
        mut body: F,
    ) -> Result<T, E>
    where
        E: TransactionError,
        F: FnMut(&mut DbConn) -> Result<T, E>,
    {
        let mut tries = Tries::new(self);
        loop {
            match self.attempt(isolation, &mut body) {
                Attempt::Done(result) => return result,
                Attempt::Again(why) => std::thread::sleep(tries.next(why)?),
            }
        }
    }

    fn attempt<T, E, F>(&self, isolation: Isolation, body: &mut F) -> Attempt<T, E>
    where
        E: TransactionError,
        F: FnMut(&mut DbConn) -> Result<T, E>,
    {
        let counters = &self.counters;
        let sql = isolation.begin_sql();
        let mut conn = match pool::checkout_and_begin(&self.pool, counters, sql) {
            Ok(conn) => conn,
            Err(error) => return Attempt::Done(Err(E::from(error))),
        };
        let result = transaction::run_body(&mut conn, counters, body);
        let reported = result.as_ref().err().and_then(E::as_db_error);
        let fault = watch::fault(&mut conn).max(reported.map_or(Fault::None, DbError::fault));
        let result = match result {
            _ if fault == Fault::Closed => return Attempt::Again(Again::Lost),
            // Also if the body made a refusal or a success of it: it judged a state that never was.
            _ if fault == Fault::Conflict => Err(None),
            Ok(_) if !transaction::is_clean(&mut conn, 1) => Err(Some(E::from(DbError::Swallowed))),
            other => other.map_err(Some),
        };
        match result {
            Ok(value) => commit(&mut conn, counters, value),
            Err(error) => match (transaction::rollback_to(&mut conn, 0), error) {
                // The connection is gone and with it, perhaps, the reason of the error.
                (Err(_), _) => Attempt::Again(Again::Lost),
                (Ok(()), None) => Attempt::Again(Again::Conflict),
                (Ok(()), Some(error)) => {
                    count(&counters.rolled_back);
                    Attempt::Done(Err(error))
                }
            },
        }
    }
}

fn commit<T, E>(conn: &mut DbConn, counters: &Counters, value: T) -> Attempt<T, E>
where
    E: TransactionError,
{
    match transaction::commit(conn) {
        Ok(()) => {
            count(&counters.jobs);
            Attempt::Done(Ok(value))
        }
        Err(error) => judge_commit(conn, error),
    }
}

fn judge_commit<T, E>(conn: &mut DbConn, error: QueryError) -> Attempt<T, E>
where
    E: TransactionError,
{
    match watch::fault_after_probe(conn) {
        Fault::Conflict => Attempt::Again(Again::Conflict),
        // The server may have committed before the line went dead.
        Fault::Closed | Fault::Storage => {
            Attempt::Done(Err(E::from(DbError::OutcomeUnknown(error.to_string()))))
        }
        Fault::None => Attempt::Done(Err(E::from(DbError::Query(error)))),
    }
}

/// Counts the tries of one act.
struct Tries<'a> {
    door: &'a PostgresDoor,
    conflicts: u32,
    losses: u32,
}

impl<'a> Tries<'a> {
    fn new(door: &'a PostgresDoor) -> Self {
        Self { door, conflicts: 0, losses: 0 }
    }

    /// How long to wait before the next try.
    ///
    /// # Errors
    /// `Busy` or `Unavailable` when there have been enough.
    fn next(&mut self, why: Again) -> DbResult<Duration> {
        match why {
            Again::Conflict => {
                self.conflicts += 1;
                if self.conflicts >= self.door.tries_max {
                    return Err(DbError::Busy);
                }
                count(&self.door.counters.retries);
                Ok(jitter(self.conflicts))
            }
            Again::Lost => {
                count(&self.door.counters.lost_connections);
                self.losses += 1;
                // Dead connections mostly show at BEGIN; this one died under the body.
                if self.losses > 2 {
                    return Err(DbError::Unavailable("the connection was lost".to_owned()));
                }
                Ok(Duration::ZERO)
            }
        }
    }
}

/// A random wait below 4 ms, doubled with each lost race, up to 256 ms. Random over the whole
/// range, so that two transactions that met don't meet again.
fn jitter(conflicts: u32) -> Duration {
    let limit_us = 4_000_u64 << conflicts.saturating_sub(1).min(6);
    // Without randomness the wait is half the range: worse, but still right.
    let random = getrandom::u64().unwrap_or(limit_us / 2);
    Duration::from_micros(random % limit_us)
}
