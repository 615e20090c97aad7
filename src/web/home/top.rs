//! BTP001 トップページ: accounts, last login, token, notices, shortcuts.

use crate::web::page::{Link, LinkCard, Notice, Row, Shell, Tone};

/// One account of the customer.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// The branch's name.
    pub branch: String,
    /// The kind in words, as `普通預金`.
    pub kind: String,
    /// The account number.
    pub number: String,
    /// The balance, as `1,234,567円`.
    pub balance: String,
}

/// The login before this one.
#[derive(Clone, Debug)]
pub struct LastLogin {
    /// When, as `2017年07月24日 10時35分`.
    pub time_text: String,
    /// Over which channel, as `パソコン・スマートフォン`.
    pub channel: String,
}

/// A notice of the institution.
#[derive(Clone, Debug)]
pub struct NewsItem {
    /// Its date, as `2017年07月24日`.
    pub date_text: String,
    /// Its heading.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// The customer's token.
#[derive(Clone, Debug)]
pub struct TokenSummary {
    /// The status in words, as `サービス利用中`.
    pub status: String,
    /// The colour of the status.
    pub tone: Tone,
    /// Kind, last four of the serial, expiry and the like.
    pub rows: Vec<Row>,
    /// A sentence about what to do.
    pub text: Option<String>,
    /// Where to do it.
    pub link: Option<Link>,
}

/// BTP001.
#[derive(askama::Template)]
#[template(path = "home/top.html")]
pub struct TopPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top: expiry of the token, a hold and its end.
    pub alerts: Vec<Notice>,
    /// As of when the balances are.
    pub balance_as_of: String,
    /// The accounts.
    pub accounts: Vec<AccountRow>,
    /// The login before this one, if there was one.
    pub last_login: Option<LastLogin>,
    /// Failures since then in words, as `前回から今回までに、ログインの失敗が2回ありました`.
    pub failures_text: Option<String>,
    /// The token.
    pub token: TokenSummary,
    /// The institution's notices.
    pub notices: Vec<NewsItem>,
    /// What the customer often does.
    pub shortcuts: Vec<LinkCard>,
}
