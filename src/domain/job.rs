//! What the worker's jobs report.

use chrono::NaiveDateTime;

use crate::text_enum;

/// One run of one job.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct JobRun {
    /// The job.
    pub name: &'static str,
    /// What it did, in a few English words.
    pub did: String,
}

/// Every job with what staff call it.
pub const JOBS: [(&str, &str); 12] = [
    ("mailer", "メールの送信"),
    ("audit_sealer", "監査ログの封印"),
    ("suspension_settler", "利用停止の仕上げ"),
    ("issue_expiry", "トークン発行の期限"),
    ("limit_settler", "限度額の反映"),
    ("reservations", "予約の実行"),
    ("bulk_files", "ファイル伝送の受付・処理"),
    ("external_files", "外部ファイルの作成"),
    ("bill_settler", "収納機関への払込結果の通知"),
    ("token_expiry", "有効期限のお知らせ"),
    ("certificate_expiry", "電子証明書の期限のお知らせ"),
    ("housekeeping", "不要なデータの片付け"),
];

text_enum! {
    /// How a recorded run ended.
    JobResult {
        /// It did something.
        Done = "done",
        /// There was nothing to do.
        Idle = "idle",
        /// It failed and is tried again.
        Failed = "failed",
    }
}

/// A row of `job_runs`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::job_runs)]
pub struct RecordedRun {
    /// Row id.
    pub id: i64,
    /// The job.
    pub name: String,
    /// Real time.
    pub started_at: NaiveDateTime,
    /// How long it took, in microseconds.
    pub took_us: i64,
    /// How it ended.
    pub result: JobResult,
    /// What it did, or why it failed.
    pub did: String,
}
