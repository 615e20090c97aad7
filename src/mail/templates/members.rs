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
    /// What administrators hand out by themselves: the login id, and in some portals more.
    pub id_label: String,
    /// What the secret is called, as `初期パスワード`.
    pub secret_label: String,
    /// What is set in its place.
    pub new_label: &'static str,
    /// The password.
    pub password: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for InitialPassword {
    fn subject(&self) -> String {
        self.common.subject(&format!("{}のお知らせ", self.secret_label))
    }
}
