//! People who log in: look-ups, counters, status of their token.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::{Channel, Role, SetupState, User};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, TokenId, UserId};
use crate::schema::users;

/// A user to be opened.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = users)]
pub struct NewUser {
    /// The portal's slug.
    pub portal: String,
    /// The contract.
    pub contract_id: ContractId,
    /// Typed at login.
    pub login_id: String,
    /// Role.
    pub role: Role,
    /// Name.
    pub name: String,
    /// Verified address.
    pub mail_address: Option<String>,
    /// Argon2id.
    pub login_secret_hash: String,
    /// Argon2id.
    pub confirm_secret_hash: String,
    /// First setup.
    pub setup_state: SetupState,
    /// Token.
    pub token_id: Option<TokenId>,
    /// Status.
    pub token_status: StoredTokenStatus,
    /// Since.
    pub token_since: Option<UtcTime>,
    /// Asked at login.
    pub login_otp_chosen: bool,
    /// Now.
    pub created_at: UtcTime,
}

/// Opens a user and returns the id.
///
/// # Errors
/// Whatever the database says, a taken login id too.
pub fn insert(conn: &mut DbConn, user: NewUser) -> Result<UserId, DbError> {
    Ok(diesel::insert_into(users::table).values(user).returning(users::id).get_result(conn)?)
}

/// The user with this id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: UserId) -> Result<User, DbError> {
    Ok(native!(conn, conn => users::table.find(id).select(User::as_select()).first(conn))?)
}

/// The portal's user with this login id; a deleted one is nobody, though the id stays taken.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_login_id(
    conn: &mut DbConn,
    portal: &str,
    login_id: &str,
) -> Result<Option<User>, DbError> {
    Ok(users::table
        .filter(users::portal.eq(portal))
        .filter(users::login_id.eq(login_id))
        .filter(users::deleted_at.is_null())
        .select(User::as_select())
        .first(conn)
        .optional()?)
}

/// The portal's user with this id; a deleted one is nobody.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_portal(
    conn: &mut DbConn,
    portal: &str,
    id: UserId,
) -> Result<Option<User>, DbError> {
    Ok(users::table
        .find(id)
        .filter(users::portal.eq(portal))
        .filter(users::deleted_at.is_null())
        .select(User::as_select())
        .first(conn)
        .optional()?)
}

/// The private customer of a contract.
///
/// # Errors
/// Whatever the database says.
pub fn find_customer(conn: &mut DbConn, contract_id: ContractId) -> Result<Option<User>, DbError> {
    Ok(users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::role.eq(Role::Customer))
        .select(User::as_select())
        .order(users::id)
        .first(conn)
        .optional()?)
}

/// Every user of a token, in order of id.
///
/// # Errors
/// Whatever the database says.
pub fn list_by_token(conn: &mut DbConn, token_id: TokenId) -> Result<Vec<User>, DbError> {
    Ok(users::table
        .filter(users::token_id.eq(token_id))
        .select(User::as_select())
        .order(users::id)
        .limit(5_000)
        .load(conn)?)
}

/// The users of a portal, in order of login id.
///
/// # Errors
/// Whatever the database says.
pub fn list(conn: &mut DbConn, portal: &str, limit: i64) -> Result<Vec<User>, DbError> {
    Ok(users::table
        .filter(users::portal.eq(portal))
        .select(User::as_select())
        .order(users::login_id)
        .limit(limit)
        .load(conn)?)
}

/// Claims a login attempt before the password is looked at: counts it as failed unless the login
/// is locked. False: locked.
///
/// # Errors
/// Whatever the database says.
pub fn claim_login_attempt(
    conn: &mut DbConn,
    id: UserId,
    failures_max: i32,
) -> Result<bool, DbError> {
    let guarded = users::table
        .find(id)
        .filter(users::login_locked_at.is_null())
        .filter(users::login_failures.lt(failures_max));
    let claimed = diesel::update(guarded)
        .set((
            users::login_failures.eq(users::login_failures + 1),
            users::failures_since_login.eq(users::failures_since_login + 1),
        ))
        .execute(conn)?;
    Ok(claimed == 1)
}

/// Clears the run of wrong login secrets after a right one (and gives its own claim back); false if
/// a lock came first, or the secret that was compared is not the stored one any more.
///
/// # Errors
/// Whatever the database says.
pub fn clear_login_failures(
    conn: &mut DbConn,
    id: UserId,
    verified_hash: &str,
) -> Result<bool, DbError> {
    let guarded = users::table
        .find(id)
        .filter(users::login_locked_at.is_null())
        .filter(users::login_secret_hash.eq(verified_hash));
    let cleared = diesel::update(guarded)
        .set((
            users::login_failures.eq(0),
            users::failures_since_login.eq(users::failures_since_login - 1),
        ))
        .execute(conn)?;
    Ok(cleared == 1)
}

