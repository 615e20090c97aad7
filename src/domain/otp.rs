//! Verification of one-time passwords: TOTP (RFC 6238) over HOTP (RFC 4226).
//!
//! Nothing here counts or stores: the operations claim an attempt first, compare with
//! [`matching_step`], and settle the outcome in the act's own transaction.

use chrono::DateTime;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Algorithm, Builder};

use crate::domain::portal::{Drift, Throttle};
use crate::domain::token::{OtpAlgorithm, Token, TokenKind};
use crate::primitives::clock::UtcTime;
use crate::primitives::secret::Secret;

/// What makes a token's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtpParameters {
    /// Hash.
    pub algorithm: OtpAlgorithm,
    /// 6 or 8.
    pub digits: u8,
    /// 30 or 60.
    pub period_seconds: i64,
}

impl OtpParameters {
    /// A token's parameters.
    pub fn of(token: &Token) -> OtpParameters {
        OtpParameters {
            algorithm: token.algorithm,
            digits: if token.digits == 8 { 8 } else { 6 },
            period_seconds: i64::from(token.period_seconds.max(1)),
        }
    }

    /// The step (RFC 6238 `T`) that `time` lies in.
    pub fn step_at(&self, time: UtcTime) -> i64 {
        time.and_utc().timestamp().div_euclid(self.period_seconds)
    }

    /// When `step` begins.
    pub fn step_start(&self, step: i64) -> Option<UtcTime> {
        DateTime::from_timestamp(step.checked_mul(self.period_seconds)?, 0).map(|t| t.naive_utc())
    }
}

/// A calculator of one token's codes.
pub struct CodeGenerator {
    totp: totp_rs::Totp,
    period_seconds: u64,
}

impl CodeGenerator {
    /// Lengths of secrets are checked at import; test secrets may be of any length.
    pub fn new(secret: &Secret, parameters: OtpParameters) -> CodeGenerator {
        let period_seconds = parameters.period_seconds.unsigned_abs();
        let algorithm = match parameters.algorithm {
            OtpAlgorithm::Sha1 => Algorithm::SHA1,
            OtpAlgorithm::Sha256 => Algorithm::SHA256,
            OtpAlgorithm::Sha512 => Algorithm::SHA512,
        };
        let totp = Builder::new()
            .with_algorithm(algorithm)
            .with_digits(parameters.digits)
            .with_step_duration(period_seconds)
            .with_secret(secret.expose().to_vec())
            .build_noncompliant();
        CodeGenerator { totp, period_seconds }
    }

    /// The code of a step; a step before 1970 has none.
    pub fn code(&self, step: i64) -> Option<String> {
        let time = u64::try_from(step).ok()?.checked_mul(self.period_seconds)?;
        Some(self.totp.generate(time).to_string())
    }
}

/// The newest step of `centre ± window` whose code is `code`.
///
/// Every step is calculated and compared, without early exit, in constant time per comparison, so
/// that the time taken tells nothing about which step matched or how many digits were right.
pub fn matching_step(
    generator: &CodeGenerator,
    code: &str,
    centre_step: i64,
    window_steps: i64,
) -> Option<i64> {
    let mut is_found = Choice::from(0);
    let mut found = 0_i64;
    for step in centre_step - window_steps..=centre_step + window_steps {
        let expected = generator.code(step).unwrap_or_default();
        let is_equal = expected.as_bytes().ct_eq(code.as_bytes())
            & Choice::from(u8::from(!expected.is_empty()));
        found.conditional_assign(&step, is_equal);
        is_found |= is_equal;
    }
    bool::from(is_found).then_some(found)
}

/// The newest step of `centre ± window` whose code is the second of `codes`, while the step before
/// it has the first: two codes in a row, as a token that is far off shows them. As with
/// [`matching_step`], the time taken tells nothing.
pub fn matching_pair(
    generator: &CodeGenerator,
    codes: (&str, &str),
    centre_step: i64,
    window_steps: i64,
) -> Option<i64> {
    let mut is_found = Choice::from(0);
    let mut found = 0_i64;
    let is_code = |step: i64, code: &str| {
        let expected = generator.code(step).unwrap_or_default();
        expected.as_bytes().ct_eq(code.as_bytes()) & Choice::from(u8::from(!expected.is_empty()))
    };
    for step in centre_step - window_steps..=centre_step + window_steps {
        let is_pair = is_code(step - 1, codes.0) & is_code(step, codes.1);
        found.conditional_assign(&step, is_pair);
        is_found |= is_pair;
    }
    bool::from(is_found).then_some(found)
}

