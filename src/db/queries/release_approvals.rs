//! First approvals of releases (BAU080), each until the second comes.

use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::permission::quorum::Approval;
use crate::domain::right::UserRight;
use crate::domain::user::User;
use crate::primitives::ids::{ContractId, TokenId};
use crate::schema::{release_approvals, user_rights, users};

/// More people than any company picks for it.
const APPROVERS_MAX: i64 = 50;

/// The first approvals for these tokens.
///
/// # Errors
/// Whatever the database says.
pub fn list(conn: &mut DbConn, token_ids: &[TokenId]) -> Result<Vec<Approval>, DbError> {
    Ok(release_approvals::table
        .filter(release_approvals::token_id.eq_any(token_ids.to_vec()))
        .order(release_approvals::token_id)
        .load(conn)?)
}

/// Writes the first approval down; false if somebody else was first.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, approval: &Approval) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(release_approvals::table).values(approval.clone()).execute(conn)?;
        Ok::<_, DbError>(())
    })
}

/// Takes the first approval away: of two who do so, one gets it.
///
/// # Errors
/// Whatever the database says.
pub fn take(conn: &mut DbConn, first: &Approval) -> Result<bool, DbError> {
    let as_seen = release_approvals::table
        .find(first.token_id)
        .filter(release_approvals::user_id.eq(first.user_id))
        .filter(release_approvals::approved_at.eq(first.approved_at));
    Ok(diesel::delete(as_seen).execute(conn)? == 1)
}

/// Who of a contract was picked to approve, neither paused nor deleted.
///
/// # Errors
/// Whatever the database says.
pub fn list_approvers(conn: &mut DbConn, contract_id: ContractId) -> Result<Vec<User>, DbError> {
    Ok(users::table
        .inner_join(user_rights::table.on(user_rights::user_id.eq(users::id)))
        .filter(users::contract_id.eq(contract_id))
        .filter(user_rights::user_right.eq(UserRight::ApproveRelease))
        .filter(users::deleted_at.is_null())
        .filter(users::paused_at.is_null())
        .select(User::as_select())
        .order(users::login_id)
        .limit(APPROVERS_MAX)
        .load(conn)?)
}
