//! BFT040, what a file's day brought: what was done, what it cost, and the records that could not
//! be done.

use crate::db::queries::bulk_runs;
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFailure, BulkFile, BulkResult};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::yen::{Yen, grouped};
use crate::web::page::Row;

/// Failures shown; the rest stands among the records.
const FAILURES_MAX: i64 = 200;

/// A record that could not be done.
#[derive(Debug, Clone)]
pub struct FailureRow {
    /// Its number, as the list of records has it.
    pub no: i64,
    /// Its amount.
    pub amount: String,
    /// Why.
    pub reason: &'static str,
    /// 振替結果コード; a dash for what was paid out.
    pub code: String,
}

/// What the day brought.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// In numbers.
    pub rows: Vec<Row>,
    /// What could not be done.
    pub failures: Vec<FailureRow>,
    /// How many more there are.
    pub more: Option<String>,
}

/// The outcome of a file; nothing before its day.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, file: &BulkFile) -> Result<Option<Outcome>, DbError> {
    let Some(result) = bulk_runs::find_result(conn, file.id)? else { return Ok(None) };
    let failures = bulk_runs::list_failures(conn, file.id, 0, FAILURES_MAX)?;
    let left = result.failed_count.saturating_sub(i64::try_from(failures.len()).unwrap_or(0));
    Ok(Some(Outcome {
        rows: rows(file, &result),
        failures: failures.iter().map(failure).collect(),
        more: (left > 0).then(|| format!("ほかに{}件あります。", grouped(left))),
    }))
}

fn rows(file: &BulkFile, result: &BulkResult) -> Vec<Row> {
    let counted = |count: i64, yen: i64| format!("{}件　{}", grouped(count), Yen(yen));
    let (word, back) = match file.kind.is_outgoing() {
        true => ("振込済み", "組戻"),
        false => ("振替済み", "振替不能"),
    };
    let done = file.item_count.saturating_sub(result.failed_count);
    let fee = Yen(result.net_yen.0.saturating_add(result.tax_yen.0));
    vec![
        Row::new("処理日時", jst_minute_text(result.executed_at)),
        Row::new(word, counted(done, file.total_yen.0.saturating_sub(result.failed_yen.0))),
        Row::new(back, counted(result.failed_count, result.failed_yen.0)),
        Row::new("手数料", format!("{fee}（うち消費税 {}）", result.tax_yen)),
    ]
}

fn failure(failure: &BulkFailure) -> FailureRow {
    FailureRow {
        // The header is the first record of the file.
        no: failure.record_no.saturating_sub(1),
        amount: failure.amount_yen.to_string(),
        reason: failure.reason.label(),
        code: failure.reason.result_code().map_or("−".to_owned(), |code| code.to_string()),
    }
}
