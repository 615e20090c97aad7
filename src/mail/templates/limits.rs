//! Mails about limits.

use super::{Common, Mail};

/// A rise was asked for, limits have changed, or a rise was cancelled.
#[derive(askama::Template)]
#[template(path = "mail/limit_news.txt", whitespace = "preserve")]
pub struct LimitNews {
    /// What every mail carries.
    pub common: Common,
    /// What was done, as `限度額の変更`.
    pub act: String,
    /// The same in a sentence.
    pub sentence: String,
    /// The limits concerned, one a line.
    pub lines: Vec<String>,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for LimitNews {
    fn subject(&self) -> String {
        self.common.subject(&format!("{}のお知らせ", self.act))
    }
}
