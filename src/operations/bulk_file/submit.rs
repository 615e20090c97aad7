//! 承認依頼 (BFT012): a draft is handed in for approval.
//!
//! Rule: the whole content is checked again, as in an upload; the day is a business day that can
//! still be had, with the shorter deadline of payroll where all payees are at the own institution;
//! the sum is within what was agreed. How many approvals are needed follows from the sum.
//!
//! Permission: the right to make files of the kind, on the account.

use chrono::NaiveDate;

use crate::db::queries::bulk_chunks;
use crate::db::queries::bulk_files::{self, NewBulkEvent};
use crate::db::queries::{bulk_uploads, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::day::{DayProblem, DayWindow, deadline_at};
use crate::domain::bulk_file::report::CheckReport;
use crate::domain::bulk_file::{BulkAct, BulkFile, decide};
use crate::domain::user::User;
use crate::operations::bulk_file::check::{Knowledge, check, kept};
use crate::operations::bulk_file::read::chunk_no;
use crate::operations::bulk_file::upload::finish_key;
use crate::operations::bulk_file::{Desk, actor, find_visible};
use crate::operations::one_time_key::RequestKey;
use crate::operations::step::{Outcome, StepOutcome, once};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::BulkFileId;
use crate::primitives::yen::Yen;
use crate::zengin::check::{RecordKind, RecordRef};

const NAME: &str = "bulk.submit";

/// What the form says.
#[derive(Debug, Clone)]
pub struct Submit {
    /// The user.
    pub user: User,
    /// The file.
    pub file_id: BulkFileId,
    /// The digest of the content that was shown.
    pub seen: String,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmitOutcome {
    /// Its content has errors.
    Faulty(CheckReport),
    /// It cannot be for its day; these can be had.
    Day(DayProblem, DayWindow),
    /// Its sum is above what was agreed for one file.
    AboveLimit(Yen),
    /// As other forms.
    Step(StepOutcome),
}

impl From<StepOutcome> for SubmitOutcome {
    fn from(outcome: StepOutcome) -> SubmitOutcome {
        SubmitOutcome::Step(outcome)
    }
}

impl Outcome for SubmitOutcome {
    fn is_done(&self) -> bool {
        *self == SubmitOutcome::Step(StepOutcome::Done)
    }
}

/// What the content is worth, looked at outside of any transaction.
struct Looked {
    file: BulkFile,
    report: CheckReport,
    /// All payees are at the own institution.
    is_own: bool,
}

/// Hands a draft in.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn submit(
    services: &Services,
    ctx: &Ctx,
    input: Submit,
) -> Result<SubmitOutcome, OperationError> {
    once(services, ctx, &input.key, submit_with_key(services, ctx, &input)).await
}

async fn submit_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Submit,
) -> Result<SubmitOutcome, OperationError> {
    let stale = SubmitOutcome::Step(StepOutcome::Stale);
    let Some(looked) = look(services, ctx, input).await? else { return Ok(stale) };
    if looked.report.errors > 0 {
        return Ok(SubmitOutcome::Faulty(looked.report));
    }
    let Some(value_date) = looked.file.value_date else { return Ok(stale) };
    let kind = looked.file.kind;
    let window = DayWindow::at(kind, &ctx.profile.files, looked.is_own, ctx.now);
    if let Err(problem) = window.check(value_date) {
        return Ok(SubmitOutcome::Day(problem, window));
    }
    let until = deadline_at(kind.deadline(&ctx.profile.files), value_date, looked.is_own);
    let (ctx, input) = (ctx.clone(), input.clone());
    let done = services.db.write(move |conn| settle(conn, &ctx, &input, until)).await;
    match done {
        Ok(outcome) => Ok(outcome),
        Err(ActAbort::Stale) => Ok(stale),
        Err(ActAbort::Db(error)) => Err(error.into()),
    }
}

async fn look(
    services: &Services,
    ctx: &Ctx,
    input: &Submit,
) -> Result<Option<Looked>, OperationError> {
    let (ctx, user, id, of) = (ctx.clone(), input.user.clone(), input.file_id, services.clone());
    let seen = input.seen.clone();
    let read = services.db.read(move |conn| {
        let found = find_visible(conn, &ctx, &user, id)?;
        let Some((file, _)) = found.filter(|(file, _)| file.content_sha256 == seen) else {
            return Ok::<_, DbError>(None);
        };
        let desk = Desk::of_user(conn, &ctx, &user)?;
        let known = Knowledge::of(conn, (&ctx, &of.profiles), &desk, Some(file.kind))?;
        let own = known.own_bank_code().as_bytes();
        let mut is_own = true;
        // 被仕向銀行番号 stands behind データ区分 in every kind (zengin.md 1.2).
        let mut see = |record: RecordRef<'_>| {
            if record.kind == RecordKind::Data && record.bytes.get(1..5) != Some(own) {
                is_own = false;
            }
        };
        let mut no = 0;
        let next = || {
            let chunk = bulk_chunks::find(conn, id, chunk_no(no));
            no += 1;
            chunk
        };
        let report = check((&known, of.directory()), false, next, &mut see)?;
        Ok(Some(Looked { file, report: kept(&report), is_own }))
    });
    Ok(read.await?)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Submit,
    until: UtcTime,
) -> Result<SubmitOutcome, ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    let found = find_visible(conn, ctx, &user, input.file_id)?;
    let (file, rights) = found.ok_or(ActAbort::Stale)?;
    guard(file.content_sha256 == input.seen)?;
    let service = bulk_files::find_service(conn, file.contract_id, file.kind)?;
    let actor = actor(conn, (&user, &rights), service.as_ref(), &file)?;
    let state = decide(file.state, BulkAct::Submit, Some(actor)).map_err(|_| ActAbort::Stale)?;
    let service = service.ok_or(ActAbort::Stale)?;
    if file.total_yen > service.file_limit_yen {
        return Ok(SubmitOutcome::AboveLimit(service.file_limit_yen));
    }
    let route = (service.approvals_needed(file.total_yen), until);
    guard(bulk_uploads::submit(conn, &file, state, route, ctx.now)?)?;
    let event = NewBulkEvent {
        user_id: Some(user.id),
        actor_name: &user.name,
        act: BulkAct::Submit,
        state,
        proof: "none",
        comment: "",
        content_sha256: &file.content_sha256,
    };
    bulk_files::insert_event(conn, file.id, &event, ctx.now)?;
    let details = details(&file, file.value_date, route.0);
    let object = format!("bulk file {}", file.id);
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, &details)?;
    finish_key(conn, ctx, &input.key, &input.result_url)?;
    Ok(SubmitOutcome::Step(StepOutcome::Done))
}

/// `3 records, 120000 yen, on 2026-11-25, 1 approvals needed, content 0123456789ab`.
fn details(file: &BulkFile, value_date: Option<NaiveDate>, approvals: i32) -> String {
    let day = value_date.map_or_else(String::new, |day| format!(", on {day}"));
    let digest: String = file.content_sha256.chars().take(12).collect();
    let (count, total) = (file.item_count, file.total_yen.0);
    format!("{count} records, {total} yen{day}, {approvals} approvals needed, content {digest}")
}
