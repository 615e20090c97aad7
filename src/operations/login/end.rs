//! The end of a login: by the user, by time, by a flow that is done; and the note of its last use.

use crate::db::DbError;
use crate::db::queries::logins;
use crate::domain::audit::AuditResult;
use crate::domain::login::{EndReason, Login};
use crate::operations::{Ctx, Services, audit};

/// Ends a login. Ending one that is over already does nothing.
///
/// Permission: its own user; the rules, where it has been idle or lasted too long.
///
/// # Errors
/// Whatever the database says.
pub async fn end(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    reason: EndReason,
) -> Result<(), DbError> {
    let (ctx, login) = (ctx.clone(), login.clone());
    services
        .db
        .write(move |conn| {
            if logins::end(conn, &login.id, reason, ctx.now)? {
                let object = format!("user {}", login.user_id);
                audit::write(conn, &ctx, "login.end", &object, AuditResult::Done, reason.as_str())?;
            }
            Ok(())
        })
        .await
}

/// Stores the last use, at most once a minute.
///
/// Permission: the login's own user.
///
/// # Errors
/// Whatever the database says.
pub async fn store_use(services: &Services, ctx: &Ctx, login: &Login) -> Result<(), DbError> {
    if !login.should_store_use(ctx.now) {
        return Ok(());
    }
    let (now, id) = (ctx.now, login.id.clone());
    services.db.claim(move |conn| logins::store_use(conn, &id, now)).await
}
