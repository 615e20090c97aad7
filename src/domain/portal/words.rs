//! Words in which institutions differ, notices, and facts for the help pages.

use chrono::NaiveDate;
use serde::Deserialize;

use super::when::JstDate;

/// Section `words`: what the institution calls things.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// Login.
    pub login: String,
    /// Logout.
    pub logout: String,
    /// The token.
    pub token: String,
    /// The customer's card, on which the number stands with which one logs in.
    pub card: String,
    /// The serial number.
    pub serial: String,
    /// One line beside the serial number's field.
    pub serial_hint: String,
    /// The one-time password.
    pub otp: String,
    /// One line beside the one-time password's field.
    pub otp_hint: String,
    /// The start of use.
    pub start: String,
    /// The exchange.
    pub exchange: String,
    /// The stop; needed where the portal has one.
    pub stop: Option<String>,
    /// The button that stops.
    pub stop_button: String,
    /// The release of a suspension.
    pub release: String,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            login: "ログイン".to_owned(),
            logout: "ログアウト".to_owned(),
            token: "トークン".to_owned(),
            card: "お客様カード".to_owned(),
            serial: "シリアル番号".to_owned(),
            serial_hint: "半角英数字".to_owned(),
            otp: "ワンタイムパスワード".to_owned(),
            otp_hint: "半角数字6桁".to_owned(),
            start: "利用開始".to_owned(),
            exchange: "交換".to_owned(),
            stop: None,
            stop_button: "停止".to_owned(),
            release: "利用停止解除".to_owned(),
        }
    }
}

impl Words {
    /// A text that is written with ログイン and ログアウト, with the portal's words for them.
    #[must_use]
    pub fn say(&self, text: String) -> String {
        let usual = Self::default();
        if self.login == usual.login && self.logout == usual.logout {
            return text;
        }
        text.replace(&usual.logout, &self.logout).replace(&usual.login, &self.login)
    }
}

/// A notice on the top page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// First day on which it shows; without it, always.
    #[serde(default)]
    pub from: Option<JstDate>,
    /// First day on which it no longer shows; without it, never.
    #[serde(default)]
    pub until: Option<JstDate>,
    /// Headline.
    pub title: String,
    /// Text.
    pub text: String,
}

/// Section `home`: the top page (BTP001).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Home {
    /// Notices, the newest first.
    pub notices: Vec<Notice>,
}

impl Home {
    /// The notices that show on this day of Japan.
    pub fn notices_on(&self, today: NaiveDate) -> impl Iterator<Item = &Notice> {
        self.notices.iter().filter(move |notice| {
            notice.from.is_none_or(|from| from.0 <= today)
                && notice.until.is_none_or(|until| today < until.0)
        })
    }
}

/// Section `help`: facts for BHL001-4.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    /// Name of the token app.
    #[serde(default = "app_name_default")]
    pub app_name: String,
    /// Name of the terms of the service.
    #[serde(default = "terms_name_default")]
    pub terms_name: String,
    /// Version of the terms, recorded with each registration.
    pub terms_version: String,
    /// First day on which this version holds.
    pub terms_from: JstDate,
    /// How to get a token.
    pub how_to_get: String,
    /// What the service costs.
    pub cost: String,
}

fn app_name_default() -> String {
    "まどぐちトークン".to_owned()
}

fn terms_name_default() -> String {
    "ワンタイムパスワードサービス利用規定".to_owned()
}
