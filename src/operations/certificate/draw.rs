//! Drawing a certificate (BCE003): the portal's authority signs, and the file with key and
//! certificate goes out with this answer. Neither key nor pass phrase is kept.
//!
//! Rule: certificates that were never used give way to the new one at once. One in use stays good
//! until its end, or until the first log-on with the new one. The same form sent twice gets the
//! same file, because the key comes from the form's secret.

use serde::Serialize;

use crate::db::queries::{certificates, logins, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::certificate::{Certificate, CertificateRevocation};
use crate::domain::login::{Login, LoginStage};
use crate::domain::mail::MailKind;
use crate::domain::user::User;
use crate::operations::certificate::authority::{Signer, signer};
use crate::operations::certificate::own;
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, receipt};
use crate::primitives::client_certificate::{CertificateKey, Issued, Subject, fingerprint, issue};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::AuthorityId;
use crate::primitives::keys::hmac_sha256;
use crate::primitives::pkcs12;
use crate::primitives::secret::Secret;

/// Letters and digits that nobody takes for each other.
const LETTERS: [char; 32] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u',
    'v', 'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7', '8', '9',
];
const PASS_PHRASE_LETTERS: usize = 20;
const GROUP_LETTERS: usize = 4;

/// Who draws, with what.
#[derive(Debug, Clone)]
pub struct Draw {
    /// Who.
    pub user: User,
    /// In which login.
    pub login: Login,
    /// The permit of BCE002.
    pub permit_id: String,
    /// The form's secret, which only the page knows.
    pub form_secret: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrawOutcome {
    /// The PKCS #12 file.
    File(Secret),
    /// The permit is over, or what was drawn with this form is no more.
    Stale,
}

#[derive(Serialize)]
struct CertificateReceipt<'a> {
    serial: &'a str,
    expires_at: UtcTime,
}

struct Made {
    authority_id: AuthorityId,
    issued: Issued,
    form_digest: String,
    expires_at: UtcTime,
}

/// The pass phrase that opens the file of this form: 100 bits.
#[must_use]
pub fn pass_phrase(form_secret: &str) -> String {
    let mac = hmac_sha256(form_secret.as_bytes(), &[b"pass phrase"]);
    let letters: Vec<char> = mac
        .iter()
        .take(PASS_PHRASE_LETTERS)
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)).copied())
        .collect();
    let groups: Vec<String> =
        letters.chunks(GROUP_LETTERS).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// Signs a certificate and makes its file.
