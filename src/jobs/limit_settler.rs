//! Lets rises of limits take effect, and brings limits back whose token has expired.

use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::limit::settle::{list_due, settle_batch};
use crate::primitives::ids::UserId;

pub(super) const NAME: &str = "limit_settler";

/// Writes down what is due in every portal. Where nothing is, this is one read of each.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let mut due = Vec::new();
    for profile in job.services.profiles.values() {
        let ctx = job.ctx(profile, NAME);
        if has_due(job, &ctx)? {
            due.push(ctx);
        }
    }
    if due.is_empty() {
        return Ok(None);
    }
    let changed = with_lease(job, NAME, || {
        due.iter().try_fold(0, |sum, ctx| Ok::<_, JobError>(sum + settle_all(job, ctx)?))
    })?;
    Ok(changed.filter(|count| *count > 0).map(|count| {
        let whose = count_text(count, "customer");
        format!("changed the limits of {whose}")
    }))
}

/// Batch after batch until none is left. Whoever takes the lease over meanwhile repeats nothing:
/// each rise is written down once.
fn settle_all(job: &JobContext, ctx: &Ctx) -> Result<usize, JobError> {
    let (mut changed, mut after) = (0, UserId(0));
    loop {
        let batch = settle_batch(&job.services, ctx, after)?;
        changed += batch.changed;
        let Some(next) = batch.next else { return Ok(changed) };
        after = next;
        let holder = job.holder.clone();
        let is_held =
            job.services.db.claim_blocking(move |conn| lease::take_in_tx(conn, NAME, &holder))?;
        if !is_held {
            return Ok(changed);
        }
    }
}

fn has_due(job: &JobContext, ctx: &Ctx) -> Result<bool, JobError> {
    let found = job.services.db.read_blocking(|conn| list_due(conn, ctx, UserId(0), 1))?;
    Ok(!found.is_empty())
}
