//! Key files of makers and of other programs, compared with what those programs read out of them.
//!
//! The sample files belong to python-pskc and aren't part of this repository; the expected values
//! are those of its own tests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use madoguchi::keyfile::error::KeyFileError;
use madoguchi::keyfile::pskc::{PskcKey, parse_pskc, read_pskc};
use madoguchi::keyfile::{HashAlgorithm, ImportedToken, KeyFileKey};
use madoguchi::primitives::secret::Secret;

const RFC_KEY: &str = "12345678901234567890123456789012";
const RFC_SECRET: &str = "3132333435363738393031323334353637383930";

/// What opens a sample.
#[derive(Clone, Copy)]
enum Key {
    None,
    Hex(&'static str),
    Password(&'static str),
}

/// What must come out of a sample.
enum Expected {
    /// So many keys, whose first secrets in hexadecimal are these (`-` for a key without one), and
    /// so many of them fit for the stock.
    Keys {
        count: usize,
        secrets: &'static [&'static str],
        tokens: usize,
    },
    Refused(KeyFileError),
}

/// Path under the samples, what opens it, and what must come out.
type Sample = (&'static str, Key, fn() -> Expected);

fn keys(count: usize, secrets: &'static [&'static str], tokens: usize) -> Expected {
    Expected::Keys { count, secrets, tokens }
}

fn not_supported(what: &str) -> Expected {
    Expected::Refused(KeyFileError::NotSupported { what: what.into() })
}

fn malformed(element: &'static str) -> Expected {
    Expected::Refused(KeyFileError::Malformed { element })
}

fn samples_dir() -> PathBuf {
    let cache = std::env::var_os("MADOGUCHI_TEST_CACHE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-cache"),
        Into::into,
    );
    let samples = cache.join("pskc");
    assert!(
        samples.join("rfc6030").is_dir(),
        "The sample key files are missing in {}. Run bin/fetch-pskc-samples first.",
        samples.display()
    );
    samples
}

