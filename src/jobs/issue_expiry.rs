//! Ends issues of tokens that were not set up in time.

use crate::db::queries::token_issues;
use crate::jobs::lease::with_lease;
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::token::issue_end::end_due;

pub(super) const NAME: &str = "issue_expiry";

/// Ends what is due in every portal that issues tokens. Where nothing is, this is one read of each.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let mut due = Vec::new();
    for profile in job.services.profiles.values().filter(|p| p.tokens.issue.is_some()) {
        let ctx = job.ctx(profile, NAME);
        if has_due(job, &ctx)? {
            due.push(ctx);
        }
    }
    if due.is_empty() {
        return Ok(None);
    }
    let ended = with_lease(job, NAME, || {
        due.iter().try_fold(0, |sum, ctx| Ok::<_, JobError>(sum + end_due(&job.services, ctx)?))
    })?;
    Ok(ended
        .filter(|count| *count > 0)
        .map(|count| format!("ended {}", count_text(count, "issue"))))
}

fn has_due(job: &JobContext, ctx: &Ctx) -> Result<bool, JobError> {
    let (portal, now) = (ctx.portal_slug(), ctx.now);
    let found =
        job.services.db.read_blocking(|conn| token_issues::list_due(conn, portal, now, 1))?;
    Ok(!found.is_empty())
}
