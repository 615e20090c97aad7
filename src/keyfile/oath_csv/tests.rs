use super::*;

const HEADER: &str = "serial,secret,type,digits,period";
const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const PLAIN: &[u8] = b"12345678901234567890";

fn rows(text: &str) -> Vec<KeyRow> {
    parse_oath_csv(text.as_bytes(), SecretEncoding::Detect).unwrap()
}

fn refusal(text: &str) -> KeyFileError {
    parse_oath_csv(text.as_bytes(), SecretEncoding::Detect).unwrap_err()
}

fn problem(line: &str) -> RowProblem {
    let text = format!("{HEADER}\n{line}\n");
    let mut rows = parse_oath_csv(text.as_bytes(), SecretEncoding::Hex).unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0).outcome.unwrap_err()
}

#[test]
fn reads_hexadecimal_and_base32() {
    for secret in [HEX, BASE32, &HEX.to_lowercase(), &BASE32.to_lowercase()] {
        let rows = rows(&format!("{HEADER}\n12345678,{secret},TOTP,6,30\n"));
        let token = rows[0].outcome.as_ref().unwrap();
        assert_eq!(token.secret.expose(), PLAIN);
        assert_eq!(token.serial, "12345678");
        assert_eq!((token.digits, token.period_seconds, token.drift_steps), (6, 30, 0));
        assert_eq!(token.algorithm, HashAlgorithm::Sha1);
        assert_eq!((token.starts_on, token.expires_at, &token.manufacturer), (None, None, &None));
    }
}

#[test]
fn takes_what_spreadsheets_make_of_it() {
    let text = format!(
        "\u{feff}\"Serial\", Secret ,TYPE,Digits,Period\r\n\r\n\
         \"abcd1234\",\"{HEX}\",\"totp\",\"8\",\"60\"\r\n,,,,\r\n \r\n\
         12345679, {HEX} ,Totp,6,30"
    );
    let rows = rows(&text);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].line_or_index, 3);
    let token = rows[0].outcome.as_ref().unwrap();
    assert_eq!((token.serial.as_str(), token.digits, token.period_seconds), ("ABCD1234", 8, 60));
    assert_eq!(rows[1].line_or_index, 6);
    assert!(rows[1].outcome.is_ok());
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = [HEADER, "", "11111111,x,totp,6,30", "", "", "22222222,x,totp,6,30"];
        let found: Vec<usize> =
            rows(&lines.join(end)).iter().map(|row| row.line_or_index).collect();
        assert_eq!(found, [3, 6], "{end:?}");
    }
}

#[test]
fn columns_may_stand_in_any_order() {
    let rows = rows(&format!("period,digits,type,secret,serial\n60,8,totp,{HEX},12345678\n"));
    let token = rows[0].outcome.as_ref().unwrap();
    assert_eq!((token.serial.as_str(), token.digits, token.period_seconds), ("12345678", 8, 60));
}

#[test]
fn each_row_has_its_own_problem() {
    let not_readable = RowProblem::NotReadable { name: "secret" };
    for (line, expected) in [
        (format!("12345678,{HEX},hotp,6,30"), RowProblem::KindNotSupported { kind: "hotp".into() }),
        (format!("12345678,{HEX},,6,30"), RowProblem::KindNotSupported { kind: String::new() }),
        (format!(",{HEX},totp,6,30"), RowProblem::SerialMissing),
        (format!("123,{HEX},totp,6,30"), RowProblem::SerialNotValid),
        (format!("123456789012345678901,{HEX},totp,6,30"), RowProblem::SerialNotValid),
        (format!("1234-5678,{HEX},totp,6,30"), RowProblem::SerialNotValid),
        (format!("１２３４５６,{HEX},totp,6,30"), RowProblem::SerialNotValid),
        ("12345678,,totp,6,30".into(), RowProblem::SecretMissing),
        ("12345678,xyz,totp,6,30".into(), not_readable.clone()),
        (format!("12345678,{HEX}0,totp,6,30"), not_readable.clone()),
        (format!("12345678,{},totp,6,30", "0".repeat(2_000)), not_readable),
        ("12345678,00112233445566,totp,6,30".into(), RowProblem::SecretTooShort { bits: 56 }),
        (format!("12345678,{},totp,6,30", "00".repeat(129)), RowProblem::SecretTooLong),
        (format!("12345678,{HEX},totp,7,30"), RowProblem::DigitsNotSupported),
        (format!("12345678,{HEX},totp,six,30"), RowProblem::DigitsNotSupported),
        (format!("12345678,{HEX},totp,6,45"), RowProblem::PeriodNotSupported),
        (format!("12345678,{HEX},totp,6,"), RowProblem::PeriodNotSupported),
        (format!("12345678,{HEX},totp,6"), RowProblem::FieldCount { found: 4 }),
        (format!("12345678,{HEX},totp,6,30,1"), RowProblem::FieldCount { found: 6 }),
    ] {
        assert_eq!(problem(&line), expected, "{line}");
    }
}

