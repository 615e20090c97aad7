//! The present login secret, asked before another takes its place: claim, compare, settle, with the
//! counter and the lock of the login.

use crate::db::queries::users;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::user::User;
use crate::operations::login::identify::lock_if_due;
use crate::operations::proof::{ProofRefusal, remaining_to_tell};
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};

/// Proves the login secret. A right answer is cleared by [`clear_in_tx`] with the act; a wrong one
/// is on disk when this returns.
///
/// # Errors
/// Database or hashing trouble; a refusal is a value.
pub async fn prove(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    secret: &str,
) -> Result<Result<(), ProofRefusal>, OperationError> {
    let limit = count_limit(ctx.profile.credentials.login_failures_max);
    let user_id = user.id;
    let claim_ctx = ctx.clone();
    let is_claimed = services
        .db
        .claim(move |conn| {
            let is_claimed = users::claim_login_attempt(conn, user_id, limit)?;
            if !is_claimed {
                let object = format!("user {user_id}");
                let refused = AuditResult::Refused;
                audit::write(conn, &claim_ctx, "login.check", &object, refused, "locked")?;
            }
            Ok::<_, DbError>(is_claimed)
        })
        .await?;
    if !is_claimed {
        return Ok(Err(ProofRefusal::LoginSecretLocked));
    }
    if services.hasher.verify(&user.login_secret_hash, secret).await?.is_match {
        return Ok(Ok(()));
    }
    let (ctx, user) = (ctx.clone(), user.clone());
    let refusal = services.db.write(move |conn| settle_failure(conn, &ctx, &user, limit)).await?;
    Ok(Err(refusal))
}

fn settle_failure(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    limit: i32,
) -> Result<ProofRefusal, DbError> {
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "login.check", &object, AuditResult::Refused, "wrong")?;
    lock_if_due(conn, ctx, user, limit)?;
    let user = users::get(conn, user.id)?;
    if user.login_locked_at.is_some() {
        return Ok(ProofRefusal::LoginSecretLocked);
    }
    let failures_max = ctx.profile.credentials.login_failures_max;
    let remaining = remaining_to_tell(user.login_failures, failures_max);
    Ok(ProofRefusal::LoginSecretWrong { remaining })
}

/// Gives the claim back after a right answer, in the act's transaction; refused if a lock came
/// first.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub fn clear_in_tx(conn: &mut DbConn, user: &User) -> Result<Result<(), ProofRefusal>, DbError> {
    let is_cleared = users::clear_login_failures(conn, user.id, &user.login_secret_hash)?;
    Ok(if is_cleared { Ok(()) } else { Err(ProofRefusal::LoginSecretLocked) })
}
