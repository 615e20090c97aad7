//! BMB002 残高照会 of the feature-phone channel.

use actix_web::http::StatusCode;

use crate::db::queries::accounts;
use crate::domain::login::LoginStage;
use crate::primitives::clock::jst_minute_text;
use crate::web::failure::PageResult;
use crate::web::mobile::charset::Charset;
use crate::web::mobile::{ACCOUNTS_MAX, MobileShell, account_text};
use crate::web::visit::Visit;
use crate::web::{principal, screens};

/// One account.
#[derive(Clone, Debug)]
pub struct MobileAccount {
    /// The key that opens its movements.
    pub key: usize,
    /// Branch, kind and number.
    pub text: String,
    /// The balance, as `1,234,567円`.
    pub balance: String,
    /// Its movements.
    pub url: String,
}

/// BMB002.
#[derive(askama::Template)]
#[template(path = "mobile/balance.html")]
pub struct MobileBalancePage {
    /// What surrounds the page.
    pub shell: MobileShell,
    /// As of when the balances are.
    pub as_of: String,
    /// The accounts.
    pub accounts: Vec<MobileAccount>,
    /// Whether there are more than the page has room for.
    pub has_more: bool,
    /// Where the end's form goes.
    pub end_url: String,
    /// Its token.
    pub csrf_token: String,
}

/// Shows the balances.
///
/// # Errors
/// 303 to the login for whoever is not logged in on this channel.
pub async fn show(visit: Visit, charset: Charset) -> PageResult {
    let (who, all) = principal::enter(&visit, LoginStage::Complete, |conn, _, user| {
        accounts::list_by_contract(conn, user.contract_id)
    })
    .await?;
    let shown = all.iter().take(ACCOUNTS_MAX).zip(1..);
    let page = MobileBalancePage {
        shell: visit.mobile_shell(&screens::BMB002, charset),
        as_of: jst_minute_text(visit.ctx.now),
        accounts: shown
            .map(|(account, key)| MobileAccount {
                key,
                text: account_text(account),
                balance: account.balance.to_string(),
                url: visit.url(&format!("mobile/movements/{key}")),
            })
            .collect(),
        has_more: all.len() > ACCOUNTS_MAX,
        end_url: visit.url("mobile/end"),
        csrf_token: who.csrf_token(),
    };
    visit.mobile_page(StatusCode::OK, charset, &page)
}
