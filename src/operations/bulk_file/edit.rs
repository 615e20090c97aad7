//! 修正 (BFT012, BFT010): a record is changed, taken away, or records are added; the file gets
//! another name, account or day.
//!
//! Rule: what is changed is checked as in an upload. Whatever was approved, a file whose content
//! changes is a draft again; the change belongs to the content that was shown.
//!
//! Permission: the right to make files of the kind, on the account.

use chrono::{Datelike, NaiveDate};

use crate::db::queries::bulk_files::{self, NewBulkEvent};
use crate::db::queries::bulk_uploads::{self, BulkContent};
use crate::db::queries::users;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::report::ReportLine;
use crate::domain::bulk_file::{BulkAct, BulkFile, BulkKind, BulkStep, decide};
use crate::domain::ledger::Account;
use crate::domain::payee::PayeeAccountType;
use crate::domain::user::User;
use crate::operations::bulk_file::check::{self, Knowledge, RECORDS_MAX, check};
use crate::operations::bulk_file::read::{self, FIRST_ITEM, last_item};
use crate::operations::bulk_file::rewrite::{Records, Rewritten, Totals, rewrite};
use crate::operations::bulk_file::upload::{audit_text, finish_key};
use crate::operations::bulk_file::{Desk, actor, codec_kind, find_visible};
use crate::operations::one_time_key::RequestKey;
use crate::operations::step::{Outcome, StepOutcome, once};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::ids::{AccountId, BulkFileId};
use crate::primitives::yen::Yen;
use crate::zengin::bulk::{self, BulkItem, BulkTrailer};
use crate::zengin::record::FieldError;

const NAME: &str = "bulk.edit";
/// Largest sum of a file (zengin.md 1.2, 合計金額 has 12 digits).
const TOTAL_MAX: u64 = 999_999_999_999;

/// What is changed.
#[derive(Debug, Clone)]
pub enum Change {
    /// The item of record `no`.
    Item {
        /// Which record.
        no: u64,
        /// What it says then.
        item: BulkItem,
    },
    /// Record `no` goes.
    Remove {
        /// Which record.
        no: u64,
    },
    /// These come behind the last one.
    Append {
        /// In their order.
        items: Vec<BulkItem>,
    },
    /// Name, account and day.
    Head {
        /// As its user knows it.
        name: String,
        /// 出金口座, or 入金口座 of a debit.
        account_id: AccountId,
        /// 指定日.
        value_date: NaiveDate,
    },
}

/// A change of a file.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The user.
    pub user: User,
    /// The file.
    pub file_id: BulkFileId,
    /// The digest of the content that was shown.
    pub seen: String,
    /// What is changed.
    pub change: Change,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// How a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditOutcome {
    /// These stand in its way; `record` counts the items given, from 1.
    Faulty(Vec<ReportLine>),
    /// More records, or a larger sum, than a file may have.
    TooMuch,
    /// As other forms.
    Step(StepOutcome),
}

impl From<StepOutcome> for EditOutcome {
    fn from(outcome: StepOutcome) -> EditOutcome {
        EditOutcome::Step(outcome)
    }
}

impl Outcome for EditOutcome {
    fn is_done(&self) -> bool {
        *self == EditOutcome::Step(StepOutcome::Done)
    }
}

/// Changes the file.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn edit(
    services: &Services,
    ctx: &Ctx,
    input: Edit,
) -> Result<EditOutcome, OperationError> {
    once(services, ctx, &input.key, edit_with_key(services, ctx, &input)).await
}

