//! Mails about what administrators of a company do to its users.

use super::{Common, Mail};

/// A user was registered, changed, deleted, paused, resumed, or has a new initial password.
#[derive(askama::Template)]
#[template(path = "mail/user_news.txt", whitespace = "preserve")]
pub struct UserNews {
    /// What every mail carries.
    pub common: Common,
    /// What was done, as `利用停止`.
    pub act: String,
    /// The same in a sentence.
    pub sentence: String,
    /// What follows from it.
    pub more: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for UserNews {
    fn subject(&self) -> String {
        self.common.subject(&format!("{}のお知らせ", self.act))
    }
}

/// The initial password, without the login id.
#[derive(askama::Template)]
#[template(path = "mail/initial_password.txt", whitespace = "preserve")]
pub struct InitialPassword {
    /// What every mail carries.
    pub common: Common,
    /// The portal's word for the login id.
    pub id_label: String,
    /// The password.
    pub password: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for InitialPassword {
    fn subject(&self) -> String {
        self.common.subject("初期パスワードのお知らせ")
    }
}
