//! The portal's own authority, made at first need. Its key is kept sealed like tokens' secrets.
//!
//! Rule: one issues at a time. It is replaced when it would end before what it signs, or by
//! command; what it issued stays good until its end, because a log-on rests on the record of each
//! certificate and not on the signature alone.

use crate::db::DbError;
use crate::db::queries::certificates::{self, NewAuthorityRow};
use crate::domain::audit::AuditResult;
use crate::domain::certificate::{AUTHORITY_LIFETIME, Authority};
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::client_certificate::{CertificateKey, Subject, hexadecimal, new_authority};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AuthorityId, random_bytes};
use crate::primitives::keys::KeyRing;

/// Times that another process may be faster.
const TRIES: usize = 3;
const NAME_BYTES: usize = 4;

/// What signs.
#[derive(Debug, Clone)]
pub struct Signer {
    /// Row id.
    pub id: AuthorityId,
    /// Common name.
    pub name: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// Key.
    pub key: CertificateKey,
}

/// The authority that signs what ends at `until`, made where there is none.
///
/// Permission: the caller's.
///
/// # Errors
/// Database or key trouble.
pub async fn signer(
    services: &Services,
    ctx: &Ctx,
    until: UtcTime,
) -> Result<Signer, OperationError> {
    for _ in 0..TRIES {
        let portal = ctx.portal_slug().to_owned();
        let found =
            services.db.read(move |conn| certificates::find_authority(conn, &portal)).await?;
        if let Some(authority) = found.as_ref().filter(|one| one.expires_at >= until) {
            return open(&services.keys, authority);
        }
        let row = draw_row(&services.keys, ctx.portal_slug(), ctx.now)?;
        let ctx = ctx.clone();
        let retired = found.map(|one| one.id);
        services.db.write(move |conn| replace_in_tx(conn, &ctx, retired, &row)).await?;
    }
    Err(OperationError::Corrupt("no authority could be made"))
}

/// The authority that issues, made where there is none; with `is_new` always a new one, and the
/// present one retires.
///
/// Permission: whoever has the keys (by command).
///
/// # Errors
/// Database or key trouble.
pub fn issuing(services: &Services, ctx: &Ctx, is_new: bool) -> Result<Authority, OperationError> {
    let portal = ctx.portal_slug().to_owned();
    let find = || services.db.read_blocking(|conn| certificates::find_authority(conn, &portal));
    let found = find()?;
    if let Some(authority) = found.clone().filter(|_| !is_new) {
        return Ok(authority);
    }
    let row = draw_row(&services.keys, ctx.portal_slug(), ctx.now)?;
    let ctx = ctx.clone();
    let retired = found.map(|one| one.id);
    services.db.write_blocking(move |conn| replace_in_tx(conn, &ctx, retired, &row))?;
    find()?.ok_or(OperationError::Corrupt("no authority could be made"))
}

/// The authority with its key opened.
///
/// # Errors
/// Its key cannot be opened.
pub(in crate::operations) fn open(
    keys: &KeyRing,
    authority: &Authority,
) -> Result<Signer, OperationError> {
    let context = Authority::sealing_context(&authority.portal, &authority.name);
    let pkcs8 = keys.open(&context, &authority.sealing_key_id, &authority.key_sealed)?;
    Ok(Signer {
        id: authority.id,
        name: authority.name.clone(),
        certificate: authority.certificate.clone(),
        key: CertificateKey { pkcs8 },
    })
}

/// An authority with a name that no other one has.
///
/// # Errors
/// No randomness.
pub(in crate::operations) fn draw_row(
    keys: &KeyRing,
    portal: &str,
    now: UtcTime,
) -> Result<NewAuthorityRow, OperationError> {
    let mark = hexadecimal(&random_bytes::<NAME_BYTES>()?);
    let name = format!("madoguchi {portal} client CA {mark}");
    let expires_at = now + AUTHORITY_LIFETIME;
    let made = new_authority(&Subject { name, from: now, until: expires_at })?;
    let context = Authority::sealing_context(portal, &made.name);
    let sealed = keys.seal(&context, made.key.pkcs8.expose())?;
    Ok(NewAuthorityRow {
        portal: portal.to_owned(),
        name: made.name,
        certificate: made.certificate,
        key_sealed: sealed.bytes,
        sealing_key_id: sealed.key_id,
        created_at: now,
        expires_at,
    })
}

/// Puts a new authority in the place of `retired`; does nothing where somebody was faster.
fn replace_in_tx(
    conn: &mut crate::db::DbConn,
    ctx: &Ctx,
    retired: Option<AuthorityId>,
    row: &NewAuthorityRow,
) -> Result<(), DbError> {
    if let Some(id) = retired
        && !certificates::retire_authority(conn, id, ctx.now)?
    {
        return Ok(());
    }
    if certificates::insert_authority(conn, row)? {
        let done = AuditResult::Done;
        audit::write(conn, ctx, "certificate.authority", &row.name, done, "issues from now on")?;
    }
    Ok(())
}
