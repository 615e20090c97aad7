//! What administrators change about users of their contract: each only while the row is as they saw
//! it (`version`), the user is there, and the contract keeps a master user who can log in.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::{Role, SetupState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, TokenId, UserId};
use crate::schema::{unverified_addresses, users};

diesel::alias!(users as others: Others);

/// Which user, and as of when.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Row id.
    pub id: UserId,
    /// The contract.
    pub contract_id: ContractId,
    /// The row's count of changes.
    pub version: i64,
}

macro_rules! as_seen {
    ($seen:expr) => {
        users::table
            .find($seen.id)
            .filter(users::contract_id.eq($seen.contract_id))
            .filter(users::version.eq($seen.version))
            .filter(users::deleted_at.is_null())
    };
}

/// The user is no master, or another master user of the contract can log in.
macro_rules! another_master {
    ($seen:expr) => {
        users::role.ne(Role::Master).or(diesel::dsl::exists(
            others
                .filter(others.field(users::contract_id).eq($seen.contract_id))
                .filter(others.field(users::id).ne($seen.id))
                .filter(others.field(users::role).eq(Role::Master))
                .filter(others.field(users::paused_at).is_null())
                .filter(others.field(users::deleted_at).is_null()),
        ))
    };
}

/// Whether a login id is taken, by a deleted user too.
///
/// # Errors
/// Whatever the database says.
pub fn is_login_id_taken(conn: &mut DbConn, portal: &str, login_id: &str) -> Result<bool, DbError> {
    let taken = users::table.filter(users::portal.eq(portal)).filter(users::login_id.eq(login_id));
    Ok(taken.count().get_result::<i64>(conn)? > 0)
}

/// Changes name and role. A user who ceases to be master leaves another one behind.
///
/// # Errors
/// Whatever the database says.
pub fn change(conn: &mut DbConn, seen: Seen, name: &str, role: Role) -> Result<bool, DbError> {
    let set = (users::name.eq(name), users::role.eq(role), users::version.eq(users::version + 1));
    let changed = if role == Role::Master {
        diesel::update(as_seen!(seen)).set(set).execute(conn)?
    } else {
        diesel::update(as_seen!(seen).filter(another_master!(seen))).set(set).execute(conn)?
    };
    Ok(changed == 1)
}

/// Pauses a user who runs.
///
/// # Errors
/// Whatever the database says.
pub fn pause(conn: &mut DbConn, seen: Seen, now: UtcTime) -> Result<bool, DbError> {
    let running = as_seen!(seen).filter(users::paused_at.is_null()).filter(another_master!(seen));
    let set = (users::paused_at.eq(now), users::version.eq(users::version + 1));
    Ok(diesel::update(running).set(set).execute(conn)? == 1)
}

/// Lets a paused user go on.
///
/// # Errors
/// Whatever the database says.
pub fn resume(conn: &mut DbConn, seen: Seen) -> Result<bool, DbError> {
    let paused = as_seen!(seen).filter(users::paused_at.is_not_null());
    let set = (users::paused_at.eq(None::<UtcTime>), users::version.eq(users::version + 1));
    Ok(diesel::update(paused).set(set).execute(conn)? == 1)
}

/// Deletes a user: the row stays, without token and address.
///
/// # Errors
/// Whatever the database says.
pub fn delete(
    conn: &mut DbConn,
    seen: Seen,
    token_id: Option<TokenId>,
    now: UtcTime,
) -> Result<bool, DbError> {
    let there = as_seen!(seen).filter(another_master!(seen));
    let set = (
        users::deleted_at.eq(now),
        users::token_id.eq(None::<TokenId>),
        users::token_status.eq(StoredTokenStatus::Unregistered),
        users::version.eq(users::version + 1),
    );
    let deleted = match token_id {
        Some(token_id) => {
            diesel::update(there.filter(users::token_id.eq(token_id))).set(set).execute(conn)?
        }
        None => diesel::update(there.filter(users::token_id.is_null())).set(set).execute(conn)?,
    };
    Ok(deleted == 1)
}

