//! The users of a contract as its administrators see them, and who shares which token. Every query
//! carries the contract. Pages of lists are in `member_lists`.

use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::member::{Member, MemberState};
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::{Role, User};
use crate::primitives::ids::{ContractId, TokenId, UserId};
use crate::schema::{contracts, tokens, users};

/// More users than any contract has.
const ALL_MAX: i64 = 100_000;

/// What a token's users share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharer {
    /// The token.
    pub token_id: TokenId,
    /// The user.
    pub id: UserId,
    /// 利用者名.
    pub name: String,
}

macro_rules! columns {
    () => {
        (
            users::id,
            users::login_id,
            users::name,
            users::role,
            users::setup_state,
            users::paused_at,
            users::token_status,
            users::token_id,
            tokens::serial.nullable(),
            tokens::state.nullable(),
            tokens::expires_at.nullable(),
            tokens::suspended_at.nullable(),
            tokens::failures.nullable(),
            users::contract_id,
            users::mail_address,
            users::login_locked_at,
            users::confirm_locked_at,
            users::version,
            users::revoked_at,
        )
    };
}

pub(super) use columns;

/// How a user stands, as [`Member::state`] has it: a generated column, which only queries know.
pub(super) fn standing() -> SqlLiteral<Text> {
    diesel::dsl::sql("users.standing")
}

/// How many users a contract has, which the database keeps with it.
///
/// # Errors
/// Whatever the database says.
pub fn count(conn: &mut DbConn, contract_id: ContractId) -> Result<i64, DbError> {
    // The database alone writes this column, so the tables of `schema` have it not.
    let kept = diesel::dsl::sql::<BigInt>("contracts.user_count");
    let own = contracts::table.find(contract_id).select(kept);
    Ok(native!(conn, conn => own.first(conn))?)
}

/// How many master users of a contract can log in.
///
/// # Errors
/// Whatever the database says.
pub fn count_masters(conn: &mut DbConn, contract_id: ContractId) -> Result<i64, DbError> {
    Ok(users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::role.eq(Role::Master))
        .filter(standing().ne(MemberState::Paused))
        .filter(users::deleted_at.is_null())
        .count()
        .get_result(conn)?)
}

/// How many users of this role a contract has.
///
/// # Errors
/// Whatever the database says.
pub fn count_of_role(
    conn: &mut DbConn,
    contract_id: ContractId,
    role: Role,
) -> Result<i64, DbError> {
    Ok(users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::role.eq(role))
        .count()
        .get_result(conn)?)
}

/// How many users of a contract have a token in use, and how many of these are suspended.
///
/// # Errors
/// Whatever the database says.
pub fn count_tokens(
    conn: &mut DbConn,
    contract_id: ContractId,
    failures_max: i32,
) -> Result<(i64, i64), DbError> {
    let with_token = tokens::table.on(users::token_id.eq(tokens::id.nullable()));
    let in_use = || {
        users::table
            .inner_join(with_token)
            .filter(users::contract_id.eq(contract_id))
            .filter(users::deleted_at.is_null())
    };
    let suspended = tokens::suspended_at.is_not_null().or(tokens::failures.ge(failures_max));
    let all = in_use().count().get_result(conn)?;
    Ok((all, in_use().filter(suspended).count().get_result(conn)?))
}

/// The users of a contract with these ids; foreign and deleted ones are not there.
///
/// # Errors
/// Whatever the database says.
pub fn find_all(
    conn: &mut DbConn,
    contract_id: ContractId,
    ids: &[UserId],
) -> Result<Vec<Member>, DbError> {
    let with_token = tokens::table.on(users::token_id.eq(tokens::id.nullable()));
    Ok(users::table
        .left_join(with_token)
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::id.eq_any(ids.to_vec()))
        .select(columns!())
        .order(users::login_id)
        .load(conn)?)
}

/// Whether all these ids are users of the contract, deleted ones too.
///
/// # Errors
/// Whatever the database says.
pub fn are_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    ids: &[UserId],
) -> Result<bool, DbError> {
    let own: i64 = users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::id.eq_any(ids.to_vec()))
        .count()
        .get_result(conn)?;
    Ok(usize::try_from(own).is_ok_and(|own| own == ids.len()))
}

