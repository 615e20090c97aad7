//! CSV: whatever it is, reading comes to an end and does not depend on the pieces; and what became
//! a file becomes CSV and the same file again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi_fuzz::pieces;
use madoguchi_fuzz::zengin::bulk::BulkHeader;
use madoguchi_fuzz::zengin::check::RecordRef;
use madoguchi_fuzz::zengin::csv::{CsvCharset, CsvGiven, CsvReader, CsvReading, CsvWriter};
use madoguchi_fuzz::zengin::layout::{LineEnd, RecordKind};

const TYPES: [&str; 6] = ["21", "11", "12", "71", "72", "91"];
const LENGTH: usize = 120;

fn given(choice: u8) -> CsvGiven {
    let business_type = TYPES[usize::from(choice & 7) % TYPES.len()].to_owned();
    let header = BulkHeader {
        business_type,
        originator_code: "0000012345".to_owned(),
        originator_name: "ｶ)ｱｵﾊﾞ".to_owned(),
        value_date_mmdd: "1126".to_owned(),
        own_bank_code: "1999".to_owned(),
        own_branch_code: "001".to_owned(),
        ..BulkHeader::default()
    };
    CsvGiven {
        header: (choice & 8 == 0).then_some(header),
        business_type: None,
        is_result: choice & 16 != 0,
        line_end: LineEnd::None,
    }
}

fn read(csv: &[u8], choice: u8, lengths: &[u8]) -> (Vec<u8>, CsvReading) {
    let mut reader = CsvReader::new(given(choice));
    let mut bytes = Vec::new();
    pieces(csv, lengths, |piece| {
        reader.feed(piece, &mut |record| bytes.extend_from_slice(record));
    });
    let reading = reader.finish(&mut |record| bytes.extend_from_slice(record));
    (bytes, reading)
}

fuzz_target!(|data: &[u8]| {
    let [choice, first, second, csv @ ..] = data else { return };
    let whole = read(csv, *choice, &[]);
    assert_eq!(read(csv, *choice, &[*first, *second]), whole);
    let (bytes, reading) = whole;
    assert_eq!(bytes.len() % LENGTH, 0);
    assert_eq!(u64::try_from(bytes.len() / LENGTH).unwrap(), reading.records);
    if reading.errors > 0 {
        return;
    }
    for charset in [CsvCharset::Utf8, CsvCharset::ShiftJis] {
        let mut writer = CsvWriter::new(charset);
        let mut lines = Vec::new();
        for (no, bytes) in (1..).zip(bytes.chunks(LENGTH)) {
            let kind = RecordKind::of(bytes[0]);
            writer.take(RecordRef { no, kind, bytes }, &mut lines);
        }
        assert_eq!((writer.lost(), writer.left_out()), (0, 0));
        let (again, reading) = read(&lines, *choice, &[]);
        assert_eq!((reading.errors, reading.warnings), (0, 0), "{:?}", reading.findings);
        assert_eq!(again, bytes);
    }
});
