//! Who moves money on a page, and from which accounts.

use crate::db::queries::accounts;
use crate::domain::ledger::Account;
use crate::domain::login::LoginStage;
use crate::domain::right::{Rights, UserRight};
use crate::operations::right;
use crate::primitives::yen::Yen;
use crate::web::failure::PageError;
use crate::web::principal::{self, Who};
use crate::web::visit::Visit;

/// Who moves money, and from where.
pub(in crate::web) struct Spender {
    pub who: Who,
    /// The open accounts with which this user has the right that was asked for.
    pub accounts: Vec<Account>,
    pub rights: Rights,
}

impl Spender {
    /// What the account can bear, where this user may see that.
    pub fn available(&self, account: &Account) -> Option<Yen> {
        self.rights.allows_on(UserRight::Balance, account.id).then(|| account.available())
    }
}

/// Lets somebody in, with the accounts on which this user has the right; none for whoever has it
/// nowhere.
///
/// # Errors
/// 303 to the login.
pub(in crate::web) async fn enter(visit: &Visit, right: UserRight) -> Result<Spender, PageError> {
    let ctx = visit.ctx.clone();
    let (who, (mut accounts, rights)) =
        principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
            let rights = right::of_user(conn, &ctx, user)?;
            Ok((accounts::list_by_contract(conn, user.contract_id)?, rights))
        })
        .await?;
    accounts.retain(|account| rights.allows_on(right, account.id));
    Ok(Spender { who, accounts, rights })
}
