//! What one proof confirms for one or several files: each in a savepoint of its own, so that all
//! that can be done is done and the others are named with the reason.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{BulkAbort, SeenFile, actor, audited_as, find_visible, object};
use crate::db::queries::{bulk_files, one_time_keys, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::{
    BulkAct, BulkActor, BulkFile, BulkKind, BulkObstacle, BulkService, BulkState,
};
use crate::domain::right::Rights;
use crate::domain::user::User;
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::act::{ActProof, Asked, GivenProof, settle_in_tx};
use crate::operations::proof::once::once_proven;
use crate::operations::step::{Outcome, StepOutcome};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, receipt};
use crate::primitives::ids::BulkFileId;
use crate::primitives::yen::Yen;

/// What a page of files sends.
#[derive(Debug, Clone)]
pub struct BulkActs {
    /// Who acts.
    pub user: User,
    /// The files as they were shown.
    pub seen: Vec<SeenFile>,
    /// What the auth rules ask for.
    pub proof: GivenProof,
    /// The name of that method, for the files' history.
    pub proof_name: &'static str,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which address results show; the receipt's id follows.
    pub results_url: String,
}

/// One file of a result, as it stays for a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkLine {
    /// Which file.
    pub file_id: BulkFileId,
    /// As its user knows it.
    pub name: String,
    /// What kind.
    pub kind: BulkKind,
    /// 指定日.
    pub value_date: Option<NaiveDate>,
    /// Data records.
    pub item_count: i64,
    /// Sum of their amounts.
    pub total: Yen,
    /// SHA-256 of the content.
    pub content_sha256: String,
    /// How it stands now.
    pub state: BulkState,
    /// How many approved it, of how many.
    pub approvals: (i32, i32),
    /// 受付番号 of the file, once sent.
    pub receipt_number: Option<i32>,
    /// Why nothing was done to it.
    pub obstacle: Option<BulkObstacle>,
}

impl BulkLine {
    /// The file as it stands now.
    pub(super) fn of(file: &BulkFile) -> BulkLine {
        BulkLine {
            file_id: file.id,
            name: file.name.clone(),
            kind: file.kind,
            value_date: file.value_date,
            item_count: file.item_count,
            total: file.total_yen,
            content_sha256: file.content_sha256.clone(),
            state: file.state,
            approvals: (file.approvals_given, file.approvals_needed),
            receipt_number: file.receipt_number,
            obstacle: None,
        }
    }
}

/// What a result page shows beside number and time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkReceipt {
    /// The files, those with which nothing was done too.
    pub lines: Vec<BulkLine>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkOutcome {
    /// Done to one file at least; the result shows there.
    Done(String),
    /// Done to none, for these reasons; the code is spent.
    Nothing(Vec<BulkLine>),
    /// Anything else.
    Step(StepOutcome),
}

impl From<StepOutcome> for BulkOutcome {
    fn from(step: StepOutcome) -> Self {
        match step {
            StepOutcome::AlreadyDone(url) => Self::Done(url),
            step => Self::Step(step),
        }
    }
}

impl Outcome for BulkOutcome {
    fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

/// Who acts on a file, and what of that is known.
pub(super) struct Doer<'a> {
    pub user: &'a User,
    pub actor: BulkActor,
    pub service: Option<BulkService>,
    pub proof: &'static str,
}

