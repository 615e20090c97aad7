//! What was paid and what is reserved: 予約一覧 (BTR030), 予約取消 (BTR031), the details of one
//! (BTR032), 取引履歴 (BTR040).

pub mod cancel;
pub mod detail;
pub mod history;
pub mod reservations;
pub mod words;

use crate::db::queries::accounts;
use crate::db::{DbConn, DbError};
use crate::domain::ledger::Account;
use crate::domain::right::{Rights, UserRight};
use crate::domain::user::User;
use crate::operations::{Ctx, right};
use crate::primitives::ids::AccountId;

/// BTR040's address below the portal.
pub const HISTORY: &str = "history";

/// What a user may see of payments.
#[derive(Debug, Clone)]
struct Sight {
    rights: Rights,
    /// Open accounts of the contract.
    accounts: Vec<Account>,
}

impl Sight {
    /// The accounts whose payments this user sees; none: all of the contract.
    fn account_ids(&self) -> Option<Vec<AccountId>> {
        if self.rights.is_full() {
            return None;
        }
        let own = self.accounts.iter().filter(|account| self.sees(account.id));
        Some(own.map(|account| account.id).collect())
    }

    /// Whether this user may send from the account, and so sees what was sent.
    fn sees(&self, id: AccountId) -> bool {
        self.rights.allows_on(UserRight::Transfer, id)
    }
}

fn sight(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Sight, DbError> {
    let rights = right::of_user(conn, ctx, user)?;
    let accounts = accounts::list_by_contract(conn, user.contract_id)?;
    Ok(Sight { rights, accounts })
}
