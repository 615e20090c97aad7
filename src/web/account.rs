//! Accounts: balances (BAC001), statements (BAC010) and their files.
//!
//! Whose account it is and what was granted to the user is asked on every address: another
//! contract's account, or one that is not granted, is no page at all.

pub mod balance;
pub mod file;
pub mod span;
pub mod statement;

use crate::domain::ledger::Account;
use crate::domain::permission::only_administers;
use crate::domain::right::{Rights, UserRight};
use crate::domain::user::User;
use crate::primitives::ids::AccountId;
use crate::web::failure::PageError;
use crate::web::visit::Visit;

/// BAC001's address below the portal.
pub const ACCOUNTS: &str = "accounts";

/// Whether this user finds accounts in the menu: where the portal shows them, all who do not only
/// administer.
pub fn is_offered(visit: &Visit, user: &User) -> bool {
    visit.profile.services.inquiries && !only_administers(&visit.profile, user.role)
}

/// The address of an account's statement.
pub fn statement_url(visit: &Visit, id: AccountId) -> String {
    visit.url(&format!("{ACCOUNTS}/{id}/statement"))
}

/// The address of the statement for whoever may see it.
pub fn statement_url_for(visit: &Visit, rights: &Rights, id: AccountId) -> Option<String> {
    let may = visit.profile.services.inquiries && rights.allows_on(UserRight::Statement, id);
    may.then(|| statement_url(visit, id))
}

/// The account of an address.
///
/// # Errors
/// 404 for what is no number.
pub(in crate::web::account) fn id_of(text: &str) -> Result<AccountId, PageError> {
    text.parse().map(AccountId).map_err(|_| PageError::NotFound)
}

/// The account, if it is the user's and its statement may be seen.
///
/// # Errors
/// 404 where there is no such account for this user; 403 where statements were not granted.
pub(in crate::web::account) fn checked<T>(
    found: Option<(T, Rights)>,
    account: impl Fn(&T) -> &Account,
) -> Result<T, PageError> {
    let (found, rights) = found.ok_or(PageError::NotFound)?;
    let id = account(&found).id;
    if !rights.has_account(id) {
        return Err(PageError::NotFound);
    }
    if !rights.allows(UserRight::Statement) {
        return Err(PageError::Forbidden("statements are not granted"));
    }
    Ok(found)
}
