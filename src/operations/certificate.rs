//! Client certificates (利用者電子証明書): the portal's own authority, drawing and renewing, with
//! which ones somebody logs in, revocation, and whether a contract requires them.

pub mod authority;
pub mod draw;
pub mod expiry;
pub mod log_in;
pub mod permit;
pub mod require;
pub mod revoke;

use crate::db::queries::{certificates, contracts};
use crate::db::{DbConn, DbError};
use crate::domain::certificate::{Certificate, Choice, Standing, choice};
use crate::domain::login::Login;
use crate::domain::portal::{ClientCertificates, Profile};
use crate::domain::user::User;
use crate::operations::Ctx;

/// Whether contracts of the portal may require certificates.
#[must_use]
pub fn is_offered(profile: &Profile) -> bool {
    profile.services.client_certificates == ClientCertificates::ByContract
}

/// How a login stands to certificates.
///
/// # Errors
/// Whatever the database says.
pub fn standing(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &Login,
    user: &User,
) -> Result<Standing, DbError> {
    let is_required =
        is_offered(&ctx.profile) && contracts::is_certificate_required(conn, user.contract_id)?;
    Ok(Standing { is_required, is_bound: login.certificate_fingerprint.is_some() })
}

/// What a user may do about the own certificate, and why.
#[derive(Debug, Clone)]
pub struct Own {
    /// How the login stands.
    pub standing: Standing,
    /// Those not revoked, newest first.
    pub certificates: Vec<Certificate>,
    /// What may be done.
    pub choice: Choice,
}

/// Reads it.
///
/// # Errors
/// Whatever the database says.
pub fn own(conn: &mut DbConn, ctx: &Ctx, login: &Login, user: &User) -> Result<Own, DbError> {
    let standing = standing(conn, ctx, login, user)?;
    let certificates = certificates::list_own(conn, user.id)?;
    let choice = choice(ctx.profile.certificates, &certificates, standing, ctx.now);
    Ok(Own { standing, certificates, choice })
}
