//! Tokens: stock, registration, and the counters of wrong codes.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::update_one;
use crate::db::{DbConn, DbError};
use crate::domain::portal::Throttle;
use crate::domain::token::{OtpAlgorithm, Token, TokenKind, TokenState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, TokenId, UserId};
use crate::primitives::keys::Sealed;
use crate::schema::{otp_failures, release_approvals, tokens};

/// A token to be put into stock.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = tokens)]
pub struct NewToken {
    /// The portal's slug.
    pub portal: String,
    /// Upper case.
    pub serial: String,
    /// Kind.
    pub kind: TokenKind,
    /// Usually stock.
    pub state: TokenState,
    /// The contract, where it is shipped already.
    pub contract_id: Option<ContractId>,
    /// Hash.
    pub algorithm: OtpAlgorithm,
    /// 6 or 8.
    pub digits: i32,
    /// 30 or 60.
    pub period_seconds: i32,
    /// Sealed secret.
    pub secret_sealed: Vec<u8>,
    /// Its key.
    pub sealing_key_id: String,
    /// From the maker's file.
    pub drift_steps: i32,
    /// The same.
    pub drift_base_steps: i32,
    /// The maker's first moment of use.
    pub valid_from: Option<UtcTime>,
    /// 有効期限.
    pub expires_at: Option<UtcTime>,
    /// Now.
    pub imported_at: UtcTime,
    /// Where it is shipped already.
    pub shipped_at: Option<UtcTime>,
}

/// Puts a token into stock; false if the portal has the serial already.
///
/// # Errors
/// Whatever the database says beside that.
pub fn insert(conn: &mut DbConn, token: &NewToken) -> Result<bool, DbError> {
    crate::db::insert_or_conflict(conn, |conn| {
        diesel::insert_into(tokens::table).values(token.clone()).execute(conn)
    })
}

/// The token with this id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: TokenId) -> Result<Token, DbError> {
    Ok(native!(conn, conn => tokens::table.find(id).select(Token::as_select()).first(conn))?)
}

/// The portal's token with this serial.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_serial(
    conn: &mut DbConn,
    portal: &str,
    serial: &str,
) -> Result<Option<Token>, DbError> {
    Ok(tokens::table
        .filter(tokens::portal.eq(portal))
        .filter(tokens::serial.eq(serial))
        .select(Token::as_select())
        .first(conn)
        .optional()?)
}

/// The portal's tokens in order of serial, at most `limit`, after `after_serial`.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    portal: Option<&str>,
    state: Option<TokenState>,
    limit: i64,
) -> Result<Vec<Token>, DbError> {
    let mut query = tokens::table.select(Token::as_select()).into_boxed();
    if let Some(portal) = portal {
        query = query.filter(tokens::portal.eq(portal));
    }
    if let Some(state) = state {
        query = query.filter(tokens::state.eq(state));
    }
    Ok(query.order((tokens::portal, tokens::serial)).limit(limit).load(conn)?)
}

/// Claims one attempt before a code is looked at: counts it as failed, unless the token is
/// suspended, has to wait, or saw the same digits within the repeat window. False: not claimed.
///
/// # Errors
/// Whatever the database says.
pub fn claim_attempt(
    conn: &mut DbConn,
    id: TokenId,
    code_digest: &str,
    now: UtcTime,
    throttle: &Throttle,
) -> Result<bool, DbError> {
    let waited_since = now - TimeDelta::seconds(throttle.wait_seconds.into());
    let repeated_since = now - TimeDelta::seconds(throttle.repeat_seconds.into());
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let wait_after = if throttle.wait_after > 0 { count(throttle.wait_after) } else { i32::MAX };
    let guarded = tokens::table
        .find(id)
        .filter(tokens::suspended_at.is_null())
        .filter(tokens::failures.lt(count(throttle.failures_max)))
        .filter(
            tokens::failures
                .lt(wait_after)
                .or(tokens::last_failure_at.is_null())
                .or(tokens::last_failure_at.le(waited_since)),
        )
        .filter(
            tokens::last_code_digest
                .is_null()
                .or(tokens::last_code_digest.ne(code_digest))
                .or(tokens::last_code_at.le(repeated_since)),
        );
    let claim = diesel::update(guarded).set((
        tokens::failures.eq(tokens::failures + 1),
        tokens::last_failure_at.eq(now),
        tokens::last_code_digest.eq(code_digest),
        tokens::last_code_at.eq(now),
    ));
    Ok(update_one!(conn, claim)?)
}

