//! Limits of customers: the change that a customer asks for, rises whose time has come, and what
//! becomes of limits when the use of a token ends.

pub mod applied;
pub mod bring_back;
pub mod change;
pub mod draft;
pub mod settle;

use crate::db::queries::{limits, tokens};
use crate::db::{DbConn, DbError};
use crate::domain::limit::{LimitSet, LimitStanding};
use crate::domain::permission::{may_administer, only_administers};
use crate::domain::portal::Profile;
use crate::domain::right::Rights;
use crate::domain::token::{Token, UserTokenStatus};
use crate::domain::user::{Role, User};
use crate::operations::Ctx;
use crate::primitives::clock::UtcTime;

/// How the user's limits stand now, whatever the jobs have written down so far.
///
/// # Errors
/// Whatever the database says.
pub fn standing(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<LimitStanding, DbError> {
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    standing_with(conn, ctx, user, token.as_ref())
}

/// [`standing`] for whoever has read the user's token already.
///
/// # Errors
/// Whatever the database says.
pub fn standing_with(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    token: Option<&Token>,
) -> Result<LimitStanding, DbError> {
    let row = limits::find(conn, user.contract_id)?;
    let expires_at = token.and_then(|token| token.expires_at);
    let status = UserTokenStatus::at(user.token_status, expires_at, ctx.now);
    let has_token = status == UserTokenStatus::InUse;
    Ok(LimitStanding::at(&ctx.profile, &row, has_token, ctx.now))
}

/// How the limits stand that this user changes on BLM001: the customer's own; in a company those of
/// the contract, which no single user's token moves.
///
/// # Errors
/// Whatever the database says.
pub fn changeable(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<LimitStanding, DbError> {
    if !ctx.profile.is_corporate() {
        return standing(conn, ctx, user);
    }
    let row = limits::find(conn, user.contract_id)?;
    Ok(LimitStanding::at(&ctx.profile, &row, true, ctx.now))
}

/// Whether this user changes limits: the customer; in a company whoever administers it.
#[must_use]
pub fn may_change(profile: &Profile, user: &User) -> bool {
    !profile.is_corporate() || may_administer(profile, user)
}

/// Whether what is asked for would raise the limits of whoever asks: of an administrator of a company
/// who makes payments. Nobody raises their own; a master user's limits are the contract's.
#[must_use]
pub fn raises_own(
    profile: &Profile,
    user: &User,
    rights: &Rights,
    (before, after): (&LimitSet, &LimitSet),
) -> bool {
    if !profile.is_corporate() || user.role == Role::Master || only_administers(profile, user.role)
    {
        return false;
    }
    let before = rights.limits(before);
    rights.limits(after).iter().any(|(service, after)| {
        before.get(service).is_none_or(|before| {
            after.daily > before.daily || after.per_transaction > before.per_transaction
        })
    })
}

/// When the user's token expires.
fn token_end(conn: &mut DbConn, user: &User) -> Result<Option<UtcTime>, DbError> {
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    Ok(token.and_then(|token| token.expires_at))
}
