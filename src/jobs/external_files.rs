//! Puts out the files of companies and what goes to other banks, and takes away those whose time is
//! over.

use std::cell::Cell;
use std::sync::Arc;

use crate::db::DbError;
use crate::domain::portal::Profile;
use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::external_file::{expire, plan, write};

pub(super) const NAME: &str = "external_files";

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Did {
    ready: usize,
    broken: usize,
    expired: usize,
}

/// Does what is due in every portal with files. Where nothing is, this is one read of each.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let mut due = Vec::new();
    for profile in job.services.profiles.values().filter(|of| of.services.has_files()) {
        if is_due(job, profile)? {
            due.push(profile);
        }
    }
    if due.is_empty() {
        return Ok(None);
    }
    let did = with_lease(job, NAME, || {
        due.iter().try_fold(Did::default(), |all, profile| {
            let more = run_portal(job, &job.ctx(profile, NAME))?;
            Ok::<_, JobError>(Did {
                ready: all.ready + more.ready,
                broken: all.broken + more.broken,
                expired: all.expired + more.expired,
            })
        })
    })?;
    Ok(did.and_then(Did::text))
}

impl Did {
    fn text(self) -> Option<String> {
        let parts: Vec<String> = [
            (self.ready, "put out"),
            (self.broken, "could not write"),
            (self.expired, "took away"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{word} {}", count_text(count, "file")))
        .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

fn is_due(job: &JobContext, profile: &Arc<Profile>) -> Result<bool, JobError> {
    let ctx = job.ctx(profile, NAME);
    Ok(job.services.db.read_blocking(|conn| {
        Ok::<_, DbError>(
            plan::find_due(conn, &ctx)?.is_some()
                || write::has_due(conn, &ctx)?
                || expire::has_over(conn, &ctx)?,
        )
    })?)
}

fn run_portal(job: &JobContext, ctx: &Ctx) -> Result<Did, JobError> {
    let is_held = Cell::new(true);
    // Asked before each file and each piece of one, so that the lease lasts.
    let goes_on = || {
        is_held.set(is_held.get() && renew(job));
        is_held.get()
    };
    plan::plan_due(&job.services, ctx)?;
    let written = write::write_due(&job.services, ctx, &goes_on)?;
    let expired = expire::expire_over(&job.services, ctx, &goes_on)?;
    Ok(Did { ready: written.ready, broken: written.broken, expired })
}

/// Whether the lease is still this process's. What the database cannot tell counts as lost: who
/// takes it over writes what is left from its beginning.
fn renew(job: &JobContext) -> bool {
    let holder = job.holder.clone();
    let held = job.services.db.claim_blocking(move |conn| lease::take_in_tx(conn, NAME, &holder));
    held.unwrap_or(false)
}
