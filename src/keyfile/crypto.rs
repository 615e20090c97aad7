//! The ciphers, MACs and key derivation of encrypted key files.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::keyfile::encoding::into_secret;
use crate::primitives::secret::Secret;

const BLOCK_BYTES: usize = 16;

/// AES in CBC mode as XML Encryption has it: the initialisation vector stands in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CbcCipher {
    Aes128,
    Aes192,
    Aes256,
}

/// Decrypted bytes, and how many bytes of correct PKCS #7 padding came with them.
pub(crate) struct Decrypted {
    pub(crate) plain: Secret,
    /// 0 if the padding bytes differ from each other, which XML Encryption allows.
    pub(crate) pkcs7_bytes: usize,
}

impl CbcCipher {
    /// By the identifier of XML Encryption.
    pub(crate) fn from_uri(uri: &str) -> Option<CbcCipher> {
        match uri.strip_prefix("http://www.w3.org/2001/04/xmlenc#")? {
            "aes128-cbc" => Some(CbcCipher::Aes128),
            "aes192-cbc" => Some(CbcCipher::Aes192),
            "aes256-cbc" => Some(CbcCipher::Aes256),
            _ => None,
        }
    }

    /// Length of its key in bytes.
    pub(crate) fn key_bytes(self) -> usize {
        match self {
            CbcCipher::Aes128 => 16,
            CbcCipher::Aes192 => 24,
            CbcCipher::Aes256 => 32,
        }
    }

    /// Decrypts the initialisation vector and ciphertext in `value`. `None` if the lengths or the
    /// padding (XML Encryption, section 5.2: only the last byte counts) are impossible.
    pub(crate) fn decrypt(self, key: &Secret, value: &[u8]) -> Option<Decrypted> {
        let (iv, ciphertext) = value.split_at_checked(BLOCK_BYTES)?;
        if ciphertext.is_empty() || ciphertext.len() % BLOCK_BYTES != 0 {
            return None;
        }
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        match self {
            CbcCipher::Aes128 => decrypt_blocks::<Decryptor<Aes128>>(key, iv, &mut buffer)?,
            CbcCipher::Aes192 => decrypt_blocks::<Decryptor<Aes192>>(key, iv, &mut buffer)?,
            CbcCipher::Aes256 => decrypt_blocks::<Decryptor<Aes256>>(key, iv, &mut buffer)?,
        }
        let padding_bytes = usize::from(*buffer.last()?);
        if padding_bytes == 0 || padding_bytes > BLOCK_BYTES {
            return None;
        }
        let plain_bytes = buffer.len().checked_sub(padding_bytes)?;
        let padding = buffer.get(plain_bytes..)?;
        let is_pkcs7 = padding.iter().all(|byte| usize::from(*byte) == padding_bytes);
        buffer.truncate(plain_bytes);
        let pkcs7_bytes = if is_pkcs7 { padding_bytes } else { 0 };
        Some(Decrypted { plain: into_secret(buffer), pkcs7_bytes })
    }
}

fn decrypt_blocks<D: KeyIvInit + BlockModeDecrypt>(
    key: &Secret,
    iv: &[u8],
    buffer: &mut [u8],
) -> Option<()> {
    let decryptor = D::new_from_slices(key.expose(), iv).ok()?;
    decryptor.decrypt_padded::<NoPadding>(buffer).ok()?;
    Some(())
}

/// HMAC over a hash, for value MACs and as the PRF of PBKDF2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HmacHash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl HmacHash {
    /// By the identifier of XML Signature (RFC 6931, section 2.2) or PKCS #5.
    pub(crate) fn from_uri(uri: &str) -> Option<HmacHash> {
        match uri {
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
            | "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#hmac-sha1" => {
                Some(HmacHash::Sha1)
            }
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha224" => Some(HmacHash::Sha224),
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" => Some(HmacHash::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha384" => Some(HmacHash::Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512" => Some(HmacHash::Sha512),
            _ => None,
        }
    }

    /// True if `mac` is the MAC of `message`; takes the same time wherever they differ.
    pub(crate) fn verifies(self, key: &Secret, message: &[u8], mac: &[u8]) -> bool {
        match self {
            HmacHash::Sha1 => verify::<Hmac<Sha1>>(key, message, mac),
            HmacHash::Sha224 => verify::<Hmac<Sha224>>(key, message, mac),
            HmacHash::Sha256 => verify::<Hmac<Sha256>>(key, message, mac),
            HmacHash::Sha384 => verify::<Hmac<Sha384>>(key, message, mac),
            HmacHash::Sha512 => verify::<Hmac<Sha512>>(key, message, mac),
        }
    }

    /// PBKDF2 (RFC 8018, section 5.2) with this HMAC.
    pub(crate) fn derive(
        self,
        password: &Secret,
        salt: &[u8],
        rounds: u32,
        key_bytes: usize,
    ) -> Secret {
        let mut key = Zeroizing::new(vec![0; key_bytes]);
        let password = password.expose();
        match self {
            HmacHash::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, &mut key),
            HmacHash::Sha224 => pbkdf2::pbkdf2_hmac::<Sha224>(password, salt, rounds, &mut key),
            HmacHash::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, &mut key),
            HmacHash::Sha384 => pbkdf2::pbkdf2_hmac::<Sha384>(password, salt, rounds, &mut key),
            HmacHash::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, &mut key),
        }
        into_secret(key)
    }
}

fn verify<M: Mac + KeyInit>(key: &Secret, message: &[u8], mac: &[u8]) -> bool {
    let Ok(mut state) = <M as KeyInit>::new_from_slice(key.expose()) else {
        return false;
    };
    state.update(message);
    state.verify_slice(mac).is_ok()
}