/// Gives a user an initial password, unlocks both secrets, and asks for the first setup again.
///
/// # Errors
/// Whatever the database says.
pub fn reset_password(
    conn: &mut DbConn,
    seen: Seen,
    login_secret_hash: &str,
) -> Result<bool, DbError> {
    let set = (
        users::login_secret_hash.eq(login_secret_hash),
        users::login_secret_changed_at.eq(None::<UtcTime>),
        users::setup_state.eq(SetupState::Initial),
        users::login_failures.eq(0),
        users::login_locked_at.eq(None::<UtcTime>),
        users::confirm_failures.eq(0),
        users::confirm_locked_at.eq(None::<UtcTime>),
        users::version.eq(users::version + 1),
    );
    Ok(diesel::update(as_seen!(seen)).set(set).execute(conn)? == 1)
}

/// Gives a user an initial confirming secret.
///
/// # Errors
/// Whatever the database says.
pub fn set_initial_confirm(conn: &mut DbConn, id: UserId, hash: &str) -> Result<(), DbError> {
    let set =
        (users::confirm_secret_hash.eq(hash), users::confirm_secret_changed_at.eq(None::<UtcTime>));
    diesel::update(users::table.find(id)).set(set).execute(conn)?;
    Ok(())
}

/// The address that an administrator wrote down for a user.
///
/// # Errors
/// Whatever the database says.
pub fn find_unverified_address(
    conn: &mut DbConn,
    user_id: UserId,
) -> Result<Option<String>, DbError> {
    Ok(unverified_addresses::table
        .find(user_id)
        .select(unverified_addresses::address)
        .first(conn)
        .optional()?)
}

/// Those of several users.
///
/// # Errors
/// Whatever the database says.
pub fn list_unverified_addresses(
    conn: &mut DbConn,
    user_ids: &[UserId],
) -> Result<Vec<(UserId, String)>, DbError> {
    Ok(unverified_addresses::table
        .filter(unverified_addresses::user_id.eq_any(user_ids.to_vec()))
        .select((unverified_addresses::user_id, unverified_addresses::address))
        .order(unverified_addresses::user_id)
        .limit(1_000)
        .load(conn)?)
}

/// Forgets an address that waited for its proof; false if none did.
///
/// # Errors
/// Whatever the database says.
pub fn delete_unverified_address(conn: &mut DbConn, user_id: UserId) -> Result<bool, DbError> {
    Ok(diesel::delete(unverified_addresses::table.find(user_id)).execute(conn)? == 1)
}

/// Writes an address down that its user has yet to prove at the next login.
///
/// # Errors
/// Whatever the database says.
pub fn set_unverified_address(
    conn: &mut DbConn,
    user_id: UserId,
    address: &str,
) -> Result<(), DbError> {
    delete_unverified_address(conn, user_id)?;
    diesel::insert_into(unverified_addresses::table)
        .values((
            unverified_addresses::user_id.eq(user_id),
            unverified_addresses::address.eq(address),
        ))
        .execute(conn)?;
    let done = users::table.find(user_id).filter(users::setup_state.eq(SetupState::Done));
    diesel::update(done).set(users::setup_state.eq(SetupState::MailPending)).execute(conn)?;
    Ok(())
}

/// Ends the first setup of a user whose address is proven already; false where there is none.
///
/// # Errors
/// Whatever the database says.
pub fn finish_setup(conn: &mut DbConn, user_id: UserId) -> Result<bool, DbError> {
    let with_address = users::table
        .find(user_id)
        .filter(users::setup_state.eq(SetupState::MailPending))
        .filter(users::mail_address.is_not_null());
    let set = users::setup_state.eq(SetupState::Done);
    Ok(diesel::update(with_address).set(set).execute(conn)? == 1)
}

/// Sets the address that the user has proven in the place of the verified one, only if it is the
/// one that an administrator wrote down.
///
/// # Errors
/// Whatever the database says.
pub fn replace_address(conn: &mut DbConn, user_id: UserId, address: &str) -> Result<bool, DbError> {
    let waiting =
        unverified_addresses::table.find(user_id).filter(unverified_addresses::address.eq(address));
    if diesel::delete(waiting).execute(conn)? == 0 {
        return Ok(false);
    }
    let set = (users::mail_address.eq(address), users::setup_state.eq(SetupState::Done));
    Ok(diesel::update(users::table.find(user_id)).set(set).execute(conn)? == 1)
}
