//! Against an independent reader and writer of the same formats, the crate `zengin-fmt`: what we
//! write it reads as the same values, what it writes back are the same bytes, and those we read as
//! the same values again.

use proptest::prelude::*;
use serde_json::Value;
use zengin_fmt::{Encoding, FileType, LineEnding, OutputFormat, parse_as, to_bytes_as};

use crate::zengin::bulk::{BulkFile, BulkHeader, BulkItem, BulkKind, BulkTrailer, Reference};
use crate::zengin::check::{Checker, DebitStage, Expected, RecordKind, Settings};
use crate::zengin::layout::{FieldKind, LineEnd, RecordLayout};
use crate::zengin::layouts::{ACCOUNT_INQUIRY, CREDIT_NOTICE};
use crate::zengin::record::{Record, RecordView};
use crate::zengin::text::decode_lossy;

fn output(end: LineEnd) -> OutputFormat {
    let line_ending = match end {
        LineEnd::CrLf => LineEnding::Crlf,
        LineEnd::None => LineEnding::None,
    };
    OutputFormat { encoding: Encoding::Jis, line_ending, eof: false }
}

/// What the other one reads, after it has written the same bytes again.
fn read_by_peer(bytes: &[u8], file_type: FileType, end: LineEnd) -> Value {
    let file = parse_as(bytes, file_type).unwrap();
    let again = to_bytes_as(&file, file_type, output(end)).unwrap();
    assert_eq!(decode_lossy(&again), decode_lossy(bytes));
    serde_json::to_value(file).unwrap()
}

/// The errors that our checker finds, and the records it hands out.
fn read_by_us(bytes: &[u8], stage: DebitStage) -> Vec<(RecordKind, Vec<u8>)> {
    let settings = Settings { debit_stage: stage, ..Settings::default() };
    let mut checker = Checker::new(settings, Expected::default());
    let mut records = Vec::new();
    checker.feed(bytes, &mut |record| records.push((record.kind, record.bytes.to_vec())));
    let report = checker.finish(&mut |record| records.push((record.kind, record.bytes.to_vec())));
    assert_eq!(report.errors, 0, "{:?}", report.findings);
    records
}

fn text(max: usize) -> impl Strategy<Value = String> {
    let kana = prop::char::range('ｱ', 'ﾝ');
    let plain = prop::sample::select("ABCXYZ0189().-".chars().collect::<Vec<_>>());
    let first = prop::collection::vec(prop_oneof![3 => kana, 1 => plain], 1..=max);
    first.prop_map(|chars| chars.into_iter().collect())
}

/// A name of a bank or branch; in the results of debits the other one demands that it is there.
fn office(kind: BulkKind) -> impl Strategy<Value = String> {
    let least = usize::from(kind == BulkKind::DirectDebit);
    let kana = prop::collection::vec(prop::char::range('ｱ', 'ﾝ'), least..=15);
    kana.prop_map(|chars| chars.into_iter().collect())
}

fn digits(count: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::char::range('0', '9'), count)
        .prop_map(|chars| chars.into_iter().collect())
}

/// Digits that are not all zero.
fn number(count: usize) -> impl Strategy<Value = String> {
    digits(count - 1).prop_map(|digits| format!("{digits}7"))
}

fn reference(kind: BulkKind) -> BoxedStrategy<Reference> {
    match kind {
        BulkKind::GeneralTransfer => prop_oneof![
            (digits(10), digits(10))
                .prop_map(|(first, second)| Reference::CustomerCodes { first, second }),
            text(20).prop_map(Reference::Edi),
        ]
        .boxed(),
        BulkKind::Payroll | BulkKind::Bonus => (digits(10), digits(10))
            .prop_map(|(number, department)| Reference::Employee { number, department })
            .boxed(),
        BulkKind::DirectDebit => number(20).prop_map(Reference::CustomerNumber).boxed(),
    }
}

