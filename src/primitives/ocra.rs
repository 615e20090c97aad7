//! OCRA (RFC 6287): codes over a challenge, with a secret that the one who asks also has.
//!
//! A suite such as `OCRA-1:HOTP-SHA256-8:QH64` says by which hash, to how many digits, and over
//! what: always a question, beside it a counter, the digest of a PIN, a session and the time, each
//! where the suite names it.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The question takes this many bytes of what is hashed, however short it is.
const QUESTION_BYTES: usize = 128;
/// Bytes of a session where the suite gives no number.
const SESSION_BYTES_DEFAULT: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

impl Hash {
    fn parse(text: &str) -> Option<Hash> {
        match text {
            "SHA1" => Some(Hash::Sha1),
            "SHA256" => Some(Hash::Sha256),
            "SHA512" => Some(Hash::Sha512),
            _ => None,
        }
    }

    fn bytes(self) -> usize {
        match self {
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
            Hash::Sha512 => 64,
        }
    }

    fn mac(self, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        fn over<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
            let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
            mac.update(data);
            Some(mac.finalize().into_bytes().to_vec())
        }
        match self {
            Hash::Sha1 => over::<Hmac<Sha1>>(key, data),
            Hash::Sha256 => over::<Hmac<Sha256>>(key, data),
            Hash::Sha512 => over::<Hmac<Sha512>>(key, data),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum QuestionFormat {
    Alphanumeric,
    Numeric,
    Hexadecimal,
}

/// What a suite says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    text: String,
    hash: Hash,
    digits: u32,
    has_counter: bool,
    question: (QuestionFormat, usize),
    pin: Option<Hash>,
    session_bytes: Option<usize>,
    step_seconds: Option<u64>,
}

/// What a code is made over; parts that the suite does not name are left alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// The challenge, as the suite's format has it.
    pub question: &'a str,
    /// How many codes were made before.
    pub counter: u64,
    /// The digest of the PIN.
    pub pin_digest: &'a [u8],
    /// What else both sides know.
    pub session: &'a [u8],
    /// Seconds since 1970.
    pub seconds: u64,
}

