//! Line ends and none, end marks, records of a wrong length, and files in other encodings.

use super::world::{File, check, expected, file_of, own_accounts, places, statement, transfers};
use crate::zengin::bulk::BulkKind;
use crate::zengin::check::{
    Checker, Code, Expected, LineEnds, RecordKind, Report, Settings, Severity,
};

const KIND: BulkKind = BulkKind::GeneralTransfer;

fn long() -> File {
    file_of(KIND, 30)
}

#[test]
fn whatever_may_stand_between_records_is_read() {
    for (end, line_ends) in [("\r\n", LineEnds::CrLf), ("", LineEnds::None)] {
        let bytes = long().ended(end).bytes();
        let cut = |text: &str| {
            let body = bytes.strip_suffix(end.as_bytes()).unwrap();
            [body, text.as_bytes()].concat()
        };
        for (tail, has_end_mark) in
            [("", false), ("\r\n", false), ("\x1A", true), ("\r\n\x1A", true), ("\x1A\r\n", true)]
        {
            let report = check(KIND, &cut(tail));
            assert_eq!(report.findings, [], "{end:?} {tail:?}");
            assert_eq!(report.framing.line_ends, line_ends);
            assert_eq!(report.framing.has_end_mark, has_end_mark, "{end:?} {tail:?}");
            assert_eq!(report.framing.record_length, Some(120));
            assert_eq!((report.records, report.item_count), (33, 30));
        }
        let report = check(KIND, &cut("\r\n\r\n\r\n"));
        assert_eq!(places(&report.findings), [(Code::AfterEnd, 34, 1)], "{end:?}");
    }
    let bytes = [statement().bytes(), b"\r\n".to_vec()].concat();
    let mut checker = Checker::new(Settings::default(), Expected::default());
    checker.feed(&bytes, &mut |_| {});
    let report = checker.finish(&mut |_| {});
    assert_eq!((report.framing.record_length, report.findings), (Some(200), Vec::new()));
}

/// A record that is too short or too long is one finding, and the others are read.
#[test]
fn behind_a_record_of_a_wrong_length_all_is_well() {
    for end in ["\r\n", "\n", ""] {
        for record in 1..=33 {
            for (byte, is_more) in [(0, false), (40, false), (85, false), (3, true), (119, true)] {
                // A space more or less among spaces at the end of a record is not seen where.
                let mut file = long().ended(end);
                if is_more {
                    file.records[record - 1].insert(byte, b'Q');
                } else {
                    file.records[record - 1].remove(byte);
                }
                let report = check(KIND, &file.bytes());
                let at = if is_more { 121 } else { 120 };
                let found: Vec<_> = places(&report.findings)
                    .into_iter()
                    .filter(|(code, _, _)| *code != Code::LfOnly)
                    .collect();
                let no = u64::try_from(record).unwrap();
                let place = format!("{end:?} record {record} byte {byte} {is_more}");
                assert_eq!(found, [(Code::RecordLength, no, at)], "{place}");
                assert_eq!((report.records, report.item_count), (33, 30), "{place}");
            }
        }
    }
}

#[test]
fn a_line_end_within_a_record_is_a_fault_of_that_record() {
    for end in ["\r\n", ""] {
        let file = long().ended(end).set_bytes(7, 60, b"\n");
        let report = check(KIND, &file.bytes());
        assert_eq!(places(&report.findings), [(Code::NotAllowed, 7, 60)], "{end:?}");
        assert!(report.findings[0].found.contains("改行"), "{:?}", report.findings);
        assert_eq!(report.records, 33);
    }
    let mut file = long();
    file.records[6].splice(59..59, *b"\r\n");
    let report = check(KIND, &file.bytes());
    assert_eq!(places(&report.findings), [(Code::RecordLength, 7, 60)]);
    assert_eq!((report.records, report.item_count), (33, 30));
}

#[test]
fn line_ends_that_differ_are_said_once() {
    let mut missing = Vec::new();
    let mut added = Vec::new();
    let mut other = Vec::new();
    for (at, record) in long().records.iter().enumerate() {
        missing.extend_from_slice(record);
        missing.extend_from_slice(if matches!(at, 4 | 9) { b"" } else { b"\r\n" });
        added.extend_from_slice(record);
        added.extend_from_slice(if matches!(at, 4 | 9) { b"\r\n" } else { b"" });
        other.extend_from_slice(record);
        other.extend_from_slice(if matches!(at, 4 | 9) { b"\n" } else { b"\r\n" });
    }
    for (name, bytes) in [("missing", missing), ("added", added), ("other", other)] {
        let report = check(KIND, &bytes);
        assert_eq!(places(&report.findings), [(Code::MixedLineEnds, 5, 121)], "{name}");
        assert_eq!(report.framing.line_ends, LineEnds::Mixed, "{name}");
        assert_eq!((report.records, report.item_count), (33, 30), "{name}");
    }
}

