//! BMB003 入出金明細 of the feature-phone channel: the latest movements of one account.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::queries::{accounts, ledger};
use crate::domain::login::LoginStage;
use crate::primitives::clock::to_jst;
use crate::web::failure::{PageError, PageResult};
use crate::web::mobile::charset::Charset;
use crate::web::mobile::{ACCOUNTS_MAX, MobileShell, account_text};
use crate::web::visit::Visit;
use crate::web::{principal, screens};

const MOVEMENTS_MAX: i64 = 10;
/// 摘要 of a movement is cut to this, so that the page stays small.
const TEXT_CHARACTERS_MAX: usize = 24;

/// One movement.
#[derive(Clone, Debug)]
pub struct MobileMovement {
    /// Its day, as `11/24`.
    pub day: String,
    /// 摘要.
    pub text: String,
    /// `入` or `出`.
    pub side: &'static str,
    /// The amount, as `1,234円`.
    pub amount: String,
}

/// BMB003.
#[derive(askama::Template)]
#[template(path = "mobile/movements.html")]
pub struct MobileMovementsPage {
    /// What surrounds the page.
    pub shell: MobileShell,
    /// Branch, kind and number of the account.
    pub account: String,
    /// Its balance.
    pub balance: String,
    /// The movements, newest first.
    pub movements: Vec<MobileMovement>,
    /// The balances.
    pub balance_url: String,
    /// Where the end's form goes.
    pub end_url: String,
    /// Its token.
    pub csrf_token: String,
}

/// Shows the latest movements of the account with this number in BMB002.
///
/// # Errors
/// 303 to the login for whoever is not logged in on this channel; 404 where the customer has no
/// such account.
pub async fn show(visit: Visit, charset: Charset, place: Path<String>) -> PageResult {
    let place = place.parse::<usize>().ok().filter(|place| (1..=ACCOUNTS_MAX).contains(place));
    let (who, found) = principal::enter(&visit, LoginStage::Complete, move |conn, _, user| {
        let all = accounts::list_by_contract(conn, user.contract_id)?;
        let account = place.and_then(|place| all.into_iter().nth(place - 1));
        let Some(account) = account else { return Ok(None) };
        let latest = ledger::list_latest_movements(conn, account.id, MOVEMENTS_MAX)?;
        Ok(Some((account, latest)))
    })
    .await?;
    let (account, latest) = found.ok_or(PageError::NotFound)?;
    let page = MobileMovementsPage {
        shell: visit.mobile_shell(&screens::BMB003, charset),
        account: account_text(&account),
        balance: account.balance.to_string(),
        movements: latest.into_iter().map(movement).collect(),
        balance_url: visit.url("mobile/balance"),
        end_url: visit.url("mobile/end"),
        csrf_token: who.csrf_token(),
    };
    visit.mobile_page(StatusCode::OK, charset, &page)
}

fn movement(line: ledger::MovementLine) -> MobileMovement {
    let is_incoming = line.amount.0 > 0;
    let amount = if is_incoming { line.amount } else { -line.amount };
    MobileMovement {
        day: to_jst(line.posted_at).format("%-m/%-d").to_string(),
        text: line.description.chars().take(TEXT_CHARACTERS_MAX).collect(),
        side: if is_incoming { "入金" } else { "出金" },
        amount: amount.to_string(),
    }
}
