//! The choices, each way.

use super::world::{check_with, debits, expected, file_of, own_accounts, places, transfers};
use crate::zengin::bulk::{BulkFile, BulkKind};
use crate::zengin::check::{Choice, Code, DebitSigns, DebitStage, Settings, Severity};
use crate::zengin::layout::LineEnd;

const EACH: [(Choice, Option<Severity>); 3] = [
    (Choice::Allow, None),
    (Choice::Warn, Some(Severity::Warning)),
    (Choice::Refuse, Some(Severity::Error)),
];

/// What was found, where one thing is to be found at most.
fn found(kind: BulkKind, bytes: &[u8], settings: Settings) -> Option<(Code, Severity)> {
    let own = own_accounts();
    let report = check_with(bytes, settings, expected(kind.business_types(), &own));
    assert!(report.findings.len() <= 1, "{:?}", report.findings);
    report.findings.first().map(|finding| (finding.code, finding.severity))
}

#[test]
fn choices_decide_between_nothing_a_warning_and_an_error() {
    let transfer = BulkKind::GeneralTransfer;
    let wo = transfers().set(2, 51, "ｦ").bytes();
    let long_vowel = transfers().set(2, 51, "ｰ").bytes();
    let reference = transfers().set(2, 92, "A-1").bytes();
    let blank = transfers().set(1, 96, &" ".repeat(8)).bytes();
    let payroll = file_of(BulkKind::Payroll, 3).set(2, 51, "A-(A").bytes();
    let result = debits().set(2, 112, " ").bytes();
    let number = debits().set(3, 92, &format!("{:020}", 1)).bytes();
    for (choice, severity) in EACH {
        let usual = Settings::default;
        for (kind, bytes, code, settings) in [
            (transfer, &wo, Code::NotAllowed, Settings { wo_in_names: choice, ..usual() }),
            (transfer, &long_vowel, Code::NotAllowed, Settings { long_vowel: choice, ..usual() }),
            (transfer, &reference, Code::Reference, Settings { reference_text: choice, ..usual() }),
            (
                transfer,
                &blank,
                Code::AccountNumber,
                Settings { blank_own_account: choice, ..usual() },
            ),
            (
                BulkKind::Payroll,
                &payroll,
                Code::NotAllowed,
                Settings { payroll_signs: choice, ..usual() },
            ),
            (
                BulkKind::DirectDebit,
                &result,
                Code::DebitRequest,
                Settings { blank_result_code: choice, ..usual() },
            ),
            (
                BulkKind::DirectDebit,
                &number,
                Code::DebitRequest,
                Settings { same_customer_number: choice, ..usual() },
            ),
        ] {
            let expected = severity.map(|severity| (code, severity));
            assert_eq!(found(kind, bytes, settings), expected, "{choice:?} {code}");
        }
    }
}

#[test]
fn names_of_debits_may_have_more_signs() {
    let file = debits().set(2, 51, "+/").bytes();
    let kind = BulkKind::DirectDebit;
    let refused = Some((Code::NotAllowed, Severity::Error));
    assert_eq!(found(kind, &file, Settings::default()), refused);
    let all = Settings { debit_signs: DebitSigns::All, ..Settings::default() };
    assert_eq!(found(kind, &file, all), None);
}

#[test]
fn several_groups_may_be_taken_if_they_are_of_one_kind() {
    let first = transfers().without(6).records;
    let kind = BulkKind::GeneralTransfer;
    let second = super::world::file_with(kind, &[super::world::item(kind, 9)]).records;
    let mut file = transfers();
    file.records = [first, second].concat();
    let several = Settings { several_groups: true, ..Settings::default() };
    assert_eq!(found(kind, &file.bytes(), several), None);
    let once = Some((Code::SeveralGroups, Severity::Error));
    assert_eq!(found(kind, &file.bytes(), Settings::default()), once);
    let own = own_accounts();
    let known = expected(&["11", "71"], &own);
    let payroll = file_of(BulkKind::Payroll, 1);
    let mut mixed = payroll.clone().without(4);
    mixed.records.extend(payroll.set(1, 2, "71").set(2, 44, "7654321").records);
    let report = check_with(&mixed.bytes(), several, known);
    assert_eq!(places(&report.findings), [(Code::BusinessType, 4, 2)]);
}

#[test]
fn a_result_is_read_as_one() {
    let (mut file, mut bytes) =
        BulkFile::begin(&super::world::header("91"), LineEnd::CrLf).unwrap();
    file = file.as_result();
    for (no, result_code) in [(1, 0), (2, 1), (3, 0)] {
        let mut item = super::world::item(BulkKind::DirectDebit, no);
        item.result_code = result_code;
        bytes.extend(file.item(&item).unwrap());
    }
    bytes.extend(file.finish().unwrap());
    let kind = BulkKind::DirectDebit;
    let settings = Settings { debit_stage: DebitStage::Result, ..Settings::default() };
    assert_eq!(found(kind, &bytes, settings), None);
    let trailer = 122 * 4;
    for (byte, code) in [
        (25, Code::TotalCount),
        (37, Code::TotalAmount),
        (43, Code::TotalCount),
        (55, Code::TotalAmount),
    ] {
        let mut wrong = bytes.clone();
        wrong[trailer + byte - 1] = b'8';
        assert_eq!(found(kind, &wrong, settings), Some((code, Severity::Error)), "{byte}");
    }
    let mut wrong = bytes.clone();
    wrong[122 + 111] = b'5';
    assert_eq!(found(kind, &wrong, settings), Some((Code::Value, Severity::Error)));
    let own = own_accounts();
    let report = check_with(&bytes, Settings::default(), expected(&["91"], &own));
    assert_eq!(
        places(&report.findings),
        [
            (Code::DebitRequest, 3, 112),
            (Code::RequestTotals, 5, 25),
            (Code::RequestTotals, 5, 34),
            (Code::RequestTotals, 5, 43),
            (Code::RequestTotals, 5, 52),
        ]
    );
}

#[test]
fn all_findings_are_counted_and_the_first_errors_kept() {
    let mut file = file_of(BulkKind::GeneralTransfer, 60);
    for record in 2..=61 {
        // A warning in each, and an error in each of the last 20.
        file = file.set(record, 116, "X");
        if record > 41 {
            file = file.set(record, 91, "9");
        }
    }
    let own = own_accounts();
    let settings = Settings { findings_max: 25, ..Settings::default() };
    let report = check_with(&file.bytes(), settings, expected(&["21"], &own));
    assert_eq!((report.errors, report.warnings, report.findings.len()), (20, 60, 25));
    let kept = |code| report.findings.iter().filter(|finding| finding.code == code).count();
    assert_eq!((kept(Code::NewCode), kept(Code::Filler)), (20, 5));
    assert!(report.findings.is_sorted_by_key(|finding| (finding.record, finding.byte)));
}
