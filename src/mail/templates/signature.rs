//! Mails about signed codes.

use super::{Common, Mail};

/// A transfer was refused because something else was signed.
#[derive(askama::Template)]
#[template(path = "mail/signature_refused.txt", whitespace = "preserve")]
pub struct SignatureRefused {
    /// What every mail carries.
    pub common: Common,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for SignatureRefused {
    fn subject(&self) -> String {
        self.common.subject("お取引を中止したお知らせ")
    }
}
