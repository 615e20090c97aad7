//! Floor 4: one file per business act. Each states its rule and permission, loads, decides, writes
//! with guards, adds its audit line and its mails, all in one transaction, and returns a typed
//! result.
//!
//! Operations know nothing of HTTP and send no mail: mails are rows of the out-box.

pub mod administration;
pub mod audit;
pub mod bulk_file;
pub mod bulk_run;
pub mod certificate;
pub mod customer_info;
pub mod demo;
pub mod external_file;
pub mod flow_draft;
pub mod key;
pub mod ledger;
pub mod limit;
pub mod login;
pub mod name_lookup;
pub mod notice;
pub mod offices;
pub mod one_time_key;
pub mod pay_easy;
pub mod payee;
pub mod payment;
pub mod proof;
pub mod receipt;
pub mod right;
pub mod staff;
pub mod statement;
pub mod step;
mod stop_code;
pub mod token;
pub mod transfer;
pub mod user;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::db::{Db, DbError, TransactionError};
use crate::domain::audit::ActorKind;
use crate::domain::bill::Biller;
use crate::domain::directory::Directory;
use crate::domain::name_lookup::NameLookup;
use crate::domain::portal::Profile;
use crate::domain::staff::StaffMember;
use crate::domain::user::User;
use crate::primitives::client_certificate::CertificateError;
use crate::primitives::clock::{Clock, UtcTime};
use crate::primitives::hand_over::HandOverError;
use crate::primitives::ids::UserId;
use crate::primitives::keys::{KeyError, KeyRing};
use crate::primitives::password::{PasswordError, PasswordHasher};

/// The profiles by slug.
pub type Profiles = BTreeMap<String, Arc<Profile>>;

/// What operations work with; clones share it.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub db: Db,
    /// The movable clock.
    pub clock: Clock,
    /// Sealing and digest keys.
    pub keys: Arc<KeyRing>,
    /// Argon2 threads.
    pub hasher: PasswordHasher,
    /// The portals' profiles.
    pub profiles: Arc<Profiles>,
    /// Where browsers reach the portals, as `https://bank.example.jp`; none where nobody said so.
    pub public_url: Option<Arc<str>>,
    /// Banks and branches; none: the list that is built in.
    pub directory: Option<Arc<Directory>>,
    /// Who knows the holders of accounts at other banks.
    pub name_lookup: Arc<dyn NameLookup>,
    /// Who keeps bills.
    pub biller: Arc<dyn Biller>,
}

impl Services {
    /// Banks and branches.
    pub fn directory(&self) -> &Directory {
        self.directory.as_deref().unwrap_or_else(|| Directory::builtin())
    }
}

/// Who acts.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Kind.
    pub kind: ActorKind,
    /// Who exactly, as the audit log keeps it.
    pub id: String,
}

impl Actor {
    /// A customer or corporate user.
    pub fn user(user: &User) -> Actor {
        Actor { kind: ActorKind::Customer, id: format!("user {}", user.id) }
    }

    /// The user's row id, where it is one who acts.
    pub fn user_id(&self) -> Option<UserId> {
        let is_user = self.kind == ActorKind::Customer;
        let id = self.id.strip_prefix("user ").filter(|_| is_user)?;
        id.parse().ok().map(UserId)
    }

    /// Somebody who has not proven anything yet.
    pub fn nobody() -> Actor {
        Actor { kind: ActorKind::Customer, id: String::new() }
    }

    /// A member of the institution's staff.
    pub fn staff(member: &StaffMember) -> Actor {
        Actor { kind: ActorKind::Staff, id: format!("staff {}", member.staff_id) }
    }

    /// The portal's own jobs.
    pub fn system(job: &str) -> Actor {
        Actor { kind: ActorKind::System, id: job.to_owned() }
    }

    /// Somebody at the command line.
    pub fn command(name: &str) -> Actor {
        Actor { kind: ActorKind::Command, id: name.to_owned() }
    }
}

/// Where, when, by whom and for which portal something is done.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The portal.
    pub profile: Arc<Profile>,
    /// Who.
    pub actor: Actor,
    /// Network address, or the command's name.
    pub source: String,
    /// As in the logs.
    pub request_id: String,
    /// The time of the act.
    pub now: UtcTime,
    /// Draws and digests the codes that notices carry.
    pub keys: Arc<KeyRing>,
    /// Where browsers reach the portals, for notices.
    pub public_url: Option<Arc<str>>,
}

impl Ctx {
    /// The portal's slug.
    pub fn portal_slug(&self) -> &str {
        self.profile.slug()
    }

    /// The same act, done by a user who has meanwhile been identified.
    pub fn by(&self, user: &User) -> Ctx {
        Ctx { actor: Actor::user(user), ..self.clone() }
    }

    /// The same act, done by a member of staff who has meanwhile been identified.
    pub fn by_staff(&self, member: &StaffMember) -> Ctx {
        Ctx { actor: Actor::staff(member), ..self.clone() }
    }
}

/// Why an operation could not come to a result at all. Refusals by rule are results, not errors.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Hashing: 503 when busy.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Sealed data cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No randomness.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    /// A secret cannot be handed to the token app.
    #[error(transparent)]
    HandOver(#[from] HandOverError),
    /// A certificate cannot be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A stored text cannot be read back.
    #[error("stored data cannot be read: {0}")]
    Corrupt(&'static str),
}

impl TransactionError for OperationError {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            OperationError::Db(error) => Some(error),
            _ => None,
        }
    }
}

/// How an act inside a settled transaction ends early: it is rolled back, the proof stays burnt.
#[derive(Debug, thiserror::Error)]
pub enum ActAbort {
    /// Somebody was faster, or the state has changed: 409 with the way back.
    #[error("the state has changed meanwhile")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl TransactionError for ActAbort {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            ActAbort::Db(error) => Some(error),
            ActAbort::Stale => None,
        }
    }
}

/// A guard that failed aborts the act.
pub(crate) fn guard(is_done: bool) -> Result<(), ActAbort> {
    if is_done { Ok(()) } else { Err(ActAbort::Stale) }
}

/// Counts of profiles are small; the columns are 32 bits wide.
pub(crate) fn count_limit(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
