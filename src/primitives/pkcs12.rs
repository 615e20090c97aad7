//! Writes a PKCS #12 file (RFC 7292) of one key and its certificate, as browsers and phones take
//! it: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018), HMAC-SHA-256 over the whole.
//!
//! The file is made in memory for one download. The pass phrase is random and long, so the counts
//! of iterations are moderate.

use aes::Aes256;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::primitives::client_certificate::CertificateError;
use crate::primitives::ids::random_bytes;
use crate::primitives::keys::hmac_sha256;
use crate::primitives::secret::Secret;

const ITERATIONS: u32 = 10_000;
const SALT_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;
/// Block of SHA-256, in which the derivation of RFC 7292 works.
const HASH_BLOCK_BYTES: usize = 64;
/// "Key material for a MAC", RFC 7292, appendix B.3.
const MAC_PURPOSE: u8 = 3;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const NULL: u8 = 0x05;
const OID: u8 = 0x06;
const BMP_TEXT: u8 = 0x1e;
/// `[0]`, around another value.
const EXPLICIT_0: u8 = 0xa0;
/// `[0]`, in place of the tag of an octet string.
const IMPLICIT_0: u8 = 0x80;

// Object identifiers, encoded.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09];
const AES_256_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x02];
const CERTIFICATE_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x03];
const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
const FRIENDLY_NAME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14];
const LOCAL_KEY_ID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x15];

/// The file: `certificate` (DER) with its `key` (PKCS #8), shown as `name`, opened by `pass_phrase`
/// (ASCII).
///
/// # Errors
/// No randomness.
pub fn write(
    name: &str,
    certificate: &[u8],
    key: &Secret,
    pass_phrase: &str,
) -> Result<Secret, CertificateError> {
    let attributes = attributes(name, certificate);
    let certificate =
        value(SEQUENCE, &[oid(X509), value(EXPLICIT_0, &[value(OCTETS, &[certificate.to_vec()])])]);
    let certificates = value(SEQUENCE, &[bag(CERTIFICATE_BAG, certificate, attributes.clone())]);
    let (algorithm, encrypted) = encrypt(pass_phrase, &certificates)?;
    let content = value(SEQUENCE, &[oid(DATA), algorithm, value(IMPLICIT_0, &[encrypted])]);
    let certificates = content_info(ENCRYPTED_DATA, value(SEQUENCE, &[number(0), content]));

    let (algorithm, encrypted) = encrypt(pass_phrase, key.expose())?;
    let shrouded = value(SEQUENCE, &[algorithm, value(OCTETS, &[encrypted])]);
    let keys = value(SEQUENCE, &[bag(KEY_BAG, shrouded, attributes)]);
    let keys = content_info(DATA, value(OCTETS, &[keys]));

    let safe = value(SEQUENCE, &[certificates, keys]);
    let mac = mac(pass_phrase, &safe)?;
    let safe = content_info(DATA, value(OCTETS, &[safe]));
    Ok(Secret::new(value(SEQUENCE, &[number(3), safe, mac])))
}

fn content_info(kind: &[u8], content: Vec<u8>) -> Vec<u8> {
    value(SEQUENCE, &[oid(kind), value(EXPLICIT_0, &[content])])
}

fn bag(kind: &[u8], content: Vec<u8>, attributes: Vec<u8>) -> Vec<u8> {
    value(SEQUENCE, &[oid(kind), value(EXPLICIT_0, &[content]), attributes])
}

/// What ties key and certificate together, and what the store of the browser shows.
fn attributes(name: &str, certificate: &[u8]) -> Vec<u8> {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let id = Sha256::digest(certificate).to_vec();
    let attribute = |kind, text| value(SEQUENCE, &[oid(kind), value(SET, &[text])]);
    value(
        SET,
        &[
            attribute(LOCAL_KEY_ID, value(OCTETS, &[id])),
            attribute(FRIENDLY_NAME, value(BMP_TEXT, &[name])),
        ],
    )
}

