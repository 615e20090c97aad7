//! Runs the jobs: two threads that wake four times a second. One sends mails, because a slow mail
//! server must not keep the audit log from being sealed; the other does the rest.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use parking_lot::{Condvar, Mutex};

use crate::db::queries::job_runs::{self, NewRun};
use crate::domain::job::{JOBS, JobResult, JobRun};
use crate::jobs::mailer::{self, Mailer};
use crate::jobs::{
    JobContext, JobError, audit_sealer, bill_settler, bulk_files, certificate_expiry,
    external_files, housekeeping, issue_expiry, limit_settler, reservations, suspension_settler,
    token_expiry,
};
use crate::mail::transport::MailTransport;
use crate::operations::Services;
use crate::operations::audit::seal::Reach;
use crate::operations::demo::{clock, faults};
use crate::primitives::clock::{Clock, UtcTime};
use crate::primitives::ids::random_short_id;

const WAKE_EVERY: Duration = Duration::from_millis(250);
const SEAL_WHOLE_EVERY: Duration = Duration::from_secs(120);
const SETTLE_EVERY: Duration = Duration::from_secs(15);
const WISHES_EVERY: Duration = Duration::from_secs(1);
const RECORD_FAILURES_EVERY: Duration = Duration::from_secs(60);
const RECORD_IDLE_EVERY: Duration = Duration::from_secs(600);
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// By the movable clock, so that a clock moved by days warns at once.
const WARN_EVERY: TimeDelta = TimeDelta::minutes(10);
/// A mail being sent may take longer than anybody wants to wait for the end; it stays in the
/// out-box then and goes out again.
const STOP_TAKES_AT_MOST: Duration = Duration::from_secs(10);
const REST_TAKES_AT_MOST: Duration = Duration::from_secs(10);

/// The jobs of one process. Clones share them.
#[derive(Clone)]
pub struct Worker {
    inner: Arc<Inner>,
}

struct Inner {
    job: JobContext,
    mailer: Mutex<Option<Mailer>>,
    chores: Mutex<Chores>,
    failures: Mutex<BTreeMap<&'static str, String>>,
    /// What was recorded last of each job, and when.
    recorded: Mutex<BTreeMap<&'static str, (JobResult, Instant)>>,
    wishes_at: Mutex<Option<Instant>>,
    mail_wishes_at: Mutex<Option<Instant>>,
    /// Whether testers may turn it off.
    is_demo: bool,
    is_stopping: AtomicBool,
    /// Wakes the threads early at the end.
    bell: (Mutex<()>, Condvar),
}

/// When what has been done last.
#[derive(Default)]
struct Chores {
    sealed_whole_at: Option<Instant>,
    settled_at: Option<Instant>,
    tidied_at: Option<Instant>,
    warned_at: Option<UtcTime>,
}

impl Worker {
    /// The jobs of this process. Without a transport mails stay in the out-box; the text of a mail
    /// with a code is forgotten once it is sent.
    ///
    /// # Errors
    /// When the operating system gives no randomness for the name under which leases are held.
    pub fn new(
        services: Services,
        transport: Option<MailTransport>,
    ) -> Result<Worker, getrandom::Error> {
        Worker::with(services, transport.map(|transport| Mailer::new(transport, false)), false)
    }

    /// The jobs of the demo, whose out-box is the mailbox in which its mails are read.
    ///
    /// # Errors
    /// As [`Worker::new`].
    pub fn of_demo(
        services: Services,
        transport: Option<MailTransport>,
    ) -> Result<Worker, getrandom::Error> {
        Worker::with(services, transport.map(|transport| Mailer::new(transport, true)), true)
    }

    fn with(
        services: Services,
        mailer: Option<Mailer>,
        is_demo: bool,
    ) -> Result<Worker, getrandom::Error> {
        let holder = format!("{}-{}", std::process::id(), random_short_id()?);
        Ok(Worker {
            inner: Arc::new(Inner {
                job: JobContext { services, holder },
                mailer: Mutex::new(mailer),
                chores: Mutex::new(Chores::default()),
                failures: Mutex::new(BTreeMap::new()),
                recorded: Mutex::new(BTreeMap::new()),
                wishes_at: Mutex::new(None),
                mail_wishes_at: Mutex::new(None),
                is_demo,
                is_stopping: AtomicBool::new(false),
                bell: (Mutex::new(()), Condvar::new()),
            }),
        })
    }

