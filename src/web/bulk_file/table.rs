//! Records as people have them in a spreadsheet or a CSV file: one a line, read cell by cell.

use csv::{ReaderBuilder, StringRecord, Trim};
use encoding_rs::SHIFT_JIS;

use crate::domain::bulk_file::BulkKind;
use crate::domain::payee::padded_number;
use crate::primitives::code::{normalise_digits, to_half_width};
use crate::primitives::party_name::{PAYEE_NAME_MAX, convert};
use crate::web::bulk_file::list::type_label;
use crate::web::bulk_file::record::account_types;
use crate::web::limit::input::amount;
use crate::web::payee::words::name_problem;
use crate::zengin::bulk::{BulkItem, Reference};

/// Most records that are added at once.
pub const ROWS_MAX: usize = 5_000;
/// Cells that a line needs: bank, branch, type, number, name, amount.
const CELLS_MIN: usize = 6;

/// One line.
#[derive(Debug, Clone)]
pub struct TableRow {
    /// The line of the text, from 1.
    pub line: u64,
    /// As it was typed, for the preview.
    pub cells: Vec<String>,
    /// The record; what is wrong with it.
    pub item: Result<BulkItem, Vec<String>>,
}

/// The text of a CSV file: UTF-8, with or without mark, or else Shift_JIS. Nothing: neither.
#[must_use]
pub fn text_of(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned()
        }
    };
    (!text.contains('\0')).then_some(text)
}

/// Reads the lines; a first line of headings is left out. `None`: more than [`ROWS_MAX`].
#[must_use]
pub fn read(kind: BulkKind, text: &str) -> Option<Vec<TableRow>> {
    let delimiter = if text.contains('\t') { b'\t' } else { b',' };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        // The text is UTF-8, and any number of cells is taken.
        let Ok(record) = record else { continue };
        let line = record.position().map_or(0, |position| line_of(text, position));
        if record.iter().all(str::is_empty) || (rows.is_empty() && is_heading(&record)) {
            continue;
        }
        if rows.len() == ROWS_MAX {
            return None;
        }
        let cells = record.iter().map(str::to_owned).collect();
        rows.push(TableRow { line, cells, item: item(kind, &record) });
    }
    Some(rows)
}

/// The line on which a record begins: its position may stand before empty lines.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let empty = ends.filter(|byte| **byte == b'\n').count();
    position.line().saturating_add(u64::try_from(empty).unwrap_or(0))
}

fn is_heading(record: &StringRecord) -> bool {
    let first = to_half_width(record.get(0).unwrap_or_default());
    !first.is_empty() && !first.chars().any(|c| c.is_ascii_digit())
}

fn item(kind: BulkKind, record: &StringRecord) -> Result<BulkItem, Vec<String>> {
    if record.len() < CELLS_MIN {
        return Err(vec![format!(
            "項目が足りません。{CELLS_MIN}つの項目（金融機関コード、店番、預金種目、口座番号、名前、金額）を並べてください。"
        )]);
    }
    let cell = |at: usize| record.get(at).unwrap_or_default();
    let mut wrong = Vec::new();
    let mut or_say = |is_right: bool, words: &str| {
        if !is_right {
            wrong.push(words.to_owned());
        }
    };
    // Spreadsheets drop zeros in front.
    let code = |typed: &str, length: usize| {
        let digits = normalise_digits(typed);
        let is_code =
            (1..=length).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_code.then(|| format!("{digits:0>length$}"))
    };
    let (bank_code, branch_code) = (code(cell(0), 4), code(cell(1), 3));
    or_say(bank_code.is_some(), "金融機関コードは4桁の数字にしてください。");
    or_say(branch_code.is_some(), "店番は3桁の数字にしてください。");
    let account_type = account_type(kind, cell(2));
    or_say(account_type.is_some(), &type_words(kind));
    let account_no = padded_number(&normalise_digits(cell(3)));
    or_say(account_no.is_some(), "口座番号は7桁までの数字にしてください。");
    let amount = amount(cell(5)).and_then(|yen| u64::try_from(yen.0).ok()).filter(|yen| *yen > 0);
    or_say(amount.is_some(), "金額は1円以上の数字にしてください。");
    let name = convert(cell(4), PAYEE_NAME_MAX).map(|converted| converted.name);
    if let Err(problem) = &name {
        let words = name_problem(problem).0;
        // A table has no field in which an offer could stand.
        wrong.push(words.split("欄").next().unwrap_or_default().to_owned());
    }
    let all = (bank_code, branch_code, account_type, account_no, amount, name);
    let (
        Some(bank_code),
        Some(branch_code),
        Some(account_type),
        Some(account_no),
        Some(amount),
        Ok(name),
    ) = all
    else {
        return Err(wrong);
    };
    let reference = reference(kind, cell(6), cell(7));
    Ok(BulkItem {
        bank_code,
        branch_code,
        account_type,
        account_no,
        amount,
        name,
        reference,
        ..BulkItem::default()
    })
}

