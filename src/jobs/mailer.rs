//! Sends the mails of the out-box: at least once, and to one person in the order in which they were
//! written. A mail stays in the out-box until the server has taken it, so a server that is down, or
//! a process that dies between the server's answer and its note, loses nothing; in the second case
//! the mail goes out again under the same Message-ID, by which receivers know it.

use std::time::{Duration, Instant};

use crate::db::DbError;
use crate::db::queries::mails;
use crate::domain::mail::Mail;
use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::mail::transport::{MailTransport, Outgoing, SendError};
use crate::operations::demo::faults::{self, MailFault, SLOW_MAIL};
use crate::primitives::clock::Clock;

pub(super) const NAME: &str = "mailer";

const BATCH: i64 = 50;
/// So many mails in a row that the server did not take now say that it has trouble: the rest waits
/// without using up its own tries.
const FAILURES_IN_A_ROW_MAX: u32 = 3;
const PAUSE: Duration = Duration::from_secs(5);

/// What the mailer remembers between its runs.
pub(super) struct Mailer {
    transport: MailTransport,
    /// Whether texts with codes stay in the out-box once they are sent.
    keeps_codes: bool,
    /// The server had trouble: leave it alone until then.
    paused_until: Option<Instant>,
}

/// How the run went so far.
#[derive(Debug, Default)]
struct Tally {
    sent: usize,
    put_off: usize,
    dead: usize,
    failures_in_a_row: u32,
}

impl Mailer {
    pub(super) fn new(transport: MailTransport, keeps_codes: bool) -> Self {
        Self { transport, keeps_codes, paused_until: None }
    }

    /// Sends what is due until nothing is, the server has trouble, or `is_stopping` says so. When
    /// idle this is one read.
    pub(super) fn run(
        &mut self,
        job: &JobContext,
        is_stopping: &dyn Fn() -> bool,
    ) -> Result<Option<String>, JobError> {
        let is_paused = self.paused_until.is_some_and(|until| Instant::now() < until);
        if is_paused || list_due(job, 1)?.is_empty() {
            return Ok(None);
        }
        let tally = with_lease(job, NAME, || self.send_all(job, is_stopping))?;
        Ok(tally.map(|tally| tally.text()))
    }

    /// The next run tries the server at once, even after trouble.
    pub(super) fn forget_pause(&mut self) {
        self.paused_until = None;
    }

    fn send_all(
        &mut self,
        job: &JobContext,
        is_stopping: &dyn Fn() -> bool,
    ) -> Result<Tally, JobError> {
        let mut tally = Tally::default();
        loop {
            let batch = list_due(job, BATCH)?;
            if batch.is_empty() {
                return Ok(tally);
            }
            for mail in batch {
                if is_stopping() || !self.send_one(job, mail, &mut tally)? {
                    return Ok(tally);
                }
                if tally.failures_in_a_row >= FAILURES_IN_A_ROW_MAX {
                    self.paused_until = Some(Instant::now() + PAUSE);
                    return Ok(tally);
                }
            }
        }
    }

    /// To the mail server, or to what testers have made of it.
    fn hand_over(&self, job: &JobContext, mail: &Mail) -> Result<Result<(), SendError>, JobError> {
        let is_demo = self.keeps_codes;
        let fault = match is_demo {
            true => job.services.db.read_blocking(faults::mail)?,
            false => MailFault::None,
        };
        match fault {
            MailFault::None => {}
            MailFault::Slow => std::thread::sleep(SLOW_MAIL),
            MailFault::Failing => {
                let said = "421 4.3.2 the demo's mail server takes nothing for now";
                return Ok(Err(SendError::Transient(said.to_owned())));
            }
        }
        Ok(self.transport.send(&outgoing(mail)))
    }

    /// Hands one mail over and notes what came of it, in one transaction with the lease's renewal.
    /// False: another process took the lease over, which can only be after a very slow server.
    fn send_one(&self, job: &JobContext, mail: Mail, tally: &mut Tally) -> Result<bool, JobError> {
        let outcome = self.hand_over(job, &mail)?;
        match &outcome {
            Ok(()) => {
                tally.sent += 1;
                tally.failures_in_a_row = 0;
            }
            Err(SendError::Final(_)) => {
                tracing::warn!(mail = mail.id.0, "the mail server refused a mail for good");
                tally.dead += 1;
                tally.failures_in_a_row = 0;
            }
            Err(SendError::Transient(_)) => {
                tally.put_off += 1;
                tally.failures_in_a_row += 1;
            }
        }
        let holder = job.holder.clone();
        let forgets = mail.kind.carries_a_code() && !self.keeps_codes;
        let is_held = job.services.db.claim_blocking(move |conn| {
            let real_now = Clock::real_now();
            match &outcome {
                Ok(()) => {
                    mails::mark_sent(conn, mail.id, real_now)?;
                    if forgets {
                        mails::forget_body(conn, mail.id)?;
                    }
                }
                Err(SendError::Transient(text)) => {
                    mails::mark_failed(conn, &mail, text, false, real_now)?;
                }
                Err(SendError::Final(text)) => {
                    mails::mark_failed(conn, &mail, text, true, real_now)?;
                }
            }
            lease::take_in_tx(conn, NAME, &holder)
        })?;
        Ok(is_held)
    }
}

impl Tally {
    fn text(&self) -> String {
        let mut text = format!("sent {}", count_text(self.sent, "mail"));
        if self.put_off > 0 {
            text += &format!(", put off {}", self.put_off);
        }
        if self.dead > 0 {
            text += &format!(", gave up {}", self.dead);
        }
        text
    }
}

fn list_due(job: &JobContext, limit: i64) -> Result<Vec<Mail>, DbError> {
    job.services.db.read_blocking(|conn| mails::list_due(conn, Clock::real_now(), limit))
}

fn outgoing(mail: &Mail) -> Outgoing {
    Outgoing {
        message_id: message_id(mail),
        from: mail.from_address.clone(),
        to: mail.to_address.clone(),
        subject: mail.subject.clone(),
        body: mail.body.clone(),
    }
}

/// The same over all tries. The time of writing keeps two databases with one sender apart, whose
/// rows both count from 1.
fn message_id(mail: &Mail) -> String {
    let domain = mail.from_address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let written = mail.created_at.and_utc().timestamp_micros();
    format!("<{}.{written}@{}>", mail.id, domain.trim_end_matches(['>', ' ']))
}
