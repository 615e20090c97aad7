//! The demo's client certificates. Nobody has their keys: they show how certificates near their end
//! look, and are renewed.

use chrono::TimeDelta;

use super::people::DemoContract;
use crate::db::queries::certificates::NewCertificate;
use crate::db::queries::demo::DemoRows;
use crate::domain::certificate::Authority;
use crate::operations::OperationError;
use crate::operations::certificate::authority::draw_row;
use crate::primitives::client_certificate::{CertificateKey, Subject, fingerprint, issue};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AuthorityId, random_id};
use crate::primitives::keys::KeyRing;

const VALID_DAYS: i64 = 365;
const AUTHORITY_AGE_DAYS: i64 = 800;

/// Adds the certificates of a contract's users, who stand in `rows` from `first_user` on.
///
/// # Errors
/// Sealing trouble, or no randomness.
pub(super) fn fill(
    rows: &mut DemoRows,
    keys: &KeyRing,
    contract: &DemoContract,
    first_user: usize,
    now: UtcTime,
) -> Result<(), OperationError> {
    let ids: Vec<_> = rows.users.iter().skip(first_user).map(|user| user.id).collect();
    for (user, user_id) in contract.users.iter().zip(ids) {
        let Some(days) = user.certificate_ends_in_days else { continue };
        let (name, key) = authority(rows, keys, &contract.portal, now)?;
        let until = now + TimeDelta::days(days);
        let from = until - TimeDelta::days(VALID_DAYS);
        let subject = Subject { name: user.login_id.clone(), from, until };
        let own = CertificateKey::derive(keys, &random_id()?)?;
        let issued = issue((&name, &key), &subject, &own)?;
        rows.certificates.push(NewCertificate {
            portal: contract.portal.clone(),
            // Known once the authority stands in the database.
            authority_id: AuthorityId(0),
            user_id,
            serial: issued.serial,
            fingerprint: fingerprint(&issued.certificate),
            certificate: issued.certificate,
            form_digest: None,
            issued_at: from,
            expires_at: until,
            first_used_at: Some(from + TimeDelta::days(1)),
        });
    }
    Ok(())
}

/// The portal's authority, made for the first certificate.
fn authority(
    rows: &mut DemoRows,
    keys: &KeyRing,
    portal: &str,
    now: UtcTime,
) -> Result<(String, CertificateKey), OperationError> {
    if !rows.authorities.iter().any(|row| row.portal == portal) {
        let made_at = now - TimeDelta::days(AUTHORITY_AGE_DAYS);
        rows.authorities.push(draw_row(keys, portal, made_at)?);
    }
    let row = rows.authorities.iter().find(|row| row.portal == portal);
    let row = row.ok_or(OperationError::Corrupt("no authority could be made"))?;
    let context = Authority::sealing_context(portal, &row.name);
    let pkcs8 = keys.open(&context, &row.sealing_key_id, &row.key_sealed)?;
    Ok((row.name.clone(), CertificateKey { pkcs8 }))
}