/// Accepts a step once and only forwards, learns the drift and clears the run of failures.
/// False: the step, or a later one, was accepted before.
///
/// # Errors
/// Whatever the database says.
pub fn accept_step(
    conn: &mut DbConn,
    id: TokenId,
    step: i64,
    drift_steps: i32,
    (used_by, now): (Option<UserId>, UtcTime),
) -> Result<bool, DbError> {
    let unused = tokens::table
        .find(id)
        .filter(tokens::suspended_at.is_null())
        .filter(tokens::last_accepted_step.is_null().or(tokens::last_accepted_step.lt(step)));
    let acceptance = diesel::update(unused).set((
        tokens::last_accepted_step.eq(step),
        tokens::drift_steps.eq(drift_steps),
        tokens::failures.eq(0),
        tokens::last_failure_at.eq(None::<UtcTime>),
        tokens::last_used_at.eq(now),
        tokens::last_used_by.eq(used_by),
    ));
    Ok(update_one!(conn, acceptance)?)
}

/// Clears the run of failures after a code that was not made from the time. False: the token is
/// suspended.
///
/// # Errors
/// Whatever the database says.
pub fn clear_failures(
    conn: &mut DbConn,
    id: TokenId,
    (used_by, now): (Option<UserId>, UtcTime),
) -> Result<bool, DbError> {
    let live = tokens::table.find(id).filter(tokens::suspended_at.is_null());
    let cleared = diesel::update(live).set((
        tokens::failures.eq(0),
        tokens::last_failure_at.eq(None::<UtcTime>),
        tokens::last_used_at.eq(now),
        tokens::last_used_by.eq(used_by),
    ));
    Ok(cleared.execute(conn)? == 1)
}

/// Sets the drift from which later learning is bounded (first registration, resynchronisation).
///
/// # Errors
/// Whatever the database says.
pub fn set_drift_base(conn: &mut DbConn, id: TokenId, drift_steps: i32) -> Result<(), DbError> {
    diesel::update(tokens::table.find(id))
        .set((tokens::drift_steps.eq(drift_steps), tokens::drift_base_steps.eq(drift_steps)))
        .execute(conn)?;
    Ok(())
}

/// Writes a wrong code down for the sliding window and counts the window.
///
/// # Errors
/// Whatever the database says.
pub fn record_failure(
    conn: &mut DbConn,
    id: TokenId,
    now: UtcTime,
    since: UtcTime,
) -> Result<i64, DbError> {
    let failure = diesel::insert_into(otp_failures::table)
        .values((otp_failures::token_id.eq(id), otp_failures::failed_at.eq(now)));
    native!(conn, conn => failure.execute(conn))?;
    let window = otp_failures::table
        .filter(otp_failures::token_id.eq(id))
        .filter(otp_failures::failed_at.gt(since))
        .count();
    Ok(native!(conn, conn => window.get_result(conn))?)
}

/// Suspends the token once `failures_at_least` wrong codes came in a row (0: whatever they are);
/// false if it is suspended already or the run is shorter.
///
/// # Errors
/// Whatever the database says.
pub fn suspend(
    conn: &mut DbConn,
    id: TokenId,
    failures_at_least: i32,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = tokens::table
        .find(id)
        .filter(tokens::suspended_at.is_null())
        .filter(tokens::failures.ge(failures_at_least));
    Ok(diesel::update(guarded).set(tokens::suspended_at.eq(now)).execute(conn)? == 1)
}

