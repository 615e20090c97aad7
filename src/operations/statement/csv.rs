//! Statements as CSV: every item in quotation marks, CRLF, a header line, in UTF-8 with a byte
//! order mark or in Shift_JIS.
//!
//! A text that a spreadsheet would take for a formula gets an apostrophe in front. What Shift_JIS
//! lacks is 〓, and the line's last column says so.

use crate::domain::statement::{Movement, MovementClass};
use crate::primitives::shift_jis;

const HEADINGS: [&str; 9] = [
    "照会口座",
    "番号",
    "取引日",
    "取引区分",
    "摘要",
    "お支払金額(円)",
    "お預り金額(円)",
    "差引残高(円)",
    "備考",
];
pub(in crate::operations) const BYTE_ORDER_MARK: &str = "\u{FEFF}";
const REPLACED: &str = "Shift_JISにない文字を〓に置き換えました";

/// A character set of CSV files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvCharset {
    /// With a byte order mark, by which spreadsheets know it.
    Utf8,
    /// As older programs expect.
    ShiftJis,
}

/// A file in the making.
#[derive(Debug, Clone)]
pub struct CsvFile {
    charset: CsvCharset,
    account: String,
}

impl CsvFile {
    /// Begins a file about this account: the headings.
    #[must_use]
    pub fn begin(charset: CsvCharset, account: String) -> (CsvFile, Vec<u8>) {
        let headings = record(&HEADINGS);
        let bytes = match charset {
            CsvCharset::Utf8 => [BYTE_ORDER_MARK, &headings].concat().into_bytes(),
            CsvCharset::ShiftJis => shift_jis::encode(&headings).0,
        };
        (CsvFile { charset, account }, bytes)
    }

    /// One movement's line.
    #[must_use]
    pub fn line(&self, movement: &Movement) -> Vec<u8> {
        match self.charset {
            CsvCharset::Utf8 => self.text_of(movement, "").into_bytes(),
            CsvCharset::ShiftJis => match shift_jis::encode(&self.text_of(movement, "")) {
                (bytes, 0) => bytes,
                _ => shift_jis::encode(&self.text_of(movement, REPLACED)).0,
            },
        }
    }

    fn text_of(&self, movement: &Movement, remark: &str) -> String {
        let yen = movement.amount.0;
        let amount = yen.unsigned_abs().to_string();
        let (paid, received) = if yen < 0 { (amount.as_str(), "") } else { ("", amount.as_str()) };
        record(&[
            &text_cell(&self.account),
            &movement.line_no.to_string(),
            &movement.booked_on.format("%Y/%m/%d").to_string(),
            MovementClass::of(&movement.kind).label(),
            &text_cell(&movement.description),
            paid,
            received,
            &movement.balance_after.0.to_string(),
            remark,
        ])
    }
}

/// A line.
pub(in crate::operations) fn record(cells: &[&str]) -> String {
    let quoted: Vec<String> =
        cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
    format!("{}\r\n", quoted.join(","))
}

/// A text that no spreadsheet takes for a formula, in one line.
pub(in crate::operations) fn text_cell(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let begins = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let is_formula = line.trim_start().starts_with(begins);
    if is_formula { format!("'{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::yen::Yen;

    fn movement(description: &str, amount: i64) -> Movement {
        Movement {
            line_no: 7,
            booked_on: "2026-10-05".parse().unwrap(),
            kind: "direct_debit".to_owned(),
            description: description.to_owned(),
            amount: Yen(amount),
            balance_after: Yen(-1_200),
        }
    }

    #[test]
    fn texts_are_quoted_and_never_formulas() {
        for (text, cell) in [
            ("口座振替 ﾃﾞﾝｷ", "口座振替 ﾃﾞﾝｷ"),
            ("a\"b, c", "a\"\"b, c"),
            ("=1+1", "'=1+1"),
            (" =1", "' =1"),
            ("＝1", "'＝1"),
            ("-x", "'-x"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1\r\n2", "' =1  2"),
        ] {
            let (file, _) = CsvFile::begin(CsvCharset::Utf8, "本店 普通 1234567".to_owned());
            let line = String::from_utf8(file.line(&movement(text, -500))).unwrap();
            let before = r#""本店 普通 1234567","7","2026/10/05","振替""#;
            assert_eq!(line, format!("{before},\"{cell}\",\"500\",\"\",\"-1200\",\"\"\r\n"));
        }
    }

    #[test]
    fn what_shift_jis_lacks_is_said_in_its_line() {
        let (file, headings) = CsvFile::begin(CsvCharset::ShiftJis, "本店".to_owned());
        let read = |bytes: &[u8]| encoding_rs::SHIFT_JIS.decode(bytes).0.into_owned();
        assert!(read(&headings).starts_with("\"照会口座\",\"番号\""));
        let lacking = read(&file.line(&movement("𠮷田", 5)));
        assert!(lacking.ends_with(&format!("\"{REPLACED}\"\r\n")), "{lacking}");
        assert!(lacking.contains("\"〓田\",\"\",\"5\""), "{lacking}");
        assert!(read(&file.line(&movement("吉田", 5))).ends_with("\"\"\r\n"));
    }
}
