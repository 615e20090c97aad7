//! Warns by mail before tokens expire.

use chrono::TimeDelta;

use crate::db::queries::tokens;
use crate::jobs::lease::with_lease;
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::token::expiry::warn;

pub(super) const NAME: &str = "token_expiry";

/// Warns in every portal. Where no token comes near its expiry this is one read a portal.
pub(super) fn run(job: &JobContext) -> Result<Option<String>, JobError> {
    let mut near = Vec::new();
    for profile in job.services.profiles.values() {
        let ctx = job.ctx(profile, NAME);
        if has_expiring(job, &ctx)? {
            near.push(ctx);
        }
    }
    if near.is_empty() {
        return Ok(None);
    }
    let warned = with_lease(job, NAME, || {
        near.iter().try_fold(0, |sum, ctx| Ok::<_, JobError>(sum + warn(&job.services, ctx)?))
    })?;
    Ok(warned
        .filter(|count| *count > 0)
        .map(|count| format!("wrote {}", count_text(count, "mail"))))
}

fn has_expiring(job: &JobContext, ctx: &Ctx) -> Result<bool, JobError> {
    let Some(days) = ctx.profile.tokens.expiry_warning_days.iter().max() else {
        return Ok(false);
    };
    let (now, until) = (ctx.now, ctx.now + TimeDelta::days(i64::from(*days)));
    let portal = ctx.portal_slug();
    let found =
        job.services.db.read_blocking(|conn| tokens::list_expiring(conn, portal, now, until))?;
    Ok(!found.is_empty())
}
