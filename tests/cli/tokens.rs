//! `token import`, `list` and `ship`.

use std::fs;
use std::path::{Path, PathBuf};

use madoguchi::db::DbError;
use madoguchi::db::queries::tokens;
use madoguchi::domain::token::{Token, TokenState};
use tempfile::TempDir;

use crate::database::TestDatabase;
use crate::program::{Output, program};

const SECRET: &[u8] = b"12345678901234567890";
const SECRET_HEX: &str = "3132333435363738393031323334353637383930";
const FIGURE_6: &str = include_str!("../data/pskc/rfc6030_figure6.xml");
/// The pre-shared key of the RFC's section 6.
const RFC_KEY: &str = "12345678901234567890123456789012";

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn import(database: &TestDatabase, portal: &str, more: &[&str], path: &Path) -> Output {
    let base = ["token", "import", "--portal", portal, "--kind", "hardware"];
    let arguments = [&base[..], more, &[path.to_str().unwrap()]].concat();
    program(&arguments).on(database).output()
}

fn find(database: &TestDatabase, portal: &str, serial: &str) -> Option<Token> {
    let find = |conn: &mut _| tokens::find_by_serial(conn, portal, serial);
    database.services().db.read_blocking::<_, DbError>(find).unwrap()
}

fn opened(database: &TestDatabase, token: &Token) -> Vec<u8> {
    let context = Token::sealing_context(&token.portal, &token.serial);
    let keys = database.services().keys;
    keys.open(&context, &token.sealing_key_id, &token.secret_sealed).unwrap().expose().to_vec()
}

#[test]
fn a_csv_goes_into_stock_once() {
    let database = TestDatabase::new();
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "serial,secret,type,digits,period\n2V0716016AA1,{SECRET_HEX},totp,6,30\n\
         2v0716016aa2,{SECRET_HEX},totp,8,60\n"
    );
    let path = file(&folder, "tokens.csv", &text);
    let first = import(&database, "shirakaba", &["--format", "csv"], &path);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stdout.ends_with("2 imported, 0 refused\n"), "{first:?}");
    let token = find(&database, "shirakaba", "2V0716016AA2").unwrap();
    assert_eq!((token.state, token.digits, token.period_seconds), (TokenState::Stock, 8, 60));
    assert_ne!(token.secret_sealed, SECRET);
    assert_eq!(opened(&database, &token), SECRET);

    let again = import(&database, "shirakaba", &["--format", "csv"], &path);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.stdout.ends_with("0 imported, 2 refused\n"), "{again:?}");
    assert!(!again.stdout.contains(SECRET_HEX) && !first.stdout.contains(SECRET_HEX));
}

#[test]
fn bad_rows_are_named_and_good_ones_taken() {
    let database = TestDatabase::new();
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "serial,secret,type,digits,period\n2V0716016AA1,{SECRET_HEX},totp,6,30\n\
         2V0716016AA2,{SECRET_HEX},hotp,6,30\n123,{SECRET_HEX},totp,6,30\n\
         12345678,{SECRET_HEX},totp,6,30\n"
    );
    let path = file(&folder, "tokens.csv", &text);
    let output = import(&database, "shirakaba", &["--format", "csv"], &path);
    assert_eq!(output.code, 1, "{output:?}");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines[0], "2\t2V0716016AA1\timported");
    assert!(lines[1].starts_with("3\t2V0716016AA2\trefused: kind not supported"), "{output:?}");
    assert!(lines[2].starts_with("4\t123\trefused: the serial"), "{output:?}");
    assert!(lines[3].contains("customers could not type"), "{output:?}");
    assert_eq!(lines[4], "1 imported, 3 refused");
}

