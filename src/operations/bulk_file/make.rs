//! 新規作成 (BFT010): an empty draft with its header, to which records are added.
//!
//! Permission: the right to make files of the kind, on the account.

use chrono::NaiveDate;

use crate::db::DbConn;
use crate::db::queries::bulk_files::{self, NewBulkFile};
use crate::db::queries::bulk_uploads::{self, BulkContent};
use crate::db::queries::{bulk_chunks, users};
use crate::domain::bulk_file::content::{chunk_digest, content_digest};
use crate::domain::bulk_file::{BulkKind, BulkOrigin, BulkService, BulkState, BulkStep};
use crate::domain::ledger::Account;
use crate::domain::payee::PayeeAccountType;
use crate::domain::user::User;
use crate::operations::bulk_file::Desk;
use crate::operations::bulk_file::edit::mmdd;
use crate::operations::bulk_file::read::RECORD_LENGTH;
use crate::operations::bulk_file::upload::{finish_key, write_created};
use crate::operations::one_time_key::RequestKey;
use crate::operations::step::{Outcome, StepOutcome, once};
use crate::operations::{ActAbort, Ctx, OperationError, Services, guard};
use crate::primitives::ids::{AccountId, BulkFileId};
use crate::primitives::yen::Yen;
use crate::zengin::bulk::{self, BulkHeader};
use crate::zengin::layout::LineEnd;
use crate::zengin::record::FieldError;

/// What the form says.
#[derive(Debug, Clone)]
pub struct Make {
    /// The user.
    pub user: User,
    /// The kind.
    pub kind: BulkKind,
    /// 出金口座, or 入金口座 of a debit.
    pub account_id: AccountId,
    /// 指定日.
    pub value_date: NaiveDate,
    /// As its user will know it.
    pub name: String,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which files stand, as `/aoba/files`.
    pub files_url: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MakeOutcome {
    /// A draft; it is shown there.
    Made(String),
    /// As other forms.
    Step(StepOutcome),
}

impl From<StepOutcome> for MakeOutcome {
    fn from(outcome: StepOutcome) -> MakeOutcome {
        MakeOutcome::Step(outcome)
    }
}

impl Outcome for MakeOutcome {
    fn is_done(&self) -> bool {
        matches!(self, MakeOutcome::Made(_))
    }
}

/// Makes an empty draft.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn make(
    services: &Services,
    ctx: &Ctx,
    input: Make,
) -> Result<MakeOutcome, OperationError> {
    once(services, ctx, &input.key, make_with_key(services, ctx, &input)).await
}

async fn make_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Make,
) -> Result<MakeOutcome, OperationError> {
    let (ctx, input) = (ctx.clone(), input.clone());
    match services.db.write(move |conn| act(conn, &ctx, &input)).await {
        Ok(url) => Ok(MakeOutcome::Made(url)),
        Err(ActAbort::Stale) => Ok(MakeOutcome::Step(StepOutcome::Stale)),
        Err(ActAbort::Db(error)) => Err(error.into()),
    }
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &Make) -> Result<String, ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    let desk = Desk::of_user(conn, ctx, &user)?;
    let own = desk.accounts(input.kind, BulkStep::Make);
    let account = own.into_iter().find(|account| account.id == input.account_id);
    let account = account.ok_or(ActAbort::Stale)?;
    let service = desk.service(input.kind).ok_or(ActAbort::Stale)?;
    let empty = empty(ctx, service, account, input.value_date).map_err(|_| ActAbort::Stale)?;
    let id = bulk_files::insert(conn, row(ctx, &user, service, input))?;
    let digest = chunk_digest(&empty);
    bulk_chunks::insert(conn, id, 0, (&empty, &digest))?;
    let content = BulkContent {
        account_id: account.id,
        value_date: input.value_date,
        item_count: 0,
        total: Yen(0),
        content_sha256: content_digest([digest.as_str()]),
        gaps: String::new(),
    };
    finish(conn, ctx, (&user, id), &content)?;
    let url = format!("{}/{id}", input.files_url);
    finish_key(conn, ctx, &input.key, &url)?;
    Ok(url)
}

fn row(ctx: &Ctx, user: &User, service: &BulkService, input: &Make) -> NewBulkFile {
    NewBulkFile {
        portal: ctx.portal_slug().to_owned(),
        contract_id: user.contract_id,
        kind: input.kind,
        business_type: service.business_type.clone(),
        state: BulkState::Uploading,
        origin: BulkOrigin::Screen,
        name: input.name.clone(),
        maker_id: user.id,
        stride: i32::try_from(RECORD_LENGTH).unwrap_or(i32::MAX),
        created_at: ctx.now,
        changed_at: ctx.now,
    }
}

/// Makes a draft of what has its content, with the first line of its history.
pub(super) fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    (user, id): (&User, BulkFileId),
    content: &BulkContent,
) -> Result<(), ActAbort> {
    guard(bulk_uploads::finish(conn, id, content, (None, BulkState::Draft), ctx.now)?)?;
    Ok(write_created(conn, ctx, user, id, content)?)
}

/// Header, trailer and end.
fn empty(
    ctx: &Ctx,
    service: &BulkService,
    account: &Account,
    value_date: NaiveDate,
) -> Result<Vec<u8>, FieldError> {
    let header = header(ctx, service, account, value_date);
    let (file, mut bytes) = bulk::BulkFile::begin(&header, LineEnd::None)?;
    bytes.extend(file.finish()?);
    Ok(bytes)
}

/// What was agreed, with account and day.
pub(in crate::operations) fn header(
    ctx: &Ctx,
    service: &BulkService,
    account: &Account,
    value_date: NaiveDate,
) -> BulkHeader {
    let portal = &ctx.profile.portal;
    let account_type = PayeeAccountType::of_own(account.account_type);
    BulkHeader {
        business_type: service.business_type.clone(),
        originator_code: service.originator_code.clone(),
        originator_name: service.originator_kana.clone(),
        value_date_mmdd: mmdd(value_date),
        own_bank_code: portal.bank_code.as_str().to_owned(),
        own_bank_name: portal.bank_name_kana.clone(),
        own_branch_code: account.branch_code.clone(),
        // Its name in kana is left to the bank.
        own_branch_name: String::new(),
        own_account_type: Some(account_type.zengin_digit()),
        own_account_no: account.number.clone(),
    }
}
