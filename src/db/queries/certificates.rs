//! Client certificates, the authorities that issue them, permits to draw one, and reminders.

use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::certificate::{Authority, Certificate, CertificateRevocation};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AuthorityId, CertificateId, ContractId, UserId};
use crate::primitives::keys::Sealed;
use crate::schema::certificates::{
    certificate_authorities as authorities, certificate_permits as permits,
    certificate_warnings as warnings, certificates,
};
use crate::schema::users;

/// Nobody has more that are not revoked: drawing one revokes those never used.
const OWN_MAX: i64 = 20;

/// An authority to be written down.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = authorities)]
pub struct NewAuthorityRow {
    /// The portal's slug.
    pub portal: String,
    /// Common name.
    pub name: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// Sealed key.
    pub key_sealed: Vec<u8>,
    /// Its key.
    pub sealing_key_id: String,
    /// Now.
    pub created_at: UtcTime,
    /// End.
    pub expires_at: UtcTime,
}

/// A certificate to be written down.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = certificates)]
pub struct NewCertificate {
    /// The portal's slug.
    pub portal: String,
    /// Who signed it.
    pub authority_id: AuthorityId,
    /// Whose.
    pub user_id: UserId,
    /// Hexadecimal.
    pub serial: String,
    /// SHA-256 of the whole.
    pub fingerprint: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// Which form drew it.
    pub form_digest: Option<String>,
    /// Begin.
    pub issued_at: UtcTime,
    /// End.
    pub expires_at: UtcTime,
    /// The first login with it: only demo data come used.
    pub first_used_at: Option<UtcTime>,
}

/// A permit to draw a certificate.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = permits)]
pub struct NewPermit {
    /// Unguessable id.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub user_id: UserId,
    /// The login that proved it.
    pub login_id: String,
    /// Now.
    pub created_at: UtcTime,
    /// End.
    pub expires_at: UtcTime,
}

/// Writes an authority down; false where another one issues for the portal.
///
/// # Errors
/// Whatever the database says.
pub fn insert_authority(conn: &mut DbConn, row: &NewAuthorityRow) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(authorities::table).values(row.clone()).execute(conn)
    })
}

/// The authority that issues for the portal.
///
/// # Errors
/// Whatever the database says.
pub fn find_authority(conn: &mut DbConn, portal: &str) -> Result<Option<Authority>, DbError> {
    Ok(authorities::table
        .filter(authorities::portal.eq(portal))
        .filter(authorities::retired_at.is_null())
        .select(Authority::as_select())
        .first(conn)
        .optional()?)
}

/// Lets an authority issue no more; false if it has retired already.
///
/// # Errors
/// Whatever the database says.
pub fn retire_authority(conn: &mut DbConn, id: AuthorityId, now: UtcTime) -> Result<bool, DbError> {
    let issuing = authorities::table.find(id).filter(authorities::retired_at.is_null());
    Ok(diesel::update(issuing).set(authorities::retired_at.eq(now)).execute(conn)? == 1)
}

/// Authorities of the portal whose keys another key than `key_id` sealed, after `after`.
///
/// # Errors
/// Whatever the database says.
pub fn list_sealed_otherwise(
    conn: &mut DbConn,
    portal: &str,
    key_id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Authority>, DbError> {
    Ok(authorities::table
        .filter(authorities::portal.eq(portal))
        .filter(authorities::sealing_key_id.ne(key_id))
        .filter(authorities::id.gt(after))
        .select(Authority::as_select())
        .order(authorities::id)
        .limit(limit)
        .load(conn)?)
}

/// Puts a key sealed anew in the place of `before`; false if that is not what stands there.
///
/// # Errors
/// Whatever the database says.
pub fn reseal(conn: &mut DbConn, id: i64, before: &[u8], sealed: &Sealed) -> Result<bool, DbError> {
    let unchanged = authorities::table.find(id).filter(authorities::key_sealed.eq(before));
    let resealed = diesel::update(unchanged)
        .set((
            authorities::key_sealed.eq(&sealed.bytes),
            authorities::sealing_key_id.eq(&sealed.key_id),
        ))
        .execute(conn)?;
    Ok(resealed == 1)
}

/// How many authorities of all portals another key than `key_id` sealed.
///
/// # Errors
/// Whatever the database says.
pub fn count_sealed_otherwise(conn: &mut DbConn, key_id: &str) -> Result<i64, DbError> {
    let others = authorities::table.filter(authorities::sealing_key_id.ne(key_id));
    Ok(others.count().get_result(conn)?)
}

/// Writes a certificate down; false where its form has drawn one already.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, row: &NewCertificate) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(certificates::table).values(row.clone()).execute(conn)
    })
}

