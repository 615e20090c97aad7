//! Acts on a file that need no proof beside the login: they take it out of the way, nothing goes
//! out by them.

use super::{BulkAbort, Done, SeenFile, actor, audited_as, find_visible, note, object};
use crate::db::queries::{bulk_files, one_time_keys, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::{BulkAct, BulkFile, BulkObstacle, decide};
use crate::domain::user::User;
use crate::operations::one_time_key::RequestKey;
use crate::operations::step::{Outcome, StepOutcome, once};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};

/// The proof of these acts, as the history names it.
const NO_PROOF: &str = "none";

/// What the form of one file sends.
#[derive(Debug, Clone)]
pub struct BulkChange {
    /// Who acts.
    pub user: User,
    /// The file as it was shown.
    pub seen: SeenFile,
    /// What is written to it.
    pub comment: String,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// As any step of a flow.
    Step(StepOutcome),
    /// Not done, and why.
    Obstacle(BulkObstacle),
}

impl From<StepOutcome> for ChangeOutcome {
    fn from(step: StepOutcome) -> Self {
        Self::Step(step)
    }
}

impl Outcome for ChangeOutcome {
    fn is_done(&self) -> bool {
        *self == Self::Step(StepOutcome::Done)
    }
}

/// What else belongs to the act, in its transaction.
pub(super) type Afterwards = fn(&mut DbConn, &Ctx, &BulkFile, &str) -> Result<(), DbError>;

/// Does the act once for its form.
pub(super) async fn change(
    services: &Services,
    ctx: &Ctx,
    input: BulkChange,
    (act, afterwards): (BulkAct, Afterwards),
) -> Result<ChangeOutcome, OperationError> {
    let key = input.key.clone();
    let write_ctx = ctx.clone();
    once(services, ctx, &key, async move {
        let outcome = services
            .db
            .write(move |conn| {
                let done = savepoint_act(conn, |conn| {
                    change_in_tx(conn, &write_ctx, &input, (act, afterwards))
                });
                settle(conn, &write_ctx, &input.seen, act, done)
            })
            .await?;
        Ok(outcome)
    })
    .await
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    seen: &SeenFile,
    act: BulkAct,
    done: Result<(), BulkAbort>,
) -> Result<ChangeOutcome, DbError> {
    match done {
        Ok(()) => Ok(StepOutcome::Done.into()),
        Err(BulkAbort::Obstacle(why)) => {
            let (object, details) = (object(seen.id), format!("not done: {why}"));
            audit::write(conn, ctx, audited_as(act), &object, AuditResult::Refused, &details)?;
            Ok(ChangeOutcome::Obstacle(why))
        }
        Err(BulkAbort::Act(ActAbort::Stale)) => Ok(StepOutcome::Stale.into()),
        Err(BulkAbort::Act(ActAbort::Db(error))) => Err(error),
    }
}

fn change_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &BulkChange,
    (act, afterwards): (BulkAct, Afterwards),
) -> Result<(), BulkAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none() && user.deleted_at.is_none())?;
    let found = find_visible(conn, ctx, &user, input.seen.id)?;
    let (file, rights) = found.ok_or(ActAbort::Stale)?;
    let service = bulk_files::find_service(conn, file.contract_id, file.kind)?;
    let actor = actor(conn, (&user, &rights), service.as_ref(), &file)?;
    let to = decide(file.state, act, Some(actor)).map_err(BulkObstacle::from)?;
    if !input.seen.is_same(&file) {
        return Err(BulkObstacle::Changed.into());
    }
    if !bulk_files::move_state(conn, &file, to, ctx.now)? {
        return Err(BulkObstacle::State.into());
    }
    let comment = input.comment.as_str();
    note(conn, ctx, &file, &Done { user: Some(&user), act, to, proof: NO_PROOF, comment })?;
    afterwards(conn, ctx, &file, comment)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    Ok(())
}