/// What is done to one file; returns how it stands then.
pub(super) type OneAct = fn(&mut DbConn, &Ctx, &Doer<'_>, &BulkFile) -> Result<BulkLine, BulkAbort>;

/// Does `one` to each file, once for its form, with the proof settled in the same transaction. A
/// refused or failed proof is committed; the code is spent even where no file could be worked on.
pub(super) async fn prove_and_act(
    services: &Services,
    ctx: &Ctx,
    input: &BulkActs,
    (act, one): (BulkAct, OneAct),
) -> Result<BulkOutcome, OperationError> {
    let asked = Asked::of(&input.user, &input.proof);
    once_proven(services, ctx, &input.key, asked, async move |proof| {
        let (ctx, input) = (ctx.clone(), input.clone());
        // What is sent counts for the limits of the contract, as payments do.
        let contract_id = input.user.contract_id;
        let body = move |conn: &mut DbConn| settle(conn, &ctx, &input, &proof, (act, one));
        Ok(services.db.write_locked(contract_id, body).await?)
    })
    .await
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &BulkActs,
    proof: &ActProof,
    what: (BulkAct, OneAct),
) -> Result<BulkOutcome, DbError> {
    if let Err(refusal) = settle_in_tx(conn, ctx, &input.user, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]).into());
    }
    match savepoint_act(conn, |conn| act_on_all(conn, ctx, input, what)) {
        Ok(outcome) => Ok(outcome),
        Err(ActAbort::Stale) => Ok(StepOutcome::Stale.into()),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn act_on_all(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &BulkActs,
    (act, one): (BulkAct, OneAct),
) -> Result<BulkOutcome, ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none() && user.deleted_at.is_none())?;
    // What the rules asked for rests on these.
    guard((user.token_status, user.token_id) == (input.user.token_status, input.user.token_id))?;
    let mut seen = input.seen.clone();
    // In one order everywhere, so that two who act on the same files do not wait for each other.
    seen.sort_by_key(|seen| seen.id);
    let mut lines = Vec::new();
    for seen in &seen {
        let found = find_visible(conn, ctx, &user, seen.id)?;
        let (file, rights) = found.ok_or(ActAbort::Stale)?;
        let doer = doer(conn, (&user, &rights), &file, input.proof_name)?;
        let done = savepoint_act(conn, |conn| {
            if !seen.is_same(&file) {
                return Err(BulkAbort::Obstacle(BulkObstacle::Changed));
            }
            one(conn, ctx, &doer, &file)
        });
        lines.push(match done {
            Ok(line) => line,
            Err(BulkAbort::Obstacle(why)) => refused(conn, ctx, act, &file, why)?,
            Err(BulkAbort::Act(ActAbort::Stale)) => {
                refused(conn, ctx, act, &file, BulkObstacle::State)?
            }
            Err(BulkAbort::Act(abort)) => return Err(abort),
        });
    }
    if lines.iter().all(|line| line.obstacle.is_some()) {
        return Ok(BulkOutcome::Nothing(lines));
    }
    let details = BulkReceipt { lines };
    let operation = receipt_operation(act);
    let (id, _) = receipt::write_in_tx(conn, ctx, user.id, operation, &details)?;
    let url = format!("{}/{id}", input.results_url);
    guard(one_time_keys::finish(conn, &input.key.key, &url)?)?;
    Ok(BulkOutcome::Done(url))
}

/// As which act the receipt of the whole result is kept; each sent file has one of its own.
pub(super) fn receipt_operation(act: BulkAct) -> &'static str {
    if act == BulkAct::Send { "bulk.send_all" } else { "bulk.approve" }
}

fn doer<'a>(
    conn: &mut DbConn,
    (user, rights): (&'a User, &Rights),
    file: &BulkFile,
    proof: &'static str,
) -> Result<Doer<'a>, DbError> {
    let service = bulk_files::find_service(conn, file.contract_id, file.kind)?;
    let actor = actor(conn, (user, rights), service.as_ref(), file)?;
    Ok(Doer { user, actor, service, proof })
}

fn refused(
    conn: &mut DbConn,
    ctx: &Ctx,
    act: BulkAct,
    file: &BulkFile,
    why: BulkObstacle,
) -> Result<BulkLine, DbError> {
    let details = format!("not done: {why}");
    audit::write(conn, ctx, audited_as(act), &object(file.id), AuditResult::Refused, &details)?;
    Ok(BulkLine { obstacle: Some(why), ..BulkLine::of(file) })
}
