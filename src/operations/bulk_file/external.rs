//! 外部ファイル送信 (BEF001 to BEF003): a file of the company's own software, checked like an upload
//! and sent straight.
//!
//! Rule: it enters the life of files at `sent`, so nobody approves it here. That is possible only
//! where the institution has agreed so with the contract for the kind (STF013): the company answers
//! for the approval in its own software. A sum for which two people must approve is refused all the
//! same, and so is everything that 送信 refuses: rights, limits, deadline, hold. Between check and
//! proof the file is seen by nobody but its sender, and goes like an upload that broke off.

use super::upload::{
    Made, Upload, UploadOutcome, account_of, find_alike, finish_key, insert_report, write_created,
};
use super::{BulkAbort, Desk, Done, count_in_tx, note, object, own_most};
use crate::db::queries::bulk_uploads::BulkContent;
use crate::db::queries::{accounts, bulk_chunks, bulk_files, bulk_moves, bulk_uploads, users};
use crate::db::queries::{one_time_keys, receipts};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::day::deadline_at;
use crate::domain::bulk_file::{BulkAct, BulkFile, BulkObstacle, BulkRules, BulkState, BulkStep};
use crate::domain::mail::MailKind;
use crate::domain::receipt::Receipt;
use crate::domain::user::User;
use crate::operations::bulk_file::keep::discard;
use crate::operations::bulk_file::read::{RECORD_LENGTH, chunk_no, header, stride};
use crate::operations::notice::bulk::tell_maker;
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::act::{ActProof, Asked, GivenProof, settle_in_tx};
use crate::operations::proof::once::once_proven;
use crate::operations::step::{Outcome, StepOutcome};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, receipt};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ReceiptId};
use crate::zengin::layout::RecordKind;

/// The receipt of a file that was sent straight.
pub const RECEIPT: &str = "external.send";
/// The audit log's word.
const NAME: &str = "external.send";

/// Keeps a file that is right until its sender's proof.
pub(super) async fn stage(
    services: &Services,
    ctx: &Ctx,
    input: &Upload,
    made: Made,
) -> Result<UploadOutcome, OperationError> {
    let deadline = deadline(services, ctx, &made).await?;
    let (ctx, input, url) = (ctx.clone(), input.clone(), made.url.clone());
    let staged = services.db.write(move |conn| stage_in_tx(conn, &ctx, &input, &made, deadline));
    match staged.await {
        Ok(()) => Ok(UploadOutcome::Kept(url)),
        Err(ActAbort::Stale) => Ok(UploadOutcome::Step(StepOutcome::Stale)),
        Err(ActAbort::Db(error)) => Err(error.into()),
    }
}

/// Until when it must be sent: payroll has more time where all payees are at the own institution.
async fn deadline(services: &Services, ctx: &Ctx, made: &Made) -> Result<UtcTime, OperationError> {
    let own_bank = ctx.profile.portal.bank_code.as_str().to_owned();
    let (id, mut no, mut is_own) = (made.id, 0, true);
    while is_own {
        let read = services.db.read(move |conn| {
            let file = bulk_files::get(conn, id)?;
            Ok::<_, DbError>(
                bulk_chunks::find(conn, id, chunk_no(no))?.map(|of| (stride(&file), of)),
            )
        });
        let Some((stride, bytes)) = read.await? else { break };
        let is_data = |record: &&[u8]| {
            record.len() >= RECORD_LENGTH
                && record.first().is_some_and(|kind| RecordKind::of(*kind) == RecordKind::Data)
        };
        // 被仕向銀行番号 stands behind データ区分 in every kind (zengin.md 1.2).
        let mut data = bytes.chunks(stride).filter(is_data);
        is_own = data.all(|record| record.get(1..5) == Some(own_bank.as_bytes()));
        no += 1;
    }
    let policy = made.kind.deadline(&ctx.profile.files);
    Ok(deadline_at(policy, made.content.value_date, is_own))
}

