//! What staff did or asked for: a row that is the receipt of an act and lets its form act once.
//! Acts that need a second person wait there; all others stand there as done.

use crate::db::queries::staff_requests::{self, NewStaffRequest};
use crate::db::queries::users;
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, RequestState, StaffAct, StaffRequest};
use crate::operations::staff::standing::{blocked, seen};
use crate::operations::{ActAbort, Ctx, Services, audit, guard};
use crate::primitives::ids::{StaffRequestId, TokenId, UserId};

/// What a form of staff carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffKey {
    /// The hidden field.
    pub key: String,
    /// Keyed digest of act and content.
    pub payload_digest: String,
}

/// What is asked for, or was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Which act.
    pub act: StaffAct,
    /// On whom.
    pub user_id: Option<UserId>,
    /// On which token.
    pub token_id: Option<TokenId>,
    /// Form number or reason.
    pub note: String,
    /// What else the act needs.
    pub payload: String,
}

/// How a form of staff ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActOutcome {
    /// It stands there: waiting, or done.
    Made(StaffRequestId),
    /// Somebody asked for the same already.
    Waiting(StaffRequestId),
    /// It is not possible as things stand.
    Blocked(Blocked),
    /// The portal has no such user or token.
    NotFound,
    /// The key belongs to another form.
    KeyConflict,
}

/// Asks for an act on a user that a second person has to approve.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn ask(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    subject: Subject,
) -> Result<ActOutcome, DbError> {
    let (ctx, member, key) = (ctx.clone(), member.clone(), key.clone());
    services
        .db
        .write(move |conn| {
            if let Some(outcome) = known(conn, &key, &member)? {
                return Ok(outcome);
            }
            let Some(id) = subject.user_id else { return Ok(ActOutcome::NotFound) };
            let Some(user) = users::find_of_portal(conn, ctx.portal_slug(), id)? else {
                return Ok(ActOutcome::NotFound);
            };
            if let Some(why) = blocked(conn, &ctx, subject.act, &user)? {
                return Ok(ActOutcome::Blocked(why));
            }
            let payload = seen(conn, subject.act, &user)?;
            let subject = Subject { payload, ..subject.clone() };
            let row = new_row(&ctx, &member, &key, &subject, RequestState::Waiting, "");
            if !staff_requests::insert(conn, &row)? {
                let waiting = staff_requests::find_waiting(conn, subject.act, id)?;
                let known = known(conn, &key, &member)?;
                let other = waiting.map_or(ActOutcome::KeyConflict, ActOutcome::Waiting);
                return Ok(known.unwrap_or(other));
            }
            let object = format!("user {id}");
            let details = format!("{}, note: {}", subject.act, subject.note);
            audit::write(conn, &ctx, "staff.request", &object, AuditResult::Done, &details)?;
            Ok(known(conn, &key, &member)?.unwrap_or(ActOutcome::KeyConflict))
        })
        .await
}

/// Does an act that needs nobody else: `act` and its receipt, together and once.
///
/// Permission: the caller's.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub(super) async fn do_now(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    subject: Subject,
    act: impl Fn(&mut DbConn, &Ctx) -> Result<Result<String, Blocked>, ActAbort> + Send + 'static,
) -> Result<ActOutcome, DbError> {
    let (act_ctx, act_member, act_key) = (ctx.clone(), member.clone(), key.clone());
    let outcome = services
        .db
        .write(move |conn| {
            if let Some(outcome) = known(conn, &act_key, &act_member)? {
                return Ok(Some(outcome));
            }
            let done = savepoint_act(conn, |conn| {
                let result = match act(conn, &act_ctx)? {
                    Ok(result) => result,
                    Err(why) => return Ok(Some(ActOutcome::Blocked(why))),
                };
                record_in_tx(conn, &act_ctx, &act_member, &act_key, &subject, &result).map(Some)
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
        None => find_made(services, member, key).await,
    }
}

/// Writes the receipt of an act that was done just now.
///
/// # Errors
/// [`ActAbort::Stale`] where a twin of the form was faster: what was done here is to be undone.
pub(super) fn record_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    subject: &Subject,
    result: &str,
) -> Result<ActOutcome, ActAbort> {
    let row = new_row(ctx, member, key, subject, RequestState::Done, result);
    guard(staff_requests::insert(conn, &row)?)?;
    known(conn, key, member)?.ok_or(ActAbort::Stale)
}

/// What became of the form with this key, looked up anew.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn find_made(
    services: &Services,
    member: &StaffMember,
    key: &StaffKey,
) -> Result<ActOutcome, DbError> {
    let (member, key) = (member.clone(), key.clone());
    let found = services.db.read(move |conn| known(conn, &key, &member)).await?;
    Ok(found.unwrap_or(ActOutcome::KeyConflict))
}

/// What the form with this key became already.
///
/// # Errors
/// Whatever the database says.
pub(super) fn known(
    conn: &mut DbConn,
    key: &StaffKey,
    member: &StaffMember,
) -> Result<Option<ActOutcome>, DbError> {
    let found: Option<StaffRequest> = staff_requests::find_by_key(conn, &key.key)?;
    Ok(found.map(|request| {
        let is_same = request.maker_id == member.id && request.payload_digest == key.payload_digest;
        if is_same { ActOutcome::Made(request.id) } else { ActOutcome::KeyConflict }
    }))
}

fn new_row(
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    subject: &Subject,
    state: RequestState,
    result: &str,
) -> NewStaffRequest {
    NewStaffRequest {
        portal: ctx.portal_slug().to_owned(),
        kind: subject.act,
        user_id: subject.user_id,
        token_id: subject.token_id,
        note: subject.note.clone(),
        payload: subject.payload.clone(),
        request_key: key.key.clone(),
        payload_digest: key.payload_digest.clone(),
        maker_id: member.id,
        made_at: ctx.now,
        state,
        result: result.chars().take(RESULT_MAX).collect(),
    }
}

/// What the table takes.
const RESULT_MAX: usize = 500;
