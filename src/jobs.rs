//! Floor 5: what runs without a person. Each job is one function that does what is due and says
//! what it did; [`worker::Worker`] runs them, each under a lease, so that of several servers on one
//! database one does it.

mod audit_sealer;
mod bill_settler;
mod bulk_files;
mod certificate_expiry;
mod external_files;
mod housekeeping;
mod issue_expiry;
mod lease;
mod limit_settler;
mod mailer;
mod reservations;
mod suspension_settler;
mod token_expiry;
pub mod worker;

use std::sync::Arc;

use crate::db::DbError;
use crate::domain::portal::Profile;
use crate::operations::{Actor, Ctx, OperationError, Services};

/// What a job works with.
struct JobContext {
    services: Services,
    /// Who holds the leases: this process, by a random name.
    holder: String,
}

/// Why a job could not do its work this time.
#[derive(Debug, thiserror::Error)]
enum JobError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// An operation.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

impl JobContext {
    /// An act of `job` in a portal, now.
    fn ctx(&self, profile: &Arc<Profile>, job: &'static str) -> Ctx {
        Ctx {
            profile: Arc::clone(profile),
            actor: Actor::system(job),
            source: "worker".to_owned(),
            request_id: String::new(),
            now: self.services.clock.now(),
            keys: Arc::clone(&self.services.keys),
            public_url: self.services.public_url.clone(),
        }
    }
}

/// `1 mail`, `2 mails`.
fn count_text(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