fn stage_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Upload,
    made: &Made,
    deadline: UtcTime,
) -> Result<(), ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    let desk = Desk::of_user(conn, ctx, &user)?;
    guard(desk.external_kinds().contains(&made.kind))?;
    let alike = find_alike(conn, &user, made)?;
    let known = (made.original_sha256.as_str(), deadline);
    guard(bulk_uploads::stage(conn, made.id, &made.content, known, ctx.now)?)?;
    insert_report(conn, ctx, input, made, alike)?;
    finish_key(conn, ctx, &input.key, &made.url)
}

/// A file that waits for its sender's proof.
#[derive(Debug, Clone)]
pub struct Staged {
    /// The file; it names no account yet.
    pub file: BulkFile,
    /// The account that its header names.
    pub account_id: Option<AccountId>,
    /// Why it cannot be sent.
    pub obstacle: Option<BulkObstacle>,
}

/// The file with this id, if it waits for this user's proof.
///
/// # Errors
/// Whatever the database says; content that is none.
pub fn find_staged(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    id: BulkFileId,
) -> Result<Option<Staged>, OperationError> {
    let Some(file) = bulk_uploads::find_staged(conn, user, id)? else { return Ok(None) };
    let desk = Desk::of_user(conn, ctx, user)?;
    let header = header(conn, &file)?;
    let account_id = account_of(&desk, (file.kind, BulkStep::Send), &header, None).ok();
    let may_send = desk.external_kinds().contains(&file.kind);
    let own_most = own_most(conn, ctx, user)?;
    let rules = BulkRules { service: desk.service(file.kind), own_most, now: ctx.now };
    let is_agreed = desk.service(file.kind).is_some_and(|service| service.external_send);
    let checked = rules.send_straight(&file, may_send || !is_agreed);
    let obstacle = match (checked, account_id) {
        (Err(why), _) => Some(why),
        (Ok(()), None) => Some(BulkObstacle::Account),
        (Ok(()), Some(_)) => None,
    };
    Ok(Some(Staged { file, account_id, obstacle }))
}

/// What BEF002 sends.
#[derive(Debug, Clone)]
pub struct SendExternal {
    /// Who.
    pub user: User,
    /// Which file.
    pub file_id: BulkFileId,
    /// Its content as it was shown.
    pub seen: String,
    /// What the auth rules ask for.
    pub proof: GivenProof,
    /// The name of that method, for the file's history.
    pub proof_name: &'static str,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which address results show.
    pub results_url: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExternalOutcome {
    /// Sent; the result shows there.
    Done(String),
    /// Not sent, for this reason; the code is spent.
    Obstacle(BulkObstacle),
    /// As other forms.
    Step(StepOutcome),
}

impl From<StepOutcome> for ExternalOutcome {
    fn from(step: StepOutcome) -> ExternalOutcome {
        match step {
            StepOutcome::AlreadyDone(url) => ExternalOutcome::Done(url),
            step => ExternalOutcome::Step(step),
        }
    }
}

impl Outcome for ExternalOutcome {
    fn is_done(&self) -> bool {
        matches!(self, ExternalOutcome::Done(_))
    }
}

/// Sends the file.
///
/// Permission: users with the rights of 外部ファイル送信 and of sending the kind on its account.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn send(
    services: &Services,
    ctx: &Ctx,
    input: SendExternal,
) -> Result<ExternalOutcome, OperationError> {
    let asked = Asked::of(&input.user, &input.proof);
    once_proven(services, ctx, &input.key, asked, async |proof| {
        let (ctx, input) = (ctx.clone(), input.clone());
        // What is sent counts for the limits of the contract, as payments do.
        let contract_id = input.user.contract_id;
        let body = move |conn: &mut DbConn| settle(conn, &ctx, &input, &proof);
        services.db.write_locked(contract_id, body).await
    })
    .await
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &SendExternal,
    proof: &ActProof,
) -> Result<ExternalOutcome, OperationError> {
    if let Err(refusal) = settle_in_tx(conn, ctx, &input.user, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]).into());
    }
    let user = users::get(conn, input.user.id)?;
    let is_same = (user.token_status, user.token_id)
        == (input.user.token_status, input.user.token_id)
        && user.stopped_at.is_none()
        && user.deleted_at.is_none();
    let staged = find_staged(conn, ctx, &user, input.file_id)?;
    let staged = staged.filter(|of| is_same && of.file.content_sha256 == input.seen);
    let Some(staged) = staged else { return Ok(StepOutcome::Stale.into()) };
    match savepoint_act(conn, |conn| send_in_tx(conn, ctx, input, &user, &staged)) {
        Ok(url) => Ok(ExternalOutcome::Done(url)),
        Err(BulkAbort::Obstacle(why)) => {
            let details = format!("not done: {why}");
            let object = object(staged.file.id);
            audit::write(conn, ctx, NAME, &object, AuditResult::Refused, &details)?;
            Ok(ExternalOutcome::Obstacle(why))
        }
        Err(BulkAbort::Act(ActAbort::Stale)) => Ok(StepOutcome::Stale.into()),
        Err(BulkAbort::Act(ActAbort::Db(error))) => Err(error.into()),
    }
}

