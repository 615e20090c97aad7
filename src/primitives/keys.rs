//! The portal's own keys, from `MADOGUCHI_KEYS` (`id:base64,id:base64`): the first seals, all open.
//!
//! Sealing is XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with a random 24-byte nonce before the
//! text. Further keys are derived with HKDF-SHA-256 (RFC 5869), one label per use.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::primitives::ids::random_bytes;
use crate::primitives::secret::Secret;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// Why keys cannot be read, or something sealed cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key was given.
    #[error("no key given: set MADOGUCHI_KEYS to id:base64 with 32 random bytes")]
    Missing,
    /// An entry is not `id:base64` with 32 bytes; carries the entry's place, never its text.
    #[error("key number {0} is not id:base64 of exactly 32 bytes (openssl rand -base64 32)")]
    Malformed(usize),
    /// Two keys have one id.
    #[error("the key id {0} stands twice")]
    Duplicate(String),
    /// Sealed under a key that is no longer configured.
    #[error("the key {0} is not in MADOGUCHI_KEYS any more; add it behind the first")]
    Unknown(String),
    /// The sealed text was changed, or belongs to another row.
    #[error("sealed data cannot be opened: it was changed or belongs elsewhere")]
    Broken,
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}

struct Key {
    id: String,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

/// The keys, newest first.
pub struct KeyRing {
    keys: Vec<Key>,
    lookup: Zeroizing<[u8; KEY_BYTES]>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|key| key.id.as_str()).collect();
        formatter.debug_struct("KeyRing").field("ids", &ids).finish_non_exhaustive()
    }
}

/// Something sealed, with the id of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which key opens it.
    pub key_id: String,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