/// Releases the suspension and clears both counters; false if nothing was suspended.
///
/// # Errors
/// Whatever the database says.
pub fn release(conn: &mut DbConn, id: TokenId, failures_max: i32) -> Result<bool, DbError> {
    let guarded = tokens::table
        .find(id)
        .filter(tokens::suspended_at.is_not_null().or(tokens::failures.ge(failures_max)));
    let released = diesel::update(guarded)
        .set((
            tokens::suspended_at.eq(None::<UtcTime>),
            tokens::failures.eq(0),
            tokens::last_failure_at.eq(None::<UtcTime>),
        ))
        .execute(conn)?;
    if released == 1 {
        diesel::delete(otp_failures::table.filter(otp_failures::token_id.eq(id))).execute(conn)?;
        // An approval was of this suspension, not of the next one.
        diesel::delete(release_approvals::table.find(id)).execute(conn)?;
    }
    Ok(released == 1)
}

/// Moves the token between states only if it still stands in `from`.
///
/// # Errors
/// Whatever the database says.
pub fn update_state(
    conn: &mut DbConn,
    id: TokenId,
    from: TokenState,
    to: TokenState,
    now: UtcTime,
) -> Result<bool, DbError> {
    let retired_at = (to == TokenState::Retired).then_some(now);
    let guarded = tokens::table.find(id).filter(tokens::state.eq(from));
    let moved = diesel::update(guarded)
        .set((tokens::state.eq(to), tokens::retired_at.eq(retired_at)))
        .execute(conn)?;
    Ok(moved == 1)
}

/// Which of these serials the portal has.
///
/// # Errors
/// Whatever the database says.
pub fn list_known_serials(
    conn: &mut DbConn,
    portal: &str,
    serials: &[String],
) -> Result<std::collections::BTreeSet<String>, DbError> {
    let known: Vec<String> = tokens::table
        .filter(tokens::portal.eq(portal))
        .filter(tokens::serial.eq_any(serials.to_vec()))
        .select(tokens::serial)
        .order(tokens::serial)
        .limit(i64::try_from(serials.len()).unwrap_or(i64::MAX))
        .load(conn)?;
    Ok(known.into_iter().collect())
}

/// How many tokens of a contract stand where.
///
/// # Errors
/// Whatever the database says.
pub fn count_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
) -> Result<Vec<(TokenState, i64)>, DbError> {
    Ok(tokens::table
        .filter(tokens::contract_id.eq(contract_id))
        .group_by(tokens::state)
        .select((tokens::state, diesel::dsl::count_star()))
        .order(tokens::state)
        .load(conn)?)
}

/// Ships a token from stock to a contract; false if it is not in stock any more.
///
/// # Errors
/// Whatever the database says.
pub fn ship(
    conn: &mut DbConn,
    id: TokenId,
    contract_id: ContractId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = tokens::table.find(id).filter(tokens::state.eq(TokenState::Stock));
    let shipped = diesel::update(guarded)
        .set((
            tokens::state.eq(TokenState::Shipped),
            tokens::contract_id.eq(contract_id),
            tokens::shipped_at.eq(now),
        ))
        .execute(conn)?;
    Ok(shipped == 1)
}

/// Forgets failures that no sliding window sees any more.
///
/// # Errors
/// Whatever the database says.
pub fn delete_failures_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    Ok(diesel::delete(otp_failures::table.filter(otp_failures::failed_at.lt(before)))
        .execute(conn)?)
}

/// The portal's tokens in use whose expiry lies within `(now, until]`, at most `limit` after the
/// token `after`, in order of their ids.
///
/// # Errors
/// Whatever the database says.
pub fn list_expiring(
    conn: &mut DbConn,
    portal: &str,
    now: UtcTime,
    until: UtcTime,
    after: TokenId,
    limit: i64,
) -> Result<Vec<Token>, DbError> {
    Ok(tokens::table
        .filter(tokens::portal.eq(portal))
        .filter(tokens::state.eq(TokenState::InUse))
        .filter(tokens::id.gt(after))
        .filter(tokens::expires_at.gt(now).and(tokens::expires_at.le(until)).assume_not_null())
        .select(Token::as_select())
        .order(tokens::id)
        .limit(limit)
        .load(conn)?)
}

