//! Reminders before a certificate ends: by mail, once per certificate and distance.

use chrono::TimeDelta;

use crate::db::queries::{certificates, users};
use crate::db::{DbConn, DbError};
use crate::domain::certificate::{Certificate, warning_days};
use crate::domain::mail::MailKind;
use crate::operations::certificate::is_offered;
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{Ctx, Services};
use crate::primitives::ids::CertificateId;

/// Certificates looked at in one transaction.
const BATCH: usize = 100;

/// What one batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarnedBatch {
    /// Users reminded.
    pub users: usize,
    /// The certificate after which the next batch begins; none if this was the last.
    pub next: Option<CertificateId>,
}

/// Whether any certificate of the portal comes near its end.
///
/// # Errors
/// Whatever the database says.
pub fn has_expiring(services: &Services, ctx: &Ctx) -> Result<bool, DbError> {
    if !is_offered(&ctx.profile) {
        return Ok(false);
    }
    let found = services.db.read_blocking(|conn| list(conn, ctx, CertificateId(0), 1))?;
    Ok(!found.is_empty())
}

/// Reminds the users of certificates that come within a distance of their end, one batch after
/// `after` (at first [`CertificateId`] 0).
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn warn_batch(
    services: &Services,
    ctx: &Ctx,
    after: CertificateId,
) -> Result<WarnedBatch, DbError> {
    let ctx = ctx.clone();
    services.db.write_blocking(move |conn| {
        let found = list(conn, &ctx, after, i64::try_from(BATCH).unwrap_or(i64::MAX))?;
        let mut users = 0;
        for certificate in &found {
            users += usize::from(warn(conn, &ctx, certificate)?);
        }
        let next = found.last().filter(|_| found.len() == BATCH).map(|certificate| certificate.id);
        Ok(WarnedBatch { users, next })
    })
}

fn list(
    conn: &mut DbConn,
    ctx: &Ctx,
    after: CertificateId,
    limit: i64,
) -> Result<Vec<Certificate>, DbError> {
    let longest = warning_days(ctx.profile.certificates).first().copied().unwrap_or(0);
    let until = ctx.now + TimeDelta::days(i64::from(longest));
    certificates::list_expiring(conn, ctx.portal_slug(), (ctx.now, until), after, limit)
}

fn warn(conn: &mut DbConn, ctx: &Ctx, certificate: &Certificate) -> Result<bool, DbError> {
    // Only the one in use needs renewal: neither what a newer one has followed in use, nor what was
    // drawn beside it and lies unused.
    let own = certificates::list_own(conn, certificate.user_id)?;
    let is_followed = own.iter().any(|one| one.id > certificate.id && one.first_used_at.is_some());
    let waits_behind =
        certificate.first_used_at.is_none() && own.iter().any(|one| one.id < certificate.id);
    if is_followed || waits_behind {
        return Ok(false);
    }
    let left = certificate.expires_at - ctx.now;
    let reached = warning_days(ctx.profile.certificates)
        .into_iter()
        .filter(|days| left <= TimeDelta::days(i64::from(*days)))
        .min();
    let Some(days) = reached.and_then(|days| i32::try_from(days).ok()) else { return Ok(false) };
    if !certificates::insert_warning(conn, certificate.id, days, ctx.now)? {
        return Ok(false);
    }
    let user = users::get(conn, certificate.user_id)?;
    let what = Notice {
        expires_at: Some(certificate.expires_at),
        ..Notice::of(MailKind::CertificateExpiring)
    };
    tell_of_token(conn, ctx, &[user], &[], &what)?;
    Ok(true)
}
