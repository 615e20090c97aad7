//! Accepts the bulk files that companies have sent, executes those whose day has come, and lets
//! those expire that were not sent in time.

use std::cell::Cell;
use std::sync::Arc;

use crate::db::DbError;
use crate::domain::portal::Profile;
use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::bulk_file::expire;
use crate::operations::bulk_run::{accept, execute};

pub(super) const NAME: &str = "bulk_files";

/// What one run did, in numbers with their words.
type Did = Vec<(usize, &'static str)>;

/// Does what is due in every portal with bulk files. Where nothing is, this is one read of each.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let mut due = Vec::new();
    for profile in job.services.profiles.values().filter(|of| of.services.bulk_files) {
        if is_due(job, profile)? {
            due.push(profile);
        }
    }
    if due.is_empty() {
        return Ok(None);
    }
    let did = with_lease(job, NAME, || {
        let mut did = Did::new();
        for profile in due {
            did.extend(run_portal(job, &job.ctx(profile, NAME))?);
        }
        Ok::<_, JobError>(did)
    })?;
    let parts: Vec<String> = did
        .unwrap_or_default()
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{word} {}", count_text(count, "file")))
        .collect();
    Ok((!parts.is_empty()).then(|| parts.join(", ")))
}

fn is_due(job: &JobContext, profile: &Arc<Profile>) -> Result<bool, JobError> {
    let ctx = job.ctx(profile, NAME);
    Ok(job.services.db.read_blocking(|conn| {
        Ok::<_, DbError>(
            accept::has_sent(conn, &ctx)?
                || execute::has_due(conn, &ctx)?
                || expire::has_overdue(conn, &ctx)?,
        )
    })?)
}

/// Accepting comes first: what was sent late is executed in the same run.
fn run_portal(job: &JobContext, ctx: &Ctx) -> Result<Did, JobError> {
    let is_held = Cell::new(true);
    // Each file may take seconds, so the lease is made longer before each.
    let goes_on = || {
        is_held.set(is_held.get() && renew(job));
        is_held.get()
    };
    let sent = accept::accept_sent(&job.services, ctx, &goes_on)?;
    let done = execute::execute_due(&job.services, ctx, &goes_on)?;
    let expired = expire::expire_due(&job.services, ctx, &goes_on)?;
    Ok(vec![
        (expired, "let expire"),
        (sent.accepted, "accepted"),
        (done.done, "executed"),
        (done.partly, "executed in part"),
        (sent.rejected + done.rejected, "rejected"),
        (sent.broken + done.broken, "could not work on"),
    ])
}

/// Whether the lease is still this process's. What the database cannot tell counts as lost: the
/// next round begins where this one stopped, and no file is done twice.
fn renew(job: &JobContext) -> bool {
    let holder = job.holder.clone();
    let held = job.services.db.claim_blocking(move |conn| lease::take_in_tx(conn, NAME, &holder));
    held.unwrap_or(false)
}
