//! Mails about payees.

use super::{Common, Mail};

/// A payee was registered, changed or deleted.
#[derive(askama::Template)]
#[template(path = "mail/payee_news.txt", whitespace = "preserve")]
pub struct PayeeNews {
    /// What every mail carries.
    pub common: Common,
    /// 登録, 変更 or 削除.
    pub act: &'static str,
    /// The account, one fact a line.
    pub lines: Vec<String>,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for PayeeNews {
    fn subject(&self) -> String {
        self.common.subject(&format!("振込先の{}のお知らせ", self.act))
    }
}