/// The algorithm with its parameters, and the encrypted bytes.
fn encrypt(pass_phrase: &str, plain: &[u8]) -> Result<(Vec<u8>, Vec<u8>), CertificateError> {
    let (salt, iv) = (random::<SALT_BYTES>()?, random::<BLOCK_BYTES>()?);
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2::pbkdf2_hmac::<Sha256>(pass_phrase.as_bytes(), &salt, ITERATIONS, key.as_mut_slice());
    let failed = || CertificateError::Failed("a file cannot be encrypted".to_owned());
    let cipher = Encryptor::<Aes256>::new_from_slices(key.as_slice(), &iv).map_err(|_| failed())?;
    let mut buffer = plain.to_vec();
    buffer.resize(plain.len() + BLOCK_BYTES, 0);
    let encrypted =
        cipher.encrypt_padded::<Pkcs7>(&mut buffer, plain.len()).map_err(|_| failed())?.to_vec();
    let hash = value(SEQUENCE, &[oid(HMAC_SHA256), value(NULL, &[])]);
    let derivation = value(SEQUENCE, &[value(OCTETS, &[salt.to_vec()]), number(ITERATIONS), hash]);
    let derivation = value(SEQUENCE, &[oid(PBKDF2), derivation]);
    let cipher = value(SEQUENCE, &[oid(AES_256_CBC), value(OCTETS, &[iv.to_vec()])]);
    let parameters = value(SEQUENCE, &[derivation, cipher]);
    Ok((value(SEQUENCE, &[oid(PBES2), parameters]), encrypted))
}

fn mac(pass_phrase: &str, safe: &[u8]) -> Result<Vec<u8>, CertificateError> {
    let salt = random::<SALT_BYTES>()?;
    let key = mac_key(pass_phrase, &salt);
    let digest = hmac_sha256(key.as_slice(), &[safe]).to_vec();
    let algorithm = value(SEQUENCE, &[oid(SHA256), value(NULL, &[])]);
    let digest = value(SEQUENCE, &[algorithm, value(OCTETS, &[digest])]);
    Ok(value(SEQUENCE, &[digest, value(OCTETS, &[salt.to_vec()]), number(ITERATIONS)]))
}

/// RFC 7292, appendix B.2, for SHA-256 and a key as long as its hash.
fn mac_key(pass_phrase: &str, salt: &[u8]) -> Zeroizing<[u8; 32]> {
    let password: Zeroizing<Vec<u8>> =
        Zeroizing::new(pass_phrase.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect());
    let filled = |bytes: &[u8]| {
        let blocks = bytes.len().div_ceil(HASH_BLOCK_BYTES) * HASH_BLOCK_BYTES;
        bytes.iter().copied().cycle().take(blocks).collect::<Vec<u8>>()
    };
    let mut hash = Sha256::new();
    hash.update([MAC_PURPOSE; HASH_BLOCK_BYTES]);
    hash.update(filled(salt));
    hash.update(Zeroizing::new(filled(&password)).as_slice());
    let mut key: [u8; 32] = hash.finalize().into();
    for _ in 1..ITERATIONS {
        key = Sha256::digest(key).into();
    }
    Zeroizing::new(key)
}

fn random<const N: usize>() -> Result<[u8; N], CertificateError> {
    random_bytes::<N>().map_err(|_| CertificateError::NoRandomness)
}

/// A value in DER: tag, length, content.
fn value(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let mut der = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => der.push(short),
        _ => {
            let long: Vec<u8> = length.iter().copied().skip_while(|byte| *byte == 0).collect();
            // At most eight bytes of length.
            der.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            der.extend(long);
        }
    }
    der.extend(content);
    der
}

fn oid(bytes: &[u8]) -> Vec<u8> {
    value(OID, &[bytes.to_vec()])
}

fn number(number: u32) -> Vec<u8> {
    // With a zero in front, so that it stays positive; without needless ones.
    let bytes = [&[0], number.to_be_bytes().as_slice()].concat();
    let is_needless =
        |at: usize| bytes.get(at) == Some(&0) && bytes.get(at + 1).is_some_and(|next| *next < 0x80);
    let skip = (0..bytes.len()).find(|at| !is_needless(*at)).unwrap_or(0);
    value(INTEGER, &[bytes.into_iter().skip(skip).collect()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_numbers_are_der() {
        assert_eq!(value(OCTETS, &[vec![7]]), [4, 1, 7]);
        assert_eq!(value(OCTETS, &[vec![0; 128]])[..3], [4, 0x81, 128]);
        assert_eq!(value(OCTETS, &[vec![0; 300]])[..4], [4, 0x82, 1, 44]);
        assert_eq!(number(0), [2, 1, 0]);
        assert_eq!(number(128), [2, 2, 0, 128]);
        assert_eq!(number(10_000), [2, 2, 0x27, 0x10]);
    }

    #[test]
    fn two_files_of_the_same_differ() {
        let key = Secret::new(vec![1; 138]);
        let file = || write("name", &[7; 400], &key, "pass").unwrap();
        assert_ne!(file(), file());
        assert!(file().expose().len() < 2_000);
    }
}
