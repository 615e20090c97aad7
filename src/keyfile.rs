//! Key files of token makers: bytes in, typed rows out. No database and no files here.
//!
//! Two forms are read: PSKC (RFC 6030) by [`pskc`], and the makers' comma-separated list by
//! [`oath_csv`]. A fault of the whole file (wrong key, altered, not a key file) is a
//! [`KeyFileError`] and gives no row at all. A fault of one token is a [`RowProblem`] of its row,
//! so that a preview can show the good rows and the bad ones side by side.

pub mod error;
pub mod oath_csv;
pub mod pskc;

mod crypto;
mod encoding;
mod token_row;
mod xml;

use chrono::NaiveDate;

use crate::keyfile::error::{KeyFileError, RowProblem};
use crate::keyfile::oath_csv::{SecretEncoding, parse_oath_csv};
use crate::keyfile::pskc::parse_pskc;
use crate::primitives::clock::UtcTime;
use crate::primitives::secret::Secret;

/// The largest key file that is looked at, in bytes.
pub const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The most tokens that one key file may hold.
pub const ROWS_MAX: usize = 200_000;

/// The form of a key file, chosen by the member of staff who imports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFileFormat {
    /// Portable Symmetric Key Container, RFC 6030 (XML).
    Pskc,
    /// Comma-separated list with the header `serial,secret,type,digits,period`.
    OathCsv,
}

/// What opens an encrypted key file. It reaches the bank by another way than the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFileKey {
    /// The file is said to be plain.
    None,
    /// The raw bytes of an AES key: 16, 24 or 32.
    PreSharedKey(Secret),
    /// The UTF-8 bytes of a password from which the key is derived.
    Password(Secret),
}

impl KeyFileKey {
    /// A pre-shared key as makers write it in their letter: hexadecimal, with or without spaces.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::KeyNotHex`] if it isn't hexadecimal, or isn't 16, 24 or 32 bytes.
    pub fn pre_shared_from_hex(text: &str) -> Result<KeyFileKey, KeyFileError> {
        let key = encoding::decode_hex(text).ok_or(KeyFileError::KeyNotHex)?;
        if !matches!(key.expose().len(), 16 | 24 | 32) {
            return Err(KeyFileError::KeyNotHex);
        }
        Ok(KeyFileKey::PreSharedKey(key))
    }
}

/// The hash under a token's HMAC (RFC 6238).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// HMAC-SHA-1, also where the file says nothing.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// A token as its maker describes it, checked and ready for the stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedToken {
    /// 4 to 20 ASCII letters and digits, upper case: what is printed on the back.
    pub serial: String,
    /// The key shared with the token, 128 bits at least.
    pub secret: Secret,
    /// The hash under the HMAC.
    pub algorithm: HashAlgorithm,
    /// Digits of a code: 6 or 8.
    pub digits: u8,
    /// Length of a time step: 30 or 60.
    pub period_seconds: u16,
    /// How many steps the token's clock was ahead when the file was made.
    pub drift_steps: i32,
    /// The first day in Japan on which the maker lets it be used.
    pub starts_on: Option<NaiveDate>,
    /// When its validity ends.
    pub expires_at: Option<UtcTime>,
    /// The maker's name.
    pub manufacturer: Option<String>,
}

/// One token of a key file, good or bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// CSV: the line on which the row begins. PSKC: the how-many-th key of the file. From 1 on.
    pub line_or_index: usize,
    /// The serial as the file has it, so that a bad row can be found again; may be empty.
    pub serial: String,
    /// The token, or why it can't be taken into stock.
    pub outcome: Result<ImportedToken, RowProblem>,
}

/// Reads a key file of either form. In a CSV the form of the secrets is detected.
///
/// # Errors
///
/// A [`KeyFileError`] if the file as a whole must be refused.
pub fn parse_key_file(
    format: KeyFileFormat,
    bytes: &[u8],
    key: &KeyFileKey,
) -> Result<Vec<KeyRow>, KeyFileError> {
    match (format, key) {
        (KeyFileFormat::Pskc, key) => parse_pskc(bytes, key),
        (KeyFileFormat::OathCsv, KeyFileKey::None) => parse_oath_csv(bytes, SecretEncoding::Detect),
        (KeyFileFormat::OathCsv, _) => Err(KeyFileError::KeyNotNeeded),
    }
}

/// The text of a file that must be UTF-8, without its byte order mark.
fn utf8_text(bytes: &[u8]) -> Result<&str, KeyFileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(KeyFileError::TooLarge);
    }
    // UTF-16 without a mark is valid UTF-8 if it is all ASCII, but full of zeros.
    if bytes.contains(&0) {
        return Err(KeyFileError::NotUtf8);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| KeyFileError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(KeyFileError::Empty);
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
