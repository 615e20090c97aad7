//! 登録番号: what staff hand out after a private customer's token was revoked. The customer's next
//! token cannot be registered without it.

use crate::db::queries::{registration_numbers, staff_letters, users};
use crate::db::savepoint_act;
use crate::domain::audit::AuditResult;
use crate::domain::registration_number::{LIFETIME, is_needed};
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::domain::user::User;
use crate::operations::staff::letter::sealing_context;
use crate::operations::staff::request::{
    ActOutcome, StaffKey, Subject, find_made, known, record_in_tx,
};
use crate::operations::token::registration_number::digest;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit};
use crate::primitives::ids::random_below;
use zeroize::Zeroizing;

const NUMBERS: u32 = 100_000_000;

/// Hands a number out; the one before is of no use any more. It lies sealed until whoever handed it
/// out has looked at it, once.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Database trouble or no randomness; a refusal is a value.
pub async fn hand_out(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    user: &User,
    note: String,
) -> Result<ActOutcome, OperationError> {
    let number = Zeroizing::new(format!("{:08}", random_below(NUMBERS)?));
    let subject = Subject {
        act: StaffAct::RegistrationNumber,
        user_id: Some(user.id),
        token_id: None,
        note,
        payload: String::new(),
    };
    let (act_ctx, act_member, act_key, user_id) =
        (ctx.clone(), member.clone(), key.clone(), user.id);
    let outcome = services
        .db
        .write(move |conn| {
            if let Some(outcome) = known(conn, &act_key, &act_member)? {
                return Ok(Some(outcome));
            }
            let user = users::get(conn, user_id)?;
            if user.deleted_at.is_some() || !is_needed(&act_ctx.profile, &user) {
                return Ok(Some(ActOutcome::Blocked(Blocked::WrongStatus)));
            }
            let done = savepoint_act(conn, |conn| {
                let made = record_in_tx(conn, &act_ctx, &act_member, &act_key, &subject, "")?;
                let ActOutcome::Made(id) = made else { return Err(ActAbort::Stale) };
                let (ctx, act) = (&act_ctx, StaffAct::RegistrationNumber);
                let sealed = ctx.keys.seal(&sealing_context(id), number.as_bytes());
                let sealed = sealed.map_err(|_| ActAbort::Stale)?;
                staff_letters::forget(conn, user_id, &[act], ctx.now)?;
                staff_letters::insert(conn, id, ctx.portal_slug(), user_id, &sealed, ctx.now)?;
                let number_digest = digest(&ctx.keys, user_id, &number);
                let times = (ctx.now, ctx.now + LIFETIME);
                registration_numbers::replace(conn, user_id, &number_digest, times)?;
                let (object, details) = (format!("user {user_id}"), format!("request {id}"));
                audit::write(conn, ctx, act.as_str(), &object, AuditResult::Done, &details)?;
                Ok(Some(made))
            });
            match done {
                Ok(outcome) => Ok(outcome),
                Err(ActAbort::Stale) => Ok(None),
                Err(ActAbort::Db(error)) => Err(error),
            }
        })
        .await?;
    match outcome {
        Some(outcome) => Ok(outcome),
        None => Ok(find_made(services, member, key).await?),
    }
}
