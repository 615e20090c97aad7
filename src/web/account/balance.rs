//! BAC001 残高照会: accounts, balance, available amount.

use actix_web::http::StatusCode;

use crate::db::queries::accounts;
use crate::domain::ledger::Account;
use crate::domain::login::LoginStage;
use crate::domain::right::{Rights, UserRight};
use crate::operations::right;
use crate::primitives::clock::jst_minute_text;
use crate::web::account::{is_offered, statement_url_for};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::Shell;
use crate::web::visit::Visit;
use crate::web::{principal, screens};

/// One account.
#[derive(Clone, Debug)]
pub struct BalanceRow {
    /// The branch with its number.
    pub branch: String,
    /// 科目.
    pub kind: &'static str,
    /// 口座番号.
    pub number: String,
    /// Balance and available amount; none for whoever may not see them.
    pub amounts: Option<(String, String)>,
    /// Its statement, for whoever may see it.
    pub statement_url: Option<String>,
}

/// BAC001.
#[derive(askama::Template)]
#[template(path = "account/balance.html")]
pub struct BalancePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// As of when the balances are.
    pub as_of: String,
    /// The accounts.
    pub accounts: Vec<BalanceRow>,
    /// The top page.
    pub back_url: String,
}

/// Shows the accounts that the user may use.
///
/// # Errors
/// 303 to the login; 403 for whoever only administers.
pub async fn show(visit: Visit) -> PageResult {
    let ctx = visit.ctx.clone();
    let (who, (all, rights)) =
        principal::enter(&visit, LoginStage::Complete, move |conn, _, user| {
            let all = accounts::list_by_contract(conn, user.contract_id)?;
            Ok((all, right::of_user(conn, &ctx, user)?))
        })
        .await?;
    if !is_offered(&visit, &who.user) {
        return Err(PageError::Forbidden("administers only"));
    }
    let may = rights.allows(UserRight::Balance) || rights.allows(UserRight::Statement);
    let own = all.iter().filter(|account| may && rights.has_account(account.id));
    let page = BalancePage {
        shell: visit.shell_of(&screens::BAC001, &who),
        as_of: jst_minute_text(visit.ctx.now),
        accounts: own.map(|account| row(&visit, account, &rights)).collect(),
        back_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}

fn row(visit: &Visit, account: &Account, rights: &Rights) -> BalanceRow {
    let is_seen = rights.allows_on(UserRight::Balance, account.id);
    BalanceRow {
        branch: account.branch(),
        kind: account.account_type.label(),
        number: account.number.clone(),
        amounts: is_seen.then(|| (account.balance.to_string(), account.available().to_string())),
        statement_url: statement_url_for(visit, rights, account.id),
    }
}
