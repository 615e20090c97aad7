//! Mails about files that were put out.

use super::{Common, Mail};

/// Files of 外部ファイル受信 are there to be fetched.
#[derive(askama::Template)]
#[template(path = "mail/external_news.txt", whitespace = "preserve")]
pub struct ExternalNews {
    /// What every mail carries.
    pub common: Common,
    /// The first of them, as `口座振替結果`.
    pub kind: String,
    /// For how many days they are kept.
    pub kept_days: u32,
}

impl Mail for ExternalNews {
    fn subject(&self) -> String {
        self.common.subject("受信できるファイルのお知らせ")
    }
}