fn key_of(key: Key) -> KeyFileKey {
    match key {
        Key::None => KeyFileKey::None,
        Key::Hex(text) => KeyFileKey::pre_shared_from_hex(text).unwrap(),
        Key::Password(text) => KeyFileKey::Password(Secret::new(text.into())),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn secret_hex(key: &PskcKey) -> String {
    key.secret.as_ref().map_or_else(|| "-".into(), |secret| hex(secret.expose()))
}

fn check(samples: &Path, name: &str, key: Key, expected: &Expected) {
    let bytes = fs::read(samples.join(name)).unwrap();
    let key = key_of(key);
    let found = read_pskc(&bytes, &key);
    match expected {
        Expected::Refused(error) => assert_eq!(found.as_ref(), Err(error), "{name}"),
        Expected::Keys { count, secrets, tokens } => {
            let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(found.len(), *count, "{name}");
            let found: Vec<String> = found.iter().take(secrets.len()).map(secret_hex).collect();
            assert_eq!(&found, secrets, "{name}");
            let rows = parse_pskc(&bytes, &key).unwrap();
            let good = rows.iter().filter(|row| row.outcome.is_ok()).count();
            assert_eq!(good, *tokens, "{name}: {rows:?}");
        }
    }
}

const RFC6030: &[Sample] = &[
    ("rfc6030/figure2.pskcxml", Key::None, || keys(1, &["31323334"], 0)),
    ("rfc6030/figure3.pskcxml", Key::None, || keys(1, &[RFC_SECRET], 0)),
    ("rfc6030/figure4.pskcxml", Key::None, || keys(1, &["-"], 0)),
    ("rfc6030/figure5.pskcxml", Key::None, || keys(2, &[RFC_SECRET, "31323334"], 0)),
    ("rfc6030/figure6.pskcxml", Key::Hex(RFC_KEY), || keys(1, &[RFC_SECRET], 0)),
    ("rfc6030/figure7.pskcxml", Key::Password("qwerty"), || keys(1, &[RFC_SECRET], 0)),
    ("rfc6030/figure8.pskcxml", Key::None, || not_supported("X509Data")),
    ("rfc6030/figure9.pskcxml", Key::None, || keys(1, &[RFC_SECRET], 0)),
    ("rfc6030/figure10.pskcxml", Key::None, || keys(4, &[RFC_SECRET; 4], 0)),
];

const MAKERS: &[Sample] = &[
    ("feitian/20120919-test001-4282.xml", Key::None, || keys(2, &[], 1)),
    ("feitian/file1.pskcxml", Key::None, || keys(6, &[], 4)),
    ("nagraid/file1.pskcxml", Key::Hex("4A057F6AB6FCB57AB5408E46A9835E68"), || keys(3, &[], 0)),
    ("yubico/example1.pskcxml", Key::None, || keys(1, &["2b7e151628aed2a6abf7158809cf4f3c"], 0)),
    ("yubico/example2.pskcxml", Key::None, || {
        keys(2, &["5698356d30868c4201e26f66c582bb45", "38892b82abf1807788458fc5a5165c80"], 0)
    }),
    ("yubico/example3.pskcxml", Key::None, || keys(1, &["2b7e151628aed2a6abf7158809cf4f3c"], 0)),
    ("multiotp/pskc-hotp-aes.txt", Key::Hex(RFC_KEY), || keys(2, &[RFC_SECRET], 0)),
    ("multiotp/pskc-hotp-pbe.txt", Key::Password("qwerty"), || {
        keys(1, &["3031323334353637383930313233343536373839"], 0)
    }),
    ("multiotp/pskc-totp-aes.txt", Key::Hex(RFC_KEY), || keys(4, &[RFC_SECRET], 4)),
    ("multiotp/pskc-totp-pbe.txt", Key::Password("qwerty"), || {
        keys(1, &["3031323334353637383930313233343536373839"], 1)
    }),
    ("multiotp/tokens_hotp_aes.pskc", Key::Hex(RFC_KEY), || {
        keys(2, &["91f0dc4e239977e6bcc273e4f5414a8a6cf6d62c6990f58b4914a2d588b3475f"], 0)
    }),
    ("multiotp/tokens_hotp_pbe.pskc", Key::Password("qwerty"), || {
        keys(1, &["5d3a38bf5476d6f0b897f1e62887cb3ce833a5b9"], 0)
    }),
    ("multiotp/tokens_ocra_aes.pskc", Key::Hex(RFC_KEY), || {
        keys(36, &["e65f2c66247355fda360acdf3390972c16a1a164"], 0)
    }),
    ("multiotp/tokens_ocra_pbe.pskc", Key::Password("qwerty"), || {
        keys(1, &["4f40e1c6a7436e84620b170ceddfe110083cbd6d"], 0)
    }),
    ("multiotp/tokens_totp_aes.pskc", Key::Hex(RFC_KEY), || {
        keys(2, &["38c2506a8e0708a5e929c2686b827e0ba7ae28c9de3c83e6d27308345981a3de"], 2)
    }),
    ("multiotp/tokens_totp_pbe.pskc", Key::Password("qwerty"), || {
        keys(1, &["2c8792d34a3a8711b7cfc4304bcc84e3e67815a6"], 1)
    }),
];

const ENCRYPTION: &[Sample] = &[
    ("encryption/aes128-cbc.pskcxml", Key::Hex(RFC_KEY), || keys(1, &[RFC_SECRET], 0)),
    (
        "encryption/aes192-cbc.pskcxml",
        Key::Hex("123456789012345678901234567890123456789012345678"),
        || keys(1, &[RFC_SECRET], 0),
    ),
    (
        "encryption/aes256-cbc.pskcxml",
        Key::Hex("1234567890123456789012345678901234567890123456789012345678901234"),
        || keys(1, &[RFC_SECRET], 0),
    ),
    // Here the vector stands outside the file, so what seems to be one is part of the MAC key.
    ("encryption/aes128-cbc-noiv.pskcxml", Key::Hex(RFC_KEY), || {
        Expected::Refused(KeyFileError::WrongMac { index: 1 })
    }),
    ("encryption/mac-over-plaintext.pskcxml", Key::Hex(RFC_KEY), || {
        Expected::Refused(KeyFileError::WrongMac { index: 1 })
    }),
    ("encryption/no-mac-key.pskcxml", Key::Hex(RFC_KEY), || not_supported("hmac-sha1")),
    ("encryption/tripledes-cbc.pskcxml", Key::Hex(RFC_KEY), || not_supported("tripledes-cbc")),
    ("encryption/camellia128-cbc.pskcxml", Key::Hex(RFC_KEY), || not_supported("camellia128-cbc")),
    ("encryption/camellia192-cbc.pskcxml", Key::Hex(RFC_KEY), || not_supported("camellia192-cbc")),
    ("encryption/camellia256-cbc.pskcxml", Key::Hex(RFC_KEY), || not_supported("camellia256-cbc")),
    ("encryption/kw-aes128.pskcxml", Key::Hex(RFC_KEY), || not_supported("kw-aes128")),
    ("encryption/kw-aes192.pskcxml", Key::Hex(RFC_KEY), || not_supported("kw-aes192")),
    ("encryption/kw-aes256.pskcxml", Key::Hex(RFC_KEY), || not_supported("kw-aes256")),
    ("encryption/kw-camellia128.pskcxml", Key::Hex(RFC_KEY), || not_supported("kw-camellia128")),
    ("encryption/kw-camellia192.pskcxml", Key::Hex(RFC_KEY), || not_supported("kw-camellia192")),
    ("encryption/kw-camellia256.pskcxml", Key::Hex(RFC_KEY), || not_supported("kw-camellia256")),
    ("encryption/kw-tripledes.pskcxml", Key::Hex(RFC_KEY), || not_supported("kw-tripledes")),
];

const MISC: &[Sample] = &[
    ("misc/SampleFullyQualifiedNS.xml", Key::Password("3FCA3158035072D6"), || {
        // Steps of two days, which no user could wait for: read, but not taken into stock.
        keys(2, &["09fbecfd0bf47910839e2eb05ffa10b95cd0390950ce32ab790583ed134171e0"; 2], 0)
    }),
    ("misc/checkdigits.pskcxml", Key::None, || keys(4, &[RFC_SECRET; 4], 0)),
    ("misc/integers.pskcxml", Key::Hex(RFC_KEY), || {
        Expected::Refused(KeyFileError::MacMissing { index: 4 })
    }),
    ("misc/odd-namespace.pskcxml", Key::None, || keys(1, &["31323334"], 0)),
    ("misc/partialxml.pskcxml", Key::None, || keys(6, &["-"; 6], 0)),
    ("misc/policy.pskcxml", Key::None, || keys(5, &[RFC_SECRET; 4], 0)),
    ("invalid/incomplete-derivation.pskcxml", Key::Password("qwerty"), || {
        malformed("PBKDF2-params")
    }),
    ("invalid/mac-algorithm.pskcxml", Key::Hex(RFC_KEY), || not_supported("hmac-zha9")),
    ("invalid/mac-value.pskcxml", Key::Hex(RFC_KEY), || {
        Expected::Refused(KeyFileError::WrongMac { index: 1 })
    }),
    ("invalid/missing-encryption-method.pskcxml", Key::Hex(RFC_KEY), || {
        malformed("EncryptionMethod")
    }),
    ("invalid/missing-encryption.pskcxml", Key::Hex(RFC_KEY), || malformed("EncryptionMethod")),
    ("invalid/no-mac-method.pskcxml", Key::Hex(RFC_KEY), || malformed("MACMethod")),
    ("invalid/not-boolean.pskcxml", Key::None, || keys(1, &["-"], 0)),
    ("invalid/not-integer.pskcxml", Key::None, || keys(1, &["-"], 0)),
    ("invalid/not-integer2.pskcxml", Key::None, || keys(1, &["-"], 0)),
    ("invalid/notxml.pskcxml", Key::None, || Expected::Refused(KeyFileError::WrongRoot)),
    ("invalid/unknown-encryption.pskcxml", Key::Hex(RFC_KEY), || not_supported("unknown")),
    ("invalid/wrongelement.pskcxml", Key::None, || Expected::Refused(KeyFileError::WrongRoot)),
    ("invalid/wrongversion.pskcxml", Key::None, || Expected::Refused(KeyFileError::WrongVersion)),
];

/// The drafts before RFC 6030 had other elements, some of them in the RFC's namespace.
const DRAFT_FOLDERS: [&str; 5] = [
    "actividentity/",
    "draft-hoyer-keyprov-portable-symmetric-key-container-00/",
    "draft-hoyer-keyprov-portable-symmetric-key-container-01/",
    "draft-hoyer-keyprov-pskc-algorithm-profiles-01/",
    "draft-ietf-keyprov-pskc-02/",
];

fn all_samples(samples: &Path) -> BTreeSet<String> {
    let folders = fs::read_dir(samples).unwrap().map(|folder| folder.unwrap().path());
    let files =
        folders.filter(|folder| folder.is_dir()).flat_map(|folder| fs::read_dir(folder).unwrap());
    let path_in_samples = |path: PathBuf| path.strip_prefix(samples).unwrap().to_owned();
    files.map(|file| path_in_samples(file.unwrap().path()).to_str().unwrap().to_owned()).collect()
}

#[test]
fn samples_of_the_rfc() {
    let samples = samples_dir();
    RFC6030.iter().for_each(|(name, key, expected)| check(&samples, name, *key, &expected()));
}

#[test]
fn samples_of_makers_and_other_programs() {
    let samples = samples_dir();
    MAKERS.iter().for_each(|(name, key, expected)| check(&samples, name, *key, &expected()));
}

#[test]
fn samples_of_ciphers() {
    let samples = samples_dir();
    ENCRYPTION.iter().for_each(|(name, key, expected)| check(&samples, name, *key, &expected()));
}

#[test]
fn samples_of_odd_and_invalid_files() {
    let samples = samples_dir();
    MISC.iter().for_each(|(name, key, expected)| check(&samples, name, *key, &expected()));
}

#[test]
fn samples_of_drafts_are_refused_and_no_sample_is_left_out() {
    let samples = samples_dir();
    let mut rest = all_samples(&samples);
    for (name, _, _) in [RFC6030, MAKERS, ENCRYPTION, MISC].concat() {
        assert!(rest.remove(name), "{name} is not among the samples");
    }
    for name in &rest {
        assert!(DRAFT_FOLDERS.iter().any(|folder| name.starts_with(folder)), "{name} is untested");
        let bytes = fs::read(samples.join(name)).unwrap();
        for key in [Key::None, Key::Hex(RFC_KEY), Key::Password("qwerty")] {
            assert!(read_pskc(&bytes, &key_of(key)).is_err(), "{name}");
        }
    }
}

#[test]
fn a_makers_token_has_all_its_values() {
    let samples = samples_dir();
    let bytes = fs::read(samples.join("feitian/20120919-test001-4282.xml")).unwrap();
    let rows = parse_pskc(&bytes, &KeyFileKey::None).unwrap();
    let token = rows[0].outcome.as_ref().unwrap();
    let expected = ImportedToken {
        serial: "2600215704919".into(),
        secret: Secret::new(STANDARD.decode("zSK3gP/9LVNpaAfs039ATa45MnA=").unwrap()),
        algorithm: HashAlgorithm::Sha1,
        digits: 6,
        period_seconds: 60,
        drift_steps: 0,
        starts_on: "2012-09-19".parse().ok(),
        expires_at: "2022-09-01T00:00:00".parse().ok(),
        manufacturer: Some("FeiTian Technology Co.,Ltd".into()),
    };
    assert_eq!(*token, expected);

    let bytes = fs::read(samples.join("multiotp/tokens_totp_aes.pskc")).unwrap();
    let rows = parse_pskc(&bytes, &key_of(Key::Hex(RFC_KEY))).unwrap();
    let tokens: Vec<&ImportedToken> =
        rows.iter().map(|row| row.outcome.as_ref().unwrap()).collect();
    assert_eq!(tokens[0].algorithm, HashAlgorithm::Sha256);
    assert_eq!(tokens[1].algorithm, HashAlgorithm::Sha512);
    // Encrypted interval and time.
    assert_eq!((tokens[0].digits, tokens[0].period_seconds), (8, 30));
}

fn pskctool(arguments: &[&str], file: &Path) -> Output {
    let output = Command::new("pskctool").args(arguments).arg(file).output();
    output.unwrap_or_else(|error| panic!("pskctool can't be run ({error}). Install it first."))
}

/// Serial and secret of each key, as pskctool prints them.
fn pskctool_keys(file: &Path) -> Vec<(String, String)> {
    let output = String::from_utf8(pskctool(&["--info"], file).stdout).unwrap();
    let packages = output.split("KeyPackage ").skip(1);
    let value = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    packages
        .map(|package| (value(package, "SerialNo:"), value(package, "Key Secret (base64):")))
        .collect()
}

fn our_keys(file: &Path) -> Vec<(String, String)> {
    let keys = read_pskc(&fs::read(file).unwrap(), &KeyFileKey::None).unwrap();
    let secret = |key: &PskcKey| key.secret.as_ref().map(|secret| STANDARD.encode(secret.expose()));
    keys.iter().map(|key| (key.serial.clone(), secret(key).unwrap_or_default())).collect()
}

fn totp_file() -> String {
    let package = |n: u32| {
        format!(
            "<p:KeyPackage><p:DeviceInfo><p:Manufacturer>oath.MDG</p:Manufacturer>\
             <p:SerialNo>MDG{n:08}</p:SerialNo></p:DeviceInfo>\
             <p:Key Id=\"MDG{n:08}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\">\
             <p:AlgorithmParameters><p:Suite>HMAC-SHA256</p:Suite>\
             <p:ResponseFormat Length=\"8\" Encoding=\"DECIMAL\"/></p:AlgorithmParameters>\
             <p:Data><p:Secret><p:PlainValue>{}</p:PlainValue></p:Secret>\
             <p:Time><p:PlainValue>0</p:PlainValue></p:Time>\
             <p:TimeInterval><p:PlainValue>60</p:PlainValue></p:TimeInterval>\
             <p:TimeDrift><p:PlainValue>{n}</p:PlainValue></p:TimeDrift></p:Data>\
             <p:Policy><p:StartDate>2016-04-01T00:00:00Z</p:StartDate>\
             <p:KeyUsage>OTP</p:KeyUsage></p:Policy></p:Key></p:KeyPackage>",
            STANDARD.encode([n as u8; 32])
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <p:KeyContainer Version=\"1.0\" xmlns:p=\"urn:ietf:params:xml:ns:keyprov:pskc\">{}\
         </p:KeyContainer>",
        (1..=50).map(package).collect::<String>()
    )
}

#[test]
fn pskctool_reads_the_same_serials_and_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.xml");
    fs::write(&file, totp_file()).unwrap();
    let validation = pskctool(&["--validate"], &file);
    assert!(validation.status.success(), "{validation:?}");
    assert_eq!(our_keys(&file), pskctool_keys(&file));
    let rows = parse_pskc(totp_file().as_bytes(), &KeyFileKey::None).unwrap();
    assert_eq!(rows.iter().filter(|row| row.outcome.is_ok()).count(), 50);

    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pskc");
    for figure in ["rfc6030_figure2.xml", "rfc6030_figure3.xml", "rfc6030_figure10.xml"] {
        let file = data.join(figure);
        assert!(pskctool(&["--validate"], &file).status.success(), "{figure}");
        assert_eq!(our_keys(&file), pskctool_keys(&file), "{figure}");
    }
    let samples = samples_dir();
    for sample in ["feitian/file1.pskcxml", "feitian/20120919-test001-4282.xml"] {
        let file = samples.join(sample);
        assert_eq!(our_keys(&file), pskctool_keys(&file), "{sample}");
    }
}