    /// Runs every job once, whatever time it ran last, and says what each did. Waits for a job that
    /// is just running. Not to be called inside a database body.
    pub fn run_due_once(&self) -> Vec<JobRun> {
        let inner = &self.inner;
        // Mails last: the jobs before write some.
        let mut runs = {
            let _chores = inner.chores.lock();
            vec![
                inner.run(suspension_settler::NAME, suspension_settler::run),
                inner.run(token_expiry::NAME, token_expiry::run),
                inner.run(certificate_expiry::NAME, certificate_expiry::run),
                inner.run(issue_expiry::NAME, issue_expiry::run),
                inner.run(limit_settler::NAME, limit_settler::run),
                inner.run(reservations::NAME, reservations::run),
                inner.run(bulk_files::NAME, bulk_files::run),
                inner.run(external_files::NAME, external_files::run),
                inner.run(bill_settler::NAME, bill_settler::run),
                inner.run(housekeeping::NAME, housekeeping::run),
                inner.run(audit_sealer::NAME, |job| audit_sealer::run(job, Reach::Whole)),
            ]
        };
        runs.push(inner.run_mailer(true));
        runs
    }

    /// Waits until what the threads are just doing is done: a round of jobs, one mail; but not for
    /// ever. After it a worker that was turned off does nothing.
    pub fn wait_for_rest(&self) {
        let deadline = Instant::now() + REST_TAKES_AT_MOST;
        drop(self.inner.chores.try_lock_until(deadline));
        drop(self.inner.mailer.try_lock_until(deadline));
    }

    /// Runs what staff wish to be run now.
    pub fn run_wished(&self) {
        self.inner.run_wished(true);
        drop(self.inner.run_mailer(false));
    }

    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(&self) -> std::io::Result<WorkerThreads> {
        let spawn = |name: &str, cycle: fn(&Inner)| {
            let inner = Arc::clone(&self.inner);
            std::thread::Builder::new().name(name.to_owned()).spawn(move || inner.repeat(cycle))
        };
        let mut threads = WorkerThreads { worker: self.clone(), threads: Vec::new() };
        threads.threads.push(spawn("mailer", Inner::send_mails)?);
        threads.threads.push(spawn("worker", Inner::run_chores)?);
        Ok(threads)
    }
}

/// The running threads; dropped, they stop.
pub struct WorkerThreads {
    worker: Worker,
    threads: Vec<JoinHandle<()>>,
}

impl WorkerThreads {
    /// Ends the threads after what they are doing, and seals what is left to seal.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for WorkerThreads {
    fn drop(&mut self) {
        let inner = &self.worker.inner;
        inner.is_stopping.store(true, Ordering::SeqCst);
        inner.bell.1.notify_all();
        let deadline = Instant::now() + STOP_TAKES_AT_MOST;
        while self.threads.iter().any(|thread| !thread.is_finished()) {
            if Instant::now() >= deadline {
                tracing::warn!(
                    "a job did not end in time; its work is done again at the next start"
                );
                return;
            }
            inner.bell.1.notify_all();
            std::thread::sleep(Duration::from_millis(5));
        }
        let _chores = inner.chores.lock();
        inner.run(audit_sealer::NAME, |job| audit_sealer::run(job, Reach::Tail));
    }
}

impl Inner {
    fn repeat(&self, cycle: fn(&Inner)) {
        while !self.is_stopping() {
            if self.is_demo && clock::is_shared(&self.job.services) {
                // With a database out of reach the cycle says so.
                clock::restore(&self.job.services).unwrap_or_default();
            }
            cycle(self);
            let mut guard = self.bell.0.lock();
            if !self.is_stopping() {
                self.bell.1.wait_for(&mut guard, WAKE_EVERY);
            }
        }
    }

