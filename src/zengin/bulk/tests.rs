use super::*;
use crate::zengin::layout::LineEnd;
use crate::zengin::record::FieldError;
use crate::zengin::text::encode;

const NAME: &str = "ﾔﾏﾀﾞ ﾊﾅｺ";

fn header(business_type: &str) -> BulkHeader {
    BulkHeader {
        business_type: business_type.to_owned(),
        originator_code: "0000012345".to_owned(),
        originator_name: "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ".to_owned(),
        value_date_mmdd: "1126".to_owned(),
        own_bank_code: "1999".to_owned(),
        own_bank_name: "ｱｵﾊﾞ".to_owned(),
        own_branch_code: "001".to_owned(),
        own_branch_name: "ﾎﾝﾃﾝ".to_owned(),
        own_account_type: Some(1),
        own_account_no: "0001234".to_owned(),
    }
}

fn item(reference: Reference) -> BulkItem {
    BulkItem {
        bank_code: "0009".to_owned(),
        bank_name: "ﾐﾂｲｽﾐﾄﾓ".to_owned(),
        branch_code: "219".to_owned(),
        branch_name: "ﾄｳｷﾖｳ".to_owned(),
        account_type: 1,
        account_no: "0123456".to_owned(),
        name: NAME.to_owned(),
        amount: 123_456,
        new_code: 1,
        reference,
        ..BulkItem::default()
    }
}

fn jis(text: &str) -> Vec<u8> {
    text.chars().map(|c| encode(c).unwrap()).collect()
}

fn codes(first: &str, second: &str) -> Reference {
    Reference::CustomerCodes { first: first.to_owned(), second: second.to_owned() }
}

/// Each with what its kind can have.
fn items(kind: BulkKind) -> Vec<BulkItem> {
    let employee = |number: &str, department: &str| Reference::Employee {
        number: number.to_owned(),
        department: department.to_owned(),
    };
    match kind {
        BulkKind::GeneralTransfer => vec![
            item(codes("0000000012", "0000000000")),
            BulkItem {
                transfer_kind: 7, ..item(Reference::Edi("SEIKYU-12/ｦ ｢3｣".to_owned()))
            },
            BulkItem { account_type: 4, new_code: 2, ..item(codes("A-12", "0000000007")) },
        ],
        BulkKind::Payroll | BulkKind::Bonus => {
            vec![item(employee("0000000012", "0000000300")), item(employee("E12", "0000000001"))]
        }
        BulkKind::DirectDebit => {
            let number = |number: &str| Reference::CustomerNumber(number.to_owned());
            let failed = BulkItem { result_code: 1, ..item(number("00000000000000000043")) };
            vec![item(number("00000000000000000042")), failed]
        }
    }
}

#[test]
fn what_is_written_is_read() {
    for kind in BulkKind::ALL {
        for business_type in kind.business_types() {
            let written = header(business_type);
            let record = written.write().unwrap();
            assert_eq!(record.len(), 120);
            assert_eq!(BulkHeader::read(&record).unwrap(), written);
            assert_eq!(BulkKind::of(business_type), Some(kind));
        }
        for written in items(kind) {
            let record = written.write(kind).unwrap();
            let read = BulkItem::read(kind, &record).unwrap();
            assert_eq!(read, written);
            assert_eq!(read.write(kind).unwrap(), record);
        }
    }
    assert_eq!(BulkKind::of("03"), None);
}

#[test]
fn a_general_transfer_stands_byte_by_byte_as_the_standard_says() {
    let header = header("21").write().unwrap();
    let expected = format!(
        "1210{}{:<40}1126{}{:<15}{}{:<15}{}{}{:17}",
        "0000012345", "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ", "1999", "ｱｵﾊﾞ", "001", "ﾎﾝﾃﾝ", "1", "0001234", ""
    );
    assert_eq!(header, jis(&expected));
    let [plain, edi] = [0, 1]
        .map(|at| items(BulkKind::GeneralTransfer)[at].write(BulkKind::GeneralTransfer).unwrap());
    let start =
        format!("20009{:<15}219{:<15}000010123456{:<30}00001234561", "ﾐﾂｲｽﾐﾄﾓ", "ﾄｳｷﾖｳ", NAME);
    assert_eq!(plain, jis(&format!("{start}000000001200000000000 {:7}", "")));
    assert_eq!(edi, jis(&format!("{start}{:<20}7Y{:7}", "SEIKYU-12/ｦ ｢3｣", "")));
}

#[test]
fn a_debit_has_spaces_where_a_transfer_has_zeros() {
    let debit = items(BulkKind::DirectDebit)[1].write(BulkKind::DirectDebit).unwrap();
    assert_eq!(&debit[38..42], b"    ");
    assert_eq!(&debit[91..], format!("000000000000000000431{:8}", "").as_bytes());
    let payment = items(BulkKind::Payroll)[0].write(BulkKind::Payroll).unwrap();
    assert_eq!(&payment[38..42], b"0000");
    assert_eq!(&payment[91..], format!("00000000120000000300{:9}", "").as_bytes());
}

