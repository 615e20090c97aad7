//! Runs the reservations whose day has come, from the profile's hour on (09:00).

use std::cell::Cell;

use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::payment::run::{has_due, run_batch};

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
        due.iter().try_fold((0, 0), |(done, failed), ctx| {
            let (more_done, more_failed) = run_all(job, ctx)?;
            Ok::<_, JobError>((done + more_done, failed + more_failed))
        })
    })?;
    Ok(ran.filter(|ran| *ran != (0, 0)).map(|(done, failed)| {
        let done = count_text(done, "reservation");
        match failed {
            0 => format!("ran {done}"),
            failed => format!("ran {done}, {failed} could not go out"),
        }
    }))
}

/// Batch after batch until none is left. Whoever takes the lease over meanwhile repeats nothing:
/// each reservation goes out once, whoever runs it.
fn run_all(job: &JobContext, ctx: &Ctx) -> Result<(usize, usize), JobError> {
    let (mut done, mut failed, mut after) = (0, 0, None);
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
        done += batch.done;
        failed += batch.failed;
        match batch.next {
            Some(next) if renew(job) => after = Some(next),
            _ => return Ok((done, failed)),
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
