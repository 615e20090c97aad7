//! Tells billers what was paid, and lets go of what was not, until they have heard it.

use crate::jobs::lease::with_lease;
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::OperationError;
use crate::operations::pay_easy::settle::{SettleBatch, has_open, work_off};

pub(super) const NAME: &str = "bill_settler";

/// Works off what is due. Where nothing is, this is one read.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    if !job.services.db.read_blocking(has_open)? {
        return Ok(None);
    }
    let now = job.services.clock.now();
    let worked = with_lease(job, NAME, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|_| OperationError::Corrupt("no runtime to ask billers with"))?;
        Ok::<_, JobError>(runtime.block_on(work_off(&job.services, now))?)
    })?;
    Ok(worked.filter(|batch| *batch != SettleBatch::default()).map(|batch| {
        let parts = [
            (batch.settled, "told of ", "payment"),
            (batch.released, "released ", "claim"),
            (batch.waiting, "no answer about ", "claim"),
            (batch.denied, "denied: ", "claim"),
        ];
        let told = parts.into_iter().filter(|(count, _, _)| *count > 0);
        let told = told.map(|(count, verb, noun)| format!("{verb}{}", count_text(count, noun)));
        told.collect::<Vec<_>>().join(", ")
    }))
}
