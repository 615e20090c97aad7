//! Unlocking: login, confirming secret and picture card of one user, with their counters.

use crate::db::DbError;
use crate::db::queries::{picture_cards, users};
use crate::domain::audit::AuditResult;
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
/// Permission: staff (by command until the staff console stands).
///
/// # Errors
/// Whatever the database says.
pub fn unlock(services: &Services, ctx: &Ctx, login_id: &str) -> Result<UnlockOutcome, DbError> {
    let (ctx, login_id) = (ctx.clone(), login_id.to_owned());
    services.db.write_blocking(move |conn| {
        let Some(user) = users::find_by_login_id(conn, ctx.portal_slug(), &login_id)? else {
            return Ok(UnlockOutcome::NoSuchUser);
        };
        let is_user_unlocked = users::unlock(conn, user.id)?;
        let is_card_unlocked = picture_cards::unlock(conn, user.id)?;
        if !is_user_unlocked && !is_card_unlocked {
            return Ok(UnlockOutcome::NothingLocked);
        }
        let object = format!("user {}", user.id);
        audit::write(conn, &ctx, "user.unlock", &object, AuditResult::Done, "")?;
        Ok(UnlockOutcome::Unlocked)
    })
}
