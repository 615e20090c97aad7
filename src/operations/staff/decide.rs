//! The second person: approves a request, which is then done in the same moment, or refuses it; and
//! the maker, who may take it back.

use crate::db::queries::staff_requests::{self, Decision};
use crate::db::queries::users;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, RequestState, StaffRequest};
use crate::operations::staff::letter::{draw_password, sealing_context};
use crate::operations::staff::standing::{NewPassword, run_in_tx};
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::StaffRequestId;
use crate::text_enum;

text_enum! {
    /// What somebody decides.
    Verdict {
        /// 承認.
        Approve = "approve",
        /// 却下.
        Refuse = "refuse",
        /// 取下げ, by the maker.
        Withdraw = "withdraw",
    }
}

/// How a decision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecideOutcome {
    /// Decided, and done where it was approved.
    Done,
    /// Its object had changed meanwhile: nothing was done, and the request is refused.
    ObjectChanged(Blocked),
    /// The maker never decides, and nobody else takes back.
    WrongPerson,
    /// Somebody was faster.
    Stale,
    /// The portal has no such request.
    NotFound,
}

/// Decides the request `id`.
///
/// Permission: checkers approve and refuse what others made; makers withdraw their own.
///
/// # Errors
/// Database, hashing or sealing trouble; refusals are values.
pub async fn decide(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    id: StaffRequestId,
    verdict: Verdict,
) -> Result<DecideOutcome, OperationError> {
    let slug = ctx.portal_slug().to_owned();
    let found = services.db.read(move |conn| staff_requests::find(conn, &slug, id)).await?;
    let Some(request) = found else { return Ok(DecideOutcome::NotFound) };
    let is_maker = verdict == Verdict::Withdraw;
    if (request.maker_id == member.id) != is_maker {
        return Ok(DecideOutcome::WrongPerson);
    }
    let needs_password = request.kind.draws_password()
        && verdict == Verdict::Approve
        && request.state == RequestState::Waiting;
    let password =
        if needs_password { Some(new_password(services, ctx, &request).await?) } else { None };
    let (ctx, member) = (ctx.clone(), member.clone());
    let outcome = services
        .db
        .write(move |conn| settle(conn, &ctx, &member, &request, verdict, password.as_ref()))
        .await?;
    Ok(outcome)
}

async fn new_password(
    services: &Services,
    ctx: &Ctx,
    request: &StaffRequest,
) -> Result<NewPassword, OperationError> {
    let (slug, user_id) = (ctx.portal_slug().to_owned(), request.user_id);
    let user = services
        .db
        .read(move |conn| match user_id {
            Some(id) => users::find_of_portal(conn, &slug, id),
            None => Ok(None),
        })
        .await?;
    let password = draw_password(&ctx.profile, request.kind, user.map(|user| user.role))?;
    let hash = services.hasher.make(&password).await?;
    let sealed = services.keys.seal(&sealing_context(request.id), password.as_bytes())?;
    Ok(NewPassword { hash, sealed })
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    member: &StaffMember,
    request: &StaffRequest,
    verdict: Verdict,
    password: Option<&NewPassword>,
) -> Result<DecideOutcome, DbError> {
    let to = match verdict {
        Verdict::Approve => RequestState::Approved,
        Verdict::Refuse => RequestState::Refused,
        Verdict::Withdraw => RequestState::Withdrawn,
    };
    let is_maker = verdict == Verdict::Withdraw;
    let decision = Decision { by: member.id, is_maker, to, at: ctx.now };
    if !staff_requests::decide(conn, ctx.portal_slug(), request.id, decision)? {
        return Ok(DecideOutcome::Stale);
    }
    let blocked = match verdict {
        Verdict::Approve => approve(conn, ctx, request, password)?,
        Verdict::Refuse | Verdict::Withdraw => None,
    };
    let object = format!("request {}", request.id);
    let (result, details) = match blocked {
        None => (AuditResult::Done, format!("{verdict}, {}", request.kind)),
        Some(why) => (AuditResult::Refused, format!("{verdict}, {}: {why}", request.kind)),
    };
    audit::write(conn, ctx, "staff.decide", &object, result, &details)?;
    Ok(blocked.map_or(DecideOutcome::Done, DecideOutcome::ObjectChanged))
}

fn approve(
    conn: &mut DbConn,
    ctx: &Ctx,
    request: &StaffRequest,
    password: Option<&NewPassword>,
) -> Result<Option<Blocked>, DbError> {
    let user = match request.user_id {
        Some(id) => users::find_of_portal(conn, ctx.portal_slug(), id)?,
        None => None,
    };
    let outcome = match user {
        Some(user) => run_in_tx(conn, ctx, request, &user, password)?,
        None => Err(Blocked::Changed),
    };
    match outcome {
        Ok(result) => {
            staff_requests::set_result(conn, request.id, RequestState::Approved, &result)?;
            Ok(None)
        }
        Err(why) => {
            let state = RequestState::Refused;
            staff_requests::set_result(conn, request.id, state, why.as_str())?;
            Ok(Some(why))
        }
    }
}