prop_compose! {
    fn item(kind: BulkKind)(
        (bank_code, branch_code) in (number(4), digits(3)),
        (bank_name, branch_name) in (office(kind), office(kind)),
        account_type in prop::sample::select(vec![1, 2]),
        account_no in number(7),
        name in text(30),
        amount in 1..=9_999_999_999u64,
        new_code in 0..=2u8,
        reference in reference(kind),
        transfer_kind in prop::sample::select(vec![0, 7, 8]),
        result_code in prop::sample::select(vec![0, 1, 2, 3, 4, 8, 9]),
    ) -> BulkItem {
        let transfer_kind = if kind == BulkKind::GeneralTransfer { transfer_kind } else { 0 };
        let result_code = if kind == BulkKind::DirectDebit { result_code } else { 0 };
        BulkItem {
            bank_code, bank_name, branch_code, branch_name, account_type, account_no, name, amount,
            new_code, reference, transfer_kind, result_code,
        }
    }
}

prop_compose! {
    fn header(kind: BulkKind)(
        business_type in prop::sample::select(kind.business_types().to_vec()),
        originator_code in digits(10),
        originator_name in text(40),
        value_date_mmdd in prop::sample::select(vec!["0105", "1130", "1231"]),
        (own_bank_code, own_branch_code) in (number(4), digits(3)),
        (own_bank_name, own_branch_name) in (office(kind), office(kind)),
        own_account_type in prop::sample::select(vec![1, 2]),
        own_account_no in number(7),
    ) -> BulkHeader {
        BulkHeader {
            business_type: business_type.to_owned(),
            originator_code,
            originator_name,
            value_date_mmdd: value_date_mmdd.to_owned(),
            own_bank_code, own_bank_name, own_branch_code, own_branch_name,
            own_account_type: Some(own_account_type),
            own_account_no,
        }
    }
}

type Whole = (BulkKind, BulkHeader, Vec<BulkItem>);

fn whole() -> impl Strategy<Value = Whole> {
    prop::sample::select(BulkKind::ALL.to_vec())
        .prop_flat_map(|kind| (Just(kind), header(kind), prop::collection::vec(item(kind), 1..6)))
}

