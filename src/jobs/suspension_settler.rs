//! Finishes suspensions that a killed server left half-way.

use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::token::settle_suspension::settle;

pub(super) const NAME: &str = "suspension_settler";

/// Looks at every portal. Needs no lease: the mark is set by a guarded update, so that of several
/// servers one wins.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let mut settled = 0;
    for profile in job.services.profiles.values() {
        settled += settle(&job.services, &job.ctx(profile, NAME))?;
    }
    Ok((settled > 0).then(|| format!("suspended {}", count_text(settled, "token"))))
}
