//! `zengin check`, `show` and `convert`: reports, exit codes, pipes.

use std::io::Write;
use std::process::Stdio;

use madoguchi::zengin::bulk::{BulkFile, BulkHeader, BulkItem, BulkKind, Reference};
use madoguchi::zengin::layout::LineEnd;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::program::{Output, program};

/// A 総合振込 or 給与振込 of two items, without names of banks.
fn file(kind: BulkKind) -> Vec<u8> {
    let header = BulkHeader {
        business_type: kind.business_types()[0].to_owned(),
        originator_code: "0000012345".to_owned(),
        originator_name: "ｶ)ｱｵﾊﾞ".to_owned(),
        value_date_mmdd: "1126".to_owned(),
        own_bank_code: "0001".to_owned(),
        own_branch_code: "001".to_owned(),
        own_account_type: Some(1),
        own_account_no: "0001234".to_owned(),
        ..BulkHeader::default()
    };
    let (mut file, mut bytes) = BulkFile::begin(&header, LineEnd::CrLf).unwrap();
    for no in 1..=2 {
        let item = BulkItem {
            bank_code: "0001".to_owned(),
            branch_code: "001".to_owned(),
            account_type: 1,
            account_no: format!("{no:07}"),
            name: "ﾔﾏﾀﾞ ﾊﾅｺ".to_owned(),
            amount: 1_500,
            reference: Reference::None,
            ..BulkItem::default()
        };
        bytes.extend(file.item(&item).unwrap());
    }
    bytes.extend(file.finish().unwrap());
    bytes
}

/// Runs a command on a file with these bytes, whose name stands last.
fn on_file(arguments: &[&str], bytes: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.txt");
    std::fs::write(&path, bytes).unwrap();
    program(&[arguments, &[path.to_str().unwrap()]].concat()).output()
}

/// The same on the standard input.
fn on_input(arguments: &[&str], bytes: &[u8]) -> Output {
    let mut command = program(&[arguments, &["-"]].concat()).0;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_clean_file_is_said_to_be_one() {
    let bytes = file(BulkKind::GeneralTransfer);
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    for output in [
        on_file(&["zengin", "check"], &bytes),
        on_input(&["zengin", "check"], &bytes),
        on_file(&["zengin", "check", "--type", "11", "--type", "21"], &bytes),
    ] {
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
        for part in ["総合振込", "CR LF", "データ2件", "3000円", "エラー0件、注意0件、参考0件"]
        {
            assert!(output.stdout.contains(part), "{part}: {output:?}");
        }
        assert!(output.stdout.contains(&format!("SHA-256 {digest}\n")), "{output:?}");
    }
    let output = on_file(&["zengin", "check", "--format", "json"], &bytes);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["sha256"], digest);
}

#[test]
fn faults_are_listed_with_their_places() {
    let mut bytes = file(BulkKind::GeneralTransfer);
    bytes[122 + 84] = b'O';
    bytes[122 * 2 + 1] = b'6';
    let output = on_file(&["zengin", "check"], &bytes);
    assert_eq!(output.code, 1, "{output:?}");
    let line = "エラー Z301 レコード2 85バイト目 振込金額: 数字でない文字があります。";
    assert!(output.stdout.contains(line), "{output:?}");
    assert!(output.stdout.contains("注意 Z302 レコード3 2バイト目"), "{output:?}");
    assert!(output.stdout.ends_with("エラー1件、注意1件、参考0件\n"), "{output:?}");
    let output = on_file(&["zengin", "check", "--no-directory", "--format", "json"], &bytes);
    assert_eq!(output.code, 1, "{output:?}");
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&report["kind"], &report["errors"]), (&"general_transfer".into(), &1.into()));
    let finding = &report["findings"][0];
    for (key, value) in [
        ("code", Value::from("Z301")),
        ("severity", "error".into()),
        ("title", "数字でない文字があります".into()),
        ("record", 2.into()),
        ("byte", 85.into()),
        ("field", "振込金額".into()),
        ("found", "0000O01500".into()),
    ] {
        assert_eq!(finding[key], value, "{key}");
    }
    let output = on_file(&["zengin", "check", "--type", "91"], &file(BulkKind::Payroll));
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stdout.contains("Z201 レコード1 2バイト目 種別コード"), "{output:?}");
}

#[test]
fn what_is_no_such_file_is_refused() {
    let text = "振込先,金額\n".repeat(50);
    let output = on_input(&["zengin", "check"], text.as_bytes());
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.stdout.contains("Z001 ファイル全体: 文字コードがUTF-8です。"), "{output:?}");
    assert_eq!(on_file(&["zengin", "show"], b"").code, 2);
    for command in ["check", "show"] {
        let output = program(&["zengin", command, "/no/such/file"]).output();
        assert_eq!((output.code, output.stderr.lines().count()), (2, 1), "{output:?}");
        assert!(output.stderr.contains("/no/such/file"), "{output:?}");
    }
}

