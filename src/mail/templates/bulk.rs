//! Mails about bulk files.

use super::{Common, Mail};

/// A bulk file was approved, returned, sent, or has expired.
#[derive(askama::Template)]
#[template(path = "mail/bulk_news.txt", whitespace = "preserve")]
pub struct BulkNews {
    /// What every mail carries.
    pub common: Common,
    /// What was done, as `総合振込データの送信`.
    pub act: String,
    /// The same in a sentence, with what comes next.
    pub sentence: String,
    /// The file, one fact a line.
    pub lines: Vec<String>,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for BulkNews {
    fn subject(&self) -> String {
        self.common.subject(&format!("{}のお知らせ", self.act))
    }
}