    /// Whether a tester has turned the worker off; what is asked for by a button runs all the same.
    /// To be asked under the lock of what would run, for [`Worker::wait_for_rest`].
    fn is_off(&self) -> bool {
        self.is_demo
            && self.job.services.db.read_blocking(faults::is_worker_off).unwrap_or_default()
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }

    fn send_mails(&self) {
        let mut mailer = self.mailer.lock();
        if !self.is_off() {
            self.run_mailer_of(mailer.as_mut(), false);
        }
    }

    fn run_mailer(&self, is_asked_for: bool) -> JobRun {
        self.run_mailer_of(self.mailer.lock().as_mut(), is_asked_for)
    }

    fn run_mailer_of(&self, mailer: Option<&mut Mailer>, is_asked_for: bool) -> JobRun {
        let Some(mailer) = mailer else {
            let did = "no mail server is set: mails stay in the out-box".to_owned();
            return JobRun { name: mailer::NAME, did };
        };
        let looks = is_due(&mut self.mail_wishes_at.lock(), WISHES_EVERY);
        if is_asked_for || (looks && self.takes_wish(mailer::NAME)) {
            self.forget_record(mailer::NAME);
            mailer.forget_pause();
        }
        let ends = || self.is_stopping() || (!is_asked_for && self.is_off());
        self.run(mailer::NAME, |job| mailer.run(job, &ends))
    }

    fn run_chores(&self) {
        let mut chores = self.chores.lock();
        if self.is_off() {
            return;
        }
        let is_whole = is_due(&mut chores.sealed_whole_at, SEAL_WHOLE_EVERY);
        let reach = if is_whole { Reach::Whole } else { Reach::Tail };
        self.run(audit_sealer::NAME, |job| audit_sealer::run(job, reach));
        if is_due(&mut chores.settled_at, SETTLE_EVERY) {
            self.run(suspension_settler::NAME, suspension_settler::run);
            self.run(issue_expiry::NAME, issue_expiry::run);
            self.run(limit_settler::NAME, limit_settler::run);
            // After the limits: a rise of this day lets the reservations of this day through.
            self.run(reservations::NAME, reservations::run);
            self.run(bulk_files::NAME, bulk_files::run);
            // After them: what they executed is put out in the same round.
            self.run(external_files::NAME, external_files::run);
            self.run(bill_settler::NAME, bill_settler::run);
        }
        if is_due(&mut chores.tidied_at, TIDY_EVERY) {
            self.run(housekeeping::NAME, housekeeping::run);
        }
        if is_due(&mut self.wishes_at.lock(), WISHES_EVERY) {
            self.run_wished(false);
        }
        let now = self.job.services.clock.now();
        if chores.warned_at.is_none_or(|last| (now - last).abs() >= WARN_EVERY) {
            chores.warned_at = Some(now);
            self.run(token_expiry::NAME, token_expiry::run);
            self.run(certificate_expiry::NAME, certificate_expiry::run);
        }
    }