/// The users of a contract who have a token, in order of login id.
///
/// # Errors
/// Whatever the database says.
pub fn list_with_token(conn: &mut DbConn, contract_id: ContractId) -> Result<Vec<Member>, DbError> {
    let with_token = tokens::table.on(users::token_id.eq(tokens::id.nullable()));
    Ok(users::table
        .left_join(with_token)
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::token_id.is_not_null())
        .select(columns!())
        .order(users::login_id)
        .limit(ALL_MAX)
        .load(conn)?)
}

/// All users of this role of a contract, in order of login id.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_role(
    conn: &mut DbConn,
    contract_id: ContractId,
    role: Role,
) -> Result<Vec<Member>, DbError> {
    let with_token = tokens::table.on(users::token_id.eq(tokens::id.nullable()));
    Ok(users::table
        .left_join(with_token)
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::role.eq(role))
        .select(columns!())
        .order(users::login_id)
        .limit(ALL_MAX)
        .load(conn)?)
}

/// How many users each of these tokens has.
///
/// # Errors
/// Whatever the database says.
pub fn count_sharers(
    conn: &mut DbConn,
    contract_id: ContractId,
    token_ids: &[TokenId],
) -> Result<Vec<(TokenId, i64)>, DbError> {
    Ok(users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::token_id.assume_not_null().eq_any(token_ids.to_vec()))
        .group_by(users::token_id)
        .select((users::token_id.assume_not_null(), diesel::dsl::count_star()))
        .order(users::token_id)
        .load(conn)?)
}

/// Which of these tokens somebody has who stopped everything (緊急停止).
///
/// # Errors
/// Whatever the database says.
pub fn list_stopped_tokens(
    conn: &mut DbConn,
    contract_id: ContractId,
    token_ids: &[TokenId],
) -> Result<Vec<TokenId>, DbError> {
    Ok(users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::stopped_at.is_not_null())
        .filter(users::token_id.assume_not_null().eq_any(token_ids.to_vec()))
        .select(users::token_id.assume_not_null())
        .distinct()
        .load(conn)?)
}

/// The users of these tokens in order of login id, at most `limit`.
///
/// # Errors
/// Whatever the database says.
pub fn list_sharers(
    conn: &mut DbConn,
    contract_id: ContractId,
    token_ids: &[TokenId],
    limit: i64,
) -> Result<Vec<Sharer>, DbError> {
    let rows: Vec<(TokenId, UserId, String)> = users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::token_id.assume_not_null().eq_any(token_ids.to_vec()))
        .select((users::token_id.assume_not_null(), users::id, users::name))
        .order(users::login_id)
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|(token_id, id, name)| Sharer { token_id, id, name }).collect())
}

macro_rules! without_token {
    ($contract_id:expr) => {
        users::table
            .filter(users::contract_id.eq($contract_id))
            .filter(users::deleted_at.is_null())
            .filter(users::role.eq(Role::General))
            .filter(users::token_status.ne(StoredTokenStatus::InUse))
    };
}

/// The names of a contract's 一般ユーザ who have no token in use.
///
/// # Errors
/// Whatever the database says.
pub fn list_without_token(
    conn: &mut DbConn,
    contract_id: ContractId,
    limit: i64,
) -> Result<Vec<String>, DbError> {
    let query = without_token!(contract_id).select(users::name).order(users::login_id);
    Ok(query.limit(limit).load(conn)?)
}

/// How many they are.
///
/// # Errors
/// Whatever the database says.
pub fn count_without_token(conn: &mut DbConn, contract_id: ContractId) -> Result<i64, DbError> {
    Ok(without_token!(contract_id).count().get_result(conn)?)
}

/// The master and administrator users of a contract who can be told something.
///
/// # Errors
/// Whatever the database says.
pub fn list_administrators(
    conn: &mut DbConn,
    contract_id: ContractId,
) -> Result<Vec<User>, DbError> {
    Ok(users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::role.eq_any([Role::Master, Role::Administrator]))
        .select(User::as_select())
        .order(users::id)
        .limit(1_000)
        .load(conn)?)
}
