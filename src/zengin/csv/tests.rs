use proptest::prelude::*;

use super::*;
use crate::zengin::bulk::{BulkFile, BulkHeader, BulkItem, BulkKind, Reference};
use crate::zengin::byte_class::{class_of, mask_of};
use crate::zengin::check::{Checker, Code, Expected, RecordRef, Settings};
use crate::zengin::layout::{FieldKind, LineEnd, RecordKind, RecordLayout};
use crate::zengin::layouts::{CREDIT_NOTICE, EDI};
use crate::zengin::record::Record;
use crate::zengin::text::TextClass;

const TYPES: [&str; 6] = ["21", "11", "12", "71", "72", "91"];

fn to_csv(records: &[Vec<u8>], charset: CsvCharset) -> Vec<u8> {
    let mut writer = CsvWriter::new(charset);
    let mut csv = Vec::new();
    for (no, bytes) in (1..).zip(records) {
        let kind = RecordKind::of(bytes[0]);
        writer.take(RecordRef { no, kind, bytes }, &mut csv);
    }
    assert_eq!((writer.lost(), writer.left_out()), (0, 0));
    csv
}

fn read_in(csv: &[u8], given: CsvGiven, lengths: &[usize]) -> (Vec<u8>, CsvReading) {
    let mut reader = CsvReader::new(given);
    let mut bytes = Vec::new();
    let mut lengths = lengths.iter().cycle();
    let mut rest = csv;
    while !rest.is_empty() {
        let (piece, other) = rest.split_at(rest.len().min(*lengths.next().unwrap()));
        reader.feed(piece, &mut |record| bytes.extend_from_slice(record));
        rest = other;
    }
    let reading = reader.finish(&mut |record| bytes.extend_from_slice(record));
    (bytes, reading)
}

fn read(csv: &str, given: CsvGiven) -> (Vec<u8>, CsvReading) {
    read_in(csv.as_bytes(), given, &[usize::MAX])
}

fn header() -> BulkHeader {
    BulkHeader {
        business_type: "21".to_owned(),
        originator_code: "0000012345".to_owned(),
        originator_name: "ｶ)ｱｵﾊﾞ".to_owned(),
        value_date_mmdd: "1126".to_owned(),
        own_bank_code: "1999".to_owned(),
        own_branch_code: "001".to_owned(),
        own_account_type: Some(1),
        own_account_no: "0001234".to_owned(),
        ..BulkHeader::default()
    }
}

fn given() -> CsvGiven {
    CsvGiven { header: Some(header()), line_end: LineEnd::CrLf, ..CsvGiven::default() }
}

fn lines(reading: &CsvReading) -> Vec<(Code, u64)> {
    reading.findings.iter().map(|finding| (finding.code, finding.record)).collect()
}

/// Bytes that a text of this class may have.
fn text(class: TextClass, length: usize) -> impl Strategy<Value = Vec<u8>> {
    let mask = mask_of(class);
    let allowed: Vec<u8> = (0..=u8::MAX).filter(|byte| class_of(*byte) & mask != 0).collect();
    let byte = prop_oneof![3 => prop::sample::select(allowed), 1 => Just(b' ')];
    (prop::collection::vec(byte, length), any::<bool>()).prop_map(move |(mut bytes, is_short)| {
        if is_short {
            bytes.truncate(bytes.len() / 2);
            bytes.resize(length, b' ');
        }
        bytes
    })
}

fn digits(length: usize) -> impl Strategy<Value = Vec<u8>> {
    let digit =
        prop_oneof![1 => Just(b'0'), 1 => prop::char::range('0', '9').prop_map(|c| c as u8)];
    prop::collection::vec(digit, length)
}