async fn edit_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Edit,
) -> Result<EditOutcome, OperationError> {
    let items = match &input.change {
        Change::Item { item, .. } => vec![item.clone()],
        Change::Append { items } => items.clone(),
        Change::Remove { .. } | Change::Head { .. } => Vec::new(),
    };
    if !items.is_empty() {
        let lines = check_items(services, ctx, (&input.user, input.file_id), items).await?;
        let errors: Vec<ReportLine> = lines.into_iter().filter(|line| line.is_error).collect();
        if !errors.is_empty() {
            return Ok(EditOutcome::Faulty(errors));
        }
    }
    let (ctx, input) = (ctx.clone(), input.clone());
    let done = services.db.write(move |conn| settle(conn, &ctx, &input)).await;
    match done {
        Ok(outcome) => Ok(outcome),
        Err(EditAbort::Act(ActAbort::Stale)) => Ok(EditOutcome::Step(StepOutcome::Stale)),
        Err(EditAbort::Act(ActAbort::Db(error))) => Err(error.into()),
        Err(EditAbort::Operation(error)) => Err(error),
    }
}

/// What the check says of items, as if they stood in the file; `record` counts them from 1.
///
/// Permission: whoever sees the file.
///
/// # Errors
/// Database trouble.
pub async fn check_items(
    services: &Services,
    ctx: &Ctx,
    (user, file_id): (&User, BulkFileId),
    items: Vec<BulkItem>,
) -> Result<Vec<ReportLine>, OperationError> {
    let (ctx, user, of) = (ctx.clone(), user.clone(), services.clone());
    let read = services.db.read(move |conn| {
        let Some((file, _)) = find_visible(conn, &ctx, &user, file_id)? else {
            return Ok::<_, OperationError>(Vec::new());
        };
        let header = read::record(conn, &file, 1)?.unwrap_or_default();
        let desk = Desk::of_user(conn, &ctx, &user)?;
        let known = Knowledge::of(conn, (&ctx, &of.profiles), &desk, Some(file.kind))?;
        let (bytes, mut lines, places) = small_file(codec_kind(file.kind), header, &items);
        let mut bytes = Some(bytes);
        let checked = (&known, of.directory());
        let report = check(checked, false, || Ok::<_, DbError>(bytes.take()), &mut |_| {})?;
        for finding in &report.findings {
            let place = finding
                .record
                .checked_sub(FIRST_ITEM)
                .and_then(|at| places.get(usize::try_from(at).unwrap_or(usize::MAX)).copied());
            if let Some(record) = place {
                lines.push(ReportLine { record, ..check::line(finding) });
            }
        }
        lines.sort_by_key(|line| (line.record, line.byte));
        Ok(lines)
    });
    read.await
}

/// A file of these items behind the header that is there, what cannot be written at all, and which
/// item each record is.
fn small_file(
    kind: bulk::BulkKind,
    header: Vec<u8>,
    items: &[BulkItem],
) -> (Vec<u8>, Vec<ReportLine>, Vec<u64>) {
    let mut bytes = header;
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    let mut trailer = BulkTrailer::default();
    for (item, place) in items.iter().zip(1_u64..) {
        match item.write(kind) {
            Ok(record) => {
                bytes.extend(record);
                places.push(place);
                trailer.total_count += 1;
                trailer.total_amount = trailer.total_amount.saturating_add(item.amount);
            }
            Err(error) => lines.push(unwritable(place, &error)),
        }
    }
    // A sum that has too many digits is refused by itself.
    bytes.extend(trailer.write(kind).unwrap_or_default());
    bytes.extend(bulk::end_record(kind));
    (bytes, lines, places)
}

fn unwritable(record: u64, error: &FieldError) -> ReportLine {
    ReportLine {
        code: String::new(),
        is_error: true,
        title: error.to_string(),
        record,
        byte: 0,
        field: String::new(),
        found: String::new(),
        expected: String::new(),
        fix: "入力を直してください。".to_owned(),
    }
}

