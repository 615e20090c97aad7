//! SQLite's one writer: a thread that commits in groups.
//!
//! It takes the writes that wait, runs each inside one `BEGIN IMMEDIATE`, commits once and then
//! answers all. So one fsync serves everybody who waited for the one before it.
//!
//! Most writes keep what they do, so a group runs without savepoints at first ([`Undo::Group`]). If
//! one of its writes has to be undone, all are, and the group runs again with a savepoint for each
//! ([`Undo::Job`]), as do the groups after it for a while.
//!
//! If the group fails as a whole (disk, file, memory, or the commit itself), everything is rolled
//! back, the connection opened anew, and each write of the group run again alone: it saw rows that
//! no longer exist, and only a commit of its own tells whose fault it was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::connection::{DbConn, Source};
use super::error::{DbError, DbResult, Fault, TransactionError, fault_of};
use super::job::{Job, Reply, Undo, Verdict, Write};
use super::options::DbOptions;
use super::stats::{Counters, count};
use super::transaction;

type BoxedJob = Box<dyn Job>;

/// Groups with savepoints from the last one on in which something was undone. A group that is
/// repeated costs twice, savepoints a part of a write: while refusals come often, they are cheaper.
const GROUPS_WITH_SAVEPOINTS: u32 = 32;

/// A group takes writes for as long as so many commits take. Were it longer, all clients would wait
/// for all others, and the processors for the writer; were it shorter, commits would be most of it.
const COMMITS_A_GROUP: u32 = 4;

/// The way to the writer thread. Dropping it lets the queue run empty and joins the thread.
pub(super) struct Writer {
    sender: Option<mpsc::Sender<BoxedJob>>,
    thread: Option<JoinHandle<()>>,
    wait_max: Duration,
}

impl Writer {
    /// Opens the writer's connection here, so that its error reaches the caller, and starts the
    /// thread.
    pub(super) fn start(
        source: Source,
        options: &DbOptions,
        counters: &Arc<Counters>,
    ) -> DbResult<Self> {
        let (sender, queue) = mpsc::channel(options.write_queue_max.max(1));
        let mut work = Work {
            conn: Some(source.connect()?),
            source,
            queue,
            group_max: options.group_jobs_max.max(1),
            group_times: (options.group_time_min, options.group_time_max),
            last_commit: Duration::ZERO,
            groups_with_savepoints: 0,
            counters: Arc::clone(counters),
        };
        let thread = thread::Builder::new()
            .name("db-writer".to_owned())
            .spawn(move || work.run())
            .map_err(|error| DbError::Unavailable(format!("no writer thread: {error}")))?;
        let wait_max = options.write_queue_wait;
        Ok(Self { sender: Some(sender), thread: Some(thread), wait_max })
    }

    /// Writes that wait now.
    pub(super) fn queue_length(&self) -> usize {
        self.sender.as_ref().map_or(0, |sender| sender.max_capacity() - sender.capacity())
    }

    /// Queues a write and waits for its answer.
    pub(super) async fn submit<T, E, F>(&self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
        F: FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.queue(body, Reply::Async(reply))?;
        answer.await.unwrap_or_else(|_gone| Err(E::from(no_answer())))
    }

    /// [`Writer::submit`] for a thread that may block.
    pub(super) fn submit_blocking<T, E, F>(&self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TransactionError,
        F: FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = std_mpsc::sync_channel(1);
        self.queue(body, Reply::Blocking(reply))?;
        answer.recv().unwrap_or_else(|_gone| Err(E::from(no_answer())))
    }

    fn queue<T, E, F>(&self, body: F, reply: Reply<Result<T, E>>) -> DbResult<()>
    where
        T: Send + 'static,
        E: TransactionError,
        F: FnMut(&mut DbConn) -> Result<T, E> + Send + 'static,
    {
        let deadline = Instant::now() + self.wait_max;
        let job = Box::new(Write { body, deadline, reply, result: None });
        let stopped = || DbError::Unavailable("the writer has stopped".to_owned());
        let sender = self.sender.as_ref().ok_or_else(stopped)?;
        sender.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => DbError::QueueFull,
            TrySendError::Closed(_) => stopped(),
        })
    }
}

fn no_answer() -> DbError {
    DbError::OutcomeUnknown("the writer gave no answer".to_owned())
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.sender.take());
        // A body that held the last handle drops it on the writer's own thread.
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // A panic of the thread was logged by the panic hook; nothing is left to do.
            let _ = thread.join();
        }
    }
}