/// A record whose fields hold anything that their class has; numbers may be text, too.
fn record(layout: RecordLayout, code: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let fields = layout.fields.iter().map(|field| match field.kind {
        _ if field.key == "business_type" => Just(code.as_bytes().to_vec()).boxed(),
        FieldKind::Constant(content) => Just(content.as_bytes().to_vec()).boxed(),
        FieldKind::Text(_) if field.key == "edi_flag" => {
            prop_oneof![Just(b"Y".to_vec()), Just(b" ".to_vec())].boxed()
        }
        FieldKind::Text(class) => text(class, field.length).boxed(),
        FieldKind::Filler => {
            let other = text(TextClass::Union, field.length);
            prop_oneof![3 => Just(vec![b' '; field.length]), 1 => other].boxed()
        }
        _ => prop_oneof![
            4 => digits(field.length),
            1 => Just(vec![b' '; field.length]),
            1 => text(TextClass::Edi, field.length),
        ]
        .boxed(),
    });
    let fields: Vec<_> = fields.collect();
    fields.prop_map(|fields| fields.concat())
}

fn file() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::sample::select(TYPES.to_vec()).prop_flat_map(|code| {
        let format = BulkKind::of(code).unwrap().format();
        let group = (
            record(format.header, code),
            prop::collection::vec(record(format.data, code), 0..5),
            record(format.trailer, code),
        );
        let end = record(format.end, code);
        (prop::collection::vec(group, 1..3), end).prop_map(|(groups, end)| {
            let mut records = Vec::new();
            for (header, data, trailer) in groups {
                records.push(header);
                records.extend(data);
                records.push(trailer);
            }
            records.push(end);
            records
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn records_and_lines_come_back(
        records in file(),
        charset in prop_oneof![Just(CsvCharset::Utf8), Just(CsvCharset::ShiftJis)],
        lengths in prop::collection::vec(1..300usize, 1..5),
    ) {
        let csv = to_csv(&records, charset);
        let given = CsvGiven { line_end: LineEnd::None, ..CsvGiven::default() };
        let (bytes, reading) = read_in(&csv, given, &lengths);
        prop_assert_eq!(&reading.findings, &[]);
        let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
        prop_assert_eq!(shown(&bytes), shown(&records.concat()));
        let again: Vec<Vec<u8>> = bytes.chunks(120).map(<[u8]>::to_vec).collect();
        prop_assert!(to_csv(&again, charset) == csv);
        for no in 1..=reading.records {
            prop_assert!(reading.line_of(no).is_some_and(|line| line > no));
        }
    }

    #[test]
    fn pieces_make_no_difference(
        csv in prop::collection::vec(prop_oneof![
            Just("データ区分,種別コード\r\n"), Just("1,21\n"), Just("2,"), Just("\""), Just("\n"),
            Just("8"), Just("9"), Just("ｱ"), Just("あ"), Just(","), Just("\u{FEFF}"), Just("\0"),
        ], 0..40),
        is_shift_jis in any::<bool>(),
        lengths in prop::collection::vec(1..50usize, 1..5),
    ) {
        let text = csv.concat();
        let bytes = match is_shift_jis {
            true => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
            false => text.into_bytes(),
        };
        let whole = read_in(&bytes, given(), &[usize::MAX]);
        prop_assert_eq!(read_in(&bytes, given(), &lengths), whole);
    }
}

#[test]
fn what_is_written_is_a_table_that_people_can_read() {
    let (mut file, first) = BulkFile::begin(&header(), LineEnd::None).unwrap();
    let item = BulkItem {
        bank_code: "0009".to_owned(),
        branch_code: "219".to_owned(),
        account_type: 1,
        account_no: "0000012".to_owned(),
        name: "-ﾔﾏﾀﾞ".to_owned(),
        amount: 1_500,
        reference: Reference::Edi("NO.¥1/2".to_owned()),
        ..BulkItem::default()
    };
    let mut records = vec![first, file.item(&item).unwrap()];
    records.extend(file.finish().unwrap().chunks(120).map(<[u8]>::to_vec));
    let csv = String::from_utf8(to_csv(&records, CsvCharset::Utf8)).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 8, "{csv}");
    assert!(lines[0].starts_with("\u{FEFF}\"データ区分\",\"種別コード\","), "{csv}");
    let header = "\"1\",\"21\",\"0\",\"0000012345\",\"ｶ)ｱｵﾊﾞ\",\"1126\",";
    assert!(lines[1].starts_with(header), "{csv}");
    let data = "\"2\",\"0009\",\"\",\"219\",\"\",\"0000\",\"1\",\"0000012\",\"'-ﾔﾏﾀﾞ\",\"1500\",\
                \"0\",\"\",\"\",\"NO.¥1/2\",\"0\",\"Y\",\"\"";
    assert_eq!(lines[3], data);
    assert_eq!((lines[5], lines[7]), ("\"8\",\"1\",\"1500\",\"\"", "\"9\",\"\""));
}

#[test]
fn a_list_of_payments_becomes_a_file() {
    let csv = "銀行コード,支店コード,預金種目,口座番号,受取人名,金額,EDI情報,顧客コード1\n\
               9,219,1,12,ヤマダ　ハナコ,\"1,500\",SEIKYU-1,\n\
               \n\
               0009,219,'2,0000013,ｶ)ｱｵﾊﾞ,2000,,77\n";
    let (bytes, reading) = read(csv, given());
    assert_eq!(lines(&reading), [(Code::CellFolded, 2)]);
    assert!(reading.findings[0].found.contains("「ﾔﾏﾀﾞ ﾊﾅｺ」"), "{reading:?}");
    assert_eq!((reading.errors, reading.warnings, reading.records), (0, 1, 5));
    assert_eq!([1, 2, 3, 4].map(|no| reading.line_of(no)), [None, Some(2), Some(4), None]);
    let mut checker = Checker::new(Settings::default(), Expected::default());
    let mut items = Vec::new();
    let mut sink = |record: RecordRef<'_>| {
        if record.kind == RecordKind::Data {
            items.push(BulkItem::read(BulkKind::GeneralTransfer, record.bytes).unwrap());
        }
    };
    checker.feed(&bytes, &mut sink);
    let report = checker.finish(&mut sink);
    assert_eq!((report.findings.as_slice(), report.total_amount), (&[][..], 3_500));
    assert_eq!(report.header, Some(header()));
    assert_eq!((items[0].bank_code.as_str(), items[0].account_no.as_str()), ("0009", "0000012"));
    assert_eq!(items[0].reference, Reference::Edi("SEIKYU-1".to_owned()));
    let codes = Reference::CustomerCodes { first: "0000000077".into(), second: "0".repeat(10) };
    assert_eq!(items[1].reference, codes);
}

#[test]
fn totals_of_a_result_follow_its_codes() {
    let csv = "引落銀行番号,引落支店番号,預金種目,口座番号,預金者名,引落金額,振替結果コード\n\
               9,219,1,12,ﾔﾏﾀﾞ,100,0\n9,219,1,13,ﾔﾏﾀﾞ,20,1\n";
    let header = BulkHeader { business_type: "91".to_owned(), ..header() };
    let given = CsvGiven { header: Some(header), is_result: true, ..given() };
    let (bytes, reading) = read(csv, given);
    assert_eq!(reading.errors, 0, "{reading:?}");
    let trailer = &bytes[122 * 3..];
    let totals = b"8000002000000000120000001000000000100000001000000000020";
    assert_eq!(trailer[..55].escape_ascii().to_string(), totals.escape_ascii().to_string());
}

#[test]
fn each_fault_is_said_with_its_line() {
    let table = "金融機関コード,店番,預金種目,口座番号,名前,金額\n";
    let item = "9,219,1,12,ﾔﾏﾀﾞ,100\n";
    let of = |text: &str| [table, text].concat();
    let long = "ｱ".repeat(31);
    let cases = [
        (of("9,219,1,12,山田,100\n"), (Code::NotAllowed, 2)),
        (of(&format!("9,219,1,12,{long},100\n")), (Code::CellLength, 2)),
        (of("9,219,1,12345678,ﾔﾏﾀﾞ,100\n"), (Code::CellLength, 2)),
        (of(&format!("{item}9,219,1,12,ﾔﾏﾀﾞ,100,7\n")), (Code::CsvLine, 3)),
        (of(&format!("{item}\"9,219,1,12,{}", "ｱ".repeat(30_000))), (Code::CsvLine, 3)),
        (["金融機関コード,何か\n", item].concat(), (Code::CsvHeading, 1)),
        ("データ区分,種別コード\n1,33\n".to_owned(), (Code::BusinessType, 2)),
        ("1,21\n7,1\n".to_owned(), (Code::CsvLine, 2)),
        ("1,21\n8\n2,9\n".to_owned(), (Code::Order, 3)),
        ("1,21\n9\n1,21\n".to_owned(), (Code::AfterEnd, 3)),
        ("8,1\n".to_owned(), (Code::Order, 1)),
        ("9\n".to_owned(), (Code::Order, 1)),
        (String::new(), (Code::NoData, 0)),
        ("1,21\n2,\0\n".to_owned(), (Code::CsvCharset, 2)),
    ];
    for (csv, place) in cases {
        let (_, reading) = read(&csv, given());
        assert_eq!(lines(&reading), [place], "{csv:?} {:?}", reading.findings);
        assert_eq!(reading.errors, 1, "{csv:?}");
    }
    let none = CsvGiven { header: None, ..given() };
    assert_eq!(lines(&read(&of(item), none).1), [(Code::CsvHeader, 2)]);
    let wrong = BulkHeader { own_bank_code: "19999".to_owned(), ..header() };
    let wrong = CsvGiven { header: Some(wrong), ..given() };
    assert_eq!(lines(&read(&of(item), wrong).1), [(Code::CsvHeader, 0)]);
    let other = CsvGiven { business_type: Some("11".to_owned()), ..given() };
    assert_eq!(lines(&read("1,21\n", other).1), [(Code::BusinessType, 1)]);
    let both = "顧客コード1,EDI情報\n1,A\n";
    assert_eq!(lines(&read(both, given()).1), [(Code::CsvLine, 2)]);
    let bytes = [b"1,21\n2,", &[0x82; 5][..]].concat();
    assert_eq!(read_in(&bytes, given(), &[3]).1.errors, 1);
}

#[test]
fn what_the_check_says_is_said_by_lines_and_once() {
    let csv = "金融機関コード,店番,預金種目,口座番号,名前,金額\n\
               9,219,1,12,山田,100\n9,219,1,13,ﾔﾏﾀﾞ,0\n9,219,7,14,ﾔﾏﾀﾞ,5\n";
    let (bytes, reading) = read(csv, given());
    let mut checker = Checker::new(Settings::default(), Expected::default());
    checker.feed(&bytes, &mut |_| {});
    let all = reading.and(&checker.finish(&mut |_| {}));
    let expected = [(Code::NotAllowed, 2), (Code::AmountZero, 3), (Code::AccountType, 4)];
    assert_eq!((lines(&all).as_slice(), all.errors), (&expected[..], 3));
}

#[test]
fn what_banks_give_out_can_be_written_too() {
    let data = Record::new(CREDIT_NOTICE.data).finish(LineEnd::None);
    let header = Record::new(CREDIT_NOTICE.header).finish(LineEnd::None);
    let csv = String::from_utf8(to_csv(&[header, data], CsvCharset::Utf8)).unwrap();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    let mut writer = CsvWriter::new(CsvCharset::ShiftJis);
    let mut csv = Vec::new();
    writer.take(RecordRef { no: 1, kind: RecordKind::Data, bytes: b"2" }, &mut csv);
    assert_eq!((writer.left_out(), csv.len()), (1, 0));
    assert_eq!((EDI.from, EDI.to()), (92, 111));
}
