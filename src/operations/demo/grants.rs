//! What the demo's users of companies may do.

use super::people::{DemoContract, DemoUser};
use crate::db::queries::demo::{DemoRows, UserAccountRow, UserLimitRow, UserRightRow};
use crate::domain::limit::LimitService;
use crate::domain::portal::{Profile, UserAdministration};
use crate::domain::right::UserRight;
use crate::domain::user::Role;
use crate::operations::OperationError;
use crate::primitives::ids::{AccountId, UserId};
use crate::primitives::yen::Yen;

/// Adds the rows of a contract's users, who stand in `rows` from `first_user` on.
///
/// # Errors
/// [`OperationError::Corrupt`] for an account that the contract does not have.
pub(super) fn fill(
    rows: &mut DemoRows,
    profile: &Profile,
    contract: &DemoContract,
    first_user: usize,
    accounts: &[AccountId],
) -> Result<(), OperationError> {
    let ids: Vec<UserId> = rows.users.iter().skip(first_user).map(|user| user.id).collect();
    for (user, user_id) in contract.users.iter().zip(ids) {
        if !needs_rows(profile, user.role) {
            continue;
        }
        let rights = user.rights.clone().unwrap_or_else(|| UserRight::usual(profile));
        let right = |user_right| UserRightRow { user_id, user_right };
        rows.user_rights.extend(rights.into_iter().map(right));
        for account_id in own_accounts(contract, user, accounts)? {
            rows.user_accounts.push(UserAccountRow { user_id, account_id });
        }
        let limit = |[one, daily]: [i64; 2]| UserLimitRow {
            user_id,
            service: LimitService::Transfer,
            per_transaction_yen: Yen(one),
            daily_yen: Yen(daily),
        };
        rows.user_limits.extend(user.transfer_limits.map(limit));
    }
    Ok(())
}

/// Customers and master users may do everything; a contract's one administrator does not trade.
fn needs_rows(profile: &Profile, role: Role) -> bool {
    let by_one = profile.services.user_administration == UserAdministration::Administrator;
    match role {
        Role::Customer | Role::Master => false,
        Role::Administrator => !by_one,
        Role::General => true,
    }
}

fn own_accounts(
    contract: &DemoContract,
    user: &DemoUser,
    accounts: &[AccountId],
) -> Result<Vec<AccountId>, OperationError> {
    let Some(numbers) = &user.accounts else { return Ok(accounts.to_vec()) };
    let unknown = OperationError::Corrupt("a user of the demo has an unknown account");
    numbers
        .iter()
        .map(|number| {
            let place = contract.accounts.iter().position(|account| account.number == *number);
            place.and_then(|place| accounts.get(place).copied())
        })
        .collect::<Option<Vec<_>>>()
        .ok_or(unknown)
}
