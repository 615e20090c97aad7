use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use chrono::NaiveDate;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::*;
use crate::keyfile::error::KeyKind;

mod faults;

const FIGURE_2: &str = include_str!("../../../tests/data/pskc/rfc6030_figure2.xml");
const FIGURE_3: &str = include_str!("../../../tests/data/pskc/rfc6030_figure3.xml");
const FIGURE_4: &str = include_str!("../../../tests/data/pskc/rfc6030_figure4.xml");
const FIGURE_5: &str = include_str!("../../../tests/data/pskc/rfc6030_figure5.xml");
const FIGURE_6: &str = include_str!("../../../tests/data/pskc/rfc6030_figure6.xml");
const FIGURE_7: &str = include_str!("../../../tests/data/pskc/rfc6030_figure7.xml");
const FIGURE_10: &str = include_str!("../../../tests/data/pskc/rfc6030_figure10.xml");

const SECRET: &[u8] = b"12345678901234567890";
const SECRET_BASE64: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=";
const HOTP: &str = "urn:ietf:params:xml:ns:keyprov:pskc:hotp";
const TOTP: &str = "urn:ietf:params:xml:ns:keyprov:pskc:totp";
const AES: &str = "http://www.w3.org/2001/04/xmlenc#aes";
const HMAC_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";

fn hex_key(hex: &str) -> KeyFileKey {
    KeyFileKey::pre_shared_from_hex(hex).unwrap()
}

fn rfc_key() -> KeyFileKey {
    hex_key("12345678901234567890123456789012")
}

fn password(text: &str) -> KeyFileKey {
    KeyFileKey::Password(Secret::new(text.into()))
}

fn read(text: &str, key: &KeyFileKey) -> Vec<PskcKey> {
    read_pskc(text.as_bytes(), key).unwrap()
}

fn refusal(text: &str, key: &KeyFileKey) -> KeyFileError {
    read_pskc(text.as_bytes(), key).unwrap_err()
}

fn secrets(keys: &[PskcKey]) -> Vec<&[u8]> {
    keys.iter().filter_map(|key| key.secret.as_ref()).map(Secret::expose).collect()
}

/// A container of the RFC's namespace around `content`.
fn container(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<KeyContainer Version=\"1.0\" \
         xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
         xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
         xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\">{content}</KeyContainer>"
    )
}

/// A plain TOTP key of which parts may be replaced.
fn package(serial: &str, parameters: &str, data: &str, policy: &str) -> String {
    format!(
        "<KeyPackage><DeviceInfo><Manufacturer>Acme &amp; Söhne</Manufacturer>\
         <SerialNo>{serial}</SerialNo></DeviceInfo><Key Id=\"1\" Algorithm=\"{TOTP}\">\
         <AlgorithmParameters>{parameters}</AlgorithmParameters>\
         <Data><Secret><PlainValue>{SECRET_BASE64}</PlainValue></Secret>{data}</Data>{policy}\
         </Key></KeyPackage>"
    )
}

const SIX_DIGITS: &str = "<ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/>";

fn outcome(package: &str) -> Result<ImportedToken, RowProblem> {
    let mut rows = parse_pskc(container(package).as_bytes(), &KeyFileKey::None).unwrap();
    assert_eq!((rows.len(), rows[0].line_or_index), (1, 1));
    rows.remove(0).outcome
}

fn plain(name: &str, value: &str) -> String {
    format!("<{name}><PlainValue>{value}</PlainValue></{name}>")
}

fn at(text: &str) -> UtcTime {
    utc_time(text).unwrap()
}

