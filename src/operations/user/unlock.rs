//! Unlocking: login, confirming secret and picture card of one user, with their counters.

use crate::db::queries::{picture_cards, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::user::User;
use crate::operations::{Ctx, Services, audit};

/// How an unlock ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlockOutcome {
    /// Unlocked.
    Unlocked,
    /// No such user.
    NoSuchUser,
    /// Nothing was locked or counted.
    NothingLocked,
}

/// Unlocks the user with `login_id`.
///
/// Permission: staff, by command or in the console with a second person.
///
/// # Errors
/// Whatever the database says.
pub fn unlock(services: &Services, ctx: &Ctx, login_id: &str) -> Result<UnlockOutcome, DbError> {
    let (ctx, login_id) = (ctx.clone(), login_id.to_owned());
    services.db.write_blocking(move |conn| {
        let Some(user) = users::find_by_login_id(conn, ctx.portal_slug(), &login_id)? else {
            return Ok(UnlockOutcome::NoSuchUser);
        };
        unlock_in_tx(conn, &ctx, &user, "")
    })
}

/// [`unlock`] of a user in the caller's transaction; `details` go into the audit line.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn unlock_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    details: &str,
) -> Result<UnlockOutcome, DbError> {
    let is_user_unlocked = users::unlock(conn, user.id)?;
    let is_card_unlocked = picture_cards::unlock(conn, user.id)?;
    if !is_user_unlocked && !is_card_unlocked {
        return Ok(UnlockOutcome::NothingLocked);
    }
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "user.unlock", &object, AuditResult::Done, details)?;
    Ok(UnlockOutcome::Unlocked)
}
