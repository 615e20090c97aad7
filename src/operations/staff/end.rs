//! The end of a login of staff: by themselves or by time; and the note of its last use.

use crate::db::DbError;
use crate::db::queries::staff_logins;
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::staff::{StaffLogin, StaffMember};
use crate::operations::staff::log_in::object_of;
use crate::operations::{Ctx, Services, audit};

/// Ends a login. Ending one that is over already does nothing.
///
/// Permission: its own member; the rules, where it has been idle or lasted too long.
///
/// # Errors
/// Whatever the database says.
pub async fn end(
    services: &Services,
    ctx: &Ctx,
    login: &StaffLogin,
    member: &StaffMember,
    reason: EndReason,
) -> Result<(), DbError> {
    let (ctx, login, object) = (ctx.clone(), login.clone(), object_of(member));
    services
        .db
        .write(move |conn| {
            if staff_logins::end(conn, &login.id, reason, ctx.now)? {
                let why = reason.as_str();
                audit::write(conn, &ctx, "staff.end", &object, AuditResult::Done, why)?;
            }
            Ok(())
        })
        .await
}

/// Stores the last use, at most once a minute.
///
/// Permission: the login's own member.
///
/// # Errors
/// Whatever the database says.
pub async fn store_use(services: &Services, ctx: &Ctx, login: &StaffLogin) -> Result<(), DbError> {
    if !login.should_store_use(ctx.now) {
        return Ok(());
    }
    let (now, id) = (ctx.now, login.id.clone());
    services.db.claim(move |conn| staff_logins::store_use(conn, &id, now)).await
}
