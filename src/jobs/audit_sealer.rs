//! Links committed audit lines into the hash chain.

use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::audit::seal::{Reach, has_unsealed, seal_batch};

pub(super) const NAME: &str = "audit_sealer";

/// Seals until nothing is left. When idle this is one read.
pub(super) fn run(job: &JobContext, reach: Reach) -> Result<Option<String>, JobError> {
    if !has_unsealed(&job.services, reach)? {
        return Ok(None);
    }
    let sealed = with_lease(job, NAME, || seal_all(job, reach))?;
    Ok(sealed.map(|count| format!("sealed {}", count_text(count, "line"))))
}

fn seal_all(job: &JobContext, reach: Reach) -> Result<usize, JobError> {
    let mut sealed = 0;
    loop {
        let batch = seal_batch(&job.services, reach)?;
        if batch == 0 {
            return Ok(sealed);
        }
        sealed += batch;
        let holder = job.holder.clone();
        let is_held =
            job.services.db.claim_blocking(move |conn| lease::take_in_tx(conn, NAME, &holder))?;
        if !is_held {
            return Ok(sealed);
        }
    }
}
