//! The tokens of a contract as its administrators see them: where each stands and who used it last.

use diesel::prelude::*;

use crate::db::queries::member_lists::PageOf;
use crate::db::{DbConn, DbError};
use crate::domain::custody::KeptToken;
use crate::domain::token::{StoredTokenStatus, TokenState};
use crate::domain::user::Role;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, UserId};
use crate::schema::{tokens, users};

/// One page of the contract's tokens in order of serial, and how many there are in all. `serial` is
/// part of the serials looked for.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    contract_id: ContractId,
    serial: Option<&str>,
    page: PageOf,
) -> Result<(Vec<KeptToken>, i64), DbError> {
    let part: String =
        serial.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let pattern = format!("%{}%", part.to_ascii_uppercase());
    let own = tokens::table
        .left_join(users::table.on(tokens::last_used_by.eq(users::id.nullable())))
        .filter(tokens::contract_id.eq(contract_id))
        .filter(tokens::serial.like(pattern));
    let total = own.clone().count().get_result(conn)?;
    let kept = own
        .select((
            tokens::id,
            tokens::serial,
            tokens::state,
            tokens::expires_at,
            tokens::suspended_at,
            tokens::failures,
            tokens::last_used_at,
            users::name.nullable(),
        ))
        .order(tokens::serial)
        .limit(page.size)
        .offset(page.page * page.size)
        .load(conn)?;
    Ok((kept, total))
}

/// How many master and administrator users could log in now and release somebody: not paused, not
/// locked, and, where `needs_token`, with a token in use that is neither suspended nor expired.
/// Those of `except` are left out.
///
/// # Errors
/// Whatever the database says.
pub fn count_able_administrators(
    conn: &mut DbConn,
    contract_id: ContractId,
    except: &[UserId],
    (needs_token, failures_max, now): (bool, i32, UtcTime),
) -> Result<i64, DbError> {
    let able = users::table
        .left_join(tokens::table.on(users::token_id.eq(tokens::id.nullable())))
        .filter(users::contract_id.eq(contract_id))
        .filter(users::role.eq_any([Role::Master, Role::Administrator]))
        .filter(users::id.ne_all(except.to_vec()))
        .filter(users::deleted_at.is_null())
        .filter(users::paused_at.is_null())
        .filter(users::stopped_at.is_null())
        .filter(users::login_locked_at.is_null())
        .filter(users::confirm_locked_at.is_null())
        .filter(tokens::suspended_at.is_null())
        .filter(tokens::failures.is_null().or(tokens::failures.lt(failures_max)));
    if !needs_token {
        return Ok(able.count().get_result(conn)?);
    }
    let with_token = able
        .filter(users::token_status.eq(StoredTokenStatus::InUse))
        .filter(tokens::state.eq(TokenState::InUse))
        .filter(tokens::expires_at.is_null().or(tokens::expires_at.gt(now)));
    Ok(with_token.count().get_result(conn)?)
}