/// The drift after a code of `accepted` at `now_step`: one step nearer to what was seen, and never
/// further from the base than the kind allows.
pub fn learnt_drift(token: &Token, policy: &Drift, accepted: i64, now_step: i64) -> i32 {
    let seen = i32::try_from(accepted - now_step).unwrap_or(token.drift_steps);
    let nearer = token.drift_steps + (seen - token.drift_steps).signum();
    let bound = match token.kind {
        TokenKind::Hardware => policy.hardware_steps_max,
        TokenKind::App | TokenKind::Desktop | TokenKind::VendorApp => policy.app_steps_max,
    };
    let bound = i32::try_from(bound).unwrap_or(0);
    nearer.clamp(token.drift_base_steps - bound, token.drift_base_steps + bound)
}

/// Until when tries are refused unlooked-at, after `failures` in a row, the last at `last`.
pub fn waits_until(throttle: &Throttle, failures: i32, last: Option<UtcTime>) -> Option<UtcTime> {
    let failures = u32::try_from(failures).unwrap_or(0);
    last.zip(throttle.wait_after_failure(failures)).map(|(at, wait)| at + wait)
}

/// How many tries remain, told once only few do (two or fewer).
pub fn remaining_to_tell(throttle: &Throttle, failures: i32) -> Option<u32> {
    let failures = u32::try_from(failures).unwrap_or(0);
    let remaining = throttle.failures_max.saturating_sub(failures);
    (1..=2).contains(&remaining).then_some(remaining)
}

/// `otpauth://totp/{issuer}:{label}?secret=..`, as RFC 6238 apps read it from a QR code.
pub fn otpauth_url(
    issuer: &str,
    label: &str,
    secret: &Secret,
    parameters: OtpParameters,
) -> String {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let (issuer, label) = (encode(issuer), encode(label));
    let algorithm = match parameters.algorithm {
        OtpAlgorithm::Sha1 => "SHA1",
        OtpAlgorithm::Sha256 => "SHA256",
        OtpAlgorithm::Sha512 => "SHA512",
    };
    let (digits, period) = (parameters.digits, parameters.period_seconds);
    let secret = base32(secret.expose());
    format!(
        "otpauth://totp/{issuer}:{label}?secret={secret}&issuer={issuer}\
         &algorithm={algorithm}&digits={digits}&period={period}"
    )
}