#[test]
fn an_encrypted_pskc_opens_with_its_key_only() {
    let database = TestDatabase::new();
    let folder = tempfile::tempdir().unwrap();
    let totp = FIGURE_6.replace("pskc:hotp", "pskc:totp");
    let path = file(&folder, "figure6.xml", &totp);
    let key = file(&folder, "key.hex", &format!("{RFC_KEY}\n"));
    let wrong = file(&folder, "wrong.hex", &RFC_KEY.replace("12", "21"));
    let garbled = file(&folder, "garbled.hex", "not hexadecimal");
    let with = |key: &Path| {
        let key = key.to_str().unwrap().to_owned();
        ["--format", "pskc", "--key-file"].map(str::to_owned).into_iter().chain([key]).collect()
    };
    let without: Vec<String> = vec!["--format".to_owned(), "pskc".to_owned()];
    let import = |flags: &Vec<String>, path: &Path| {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        import(&database, "inaho", &flags, path)
    };
    for (flags, part) in [
        (without, "the file is encrypted"),
        (with(&wrong), "nothing was imported"),
        (with(&garbled), "not hexadecimal"),
    ] {
        let output = import(&flags, &path);
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.stdout.contains(part), "{output:?}");
        assert!(find(&database, "inaho", "987654321").is_none());
    }
    let output = import(&with(&key), &path);
    assert_eq!(output.code, 0, "{output:?}");
    let token = find(&database, "inaho", "987654321").unwrap();
    assert_eq!(opened(&database, &token), SECRET);
    assert_eq!((token.digits, token.period_seconds), (8, 30));

    assert_eq!(token.valid_from, None);

    // The maker's first day of use is kept: it begins at midnight in Japan.
    let start = "<StartDate>2031-04-01T00:00:00+09:00</StartDate>\n    </DeviceInfo>";
    let later = totp.replace("987654321", "987654322").replace("</DeviceInfo>", start);
    let path = file(&folder, "later.xml", &later);
    assert_eq!(import(&with(&key), &path).code, 0);
    let token = find(&database, "inaho", "987654322").unwrap();
    assert_eq!(token.valid_from.unwrap().to_string(), "2031-03-31 15:00:00");

    // As the RFC prints it, it holds a counter-based key.
    let path = file(&folder, "figure6-hotp.xml", FIGURE_6);
    let output = import(&with(&key), &path);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stdout.contains("kind not supported"), "{output:?}");
}

#[test]
fn a_kind_or_portal_that_takes_no_import_is_refused() {
    let database = TestDatabase::new();
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "tokens.csv", "serial,secret,type,digits,period\n");
    for (portal, kind, part) in
        [("shirakaba", "app", "hardware, vendor_app"), ("nothere", "hardware", "choose from")]
    {
        let arguments = ["token", "import", "--portal", portal, "--kind", kind, "--format", "csv"];
        let arguments = [&arguments[..], &[path.to_str().unwrap()]].concat();
        let output = program(&arguments).on(&database).output();
        assert_eq!((output.code, output.stderr.lines().count()), (2, 1), "{output:?}");
        assert!(output.stderr.contains(part), "{output:?}");
    }
}

#[test]
fn stock_is_listed_and_shipped() {
    let database = TestDatabase::new();
    let folder = tempfile::tempdir().unwrap();
    let text = format!("serial,secret,type,digits,period\n2V0716016AA1,{SECRET_HEX},totp,6,30\n");
    let path = file(&folder, "tokens.csv", &text);
    assert_eq!(import(&database, "shirakaba", &["--format", "csv"], &path).code, 0);
    let contract = "INSERT INTO contracts (portal, number, name, created_at) \
                    VALUES ('shirakaba', '1000000001', 'n', '2026-01-01 00:00:00')";
    database.execute(contract, contract);
    let list = |state: &str| {
        program(&["token", "list", "--portal", "shirakaba", "--state", state])
            .on(&database)
            .output()
    };
    let ship = |serial: &str, contract: &str| {
        program(&["token", "ship", "--portal", "shirakaba", serial, contract])
            .on(&database)
            .output()
    };
    assert_eq!(list("stock").stdout, "2V0716016AA1\thardware\tstock\t6\t30\t-\t-\n");
    assert_eq!(ship("2V0716016ZZZ", "1000000001").code, 1);
    assert_eq!(ship("2V0716016AA1", "9").code, 1);
    let shipped = ship("2v07-16016-aa1", "1000000001");
    assert_eq!(shipped.code, 0, "{shipped:?}");
    assert_eq!(ship("2V0716016AA1", "1000000001").code, 1);
    assert_eq!(list("stock").stdout, "");
    assert_eq!(list("shipped").stdout.lines().count(), 1);
    let verified = program(&["audit", "verify"]).on(&database).output();
    assert!(verified.stdout.contains("2 lines not sealed yet"), "{verified:?}");
}