#[test]
fn reads_the_plain_figures_of_the_rfc() {
    let keys = read(FIGURE_2, &KeyFileKey::None);
    assert_eq!(secrets(&keys), [b"1234"]);
    assert_eq!((keys[0].id.as_str(), keys[0].algorithm.as_str()), ("12345678", HOTP));

    let keys = read(FIGURE_3, &KeyFileKey::None);
    assert_eq!(secrets(&keys), [SECRET]);
    assert_eq!(keys[0].manufacturer.as_deref(), Some("Manufacturer"));
    assert_eq!(keys[0].serial, "987654321");
    assert_eq!((keys[0].response_digits, keys[0].counter), (Some(8), Some(0)));

    assert_eq!(read(FIGURE_4, &KeyFileKey::None)[0].secret, None);
    assert_eq!(secrets(&read(FIGURE_5, &KeyFileKey::None)), [SECRET, b"1234"]);

    let keys = read(FIGURE_10, &KeyFileKey::None);
    let serials: Vec<&str> = keys.iter().map(|key| key.serial.as_str()).collect();
    assert_eq!(serials, ["654321", "123456", "9999999", "9999999"]);
    assert_eq!(secrets(&keys), [SECRET; 4]);
    assert_eq!(keys[0].starts_at, Some(at("2006-05-01T00:00:00Z")));
    assert_eq!(keys[0].expires_at, Some(at("2006-05-31T00:00:00Z")));
}

#[test]
fn reads_the_encrypted_figures_of_the_rfc() {
    assert_eq!(secrets(&read(FIGURE_6, &rfc_key())), [SECRET]);
    assert_eq!(secrets(&read(FIGURE_7, &password("qwerty"))), [SECRET]);
}

#[test]
fn other_kinds_than_totp_are_problems_of_their_rows() {
    let rows = parse_pskc(FIGURE_6.as_bytes(), &rfc_key()).unwrap();
    assert_eq!(rows[0].serial, "987654321");
    assert_eq!(rows[0].outcome, Err(RowProblem::KindNotSupported { kind: HOTP.into() }));
    let empty = outcome("<KeyPackage/>");
    assert_eq!(empty, Err(RowProblem::KindNotSupported { kind: String::new() }));
}

#[test]
fn reads_all_that_a_totp_key_says() {
    let parameters = "<Suite>HMAC-SHA256</Suite>\
                      <ResponseFormat Length=\"8\" Encoding=\"DECIMAL\" CheckDigits=\"false\"/>";
    let data =
        [plain("Time", "0"), plain("TimeInterval", " 60 "), plain("TimeDrift", "-4")].concat();
    let policy = "<Policy><StartDate>2016-03-31T15:00:00Z</StartDate>\
                  <ExpiryDate>2021-04-01T09:00:00.1234567+09:00</ExpiryDate>\
                  <PINPolicy PINUsageMode=\"Local\"/><KeyUsage>CR</KeyUsage>\
                  <KeyUsage>OTP</KeyUsage></Policy>";
    let token = outcome(&package("mdg4c7k2p9qa", parameters, &data, policy)).unwrap();
    assert_eq!(
        token,
        ImportedToken {
            serial: "MDG4C7K2P9QA".into(),
            secret: Secret::new(SECRET.to_vec()),
            algorithm: HashAlgorithm::Sha256,
            digits: 8,
            period_seconds: 60,
            drift_steps: -4,
            starts_on: NaiveDate::from_ymd_opt(2016, 4, 1),
            expires_at: Some(at("2021-04-01T00:00:00.123456Z")),
            manufacturer: Some("Acme & Söhne".into()),
        }
    );
}

#[test]
fn what_a_totp_key_leaves_out_has_the_defaults_of_totp() {
    let token = outcome(&package("12345678", SIX_DIGITS, "", "")).unwrap();
    assert_eq!((token.period_seconds, token.drift_steps), (30, 0));
    assert_eq!((token.algorithm, token.starts_on), (HashAlgorithm::Sha1, None));
}

