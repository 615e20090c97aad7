//! The confirming secret (確認用パスワード): claim, compare, settle, with a counter of its own.

use crate::db::queries::users;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::user::User;
use crate::operations::proof::{ProofRefusal, remaining_to_tell};
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};

/// Proves the confirming secret. A right answer is cleared by [`clear_in_tx`] with the act; a wrong
/// one is on disk when this returns.
///
/// # Errors
/// Database or hashing trouble; a refusal is a value.
pub async fn prove(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    secret: &str,
) -> Result<Result<(), ProofRefusal>, OperationError> {
    let failures_max = ctx.profile.credentials.confirm_failures_max;
    let user_id = user.id;
    let claim_ctx = ctx.clone();
    let is_claimed = services
        .db
        .claim(move |conn| {
            let is_claimed =
                users::claim_confirm_attempt(conn, user_id, count_limit(failures_max))?;
            if !is_claimed {
                let object = format!("user {user_id}");
                let refused = AuditResult::Refused;
                audit::write(conn, &claim_ctx, "confirm.check", &object, refused, "locked")?;
            }
            Ok::<_, DbError>(is_claimed)
        })
        .await?;
    if !is_claimed {
        return Ok(Err(ProofRefusal::ConfirmLocked));
    }
    if services.hasher.verify(&user.confirm_secret_hash, secret).await?.is_match {
        return Ok(Ok(()));
    }
    let ctx = ctx.clone();
    let refusal =
        services.db.write(move |conn| settle_failure(conn, &ctx, user_id, failures_max)).await?;
    Ok(Err(refusal))
}

fn settle_failure(
    conn: &mut DbConn,
    ctx: &Ctx,
    user_id: crate::primitives::ids::UserId,
    failures_max: u32,
) -> Result<ProofRefusal, DbError> {
    let is_locked = users::lock_confirm(conn, user_id, count_limit(failures_max), ctx.now)?;
    let object = format!("user {user_id}");
    audit::write(conn, ctx, "confirm.check", &object, AuditResult::Refused, "wrong")?;
    if is_locked {
        audit::write(conn, ctx, "confirm.lock", &object, AuditResult::Done, "")?;
        return Ok(ProofRefusal::ConfirmLocked);
    }
    let user = users::get(conn, user_id)?;
    if user.confirm_locked_at.is_some() {
        return Ok(ProofRefusal::ConfirmLocked);
    }
    let remaining = remaining_to_tell(user.confirm_failures, failures_max);
    Ok(ProofRefusal::ConfirmWrong { remaining })
}

/// Gives the claim back after a right answer, in the act's transaction.
///
/// # Errors
/// Whatever the database says.
pub fn clear_in_tx(conn: &mut DbConn, user: &User) -> Result<(), DbError> {
    users::clear_confirm_failures(conn, user.id)
}
