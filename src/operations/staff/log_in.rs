//! STF001, first step: staff id and password. As with customers, a try is counted before the
//! password is looked at, ids that nobody has are counted in buckets, and a locked or unknown id
//! costs one hash like any other.

use crate::db::queries::{staff, staff_logins, unknown_logins};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::staff::{STAFF_SECRET_BYTES, StaffMember, StaffStage};
use crate::operations::login::identify::{BUCKETS, bucket_of};
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::ids::{random_bytes, random_id};
use crate::primitives::keys::Sealed;
use crate::primitives::password::nobodys_hash;
use crate::primitives::secret::Secret;

/// How the first step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordOutcome {
    /// Wrong id or wrong password: alike.
    Wrong,
    /// Too many tries with this id, known or not.
    Locked,
    /// The second step has begun: the code, or at the first login the set-up of the authenticator.
    Begun {
        /// The login's id, for the session.
        login_id: String,
        /// Which stage.
        stage: StaffStage,
    },
}

enum Claim {
    Counted { member: Option<Box<StaffMember>>, failures: i32 },
    Locked(Option<Box<StaffMember>>),
}

/// What a login needs that the database cannot make.
struct Drawn {
    login_id: String,
    csrf_secret: String,
    secret: Sealed,
}

/// Logs a member of staff in as far as id and password go.
///
/// Permission: anybody; this is where permission begins.
///
/// # Errors
/// Database, hashing or sealing trouble; refusals are values.
pub async fn log_in(
    services: &Services,
    ctx: &Ctx,
    staff_id: &str,
    password: &str,
) -> Result<PasswordOutcome, OperationError> {
    let (member, failures) = match claim(services, ctx, staff_id).await? {
        Claim::Counted { member, failures } => (member, failures),
        Claim::Locked(member) => {
            services.hasher.verify(nobodys_hash(), password).await?;
            return refuse(services, ctx, member, None).await;
        }
    };
    let hash = member.as_ref().map_or(nobodys_hash(), |member| member.password_hash.as_str());
    let verdict = services.hasher.verify(hash, password).await?;
    let Some(member) = member else { return refuse(services, ctx, None, Some(failures)).await };
    if !verdict.is_match {
        return refuse(services, ctx, Some(member), Some(failures)).await;
    }
    let context = StaffMember::sealing_context(ctx.portal_slug(), &member.staff_id);
    let secret = Secret::new(random_bytes::<STAFF_SECRET_BYTES>()?.to_vec());
    let drawn = Drawn {
        login_id: random_id()?,
        csrf_secret: random_id()?,
        secret: services.keys.seal(&context, secret.expose())?,
    };
    let ctx = ctx.by_staff(&member);
    let rehash = verdict.rehash;
    let outcome = services
        .db
        .write(move |conn| begin(conn, &ctx, &member, rehash.as_deref(), &drawn))
        .await?;
    Ok(outcome)
}

async fn claim(services: &Services, ctx: &Ctx, staff_id: &str) -> Result<Claim, OperationError> {
    let limit = count_limit(ctx.profile.credentials.login_failures_max);
    let digest = services.keys.digest("staff id", &format!("{} {staff_id}", ctx.portal_slug()));
    // Buckets of their own, behind the customers'.
    let bucket = BUCKETS + bucket_of(&digest);
    let (portal, staff_id) = (ctx.portal_slug().to_owned(), staff_id.to_owned());
    let claim = services
        .db
        .claim(move |conn| {
            let Some(member) = staff::find_by_staff_id(conn, &portal, &staff_id)? else {
                let counted = unknown_logins::claim_attempt(conn, &portal, bucket, limit)?;
                return Ok::<_, DbError>(counted.map_or(Claim::Locked(None), |failures| {
                    Claim::Counted { member: None, failures }
                }));
            };
            let is_claimed = staff::claim_password_attempt(conn, member.id, limit)?;
            let failures = member.password_failures + 1;
            let member = Box::new(member);
            Ok(if is_claimed {
                Claim::Counted { member: Some(member), failures }
            } else {
                Claim::Locked(Some(member))
            })
        })
        .await?;
    Ok(claim)
}

