//! What users of companies may do: rights, accounts, own limits.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::limit::{LimitAmounts, LimitService};
use crate::domain::right::{Grant, UserRight};
use crate::primitives::ids::{AccountId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::{user_accounts, user_limits, user_rights};

/// More rows of one user than any contract has accounts.
const ROWS_MAX: i64 = 1_000;

/// What was granted to a user.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, user_id: UserId) -> Result<Grant, DbError> {
    let rights: Vec<UserRight> = user_rights::table
        .filter(user_rights::user_id.eq(user_id))
        .select(user_rights::user_right)
        .order(user_rights::user_right)
        .limit(ROWS_MAX)
        .load(conn)?;
    let account_ids: Vec<AccountId> = user_accounts::table
        .filter(user_accounts::user_id.eq(user_id))
        .select(user_accounts::account_id)
        .order(user_accounts::account_id)
        .limit(ROWS_MAX)
        .load(conn)?;
    let limits: Vec<(LimitService, Yen, Yen)> = user_limits::table
        .filter(user_limits::user_id.eq(user_id))
        .select((user_limits::service, user_limits::per_transaction_yen, user_limits::daily_yen))
        .order(user_limits::service)
        .limit(ROWS_MAX)
        .load(conn)?;
    let amounts =
        |(service, per_transaction, daily)| (service, LimitAmounts { per_transaction, daily });
    Ok(Grant {
        rights: rights.into_iter().collect(),
        account_ids: account_ids.into_iter().collect(),
        limits: limits.into_iter().map(amounts).collect(),
    })
}

/// Grants this and nothing else. The caller has guarded the user's row.
///
/// # Errors
/// Whatever the database says.
pub fn replace(conn: &mut DbConn, user_id: UserId, grant: &Grant) -> Result<(), DbError> {
    diesel::delete(user_rights::table.filter(user_rights::user_id.eq(user_id))).execute(conn)?;
    diesel::delete(user_accounts::table.filter(user_accounts::user_id.eq(user_id)))
        .execute(conn)?;
    diesel::delete(user_limits::table.filter(user_limits::user_id.eq(user_id))).execute(conn)?;
    for &right in &grant.rights {
        diesel::insert_into(user_rights::table)
            .values((user_rights::user_id.eq(user_id), user_rights::user_right.eq(right)))
            .execute(conn)?;
    }
    for &account_id in &grant.account_ids {
        diesel::insert_into(user_accounts::table)
            .values((user_accounts::user_id.eq(user_id), user_accounts::account_id.eq(account_id)))
            .execute(conn)?;
    }
    for (&service, amounts) in &grant.limits {
        diesel::insert_into(user_limits::table)
            .values((
                user_limits::user_id.eq(user_id),
                user_limits::service.eq(service),
                user_limits::per_transaction_yen.eq(amounts.per_transaction),
                user_limits::daily_yen.eq(amounts.daily),
            ))
            .execute(conn)?;
    }
    Ok(())
}