/// Writes demo data: authorities, and certificates of them.
///
/// # Errors
/// Whatever the database says.
pub fn insert_all(
    conn: &mut DbConn,
    authorities: &[NewAuthorityRow],
    certificates: &[NewCertificate],
) -> Result<(), DbError> {
    for authority in authorities {
        insert_authority(conn, authority)?;
    }
    for certificate in certificates {
        let authority = find_authority(conn, &certificate.portal)?;
        let authority_id = authority.map_or(certificate.authority_id, |found| found.id);
        insert(conn, &NewCertificate { authority_id, ..certificate.clone() })?;
    }
    Ok(())
}

/// The portal's certificate with this fingerprint, revoked and expired ones too.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_fingerprint(
    conn: &mut DbConn,
    portal: &str,
    fingerprint: &str,
) -> Result<Option<Certificate>, DbError> {
    Ok(certificates::table
        .filter(certificates::fingerprint.eq(fingerprint))
        .filter(certificates::portal.eq(portal))
        .select(Certificate::as_select())
        .first(conn)
        .optional()?)
}

/// The certificate that this form drew.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_form(
    conn: &mut DbConn,
    user_id: UserId,
    form_digest: &str,
) -> Result<Option<Certificate>, DbError> {
    Ok(certificates::table
        .filter(certificates::form_digest.eq(form_digest))
        .filter(certificates::user_id.eq(user_id))
        .select(Certificate::as_select())
        .first(conn)
        .optional()?)
}

/// The user's certificates that are not revoked, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_own(conn: &mut DbConn, user_id: UserId) -> Result<Vec<Certificate>, DbError> {
    Ok(certificates::table
        .filter(certificates::user_id.eq(user_id))
        .filter(certificates::revoked_at.is_null())
        .select(Certificate::as_select())
        .order(certificates::id.desc())
        .limit(OWN_MAX)
        .load(conn)?)
}

/// The user's newest certificate, a revoked one too.
///
/// # Errors
/// Whatever the database says.
pub fn find_newest(conn: &mut DbConn, user_id: UserId) -> Result<Option<Certificate>, DbError> {
    Ok(certificates::table
        .filter(certificates::user_id.eq(user_id))
        .select(Certificate::as_select())
        .order(certificates::id.desc())
        .first(conn)
        .optional()?)
}

