//! Tells billers what was paid, and lets go of what was not, until they have heard it.

use crate::jobs::lease::with_lease;
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::OperationError;
use crate::operations::pay_easy::settle::{SettleBatch, has_open, work_off};

pub(super) const NAME: &str = "bill_settler";

fn no_runtime() -> OperationError {
    OperationError::Corrupt("no runtime to ask billers with")
}

fn waits_for<T>(
    work: impl Future<Output = Result<T, OperationError>>,
) -> Result<T, OperationError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|_| no_runtime())?.block_on(work)
}

/// Works off what is due. Where nothing is, this is one read.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    if !job.services.db.read_blocking(has_open)? {
        return Ok(None);
    }
    let now = job.services.clock.now();
    let worked = with_lease(job, NAME, || {
        // A thread of its own: who runs the jobs may be inside a runtime already.
        let worked = std::thread::scope(|scope| {
            scope.spawn(|| waits_for(work_off(&job.services, now))).join()
        });
        Ok::<_, JobError>(worked.unwrap_or_else(|_| Err(no_runtime()))?)
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