/// Where the other one has our values: the keys of its header and items.
fn peer_keys(kind: BulkKind) -> ([&'static str; 4], &'static str) {
    match kind {
        BulkKind::GeneralTransfer => (
            ["remitter_code", "remitter_name", "transfer_date", "account_number"],
            "recipient_name",
        ),
        BulkKind::Payroll | BulkKind::Bonus => (
            ["company_code", "company_name", "payment_date", "account_number"],
            "account_holder_name",
        ),
        BulkKind::DirectDebit => (
            ["collector_code", "collector_name", "collection_date", "account_number"],
            "account_holder_name",
        ),
    }
}

fn assert_same(value: &Value, kind: BulkKind, header: &BulkHeader, items: &[BulkItem]) {
    let (keys, name) = peer_keys(kind);
    let read = &value["header"];
    let own = [
        &header.originator_code,
        &header.originator_name,
        &header.value_date_mmdd,
        &header.own_account_no,
    ];
    for (key, own) in keys.into_iter().zip(own) {
        assert_eq!(&read[key], own, "{key}");
    }
    assert_eq!(read["kind_code"], header.business_type.parse::<u8>().unwrap());
    assert_eq!(read["bank_code"], header.own_bank_code);
    assert_eq!(read["branch_name"], header.own_branch_name);
    let details = value["details"].as_array().unwrap();
    assert_eq!(details.len(), items.len());
    for (read, item) in details.iter().zip(items) {
        assert_eq!(read["bank_code"], item.bank_code);
        assert_eq!(read["bank_name"], item.bank_name);
        assert_eq!(read["branch_code"], item.branch_code);
        assert_eq!(read["branch_name"], item.branch_name);
        assert_eq!(read["account_type"], item.account_type);
        assert_eq!(read["account_number"], item.account_no);
        assert_eq!(read[name], item.name);
        assert_eq!(read["amount"], item.amount);
        let same = match &item.reference {
            Reference::None => true,
            Reference::Edi(text) => read["edi_info"] == *text && read["identification"] == "Y",
            Reference::CustomerCodes { first, second } => {
                read["customer_code1"] == *first && read["customer_code2"] == *second
            }
            Reference::Employee { number, department } => {
                read["employee_number"] == *number && read["department_code"] == *department
            }
            Reference::CustomerNumber(number) => {
                read["customer_number"] == *number && read["result_code"] == item.result_code
            }
        };
        assert!(same, "{read:?} {item:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn bulk_files_are_the_same_to_both(
        (kind, header, items) in whole(),
        has_ends in any::<bool>(),
    ) {
        let end = if has_ends { LineEnd::CrLf } else { LineEnd::None };
        let (file, mut bytes) = BulkFile::begin(&header, end).unwrap();
        // Of a 91 the other one reads results by another name than requests.
        let is_debit = kind == BulkKind::DirectDebit;
        let mut file = if is_debit { file.as_result() } else { file };
        for item in &items {
            bytes.extend(file.item(item).unwrap());
        }
        bytes.extend(file.finish().unwrap());
        let file_type = match kind {
            BulkKind::GeneralTransfer => FileType::GeneralTransfer,
            BulkKind::Payroll | BulkKind::Bonus => FileType::PayrollTransfer,
            BulkKind::DirectDebit => FileType::AccountTransferResult,
        };
        assert_same(&read_by_peer(&bytes, file_type, end), kind, &header, &items);
        let records = read_by_us(&bytes, DebitStage::Result);
        prop_assert_eq!(BulkHeader::read(&records[0].1).unwrap(), header);
        let read: Vec<BulkItem> = records[1..=items.len()]
            .iter()
            .map(|(_, record)| BulkItem::read(kind, record).unwrap())
            .collect();
        let sum: u64 = items.iter().map(|item| item.amount).sum();
        prop_assert_eq!(read, items);
        let trailer = BulkTrailer::read(kind, &records[records.len() - 2].1).unwrap();
        prop_assert_eq!(trailer.total_amount, sum);
    }

    #[test]
    fn requests_of_debits_are_the_same_to_both(
        header in header(BulkKind::DirectDebit),
        items in prop::collection::vec(item(BulkKind::DirectDebit), 1..6),
    ) {
        let (mut file, mut bytes) = BulkFile::begin(&header, LineEnd::CrLf).unwrap();
        for item in &items {
            let item = BulkItem { result_code: 0, ..item.clone() };
            bytes.extend(file.item(&item).unwrap());
        }
        bytes.extend(file.finish().unwrap());
        let value = read_by_peer(&bytes, FileType::AccountTransfer, LineEnd::CrLf);
        let details = value["details"].as_array().unwrap();
        for (read, item) in details.iter().zip(&items) {
            prop_assert_eq!(&read["payer_name"], &item.name);
            prop_assert_eq!(&read["amount"], item.amount);
        }
        read_by_us(&bytes, DebitStage::Request);
    }
}

/// A record with something in every field, by its layout alone.
fn filled(layout: RecordLayout, given: &[(&'static str, &str)]) -> Vec<u8> {
    let mut record = Record::new(layout);
    for field in layout.fields {
        let given = given.iter().find(|(key, _)| *key == field.key).map(|(_, text)| *text);
        let bytes = match (field.kind, given) {
            (FieldKind::Constant(_) | FieldKind::Filler, _) => continue,
            (FieldKind::EraDay, _) => record.day(field.key, "2026-10-05".parse().unwrap()),
            (FieldKind::Number | FieldKind::MonthDay, given) => {
                record.digits(field.key, given.or(field.values.first().copied()).unwrap_or("1"))
            }
            (FieldKind::Text(_), given) => record.text(field.key, given.unwrap_or("ｱｵﾊﾞ-1")),
        };
        record = bytes.unwrap();
    }
    record.finish(LineEnd::None)
}

#[test]
fn notices_of_credits_are_the_same_to_both() {
    let other = CREDIT_NOTICE.other_data.unwrap();
    for (data, amount) in [
        (CREDIT_NOTICE.data, vec![("amount", "1234567890"), ("cancel", "0")]),
        (other, vec![("amount", "0"), ("amount2", "123456789012"), ("cancel", "0")]),
        (other, vec![("amount", "1234567890"), ("amount2", "0"), ("cancel", "0")]),
    ] {
        let total = amount.iter().filter_map(|(_, text)| text.parse::<u64>().ok()).max().unwrap();
        let amounts = [&amount[..], &[("other_office_bills", "0"), ("other_office_bills2", "0")]];
        let trailer = [
            ("total_count", "1"),
            ("total_amount", &total.to_string()),
            ("cancel_count", "0"),
            ("cancel_amount", "0"),
        ];
        let records = [
            filled(CREDIT_NOTICE.header, &[("bank_code", "1999")]),
            filled(data, &amounts.concat()),
            filled(CREDIT_NOTICE.trailer, &trailer),
            filled(CREDIT_NOTICE.end, &[]),
        ];
        let bytes = records.concat();
        let value = read_by_peer(&bytes, FileType::PaymentNotice, LineEnd::None);
        assert_eq!(value["header"]["bank_code"], "1999");
        assert_eq!(value["header"]["account_date_to"], "081005");
        assert_eq!(value["details"][0]["amount"], total);
        assert_eq!(value["details"][0]["remitter_name"], "ｱｵﾊﾞ-1");
        assert_eq!(value["details"][0]["edi_info"], "ｱｵﾊﾞ-1");
        let read = read_by_us(&bytes, DebitStage::Request);
        let layout = CREDIT_NOTICE.data_of(&read[0].1, &read[1].1);
        assert_eq!(layout, data);
        let view = RecordView::new(layout, &read[1].1).unwrap();
        assert_eq!(view.text("edi").unwrap(), "ｱｵﾊﾞ-1");
    }
}

#[test]
fn inquiries_of_accounts_are_the_same_to_both() {
    for business_type in ["98", "99"] {
        let data = [("payee_bank_code", "1999"), ("edi_flag", " "), ("answer_code", "0")];
        let records = [
            filled(ACCOUNT_INQUIRY.header, &[("business_type", business_type)]),
            filled(ACCOUNT_INQUIRY.data, &[&data[..], &[("amount", "0")]].concat()),
            filled(ACCOUNT_INQUIRY.trailer, &[("total_count", "1")]),
            filled(ACCOUNT_INQUIRY.end, &[]),
        ];
        let bytes = set_date(records).concat();
        let value = read_by_peer(&bytes, FileType::TransferAccountInquiry, LineEnd::None);
        assert_eq!(value["header"]["kind_code"], business_type.parse::<u8>().unwrap());
        assert_eq!(value["details"][0]["bank_code"], "1999");
        assert_eq!(value["details"][0]["recipient_name"], "ｱｵﾊﾞ-1");
        read_by_us(&bytes, DebitStage::Request);
    }
}

/// The header with a day that there is.
fn set_date(mut records: [Vec<u8>; 4]) -> [Vec<u8>; 4] {
    records[0][54..58].copy_from_slice(b"1130");
    records
}

/// A header that stands here byte by byte: ours is the same, and the other one writes the same.
#[test]
fn the_header_of_a_general_transfer_is_these_bytes() {
    let parts = [
        "1210",
        "0000012345",
        "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ                             ",
        "1126",
        "1999",
        "ｱｵﾊﾞ           ",
        "001",
        "ﾎﾝﾃﾝ           ",
        "1",
        "0001234",
        "                 ",
    ];
    let header = BulkHeader {
        business_type: "21".to_owned(),
        originator_code: "0000012345".to_owned(),
        originator_name: "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ".to_owned(),
        value_date_mmdd: "1126".to_owned(),
        own_bank_code: "1999".to_owned(),
        own_bank_name: "ｱｵﾊﾞ".to_owned(),
        own_branch_code: "001".to_owned(),
        own_branch_name: "ﾎﾝﾃﾝ".to_owned(),
        own_account_type: Some(1),
        own_account_no: "0001234".to_owned(),
    };
    let (mut file, mut bytes) = BulkFile::begin(&header, LineEnd::None).unwrap();
    assert_eq!(decode_lossy(&bytes), parts.concat());
    assert_eq!((bytes.len(), &bytes[14..17]), (120, &b"\xB6)\xB1"[..]));
    let item = BulkItem {
        bank_code: "0009".to_owned(),
        branch_code: "219".to_owned(),
        account_type: 1,
        account_no: "0000012".to_owned(),
        name: "ﾔﾏﾀﾞ".to_owned(),
        amount: 100,
        ..BulkItem::default()
    };
    bytes.extend(file.item(&item).unwrap());
    bytes.extend(file.finish().unwrap());
    let read = read_by_peer(&bytes, FileType::GeneralTransfer, LineEnd::None);
    assert_eq!(read["header"]["remitter_name"], "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ");
}
