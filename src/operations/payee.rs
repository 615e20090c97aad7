//! Payees (振込先): registered, changed and deleted by customers; approved by staff where a company's
//! registered payees (事前登録先) need a form.

pub mod change;
pub mod draft;

pub use crate::db::queries::payees::{find, find_by_account, list, list_recent, update_paid};
use crate::db::{DbConn, DbError};
use crate::domain::right::UserRight;
use crate::domain::user::User;
use crate::operations::{Ctx, right};

/// Whether this user may see and change payees: whoever may make transfers.
///
/// # Errors
/// Whatever the database says.
pub fn may_use(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<bool, DbError> {
    Ok(right::of_user(conn, ctx, user)?.allows(UserRight::Transfer))
}
