//! 外部ファイル受信 (BEF012, BEF013): files are fetched after a proof, and from the page of the bulk
//! file whose result they are.
//!
//! Rule (files.md): the proof that the auth rules ask for `external.receive`; who fetched what, and
//! when, is kept. After the proof the files can be saved for an hour, by whoever gave it.

use serde::{Deserialize, Serialize};

use super::{find_open, is_there};
use crate::db::queries::{external_files, one_time_keys, receipts, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::BulkFile;
use crate::domain::external_file::{ExternalFile, SAVED_WITHIN};
use crate::domain::receipt::Receipt;
use crate::domain::user::User;
use crate::operations::bulk_file::find_visible;
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::act::{ActProof, Asked, GivenProof, settle_in_tx};
use crate::operations::proof::once::once_proven;
use crate::operations::step::{Outcome, StepOutcome};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, receipt};
use crate::primitives::ids::{BulkFileId, ExternalFileId, ReceiptId};

/// The receipt of what was fetched at once.
pub const RECEIPT: &str = "external.receive";

/// What BEF012 sends.
#[derive(Debug, Clone)]
pub struct Receive {
    /// Who.
    pub user: User,
    /// Which files.
    pub ids: Vec<ExternalFileId>,
    /// What the auth rules ask for.
    pub proof: GivenProof,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which address results show.
    pub results_url: String,
}

/// What a result remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The files.
    pub ids: Vec<ExternalFileId>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiveOutcome {
    /// The files show there.
    Done(String),
    /// As other forms.
    Step(StepOutcome),
}

impl From<StepOutcome> for ReceiveOutcome {
    fn from(step: StepOutcome) -> ReceiveOutcome {
        match step {
            StepOutcome::AlreadyDone(url) => ReceiveOutcome::Done(url),
            step => ReceiveOutcome::Step(step),
        }
    }
}

impl Outcome for ReceiveOutcome {
    fn is_done(&self) -> bool {
        matches!(self, ReceiveOutcome::Done(_))
    }
}

/// Hands the files over.
///
/// Permission: users who receive files of the kind, about the account
/// ([`ExternalFile::is_open_to`]).
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn receive(
    services: &Services,
    ctx: &Ctx,
    input: Receive,
) -> Result<ReceiveOutcome, OperationError> {
    let asked = Asked::of(&input.user, &input.proof);
    once_proven(services, ctx, &input.key, asked, async |proof| {
        let (ctx, input) = (ctx.clone(), input.clone());
        let settled = services.db.write(move |conn| settle(conn, &ctx, &input, &proof)).await?;
        Ok(settled)
    })
    .await
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Receive,
    proof: &ActProof,
) -> Result<ReceiveOutcome, DbError> {
    if let Err(refusal) = settle_in_tx(conn, ctx, &input.user, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]).into());
    }
    match savepoint_act(conn, |conn| hand_over(conn, ctx, input)) {
        Ok(url) => Ok(ReceiveOutcome::Done(url)),
        Err(ActAbort::Stale) => Ok(StepOutcome::Stale.into()),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn hand_over(conn: &mut DbConn, ctx: &Ctx, input: &Receive) -> Result<String, ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none() && user.deleted_at.is_none())?;
    // What the rules asked for rests on these.
    guard((user.token_status, user.token_id) == (input.user.token_status, input.user.token_id))?;
    guard(!input.ids.is_empty())?;
    for id in &input.ids {
        let file = find_open(conn, ctx, &user, *id)?.ok_or(ActAbort::Stale)?;
        note(conn, ctx, &user, &file)?;
    }
    let details = Received { ids: input.ids.clone() };
    let (id, _) = receipt::write_in_tx(conn, ctx, user.id, RECEIPT, &details)?;
    let url = format!("{}/{id}", input.results_url);
    guard(one_time_keys::finish(conn, &input.key.key, &url)?)?;
    Ok(url)
}

/// Who fetched it, and the audit line.
fn note(conn: &mut DbConn, ctx: &Ctx, user: &User, file: &ExternalFile) -> Result<(), DbError> {
    external_files::insert_fetch(conn, file.id, (user.id, &user.name), ctx.now)?;
    let digest: String = file.sha256.chars().take(12).collect();
    let object = format!("external file {}", file.id);
    let details = format!("{} {}, content {digest}", file.kind, file.name);
    audit::write(conn, ctx, "external.fetch", &object, AuditResult::Done, &details)
}

/// What the user fetched with this receipt, and whether it can still be saved.
#[derive(Debug, Clone)]
pub struct Handed {
    /// When, and the receipt's number.
    pub receipt: Receipt,
    /// The files; one whose time is over since is left out.
    pub files: Vec<ExternalFile>,
    /// Whether the hour is not over.
    pub is_open: bool,
}

/// Reads a result; nothing for what is none of this user.
///
/// # Errors
/// Whatever the database says.
pub fn find_handed(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    id: ReceiptId,
) -> Result<Option<Handed>, DbError> {
    let found = receipts::find_of_user(conn, user.id, id)?;
    let Some(receipt) = found.filter(|receipt| receipt.operation == RECEIPT) else {
        return Ok(None);
    };
    let received: Received = serde_json::from_str(&receipt.details).unwrap_or_default();
    let mut files = Vec::new();
    for id in received.ids {
        files.extend(find_open(conn, ctx, user, id)?);
    }
    let is_open = ctx.now < receipt.accepted_at + SAVED_WITHIN;
    Ok(Some(Handed { receipt, files, is_open }))
}

/// The result of a bulk file that the user sees, where it is there. It says nothing that the page
/// of that file does not show, so it asks for no proof; who fetched it is kept all the same.
///
/// Permission: whoever sees the bulk file.
///
/// # Errors
/// Whatever the database says.
pub async fn fetch_result(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    id: BulkFileId,
) -> Result<Option<ExternalFile>, OperationError> {
    let (ctx, user) = (ctx.clone(), user.clone());
    let fetched = services.db.write(move |conn| {
        let user = users::get(conn, user.id)?;
        let seen = find_visible(conn, &ctx, &user, id)?;
        let Some((bulk, _)) = seen else { return Ok::<_, DbError>(None) };
        let Some(file) = find_result(conn, &ctx, &bulk)? else { return Ok(None) };
        note(conn, &ctx, &user, &file)?;
        Ok(Some(file))
    });
    Ok(fetched.await?)
}

/// The result of a bulk file, where it can be fetched.
///
/// # Errors
/// Whatever the database says.
pub fn find_result(
    conn: &mut DbConn,
    ctx: &Ctx,
    bulk: &BulkFile,
) -> Result<Option<ExternalFile>, DbError> {
    Ok(external_files::find_result(conn, bulk.id)?.filter(|file| is_there(ctx, file)))
}