/// What the thread owns.
struct Work {
    source: Source,
    /// None after a failure, until the next write opens it anew.
    conn: Option<DbConn>,
    queue: mpsc::Receiver<BoxedJob>,
    group_max: usize,
    /// The shortest and the longest that a group may be after which it takes no further write.
    group_times: (Duration, Duration),
    /// How long the last COMMIT took.
    last_commit: Duration,
    /// How many of the next groups get savepoints.
    groups_with_savepoints: u32,
    counters: Arc<Counters>,
}

impl Work {
    fn run(&mut self) {
        // Both are reused, so that a group costs no allocation of its own.
        let mut waiting = Vec::with_capacity(self.group_max);
        let mut started = Vec::with_capacity(self.group_max);
        while self.wait(&mut waiting) {
            let served = catch_unwind(AssertUnwindSafe(|| self.serve(&mut waiting, &mut started)));
            if served.is_err() {
                // Their reply channels close, which the callers see as an unknown outcome.
                waiting.clear();
                started.clear();
                self.conn = None;
            }
        }
    }

    /// Waits for writes, unless some of those taken before have not been begun; false if no more
    /// will come. They are taken from the end.
    fn wait(&mut self, waiting: &mut Vec<BoxedJob>) -> bool {
        if waiting.is_empty() {
            self.queue.blocking_recv_many(waiting, self.group_max);
            waiting.reverse();
        }
        !waiting.is_empty()
    }

    /// Serves the waiting writes and those that arrive meanwhile, up to a full group.
    fn serve(&mut self, waiting: &mut Vec<BoxedJob>, started: &mut Vec<BoxedJob>) {
        if let Err(failure) = self.run_group(waiting, started) {
            self.give_up_connection(&failure);
            if matches!(failure, Failure::Begin(_)) {
                return refuse_all(waiting.drain(..).rev(), &failure);
            }
            count(&self.counters.failed_groups);
            if matches!(failure, Failure::Ended) {
                let unknown = || DbError::OutcomeUnknown(failure.to_string());
                return started.drain(..).for_each(|job| job.refuse(unknown()));
            }
            let mut again = started.drain(..).chain(waiting.drain(..).rev());
            while let Some(job) = again.next() {
                if let Err(failure) = self.run_alone(job) {
                    // Each further one would wait for the same lock or disk.
                    return refuse_all(again, &failure);
                }
            }
            return;
        }
        for job in started.drain(..) {
            job.answer(&self.counters);
        }
    }

    /// Runs a group up to its COMMIT. The jobs that ran are in `started`, in order.
    fn run_group(
        &mut self,
        waiting: &mut Vec<BoxedJob>,
        started: &mut Vec<BoxedJob>,
    ) -> Result<(), Failure> {
        let undo = if self.groups_with_savepoints == 0 { Undo::Group } else { Undo::Job };
        self.groups_with_savepoints = self.groups_with_savepoints.saturating_sub(1);
        let conn = open(&mut self.conn, &self.source)?;
        begin(conn)?;
        let began = Instant::now();
        let (least, most) = self.group_times;
        let time_max = (self.last_commit * COMMITS_A_GROUP).clamp(least, most.max(least));
        while let Some(mut job) = next(waiting, &mut self.queue, started.len() < self.group_max) {
            if job.is_late() {
                job.refuse(DbError::Deadline);
                continue;
            }
            let verdict = job.run(conn, undo, &self.counters);
            let is_first = started.is_empty();
            started.push(job);
            match verdict {
                Verdict::Kept => {}
                Verdict::Undone => self.groups_with_savepoints = GROUPS_WITH_SAVEPOINTS,
                Verdict::Fatal => {
                    let text = "a job met a failure of the database".to_owned();
                    return Err(Failure::Group(text));
                }
                // Nobody else has done anything yet.
                Verdict::ToUndo if is_first => begin_anew(conn)?,
                Verdict::ToUndo | Verdict::ToRepeat => {
                    transaction::rollback_to(conn, 0).map_err(Failure::at_end)?;
                    count(&self.counters.repeated_groups);
                    self.groups_with_savepoints = GROUPS_WITH_SAVEPOINTS;
                    waiting.extend(started.drain(..).rev());
                    return self.run_group(waiting, started);
                }
            }
            if began.elapsed() > time_max {
                break;
            }
        }
        let began = Instant::now();
        transaction::commit(conn).map_err(Failure::at_end)?;
        self.last_commit = began.elapsed();
        count(&self.counters.groups);
        Ok(())
    }