#[test]
fn records_are_shown_field_by_field() {
    let bytes = file(BulkKind::Payroll);
    let all = on_file(&["zengin", "show"], &bytes);
    assert_eq!(all.code, 0, "{all:?}");
    let headings = all.stdout.lines().filter(|line| line.starts_with("レコード"));
    assert!(headings.eq([
        "レコード1 ヘッダレコード",
        "レコード2 データレコード",
        "レコード3 データレコード",
        "レコード4 トレーラレコード",
        "レコード5 エンドレコード",
    ]));
    let one = on_input(&["zengin", "show", "--record", "3"], &bytes);
    assert_eq!((one.code, one.stdout.lines().count()), (0, 15), "{one:?}");
    for part in ["44-50", "口座番号", "[0000002]", "[ﾔﾏﾀﾞ ﾊﾅｺ", "[0000001500]"] {
        assert!(one.stdout.contains(part), "{part}: {one:?}");
    }
    let none = on_file(&["zengin", "show", "--record", "6"], &bytes);
    assert_eq!((none.code, none.stdout.lines().count()), (1, 1), "{none:?}");
}

#[test]
fn a_file_becomes_csv_and_the_same_file_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for kind in BulkKind::ALL {
        let bytes = file(kind);
        std::fs::write(path("file.txt"), &bytes).unwrap();
        for charset in ["utf8", "shift-jis"] {
            let convert = ["zengin", "convert", "--to"];
            let (csv, again) = (path("file.csv"), path("again.txt"));
            let options = ["csv", "--charset", charset, "--output", &csv, &path("file.txt")];
            let output = program(&[&convert[..], &options].concat()).output();
            assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
            let options = ["zengin", "--no-directory", "--output", &again, &csv];
            let output = program(&[&convert[..], &options].concat()).output();
            assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
            assert_eq!(std::fs::read(&again).unwrap(), bytes, "{kind:?} {charset}");
        }
    }
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 3, "nothing else is left");
}

const HEADER: &str = "--kind 21 --originator-code 12345 --originator-name カ）アオバ --date 1126 \
                      --bank 1 --branch 1 --account-type 1 --account-no 1234";

/// Converts a list of payments to the file `made`, with this header.
fn convert_list(csv: &str, header: &str, made: &str) -> Output {
    let base = ["zengin", "convert", "--to", "zengin", "--output", made];
    let arguments: Vec<&str> = base.into_iter().chain(header.split_whitespace()).collect();
    on_input(&arguments, csv.as_bytes())
}

#[test]
fn a_list_with_a_header_in_options_becomes_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made.txt");
    let to = made.to_str().unwrap();
    let csv = "銀行コード,支店コード,預金種目,口座番号,名前,金額\n\
               1,1,1,1,ﾔﾏﾀﾞ ﾊﾅｺ,1500\n1,1,1,2,やまだ はなこ,1500\n";
    let output = convert_list(csv, HEADER, to);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains("注意 Z606 3行目 受取人名"), "{output:?}");
    assert_eq!(std::fs::read(&made).unwrap(), file(BulkKind::GeneralTransfer));
    std::fs::remove_file(&made).unwrap();
    for (csv, header, code, said) in [
        (csv.replace("やまだ", "山田"), HEADER, 1, "エラー Z308 3行目 受取人名"),
        (csv.replace("1500", "0"), HEADER, 1, "エラー Z310 2行目 振込金額"),
        (csv.to_owned(), "", 2, "エラー Z604 2行目"),
        (csv.to_owned(), "--kind 99", 2, "--kind takes 21"),
        (csv.to_owned(), "--date 1126", 2, "add --kind 21"),
        (csv.to_owned(), "--kind 21 --originator-name 山田", 2, "write it in kana"),
        (csv.replace("名前", "なまえ"), HEADER, 1, "Z602 1行目"),
    ] {
        let output = convert_list(&csv, header, to);
        assert_eq!(output.code, code, "{output:?}");
        assert!(output.stderr.contains(said), "{said}: {output:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
    }
}

#[test]
fn a_file_with_faults_becomes_csv_and_says_so() {
    let mut bytes = file(BulkKind::Payroll);
    bytes[122 + 84] = b'O';
    let convert = ["zengin", "convert", "--to", "csv"];
    let output = on_input(&convert, &bytes);
    assert_eq!((output.code, output.stdout.lines().count()), (1, 9), "{output:?}");
    assert!(output.stderr.contains("エラーが1件あります"), "{output:?}");
    let output = on_file(&convert, "振込先,金額\n".repeat(50).as_bytes());
    assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{output:?}");
    assert!(output.stderr.contains("Z001"), "{output:?}");
}
