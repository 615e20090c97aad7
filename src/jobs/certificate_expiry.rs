//! Reminds by mail before client certificates end.

use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::certificate::expiry::{has_expiring, warn_batch};
use crate::primitives::ids::CertificateId;

pub(super) const NAME: &str = "certificate_expiry";

/// Reminds in every portal. Where nothing comes near its end this is one read a portal.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let mut near = Vec::new();
    for profile in job.services.profiles.values() {
        let ctx = job.ctx(profile, NAME);
        if has_expiring(&job.services, &ctx)? {
            near.push(ctx);
        }
    }
    if near.is_empty() {
        return Ok(None);
    }
    let reminded = with_lease(job, NAME, || {
        near.iter().try_fold(0, |sum, ctx| Ok::<_, JobError>(sum + warn_all(job, ctx)?))
    })?;
    Ok(reminded
        .filter(|count| *count > 0)
        .map(|count| format!("reminded {}", count_text(count, "user"))))
}

/// Batch after batch until none is left; each reminder is written down once.
fn warn_all(job: &JobContext, ctx: &Ctx) -> Result<usize, JobError> {
    let (mut users, mut after) = (0, CertificateId(0));
    loop {
        let batch = warn_batch(&job.services, ctx, after)?;
        users += batch.users;
        let Some(next) = batch.next else { return Ok(users) };
        after = next;
        let holder = job.holder.clone();
        let is_held =
            job.services.db.claim_blocking(move |conn| lease::take_in_tx(conn, NAME, &holder))?;
        if !is_held {
            return Ok(users);
        }
    }
}
