//! Mails about orders of tokens.

use super::{Common, Mail};

/// An order was made, accepted, debited, shipped or withdrawn.
#[derive(askama::Template)]
#[template(path = "mail/order_news.txt", whitespace = "preserve")]
pub struct OrderNews {
    /// What every mail carries.
    pub common: Common,
    /// What was done, as `トークンの発送`.
    pub act: String,
    /// The same in a sentence.
    pub sentence: String,
    /// What was ordered, one a line.
    pub lines: Vec<String>,
    /// 受付番号 of the order.
    pub receipt_number: String,
}

impl Mail for OrderNews {
    fn subject(&self) -> String {
        self.common.subject(&format!("{}のお知らせ", self.act))
    }
}
