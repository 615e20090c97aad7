use super::*;
use crate::keyfile::error::KeyKind;

fn messages() -> Vec<String> {
    let errors = [
        KeyFileError::Empty,
        KeyFileError::TooLarge,
        KeyFileError::NotWellFormed { line: 3 },
        KeyFileError::Malformed { element: "Secret" },
        KeyFileError::NotSupported { what: "rsa_1_5".into() },
        KeyFileError::KeyNeeded { kind: KeyKind::Password, name: Some("My Password 1".into()) },
        KeyFileError::OtherKeyKind { kind: KeyKind::PreSharedKey },
        KeyFileError::KeyLength { expected_bytes: 16 },
        KeyFileError::WrongKey,
        KeyFileError::WrongMac { index: 2 },
        KeyFileError::MacMissing { index: 2 },
    ];
    let problems = [
        RowProblem::KindNotSupported { kind: String::new() },
        RowProblem::KindNotSupported { kind: "hotp".into() },
        RowProblem::SerialNotValid,
        RowProblem::SerialTwice { other: 4 },
        RowProblem::SecretTooShort { bits: 64 },
        RowProblem::FieldCount { found: 4 },
    ];
    let errors = errors.iter().map(KeyFileError::message);
    errors.chain(problems.iter().map(RowProblem::message)).collect()
}

#[test]
fn every_message_is_a_japanese_sentence() {
    for message in messages() {
        assert!(message.ends_with('。'), "{message}");
        assert!(message.chars().count() <= 60, "{message}");
    }
    assert_eq!(
        KeyFileError::WrongKey.message(),
        "鍵またはパスワードが違うか、ファイルが破損しています。確認して入力し直してください。"
    );
    assert_eq!(
        RowProblem::SerialNotValid.message(),
        "シリアル番号は半角英数字4から20桁です。値を確認してください。"
    );
}

#[test]
fn a_pre_shared_key_is_typed_in_hexadecimal() {
    let key = KeyFileKey::pre_shared_from_hex("12345678 90123456 78901234 56789012").unwrap();
    let KeyFileKey::PreSharedKey(secret) = &key else { panic!("{key:?}") };
    assert_eq!(secret.expose().len(), 16);
    assert_eq!(format!("{key:?}"), "PreSharedKey(Secret(..))");
    for text in ["", "1234", "zz", "1234567890123456789012345678901"] {
        assert_eq!(KeyFileKey::pre_shared_from_hex(text), Err(KeyFileError::KeyNotHex), "{text}");
    }
}

#[test]
fn neither_form_takes_what_is_no_utf8_text() {
    let utf16: Vec<u8> =
        "serial,secret,type,digits,period\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16.clone()).collect();
    let shift_jis = b"serial,secret\r\n\x83\x67\x81\x5b,00".to_vec();
    for bytes in [utf16, marked, shift_jis] {
        for format in [KeyFileFormat::Pskc, KeyFileFormat::OathCsv] {
            let outcome = parse_key_file(format, &bytes, &KeyFileKey::None);
            assert_eq!(outcome, Err(KeyFileError::NotUtf8));
        }
    }
}

#[test]
fn size_is_limited_before_anything_is_read() {
    let bytes = vec![b' '; FILE_BYTES_MAX + 1];
    for format in [KeyFileFormat::Pskc, KeyFileFormat::OathCsv] {
        assert_eq!(parse_key_file(format, &bytes, &KeyFileKey::None), Err(KeyFileError::TooLarge));
        assert_eq!(
            parse_key_file(format, "\u{feff} \r\n".as_bytes(), &KeyFileKey::None),
            Err(KeyFileError::Empty)
        );
    }
}

#[test]
fn a_list_takes_no_key() {
    let csv = b"serial,secret,type,digits,period\n";
    let key = KeyFileKey::Password(Secret::new(b"qwerty".to_vec()));
    let outcome = parse_key_file(KeyFileFormat::OathCsv, csv, &key);
    assert_eq!(outcome, Err(KeyFileError::KeyNotNeeded));
}
