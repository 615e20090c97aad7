//! Records become lines.

use encoding_rs::SHIFT_JIS;

use crate::zengin::check::RecordRef;
use crate::zengin::csv::cells::{cell_of, columns, has_edi, is_code, is_edi};
use crate::zengin::follow::Follower;
use crate::zengin::layout::{Field, RecordLayout};

/// The character set of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvCharset {
    /// With the mark by which spreadsheets know it.
    Utf8,
    /// As older programs expect.
    ShiftJis,
}

/// Turns the records of a file into lines of CSV, every item in quotation marks, CR LF behind each
/// line.
#[derive(Debug)]
pub struct CsvWriter {
    charset: CsvCharset,
    follower: Follower,
    /// Of the line before.
    fields: Option<&'static [Field]>,
    columns: Vec<&'static Field>,
    lost: u64,
    left_out: u64,
    is_begun: bool,
}

impl CsvWriter {
    /// Begins a file.
    #[must_use]
    pub fn new(charset: CsvCharset) -> CsvWriter {
        CsvWriter {
            charset,
            follower: Follower::default(),
            fields: None,
            columns: Vec::new(),
            lost: 0,
            left_out: 0,
            is_begun: false,
        }
    }

    /// How many bytes were no characters; 〓 stands in their place.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// How many records were left out, because nobody knows what they are.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Adds the line of the next record to `out`, and headings where it needs others than the last.
    pub fn take(&mut self, record: RecordRef<'_>, out: &mut Vec<u8>) {
        let Some(layout) = self.follower.layout(record.kind, record.bytes) else {
            self.left_out += 1;
            return;
        };
        let mut text = String::new();
        if !self.is_begun && self.charset == CsvCharset::Utf8 {
            text.push('\u{FEFF}');
        }
        self.is_begun = true;
        let is_known = self
            .fields
            .is_some_and(|known| std::ptr::eq(known, layout.fields) || known == layout.fields);
        if !is_known {
            self.fields = Some(layout.fields);
            self.columns = columns(layout);
            line(self.columns.iter().map(|field| field.label), &mut text);
        }
        let cells = self.cells(layout, record.bytes);
        line(cells.iter().map(String::as_str), &mut text);
        match self.charset {
            CsvCharset::Utf8 => out.extend_from_slice(text.as_bytes()),
            CsvCharset::ShiftJis => out.extend_from_slice(&SHIFT_JIS.encode(&text).0),
        }
    }

    fn cells(&mut self, layout: RecordLayout, record: &[u8]) -> Vec<String> {
        let has_edi = has_edi(layout, record);
        let mut lost = 0;
        let cells = self.columns.iter().map(|field| {
            if has_edi && is_code(field) || !has_edi && is_edi(field) {
                return String::new();
            }
            let (cell, count) = cell_of(field, field.of(record));
            lost += count;
            cell
        });
        let cells = cells.collect();
        self.lost += lost;
        cells
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>, text: &mut String) {
    for (at, cell) in cells.enumerate() {
        text.push_str(if at == 0 { "\"" } else { ",\"" });
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}
