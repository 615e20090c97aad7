//! X.509 of client certificates: a portal's own authority, the keys of its users, and what the
//! authority signs (RFC 5280). ECDSA on P-256 throughout.
//!
//! A user's private key is made from a secret of the form that draws the certificate, so that the
//! same form sent twice gets the same file and nothing of the key has to be kept anywhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToSec1Point;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SerialNumber,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::primitives::clock::UtcTime;
use crate::primitives::ids::random_bytes;
use crate::primitives::keys::KeyRing;
use crate::primitives::secret::Secret;

const SERIAL_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
/// Almost no random number lies outside the curve's order.
const DRAWS_MAX: u32 = 8;
/// Clocks of users may be that late.
const BEFORE: TimeDelta = TimeDelta::minutes(5);
/// PKCS #8 of a key on P-256 (RFC 5208, RFC 5915), up to the private key.
const PKCS8_HEAD: [u8; 36] = [
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02,
    0x01, 0x01, 0x04, 0x20,
];
/// Between the private key and the point that belongs to it.
const PKCS8_MIDDLE: [u8; 5] = [0xa1, 0x44, 0x03, 0x42, 0x00];

/// Why a certificate cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
    /// A stored key is none, or a signature failed.
    #[error("a certificate cannot be made: {0}")]
    Failed(String),
}

impl From<rcgen::Error> for CertificateError {
    fn from(error: rcgen::Error) -> Self {
        CertificateError::Failed(error.to_string())
    }
}

/// A key pair.
#[derive(Debug, Clone)]
pub struct CertificateKey {
    /// PKCS #8.
    pub pkcs8: Secret,
}

/// An authority, just made.
#[derive(Debug, Clone)]
pub struct NewAuthority {
    /// The common name, which its certificates carry as their issuer.
    pub name: String,
    /// Its own certificate, DER.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: CertificateKey,
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Common name: ids only, nothing about the person.
    pub name: String,
    /// The first moment.
    pub from: UtcTime,
    /// The end.
    pub until: UtcTime,
}

/// A certificate, just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// 128 bits in hexadecimal.
    pub serial: String,
    /// DER.
    pub certificate: Vec<u8>,
}

impl CertificateKey {
    /// The key that belongs to `form_secret`, which nobody foresees who lacks either that or the
    /// portal's sealing key.
    ///
    /// # Errors
    /// None of several draws is a key, which does not happen.
    pub fn derive(keys: &KeyRing, form_secret: &str) -> Result<CertificateKey, CertificateError> {
        for draw in 0..DRAWS_MAX {
            let label =
                Zeroizing::new(format!("madoguchi client certificate {draw} {form_secret}"));
            let bytes = keys.derive::<KEY_BYTES>(&label);
            if let Ok(key) = SecretKey::from_slice(bytes.as_slice()) {
                return Ok(CertificateKey::of(&key, bytes.as_slice()));
            }
        }
        Err(CertificateError::Failed("no draw is a key".to_owned()))
    }

    fn of(key: &SecretKey, bytes: &[u8]) -> CertificateKey {
        let point = key.public_key().to_sec1_point(false);
        let pkcs8 = [&PKCS8_HEAD, bytes, &PKCS8_MIDDLE, point.as_bytes()].concat();
        CertificateKey { pkcs8: Secret::new(pkcs8) }
    }

    /// Whether the DER of `certificate` holds the point of this key.
    #[must_use]
    pub fn belongs_to(&self, certificate: &[u8]) -> bool {
        let point = self.pkcs8.expose().get(PKCS8_HEAD.len() + KEY_BYTES + PKCS8_MIDDLE.len()..);
        point.is_some_and(|point| {
            !point.is_empty() && certificate.windows(point.len()).any(|part| part == point)
        })
    }

    fn pair(&self) -> Result<KeyPair, CertificateError> {
        let der = PrivatePkcs8KeyDer::from(self.pkcs8.expose());
        Ok(KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256)?)
    }
}