#[test]
fn of_two_validities_the_narrower_one_counts() {
    let device = "<StartDate>2016-01-01T00:00:00</StartDate>\
                  <ExpiryDate>2020-01-01T00:00:00Z</ExpiryDate></DeviceInfo>";
    let policy = "<Policy><StartDate>2015-01-01T00:00:00Z</StartDate>\
                  <ExpiryDate>2019-01-01T00:00:00Z</ExpiryDate></Policy>";
    let package = package("12345678", SIX_DIGITS, "", policy).replace("</DeviceInfo>", device);
    let token = outcome(&package).unwrap();
    assert_eq!(token.starts_on, NaiveDate::from_ymd_opt(2016, 1, 1));
    assert_eq!(token.expires_at, Some(at("2019-01-01T00:00:00Z")));
}

#[test]
fn each_key_has_its_own_problem() {
    let format =
        |attributes: &str| package("1234", &format!("<ResponseFormat {attributes}/>"), "", "");
    let data = |name: &str, value: &str| package("1234", SIX_DIGITS, &plain(name, value), "");
    let policy =
        |content: &str| package("1234", SIX_DIGITS, "", &format!("<Policy>{content}</Policy>"));
    let secret = |base64: &str| package("1234", SIX_DIGITS, "", "").replace(SECRET_BASE64, base64);
    let not_readable = |name| RowProblem::NotReadable { name };
    for (package, expected) in [
        (package("", SIX_DIGITS, "", ""), RowProblem::SerialMissing),
        (package("12-345", SIX_DIGITS, "", ""), RowProblem::SerialNotValid),
        (package("1234", "", "", ""), RowProblem::DigitsNotSupported),
        (format("Length=\"7\" Encoding=\"DECIMAL\""), RowProblem::DigitsNotSupported),
        (format("Length=\"6\" Encoding=\"HEXADECIMAL\""), RowProblem::DigitsNotSupported),
        (
            format("Length=\"6\" Encoding=\"DECIMAL\" CheckDigits=\"true\""),
            RowProblem::DigitsNotSupported,
        ),
        (format("Length=\"six\" Encoding=\"DECIMAL\""), not_readable("ResponseFormat")),
        (data("TimeInterval", "45"), RowProblem::PeriodNotSupported),
        (data("TimeInterval", "thirty"), not_readable("TimeInterval")),
        (data("Time", "1"), RowProblem::StartTimeNotSupported),
        (data("TimeDrift", "121"), RowProblem::DriftTooLarge),
        (data("TimeDrift", "-9223372036854775808"), RowProblem::DriftTooLarge),
        (policy("<KeyUsage>CR</KeyUsage>"), RowProblem::PolicyNotSupported),
        (policy("<NumberOfTransactions>9</NumberOfTransactions>"), RowProblem::PolicyNotSupported),
        (policy("<PINPolicy PINUsageMode=\"Append\"/>"), RowProblem::PolicyNotSupported),
        (policy("<KeyUsage xmlns=\"urn:x\">OTP</KeyUsage>"), RowProblem::PolicyNotSupported),
        (policy("<ExpiryDate>tomorrow</ExpiryDate>"), not_readable("ExpiryDate")),
        (
            policy(
                "<StartDate>2020-01-02T00:00:00Z</StartDate>\
                 <ExpiryDate>2020-01-01T00:00:00Z</ExpiryDate>",
            ),
            RowProblem::DatesReversed,
        ),
        (secret("MTIzNA=="), RowProblem::SecretTooShort { bits: 32 }),
        (secret(""), RowProblem::SecretMissing),
        (secret("****"), not_readable("Secret")),
        (
            package("1234", "<Suite>HMAC-MD5</Suite>", "", ""),
            RowProblem::HashNotSupported { suite: "HMAC-MD5".into() },
        ),
    ] {
        assert_eq!(outcome(&package), Err(expected), "{package}");
    }
}

