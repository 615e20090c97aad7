//! What the tokens of the tests show, by RFC 6238 written down a second time, so that the portal's
//! own generator is not its own judge. The secret of each is the first 20 bytes of SHA-256 of
//! `madoguchi demo ` and the serial.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit, Mac};
use madoguchi::primitives::clock::UtcTime;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The secret of a demo token.
pub fn secret(serial: &str) -> Vec<u8> {
    Sha256::digest(format!("madoguchi demo {serial}"))[..20].to_vec()
}

/// The step that holds at `time`.
pub fn step_at(time: UtcTime, period_seconds: i64) -> i64 {
    time.and_utc().timestamp().div_euclid(period_seconds)
}

/// The code of a step.
pub fn code(serial: &str, step: i64, digits: u32) -> String {
    code_of(&secret(serial), step, digits)
}

/// The code of a step for any secret.
pub fn code_of(secret: &[u8], step: i64, digits: u32) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).unwrap();
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let word = u32::from_be_bytes(hash[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:0width$}", word % 10_u32.pow(digits), width = digits as usize)
}

/// The code by which a demo token's app signs a text: OCRA-1:HOTP-SHA256-8:QH64 over its SHA-256.
pub fn signed(serial: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret(serial)).unwrap();
    mac.update(b"OCRA-1:HOTP-SHA256-8:QH64\0");
    mac.update(&Sha256::digest(text));
    mac.update(&[0; 96]);
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[31] & 15);
    let word = u32::from_be_bytes(hash[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:08}", word % 100_000_000)
}

/// `count` different codes of six digits that the token shows nowhere near `step`.
pub fn wrong_codes(serial: &str, step: i64, count: usize) -> Vec<String> {
    let right: BTreeSet<String> =
        (step - 40..=step + 40).map(|step| code(serial, step, 6)).collect();
    (100_000..)
        .map(|n: u32| n.to_string())
        .filter(|code| !right.contains(code))
        .take(count)
        .collect()
}

#[test]
fn the_oracle_follows_rfc_4226() {
    // RFC 4226 appendix D, with its secret.
    let mut mac = Hmac::<Sha1>::new_from_slice(b"12345678901234567890").unwrap();
    mac.update(&1_i64.to_be_bytes());
    assert_eq!(mac.finalize().into_bytes()[..4], [0x75, 0xa4, 0x8a, 0x19]);
    let codes: BTreeSet<String> = (0..50).map(|step| code("2V0716016FK1", step, 6)).collect();
    assert!(codes.len() > 45 && codes.iter().all(|code| code.len() == 6));
}