/// Makes an authority that signs client certificates and nothing below itself.
///
/// # Errors
/// No randomness.
pub fn new_authority(subject: &Subject) -> Result<NewAuthority, CertificateError> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = params(subject)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.serial_number = Some(SerialNumber::from(draw_serial()?.to_vec()));
    let certificate = params.self_signed(&pair)?.der().to_vec();
    let key = CertificateKey { pkcs8: Secret::new(pair.serialize_der()) };
    Ok(NewAuthority { name: subject.name.clone(), certificate, key })
}

/// Lets the authority `name` sign a certificate for TLS client authentication.
///
/// # Errors
/// No randomness, or a stored key that is none.
pub fn issue(
    (name, authority_key): (&str, &CertificateKey),
    subject: &Subject,
    key: &CertificateKey,
) -> Result<Issued, CertificateError> {
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = common_name(name);
    issuer.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let issuer = Issuer::new(issuer, authority_key.pair()?);
    let serial = draw_serial()?;
    let mut params = params(subject)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    params.serial_number = Some(SerialNumber::from(serial.to_vec()));
    let certificate = params.signed_by(&key.pair()?, &issuer)?.der().to_vec();
    Ok(Issued { serial: hexadecimal(&serial), certificate })
}

fn params(subject: &Subject) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&subject.name);
    params.not_before = moment(subject.from - BEFORE)?;
    params.not_after = moment(subject.until)?;
    Ok(params)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

fn moment(time: UtcTime) -> Result<OffsetDateTime, CertificateError> {
    OffsetDateTime::from_unix_timestamp(time.and_utc().timestamp())
        .map_err(|error| CertificateError::Failed(error.to_string()))
}

/// 127 random bits: the highest stays clear, so that the number is positive in 16 bytes.
fn draw_serial() -> Result<[u8; SERIAL_BYTES], CertificateError> {
    let mut serial = random_bytes::<SERIAL_BYTES>().map_err(|_| CertificateError::NoRandomness)?;
    if let Some(first) = serial.first_mut() {
        // Not zero either: DER would shorten it.
        *first = *first & 0x7f | 0x40;
    }
    Ok(serial)
}

/// SHA-256 over the whole certificate, in hexadecimal: by this it is known again.
#[must_use]
pub fn fingerprint(certificate: &[u8]) -> String {
    hexadecimal(&Sha256::digest(certificate))
}

/// The certificate as text.
#[must_use]
pub fn pem(certificate: &[u8]) -> String {
    let base64 = STANDARD.encode(certificate);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap_or_default())
        .collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::clock::parse_rfc3339;

    fn subject(name: &str) -> Subject {
        let at = |text| parse_rfc3339(text).unwrap();
        Subject {
            name: name.to_owned(),
            from: at("2026-11-24T12:00:00+09:00"),
            until: at("2027-11-24T12:00:00+09:00"),
        }
    }

    #[test]
    fn the_same_form_and_keys_make_the_same_key_and_others_another() {
        let ring =
            |byte: u8| KeyRing::parse(&format!("a:{}", STANDARD.encode([byte; 32]))).unwrap();
        let key = |byte, form| CertificateKey::derive(&ring(byte), form).unwrap().pkcs8;
        assert_eq!(key(1, "form"), key(1, "form"));
        assert_ne!(key(1, "form"), key(1, "forn"));
        assert_ne!(key(1, "form"), key(2, "form"));
    }

    #[test]
    fn a_certificate_belongs_to_its_key_and_has_a_serial_of_its_own() {
        let ring = KeyRing::parse(&format!("a:{}", STANDARD.encode([1; 32]))).unwrap();
        let authority = new_authority(&subject("authority")).unwrap();
        let key = CertificateKey::derive(&ring, "form").unwrap();
        let other = CertificateKey::derive(&ring, "other").unwrap();
        let by = (authority.name.as_str(), &authority.key);
        let issued = issue(by, &subject("9/tanto"), &key).unwrap();
        assert!(key.belongs_to(&issued.certificate));
        assert!(!other.belongs_to(&issued.certificate));
        assert_eq!(issued.serial.len(), 32);
        let again = issue(by, &subject("9/tanto"), &key).unwrap();
        assert_ne!(issued.serial, again.serial);
        assert_ne!(fingerprint(&issued.certificate), fingerprint(&again.certificate));
        assert!(pem(&issued.certificate).lines().all(|line| line.len() <= 64));
    }
}
