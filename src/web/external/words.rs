//! Words of external files.

use chrono::NaiveDate;

use crate::domain::external_file::{ExternalFetch, ExternalFile};
use crate::domain::ledger::Account;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::yen::grouped;
use crate::web::bulk_desk::words::count_text;
use crate::web::page::Row;
use crate::web::transfer::words::{account_text, day_text};

/// What is left out.
const NONE: &str = "−";

/// One file of a list.
#[derive(Debug, Clone)]
pub struct ExternalRow {
    /// Its id, as its box has it.
    pub id: String,
    /// What kind.
    pub kind: &'static str,
    /// As it is saved.
    pub name: String,
    /// The account that it is about.
    pub account: String,
    /// The days that it covers.
    pub days: String,
    /// Records and bytes.
    pub size: String,
    /// Since when it is there.
    pub ready: String,
    /// Who fetched it last, and when; none: nobody did.
    pub fetched: Option<String>,
}

impl ExternalRow {
    /// A file with who fetched it.
    #[must_use]
    pub fn of(file: &ExternalFile, accounts: &[Account], fetches: &[ExternalFetch]) -> ExternalRow {
        let own: Vec<&ExternalFetch> =
            fetches.iter().filter(|fetch| fetch.file_id == file.id).collect();
        let fetched = own.first().map(|last| {
            let times = own.len();
            let more = if times > 1 { format!("（{times}回）") } else { String::new() };
            format!("{} {}{more}", jst_minute_text(last.fetched_at), last.user_name)
        });
        ExternalRow {
            id: file.id.to_string(),
            kind: file.kind.label(),
            name: file.name.clone(),
            account: account_of(file, accounts),
            days: days_text(file.from_day, file.to_day),
            size: format!("{}・{}", count_text(file.item_count), bytes_text(file.byte_count)),
            ready: file.ready_at.map_or_else(|| NONE.to_owned(), jst_minute_text),
            fetched,
        }
    }
}

/// The account of a file.
#[must_use]
pub fn account_of(file: &ExternalFile, accounts: &[Account]) -> String {
    let Some(id) = file.account_id else { return "ご契約全体".to_owned() };
    let known = accounts.iter().find(|account| account.id == id);
    known.map_or_else(|| NONE.to_owned(), account_text)
}

/// `2026年11月20日（金）`, or from one day to another.
#[must_use]
pub fn days_text(from: NaiveDate, to: NaiveDate) -> String {
    if from == to { day_text(from) } else { format!("{} 〜 {}", day_text(from), day_text(to)) }
}

/// `1,234バイト`, `12.3KB`, `1.2MB`.
#[must_use]
pub fn bytes_text(bytes: i64) -> String {
    let tenths = |unit: i64| format!("{}.{}", grouped(bytes / unit), bytes % unit * 10 / unit);
    match bytes {
        ..10_240 => format!("{}バイト", grouped(bytes)),
        10_240..1_048_576 => format!("{}KB", tenths(1_024)),
        _ => format!("{}MB", tenths(1_048_576)),
    }
}

/// The facts of a file.
#[must_use]
pub fn file_rows(file: &ExternalFile, accounts: &[Account]) -> Vec<Row> {
    vec![
        Row::new("種類", file.kind.label()),
        Row::new("ファイル名", file.name.clone()),
        Row::new("口座", account_of(file, accounts)),
        Row::new("対象日", days_text(file.from_day, file.to_day)),
        Row::new("件数", count_text(file.item_count)),
        Row::new("大きさ", bytes_text(file.byte_count)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_units_that_people_read() {
        for (bytes, text) in [
            (0, "0バイト"),
            (10_239, "10,239バイト"),
            (10_240, "10.0KB"),
            (1_048_575, "1,023.9KB"),
            (125_829_120, "120.0MB"),
        ] {
            assert_eq!(bytes_text(bytes), text);
        }
    }
}
