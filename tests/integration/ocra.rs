//! OCRA beside a program of others (Python's oath): random questions of each format, and the text
//! that is signed.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use madoguchi::domain::challenge::{SUITE, signed_code};
use madoguchi::primitives::ocra::{Input, Suite};
use madoguchi::primitives::secret::Secret;
use sha2::{Digest, Sha256};

const SUITES: [&str; 5] = [
    SUITE,
    "OCRA-1:HOTP-SHA1-6:QN08",
    "OCRA-1:HOTP-SHA256-8:C-QN64-PSHA1",
    "OCRA-1:HOTP-SHA512-10:QA64-S010-T1M",
    "OCRA-1:HOTP-SHA256-7:QH40",
];
const SCRIPT: &str = "import sys, oath\n\
    for line in sys.stdin:\n \
    suite, key, question = line.split()\n \
    print(oath.str2ocrasuite(suite)(bytes.fromhex(key), Q=question, C=7, P='1234', \
    S='0123456789', T_precomputed=1234567890 // 60))";

/// `count` characters of an alphabet, different for each seed.
fn drawn(seed: &str, alphabet: &str, count: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let bytes = (0..4).flat_map(|n| Sha256::digest(format!("{seed} {n}")).to_vec());
    bytes.take(count).map(|byte| letters[usize::from(byte) % letters.len()]).collect()
}

fn theirs(lines: &str) -> Vec<String> {
    let python = std::env::var("MADOGUCHI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut child = Command::new(&python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "run bin/setup, or set MADOGUCHI_TEST_PYTHON");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn codes_are_those_that_others_make() {
    let pin_digest: [u8; 20] = sha1::Sha1::digest("1234").into();
    let (mut lines, mut ours) = (String::new(), Vec::new());
    for n in 0..200 {
        let (text, seed) = (SUITES[n % SUITES.len()], format!("seed {n}"));
        let (alphabet, longest) = match text.split_once(":Q").or(text.split_once("-Q")).unwrap().1 {
            rest if rest.starts_with("N08") => ("0123456789", 8),
            rest if rest.starts_with('N') => ("0123456789", 64),
            rest if rest.starts_with('A') => ("ABCxyz0123456789", 64),
            rest if rest.starts_with("H40") => ("0123456789abcdefABCDEF", 40),
            _ => ("0123456789abcdef", 64),
        };
        // Theirs takes whole bytes only.
        let length = if alphabet.contains('f') { longest } else { 1 + n % longest };
        let question = drawn(&seed, alphabet, length);
        let key = drawn(&seed, "0123456789abcdef", 40 + 2 * (n % 20));
        writeln!(lines, "{text} {key} {question}").unwrap();
        let key: Vec<u8> = (0..key.len() / 2)
            .map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        let input = Input {
            question: &question,
            counter: 7,
            pin_digest: &pin_digest,
            session: b"0123456789",
            seconds: 1_234_567_890,
        };
        ours.push(Suite::parse(text).unwrap().code(&key, &input).unwrap());
    }
    let signed = "madoguchi-sign=1\nname=ｼﾗｶﾊﾞ ﾊﾅｺ\n";
    let digest: String =
        Sha256::digest(signed).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    writeln!(lines, "{SUITE} {} {digest}", "31".repeat(20)).unwrap();
    ours.push(signed_code(&Secret::new(vec![0x31; 20]), signed).unwrap());
    assert_eq!(theirs(&lines), ours);
}