#[test]
fn names_are_told_apart_by_namespace_not_by_prefix() {
    let odd = FIGURE_7.replace("pskc:", "x:").replace(":pskc=", ":x=").replace("xenc:", "y.z:");
    let odd = odd.replace(":xenc=", ":y.z=");
    // Only prefixes were replaced, the URN ends in `pskc"`.
    assert!(odd.contains("urn:ietf:params:xml:ns:keyprov:pskc\""));
    let odd = odd.replace("keyprov:x:hotp", "keyprov:pskc:hotp");
    assert_eq!(secrets(&read(&odd, &password("qwerty"))), [SECRET]);

    let decoy = "<Data xmlns=\"urn:decoy\"><Secret><PlainValue>AAAA</PlainValue></Secret></Data>";
    let text = package("12345678", SIX_DIGITS, "", "").replace("<Data>", &format!("{decoy}<Data>"));
    assert_eq!(outcome(&text).unwrap().secret.expose(), SECRET);

    let foreign = FIGURE_2.replace("ns:keyprov:pskc\"", "ns:keyprov:pskc:1.0\"");
    assert_eq!(refusal(&foreign, &KeyFileKey::None), KeyFileError::WrongRoot);
}

#[test]
fn text_may_be_cut_up_in_every_way_that_xml_has() {
    let cut = "MTIz<!-- no -->NDU2<![CDATA[Nzg5]]>\r\n MDEy&#77;zQ1&#x4e;jc4OTA=<?pi x?>";
    let text = package("12345678", SIX_DIGITS, "", "").replace(SECRET_BASE64, cut);
    assert_eq!(outcome(&text).unwrap().secret.expose(), SECRET);
}

/// Encrypts as makers do: initialisation vector in front, PKCS #7 padding.
fn encrypt(key: &[u8], plain: &[u8]) -> Vec<u8> {
    match key.len() {
        16 => encrypt_with::<cbc::Encryptor<aes::Aes128>>(key, plain),
        24 => encrypt_with::<cbc::Encryptor<aes::Aes192>>(key, plain),
        _ => encrypt_with::<cbc::Encryptor<aes::Aes256>>(key, plain),
    }
}