    /// Runs one job of a failed group in a transaction of its own and answers it. An error means
    /// that no transaction could be begun.
    fn run_alone(&mut self, mut job: BoxedJob) -> Result<(), Failure> {
        let begun = open(&mut self.conn, &self.source).and_then(|conn| begin(conn).map(|()| conn));
        let conn = match begun {
            Ok(conn) => conn,
            Err(failure) => {
                job.refuse(DbError::Unavailable(failure.to_string()));
                self.give_up_connection(&failure);
                return Err(failure);
            }
        };
        let failure = match job.run(conn, Undo::Job, &self.counters) {
            Verdict::Fatal => DbError::Unavailable("the disk or the file failed".to_owned()),
            _ => match transaction::commit(conn) {
                Ok(()) => {
                    count(&self.counters.groups);
                    job.answer(&self.counters);
                    return Ok(());
                }
                Err(error) => judge_commit(&error),
            },
        };
        self.give_up_connection(&Failure::Group(failure.to_string()));
        job.refuse(failure);
        Ok(())
    }

    /// Rolls back and closes; the next transaction opens a new connection.
    fn give_up_connection(&mut self, failure: &Failure) {
        tracing::error!(%failure, "the SQLite writer gives up its connection");
        count(&self.counters.lost_connections);
        if let Some(mut conn) = self.conn.take() {
            // If this fails too, closing the connection ends the transaction.
            let _ = transaction::rollback_to(&mut conn, 0);
        }
    }
}

/// Why a transaction ended without its COMMIT.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// It could not even begin: nobody else's could.
    #[error("no transaction could be begun: {0}")]
    Begin(String),
    /// It failed on the way, or at its COMMIT.
    #[error("{0}")]
    Group(String),
    /// The database had ended it by itself, and nobody noticed: what ran since is stored, each
    /// statement on its own.
    #[error("the transaction was ended on the way")]
    Ended,
}

impl Failure {
    /// Of the COMMIT or ROLLBACK at the end of a group.
    fn at_end(error: diesel::result::Error) -> Failure {
        let text = error.to_string();
        if text.contains("no transaction is active") {
            Failure::Ended
        } else {
            Failure::Group(text)
        }
    }
}

/// The writer's connection, opened if it is not.
fn open<'a>(conn: &'a mut Option<DbConn>, source: &Source) -> Result<&'a mut DbConn, Failure> {
    match conn {
        Some(open) => Ok(open),
        closed @ None => {
            let fresh = source.connect().map_err(|error| Failure::Begin(error.to_string()))?;
            Ok(closed.insert(fresh))
        }
    }
}

fn begin(conn: &mut DbConn) -> Result<(), Failure> {
    // IMMEDIATE: a deferred transaction that turns into a writer fails at once when it lost a race.
    transaction::begin(conn, "BEGIN IMMEDIATE", "BEGIN")
        .map_err(|error| Failure::Begin(error.to_string()))
}

/// Undoes everything since the BEGIN, and begins again.
fn begin_anew(conn: &mut DbConn) -> Result<(), Failure> {
    transaction::rollback_to(conn, 0).map_err(Failure::at_end)?;
    // The group has begun: whoever ran in it must get an answer.
    begin(conn).map_err(|failure| Failure::Group(failure.to_string()))
}

/// The next job: those taken at the start, then those that arrived since, without waiting.
fn next(
    waiting: &mut Vec<BoxedJob>,
    queue: &mut mpsc::Receiver<BoxedJob>,
    has_room: bool,
) -> Option<BoxedJob> {
    waiting.pop().or_else(|| if has_room { queue.try_recv().ok() } else { None })
}

fn refuse_all(jobs: impl Iterator<Item = BoxedJob>, failure: &Failure) {
    for job in jobs {
        job.refuse(DbError::Unavailable(failure.to_string()));
    }
}

/// A COMMIT whose fsync failed has written its log: readers don't see it and the next commit
/// overwrites it, but a crash in between brings it back. On a full disk its last page, which makes
/// it valid, was never written.
fn judge_commit(error: &diesel::result::Error) -> DbError {
    let text = error.to_string();
    if fault_of(error) >= Fault::Storage && !text.contains("disk is full") {
        DbError::OutcomeUnknown(text)
    } else {
        DbError::Unavailable(text)
    }
}
