//! A reader of the banks' format 03 that knows nothing but the table of its layout
//! (`tests/data/zengin-layouts.tsv`).

use std::collections::BTreeMap;

use encoding_rs::SHIFT_JIS;

const TABLE: &str = include_str!("../../data/zengin-layouts.tsv");
const FORMAT: &str = "03 入出金取引明細 (ordinary/current/savings)";
const LENGTH: usize = 200;

/// A record's fields by their names in the table, without padding on the right of texts.
pub type Fields = BTreeMap<String, String>;

/// A file of one account.
pub struct File {
    pub header: Fields,
    pub data: Vec<Fields>,
    pub trailer: Fields,
    pub end: Fields,
}

struct Row<'a> {
    name: &'a str,
    is_number: bool,
    from: usize,
    to: usize,
    is_filler: bool,
    content: &'a str,
}

fn rows(record: &str) -> Vec<Row<'static>> {
    let lines = TABLE.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let own = lines.filter(|cells| cells[0] == FORMAT && cells[1] == record);
    own.map(|cells| Row {
        name: cells[4],
        is_number: cells[5] == "N",
        from: cells[6].parse().unwrap(),
        to: cells[7].parse().unwrap(),
        is_filler: cells[9] == "-",
        content: cells[10],
    })
    .collect()
}

fn fields(record: &str, bytes: &[u8]) -> Fields {
    let rows = rows(record);
    assert_eq!(rows.last().map(|row| row.to), Some(LENGTH));
    let mut fields = Fields::new();
    for row in rows {
        let part = &bytes[row.from - 1..row.to];
        let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(part).unwrap();
        assert_eq!(text.chars().count(), part.len(), "one byte each: {}", row.name);
        if row.is_filler {
            let filler = if row.content == "000" { b'0' } else { b' ' };
            assert!(part.iter().all(|byte| *byte == filler), "{}", row.name);
        } else if row.is_number {
            assert!(part.iter().all(u8::is_ascii_digit), "{}: {text}", row.name);
            let is_given = row.content.bytes().all(|byte| byte.is_ascii_digit());
            assert!(row.content.is_empty() || !is_given || row.content == text, "{}", row.name);
        } else {
            assert!(!text.starts_with(' ') || text.trim().is_empty(), "left-aligned: {}", row.name);
        }
        let kept = if row.is_number { &text } else { text.trim_end_matches(' ') };
        fields.insert(row.name.to_owned(), kept.to_owned());
    }
    fields
}

/// Reads a file whose records end so; fails at whatever the table does not allow.
pub fn read(bytes: &[u8], end: &str) -> File {
    let length = LENGTH + end.len();
    assert_eq!(bytes.len() % length, 0, "whole records");
    let records: Vec<&[u8]> = bytes.chunks(length).collect();
    assert!(records.iter().all(|record| record.ends_with(end.as_bytes())));
    let kinds: String = records.iter().map(|record| char::from(record[0])).collect();
    let inner = kinds.strip_prefix('1').and_then(|rest| rest.strip_suffix("89")).unwrap();
    assert!(inner.chars().all(|kind| kind == '2'), "{kinds}");
    let count = records.len();
    File {
        header: fields("H", records[0]),
        data: records[1..count - 2].iter().map(|record| fields("D", record)).collect(),
        trailer: fields("T", records[count - 2]),
        end: fields("E", records[count - 1]),
    }
}
