//! The mails to customers. Each says what happened and when (Japan time), carries the receipt
//! number, the last four characters of the serial number and the institution's telephone
//! number, and neither a link to the login page nor a one-time password.
//!
//! All texts arrive ready for display.

mod bulk;
mod customer_info;
mod external;
mod limits;
mod members;
mod orders;
mod payees;
mod payments;
mod rails;
mod signature;

pub use bulk::BulkNews;
pub use customer_info::{MailAddressChanged, MailAddressTaken, SecretChanged, TelephoneChanged};
pub use external::ExternalNews;
pub use limits::LimitNews;
pub use members::{InitialPassword, UserNews};
pub use orders::OrderNews;
pub use payees::PayeeNews;
pub use payments::PaymentNews;
pub use rails::{
    EmergencyStopped, HoldLengthened, HoldLifted, StopLifted, StopPart, StopWay, TokenRevoked,
};
pub use signature::SignatureRefused;

/// What every mail carries.
#[derive(Clone, Debug)]
pub struct Common {
    /// The customer's name.
    pub name: String,
    /// When it happened, as `2014年07月18日 10時35分25秒`.
    pub time_text: String,
    /// The institution's name.
    pub institution: String,
    /// The portal's word for the serial number.
    pub serial_word: String,
    /// The department that answers the telephone.
    pub department: String,
    /// Its number.
    pub telephone: String,
    /// When it answers.
    pub hours: String,
}

/// A mail: its body is the template, its subject stands with the type.
pub trait Mail: askama::Template {
    /// The subject.
    fn subject(&self) -> String;
}

impl Common {
    /// A subject that says who writes.
    fn subject(&self, what: &str) -> String {
        format!("【{}】{what}", self.institution)
    }
}

