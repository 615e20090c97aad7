//! For each code a file that has exactly this fault, and the finding that it gets.

use sha2::{Digest, Sha256};

use super::world::{
    AMOUNT_MAX, Directory, File, Sent, check_with, debits, expected, file_of, file_with, header,
    item, jis, own_accounts, places, statement, transfers,
};
use crate::zengin::bulk::BulkKind;
use crate::zengin::check::{Code, Expected, Settings, Severity};
use crate::zengin::text::decode_lossy;

/// A file with one fault, and where it is.
struct Case {
    code: Code,
    file: Vec<u8>,
    place: (u64, u32, Option<&'static str>),
    severity: Severity,
}

fn case(code: Code, file: impl Into<Vec<u8>>, place: (u64, u32, Option<&'static str>)) -> Case {
    Case { code, file: file.into(), place, severity: code.severity() }
}

impl From<File> for Vec<u8> {
    fn from(file: File) -> Vec<u8> {
        file.bytes()
    }
}

fn utf8(file: &File) -> Vec<u8> {
    decode_lossy(&file.records.concat()).into_bytes()
}

fn file_cases() -> Vec<Case> {
    let good = transfers().bytes();
    let utf16: Vec<u8> = good.iter().flat_map(|byte| [*byte, 0]).collect();
    let ebcdic: Vec<u8> = good.iter().map(|byte| byte.wrapping_add(0xC0)).collect();
    let mut mixed = good.clone();
    mixed.remove(122 * 3 - 2);
    vec![
        case(Code::Utf8, utf8(&transfers()), (0, 0, None)),
        case(Code::Bom, [b"\xEF\xBB\xBF", good.as_slice()].concat(), (0, 0, None)),
        case(Code::Ebcdic, ebcdic, (0, 0, None)),
        case(Code::MixedLineEnds, mixed, (3, 121, None)),
        case(Code::LfOnly, transfers().ended("\n"), (0, 0, None)),
        case(Code::CrOnly, transfers().ended("\r"), (0, 0, None)),
        case(Code::EmptyFile, Vec::new(), (0, 0, None)),
        case(Code::Utf16, utf16, (0, 0, None)),
        case(Code::NotZengin, b"PK\x03\x04".repeat(100), (0, 0, None)),
    ]
}

fn structure_cases() -> Vec<Case> {
    let mut short = transfers();
    short.records[2].remove(60);
    let moved = |file: File, from: usize, to: usize| {
        let record = file.records[from - 1].clone();
        file.without(from).with(to, record)
    };
    let twice = || {
        let kind = BulkKind::GeneralTransfer;
        let first = transfers().without(6).records;
        let second = file_with(kind, &[item(kind, 11), item(kind, 12)]).records;
        File { records: [first, second].concat(), end: "\r\n" }
    };
    let record_type = Some("データ区分");
    vec![
        case(Code::RecordLength, short, (3, 120, None)),
        case(Code::RecordType, transfers().set(3, 1, "3"), (3, 1, record_type)),
        case(Code::Order, moved(transfers(), 4, 5), (5, 1, record_type)),
        case(Code::MissingRecord, transfers().without(5), (5, 0, None)),
        case(Code::SeveralGroups, twice(), (6, 1, record_type)),
        case(Code::AfterEnd, transfers().with(7, jis("X")), (7, 1, None)),
        case(Code::NoData, file_of(BulkKind::GeneralTransfer, 0), (2, 0, None)),
        case(Code::TooManyRecords, transfers(), (4, 0, None)),
        case(Code::Filler, transfers().set(3, 116, "X"), (3, 116, Some("ダミー"))),
    ]
}

fn header_cases() -> Vec<Case> {
    let set = |byte, text: &str| transfers().set(1, byte, text);
    let day = Some("取組日(振込指定日)");
    vec![
        case(Code::BusinessType, set(2, "41"), (1, 2, Some("種別コード"))),
        case(Code::CodeKind, set(4, "1"), (1, 4, Some("コード区分"))),
        case(Code::OriginatorCode, set(14, "6"), (1, 5, Some("振込依頼人コード(委託者コード)"))),
        case(Code::OwnBank, set(62, "8"), (1, 59, Some("仕向銀行番号"))),
        case(Code::OwnAccount, set(103, "5"), (1, 97, Some("口座番号"))),
        case(Code::ValueDate, set(55, "1131"), (1, 55, day)),
        case(Code::NotBusinessDay, set(55, "1129"), (1, 55, day)),
        case(Code::OutsideWindow, set(55, "1216"), (1, 55, day)),
        case(Code::PastCutOff, set(55, "1124"), (1, 55, day)),
        case(Code::OriginatorName, set(15, &" ".repeat(40)), (1, 15, Some("振込依頼人名"))),
    ]
}

fn data_cases() -> Vec<Case> {
    let set = |byte, text: &str| transfers().set(2, byte, text);
    let at = |byte, field| (2, byte, Some(field));
    let kind = BulkKind::GeneralTransfer;
    let mut again = [item(kind, 1), item(kind, 2), item(kind, 1)];
    again[2].name = "ﾔﾏﾀﾞ".to_owned();
    let zero = transfers().set(2, 81, "0000000000").totalled(3, 2_005);
    let over = AMOUNT_MAX - 1;
    let post = set(2, "9900").set(2, 6, &" ".repeat(15)).set(2, 21, "018");
    let post = post.set(2, 24, &" ".repeat(15)).set(2, 43, "2");
    let limit = set(81, &over.to_string()).totalled(3, over + 2_005);
    vec![
        case(Code::NotDigits, set(84, "A"), at(84, "振込金額")),
        case(Code::UnknownBank, set(2, "0008"), at(2, "被仕向銀行番号")),
        case(Code::UnknownBranch, set(21, "220"), at(21, "被仕向支店番号")),
        case(Code::OfficeName, set(6, "ﾐｽﾞﾎ          "), at(6, "被仕向銀行名")),
        case(Code::AccountType, set(43, "3"), at(43, "預金種目")),
        case(Code::AccountNumber, set(44, "0000000"), at(44, "口座番号")),
        case(Code::NameEmpty, set(51, &" ".repeat(30)), at(51, "受取人名")),
        case(Code::NotAllowed, set(53, "a"), at(53, "受取人名")),
        case(Code::LonelyMark, set(51, "ﾞ"), at(51, "受取人名")),
        case(Code::AmountZero, zero, at(81, "振込金額")),
        case(Code::AmountLimit, limit, at(81, "振込金額")),
        case(Code::NewCode, set(91, "3"), at(91, "新規コード")),
        case(Code::EdiFlag, set(113, "N"), at(113, "識別表示")),
        case(Code::Reference, set(95, "A"), at(95, "顧客コード1")),
        case(Code::EdiText, transfers().set(3, 94, ","), (3, 94, Some("EDI情報"))),
        case(Code::Duplicate, file_with(kind, &again), (4, 44, Some("口座番号"))),
        case(Code::SentBefore, transfers(), (0, 0, None)),
        case(Code::PayeeDiffers, transfers().set(3, 51, "ｵ"), (3, 51, Some("受取人名"))),
        case(Code::PostBank, post, at(43, "預金種目")),
        case(Code::DebitRequest, debits().set(2, 112, "1"), at(112, "振替結果コード")),
        case(Code::Value, set(112, "1"), at(112, "振込指定区分")),
        case(Code::Day, statement().set(2, 10, "081032"), at(10, "勘定日")),
    ]
}

fn trailer_cases() -> Vec<Case> {
    let kind = BulkKind::GeneralTransfer;
    let rich = (1..=101).map(|no| {
        let mut rich = item(kind, no);
        rich.amount = AMOUNT_MAX - 1;
        rich
    });
    let rich: Vec<_> = rich.collect();
    let mut overflow = file_with(kind, &rich[..100]);
    overflow = overflow.with(102, rich[100].write(kind).unwrap()).set(103, 2, "000101");
    vec![
        case(Code::TotalCount, transfers().set(5, 7, "4"), (5, 2, Some("合計件数"))),
        case(Code::TotalAmount, transfers().set(5, 19, "0"), (5, 8, Some("合計金額"))),
        case(Code::TotalOverflow, overflow, (103, 8, Some("合計金額"))),
        case(Code::RequestTotals, debits().set(5, 30, "1"), (5, 30, Some("振替済金額"))),
    ]
}

/// What is known and set when a case is checked: everything, and what makes it a case.
fn check_case(case: &Case) -> crate::zengin::check::Report {
    let own = own_accounts();
    let mut settings = Settings::default();
    let types: &[&str] = match case.code {
        Code::DebitRequest | Code::RequestTotals => &["91"],
        Code::Day => &["03"],
        _ => &["21"],
    };
    let mut known: Expected<'_> = expected(types, &own);
    let sent = Sent { sha256: None, totals: Some((3, 3_006)) };
    match case.code {
        Code::TooManyRecords => settings.records_max = 2,
        Code::AmountLimit => known.amount_max = Some(AMOUNT_MAX - 2),
        Code::SentBefore => known.sent = Some(&sent),
        _ => {}
    }
    check_with(&case.file, settings, known)
}

#[test]
fn each_fault_is_one_finding_at_its_place() {
    let mut cases = file_cases();
    cases.extend(structure_cases());
    cases.extend(header_cases());
    cases.extend(data_cases());
    cases.extend(trailer_cases());
    for case in &cases {
        let report = check_case(case);
        let (record, byte, field) = case.place;
        let expected = [(case.code, record, byte)];
        assert_eq!(places(&report.findings), expected, "{} {:?}", case.code, report.findings);
        let finding = &report.findings[0];
        assert_eq!(finding.field, field, "{finding:?}");
        assert_eq!(finding.severity, case.severity, "{finding:?}");
        let total = report.errors + report.warnings + report.infos;
        assert_eq!(total, 1, "{finding:?}");
        assert!(finding.fix.ends_with('。'), "{finding:?}");
        assert!(!finding.expected.is_empty() || case.code == Code::EmptyFile, "{finding:?}");
    }
    let portal_only = [Code::CompanyLimit, Code::AccountLimit, Code::UserLimit, Code::Balance];
    // Those of CSV are not found in files; the tests of `zengin::csv` have them.
    for code in Code::ALL.iter().filter(|code| !code.as_str().starts_with("Z6")) {
        let count = cases.iter().filter(|case| case.code == *code).count();
        let expected = if portal_only.contains(code) { 0 } else { 1 };
        // What a file of another encoding is called has several names.
        assert_eq!(count, expected, "{code}");
    }
}

#[test]
fn good_files_have_no_findings() {
    let own = own_accounts();
    for kind in BulkKind::ALL {
        for count in [1, 2, 40] {
            for end in ["\r\n", ""] {
                let bytes = file_of(kind, count).ended(end).bytes();
                let known = expected(kind.business_types(), &own);
                let report = check_with(&bytes, Settings::default(), known);
                assert_eq!(report.findings, [], "{kind:?}");
                assert_eq!((report.errors, report.warnings, report.infos), (0, 0, 0));
                assert_eq!((report.item_count, report.records), (count, count + 3));
                let sum: u64 = (1..=count).map(|no| 1_000 + no).sum();
                assert_eq!(report.total_amount, sum);
                assert_eq!(report.kind, Some(kind));
                let first = header(kind.business_types()[0]);
                assert_eq!(report.header, Some(first));
                assert_eq!(report.value_date, Some("2026-11-26".parse().unwrap()));
            }
        }
    }
    let report = check_with(&statement().bytes(), Settings::default(), Expected::default());
    assert_eq!(report.findings, []);
    assert_eq!((report.format, report.kind, report.item_count), (Some("入出金取引明細"), None, 2));
}

#[test]
fn nothing_need_be_known() {
    let report = check_with(&transfers().bytes(), Settings::default(), Expected::default());
    assert_eq!(report.findings, []);
    assert_eq!((report.value_date, report.is_clean()), (None, true));
    let empty = check_with(b"", Settings::default(), Expected::default());
    assert!(!empty.is_readable);
}

#[test]
fn the_same_bytes_are_known_again() {
    let bytes = transfers().bytes();
    let check = |sha256: [u8; 32]| {
        let sent = Sent { sha256: Some(sha256), totals: None };
        let known = Expected { sent: Some(&sent), ..Expected::default() };
        check_with(&bytes, Settings::default(), known).findings
    };
    let found = check(Sha256::digest(&bytes).into());
    let codes: Vec<_> = found.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::SentBefore]);
    assert_eq!(check([0; 32]), []);
}

#[test]
fn an_old_directory_warns() {
    let own = own_accounts();
    let directory = Directory { is_old: true };
    let file = transfers().set(2, 2, "0008").set(3, 21, "220").bytes();
    for (is_old, severity) in [(true, Severity::Warning), (false, Severity::Error)] {
        let mut known = expected(&["21"], &own);
        if is_old {
            known.directory = Some(&directory);
        }
        let report = check_with(&file, Settings::default(), known);
        assert_eq!(
            places(&report.findings),
            [(Code::UnknownBank, 2, 2), (Code::UnknownBranch, 3, 21)]
        );
        assert!(report.findings.iter().all(|finding| finding.severity == severity));
        assert!(report.findings[0].expected.contains("2026年8月24日"), "{:?}", report.findings);
    }
    let known = Expected { directory: None, ..expected(&["21"], &own) };
    let report = check_with(&transfers().set(2, 2, "0000").bytes(), Settings::default(), known);
    assert_eq!(places(&report.findings), [(Code::UnknownBank, 2, 2)]);
}
