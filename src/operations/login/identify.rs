//! Identifies a person by login id and password: the first factor of every path.
//!
//! Attempts are counted per entered id before the password is looked at; ids nobody has are counted
//! in a fixed number of keyed buckets. A locked or unknown id costs one hash and one row like any
//! other, so that outsiders cannot tell ids apart by page or time (BLG001, BLG012).

use crate::db::queries::{unknown_logins, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::user::User;
use crate::operations::notice::{self, Notice};
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::password::nobodys_hash;

/// Buckets per portal for ids that nobody has.
pub(in crate::operations) const BUCKETS: i32 = 4_096;

/// What was found.
#[derive(Debug, Clone)]
pub enum Identified {
    /// Id and password are right.
    Known(Box<User>),
    /// Wrong id or wrong password: alike.
    Wrong,
    /// Too many tries with this id, known or not (BLG012).
    Locked,
}

enum Claim {
    Counted { user: Option<Box<User>>, failures: i32 },
    Locked(Option<Box<User>>),
}

/// Identifies a person.
///
/// Permission: anybody; this is where permission begins.
///
/// # Errors
/// Database or hashing trouble; refusals are values.
pub async fn identify(
    services: &Services,
    ctx: &Ctx,
    login_id: &str,
    password: &str,
) -> Result<Identified, OperationError> {
    let claim = claim(services, ctx, login_id).await?;
    let (user, failures) = match claim {
        Claim::Counted { user, failures } => (user, failures),
        Claim::Locked(user) => {
            services.hasher.verify(nobodys_hash(), password).await?;
            return refuse(services, ctx, user, None).await;
        }
    };
    let hash = user.as_ref().map_or(nobodys_hash(), |user| user.login_secret_hash.as_str());
    let verdict = services.hasher.verify(hash, password).await?;
    match user {
        Some(user) if verdict.is_match => settle_match(services, ctx, user, verdict.rehash).await,
        user => refuse(services, ctx, user, Some(failures)).await,
    }
}

async fn claim(services: &Services, ctx: &Ctx, login_id: &str) -> Result<Claim, OperationError> {
    let limit = count_limit(ctx.profile.credentials.login_failures_max);
    let digest = services.keys.digest("login id", &format!("{} {login_id}", ctx.portal_slug()));
    let bucket = bucket_of(&digest);
    let (portal, login_id) = (ctx.portal_slug().to_owned(), login_id.to_owned());
    let claim = services
        .db
        .claim(move |conn| {
            let Some(user) = users::find_by_login_id(conn, &portal, &login_id)? else {
                let counted = unknown_logins::claim_attempt(conn, &portal, bucket, limit)?;
                return Ok::<_, DbError>(counted.map_or(Claim::Locked(None), |failures| {
                    Claim::Counted { user: None, failures }
                }));
            };
            let is_claimed = users::claim_login_attempt(conn, user.id, limit)?;
            let failures = user.login_failures + 1;
            let user = Box::new(user);
            Ok(if is_claimed {
                Claim::Counted { user: Some(user), failures }
            } else {
                Claim::Locked(Some(user))
            })
        })
        .await?;
    Ok(claim)
}

/// The bucket in which ids that nobody has are counted, from the id's keyed digest.
pub(in crate::operations) fn bucket_of(digest: &str) -> i32 {
    digest
        .bytes()
        .fold(0_i32, |sum, byte| sum.wrapping_mul(31).wrapping_add(i32::from(byte)))
        .rem_euclid(BUCKETS)
}

async fn settle_match(
    services: &Services,
    ctx: &Ctx,
    user: Box<User>,
    rehash: Option<String>,
) -> Result<Identified, OperationError> {
    let ctx = ctx.by(&user);
    let identified = services
        .db
        .write(move |conn| {
            if !users::clear_login_failures(conn, user.id, &user.login_secret_hash)? {
                let is_locked = users::get(conn, user.id)?.login_locked_at.is_some();
                // Not locked: the secret was changed while it was compared.
                return Ok::<_, DbError>(match is_locked {
                    true => Identified::Locked,
                    false => Identified::Wrong,
                });
            }
            let mut user = user.clone();
            if let Some(new) = &rehash {
                users::replace_login_hash(conn, user.id, &user.login_secret_hash, new)?;
                user.login_secret_hash.clone_from(new);
            }
            let object = format!("user {}", user.id);
            audit::write(conn, &ctx, "login.identify", &object, AuditResult::Done, "")?;
            Ok(Identified::Known(user))
        })
        .await?;
    Ok(identified)
}

/// Writes the failure down; `failures` is none where the id was locked before.
async fn refuse(
    services: &Services,
    ctx: &Ctx,
    user: Option<Box<User>>,
    failures: Option<i32>,
) -> Result<Identified, OperationError> {
    let ctx = ctx.clone();
    let limit = count_limit(ctx.profile.credentials.login_failures_max);
    let identified = services
        .db
        .write(move |conn| {
            let object =
                user.as_ref().map_or("unknown id".to_owned(), |u| format!("user {}", u.id));
            let details = if failures.is_some() { "wrong" } else { "locked" };
            audit::write(conn, &ctx, "login.identify", &object, AuditResult::Refused, details)?;
            // A try that was not even counted locks nothing: those before it may yet be right.
            if let Some(user) = user.as_ref().filter(|_| failures.is_some()) {
                lock_if_due(conn, &ctx, user, limit)?;
            }
            let is_open = failures.is_some_and(|failures| failures < limit);
            Ok::<_, DbError>(if is_open { Identified::Wrong } else { Identified::Locked })
        })
        .await?;
    Ok(identified)
}

/// Locks the login at the limit and tells the customer by mail, once.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn lock_if_due(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    limit: i32,
) -> Result<(), DbError> {
    if users::lock_login(conn, user.id, limit, ctx.now)? {
        let object = format!("user {}", user.id);
        audit::write(conn, ctx, "login.lock", &object, AuditResult::Done, "")?;
        notice::enqueue(conn, ctx, user, &Notice::of(MailKind::LoginLocked))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_ids_spread_over_the_buckets() {
        let buckets: std::collections::BTreeSet<i32> =
            (0..1_000).map(|n| bucket_of(&format!("digest {n}"))).collect();
        assert!(buckets.len() > 500);
        assert!(buckets.iter().all(|bucket| (0..BUCKETS).contains(bucket)));
    }
}
