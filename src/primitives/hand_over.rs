//! Hands a token's secret to the token app, so that nobody on the way reads it.
//!
//! ECDH on P-256 between a key the app made and one made here for this answer only; HKDF-SHA-256
//! (RFC 5869) with both public keys as salt and what is handed over as info; AES-256-GCM. The app
//! unwraps each part straight into a key that its own script can use but not read.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey, ecdh};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::primitives::ids::random_bytes;
use crate::primitives::secret::Secret;

/// An uncompressed point of P-256 (SEC 1), as WebCrypto's `raw` format has it.
const POINT_BYTES: usize = 65;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
/// A random number is almost never outside the curve's order.
const DRAWS_MAX: u32 = 8;

/// The app's public key: a point that was checked to be on the curve.
#[derive(Debug, Clone)]
pub struct AppKey {
    point: PublicKey,
    bytes: [u8; POINT_BYTES],
}

impl AppKey {
    /// Reads base64url without padding of an uncompressed point; none if it is anything else.
    pub fn parse(text: &str) -> Option<AppKey> {
        let bytes: [u8; POINT_BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let point = PublicKey::from_sec1_bytes(&bytes).ok()?;
        Some(AppKey { point, bytes })
    }

    /// SHA-256 of the key, 43 characters: by this the same app is known again.
    pub fn digest(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.bytes))
    }
}

/// A part of what is handed over, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPart {
    /// Nonce of AES-GCM.
    pub nonce: Vec<u8>,
    /// Ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// What the app needs to open the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// Our public key, for this answer only.
    pub server_key: Vec<u8>,
    /// The secret once for each purpose.
    pub parts: Vec<SealedPart>,
}

/// Why nothing could be handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandOverError {
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
    /// Sealing failed, which no valid key makes it do.
    #[error("a secret cannot be sealed for the token app")]
    Failed,
}

/// Seals `secret` for the app once for each purpose; `context` says what and whose it is, and each
/// part opens only with the same context and its own purpose.
///
/// # Errors
/// [`HandOverError`] without randomness.
pub fn seal(
    app_key: &AppKey,
    context: &str,
    secret: &Secret,
    purposes: &[&str],
) -> Result<HandOver, HandOverError> {
    let own = draw_key()?;
    let server_key = own.public_key().to_sec1_point(false).as_bytes().to_vec();
    let shared = ecdh::diffie_hellman(own.to_nonzero_scalar(), app_key.point.as_affine());
    let salt = [server_key.as_slice(), &app_key.bytes].concat();
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    shared
        .extract::<Sha256>(Some(&salt))
        .expand(context.as_bytes(), key.as_mut_slice())
        .map_err(|_| HandOverError::Failed)?;
    let cipher = Aes256Gcm::new_from_slice(key.as_slice()).map_err(|_| HandOverError::Failed)?;
    let parts = purposes
        .iter()
        .map(|purpose| seal_part(&cipher, purpose, secret))
        .collect::<Result<Vec<SealedPart>, HandOverError>>()?;
    Ok(HandOver { server_key, parts })
}

fn seal_part(
    cipher: &Aes256Gcm,
    purpose: &str,
    secret: &Secret,
) -> Result<SealedPart, HandOverError> {
    let nonce = random_bytes::<NONCE_BYTES>().map_err(|_| HandOverError::NoRandomness)?;
    let payload = Payload { msg: secret.expose(), aad: purpose.as_bytes() };
    let bytes = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| HandOverError::Failed)?;
    Ok(SealedPart { nonce: nonce.to_vec(), bytes })
}

fn draw_key() -> Result<SecretKey, HandOverError> {
    for _ in 0..DRAWS_MAX {
        let bytes = random_bytes::<KEY_BYTES>().map_err(|_| HandOverError::NoRandomness)?;
        let bytes = Zeroizing::new(bytes);
        if let Ok(key) = SecretKey::from_slice(bytes.as_slice()) {
            return Ok(key);
        }
    }
    Err(HandOverError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(
        app: &SecretKey,
        made: &HandOver,
        context: &str,
        at: usize,
        purpose: &str,
    ) -> Option<Vec<u8>> {
        let server = PublicKey::from_sec1_bytes(&made.server_key).unwrap();
        let shared = ecdh::diffie_hellman(app.to_nonzero_scalar(), server.as_affine());
        let own = app.public_key().to_sec1_point(false).as_bytes().to_vec();
        let salt = [made.server_key.clone(), own].concat();
        let mut key = [0; KEY_BYTES];
        shared.extract::<Sha256>(Some(&salt)).expand(context.as_bytes(), &mut key).unwrap();
        let part = &made.parts[at];
        let nonce: [u8; NONCE_BYTES] = part.nonce.clone().try_into().unwrap();
        let payload = Payload { msg: &part.bytes, aad: purpose.as_bytes() };
        Aes256Gcm::new_from_slice(&key).unwrap().decrypt(&Nonce::from(nonce), payload).ok()
    }

    fn key_of(app: &SecretKey) -> AppKey {
        let point = app.public_key().to_sec1_point(false);
        AppKey::parse(&URL_SAFE_NO_PAD.encode(point.as_bytes())).unwrap()
    }

    #[test]
    fn only_the_app_with_the_same_context_and_purpose_opens_a_part() {
        let (app, other) = (draw_key().unwrap(), draw_key().unwrap());
        let secret = Secret::new(vec![7; 20]);
        let made = seal(&key_of(&app), "a b", &secret, &["code", "sign"]).unwrap();
        assert_eq!(open(&app, &made, "a b", 0, "code").unwrap(), secret.expose());
        assert_eq!(open(&app, &made, "a b", 1, "sign").unwrap(), secret.expose());
        assert_eq!(open(&app, &made, "a b", 0, "sign"), None);
        assert_eq!(open(&app, &made, "a c", 0, "code"), None);
        assert_eq!(open(&other, &made, "a b", 0, "code"), None);
        let again = seal(&key_of(&app), "a b", &secret, &["code", "sign"]).unwrap();
        assert_ne!(made.server_key, again.server_key);
    }

    #[test]
    fn only_points_on_the_curve_are_keys() {
        let key = draw_key().unwrap();
        let mut bytes = key.public_key().to_sec1_point(false).as_bytes().to_vec();
        assert_eq!(key_of(&key).digest().len(), 43);
        bytes[64] ^= 1;
        assert!(AppKey::parse(&URL_SAFE_NO_PAD.encode(&bytes)).is_none());
        let compressed = key.public_key().to_sec1_point(true);
        assert!(AppKey::parse(&URL_SAFE_NO_PAD.encode(compressed.as_bytes())).is_none());
        for text in ["", "AA", "AA==", &"A".repeat(87), &"あ".repeat(87)] {
            assert!(AppKey::parse(text).is_none(), "{text}");
        }
    }
}