/// The certificates of these users that are not revoked, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_users(
    conn: &mut DbConn,
    contract_id: ContractId,
    user_ids: &[UserId],
) -> Result<Vec<Certificate>, DbError> {
    let limit = OWN_MAX.saturating_mul(i64::try_from(user_ids.len()).unwrap_or(i64::MAX));
    Ok(certificates::table
        .inner_join(users::table.on(users::id.eq(certificates::user_id)))
        .filter(users::contract_id.eq(contract_id))
        .filter(certificates::user_id.eq_any(user_ids.to_vec()))
        .filter(certificates::revoked_at.is_null())
        .select(Certificate::as_select())
        .order(certificates::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// Every certificate of the portal with its user's login id, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_portal(
    conn: &mut DbConn,
    portal: &str,
    limit: i64,
) -> Result<Vec<(Certificate, String)>, DbError> {
    Ok(certificates::table
        .inner_join(users::table.on(users::id.eq(certificates::user_id)))
        .filter(certificates::portal.eq(portal))
        .select((Certificate::as_select(), users::login_id))
        .order(certificates::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// Revokes a certificate; false if it is revoked already.
///
/// # Errors
/// Whatever the database says.
pub fn revoke(
    conn: &mut DbConn,
    id: CertificateId,
    reason: CertificateRevocation,
    now: UtcTime,
) -> Result<bool, DbError> {
    let live = certificates::table.find(id).filter(certificates::revoked_at.is_null());
    let revoked = diesel::update(live)
        .set((certificates::revoked_at.eq(now), certificates::revoke_reason.eq(reason)))
        .execute(conn)?;
    Ok(revoked == 1)
}

/// Notes the first login with a certificate; false if there was one before, or it is revoked.
///
/// # Errors
/// Whatever the database says.
pub fn note_first_use(conn: &mut DbConn, id: CertificateId, now: UtcTime) -> Result<bool, DbError> {
    let unused = certificates::table
        .find(id)
        .filter(certificates::first_used_at.is_null())
        .filter(certificates::revoked_at.is_null());
    Ok(diesel::update(unused).set(certificates::first_used_at.eq(now)).execute(conn)? == 1)
}

/// Writes a permit down.
///
/// # Errors
/// Whatever the database says.
pub fn insert_permit(conn: &mut DbConn, permit: NewPermit) -> Result<(), DbError> {
    diesel::insert_into(permits::table).values(permit).execute(conn)?;
    Ok(())
}

/// Whether this login has the permit, and it holds at `now`. The row is written, so that acts under
/// one permit come one after the other.
///
/// # Errors
/// Whatever the database says.
pub fn is_permitted(
    conn: &mut DbConn,
    id: &str,
    login_id: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let held = permits::table
        .find(id)
        .filter(permits::login_id.eq(login_id))
        .filter(permits::expires_at.gt(now));
    Ok(diesel::update(held).set(permits::login_id.eq(login_id)).execute(conn)? == 1)
}

/// Until when this login may draw under the permit; nothing for anybody else's.
///
/// # Errors
/// Whatever the database says.
pub fn find_permit(
    conn: &mut DbConn,
    id: &str,
    login_id: &str,
) -> Result<Option<(UtcTime, UtcTime)>, DbError> {
    Ok(permits::table
        .find(id)
        .filter(permits::login_id.eq(login_id))
        .select((permits::created_at, permits::expires_at))
        .first(conn)
        .optional()?)
}

/// Forgets permits that ended before `before`.
///
/// # Errors
/// Whatever the database says.
pub fn delete_permits_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    Ok(diesel::delete(permits::table.filter(permits::expires_at.lt(before))).execute(conn)?)
}

/// Certificates in use of the portal that end after `now` and not after `until`, behind `after`,
/// of users who are still there.
///
/// # Errors
/// Whatever the database says.
pub fn list_expiring(
    conn: &mut DbConn,
    portal: &str,
    (now, until): (UtcTime, UtcTime),
    after: CertificateId,
    limit: i64,
) -> Result<Vec<Certificate>, DbError> {
    Ok(certificates::table
        .inner_join(users::table.on(users::id.eq(certificates::user_id)))
        .filter(users::deleted_at.is_null())
        .filter(certificates::portal.eq(portal))
        .filter(certificates::expires_at.gt(now))
        .filter(certificates::expires_at.le(until))
        .filter(certificates::revoked_at.is_null())
        .filter(certificates::id.gt(after))
        .select(Certificate::as_select())
        .order(certificates::id)
        .limit(limit)
        .load(conn)?)
}

/// Notes a reminder; false if it was given before.
///
/// # Errors
/// Whatever the database says.
pub fn insert_warning(
    conn: &mut DbConn,
    id: CertificateId,
    days_before: i32,
    now: UtcTime,
) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(warnings::table)
            .values((
                warnings::certificate_id.eq(id),
                warnings::days_before.eq(days_before),
                warnings::warned_at.eq(now),
            ))
            .execute(conn)
    })
}