#[test]
fn utf8_is_seen_wherever_its_first_kana_stands() {
    let plain = |record: usize| {
        let mut file = long();
        for record in &mut file.records {
            for byte in record.iter_mut().filter(|byte| **byte >= 0x80) {
                *byte = b'A';
            }
        }
        let name = "ﾔﾏﾀﾞ".as_bytes();
        file.records[record].splice(50..54, name.iter().copied());
        file
    };
    for end in ["\r\n", ""] {
        for record in [1, 20, 30] {
            let report = check(KIND, &plain(record).ended(end).bytes());
            let last = report.findings.last().unwrap();
            assert_eq!(last.code, Code::Utf8, "{end:?} {record}: {:?}", report.findings);
            assert_eq!(report.errors, 1, "{end:?} {record}");
            assert!(!report.is_readable);
            assert!(last.record <= report.records, "{end:?} {record}: {:?}", report.findings);
        }
    }
    let bom = [b"\xEF\xBB\xBF", plain(1).bytes().as_slice()].concat();
    let report = check(KIND, &bom);
    assert_eq!(places(&report.findings), [(Code::Utf8, 0, 0), (Code::Bom, 0, 0)]);
    assert!(report.framing.has_bom);
}

#[test]
fn kanji_in_a_field_are_a_fault_of_the_field() {
    let file = transfers().set_bytes(2, 51, b"\x8ER\x93c ");
    let report = check(KIND, &file.bytes());
    assert_eq!(places(&report.findings), [(Code::NotAllowed, 2, 51)]);
    let finding = &report.findings[0];
    assert_eq!((finding.found.as_str(), finding.severity), ("「山田」", Severity::Error));
    assert!(finding.fix.contains("半角カナ"), "{finding:?}");
}

#[test]
fn files_that_are_something_else_are_named() {
    let csv = "振込先,金額\n山田,1000\n".repeat(40);
    let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode(&csv);
    for (bytes, code) in [
        (sjis.as_ref(), Code::NotZengin),
        (csv.as_bytes(), Code::Utf8),
        (b"12345\n", Code::NotZengin),
        (b"\r\n", Code::NotZengin),
        (&[0; 5000], Code::NotZengin),
        (&[b'1'; 3], Code::NotZengin),
    ] {
        let report = check(KIND, bytes);
        let start = &bytes[..bytes.len().min(10)];
        assert_eq!(places(&report.findings), [(code, 0, 0)], "{start:?}");
        assert!(!report.is_readable, "{start:?}");
        assert_eq!(report.records, 0);
    }
}

/// The kinds and bytes that the sink was given.
fn records_of(bytes: &[u8]) -> (Vec<(u64, RecordKind, Vec<u8>)>, Report) {
    let own = own_accounts();
    let mut checker = Checker::new(Settings::default(), expected(&["21"], &own));
    let mut records = Vec::new();
    checker.feed(bytes, &mut |record| {
        records.push((record.no, record.kind, record.bytes.to_vec()));
    });
    let report = checker.finish(&mut |record| {
        records.push((record.no, record.kind, record.bytes.to_vec()));
    });
    (records, report)
}

#[test]
fn every_record_of_the_right_length_is_handed_out() {
    for end in ["\r\n", ""] {
        let mut file = long().ended(end).set(4, 1, "7").set(6, 81, "ABC");
        file.records[8].remove(60);
        let (records, report) = records_of(&file.bytes());
        assert_eq!(report.errors, 3, "{:?}", report.findings);
        let whole = file.records.iter().filter(|record| record.len() == 120);
        assert!(records.iter().map(|(_, _, bytes)| bytes).eq(whole));
        let numbers: Vec<u64> = records.iter().map(|(no, _, _)| *no).collect();
        assert_eq!(numbers, (1..=33).filter(|no| *no != 9).collect::<Vec<_>>());
        let kinds: Vec<RecordKind> = records.iter().map(|(_, kind, _)| *kind).collect();
        assert_eq!(kinds[0], RecordKind::Header);
        assert!(kinds[1..30].iter().all(|kind| *kind == RecordKind::Data));
        assert_eq!(kinds[30..], [RecordKind::Trailer, RecordKind::End]);
    }
}

#[test]
fn a_line_without_end_takes_no_memory() {
    let mut bytes = transfers().bytes();
    let at = 122 * 3;
    bytes.splice(at..at, vec![b'?'; 100_000].into_iter().chain(*b"\r\n"));
    let report = check(KIND, &bytes);
    assert_eq!(places(&report.findings), [(Code::RecordLength, 4, 121)], "{report:?}");
    assert!(report.findings[0].found.contains("100000バイト"), "{:?}", report.findings);
}