fn encrypt_with<E: KeyIvInit + BlockModeEncrypt>(key: &[u8], plain: &[u8]) -> Vec<u8> {
    let iv = [7; 16];
    let mut buffer = [plain, &[0; 16]].concat();
    let encryptor = E::new_from_slices(key, &iv).unwrap();
    let ciphertext = encryptor.encrypt_padded::<Pkcs7>(&mut buffer, plain.len()).unwrap();
    [iv.as_slice(), ciphertext].concat()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn cipher_parts(key: &[u8], value: &[u8]) -> String {
    format!(
        "<xenc:EncryptionMethod Algorithm=\"{AES}{}-cbc\"/><xenc:CipherData><xenc:CipherValue>{}\
         </xenc:CipherValue></xenc:CipherData>",
        key.len() * 8,
        base64(value)
    )
}

const MAC_KEY: &[u8] = b"a MAC key of thirty-two bytes...";

fn encrypted(name: &str, key: &[u8], plain: &[u8]) -> String {
    let value = encrypt(key, plain);
    let mut mac = Hmac::<Sha256>::new_from_slice(MAC_KEY).unwrap();
    mac.update(&value);
    format!(
        "<{name}><EncryptedValue>{}</EncryptedValue><ValueMAC>{}</ValueMAC></{name}>",
        cipher_parts(key, &value),
        base64(&mac.finalize().into_bytes())
    )
}

fn mac_method(key: &[u8]) -> String {
    format!(
        "<MACMethod Algorithm=\"{HMAC_SHA256}\"><MACKey>{}</MACKey></MACMethod>",
        cipher_parts(key, &encrypt(key, MAC_KEY))
    )
}

fn encrypted_package(serial: &str, key: &[u8]) -> String {
    format!(
        "<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo></DeviceInfo>\
         <Key Id=\"{serial}\" Algorithm=\"{TOTP}\"><AlgorithmParameters>{SIX_DIGITS}\
         </AlgorithmParameters><Data>{}{}{}</Data></Key></KeyPackage>",
        encrypted("Secret", key, SECRET),
        encrypted("Time", key, &[0, 0, 0, 0]),
        encrypted("TimeInterval", key, b"60"),
    )
}

const KEY_NAME: &str = "<EncryptionKey><ds:KeyName>K 1</ds:KeyName></EncryptionKey>";

/// A container with two encrypted keys.
fn encrypted_container(encryption_key: &str, key: &[u8]) -> String {
    let packages = [encrypted_package("11111111", key), encrypted_package("22222222", key)];
    container(&[encryption_key.into(), mac_method(key), packages.concat()].concat())
}

fn derived_key(prf: &str, rounds: &str, key_bytes: usize) -> String {
    format!(
        "<EncryptionKey><xenc11:DerivedKey><xenc11:KeyDerivationMethod \
         Algorithm=\"http://www.w3.org/2009/xmlenc11#pbkdf2\"><xenc11:PBKDF2-params>\
         <xenc11:Salt><xenc11:Specified>{}</xenc11:Specified></xenc11:Salt>\
         <xenc11:IterationCount>{rounds}</xenc11:IterationCount>\
         <xenc11:KeyLength>{key_bytes}</xenc11:KeyLength>{prf}</xenc11:PBKDF2-params>\
         </xenc11:KeyDerivationMethod><xenc11:MasterKeyName>P 1</xenc11:MasterKeyName>\
         </xenc11:DerivedKey></EncryptionKey>",
        base64(b"saltsalt")
    )
}

#[test]
fn reads_every_length_of_aes_with_hmac_sha256() {
    for key_bytes in [16, 24, 32] {
        let key: Vec<u8> = (0..key_bytes).collect();
        let text = encrypted_container(KEY_NAME, &key);
        let given = KeyFileKey::PreSharedKey(Secret::new(key));
        let rows = parse_pskc(text.as_bytes(), &given).unwrap();
        assert_eq!(rows.len(), 2);
        for row in rows {
            let token = row.outcome.unwrap();
            assert_eq!(token.secret.expose(), SECRET);
            assert_eq!(token.period_seconds, 60);
        }
    }
}

#[test]
fn reads_keys_derived_with_hmac_sha256() {
    let prf = format!("<xenc11:PRF Algorithm=\"{HMAC_SHA256}\"/>");
    let mut key = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>("パスワード".as_bytes(), b"saltsalt", 1_000, &mut key);
    let text = encrypted_container(&derived_key(&prf, "1000", 32), &key);
    let rows = parse_pskc(text.as_bytes(), &password("パスワード")).unwrap();
    assert!(rows.iter().all(|row| row.outcome.is_ok()));
    assert_eq!(
        refusal(&text, &KeyFileKey::None),
        KeyFileError::KeyNeeded { kind: KeyKind::Password, name: Some("P 1".into()) }
    );
}

#[test]
fn encrypted_integers_are_bytes_or_digits() {
    for (bytes, expected) in [
        (b"30".as_slice(), Some(30)),
        (b"-2", Some(-2)),
        (&[0, 0, 0, 60], Some(60)),
        (&[0xff, 0xff, 0xff, 0xfe], Some(-2)),
        (&[0, 0, 0, 0, 0, 0, 1, 0], Some(256)),
        (&[0x1e], Some(30)),
        (&[0], Some(0)),
        (&[1, 2, 3], Some(66_051)),
        (&[0xff; 8], Some(-1)),
        (&[0; 9], None),
        (&[], None),
    ] {
        let value = integer(Value::Decrypted(Secret::new(bytes.to_vec())));
        assert_eq!(value.ok(), expected.map(Some), "{bytes:?}");
    }
}

#[test]
fn serials_that_come_twice_are_taken_from_neither_key() {
    let one = package("abcd1234", SIX_DIGITS, "", "");
    let other = package("ABCD1234", SIX_DIGITS, "", "");
    let rows = parse_pskc(container(&(one + &other)).as_bytes(), &KeyFileKey::None).unwrap();
    assert_eq!(rows[0].outcome, Err(RowProblem::SerialTwice { other: 2 }));
    assert_eq!(rows[1].outcome, Err(RowProblem::SerialTwice { other: 1 }));
}