/// Base32 (RFC 4648, section 6) without padding.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digit = |chunk: &[u8], place: usize| {
        let bits = chunk.iter().fold(0_u64, |n, byte| (n << 8) | u64::from(*byte))
            << (8 * (5 - chunk.len()));
        let five = usize::try_from(bits >> (35 - 5 * place) & 31).unwrap_or(0);
        char::from(ALPHABET.get(five).copied().unwrap_or(b'A'))
    };
    let digits = |chunk: &[u8]| (chunk.len() * 8).div_ceil(5);
    bytes
        .chunks(5)
        .flat_map(|chunk| (0..digits(chunk)).map(move |place| digit(chunk, place)))
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::primitives::clock::parse_rfc3339;
    use crate::primitives::ids::TokenId;

    fn parameters(algorithm: OtpAlgorithm, digits: u8, period_seconds: i64) -> OtpParameters {
        OtpParameters { algorithm, digits, period_seconds }
    }

    /// All 18 values of RFC 6238 appendix B (with the seeds of its reference implementation).
    #[test]
    fn rfc_6238_appendix_b() {
        let seed = "1234567890".repeat(7);
        let rows = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        let kinds =
            [(OtpAlgorithm::Sha1, 20), (OtpAlgorithm::Sha256, 32), (OtpAlgorithm::Sha512, 64)];
        for (time, codes) in rows {
            for ((algorithm, length), code) in kinds.into_iter().zip(codes) {
                let secret = Secret::new(seed.as_bytes()[..length].to_vec());
                let generator = CodeGenerator::new(&secret, parameters(algorithm, 8, 30));
                let step = time / 30;
                assert_eq!(generator.code(step).unwrap(), code, "{algorithm} {time}");
                assert_eq!(matching_step(&generator, code, step, 1), Some(step));
            }
        }
    }

    #[test]
    fn a_pair_is_found_at_both_edges_and_only_in_order() {
        let secret = Secret::new(b"12345678901234567890".to_vec());
        let generator = CodeGenerator::new(&secret, parameters(OtpAlgorithm::Sha1, 6, 30));
        let code = |step| generator.code(step).unwrap();
        for (step, found) in [(1_120, true), (1_121, false), (880, true), (879, false)] {
            let (first, second) = (code(step - 1), code(step));
            let pair = (first.as_str(), second.as_str());
            assert_eq!(matching_pair(&generator, pair, 1_000, 120), found.then_some(step));
            let reversed = (pair.1, pair.0);
            assert_eq!(matching_pair(&generator, reversed, 1_000, 120), None);
        }
        let (first, third) = (code(1_000), code(1_002));
        assert_eq!(matching_pair(&generator, (&first, &third), 1_000, 120), None);
    }

    #[test]
    fn both_edges_of_the_window_are_tried_and_nothing_beyond() {
        let secret = Secret::new(b"12345678901234567890".to_vec());
        for (digits, period) in [(6, 30), (8, 60)] {
            let parameters = parameters(OtpAlgorithm::Sha1, digits, period);
            let generator = CodeGenerator::new(&secret, parameters);
            let code = generator.code(1_000).unwrap();
            let start = parameters.step_start(1_000).unwrap();
            let first = start;
            let last = start + TimeDelta::milliseconds(period * 1_000 - 1);
            for (time, expected) in [
                (first - TimeDelta::seconds(period), true),
                (first - TimeDelta::seconds(period) - TimeDelta::milliseconds(1), false),
                (first, true),
                (last, true),
                (last + TimeDelta::seconds(period), true),
                (last + TimeDelta::seconds(period) + TimeDelta::milliseconds(1), false),
            ] {
                let found = matching_step(&generator, &code, parameters.step_at(time), 1);
                assert_eq!(found.is_some(), expected, "{period} {time}");
            }
        }
    }

    fn token(kind: TokenKind, drift: i32, base: i32) -> Token {
        let at = parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        Token {
            id: TokenId(1),
            portal: "p".into(),
            serial: "S".into(),
            kind,
            state: crate::domain::token::TokenState::InUse,
            contract_id: None,
            algorithm: OtpAlgorithm::Sha1,
            digits: 6,
            period_seconds: 30,
            secret_sealed: vec![],
            sealing_key_id: "k".into(),
            drift_steps: drift,
            drift_base_steps: base,
            last_accepted_step: None,
            failures: 0,
            last_failure_at: Some(at),
            last_code_digest: None,
            last_code_at: None,
            suspended_at: None,
            expires_at: None,
            valid_from: None,
        }
    }

    #[test]
    fn drift_moves_by_one_step_and_stops_at_its_bound() {
        for base in -10..=10 {
            for (kind, bound) in [(TokenKind::Hardware, 10), (TokenKind::App, 2)] {
                let mut now = token(kind, base, base);
                for _ in 0..30 {
                    let accepted = 1_000 + i64::from(now.drift_steps) + 1;
                    let next = learnt_drift(&now, &Drift::default(), accepted, 1_000);
                    assert!((next - now.drift_steps).abs() <= 1);
                    now.drift_steps = next;
                }
                assert_eq!(now.drift_steps, base + bound, "{kind} from {base}");
            }
        }
        assert_eq!(learnt_drift(&token(TokenKind::App, 0, 0), &Drift::default(), 1_000, 1_000), 0);
    }

    #[test]
    fn waiting_starts_after_the_third_failure() {
        let throttle = Throttle::default();
        let at = parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        assert_eq!(waits_until(&throttle, 2, Some(at)), None);
        assert_eq!(waits_until(&throttle, 3, Some(at)), Some(at + TimeDelta::seconds(60)));
        let without_waits = Throttle { wait_after: 0, ..throttle };
        assert_eq!(waits_until(&without_waits, 4, Some(at)), None);
        let told: Vec<_> = (0..=5).map(|n| remaining_to_tell(&throttle, n)).collect();
        assert_eq!(told, [None, None, None, Some(2), Some(1), None]);
    }

    /// RFC 4648, section 10.
    #[test]
    fn base32_follows_its_rfc() {
        let rows = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ];
        for (plain, encoded) in rows {
            assert_eq!(base32(plain.as_bytes()), encoded);
        }
    }
}