/// Why the transaction was rolled back.
#[derive(Debug, thiserror::Error)]
enum EditAbort {
    #[error(transparent)]
    Act(#[from] ActAbort),
    #[error(transparent)]
    Operation(#[from] OperationError),
}

impl From<DbError> for EditAbort {
    fn from(error: DbError) -> EditAbort {
        EditAbort::Act(ActAbort::Db(error))
    }
}

impl crate::db::TransactionError for EditAbort {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            EditAbort::Act(abort) => abort.as_db_error(),
            EditAbort::Operation(error) => error.as_db_error(),
        }
    }
}

fn settle(conn: &mut DbConn, ctx: &Ctx, input: &Edit) -> Result<EditOutcome, EditAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    let found = find_visible(conn, ctx, &user, input.file_id)?;
    let (file, rights) = found.ok_or(ActAbort::Stale)?;
    guard(file.content_sha256 == input.seen)?;
    let desk = Desk::of_user(conn, ctx, &user)?;
    let actor = actor(conn, (&user, &rights), desk.service(file.kind), &file)?;
    let state = decide(file.state, BulkAct::Edit, Some(actor)).map_err(|_| ActAbort::Stale)?;
    let Some(done) = apply(conn, &desk, &file, &input.change)? else {
        return Ok(EditOutcome::TooMuch);
    };
    let known = (done.name.as_str(), state);
    guard(bulk_uploads::update_content(conn, &file, &done.content, known, ctx.now)?)?;
    let event = NewBulkEvent {
        user_id: Some(user.id),
        actor_name: &user.name,
        act: BulkAct::Edit,
        state,
        proof: "none",
        comment: &done.comment,
        content_sha256: &done.content.content_sha256,
    };
    bulk_files::insert_event(conn, file.id, &event, ctx.now)?;
    let object = format!("bulk file {}", file.id);
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, &audit_text(&done.content))?;
    finish_key(conn, ctx, &input.key, &input.result_url)?;
    Ok(EditOutcome::Step(StepOutcome::Done))
}

/// A change that was made.
struct Done {
    name: String,
    content: BulkContent,
    comment: String,
}

/// Nothing: the file would be too long, or its sum too large.
fn apply(
    conn: &mut DbConn,
    desk: &Desk,
    file: &BulkFile,
    change: &Change,
) -> Result<Option<Done>, EditAbort> {
    let before = Totals {
        item_count: u64::try_from(file.item_count).unwrap_or(0),
        total: u64::try_from(file.total_yen.0).unwrap_or(0),
    };
    let changed = match change {
        Change::Item { no, item } => change_item(conn, file, before, (*no, item))?,
        Change::Remove { no } => remove(conn, file, before, *no)?,
        Change::Append { items } => append(file, before, items)?,
        Change::Head { name, account_id, value_date } => {
            return head(conn, desk, (file, before), (name, *account_id, *value_date)).map(Some);
        }
    };
    let (records, after, comment) = changed;
    if after.item_count > RECORDS_MAX || after.total > TOTAL_MAX {
        return Ok(None);
    }
    let rewritten = rewrite(conn, file, &records, after)?;
    let account_id = file.account_id.ok_or(ActAbort::Stale)?;
    let value_date = file.value_date.ok_or(ActAbort::Stale)?;
    let content = content((account_id, value_date), after, rewritten);
    Ok(Some(Done { name: file.name.clone(), content, comment }))
}

fn content(
    (account_id, value_date): (AccountId, NaiveDate),
    totals: Totals,
    rewritten: Rewritten,
) -> BulkContent {
    BulkContent {
        account_id,
        value_date,
        item_count: i64::try_from(totals.item_count).unwrap_or(i64::MAX),
        total: Yen(i64::try_from(totals.total).unwrap_or(i64::MAX)),
        content_sha256: rewritten.content_sha256,
        gaps: rewritten.gaps,
    }
}

fn old_item(conn: &mut DbConn, file: &BulkFile, no: u64) -> Result<BulkItem, EditAbort> {
    guard((FIRST_ITEM..=last_item(file)).contains(&no))?;
    let found = read::items(conn, file, no, 1)?;
    Ok(found.into_iter().next().ok_or(ActAbort::Stale)?.item)
}

