//! BHL001 to BHL004: help that can be read without login.

use crate::web::page::{Link, NavItem, QrView, Shell, TokenGuide};

/// Screen id, path below the portal, and title of each help page.
pub const PAGES: [(&str, &str, &str); 4] = [
    ("BHL001", "help/otp", "ワンタイムパスワードとは"),
    ("BHL002", "help/tokens", "トークンの種類と入手方法"),
    ("BHL003", "help/terms", "ワンタイムパスワードサービス利用規定"),
    ("BHL004", "help/security", "安全にお使いいただくために"),
];

/// The way between the help pages of the portal `slug`, of which `current` is shown.
pub fn tabs(slug: &str, current: &str) -> Vec<NavItem> {
    let item = |(id, path, title): &(&str, &str, &str)| NavItem {
        label: (*title).to_owned(),
        url: format!("/{slug}/{path}"),
        is_current: *id == current,
    };
    PAGES.iter().map(item).collect()
}

/// BHL001: what a one-time password is.
#[derive(askama::Template)]
#[template(path = "help/otp.html")]
pub struct HelpOtpPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
    /// The period, as `30秒`.
    pub period_text: String,
    /// The digits, as `6桁`.
    pub digits_text: String,
    /// Fees and whether a paper form is needed, one sentence a line.
    pub application: Vec<String>,
    /// When a code is asked for, one line each.
    pub uses: Vec<String>,
    /// How to start, one step a line.
    pub first_use: Vec<String>,
    /// How to come to another token.
    pub exchange_text: String,
    /// The portal's word for stop, as `利用中止`.
    pub stop_word: String,
    /// How to stop.
    pub stop_text: String,
}

/// The way to the token app.
#[derive(Clone, Debug)]
pub struct AppWay {
    /// The app's address as a QR code.
    pub qr: QrView,
    /// The same as a link.
    pub link: Link,
}

/// One kind of token, with how to get it.
#[derive(Clone, Debug)]
pub struct TokenKindHelp {
    /// Its name, drawings and where the numbers stand.
    pub guide: TokenGuide,
    /// For whom it is good.
    pub description: String,
    /// How to get it.
    pub how_to_get: String,
    /// Since when it can't be registered anew, and what to take instead.
    pub closed: Option<String>,
    /// The way to the app, for kinds that are one.
    pub app: Option<AppWay>,
}

/// BHL002: kinds of tokens and where to get them.
#[derive(askama::Template)]
#[template(path = "help/tokens.html")]
pub struct HelpTokensPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
    /// What a token costs, in a sentence.
    pub fee_text: String,
    /// The kinds the portal knows.
    pub kinds: Vec<TokenKindHelp>,
}

/// BHL003: the terms of the service.
#[derive(askama::Template)]
#[template(path = "help/terms.html")]
pub struct HelpTermsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
    /// Version and date, as `第1版 2016年01月04日 制定`.
    pub version_text: String,
    /// What the institution calls itself after 当, as `金庫` or `組合`.
    pub kind_word: String,
    /// Article 3: who may use the service and how many tokens a contract has.
    pub who_text: String,
    /// The period, as `30秒`.
    pub period_text: String,
    /// The digits, as `6桁`.
    pub digits_text: String,
    /// The portal's word for stop.
    pub stop_word: String,
    /// Article 9: who stops, in a sentence.
    pub stop_text: String,
    /// What the service costs, in a sentence.
    pub fee_text: String,
}

/// BHL004: security advice.
#[derive(askama::Template)]
#[template(path = "help/security.html")]
pub struct HelpSecurityPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
}