impl Suite {
    /// Reads a suite; nothing for what RFC 6287 does not know.
    #[must_use]
    pub fn parse(text: &str) -> Option<Suite> {
        let mut parts = text.split(':');
        let (Some("OCRA-1"), Some(function), Some(data), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let (hash, digits) = function.strip_prefix("HOTP-")?.split_once('-')?;
        let digits = digits.parse().ok().filter(|digits| (4..=10).contains(digits))?;
        let mut inputs = data.split('-').peekable();
        let has_counter = inputs.next_if_eq(&"C").is_some();
        let question = question_of(inputs.next()?)?;
        let mut suite = Suite {
            text: text.to_owned(),
            hash: Hash::parse(hash)?,
            digits,
            has_counter,
            question,
            pin: None,
            session_bytes: None,
            step_seconds: None,
        };
        for part in inputs {
            let (kind, rest) = part.split_at_checked(1)?;
            match kind {
                "P" => suite.pin = Some(Hash::parse(rest)?),
                "S" if rest.is_empty() => suite.session_bytes = Some(SESSION_BYTES_DEFAULT),
                "S" => suite.session_bytes = Some(rest.parse().ok().filter(|n| *n <= 512)?),
                "T" => suite.step_seconds = Some(step_of(rest)?),
                _ => return None,
            }
        }
        Some(suite)
    }

    /// The code; nothing where the input is not what the suite asks for.
    #[must_use]
    pub fn code(&self, key: &[u8], input: &Input<'_>) -> Option<String> {
        let mut data = self.text.clone().into_bytes();
        data.push(0);
        if self.has_counter {
            data.extend(input.counter.to_be_bytes());
        }
        data.extend(self.question_bytes(input.question)?);
        if let Some(hash) = self.pin {
            data.extend((input.pin_digest.len() == hash.bytes()).then_some(input.pin_digest)?);
        }
        if let Some(bytes) = self.session_bytes {
            let zeros = bytes.checked_sub(input.session.len())?;
            data.extend(std::iter::repeat_n(0, zeros));
            data.extend(input.session);
        }
        if let Some(step) = self.step_seconds {
            data.extend(input.seconds.checked_div(step)?.to_be_bytes());
        }
        truncated(&self.hash.mac(key, &data)?, self.digits)
    }

    /// The question as nibbles from the left, filled up with zeros.
    fn question_bytes(&self, question: &str) -> Option<Vec<u8>> {
        let (format, longest) = self.question;
        // Two challenges in one question, as in mutual authentication, are twice as long.
        if question.is_empty() || question.chars().count() > 2 * longest {
            return None;
        }
        let mut nibbles = match format {
            QuestionFormat::Alphanumeric => {
                question.bytes().flat_map(|byte| [byte >> 4, byte & 15]).collect()
            }
            QuestionFormat::Hexadecimal => nibbles_of(question, 16)?,
            QuestionFormat::Numeric => in_hexadecimal(nibbles_of(question, 10)?),
        };
        if nibbles.len() > 2 * QUESTION_BYTES {
            return None;
        }
        nibbles.resize(2 * QUESTION_BYTES, 0);
        Some(nibbles.chunks(2).map(|pair| pair.iter().fold(0, |byte, n| byte << 4 | n)).collect())
    }
}

fn question_of(part: &str) -> Option<(QuestionFormat, usize)> {
    let (format, longest) = part.strip_prefix('Q')?.split_at_checked(1)?;
    let format = match format {
        "A" => QuestionFormat::Alphanumeric,
        "N" => QuestionFormat::Numeric,
        "H" => QuestionFormat::Hexadecimal,
        _ => return None,
    };
    let longest = longest.parse().ok().filter(|longest| (4..=64).contains(longest))?;
    Some((format, longest))
}

/// Seconds of `1M`, `30S` or `24H`.
fn step_of(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let (seconds, most) = match unit {
        "S" => (1, 59),
        "M" => (60, 59),
        "H" => (3_600, 48),
        _ => return None,
    };
    let number = number.parse::<u64>().ok().filter(|number| (1..=most).contains(number))?;
    Some(number * seconds)
}

fn nibbles_of(text: &str, radix: u32) -> Option<Vec<u8>> {
    text.chars().map(|c| c.to_digit(radix).and_then(|digit| u8::try_from(digit).ok())).collect()
}

/// A number's decimal digits as its hexadecimal ones, of any length; 0 has one.
fn in_hexadecimal(mut decimal: Vec<u8>) -> Vec<u8> {
    let mut nibbles = Vec::new();
    loop {
        let mut rest = 0;
        for digit in &mut decimal {
            let value = rest * 10 + *digit;
            (*digit, rest) = (value / 16, value % 16);
        }
        nibbles.push(rest);
        if decimal.iter().all(|digit| *digit == 0) {
            break;
        }
    }
    nibbles.reverse();
    nibbles
}

/// The dynamic truncation of RFC 4226, to so many digits.
fn truncated(mac: &[u8], digits: u32) -> Option<String> {
    let offset = usize::from(mac.last()? & 15);
    let four: [u8; 4] = mac.get(offset..offset + 4)?.try_into().ok()?;
    let number = u64::from(u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u64.pow(digits);
    let width = usize::try_from(digits).ok()?;
    Some(format!("{number:0width$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-1 of `1234`.
    const PIN: [u8; 20] = [
        0x71, 0x10, 0xed, 0xa4, 0xd0, 0x9e, 0x06, 0x2a, 0xa5, 0xe4, 0xa3, 0x90, 0xb0, 0xa5, 0x72,
        0xac, 0x0d, 0x2c, 0x02, 0x20,
    ];
    const SECONDS: u64 = 0x0132_d0b6 * 60;

    fn key(bytes: usize) -> Vec<u8> {
        "1234567890".bytes().cycle().take(bytes).collect()
    }

    /// Each row: question and code; the counter is the row's place.
    fn assert_rows(suite: &str, key_bytes: usize, rows: &[(&str, &str)]) {
        let parsed = Suite::parse(suite).unwrap();
        for (counter, (question, code)) in (0..).zip(rows) {
            let input =
                Input { question, counter, pin_digest: &PIN, seconds: SECONDS, session: &[] };
            assert_eq!(parsed.code(&key(key_bytes), &input).unwrap(), *code, "{suite} {question}");
        }
    }

    /// All values of RFC 6287, appendix C.1: one-way.
    #[test]
    fn rfc_6287_appendix_c_1() {
        let rows = [
            ("00000000", "237653"),
            ("11111111", "243178"),
            ("22222222", "653583"),
            ("33333333", "740991"),
            ("44444444", "608993"),
            ("55555555", "388898"),
            ("66666666", "816933"),
            ("77777777", "224598"),
            ("88888888", "750600"),
            ("99999999", "294470"),
        ];
        assert_rows("OCRA-1:HOTP-SHA1-6:QN08", 20, &rows);
        let rows = [
            "65347737", "86775851", "78192410", "71565254", "10104329", "65983500", "70069104",
            "91771096", "75011558", "08522129",
        ]
        .map(|code| ("12345678", code));
        assert_rows("OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, &rows);
        let rows = [
            ("00000000", "83238735"),
            ("11111111", "01501458"),
            ("22222222", "17957585"),
            ("33333333", "86776967"),
            ("44444444", "86807031"),
        ];
        assert_rows("OCRA-1:HOTP-SHA256-8:QN08-PSHA1", 32, &rows);
        let rows = [
            ("00000000", "07016083"),
            ("11111111", "63947962"),
            ("22222222", "70123924"),
            ("33333333", "25341727"),
            ("44444444", "33203315"),
            ("55555555", "34205738"),
            ("66666666", "44343969"),
            ("77777777", "51946085"),
            ("88888888", "20403879"),
            ("99999999", "31409299"),
        ];
        assert_rows("OCRA-1:HOTP-SHA512-8:C-QN08", 64, &rows);
        let rows = [
            ("00000000", "95209754"),
            ("11111111", "55907591"),
            ("22222222", "22048402"),
            ("33333333", "24218844"),
            ("44444444", "36209546"),
        ];
        assert_rows("OCRA-1:HOTP-SHA512-8:QN08-T1M", 64, &rows);
    }

    /// All values of appendix C.2: mutual, the server's and the client's.
    #[test]
    fn rfc_6287_appendix_c_2() {
        let server = ["28247970", "01984843", "65387857", "03351211", "83412541"];
        let client = ["15510767", "90175646", "33777207", "95285278", "28934924"];
        let server_512 = ["79496648", "76831980", "12250499", "90856481", "12761449"];
        let client_512 = ["18806276", "70020315", "01600026", "18951020", "32528969"];
        let suites = ["OCRA-1:HOTP-SHA256-8:QA08", "OCRA-1:HOTP-SHA512-8:QA08"];
        for n in 0..5 {
            let from_server = format!("CLI2222{n}SRV1111{n}");
            let from_client = format!("SRV1111{n}CLI2222{n}");
            assert_rows(suites[0], 32, &[(&from_server, server[n])]);
            assert_rows(suites[0], 32, &[(&from_client, client[n])]);
            assert_rows(suites[1], 64, &[(&from_server, server_512[n])]);
            let with_pin = format!("{}-PSHA1", suites[1]);
            assert_rows(&with_pin, 64, &[(&from_client, client_512[n])]);
        }
    }

    /// All values of appendix C.3: plain signature.
    #[test]
    fn rfc_6287_appendix_c_3() {
        let rows = [
            ("SIG10000", "53095496"),
            ("SIG11000", "04110475"),
            ("SIG12000", "31331128"),
            ("SIG13000", "76028668"),
            ("SIG14000", "46554205"),
        ];
        assert_rows("OCRA-1:HOTP-SHA256-8:QA08", 32, &rows);
        let rows = [
            ("SIG1000000", "77537423"),
            ("SIG1100000", "31970405"),
            ("SIG1200000", "10235557"),
            ("SIG1300000", "95213541"),
            ("SIG1400000", "65360607"),
        ];
        assert_rows("OCRA-1:HOTP-SHA512-8:QA10-T1M", 64, &rows);
    }

    #[test]
    fn what_is_no_suite_or_does_not_fit_makes_no_code() {
        for text in [
            "",
            "OCRA-2:HOTP-SHA1-6:QN08",
            "OCRA-1:HOTP-MD5-6:QN08",
            "OCRA-1:HOTP-SHA1-3:QN08",
            "OCRA-1:HOTP-SHA1-6:C",
            "OCRA-1:HOTP-SHA1-6:QX08",
            "OCRA-1:HOTP-SHA1-6:QN65",
            "OCRA-1:HOTP-SHA1-6:QN08-X",
            "OCRA-1:HOTP-SHA1-6:QN08-T0M",
            "OCRA-1:HOTP-SHA1-6:QN08-T60S",
            "OCRA-1:HOTP-SHA1-6:QN08-PMD5",
            "OCRA-1:HOTP-SHA1-6:QN08:",
        ] {
            assert_eq!(Suite::parse(text), None, "{text}");
        }
        let suite = |text| Suite::parse(text).unwrap();
        fn ask(question: &str) -> Input<'_> {
            Input { question, ..Input::default() }
        }
        let hexadecimal = suite("OCRA-1:HOTP-SHA256-8:QH64");
        let (whole, longer) = ("Ab".repeat(32), "a".repeat(129));
        let code = |question: &str| hexadecimal.code(&key(20), &ask(question));
        assert!(code(&whole).is_some_and(|code| code.len() == 8));
        for odd in ["", "xy", &longer] {
            assert_eq!(code(odd), None, "{odd}");
        }
        assert_eq!(suite("OCRA-1:HOTP-SHA1-6:QN08").code(&key(20), &ask("12a")), None);
        assert_eq!(suite("OCRA-1:HOTP-SHA1-6:QN08-PSHA1").code(&key(20), &ask("1")), None);
        let session = Input { session: &[1; 9], ..ask("1") };
        assert_eq!(suite("OCRA-1:HOTP-SHA1-6:QN08-S008").code(&key(20), &session), None);
        let longest = "9".repeat(64);
        assert!(suite("OCRA-1:HOTP-SHA1-6:QN64-S").code(&key(20), &ask(&longest)).is_some());
    }
}
