//! Runs the reservations whose day has come, from the profile's hour on (09:00).

use std::cell::Cell;

use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::payment::run::{RunBatch, has_due, run_batch};

pub(super) const NAME: &str = "reservations";
/// Reservations after which the lease is made longer: far less than it lasts.
const RENEW_EVERY: u32 = 20;

/// Runs what is due in every portal. Where nothing is, this is one read of each.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let mut due = Vec::new();
    for profile in job.services.profiles.values() {
        let ctx = job.ctx(profile, NAME);
        if job.services.db.read_blocking(|conn| has_due(conn, &ctx))? {
            due.push(ctx);
        }
    }
    if due.is_empty() {
        return Ok(None);
    }
    let ran = with_lease(job, NAME, || {
        due.iter().try_fold(RunBatch::default(), |all, ctx| {
            let more = run_all(job, ctx)?;
            Ok::<_, JobError>(sum(all, more))
        })
    })?;
    Ok(ran.filter(|ran| *ran != RunBatch::default()).map(|ran| {
        let mut did = format!("ran {}", count_text(ran.done, "reservation"));
        if ran.failed > 0 {
            did += &format!(", {} could not go out", ran.failed);
        }
        if ran.broken > 0 {
            did += &format!(", {} are broken", ran.broken);
        }
        did
    }))
}

fn sum(one: RunBatch, other: RunBatch) -> RunBatch {
    RunBatch {
        done: one.done + other.done,
        failed: one.failed + other.failed,
        broken: one.broken + other.broken,
        next: None,
    }
}

/// Batch after batch until none is left. Whoever takes the lease over meanwhile repeats nothing:
/// each reservation goes out once, whoever runs it.
fn run_all(job: &JobContext, ctx: &Ctx) -> Result<RunBatch, JobError> {
    let (mut all, mut after) = (RunBatch::default(), None);
    loop {
        let (count, is_held) = (Cell::new(0_u32), Cell::new(true));
        let goes_on = || {
            count.set(count.get() + 1);
            if count.get().is_multiple_of(RENEW_EVERY) {
                is_held.set(renew(job));
            }
            is_held.get()
        };
        let batch = run_batch(&job.services, ctx, after, &goes_on)?;
        all = sum(all, batch);
        match batch.next {
            Some(next) if renew(job) => after = Some(next),
            _ => return Ok(all),
        }
    }
}

/// Whether the lease is still this process's. What the database cannot tell counts as lost: the
/// next round begins where this one stopped.
fn renew(job: &JobContext) -> bool {
    let holder = job.holder.clone();
    let held = job.services.db.claim_blocking(move |conn| lease::take_in_tx(conn, NAME, &holder));
    held.unwrap_or(false)
}