fn account_type(kind: BulkKind, typed: &str) -> Option<u8> {
    let half = to_half_width(typed);
    let allowed = account_types(kind).iter().copied();
    allowed.into_iter().find(|digit| half == digit.to_string() || half == type_label(*digit))
}

fn type_words(kind: BulkKind) -> String {
    let one = |digit: &u8| format!("{digit}（{}）", type_label(*digit));
    let all: Vec<String> = account_types(kind).iter().map(one).collect();
    format!("預金種目は{}のどれかにしてください。", all.join("、"))
}

fn reference(kind: BulkKind, first: &str, second: &str) -> Reference {
    let (first, second) = (to_half_width(first), to_half_width(second));
    if first.is_empty() && second.is_empty() {
        return Reference::None;
    }
    match kind {
        BulkKind::GeneralTransfer => Reference::CustomerCodes { first, second },
        BulkKind::Salary | BulkKind::Bonus => {
            Reference::Employee { number: first, department: second }
        }
        BulkKind::DirectDebit => Reference::CustomerNumber(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_spreadsheet_and_of_a_csv_file_are_read_alike() {
        let tabs = "金融機関\t店番\t種目\t口座\t名前\t金額\n1\t1\t普通\t1234567\tやまだ たろう\t12,000円\n";
        let commas = "0001,001,1,1234567,\"ﾔﾏﾀﾞ ﾀﾛｳ\",\"12,000\"\r\n";
        for (text, line) in [(tabs, 2), (commas, 1)] {
            let rows = read(BulkKind::GeneralTransfer, text).unwrap();
            assert_eq!(rows.len(), 1, "{text}");
            assert_eq!(rows[0].line, line);
            let item = rows[0].item.as_ref().unwrap();
            assert_eq!((item.bank_code.as_str(), item.branch_code.as_str()), ("0001", "001"));
            assert_eq!((item.name.as_str(), item.amount), ("ﾔﾏﾀﾞ ﾀﾛｳ", 12_000));
        }
    }

    #[test]
    fn each_line_says_all_that_is_wrong_with_it() {
        let text = "00012,1,3,x,山田,0\n0001,001\n\n0001,001,2,1,ｱ,1,77,8";
        let rows = read(BulkKind::Salary, text).unwrap();
        let wrong: Vec<usize> =
            rows.iter().map(|row| row.item.as_ref().err().map_or(0, Vec::len)).collect();
        assert_eq!(wrong, [5, 1, 0]);
        assert_eq!(rows[2].line, 4);
        let reference = &rows[2].item.as_ref().unwrap().reference;
        let number = Reference::Employee { number: "77".into(), department: "8".into() };
        assert_eq!(*reference, number);
    }

    #[test]
    fn more_lines_than_fit_are_refused() {
        let line = "0001,001,1,1234567,ｱ,1\n";
        assert_eq!(read(BulkKind::Bonus, &line.repeat(ROWS_MAX)).unwrap().len(), ROWS_MAX);
        assert!(read(BulkKind::Bonus, &line.repeat(ROWS_MAX + 1)).is_none());
    }

    #[test]
    fn files_are_read_in_both_character_sets() {
        assert_eq!(text_of("\u{FEFF}ア".as_bytes()).unwrap(), "ア");
        assert_eq!(text_of(&[0xB1, b',', b'1']).unwrap(), "ｱ,1");
        assert_eq!(text_of(&[0xFF, 0xFE]), None);
    }
}
