//! One waiting write: its body, its result, and where to send it.

use std::sync::mpsc;
use std::time::Instant;

use tokio::sync::oneshot;

use super::connection::DbConn;
use super::error::{DbError, Fault, TransactionError};
use super::stats::{Counters, count};
use super::transaction;
use super::watch;

/// What can be undone when a job fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undo {
    /// The job alone: it runs in a savepoint, and so do the acts in it.
    Job,
    /// The whole transaction only: no savepoint is made, which most groups never need.
    Group,
}

/// How a job left the group's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its work stands, to be committed with the group.
    Kept,
    /// Its savepoint is rolled back; the group goes on.
    Undone,
    /// Its result stands, but its work has to be undone, and there is no savepoint
    /// ([`Undo::Group`]).
    ToUndo,
    /// It needs a savepoint to come to its result ([`Undo::Group`]).
    ToRepeat,
    /// The transaction or the connection is not to be trusted any more.
    Fatal,
}

/// A job without its types, as the writer sees it.
pub(super) trait Job: Send {
    /// True if it has waited too long to be started. Once it has run it is never late.
    fn is_late(&self) -> bool;
    /// Runs the body and keeps the result.
    fn run(&mut self, conn: &mut DbConn, undo: Undo, counters: &Counters) -> Verdict;
    /// Sends the result; called only when it is stored.
    fn answer(self: Box<Self>, counters: &Counters);
    /// Sends an error in place of any result.
    fn refuse(self: Box<Self>, error: DbError);
}

/// Where the answer goes. A caller that has gone away is no error.
pub(super) enum Reply<R> {
    /// To an async caller.
    Async(oneshot::Sender<R>),
    /// To a blocked thread; may be one inside a runtime, so no oneshot.
    Blocking(mpsc::SyncSender<R>),
}

impl<R> Reply<R> {
    fn send(self, result: R) {
        match self {
            Self::Async(sender) => drop(sender.send(result)),
            Self::Blocking(sender) => drop(sender.send(result)),
        }
    }
}

/// A write with its types.
pub(super) struct Write<T, E, F> {
    pub(super) body: F,
    pub(super) deadline: Instant,
    pub(super) reply: Reply<Result<T, E>>,
    pub(super) result: Option<Result<T, E>>,
}

impl<T, E, F> Job for Write<T, E, F>
where
    T: Send,
    E: TransactionError,
    F: FnMut(&mut DbConn) -> Result<T, E> + Send,
{
    fn is_late(&self) -> bool {
        self.result.is_none() && self.deadline < Instant::now()
    }

    fn run(&mut self, conn: &mut DbConn, undo: Undo, counters: &Counters) -> Verdict {
        watch::reset(conn);
        match undo {
            Undo::Group => watch::leave_out_savepoints(conn),
            Undo::Job if transaction::begin_savepoint(conn).is_err() => return Verdict::Fatal,
            Undo::Job => {}
        }
        let result = transaction::run_body(conn, counters, &mut self.body);
        let (result, verdict) = settle(conn, undo, result);
        self.result = Some(result);
        verdict
    }

    fn answer(self: Box<Self>, counters: &Counters) {
        let this = *self;
        let result = this.result.unwrap_or_else(|| {
            Err(E::from(DbError::Unavailable("the write was not started".to_owned())))
        });
        count(if result.is_ok() { &counters.jobs } else { &counters.rolled_back });
        this.reply.send(result);
    }

    fn refuse(self: Box<Self>, error: DbError) {
        self.reply.send(Err(E::from(error)));
    }
}

/// Ends the job's part of the transaction as its result asks.
fn settle<T, E>(conn: &mut DbConn, undo: Undo, result: Result<T, E>) -> (Result<T, E>, Verdict)
where
    E: TransactionError,
{
    let reported =
        result.as_ref().err().and_then(E::as_db_error).map_or(Fault::None, DbError::fault);
    if watch::fault(conn).max(reported) >= Fault::Storage {
        return (result, Verdict::Fatal);
    }
    let depth = match undo {
        Undo::Job => 2,
        Undo::Group => 1,
    };
    let result = match result {
        Ok(_) if !transaction::is_clean(conn, depth) => Err(E::from(DbError::Swallowed)),
        other => other,
    };
    let verdict = match undo {
        Undo::Job => end_savepoint(conn, result.is_ok()),
        Undo::Group if watch::is_savepoint_missed(conn) => Verdict::ToRepeat,
        Undo::Group if result.is_ok() => Verdict::Kept,
        Undo::Group => Verdict::ToUndo,
    };
    (result, verdict)
}

/// Both ways fail if the database ended the outer transaction by itself, as it may on some errors.
fn end_savepoint(conn: &mut DbConn, is_kept: bool) -> Verdict {
    let ended = match is_kept {
        true => transaction::commit(conn).map(|()| Verdict::Kept),
        false => transaction::rollback_to(conn, 1).map(|()| Verdict::Undone),
    };
    ended.unwrap_or(Verdict::Fatal)
}
