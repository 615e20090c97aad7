//! Codes mailed to customers, each for one purpose.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::mail_code::{ADDRESSES_MAX, MailCode, MailCodePurpose};
use crate::domain::portal::MailCodePolicy;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;
use crate::schema::mail_codes;

/// The user's code for this purpose that is not closed.
///
/// # Errors
/// Whatever the database says.
pub fn find_open(
    conn: &mut DbConn,
    user_id: UserId,
    purpose: MailCodePurpose,
) -> Result<Option<MailCode>, DbError> {
    Ok(mail_codes::table
        .filter(mail_codes::user_id.eq(user_id))
        .filter(mail_codes::purpose.eq(purpose))
        .filter(mail_codes::closed_at.is_null())
        .select(MailCode::as_select())
        .order(mail_codes::id.desc())
        .first(conn)
        .optional()?)
}

/// Closes the user's codes for this purpose and opens a new one for `address`.
///
/// # Errors
/// Whatever the database says.
pub fn open(
    conn: &mut DbConn,
    user_id: UserId,
    purpose: MailCodePurpose,
    address: &str,
    code_digest: &str,
    policy: MailCodePolicy,
    now: UtcTime,
) -> Result<(), DbError> {
    let before = mail_codes::table
        .filter(mail_codes::user_id.eq(user_id))
        .filter(mail_codes::purpose.eq(purpose))
        .filter(mail_codes::closed_at.is_null());
    diesel::update(before).set(mail_codes::closed_at.eq(now)).execute(conn)?;
    diesel::insert_into(mail_codes::table)
        .values((
            mail_codes::user_id.eq(user_id),
            mail_codes::purpose.eq(purpose),
            mail_codes::address.eq(address),
            mail_codes::code_digest.eq(code_digest),
            mail_codes::sent_at.eq(now),
            mail_codes::expires_at.eq(policy.expiry(now)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Replaces the code for one more sending to the same address; false once all sendings are used.
/// The tries begin anew with the new code.
///
/// # Errors
/// Whatever the database says.
pub fn send_again(
    conn: &mut DbConn,
    id: i64,
    code_digest: &str,
    policy: MailCodePolicy,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = mail_codes::table
        .find(id)
        .filter(mail_codes::closed_at.is_null())
        .filter(mail_codes::sendings.lt(count(policy.sendings_max)));
    let sent = diesel::update(guarded)
        .set((
            mail_codes::code_digest.eq(code_digest),
            mail_codes::sendings.eq(mail_codes::sendings + 1),
            mail_codes::tries.eq(0),
            mail_codes::sent_at.eq(now),
            mail_codes::expires_at.eq(policy.expiry(now)),
        ))
        .execute(conn)?;
    Ok(sent == 1)
}

/// Claims one try before the code is looked at; false once tries or time are used up.
///
/// # Errors
/// Whatever the database says.
pub fn claim_try(
    conn: &mut DbConn,
    id: i64,
    policy: MailCodePolicy,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = mail_codes::table
        .find(id)
        .filter(mail_codes::closed_at.is_null())
        .filter(mail_codes::tries.lt(count(policy.failures_max)))
        .filter(mail_codes::expires_at.gt(now));
    let claimed =
        diesel::update(guarded).set(mail_codes::tries.eq(mail_codes::tries + 1)).execute(conn)?;
    Ok(claimed == 1)
}

/// Gives a claimed try back, for whoever typed the right code and failed at another proof; false
/// for a wrong or used one.
///
/// # Errors
/// Whatever the database says.
pub fn give_try_back(conn: &mut DbConn, id: i64, code_digest: &str) -> Result<bool, DbError> {
    let guarded = mail_codes::table
        .find(id)
        .filter(mail_codes::closed_at.is_null())
        .filter(mail_codes::code_digest.eq(code_digest))
        .filter(mail_codes::tries.gt(0));
    let given =
        diesel::update(guarded).set(mail_codes::tries.eq(mail_codes::tries - 1)).execute(conn)?;
    Ok(given == 1)
}

/// Uses the code up if it is this one; false for a wrong or used one.
///
/// # Errors
/// Whatever the database says.
pub fn use_up(
    conn: &mut DbConn,
    id: i64,
    code_digest: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = mail_codes::table
        .find(id)
        .filter(mail_codes::closed_at.is_null())
        .filter(mail_codes::code_digest.eq(code_digest));
    Ok(diesel::update(guarded).set(mail_codes::closed_at.eq(now)).execute(conn)? == 1)
}

/// Whether one more mail with a code for this purpose may go to this address of this user: so many
/// to one address since then, and not more than [`ADDRESSES_MAX`] times as many to all of them.
///
/// # Errors
/// Whatever the database says.
pub fn may_send(
    conn: &mut DbConn,
    user_id: UserId,
    purpose: MailCodePurpose,
    address: &str,
    policy: MailCodePolicy,
    since: UtcTime,
) -> Result<bool, DbError> {
    let sent: Vec<(String, i32)> = mail_codes::table
        .filter(mail_codes::user_id.eq(user_id))
        .filter(mail_codes::purpose.eq(purpose))
        .filter(mail_codes::sent_at.gt(since))
        .select((mail_codes::address, mail_codes::sendings))
        .order(mail_codes::id.desc())
        .limit(100)
        .load(conn)?;
    let to_this = sent.iter().filter(|(to, _)| to == address).map(|(_, n)| n).sum::<i32>();
    let to_all = sent.iter().map(|(_, n)| n).sum::<i32>();
    let max = count(policy.sendings_max);
    Ok(to_this < max && to_all < max.saturating_mul(ADDRESSES_MAX))
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
