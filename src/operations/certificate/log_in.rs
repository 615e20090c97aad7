//! The certificate at a log-on: asked before the secret where one came, so that nothing is counted
//! on the secret; asked after it where none came, so that nobody learns which contracts need one.

use crate::db::queries::{certificates, contracts, logins, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::certificate::{
    Certificate, CertificateRefusal, Choice, Standing, choice, decide_log_in,
};
use crate::domain::user::User;
use crate::operations::certificate::draw::replace;
use crate::operations::certificate::is_offered;
use crate::operations::{Ctx, Services, audit};

/// The certificate that came with a log-on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// SHA-256 of the whole.
    pub fingerprint: String,
    /// The log-on is to lead to the renewal of an expired one.
    pub is_for_renewal: bool,
}

impl Presented {
    fn lets_pass(&self, refusal: CertificateRefusal) -> bool {
        self.is_for_renewal && refusal == CertificateRefusal::Expired
    }
}

/// Why the log-on with this id is refused whatever the secret; the refusal is in the audit log
/// when this returns. An id that nobody has is told as somebody else's.
///
/// Permission: anybody.
///
/// # Errors
/// Whatever the database says.
pub async fn refusal(
    services: &Services,
    ctx: &Ctx,
    login_id: &str,
    presented: &Presented,
) -> Result<Option<CertificateRefusal>, DbError> {
    if !is_offered(&ctx.profile) {
        return Ok(None);
    }
    let (portal, login_id) = (ctx.portal_slug().to_owned(), login_id.to_owned());
    let (read, now) = (presented.clone(), ctx.now);
    let refusal = services
        .db
        .read(move |conn| {
            let came = certificates::find_by_fingerprint(conn, &portal, &read.fingerprint)?;
            let user = users::find_by_login_id(conn, &portal, &login_id)?;
            Ok::<_, DbError>(decide_log_in(came.as_ref(), user.map(|user| user.id), now).err())
        })
        .await?;
    let Some(refusal) = refusal.filter(|refusal| !presented.lets_pass(*refusal)) else {
        return Ok(None);
    };
    let (ctx, object) = (ctx.clone(), certificate_object(presented));
    services
        .db
        .write(move |conn| {
            let refused = AuditResult::Refused;
            audit::write(conn, &ctx, "login.certificate", &object, refused, refusal.word())
        })
        .await?;
    Ok(Some(refusal))
}

/// Enough of the fingerprint to find the certificate again.
fn certificate_object(presented: &Presented) -> String {
    let start: String = presented.fingerprint.chars().take(16).collect();
    format!("certificate {start}")
}

/// The certificate to which the log-on of a user, whose secret was right, is tied.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub(in crate::operations) fn decide_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    presented: Option<&Presented>,
) -> Result<Result<Option<Certificate>, CertificateRefusal>, DbError> {
    if !is_offered(&ctx.profile) {
        return Ok(Ok(None));
    }
    let Some(presented) = presented else { return without(conn, ctx, user) };
    let came = certificates::find_by_fingerprint(conn, ctx.portal_slug(), &presented.fingerprint)?;
    match decide_log_in(came.as_ref(), Some(user.id), ctx.now) {
        Ok(()) => Ok(Ok(came)),
        Err(refusal) if presented.lets_pass(refusal) => without(conn, ctx, user),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Ties the login to its certificate. The first log-on with one takes the older ones out of use.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn bind_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    login_id: &str,
    certificate: &Certificate,
) -> Result<(), DbError> {
    logins::set_certificate(conn, login_id, &certificate.fingerprint)?;
    if certificates::note_first_use(conn, certificate.id, ctx.now)? {
        let own = certificates::list_own(conn, certificate.user_id)?;
        for older in own.iter().filter(|one| one.id < certificate.id) {
            replace(conn, ctx, older)?;
        }
    }
    Ok(())
}

/// Whoever has a certificate in use, and needs one, comes with it.
fn without(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
) -> Result<Result<Option<Certificate>, CertificateRefusal>, DbError> {
    let is_required = contracts::is_certificate_required(conn, user.contract_id)?;
    let own = certificates::list_own(conn, user.id)?;
    let standing = Standing { is_required, is_bound: false };
    let choice = choice(ctx.profile.certificates, &own, standing, ctx.now);
    Ok(match choice {
        Choice::LogInWithIt => Err(CertificateRefusal::Needed),
        _ => Ok(None),
    })
}
