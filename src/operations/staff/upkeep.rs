//! What staff do for the portal itself: send a stuck mail again, run a job now.

use crate::db::DbError;
use crate::db::queries::{job_runs, mails};
use crate::domain::audit::AuditResult;
use crate::domain::job::JOBS;
use crate::operations::{Ctx, Services, audit};
use crate::primitives::clock::Clock;
use crate::primitives::ids::MailId;

/// Lets a stuck mail go out now; false if it is not stuck any more.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says.
pub async fn retry_mail(services: &Services, ctx: &Ctx, id: MailId) -> Result<bool, DbError> {
    let ctx = ctx.clone();
    services
        .db
        .write(move |conn| {
            if !mails::retry(conn, ctx.portal_slug(), id, Clock::real_now())? {
                return Ok(false);
            }
            let object = format!("mail {id}");
            audit::write(conn, &ctx, "mail.retry", &object, AuditResult::Done, "")?;
            Ok(true)
        })
        .await
}

/// Wishes that a job runs now; whoever looks next of the workers takes it. False: there is no such
/// job. A wish that waits already is enough.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says.
pub async fn run_job(services: &Services, ctx: &Ctx, name: &str) -> Result<bool, DbError> {
    let Some((name, _)) = JOBS.into_iter().find(|(known, _)| *known == name) else {
        return Ok(false);
    };
    let ctx = ctx.clone();
    services
        .db
        .write(move |conn| {
            if job_runs::wish(conn, name, Clock::real_now())? {
                let object = format!("job {name}");
                audit::write(conn, &ctx, "job.run", &object, AuditResult::Done, "")?;
            }
            Ok(true)
        })
        .await
}