/// A token was issued; told to the customer's registered address.
#[derive(askama::Template)]
#[template(path = "mail/token_issued.txt", whitespace = "preserve")]
pub struct TokenIssued {
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the serial number.
    pub serial_last4: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenIssued {
    fn subject(&self) -> String {
        self.common.subject("トークン発行のお知らせ")
    }
}

/// How to set an issued token up, to the phone that is to hold it. The address of the app is the
/// only link in any mail; it opens nothing without the activation password.
#[derive(askama::Template)]
#[template(path = "mail/token_issue_guide.txt", whitespace = "preserve")]
pub struct TokenIssueGuide {
    /// What every mail carries.
    pub common: Common,
    /// The token app.
    pub app_url: String,
    /// サービスID.
    pub service_id: String,
    /// ユーザID.
    pub user_number: String,
    /// The portal's word for the activation password.
    pub activation_label: String,
    /// Until when the app can be set up, in Japan time.
    pub set_up_until: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenIssueGuide {
    fn subject(&self) -> String {
        self.common.subject("トークン発行のご案内")
    }
}

/// メール通知パスワード, which confirms an issue.
#[derive(askama::Template)]
#[template(path = "mail/token_issue_code.txt", whitespace = "preserve")]
pub struct TokenIssueCode {
    /// What every mail carries.
    pub common: Common,
    /// The code.
    pub code: String,
    /// Until when it is valid, in Japan time.
    pub valid_until: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenIssueCode {
    fn subject(&self) -> String {
        self.common.subject("メール通知パスワードのお知らせ")
    }
}

/// A token was started.
#[derive(askama::Template)]
#[template(path = "mail/token_started.txt", whitespace = "preserve")]
pub struct TokenStarted {
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the serial number.
    pub serial_last4: String,
    /// The portal's word for the start, as `利用開始`.
    pub start_word: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenStarted {
    fn subject(&self) -> String {
        self.common.subject(&format!("ワンタイムパスワードの{}を受け付けました", self.start_word))
    }
}

/// A token was exchanged.
#[derive(askama::Template)]
#[template(path = "mail/token_exchanged.txt", whitespace = "preserve")]
pub struct TokenExchanged {
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the new token's serial number.
    pub new_serial_last4: String,
    /// The last four characters of the old token's serial number.
    pub old_serial_last4: String,
    /// The portal's word for the exchange, as `交換`.
    pub exchange_word: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenExchanged {
    fn subject(&self) -> String {
        self.common.subject(&format!("トークンの{}を受け付けました", self.exchange_word))
    }
}

/// A token was stopped.
#[derive(askama::Template)]
#[template(path = "mail/token_stopped.txt", whitespace = "preserve")]
pub struct TokenStopped {
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the serial number.
    pub serial_last4: String,
    /// The portal's word for stop, as `利用中止`.
    pub stop_word: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenStopped {
    fn subject(&self) -> String {
        self.common.subject(&format!("ワンタイムパスワードの{}を受け付けました", self.stop_word))
    }
}

/// A token was suspended after too many wrong codes.
#[derive(askama::Template)]
#[template(path = "mail/token_suspended.txt", whitespace = "preserve")]
pub struct TokenSuspended {
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the serial number.
    pub serial_last4: String,
    /// Why, in a sentence.
    pub reason: String,
    /// How it is released.
    pub release_way: &'static str,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenSuspended {
    fn subject(&self) -> String {
        self.common.subject("ワンタイムパスワードの認証を停止しました")
    }
}

/// The suspension of a token was released.
#[derive(askama::Template)]
#[template(path = "mail/token_released.txt", whitespace = "preserve")]
pub struct TokenReleased {
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the serial number.
    pub serial_last4: String,
    /// The portal's word for the release, as `利用停止解除`.
    pub release_word: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenReleased {
    fn subject(&self) -> String {
        self.common.subject(&format!("ワンタイムパスワードの{}を受け付けました", self.release_word))
    }
}

/// A token's clock was resynchronised.
#[derive(askama::Template)]
#[template(path = "mail/token_resynchronised.txt", whitespace = "preserve")]
pub struct TokenResynchronised {
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the serial number.
    pub serial_last4: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenResynchronised {
    fn subject(&self) -> String {
        self.common.subject("トークンの時刻を補正しました")
    }
}

/// A token expires soon (60, 30 and 7 days before).
#[derive(askama::Template)]
#[template(path = "mail/token_expiring.txt", whitespace = "preserve")]
pub struct TokenExpiring {
    /// What to do before.
    pub way: String,
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the serial number.
    pub serial_last4: String,
    /// When it expires, in Japan time.
    pub expires_at: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenExpiring {
    fn subject(&self) -> String {
        self.common.subject("トークンの有効期限のお知らせ")
    }
}

/// The login secret was locked.
#[derive(askama::Template)]
#[template(path = "mail/login_locked.txt", whitespace = "preserve")]
pub struct LoginLocked {
    /// What every mail carries.
    pub common: Common,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for LoginLocked {
    fn subject(&self) -> String {
        self.common.subject("ログインを停止しました")
    }
}

/// The code that proves a mail address.
#[derive(askama::Template)]
#[template(path = "mail/mail_code.txt", whitespace = "preserve")]
pub struct MailCode {
    /// What every mail carries.
    pub common: Common,
    /// The code.
    pub code: String,
    /// Until when it is valid, in Japan time.
    pub valid_until: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for MailCode {
    fn subject(&self) -> String {
        self.common.subject("確認コードのお知らせ")
    }
}

/// A mail address was set.
#[derive(askama::Template)]
#[template(path = "mail/mail_address_set.txt", whitespace = "preserve")]
pub struct MailAddressSet {
    /// What every mail carries.
    pub common: Common,
    /// The address with most of its letters hidden.
    pub masked_address: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for MailAddressSet {
    fn subject(&self) -> String {
        self.common.subject("メールアドレスを登録しました")
    }
}

#[cfg(test)]
mod tests {
    use askama::Template as _;

    use super::*;

    #[test]
    fn a_mail_has_time_receipt_serial_and_telephone_but_no_link() {
        let common = Common {
            name: "白樺 花子".into(),
            time_text: "2017年07月24日 10時35分25秒".into(),
            institution: "しらかば信用金庫".into(),
            serial_word: "シリアル番号".to_owned(),
            department: "サポート係".into(),
            telephone: "0120-000-000".into(),
            hours: "平日9時から17時".into(),
        };
        let mail = TokenStarted {
            common,
            serial_last4: "6FK1".into(),
            start_word: "利用登録".into(),
            receipt_number: "0000001".into(),
        };
        assert_eq!(
            mail.subject(),
            "【しらかば信用金庫】ワンタイムパスワードの利用登録を受け付けました"
        );
        let body = mail.render().unwrap();
        for part in ["白樺 花子 様", "10時35分25秒", "利用登録", "6FK1", "0000001", "0120-000-000"]
        {
            assert!(body.contains(part), "{part} is missing");
        }
        assert!(!body.contains("http"));
    }
}
