//! Warns by mail before tokens expire.

use chrono::TimeDelta;

use crate::db::queries::tokens;
use crate::jobs::lease::{self, with_lease};
use crate::jobs::{JobContext, JobError, count_text};
use crate::operations::Ctx;
use crate::operations::token::expiry::warn_batch;
use crate::primitives::ids::TokenId;

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
        near.iter().try_fold(0, |sum, ctx| Ok::<_, JobError>(sum + warn_all(job, ctx)?))
    })?;
    Ok(warned
        .filter(|count| *count > 0)
        .map(|count| format!("wrote {}", count_text(count, "mail"))))
}

/// Batch after batch until none is left. Whoever takes the lease over meanwhile repeats nothing:
/// each warning is written down once.
fn warn_all(job: &JobContext, ctx: &Ctx) -> Result<usize, JobError> {
    let (mut mails, mut after) = (0, TokenId(0));
    loop {
        let batch = warn_batch(&job.services, ctx, after)?;
        mails += batch.mails;
        let Some(next) = batch.next else { return Ok(mails) };
        after = next;
        let holder = job.holder.clone();
        let is_held =
            job.services.db.claim_blocking(move |conn| lease::take_in_tx(conn, NAME, &holder))?;
        if !is_held {
            return Ok(mails);
        }
    }
}

fn has_expiring(job: &JobContext, ctx: &Ctx) -> Result<bool, JobError> {
    let Some(days) = ctx.profile.tokens.expiry_warning_days.iter().max() else {
        return Ok(false);
    };
    let (now, until) = (ctx.now, ctx.now + TimeDelta::days(i64::from(*days)));
    let portal = ctx.portal_slug();
    let found = job
        .services
        .db
        .read_blocking(|conn| tokens::list_expiring(conn, portal, now, until, TokenId(0), 1))?;
    Ok(!found.is_empty())
}