#[test]
fn a_file_has_its_totals() {
    for (end, length) in [(LineEnd::CrLf, 122), (LineEnd::None, 120)] {
        let (mut file, mut bytes) = BulkFile::begin(&header("91"), end).unwrap();
        for item in items(BulkKind::DirectDebit) {
            bytes.extend(file.item(&item).unwrap());
        }
        bytes.extend(file.finish().unwrap());
        assert_eq!(bytes.len(), 5 * length);
        let trailer = BulkTrailer::read(BulkKind::DirectDebit, &bytes[3 * length..][..120]);
        let (total_count, total_amount) = (2, 246_912);
        let zeros = BulkTrailer { total_count, total_amount, ..BulkTrailer::default() };
        assert_eq!(trailer.unwrap(), zeros, "a request's zeros");
        assert!(bytes[4 * length..].starts_with(&end_record(BulkKind::DirectDebit)));
    }
    let (file, _) = BulkFile::begin(&header("91"), LineEnd::None).unwrap();
    let mut file = file.as_result();
    for item in items(BulkKind::DirectDebit) {
        file.item(&item).unwrap();
    }
    let bytes = file.finish().unwrap();
    let trailer = BulkTrailer::read(BulkKind::DirectDebit, &bytes[..120]).unwrap();
    let expected = BulkTrailer {
        total_count: 2,
        total_amount: 246_912,
        done_count: 1,
        done_amount: 123_456,
        failed_count: 1,
        failed_amount: 123_456,
    };
    assert_eq!(trailer, expected);
}

#[test]
fn optional_numbers_may_be_spaces() {
    let mut record = header("21").write().unwrap();
    record[95..103].fill(b' ');
    let read = BulkHeader::read(&record).unwrap();
    assert_eq!((read.own_account_type, read.own_account_no.as_str()), (None, ""));
    assert_eq!(&read.write().unwrap()[95..103], b"00000000");
    assert_eq!(BulkHeader::read(&read.write().unwrap()).unwrap(), read);
    let mut record = items(BulkKind::GeneralTransfer)[0].write(BulkKind::GeneralTransfer).unwrap();
    record[38..42].fill(b' ');
    record[90..112].fill(b' ');
    let read = BulkItem::read(BulkKind::GeneralTransfer, &record).unwrap();
    assert_eq!((read.new_code, read.transfer_kind, &read.reference), (0, 0, &Reference::None));
}

#[test]
fn what_does_not_fit_is_refused() {
    let kind = BulkKind::GeneralTransfer;
    let field_of = |item: BulkItem, kind| match item.write(kind) {
        Err(
            FieldError::TooLong { field, .. }
            | FieldError::NotAllowed { field, .. }
            | FieldError::NotListed { field, .. }
            | FieldError::NoField(field),
        ) => field,
        other => panic!("{other:?}"),
    };
    let good = || item(Reference::None);
    for (field, wrong) in [
        ("振込金額", BulkItem { amount: 10_000_000_000, ..good() }),
        ("口座番号", BulkItem { account_no: "12345678".to_owned(), ..good() }),
        ("被仕向銀行番号", BulkItem { bank_code: "00A1".to_owned(), ..good() }),
        ("預金種目", BulkItem { account_type: 3, ..good() }),
        ("受取人名", BulkItem { name: "ｬ".to_owned(), ..good() }),
        ("受取人名", BulkItem { name: "ｱ".repeat(31), ..good() }),
        ("新規コード", BulkItem { new_code: 3, ..good() }),
        ("振込指定区分", BulkItem { transfer_kind: 1, ..good() }),
        ("EDI情報", item(Reference::Edi("1,2".to_owned()))),
        ("customer_no", item(Reference::CustomerNumber("1".to_owned()))),
    ] {
        assert_eq!(field_of(wrong, kind), field);
    }
    let edi = item(Reference::Edi("1".to_owned()));
    assert_eq!(field_of(edi, BulkKind::Payroll), "edi_flag");
    let wrong = BulkHeader { value_date_mmdd: "11/6".to_owned(), ..header("21") };
    assert_eq!(
        wrong.write(),
        Err(FieldError::NotAllowed { field: "取組日(振込指定日)", found: '/' })
    );
    assert!(
        header("03").write().is_err() && BulkFile::begin(&header("41"), LineEnd::None).is_err()
    );
    let trailer = BulkTrailer { total_count: 1_000_000, ..BulkTrailer::default() };
    assert!(trailer.write(kind).is_err());
    let mut record = good().write(kind).unwrap();
    record[85] = b'x';
    let wrong = FieldError::NotAllowed { field: "振込金額", found: 'x' };
    assert_eq!(BulkItem::read(kind, &record), Err(wrong));
    let length = FieldError::Length { length: 120, found: 119 };
    assert_eq!(BulkItem::read(kind, &record[1..]), Err(length));
}
