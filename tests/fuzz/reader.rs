//! The checker of files: whatever the bytes are, it comes to an end, and what it says does not
//! depend on the pieces in which they came.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi_fuzz::pieces;
use madoguchi_fuzz::zengin::check::{Checker, DebitStage, Expected, RecordKind, Report, Settings};
use madoguchi_fuzz::zengin::csv::{CsvCharset, CsvWriter};

type Records = Vec<(u64, RecordKind, Vec<u8>)>;

const EXPECTED: [Option<&[&str]>; 4] =
    [None, Some(&["21"]), Some(&["11", "71", "91"]), Some(&["03"])];

fn check(bytes: &[u8], choice: u8, lengths: &[u8]) -> (Report, Records) {
    let stage = if choice & 4 == 0 { DebitStage::Request } else { DebitStage::Result };
    let settings = Settings {
        several_groups: choice & 8 != 0,
        debit_stage: stage,
        findings_max: if choice & 16 == 0 { 1_000 } else { 3 },
        ..Settings::default()
    };
    let business_types = EXPECTED[usize::from(choice & 3)];
    let expected = Expected {
        business_types,
        own_bank_code: Some("1999"),
        today: "2026-11-22".parse().ok(),
        ..Expected::default()
    };
    let mut checker = Checker::new(settings, expected);
    let mut records = Records::new();
    pieces(bytes, lengths, |piece| {
        checker.feed(piece, &mut |record| {
            records.push((record.no, record.kind, record.bytes.to_vec()));
        });
    });
    let report = checker.finish(&mut |record| {
        records.push((record.no, record.kind, record.bytes.to_vec()));
    });
    (report, records)
}

fuzz_target!(|data: &[u8]| {
    let [choice, first, second, bytes @ ..] = data else { return };
    let whole = check(bytes, *choice, &[]);
    assert_eq!(check(bytes, *choice, &[*first, *second]), whole);
    assert_eq!(check(bytes, *choice, &[0]), whole);
    let (report, records) = whole;
    assert!(u64::try_from(records.len()).unwrap() <= report.records);
    assert!(report.findings.iter().all(|finding| finding.record <= report.records));
    assert!(report.is_readable || report.errors > 0);
    let mut writer = CsvWriter::new(CsvCharset::Utf8);
    let mut lines = Vec::new();
    for (no, kind, bytes) in &records {
        let record = madoguchi_fuzz::zengin::check::RecordRef { no: *no, kind: *kind, bytes };
        writer.take(record, &mut lines);
    }
    assert!(std::str::from_utf8(&lines).is_ok());
});
