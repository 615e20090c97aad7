//! 登録番号 beside serial and code (BOM102, BOR002) and beside the application (BOT001): whoever had
//! a token revoked by staff needs the number that staff handed out.
//!
//! Rule: a try counts on the number and on the attempt before anything is looked at; a number that
//! was used up, has ended or was never handed out reads like a wrong one. It is spent when the
//! token is started.

use crate::db::queries::{flows, registration_numbers};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::Flow;
use crate::domain::registration_number::is_needed;
use crate::domain::user::User;
use crate::operations::proof::ProofRefusal;
use crate::operations::step::StepOutcome;
use crate::operations::token::registration::end_if_used_up;
use crate::operations::{Ctx, Services, audit, count_limit};
use crate::primitives::ids::UserId;
use crate::primitives::keys::KeyRing;

/// The keyed digest under which a number is kept.
#[must_use]
pub fn digest(keys: &KeyRing, user_id: UserId, number: &str) -> String {
    keys.digest("registration number", &format!("{user_id} {number}"))
}

/// Proves the number: its digest, for the act that rests on it. Nothing where none is needed. A
/// wrong one is on disk when this returns.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub(in crate::operations) async fn prove(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    flow: &Flow,
    number: Option<&str>,
) -> Result<Result<Option<String>, StepOutcome>, DbError> {
    if !is_needed(&ctx.profile, user) {
        return Ok(Ok(None));
    }
    let given = digest(&services.keys, user.id, number.unwrap_or_default());
    let (ctx, user, flow) = (ctx.clone(), user.clone(), flow.clone());
    services.db.claim(move |conn| claim(conn, &ctx, &user, &flow, &given)).await
}

fn claim(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    flow: &Flow,
    given: &str,
) -> Result<Result<Option<String>, StepOutcome>, DbError> {
    let is_claimed = registration_numbers::claim_try(conn, user.id, ctx.now)?;
    if is_claimed && registration_numbers::settle_right(conn, user.id, given)? {
        return Ok(Ok(Some(given.to_owned())));
    }
    let details = if is_claimed { "wrong" } else { "there is none to try" };
    let object = format!("user {}", user.id);
    let name = "token.registration_number";
    audit::write(conn, ctx, name, &object, AuditResult::Refused, details)?;
    let max = count_limit(ctx.profile.tokens.attempt_failures_max);
    if !flows::claim_failure(conn, &flow.id, max)? {
        return Ok(Err(StepOutcome::Stale));
    }
    let refused = StepOutcome::Refused(vec![ProofRefusal::RegistrationNumberWrong]);
    end_if_used_up(conn, ctx, flow, refused).map(Err)
}