/// How many tokens the portal has in each state.
///
/// # Errors
/// Whatever the database says.
pub fn count_by_state(conn: &mut DbConn, portal: &str) -> Result<Vec<(TokenState, i64)>, DbError> {
    Ok(tokens::table
        .filter(tokens::portal.eq(portal))
        .group_by(tokens::state)
        .select((tokens::state, diesel::dsl::count_star()))
        .order(tokens::state)
        .load(conn)?)
}

/// Gives a token that belongs to nobody yet to a contract; false if somebody was faster.
///
/// # Errors
/// Whatever the database says.
pub fn take_over(conn: &mut DbConn, id: TokenId, contract_id: ContractId) -> Result<bool, DbError> {
    let free = tokens::table.find(id).filter(tokens::contract_id.is_null());
    Ok(diesel::update(free).set(tokens::contract_id.eq(contract_id)).execute(conn)? == 1)
}

/// Sets the end of a token's validity.
///
/// # Errors
/// Whatever the database says.
pub fn set_expiry(
    conn: &mut DbConn,
    id: TokenId,
    expires_at: Option<UtcTime>,
) -> Result<(), DbError> {
    diesel::update(tokens::table.find(id)).set(tokens::expires_at.eq(expires_at)).execute(conn)?;
    Ok(())
}

/// Tokens whose run of failures is full but that were never marked suspended: the server died
/// between the last claim and its outcome.
///
/// # Errors
/// Whatever the database says.
pub fn list_unsettled(
    conn: &mut DbConn,
    portal: &str,
    failures_max: i32,
    before: UtcTime,
) -> Result<Vec<TokenId>, DbError> {
    Ok(tokens::table
        .filter(tokens::portal.eq(portal))
        .filter(tokens::suspended_at.is_null())
        .filter(tokens::failures.ge(failures_max))
        .filter(tokens::last_failure_at.lt(before))
        .select(tokens::id)
        .limit(100)
        .load(conn)?)
}

/// The portal's tokens whose secret another key than `key_id` sealed, at most `limit` after the
/// token `after`, in order of their ids.
///
/// # Errors
/// Whatever the database says.
pub fn list_sealed_otherwise(
    conn: &mut DbConn,
    portal: &str,
    key_id: &str,
    after: TokenId,
    limit: i64,
) -> Result<Vec<Token>, DbError> {
    Ok(tokens::table
        .filter(tokens::portal.eq(portal))
        .filter(tokens::sealing_key_id.ne(key_id))
        .filter(tokens::id.gt(after))
        .select(Token::as_select())
        .order(tokens::id)
        .limit(limit)
        .load(conn)?)
}

/// Puts a secret sealed anew in the place of `before`; false if that is not what stands there.
///
/// # Errors
/// Whatever the database says.
pub fn reseal(
    conn: &mut DbConn,
    id: TokenId,
    before: &[u8],
    sealed: &Sealed,
) -> Result<bool, DbError> {
    let unchanged = tokens::table.find(id).filter(tokens::secret_sealed.eq(before));
    let resealed = diesel::update(unchanged)
        .set((tokens::secret_sealed.eq(&sealed.bytes), tokens::sealing_key_id.eq(&sealed.key_id)))
        .execute(conn)?;
    Ok(resealed == 1)
}

/// How many secrets of all portals another key than `key_id` sealed.
///
/// # Errors
/// Whatever the database says.
pub fn count_sealed_otherwise(conn: &mut DbConn, key_id: &str) -> Result<i64, DbError> {
    Ok(tokens::table.filter(tokens::sealing_key_id.ne(key_id)).count().get_result(conn)?)
}
