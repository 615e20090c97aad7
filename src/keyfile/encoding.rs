//! Hexadecimal, Base32 and Base64 into wiped memory.
//!
//! Every buffer is made in its final size, because a growing `Vec` leaves copies behind.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::primitives::secret::Secret;

/// Hexadecimal in either case; spaces and hyphens between groups are dropped.
pub(crate) fn decode_hex(text: &str) -> Option<Secret> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    let mut high = None;
    for digit in grouped(text) {
        let value = u8::try_from(char::from(digit).to_digit(16)?).ok()?;
        high = match high {
            None => Some(value),
            Some(high) => {
                bytes.push(high << 4 | value);
                None
            }
        };
    }
    (high.is_none() && !bytes.is_empty()).then(|| into_secret(bytes))
}

/// Base32 (RFC 4648, section 6) in either case, padded or not; spaces and hyphens are dropped.
pub(crate) fn decode_base32(text: &str) -> Option<Secret> {
    let text = text.trim().trim_end_matches('=');
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8 + 1));
    let mut pending: u16 = 0;
    let mut pending_bits = 0;
    let mut digit_count = 0;
    for digit in grouped(text) {
        let value = match digit.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            number @ b'2'..=b'7' => number - b'2' + 26,
            _ => return None,
        };
        digit_count += 1;
        pending = pending << 5 | u16::from(value);
        pending_bits += 5;
        if pending_bits >= 8 {
            pending_bits -= 8;
            bytes.push(u8::try_from(pending >> pending_bits & 0xff).ok()?);
            pending &= (1 << pending_bits) - 1;
        }
    }
    // A last group of 1, 3 or 6 digits can't come from whole bytes, nor can bits left over.
    let whole = !matches!(digit_count % 8, 1 | 3 | 6) && pending == 0;
    (whole && !bytes.is_empty()).then(|| into_secret(bytes))
}

/// Base64 (RFC 4648, section 4) with white space anywhere, as XML has it.
pub(crate) fn decode_base64(text: &str) -> Option<Secret> {
    let mut packed = Zeroizing::new(Vec::with_capacity(text.len()));
    packed.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut bytes = Zeroizing::new(Vec::with_capacity(packed.len()));
    STANDARD.decode_vec(packed.as_slice(), &mut bytes).ok()?;
    Some(into_secret(bytes))
}

fn grouped(text: &str) -> impl Iterator<Item = u8> {
    text.trim().bytes().filter(|byte| !matches!(byte, b' ' | b'-'))
}

/// Hands the buffer over without copying it.
pub(crate) fn into_secret(mut bytes: Zeroizing<Vec<u8>>) -> Secret {
    Secret::new(std::mem::take(&mut *bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(secret: Option<Secret>) -> Option<Vec<u8>> {
        secret.map(|secret| secret.expose().to_vec())
    }

    #[test]
    fn base32_takes_the_vectors_of_rfc_4648() {
        for (text, plain) in [
            ("MY======", "f"),
            ("MZXQ====", "fo"),
            ("MZXW6===", "foo"),
            ("MZXW6YQ=", "foob"),
            ("MZXW6YTB", "fooba"),
            ("MZXW6YTBOI======", "foobar"),
            ("mzxw6ytboi", "foobar"),
            ("MZXW 6YTB-OI", "foobar"),
        ] {
            assert_eq!(bytes(decode_base32(text)), Some(plain.as_bytes().to_vec()), "{text}");
        }
        for text in ["", "A", "AAA", "MZ", "MZXW6Y!", "M1", "=="] {
            assert_eq!(bytes(decode_base32(text)), None, "{text}");
        }
    }

    #[test]
    fn hex_takes_whole_bytes_only() {
        assert_eq!(bytes(decode_hex("00fF 10-A0")), Some(vec![0, 255, 16, 160]));
        for text in ["", "0", "0g", "123", "０１"] {
            assert_eq!(bytes(decode_hex(text)), None, "{text}");
        }
    }

    #[test]
    fn base64_takes_white_space_but_no_missing_padding() {
        assert_eq!(bytes(decode_base64(" MTIz\n\tNA== ")), Some(b"1234".to_vec()));
        for text in ["MTIzNA", "MTIzNA=", "****", "MTIz NB=="] {
            assert_eq!(bytes(decode_base64(text)), None, "{text}");
        }
    }
}