/// Locks the login once the failures have reached the limit; false if it was locked already or the
/// limit is not reached.
///
/// # Errors
/// Whatever the database says.
pub fn lock_login(
    conn: &mut DbConn,
    id: UserId,
    failures_max: i32,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = users::table
        .find(id)
        .filter(users::login_locked_at.is_null())
        .filter(users::login_failures.ge(failures_max));
    Ok(diesel::update(guarded).set(users::login_locked_at.eq(now)).execute(conn)? == 1)
}

/// Unlocks login, confirming secret, both counters; false if nothing was locked.
///
/// # Errors
/// Whatever the database says.
pub fn unlock(conn: &mut DbConn, id: UserId) -> Result<bool, DbError> {
    let guarded = users::table.find(id).filter(
        users::login_locked_at
            .is_not_null()
            .or(users::confirm_locked_at.is_not_null())
            .or(users::login_failures.gt(0))
            .or(users::confirm_failures.gt(0)),
    );
    let unlocked = diesel::update(guarded)
        .set((
            users::login_locked_at.eq(None::<UtcTime>),
            users::login_failures.eq(0),
            users::confirm_locked_at.eq(None::<UtcTime>),
            users::confirm_failures.eq(0),
        ))
        .execute(conn)?;
    Ok(unlocked == 1)
}

/// Claims an attempt at the confirming secret; false: locked, or as many tries as there are left
/// are being looked at.
///
/// # Errors
/// Whatever the database says.
pub fn claim_confirm_attempt(
    conn: &mut DbConn,
    id: UserId,
    failures_max: i32,
) -> Result<bool, DbError> {
    let guarded = users::table
        .find(id)
        .filter(users::confirm_locked_at.is_null())
        .filter(users::confirm_failures.lt(failures_max));
    let claimed = diesel::update(guarded)
        .set(users::confirm_failures.eq(users::confirm_failures + 1))
        .execute(conn)?;
    Ok(claimed == 1)
}

/// Clears the run of wrong confirming secrets.
///
/// # Errors
/// Whatever the database says.
pub fn clear_confirm_failures(conn: &mut DbConn, id: UserId) -> Result<(), DbError> {
    diesel::update(users::table.find(id)).set(users::confirm_failures.eq(0)).execute(conn)?;
    Ok(())
}

/// Locks the confirming secret once its failures have reached the limit.
///
/// # Errors
/// Whatever the database says.
pub fn lock_confirm(
    conn: &mut DbConn,
    id: UserId,
    failures_max: i32,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = users::table
        .find(id)
        .filter(users::confirm_locked_at.is_null())
        .filter(users::confirm_failures.ge(failures_max));
    Ok(diesel::update(guarded).set(users::confirm_locked_at.eq(now)).execute(conn)? == 1)
}

/// Notes a complete login and returns nothing; the login's row keeps what the top page shows.
///
/// # Errors
/// Whatever the database says.
pub fn note_login(
    conn: &mut DbConn,
    id: UserId,
    channel: Channel,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::update(users::table.find(id))
        .set((
            users::last_login_at.eq(now),
            users::last_login_channel.eq(channel),
            users::failures_since_login.eq(0),
        ))
        .execute(conn)?;
    Ok(())
}

/// What a user's token columns become.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub struct TokenColumns {
    /// The token.
    pub token_id: Option<TokenId>,
    /// The status.
    pub token_status: StoredTokenStatus,
    /// Since.
    pub token_since: Option<UtcTime>,
    /// Revoked when.
    pub revoked_at: Option<UtcTime>,
    /// Asked at login.
    pub login_otp_chosen: bool,
}

/// Changes the token columns only if status and token are still as read.
///
/// # Errors
/// Whatever the database says.
pub fn update_token(
    conn: &mut DbConn,
    id: UserId,
    from_status: StoredTokenStatus,
    from_token: Option<TokenId>,
    to: &TokenColumns,
) -> Result<bool, DbError> {
    let guarded = users::table.find(id).filter(users::token_status.eq(from_status));
    let changed = match from_token {
        Some(token_id) => {
            diesel::update(guarded.filter(users::token_id.eq(token_id))).set(to).execute(conn)?
        }
        None => diesel::update(guarded.filter(users::token_id.is_null())).set(to).execute(conn)?,
    };
    Ok(changed == 1)
}

/// Opens at `now`, or lengthens, the hold; false if it lasts as long already.
///
/// # Errors
/// Whatever the database says.
pub fn set_hold(
    conn: &mut DbConn,
    id: UserId,
    now: UtcTime,
    until: UtcTime,
) -> Result<bool, DbError> {
    let over =
        users::table.find(id).filter(users::hold_until.is_null().or(users::hold_until.le(now)));
    diesel::update(over).set(users::hold_from.eq(now)).execute(conn)?;
    let shorter =
        users::table.find(id).filter(users::hold_until.is_null().or(users::hold_until.lt(until)));
    Ok(diesel::update(shorter).set(users::hold_until.eq(until)).execute(conn)? == 1)
}