fn send_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &SendExternal,
    user: &User,
    staged: &Staged,
) -> Result<String, BulkAbort> {
    if let Some(why) = staged.obstacle {
        return Err(why.into());
    }
    let account_id = staged.account_id.ok_or(BulkObstacle::Account)?;
    if accounts::get(conn, account_id)?.closed_at.is_some() {
        return Err(BulkObstacle::Account.into());
    }
    let file = &staged.file;
    count_in_tx(conn, ctx, user, file)?;
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, RECEIPT, &file.id)?;
    let who = (account_id, user.id);
    if !bulk_moves::send_external(conn, file, who, (receipt_id, number), ctx.now)? {
        return Err(BulkObstacle::State.into());
    }
    let content = BulkContent {
        account_id,
        value_date: file.value_date.ok_or(ActAbort::Stale)?,
        item_count: file.item_count,
        total: file.total_yen,
        content_sha256: file.content_sha256.clone(),
        gaps: file.gaps.clone(),
    };
    write_created(conn, ctx, user, file.id, &content)?;
    let (act, to) = (BulkAct::Send, BulkState::Sent);
    let comment = "外部ファイル送信";
    note(conn, ctx, file, &Done { user: Some(user), act, to, proof: input.proof_name, comment })?;
    let sent = bulk_files::get(conn, file.id)?;
    tell_maker(conn, ctx, &sent, MailKind::BulkSent, "")?;
    let url = format!("{}/{receipt_id}", input.results_url);
    guard(one_time_keys::finish(conn, &input.key.key, &url)?)?;
    Ok(url)
}

/// Throws a file away that waits for the user's proof. False: it waits no more.
///
/// Permission: whoever it waits for.
///
/// # Errors
/// Whatever the database says.
pub async fn cancel(
    services: &Services,
    user: &User,
    id: BulkFileId,
) -> Result<bool, OperationError> {
    let user = user.clone();
    let find = services.db.read(move |conn| bulk_uploads::find_staged(conn, &user, id));
    if find.await?.is_none() {
        return Ok(false);
    }
    discard(services, id).await?;
    Ok(true)
}

/// The file that the user sent with this receipt.
///
/// # Errors
/// Whatever the database says.
pub fn find_sent(
    conn: &mut DbConn,
    user: &User,
    id: ReceiptId,
) -> Result<Option<(Receipt, BulkFile)>, DbError> {
    let found = receipts::find_of_user(conn, user.id, id)?;
    let Some(receipt) = found.filter(|receipt| receipt.operation == RECEIPT) else {
        return Ok(None);
    };
    let Ok(file_id) = serde_json::from_str::<BulkFileId>(&receipt.details) else {
        return Ok(None);
    };
    let file = bulk_files::find_of_contract(conn, user.contract_id, file_id)?;
    Ok(file.map(|file| (receipt, file)))
}
