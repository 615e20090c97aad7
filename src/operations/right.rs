//! The one check of what a user of a company may do: services, accounts, limits. Acts with money
//! and files ask it in their own transaction, before anything else.

use crate::db::queries::{limits, user_rights};
use crate::db::{DbConn, DbError};
use crate::domain::limit::{LimitSet, LimitStanding};
use crate::domain::right::{Grant, Rights};
use crate::domain::user::{Role, User};
use crate::operations::{Ctx, limit};
use crate::primitives::ids::ContractId;

/// What this user may do. Customers may do everything, and no query is needed to know that.
///
/// # Errors
/// Whatever the database says.
pub fn of_user(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Rights, DbError> {
    let grant = match user.role {
        Role::Customer | Role::Master => Grant::default(),
        Role::Administrator | Role::General => user_rights::find(conn, user.id)?,
    };
    Ok(Rights::of(&ctx.profile, user.role, grant))
}

/// What limits hold for this user: the own ones, and never more than the contract's.
///
/// # Errors
/// Whatever the database says.
pub fn limits_of_user(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<LimitSet, DbError> {
    let contract = limit::standing(conn, ctx, user)?.effective;
    Ok(of_user(conn, ctx, user)?.limits(&contract))
}

/// What limits hold for a contract, whoever of its users has a token.
///
/// # Errors
/// Whatever the database says.
pub fn contract_limits(
    conn: &mut DbConn,
    ctx: &Ctx,
    contract_id: ContractId,
) -> Result<LimitSet, DbError> {
    let row = limits::find(conn, contract_id)?;
    Ok(LimitStanding::at(&ctx.profile, &row, true, ctx.now).effective)
}