impl KeyRing {
    /// Reads `id:base64,id:base64`.
    ///
    /// # Errors
    /// [`KeyError`] says what to set; it never repeats key material.
    pub fn parse(text: &str) -> Result<KeyRing, KeyError> {
        let mut keys: Vec<Key> = Vec::new();
        for (place, entry) in text.split(',').map(str::trim).filter(|e| !e.is_empty()).enumerate() {
            let key = parse_key(entry).ok_or(KeyError::Malformed(place + 1))?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(KeyError::Duplicate(key.id));
            }
            keys.push(key);
        }
        let first = keys.first().ok_or(KeyError::Missing)?;
        let lookup = Zeroizing::new(expand(first.bytes.as_slice(), "madoguchi lookup"));
        Ok(KeyRing { keys, lookup })
    }

    /// The id of the key that seals.
    pub fn sealing_key_id(&self) -> &str {
        self.keys.first().map_or("", |key| key.id.as_str())
    }

    /// Seals under the first key, bound to `context` (what and whose it is).
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`] where the operating system fails.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Sealed, KeyError> {
        let key = self.keys.first().ok_or(KeyError::Missing)?;
        let nonce = random_bytes::<NONCE_BYTES>().map_err(|_| KeyError::NoRandomness)?;
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let text = cipher(&key.bytes)?
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| KeyError::Broken)?;
        Ok(Sealed { key_id: key.id.clone(), bytes: [nonce.as_slice(), &text].concat() })
    }

    /// Opens what [`KeyRing::seal`] sealed for the same `context`.
    ///
    /// # Errors
    /// [`KeyError::Unknown`] for a key that was taken away, [`KeyError::Broken`] for anything else.
    pub fn open(&self, context: &str, key_id: &str, sealed: &[u8]) -> Result<Secret, KeyError> {
        let key = self
            .keys
            .iter()
            .find(|key| key.id == key_id)
            .ok_or_else(|| KeyError::Unknown(key_id.to_owned()))?;
        let (nonce, text) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(KeyError::Broken)?;
        let payload = Payload { msg: text, aad: context.as_bytes() };
        cipher(&key.bytes)?
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Secret::new)
            .map_err(|_| KeyError::Broken)
    }

    /// A key derived from the first one for `label` (HKDF-SHA-256): cookies, signatures.
    /// Rotating the first key changes it.
    pub fn derive<const N: usize>(&self, label: &str) -> Zeroizing<[u8; N]> {
        let first = self.keys.first().map_or([0; KEY_BYTES].as_slice(), |key| key.bytes.as_slice());
        Zeroizing::new(expand(first, label))
    }

    /// Derived keys under every configured key, the first one first: to check older signatures.
    pub fn derive_each<const N: usize>(&self, label: &str) -> Vec<(String, Zeroizing<[u8; N]>)> {
        self.keys
            .iter()
            .map(|key| (key.id.clone(), Zeroizing::new(expand(key.bytes.as_slice(), label))))
            .collect()
    }

    /// A keyed digest (HMAC-SHA-256, 43 characters) for equality tests on codes that must not be
    /// readable in the database. `purpose` keeps uses apart.
    pub fn digest(&self, purpose: &str, text: &str) -> String {
        let mac = hmac_sha256(self.lookup.as_slice(), &[purpose.as_bytes(), &[0], text.as_bytes()]);
        URL_SAFE_NO_PAD.encode(mac)
    }

    /// A number that nobody foresees without the keys, always the same one for the same text.
    pub fn draw(&self, purpose: &str, text: &str) -> u64 {
        let mac = hmac_sha256(self.lookup.as_slice(), &[purpose.as_bytes(), &[0], text.as_bytes()]);
        mac.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

/// HMAC-SHA-256 over the parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else {
        return [0; 32]; // HMAC takes keys of any length (RFC 2104), so this is never reached.
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn parse_key(entry: &str) -> Option<Key> {
    let (id, text) = entry.split_once(':')?;
    let decoded = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
    let bytes: [u8; KEY_BYTES] = decoded.as_slice().try_into().ok()?;
    let id_is_plain = !id.is_empty()
        && id.len() <= 32
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    id_is_plain.then(|| Key { id: id.to_owned(), bytes: Zeroizing::new(bytes) })
}

fn cipher(key: &[u8; KEY_BYTES]) -> Result<XChaCha20Poly1305, KeyError> {
    XChaCha20Poly1305::new_from_slice(key).map_err(|_| KeyError::Broken)
}

/// HKDF-Expand for up to 255 * 32 bytes; the keys are random, so no Extract salt is needed.
fn expand<const N: usize>(key: &[u8], label: &str) -> [u8; N] {
    let mut out = [0; N];
    let expanded = hkdf::Hkdf::<Sha256>::new(None, key).expand(label.as_bytes(), &mut out);
    debug_assert!(expanded.is_ok(), "derived keys are far shorter than HKDF's limit");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(text: &str) -> KeyRing {
        KeyRing::parse(text).unwrap()
    }

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    #[test]
    fn the_first_key_seals_and_every_key_opens() {
        let old = ring(&format!("a:{}", key(1)));
        let sealed = old.seal("token 7", b"secret").unwrap();
        let rotated = ring(&format!("b:{},a:{}", key(2), key(1)));
        assert_eq!(rotated.open("token 7", "a", &sealed.bytes).unwrap().expose(), b"secret");
        assert_eq!(rotated.seal("token 7", b"x").unwrap().key_id, "b");
    }

    #[test]
    fn sealed_bytes_open_only_where_they_belong() {
        let keys = ring(&format!("a:{}", key(1)));
        let mut sealed = keys.seal("token 7", b"secret").unwrap();
        assert_eq!(keys.open("token 8", "a", &sealed.bytes), Err(KeyError::Broken));
        assert_eq!(keys.open("token 7", "z", &sealed.bytes), Err(KeyError::Unknown("z".into())));
        sealed.bytes[30] ^= 1;
        assert_eq!(keys.open("token 7", "a", &sealed.bytes), Err(KeyError::Broken));
        assert_eq!(keys.open("token 7", "a", &[1, 2]), Err(KeyError::Broken));
    }

    #[test]
    fn bad_key_texts_are_named_without_their_material() {
        assert_eq!(KeyRing::parse("").unwrap_err(), KeyError::Missing);
        assert_eq!(KeyRing::parse("a:AAAA").unwrap_err(), KeyError::Malformed(1));
        let twice = format!("a:{},a:{}", key(1), key(2));
        assert_eq!(KeyRing::parse(&twice).unwrap_err(), KeyError::Duplicate("a".into()));
        assert!(!format!("{:?}", ring(&format!("a:{}", key(1)))).contains("AQEB"));
    }

    #[test]
    fn digests_differ_by_purpose_and_hmac_follows_rfc_4231() {
        let keys = ring(&format!("a:{}", key(1)));
        assert_ne!(keys.digest("otp", "123456"), keys.digest("mail", "123456"));
        assert_eq!(keys.digest("otp", "123456").len(), 43);
        let mac = hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(&mac[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }
}