fn write_item(file: &BulkFile, item: &BulkItem) -> Result<Vec<u8>, EditAbort> {
    // What cannot be written was refused by the check.
    Ok(item.write(codec_kind(file.kind)).map_err(|_| ActAbort::Stale)?)
}

fn change_item(
    conn: &mut DbConn,
    file: &BulkFile,
    before: Totals,
    (no, item): (u64, &BulkItem),
) -> Result<(Records, Totals, String), EditAbort> {
    let old = old_item(conn, file, no)?;
    let total = before.total.saturating_sub(old.amount).saturating_add(item.amount);
    let records = Records::Replace { no, record: write_item(file, item)? };
    Ok((records, Totals { total, ..before }, format!("{no}番目のレコードを修正")))
}

fn remove(
    conn: &mut DbConn,
    file: &BulkFile,
    before: Totals,
    no: u64,
) -> Result<(Records, Totals, String), EditAbort> {
    let old = old_item(conn, file, no)?;
    let after = Totals {
        item_count: before.item_count.saturating_sub(1),
        total: before.total.saturating_sub(old.amount),
    };
    Ok((Records::Remove { no }, after, format!("{no}番目のレコードを削除")))
}

fn append(
    file: &BulkFile,
    before: Totals,
    items: &[BulkItem],
) -> Result<(Records, Totals, String), EditAbort> {
    let records = items.iter().map(|item| write_item(file, item)).collect::<Result<_, _>>()?;
    let sum = items.iter().fold(before.total, |sum, item| sum.saturating_add(item.amount));
    let added = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let after = Totals { item_count: before.item_count.saturating_add(added), total: sum };
    Ok((Records::Append { records }, after, format!("{added}件を追加")))
}

fn head(
    conn: &mut DbConn,
    desk: &Desk,
    (file, totals): (&BulkFile, Totals),
    (name, account_id, value_date): (&str, AccountId, NaiveDate),
) -> Result<Done, EditAbort> {
    let own = desk.accounts(file.kind, BulkStep::Make);
    let account = own.into_iter().find(|account| account.id == account_id);
    let account = account.ok_or(ActAbort::Stale)?;
    let mut record = read::record(conn, file, 1)?.ok_or(ActAbort::Stale)?;
    put(&mut record, file.kind, "value_date", &mmdd(value_date)).ok_or(ActAbort::Stale)?;
    if file.account_id != Some(account_id) {
        put_account(&mut record, file.kind, account).ok_or(ActAbort::Stale)?;
    }
    let rewritten = rewrite(conn, file, &Records::Replace { no: 1, record }, totals)?;
    Ok(Done {
        name: name.to_owned(),
        content: content((account_id, value_date), totals, rewritten),
        comment: "名前・口座・指定日を変更".to_owned(),
    })
}

/// The day as headers have it.
pub(super) fn mmdd(day: NaiveDate) -> String {
    format!("{:02}{:02}", day.month(), day.day())
}

/// Puts a text into a field of a header and leaves every other byte as it came; nothing where it
/// does not fit.
pub(super) fn put(record: &mut [u8], kind: BulkKind, key: &str, text: &str) -> Option<()> {
    let field = codec_kind(kind).format().header.field(key)?;
    let from = field.from.checked_sub(1)?;
    let slot = record.get_mut(from..from.checked_add(field.length)?)?;
    slot.fill(b' ');
    slot.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(())
}

/// The branch's name in kana is left to the bank.
fn put_account(record: &mut [u8], kind: BulkKind, account: &Account) -> Option<()> {
    let digit = PayeeAccountType::of_own(account.account_type).zengin_digit();
    put(record, kind, "own_branch_code", &account.branch_code)?;
    put(record, kind, "own_branch_name", "")?;
    put(record, kind, "own_account_type", &digit.to_string())?;
    put(record, kind, "own_account_no", &account.number)
}
