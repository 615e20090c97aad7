//! Lists of files and records as CSV, as statements have it (BAC010): every item in quotation
//! marks, CR LF, in UTF-8 with a byte order mark or in Shift_JIS.

use super::read::{FIRST_ITEM, NumberedItem, items, last_item};
use crate::db::DbConn;
use crate::domain::bulk_file::BulkFile;
use crate::domain::ledger::Account;
use crate::domain::receipt::number_text;
use crate::operations::OperationError;
use crate::operations::statement::csv::{BYTE_ORDER_MARK, CsvCharset, record, text_cell};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::shift_jis;
use crate::zengin::bulk::Reference;

const LIST_HEADINGS: [&str; 11] = [
    "データ名",
    "種類",
    "状態",
    "口座",
    "指定日",
    "件数",
    "合計金額(円)",
    "承認済み(人)",
    "必要な承認(人)",
    "送信の締切",
    "受付番号",
];
const ITEM_HEADINGS: [&str; 11] = [
    "番号",
    "金融機関コード",
    "金融機関名",
    "店番",
    "店名",
    "預金種目",
    "口座番号",
    "名義",
    "金額(円)",
    "新規コード",
    "顧客・社員番号など",
];
/// Records read in one go.
const SLICE: u64 = 2_000;

fn encode(charset: CsvCharset, text: &str) -> Vec<u8> {
    match charset {
        CsvCharset::Utf8 => text.as_bytes().to_vec(),
        CsvCharset::ShiftJis => shift_jis::encode(text).0,
    }
}

fn head(charset: CsvCharset, headings: &[&str]) -> Vec<u8> {
    let headings = record(headings);
    match charset {
        CsvCharset::Utf8 => [BYTE_ORDER_MARK, &headings].concat().into_bytes(),
        CsvCharset::ShiftJis => encode(charset, &headings),
    }
}

/// A list of files.
#[must_use]
pub fn list_csv(charset: CsvCharset, files: &[BulkFile], accounts: &[Account]) -> Vec<u8> {
    let mut bytes = head(charset, &LIST_HEADINGS);
    for file in files {
        let account = accounts.iter().find(|account| Some(account.id) == file.account_id);
        bytes.extend(encode(charset, &list_line(file, account)));
    }
    bytes
}

fn list_line(file: &BulkFile, account: Option<&Account>) -> String {
    let account = account.map_or_else(String::new, |account| {
        let kind = account.account_type.label();
        format!("{} {kind} {}", account.branch_name, account.number)
    });
    let on = file.value_date.map_or_else(String::new, |day| day.format("%Y/%m/%d").to_string());
    record(&[
        &text_cell(&file.name),
        file.kind.label(),
        file.state.label(),
        &text_cell(&account),
        &on,
        &file.item_count.to_string(),
        &file.total_yen.0.to_string(),
        &file.approvals_given.to_string(),
        &file.approvals_needed.to_string(),
        &file.deadline_at.map_or_else(String::new, jst_minute_text),
        &file.receipt_number.map_or_else(String::new, number_text),
    ])
}

/// The records of a file in the making.
#[derive(Debug, Clone)]
pub struct ItemsCsv {
    charset: CsvCharset,
    file: BulkFile,
    next: u64,
}

impl ItemsCsv {
    /// Begins: the headings.
    #[must_use]
    pub fn begin(charset: CsvCharset, file: BulkFile) -> (ItemsCsv, Vec<u8>) {
        let making = ItemsCsv { charset, file, next: FIRST_ITEM };
        (making, head(charset, &ITEM_HEADINGS))
    }

    /// Whether records are left.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.next <= last_item(&self.file)
    }

    /// The next records.
    ///
    /// # Errors
    /// Whatever the database says; content that is none.
    pub fn slice(&mut self, conn: &mut DbConn) -> Result<Vec<u8>, OperationError> {
        let size = usize::try_from(SLICE).unwrap_or(usize::MAX);
        let found = items(conn, &self.file, self.next, size)?;
        self.next += SLICE;
        let lines: Vec<String> = found.iter().map(item_line).collect();
        Ok(encode(self.charset, &lines.concat()))
    }
}

fn item_line(numbered: &NumberedItem) -> String {
    let item = &numbered.item;
    record(&[
        &numbered.no.saturating_sub(1).to_string(),
        &item.bank_code,
        &text_cell(&item.bank_name),
        &item.branch_code,
        &text_cell(&item.branch_name),
        &item.account_type.to_string(),
        &item.account_no,
        &text_cell(&item.name),
        &item.amount.to_string(),
        &item.new_code.to_string(),
        &text_cell(&reference_text(&item.reference)),
    ])
}

/// What the sender knows an item by; nothing where the record does not say.
#[must_use]
pub fn reference_text(reference: &Reference) -> String {
    match reference {
        Reference::None => String::new(),
        Reference::CustomerCodes { first, second } => format!("{first} {second}").trim().to_owned(),
        Reference::Edi(text) | Reference::CustomerNumber(text) => text.clone(),
        Reference::Employee { number, department } => {
            format!("{number} {department}").trim().to_owned()
        }
    }
}