/// Lifts a hold that lasts at `now`; false if there is none.
///
/// # Errors
/// Whatever the database says.
pub fn lift_hold(conn: &mut DbConn, id: UserId, now: UtcTime) -> Result<bool, DbError> {
    let held = users::table.find(id).filter(users::hold_until.gt(now));
    Ok(diesel::update(held).set(users::hold_until.eq(None::<UtcTime>)).execute(conn)? == 1)
}

/// Marks the emergency stop; false if it is marked already.
///
/// # Errors
/// Whatever the database says.
pub fn stop(conn: &mut DbConn, id: UserId, now: UtcTime) -> Result<bool, DbError> {
    let running = users::table.find(id).filter(users::stopped_at.is_null());
    Ok(diesel::update(running).set(users::stopped_at.eq(now)).execute(conn)? == 1)
}

/// Lifts the emergency stop; false if there is none.
///
/// # Errors
/// Whatever the database says.
pub fn lift_stop(conn: &mut DbConn, id: UserId) -> Result<bool, DbError> {
    let stopped = users::table.find(id).filter(users::stopped_at.is_not_null());
    Ok(diesel::update(stopped).set(users::stopped_at.eq(None::<UtcTime>)).execute(conn)? == 1)
}

/// Sets both secrets of the first setup, only while the initial password that was proven, with the
/// hash `initial`, still holds: another reset may have come since.
///
/// # Errors
/// Whatever the database says.
pub fn set_first_secrets(
    conn: &mut DbConn,
    id: UserId,
    initial: &str,
    (login_secret_hash, confirm_secret_hash): (&str, &str),
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = users::table
        .find(id)
        .filter(users::setup_state.eq(SetupState::Initial))
        .filter(users::login_secret_hash.eq(initial));
    let changed = diesel::update(guarded)
        .set((
            users::login_secret_hash.eq(login_secret_hash),
            users::confirm_secret_hash.eq(confirm_secret_hash),
            users::login_secret_changed_at.eq(now),
            users::confirm_secret_changed_at.eq(now),
            users::setup_state.eq(SetupState::MailPending),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Puts an initial password in the place of the login secret, which begins the first setup anew;
/// false for a deleted user.
///
/// # Errors
/// Whatever the database says.
pub fn reset_login_secret(conn: &mut DbConn, id: UserId, hash: &str) -> Result<bool, DbError> {
    let set_up = users::table.find(id).filter(users::deleted_at.is_null());
    let reset = diesel::update(set_up)
        .set((
            users::login_secret_hash.eq(hash),
            users::setup_state.eq(SetupState::Initial),
            users::login_secret_changed_at.eq(None::<UtcTime>),
            users::login_failures.eq(0),
            users::login_locked_at.eq(None::<UtcTime>),
            users::confirm_failures.eq(0),
            users::confirm_locked_at.eq(None::<UtcTime>),
            users::version.eq(users::version + 1),
        ))
        .execute(conn)?;
    Ok(reset == 1)
}

/// Sets the first verified mail address and ends the first setup; false where there is one already,
/// which only BCI002 changes.
///
/// # Errors
/// Whatever the database says.
pub fn set_mail_address(conn: &mut DbConn, id: UserId, address: &str) -> Result<bool, DbError> {
    let without = users::table.find(id).filter(users::mail_address.is_null());
    let set = diesel::update(without)
        .set((users::mail_address.eq(address), users::setup_state.eq(SetupState::Done)))
        .execute(conn)?;
    Ok(set == 1)
}

/// Whether the login secret that was proven still holds. The row is written, so that a change of
/// the secret and whatever rests on it come one after the other.
///
/// # Errors
/// Whatever the database says.
pub fn still_has_login_secret(
    conn: &mut DbConn,
    id: UserId,
    verified_hash: &str,
) -> Result<bool, DbError> {
    let same = users::table
        .find(id)
        .filter(users::login_secret_hash.eq(verified_hash))
        .filter(users::deleted_at.is_null());
    let touched =
        diesel::update(same).set(users::login_secret_hash.eq(verified_hash)).execute(conn)?;
    Ok(touched == 1)
}

/// Stores a hash made with raised parameters, only if the old one still stands.
///
/// # Errors
/// Whatever the database says.
pub fn replace_login_hash(
    conn: &mut DbConn,
    id: UserId,
    old: &str,
    new: &str,
) -> Result<bool, DbError> {
    let guarded = users::table.find(id).filter(users::login_secret_hash.eq(old));
    Ok(diesel::update(guarded).set(users::login_secret_hash.eq(new)).execute(conn)? == 1)
}