fn begin(
    conn: &mut DbConn,
    ctx: &Ctx,
    member: &StaffMember,
    rehash: Option<&str>,
    drawn: &Drawn,
) -> Result<PasswordOutcome, DbError> {
    if !staff::clear_password_failures(conn, member.id, &member.password_hash)? {
        let is_locked = staff::get(conn, member.id)?.locked_at.is_some();
        // Not locked: the password was changed while it was compared.
        return Ok(if is_locked { PasswordOutcome::Locked } else { PasswordOutcome::Wrong });
    }
    if let Some(new) = rehash {
        staff::replace_hash(conn, member.id, &member.password_hash, new)?;
    }
    let serial = format!("STAFF{:07}", member.id.0);
    let is_first = staff::begin_enrolment(conn, member.id, &serial, &drawn.secret)?;
    let stage = if is_first { StaffStage::Enrolment } else { StaffStage::OtpPending };
    if is_first {
        // The secret that another browser was shown is no longer the one.
        staff_logins::end_of_member(conn, member.id, "", EndReason::Replaced, ctx.now)?;
    }
    staff_logins::insert(
        conn,
        staff_logins::NewStaffLogin {
            id: drawn.login_id.clone(),
            portal: ctx.portal_slug().to_owned(),
            member_id: member.id,
            stage,
            csrf_secret: drawn.csrf_secret.clone(),
            created_at: ctx.now,
            last_use_at: ctx.now,
        },
    )?;
    let object = object_of(member);
    audit::write(conn, ctx, "staff.password", &object, AuditResult::Done, stage.as_str())?;
    Ok(PasswordOutcome::Begun { login_id: drawn.login_id.clone(), stage })
}

/// Writes the failure down; `failures` is none where the id was locked before.
async fn refuse(
    services: &Services,
    ctx: &Ctx,
    member: Option<Box<StaffMember>>,
    failures: Option<i32>,
) -> Result<PasswordOutcome, OperationError> {
    let ctx = ctx.clone();
    let limit = count_limit(ctx.profile.credentials.login_failures_max);
    let outcome = services
        .db
        .write(move |conn| {
            let object =
                member.as_ref().map_or("unknown staff id".to_owned(), |known| object_of(known));
            let details = if failures.is_some() { "wrong" } else { "locked" };
            audit::write(conn, &ctx, "staff.password", &object, AuditResult::Refused, details)?;
            if let Some(member) = member.as_ref().filter(|_| failures.is_some()) {
                lock_if_due(conn, &ctx, member)?;
            }
            let is_open = failures.is_some_and(|failures| failures < limit);
            Ok::<_, DbError>(if is_open { PasswordOutcome::Wrong } else { PasswordOutcome::Locked })
        })
        .await?;
    Ok(outcome)
}

/// Locks the member at the limit of either run, once, and ends every login.
///
/// # Errors
/// Whatever the database says.
pub(super) fn lock_if_due(
    conn: &mut DbConn,
    ctx: &Ctx,
    member: &StaffMember,
) -> Result<(), DbError> {
    let limits = (
        count_limit(ctx.profile.credentials.login_failures_max),
        count_limit(ctx.profile.tokens.throttle.failures_max),
    );
    if staff::lock(conn, member.id, limits, ctx.now)? {
        staff_logins::end_of_member(conn, member.id, "", EndReason::Suspended, ctx.now)?;
        audit::write(conn, ctx, "staff.lock", &object_of(member), AuditResult::Done, "")?;
    }
    Ok(())
}

/// How the audit log names a member of staff.
pub(super) fn object_of(member: &StaffMember) -> String {
    format!("staff {}", member.staff_id)
}