#[test]
fn the_bounds_of_the_secret_belong_to_it() {
    for bytes in [16, 128] {
        let rows = rows(&format!("{HEADER}\n12345678,{},totp,6,30\n", "00".repeat(bytes)));
        assert!(rows[0].outcome.is_ok(), "{bytes}");
    }
    let problem = problem(&format!("12345678,{},totp,6,30", "00".repeat(15)));
    assert_eq!(problem, RowProblem::SecretTooShort { bits: 120 });
}

#[test]
fn a_serial_that_comes_twice_is_taken_from_neither_row() {
    let rows = rows(&format!(
        "{HEADER}\nabcd1234,{HEX},totp,6,30\n12345678,{HEX},totp,6,30\nABCD1234,{HEX},totp,6,30\n\
         abcd1234,{HEX},hotp,6,30\n"
    ));
    let twice = |row: &KeyRow| row.outcome.clone().unwrap_err();
    assert_eq!(twice(&rows[0]), RowProblem::SerialTwice { other: 4 });
    assert!(rows[1].outcome.is_ok());
    assert_eq!(twice(&rows[2]), RowProblem::SerialTwice { other: 2 });
    assert_eq!(twice(&rows[3]), RowProblem::KindNotSupported { kind: "hotp".into() });
}

#[test]
fn unclear_encoding_must_be_declared() {
    let both = "23456723456723456723456723456723456723456723456723456723456723AA";
    let unclear = format!("{HEADER}\n12345678,{both},totp,6,30\n");
    assert_eq!(refusal(&unclear), KeyFileError::EncodingUnclear);
    let mixed = format!("{HEADER}\n12345678,{HEX},totp,6,30\n22345678,{BASE32},totp,6,30\n");
    assert_eq!(refusal(&mixed), KeyFileError::EncodingUnclear);

    for (encoding, bytes) in [(SecretEncoding::Hex, 32), (SecretEncoding::Base32, 40)] {
        let rows = parse_oath_csv(unclear.as_bytes(), encoding).unwrap();
        assert_eq!(rows[0].outcome.as_ref().unwrap().secret.expose().len(), bytes);
    }
    let declared = parse_oath_csv(mixed.as_bytes(), SecretEncoding::Hex).unwrap();
    assert!(declared[0].outcome.is_ok());
    assert_eq!(declared[1].outcome, Err(RowProblem::NotReadable { name: "secret" }));

    // One secret that could be both follows the others.
    let rows = rows(&format!("{unclear}22345678,{BASE32},totp,6,30\n"));
    assert_eq!(rows[0].outcome.as_ref().unwrap().secret.expose().len(), 40);
}

#[test]
fn another_header_is_refused() {
    for text in [
        format!("12345678,{HEX},totp,6,30\n"),
        "serial,secret,type,digits\n".into(),
        "serial,secret,type,digits,period,counter\n".into(),
        "serial,secret,type,digits,digits\n".into(),
        "serial;secret;type;digits;period\n".into(),
        "<?xml version=\"1.0\"?><KeyContainer/>".into(),
        "\n\n,,\n".into(),
    ] {
        assert_eq!(refusal(&text), KeyFileError::WrongHeader, "{text}");
    }
    assert!(rows(HEADER).is_empty());
}

#[test]
fn garbage_and_floods_end_quickly() {
    let start = std::time::Instant::now();
    assert_eq!(refusal(&"x".repeat(10_000_000)), KeyFileError::WrongHeader);
    assert_eq!(refusal(&"\"".repeat(10_000_000)), KeyFileError::WrongHeader);
    assert_eq!(refusal(&"a,\n".repeat(3_000_000)), KeyFileError::WrongHeader);
    let flood = format!("{HEADER}\n{}", "1,2,3,4,5\n".repeat(ROWS_MAX + 1));
    assert_eq!(refusal(&flood), KeyFileError::TooManyRows);
    let unclosed = format!("{HEADER}\n12345678,\"{}", "a\n".repeat(5_000_000));
    let rows = rows(&unclosed);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].outcome, Err(RowProblem::FieldCount { found: 2 }));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
