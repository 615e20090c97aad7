//! Mails about payments.

use super::{Common, Mail};

/// A payment was made, reserved, taken back, run or has failed.
#[derive(askama::Template)]
#[template(path = "mail/payment_news.txt", whitespace = "preserve")]
pub struct PaymentNews {
    /// What every mail carries.
    pub common: Common,
    /// What was done, as `振込の受付`.
    pub act: String,
    /// The same in a sentence.
    pub sentence: String,
    /// What was paid, one a line.
    pub lines: Vec<String>,
    /// 受付番号 of the payment.
    pub receipt_number: String,
}

impl Mail for PaymentNews {
    fn subject(&self) -> String {
        self.common.subject(&format!("{}のお知らせ", self.act))
    }
}
