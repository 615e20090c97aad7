use super::*;
use crate::zengin::layout::{FieldKind, Must};

/// The tables of the formats as the source of all of this has them.
const TABLE: &str = include_str!("../../../tests/data/zengin-layouts.tsv");

struct Row<'a> {
    place: String,
    label: &'a str,
    key: &'a str,
    attribute: &'a str,
    from: usize,
    to: usize,
    must: &'a str,
    content: &'a str,
}

fn rows(format: &str, record: &str) -> Vec<Row<'static>> {
    let lines = TABLE.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let own = lines.filter(|cells| cells[0] == format && cells[1] == record);
    own.map(|cells| {
        let (from, to): (usize, usize) = (cells[6].parse().unwrap(), cells[7].parse().unwrap());
        assert_eq!(cells[8].parse::<usize>().unwrap(), to + 1 - from);
        let place = format!("{format} {record} {}", cells[2]);
        let (label, key, attribute) = (cells[3], cells[4], cells[5]);
        Row { place, label, key, attribute, from, to, must: cells[9], content: cells[10] }
    })
    .collect()
}

/// The values with which a remark begins: `1,2,4 (..)`, `1=first,2=changed`, `11/12/71/72`, `1-9`.
fn listed(content: &str) -> Vec<String> {
    let head = content.split(' ').next().unwrap_or_default();
    if let Some((first, last)) = head.split_once('-') {
        let bounds = (first.parse::<u8>(), last.parse::<u8>());
        let (Ok(first), Ok(last)) = bounds else { return Vec::new() };
        return (first..=last).map(|value| value.to_string()).collect();
    }
    let value = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
    let parts = head.split([',', '/', ';']).map(value);
    parts.filter(|value| !value.is_empty()).collect()
}

fn compare(format: &str, record: &str, layout: RecordLayout) -> usize {
    let rows = rows(format, record);
    assert_eq!(rows.len(), layout.fields.len(), "{format} {record}");
    for (row, field) in rows.iter().zip(layout.fields) {
        let place = &row.place;
        assert_eq!((row.key, row.label), (field.key, field.label), "{place}");
        assert_eq!((row.from, row.to), (field.from, field.to()), "{place}");
        assert_eq!(row.attribute, field.attribute().to_string(), "{place}");
        let must = match field.must {
            Must::Required => "R",
            Must::Optional => "O",
            Must::Unused => "-",
        };
        assert_eq!(row.must, must, "{place}");
        let values = listed(row.content);
        match field.kind {
            FieldKind::Constant(content) if !values.is_empty() => {
                assert_eq!(content, values[0], "{place}");
            }
            FieldKind::Constant(_) => assert_eq!(field.key, "code_kind", "{place}"),
            FieldKind::Filler => assert!(row.content.starts_with("space"), "{place}"),
            _ if row.content.contains("decimals") => {}
            _ => {
                let is_known = |value: &String| field.values.contains(&value.as_str());
                let unknown: Vec<_> = values.iter().filter(|value| !is_known(value)).collect();
                // A request's zeros and the results' codes share a table.
                assert!(unknown.is_empty(), "{place}: {unknown:?}");
            }
        }
    }
    rows.len()
}

#[test]
fn every_row_of_the_tables_is_a_field() {
    let mut compared = 0;
    for (name, format) in [
        ("21 総合振込", &GENERAL_TRANSFER),
        ("11/71 給与・12/72 賞与", &PAYROLL),
        ("91 預金口座振替 (request and result)", &DIRECT_DEBIT),
        ("03 入出金取引明細 (ordinary/current/savings)", &STATEMENT),
        ("01 振込入金通知 (format A)", &CREDIT_NOTICE),
        ("04 残高通知(預金)", &BALANCE_NOTICE),
    ] {
        compared += compare(name, "H", format.header);
        compared += compare(name, "D", format.data);
        compared += compare(name, "T", format.trailer);
        compared += compare(name, "E", format.end);
    }
    for (name, format) in [
        ("01 振込入金通知 (format B data record)", &CREDIT_NOTICE),
        ("03 data record for 通知/定期/積立定期 (5,6,7)", &STATEMENT),
    ] {
        compared += compare(name, "D", format.other_data.unwrap());
    }
    assert_eq!(compared, TABLE.lines().count() - 1, "no row is left out");
    let tables = |format: &Format| (format.header, format.data, format.trailer, format.end);
    assert_eq!(tables(&BONUS), tables(&PAYROLL));
}

#[test]
fn fields_follow_each_other_and_fill_their_record() {
    for format in ALL {
        let records = [Some(format.header), Some(format.data), format.other_data];
        for record in records.into_iter().flatten().chain([format.trailer, format.end]) {
            let mut next = 1;
            for field in record.fields {
                assert_eq!(field.from, next, "{}", field.label);
                next += field.length;
                assert_eq!(record.field_at(field.from), Some(field));
                assert_eq!(record.field_at(field.to()), Some(field));
                let fits = |value: &&str| value.chars().count() == field.length;
                assert!(field.values.iter().all(fits), "{}", field.label);
            }
            assert_eq!(next - 1, record.length, "{}", format.name);
            assert_eq!(record.length, format.length());
            let mut keys: Vec<_> = record.fields.iter().map(|field| field.key).collect();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), record.fields.len(), "{}", format.name);
        }
    }
}

#[test]
fn each_business_type_has_one_format() {
    for format in ALL {
        for business_type in format.business_types {
            assert_eq!(find(business_type), Some(*format));
            let field = format.header.field("business_type").unwrap();
            match field.kind {
                FieldKind::Constant(content) => assert_eq!(content, *business_type),
                _ => assert!(field.values.contains(business_type)),
            }
        }
    }
    assert_eq!(find("41"), None);
    assert_eq!(find(""), None);
}

#[test]
fn data_records_have_the_layout_that_their_file_says() {
    let header = |kind: u8| {
        let mut header = vec![b' '; 200];
        header[62] = kind;
        header
    };
    let record = vec![b' '; 200];
    assert_eq!(STATEMENT.data_of(&header(b'1'), &record), STATEMENT.data);
    assert_eq!(Some(STATEMENT.data_of(&header(b'6'), &record)), STATEMENT.other_data);
    let mut second_amounts = record.clone();
    second_amounts[128..152].fill(b'0');
    assert_eq!(CREDIT_NOTICE.data_of(&header(b'1'), &record), CREDIT_NOTICE.data);
    let data = CREDIT_NOTICE.data_of(&header(b'1'), &second_amounts);
    assert_eq!(Some(data), CREDIT_NOTICE.other_data);
    assert_eq!(GENERAL_TRANSFER.data_of(&[], &record), GENERAL_TRANSFER.data);
}