///
/// Permission: the user of a login with a permit.
///
/// # Errors
/// Database or key trouble; a refusal is a value.
pub async fn draw(
    services: &Services,
    ctx: &Ctx,
    input: Draw,
) -> Result<DrawOutcome, OperationError> {
    let days = chrono::TimeDelta::days(i64::from(ctx.profile.certificates.valid_days));
    let expires_at = ctx.now + days;
    let Signer { id, name, key: authority_key, .. } = signer(services, ctx, expires_at).await?;
    let key = CertificateKey::derive(&services.keys, &input.form_secret)?;
    let subject = Subject { name: input.user.login_id.clone(), from: ctx.now, until: expires_at };
    let made = Made {
        authority_id: id,
        issued: issue((&name, &authority_key), &subject, &key)?,
        form_digest: services.keys.digest("certificate form", &input.form_secret),
        expires_at,
    };
    let (write_ctx, drawn) = (ctx.clone(), input.clone());
    let certificate = services
        .db
        .write(move |conn| match savepoint_act(conn, |conn| act(conn, &write_ctx, &drawn, &made)) {
            Ok(certificate) => Ok(Some(certificate)),
            Err(ActAbort::Stale) => Ok(None),
            Err(ActAbort::Db(error)) => Err(error),
        })
        .await?;
    let Some(certificate) = certificate.filter(|made| key.belongs_to(made)) else {
        return Ok(DrawOutcome::Stale);
    };
    // In plain letters: not every store shows others.
    let shown = format!("{} {}", ctx.portal_slug(), input.user.login_id);
    let pass_phrase = zeroize::Zeroizing::new(pass_phrase(&input.form_secret));
    let file = pkcs12::write(&shown, &certificate, &key.pkcs8, &pass_phrase)?;
    Ok(DrawOutcome::File(file))
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &Draw, made: &Made) -> Result<Vec<u8>, ActAbort> {
    let (login, user_id) = (&input.login, input.user.id);
    guard(logins::is_open_at(conn, &login.id, LoginStage::Complete)?)?;
    guard(certificates::is_permitted(conn, &input.permit_id, &login.id, ctx.now)?)?;
    let user = users::get(conn, user_id)?;
    guard(user.deleted_at.is_none() && user.paused_at.is_none())?;
    if let Some(known) = certificates::find_by_form(conn, user_id, &made.form_digest)? {
        guard(known.revoked_at.is_none() && known.first_used_at.is_none())?;
        return Ok(known.certificate);
    }
    let own = own(conn, ctx, login, &user)?;
    guard(own.choice.may_draw())?;
    let is_renewal = own.certificates.iter().any(|one| one.first_used_at.is_some());
    for unused in own.certificates.iter().filter(|one| one.first_used_at.is_none()) {
        replace(conn, ctx, unused)?;
    }
    let issued = &made.issued;
    guard(certificates::insert(conn, &row(ctx, &user, made))?)?;
    let (kind, operation) = match is_renewal {
        true => (MailKind::CertificateRenewed, "certificate.renew"),
        false => (MailKind::CertificateIssued, "certificate.issue"),
    };
    let details = CertificateReceipt { serial: &issued.serial, expires_at: made.expires_at };
    let (_, number) = receipt::write_in_tx(conn, ctx, user.id, operation, &details)?;
    let (object, serial) = (format!("user {user_id}"), format!("serial {}", issued.serial));
    audit::write(conn, ctx, operation, &object, AuditResult::Done, &serial)?;
    let what = Notice {
        receipt_number: Some(number),
        expires_at: Some(made.expires_at),
        ..Notice::of(kind)
    };
    tell_of_token(conn, ctx, &[user], &[], &what)?;
    Ok(issued.certificate.clone())
}

fn row(ctx: &Ctx, user: &User, made: &Made) -> certificates::NewCertificate {
    certificates::NewCertificate {
        portal: ctx.portal_slug().to_owned(),
        authority_id: made.authority_id,
        user_id: user.id,
        serial: made.issued.serial.clone(),
        fingerprint: fingerprint(&made.issued.certificate),
        certificate: made.issued.certificate.clone(),
        form_digest: Some(made.form_digest.clone()),
        issued_at: ctx.now,
        expires_at: made.expires_at,
        first_used_at: None,
    }
}

/// Takes a certificate out of use because another one is there; logins with it end.
///
/// # Errors
/// Whatever the database says.
pub(super) fn replace(
    conn: &mut DbConn,
    ctx: &Ctx,
    certificate: &Certificate,
) -> Result<(), DbError> {
    if certificates::revoke(conn, certificate.id, CertificateRevocation::Replaced, ctx.now)? {
        logins::end_of_certificate(conn, &certificate.fingerprint, ctx.now)?;
        let object = format!("user {}", certificate.user_id);
        let details = format!("serial {}, {}", certificate.serial, CertificateRevocation::Replaced);
        audit::write(conn, ctx, "certificate.revoke", &object, AuditResult::Done, &details)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pass_phrases_are_long_legible_and_differ_from_form_to_form() {
        let phrase = pass_phrase("a form's secret");
        assert_eq!(phrase.len(), 24);
        assert_eq!(phrase.split('-').count(), 5);
        assert!(!phrase.contains(['l', 'o', '0', '1']));
        assert_eq!(phrase, pass_phrase("a form's secret"));
        assert_ne!(phrase, pass_phrase("another form's"));
    }
}
