//! What customers change themselves: each only while what stood before still stands.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::user::SetupState;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;
use crate::schema::{mail_codes, users};

/// Changes the verified mail address, only if it is still `from`. Whoever had none is then done
/// with the first setup too.
///
/// # Errors
/// Whatever the database says.
pub fn change_mail_address(
    conn: &mut DbConn,
    id: UserId,
    from: Option<&str>,
    to: &str,
) -> Result<bool, DbError> {
    let user = users::table.find(id);
    let set = (users::mail_address.eq(to), users::setup_state.eq(SetupState::Done));
    let changed = match from {
        Some(from) => {
            diesel::update(user.filter(users::mail_address.eq(from))).set(set).execute(conn)?
        }
        None => {
            diesel::update(user.filter(users::mail_address.is_null())).set(set).execute(conn)?
        }
    };
    Ok(changed == 1)
}

/// Closes whatever codes are under way to a user: after a change of address they may lie in the
/// wrong hands.
///
/// # Errors
/// Whatever the database says.
pub fn close_mail_codes(conn: &mut DbConn, id: UserId, now: UtcTime) -> Result<usize, DbError> {
    let open = mail_codes::table
        .filter(mail_codes::user_id.eq(id))
        .filter(mail_codes::closed_at.is_null());
    Ok(diesel::update(open).set(mail_codes::closed_at.eq(now)).execute(conn)?)
}

/// Changes the telephone number, only if it is still `from`.
///
/// # Errors
/// Whatever the database says.
pub fn change_telephone(
    conn: &mut DbConn,
    id: UserId,
    from: Option<&str>,
    to: &str,
) -> Result<bool, DbError> {
    let user = users::table.find(id);
    let set = users::telephone.eq(to);
    let changed = match from {
        Some(from) => {
            diesel::update(user.filter(users::telephone.eq(from))).set(set).execute(conn)?
        }
        None => diesel::update(user.filter(users::telephone.is_null())).set(set).execute(conn)?,
    };
    Ok(changed == 1)
}

/// Changes the login secret, only if the old one still stands.
///
/// # Errors
/// Whatever the database says.
pub fn change_login_secret(
    conn: &mut DbConn,
    id: UserId,
    (from, to): (&str, &str),
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = users::table.find(id).filter(users::login_secret_hash.eq(from));
    let changed = diesel::update(guarded)
        .set((users::login_secret_hash.eq(to), users::login_secret_changed_at.eq(now)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Changes the confirming secret, only if the old one still stands.
///
/// # Errors
/// Whatever the database says.
pub fn change_confirm_secret(
    conn: &mut DbConn,
    id: UserId,
    (from, to): (&str, &str),
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = users::table.find(id).filter(users::confirm_secret_hash.eq(from));
    let changed = diesel::update(guarded)
        .set((users::confirm_secret_hash.eq(to), users::confirm_secret_changed_at.eq(now)))
        .execute(conn)?;
    Ok(changed == 1)
}