    /// Runs one job. Neither its error nor its panic ends the worker; the same error is logged
    /// once, and so is its end.
    fn run(
        &self,
        name: &'static str,
        work: impl FnOnce(&JobContext) -> Result<Option<String>, JobError>,
    ) -> JobRun {
        let (started_at, begun) = (Clock::real_now(), Instant::now());
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&self.job)));
        let (result, did) = match outcome {
            Ok(Ok(did)) => {
                if self.failures.lock().remove(name).is_some() {
                    tracing::info!(job = name, "the job works again");
                }
                let result = if did.is_some() { JobResult::Done } else { JobResult::Idle };
                (result, did.unwrap_or_else(|| "nothing to do".to_owned()))
            }
            Ok(Err(error)) => (JobResult::Failed, self.note_failure(name, error.to_string())),
            Err(panic) => (JobResult::Failed, self.note_failure(name, panic_text(panic.as_ref()))),
        };
        let took_us = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
        let holder = self.job.holder.clone();
        self.record(NewRun { name, holder, started_at, took_us, result, did: did.clone() });
        JobRun { name, did }
    }

    /// Writes a run down for staff: each that did something, the first failure and then one a
    /// minute, and a sign of life every ten minutes. The sealer's every second would be too much,
    /// so its work counts as a sign of life.
    fn record(&self, run: NewRun) {
        let every = match run.result {
            JobResult::Done if run.name != audit_sealer::NAME => Duration::ZERO,
            JobResult::Failed => RECORD_FAILURES_EVERY,
            JobResult::Done | JobResult::Idle => RECORD_IDLE_EVERY,
        };
        {
            let mut recorded = self.recorded.lock();
            let is_fresh = |(result, at): &(JobResult, Instant)| {
                let is_alike = *result == run.result
                    || (*result != JobResult::Failed && run.result != JobResult::Failed);
                is_alike && at.elapsed() < every
            };
            if recorded.get(run.name).is_some_and(is_fresh) {
                return;
            }
            recorded.insert(run.name, (run.result, Instant::now()));
        }
        let name = run.name;
        let written = self.job.services.db.claim_blocking(move |conn| job_runs::insert(conn, &run));
        if let Err(error) = written {
            tracing::debug!(job = name, %error, "a run could not be recorded");
        }
    }

    /// Runs the jobs that staff wish, but for the mailer, whose own thread looks.
    fn run_wished(&self, is_whole: bool) {
        let wishes = self.job.services.db.read_blocking(job_runs::list_wishes);
        for name in wishes.unwrap_or_default() {
            let reach = if is_whole { Reach::Whole } else { Reach::Tail };
            let run: fn(&JobContext) -> Result<Option<String>, JobError> = match name.as_str() {
                suspension_settler::NAME => suspension_settler::run,
                token_expiry::NAME => token_expiry::run,
                certificate_expiry::NAME => certificate_expiry::run,
                issue_expiry::NAME => issue_expiry::run,
                limit_settler::NAME => limit_settler::run,
                reservations::NAME => reservations::run,
                bulk_files::NAME => bulk_files::run,
                external_files::NAME => external_files::run,
                bill_settler::NAME => bill_settler::run,
                housekeeping::NAME => housekeeping::run,
                audit_sealer::NAME if self.takes_wish(audit_sealer::NAME) => {
                    self.forget_record(audit_sealer::NAME);
                    self.run(audit_sealer::NAME, |job| audit_sealer::run(job, reach));
                    continue;
                }
                _ => continue,
            };
            let known = JOBS.into_iter().find(|(known, _)| *known == name);
            if let Some((name, _)) = known.filter(|(name, _)| self.takes_wish(name)) {
                self.forget_record(name);
                self.run(name, run);
            }
        }
    }

    /// The next run is written down whatever it does.
    fn forget_record(&self, name: &str) {
        self.recorded.lock().remove(name);
    }

    fn takes_wish(&self, name: &'static str) -> bool {
        let taken = self.job.services.db.read_blocking(job_runs::list_wishes);
        let is_wished = taken.is_ok_and(|names| names.iter().any(|wished| wished == name));
        is_wished
            && self
                .job
                .services
                .db
                .claim_blocking(move |conn| job_runs::take_wish(conn, name))
                .unwrap_or(false)
    }

    fn note_failure(&self, name: &'static str, error: String) -> String {
        let mut failures = self.failures.lock();
        if failures.get(name) != Some(&error) {
            tracing::error!(job = name, %error, "a job failed; it is tried again");
            failures.insert(name, error.clone());
        }
        format!("failed: {error}")
    }
}

/// Whether the last time lies far enough back; notes now as the last time then.
fn is_due(last: &mut Option<Instant>, every: Duration) -> bool {
    let now = Instant::now();
    if last.is_some_and(|last| now.duration_since(last) < every) {
        return false;
    }
    *last = Some(now);
    true
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .map_or_else(|| "it panicked".to_owned(), |text| format!("it panicked: {text}"))
}
