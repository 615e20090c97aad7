//! Mails about what customers changed themselves (BCI003).

use super::{Common, Mail};

/// The mail address was changed; told to the old one.
#[derive(askama::Template)]
#[template(path = "mail/mail_address_changed.txt", whitespace = "preserve")]
pub struct MailAddressChanged {
    /// What every mail carries.
    pub common: Common,
    /// The new address with most of its letters hidden.
    pub masked_address: String,
    /// Until when transfers are held, in Japan time.
    pub held_until: Option<String>,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for MailAddressChanged {
    fn subject(&self) -> String {
        self.common.subject("メールアドレスを変更しました")
    }
}

/// The same, told to the new address.
#[derive(askama::Template)]
#[template(path = "mail/mail_address_taken.txt", whitespace = "preserve")]
pub struct MailAddressTaken {
    /// What every mail carries.
    pub common: Common,
    /// The new address with most of its letters hidden.
    pub masked_address: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for MailAddressTaken {
    fn subject(&self) -> String {
        self.common.subject("新しいメールアドレスを登録しました")
    }
}

/// The telephone number was changed.
#[derive(askama::Template)]
#[template(path = "mail/telephone_changed.txt", whitespace = "preserve")]
pub struct TelephoneChanged {
    /// What every mail carries.
    pub common: Common,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TelephoneChanged {
    fn subject(&self) -> String {
        self.common.subject("電話番号を変更しました")
    }
}

/// A password was changed.
#[derive(askama::Template)]
#[template(path = "mail/secret_changed.txt", whitespace = "preserve")]
pub struct SecretChanged {
    /// What every mail carries.
    pub common: Common,
    /// The portal's word for it, as `ログインパスワード`.
    pub secret_label: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for SecretChanged {
    fn subject(&self) -> String {
        self.common.subject(&format!("{}を変更しました", self.secret_label))
    }
}
