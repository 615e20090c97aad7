//! アップロード (BFT011): a file in the banks' format, or CSV that becomes one, checked and kept
//! while it comes.
//!
//! Rule: kind, 委託者コード, account and day are those of the contract; of a file with an error
//! nothing is kept but the report. Warnings are shown with the draft. Of CSV the kind has to be
//! chosen, and where it has no header account and day too; what is kept is the file that it became.
//!
//! Permission: the right to make files of the kind, on the account.

use chrono::NaiveDate;
use futures_util::{Stream, StreamExt};

use crate::db::queries::bulk_files::{self, NewBulkEvent};
use crate::db::queries::bulk_reports::{self, NewBulkReport};
use crate::db::queries::bulk_uploads::{self, BulkContent};
use crate::db::queries::{one_time_keys, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::report::{CheckReport, ReportLine};
use crate::domain::bulk_file::{BulkAct, BulkFile, BulkKind, BulkOrigin, BulkState, BulkStep};
use crate::domain::ledger::Account;
use crate::domain::payee::PayeeAccountType;
use crate::domain::user::User;
use crate::operations::bulk_file::check::{self, Knowledge, settings};
use crate::operations::bulk_file::from_csv::{self, Intake};
use crate::operations::bulk_file::keep::{Coming, Keeper, KeptContent};
use crate::operations::bulk_file::read::RECORD_LENGTH;
use crate::operations::bulk_file::{Desk, external};
use crate::operations::one_time_key::{self, KeyClaim, RequestKey};
use crate::operations::step::{Outcome, StepOutcome, once};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::{AccountId, BulkFileId, random_short_id};
use crate::primitives::yen::Yen;
use crate::zengin::bulk::BulkHeader;
use crate::zengin::check::{Checker, Code, Finding, Report};
use crate::zengin::csv::{CsvReader, CsvReading};

const NAME: &str = "bulk.create";
/// Most bytes of a file: a million records with line ends, and some.
pub const BYTES_MAX: u64 = 130 * 1024 * 1024;
/// So many bytes show how records are told apart.
const HEAD: usize = RECORD_LENGTH + 2;

/// What the form says beside the file.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The user.
    pub user: User,
    /// The kind that was chosen; nothing: as the file says.
    pub kind: Option<BulkKind>,
    /// The account, for files that leave it to the bank.
    pub account_id: Option<AccountId>,
    /// For a draft, or to be sent straight (外部ファイル送信).
    pub origin: BulkOrigin,
    /// The day, for CSV without a header.
    pub value_date: Option<NaiveDate>,
    /// The file's name.
    pub name: String,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which files stand, as `/aoba/files`.
    pub files_url: String,
}

impl Upload {
    /// Whose accounts and kinds they are: of whoever makes files, or sends them straight.
    pub(super) fn step(&self) -> BulkStep {
        if self.origin == BulkOrigin::External { BulkStep::Send } else { BulkStep::Make }
    }
}

/// How an upload ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadOutcome {
    /// A draft; it is shown there.
    Kept(String),
    /// It has errors; the report is shown there.
    Faulty(String),
    /// It is CSV, and no kind was chosen.
    NoKind,
    /// The file names no account, and none was chosen.
    NoAccount,
    /// The file names another account than the chosen one.
    OtherAccount,
    /// No file was chosen, or there is nothing in it.
    Empty,
    /// More bytes than a file may have.
    TooLarge,
    /// The connection broke.
    Broken,
    /// As other forms.
    Step(StepOutcome),
}

impl From<StepOutcome> for UploadOutcome {
    fn from(outcome: StepOutcome) -> UploadOutcome {
        UploadOutcome::Step(outcome)
    }
}

impl Outcome for UploadOutcome {
    fn is_done(&self) -> bool {
        matches!(self, UploadOutcome::Kept(_) | UploadOutcome::Faulty(_))
    }
}

/// Reads the file from `pieces`, checks and keeps it.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn upload<S, B, E>(
    services: &Services,
    ctx: &Ctx,
    input: &Upload,
    pieces: S,
) -> Result<UploadOutcome, OperationError>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
{
    once(services, ctx, &input.key, receive(services, ctx, input, pieces)).await
}

async fn receive<S, B, E>(
    services: &Services,
    ctx: &Ctx,
    input: &Upload,
    mut pieces: S,
) -> Result<UploadOutcome, OperationError>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
{
    let mut head = Vec::new();
    while head.len() < HEAD {
        match pieces.next().await {
            Some(Ok(piece)) => head.extend_from_slice(piece.as_ref()),
            Some(Err(_)) => return Ok(UploadOutcome::Broken),
            None => break,
        }
    }
    if head.is_empty() {
        return Ok(UploadOutcome::Empty);
    }
    let is_csv = from_csv::is_csv(&head);
    if is_csv && input.kind.is_none() {
        return Ok(UploadOutcome::NoKind);
    }
    let kind = input.kind.or_else(|| recognised(&head));
    let (desk, known) = knowledge(services, ctx, input, kind).await?;
    let mut coming = coming(input, kind, &head);
    let mut intake = Intake::Plain;
    if let Some(kind) = kind.filter(|_| is_csv) {
        let given = from_csv::given(ctx, &desk, kind, (input.account_id, input.value_date));
        coming.business_type = given.business_type.clone().unwrap_or_default();
        coming.stride = RECORD_LENGTH + given.line_end.bytes().len();
        intake = Intake::Csv(Box::new(CsvReader::new(given)));
    }
    let mut keeper = Keeper::new(services, ctx, coming);
    let read = read(services, &known, &mut keeper, intake, (head, pieces)).await;
    let ended = match read {
        Ok(Ok(read)) => settle(services, ctx, input, &desk, (&mut keeper, read)).await,
        Ok(Err(broken)) => Ok(broken),
        Err(error) => Err(error),
    };
    if !matches!(ended, Ok(UploadOutcome::Kept(_))) {
        keeper.discard().await?;
    }
    ended
}

/// The kind that the header says.
fn recognised(head: &[u8]) -> Option<BulkKind> {
    let code = head.get(1..3).and_then(|code| std::str::from_utf8(code).ok())?;
    BulkKind::of_business_type(code).filter(|_| head.first() == Some(&b'1'))
}

fn coming(input: &Upload, kind: Option<BulkKind>, head: &[u8]) -> Coming {
    let stride = match (head.get(RECORD_LENGTH), head.get(RECORD_LENGTH + 1)) {
        (Some(b'\r'), Some(b'\n')) => RECORD_LENGTH + 2,
        (Some(b'\n'), _) => RECORD_LENGTH + 1,
        _ => RECORD_LENGTH,
    };
    let code = head.get(1..3).and_then(|code| std::str::from_utf8(code).ok());
    Coming {
        user: input.user.clone(),
        // Of what is no file of ours nothing stays, whatever it is called meanwhile.
        kind: kind.unwrap_or(BulkKind::GeneralTransfer),
        business_type: code.filter(|code| code.is_ascii()).unwrap_or("21").to_owned(),
        origin: input.origin,
        name: input.name.clone(),
        stride,
    }
}

async fn knowledge(
    services: &Services,
    ctx: &Ctx,
    input: &Upload,
    kind: Option<BulkKind>,
) -> Result<(Desk, Knowledge), OperationError> {
    let (ctx, profiles, user) = (ctx.clone(), services.profiles.clone(), input.user.clone());
    let step = input.step();
    let read = services.db.read(move |conn| {
        let desk = Desk::of_user(conn, &ctx, &user)?;
        // A kind that is not the user's is refused by the check: no 種別コード is right then.
        let kind = kind.filter(|kind| desk.kinds(step).contains(kind));
        let known = Knowledge::of_step(conn, (&ctx, &profiles), &desk, (kind, step))?;
        Ok::<_, DbError>((desk, known))
    });
    Ok(read.await?)
}

/// What the check says, and of CSV what was found in its lines.
type Read = (Report, Option<CsvReading>);

/// Lets the checker see what the keeper keeps. `Err` of the inner result: it came to nothing.
async fn read<S, B, E>(
    services: &Services,
    known: &Knowledge,
    keeper: &mut Keeper<'_>,
    mut intake: Intake,
    (head, mut pieces): (Vec<u8>, S),
) -> Result<Result<Read, UploadOutcome>, OperationError>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
{
    let banks = known.banks(services.directory());
    let verdict = |business_type: &str, on: NaiveDate| known.verdict(business_type, on);
    let mut expected = known.expected(&banks);
    expected.day = Some(&verdict);
    let mut checker = Checker::new(settings(), expected);
    let first = intake.take(&head);
    checker.feed(&first, &mut |_| {});
    keeper.take(&first).await?;
    let mut length = u64::try_from(head.len()).unwrap_or(u64::MAX);
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else { return Ok(Err(UploadOutcome::Broken)) };
        let piece = piece.as_ref();
        length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if length > BYTES_MAX {
            return Ok(Err(UploadOutcome::TooLarge));
        }
        let piece = intake.take(piece);
        checker.feed(&piece, &mut |_| {});
        keeper.take(&piece).await?;
    }
    let (last, reading) = intake.end();
    checker.feed(&last, &mut |_| {});
    keeper.take(&last).await?;
    Ok(Ok((checker.finish(&mut |_| {}), reading)))
}

/// What becomes of it, now that all of it is here.
async fn settle(
    services: &Services,
    ctx: &Ctx,
    input: &Upload,
    desk: &Desk,
    (keeper, (report, reading)): (&mut Keeper<'_>, Read),
) -> Result<UploadOutcome, OperationError> {
    let kept = from_csv::kept_of(&report, reading);
    let header = report.header.as_ref().filter(|_| kept.errors == 0);
    let Some((header, value_date)) = header.zip(report.value_date) else {
        return keep_report(services, ctx, input, kept).await;
    };
    let Some(kind) = BulkKind::of_business_type(&header.business_type) else {
        return keep_report(services, ctx, input, kept).await;
    };
    let account = match account_of(desk, (kind, input.step()), header, input.account_id) {
        Ok(account) => account,
        Err(outcome) => return Ok(outcome),
    };
    let KeptContent { id, content_sha256, original_sha256 } = keeper.end().await?;
    let made = Made {
        id,
        kind,
        content: BulkContent {
            account_id: account,
            value_date,
            item_count: count(report.item_count),
            total: Yen(count(report.total_amount)),
            content_sha256,
            gaps: String::new(),
        },
        original_sha256,
        report: kept,
        report_id: random_short_id()?,
        url: format!("{}/{id}", input.files_url),
    };
    if input.origin == BulkOrigin::External {
        return external::stage(services, ctx, input, made).await;
    }
    let (ctx, input) = (ctx.clone(), input.clone());
    let url = made.url.clone();
    let finished = services.db.write(move |conn| finish(conn, &ctx, &input, &made)).await;
    match finished {
        Ok(()) => Ok(UploadOutcome::Kept(url)),
        Err(ActAbort::Stale) => Ok(UploadOutcome::Step(StepOutcome::Stale)),
        Err(ActAbort::Db(error)) => Err(error.into()),
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The account: the header's, or the chosen one where the header leaves it to the bank.
pub(super) fn account_of(
    desk: &Desk,
    (kind, step): (BulkKind, BulkStep),
    header: &BulkHeader,
    chosen: Option<AccountId>,
) -> Result<AccountId, UploadOutcome> {
    let own = desk.accounts(kind, step);
    if header.own_account_no.is_empty() {
        return match (chosen, own.as_slice()) {
            (Some(chosen), own) => own
                .iter()
                .find(|account| account.id == chosen)
                .map(|account| account.id)
                .ok_or(UploadOutcome::NoAccount),
            (None, [only]) => Ok(only.id),
            _ => Err(UploadOutcome::NoAccount),
        };
    }
    let found = own.iter().find(|account| is_of(account, header));
    match found.map(|account| account.id) {
        Some(id) if chosen.is_none_or(|chosen| chosen == id) => Ok(id),
        Some(_) => Err(UploadOutcome::OtherAccount),
        None => Err(UploadOutcome::NoAccount),
    }
}

fn is_of(account: &Account, header: &BulkHeader) -> bool {
    let digit = PayeeAccountType::of_own(account.account_type).zengin_digit();
    account.branch_code == header.own_branch_code
        && account.number == header.own_account_no
        && header.own_account_type == Some(digit)
}

/// A file all of whose content is there.
pub(super) struct Made {
    pub id: BulkFileId,
    pub kind: BulkKind,
    pub content: BulkContent,
    pub original_sha256: String,
    report: CheckReport,
    report_id: String,
    pub url: String,
}

fn finish(conn: &mut DbConn, ctx: &Ctx, input: &Upload, made: &Made) -> Result<(), ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    let desk = Desk::of_user(conn, ctx, &user)?;
    let own = desk.accounts(made.kind, BulkStep::Make);
    guard(own.iter().any(|account| account.id == made.content.account_id))?;
    let alike = find_alike(conn, &user, made)?;
    let known = (Some(made.original_sha256.as_str()), BulkState::Draft);
    guard(bulk_uploads::finish(conn, made.id, &made.content, known, ctx.now)?)?;
    insert_report(conn, ctx, input, made, alike)?;
    write_created(conn, ctx, &user, made.id, &made.content)?;
    finish_key(conn, ctx, &input.key, &made.url)
}

/// A file of the contract that may be the same one.
pub(super) fn find_alike(
    conn: &mut DbConn,
    user: &User,
    made: &Made,
) -> Result<Option<BulkFile>, DbError> {
    let known = (made.original_sha256.as_str(), &made.content);
    bulk_uploads::find_alike(conn, user.contract_id, made.kind, known)
}

/// Keeps the warnings, with that of a file that may be the same one.
pub(super) fn insert_report(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Upload,
    made: &Made,
    alike: Option<BulkFile>,
) -> Result<(), DbError> {
    let mut report = made.report.clone();
    if let Some(alike) = alike {
        report.warnings += 1;
        report.lines.insert(0, seen_before(&alike, &made.original_sha256));
    }
    if !report.lines.is_empty() {
        let row = report_row(ctx, input, (&made.report_id, &report), Some(made.id));
        bulk_reports::insert(conn, &row)?;
    }
    Ok(())
}

/// The first line of a file's history, and the audit line.
pub(super) fn write_created(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    id: BulkFileId,
    content: &BulkContent,
) -> Result<(), DbError> {
    let event = NewBulkEvent {
        user_id: Some(user.id),
        actor_name: &user.name,
        act: BulkAct::Create,
        state: BulkState::Draft,
        proof: "none",
        comment: "",
        content_sha256: &content.content_sha256,
    };
    bulk_files::insert_event(conn, id, &event, ctx.now)?;
    let details = audit_text(content);
    audit::write(conn, ctx, NAME, &format!("bulk file {id}"), AuditResult::Done, &details)
}

/// `3 records, 120000 yen, on 2026-11-25, content 0123456789ab`.
pub(super) fn audit_text(content: &BulkContent) -> String {
    let BulkContent { item_count, total, value_date, content_sha256, .. } = content;
    let digest: String = content_sha256.chars().take(12).collect();
    format!("{item_count} records, {} yen, on {value_date}, content {digest}", total.0)
}

/// Finishes the form's key. Housekeeping may have taken it for one of a killed server, if the bytes
/// were long on their way; it is the form's nevertheless, unless somebody else has it now.
pub(super) fn finish_key(
    conn: &mut DbConn,
    ctx: &Ctx,
    key: &RequestKey,
    url: &str,
) -> Result<(), ActAbort> {
    if one_time_keys::finish(conn, &key.key, url)? {
        return Ok(());
    }
    guard(one_time_key::claim(conn, ctx, key)? == KeyClaim::Fresh)?;
    guard(one_time_keys::finish(conn, &key.key, url)?)
}

fn seen_before(alike: &BulkFile, original_sha256: &str) -> ReportLine {
    let is_same = alike.original_sha256.as_deref() == Some(original_sha256);
    let what = if is_same { "同じ内容" } else { "同じ指定日・件数・合計金額" };
    let when = jst_minute_text(alike.created_at);
    let name = &alike.name;
    let found = format!("{what}: 「{name}」（{when}、{}）", alike.state.label());
    ReportLine { found, ..check::line(&Finding::new(Code::SentBefore, 0)) }
}

fn report_row(
    ctx: &Ctx,
    input: &Upload,
    (id, report): (&str, &CheckReport),
    file_id: Option<BulkFileId>,
) -> NewBulkReport {
    NewBulkReport {
        id: id.to_owned(),
        portal: ctx.portal_slug().to_owned(),
        contract_id: input.user.contract_id,
        user_id: input.user.id,
        name: input.name.clone(),
        // A report is numbers and texts, which JSON always has.
        report: serde_json::to_string(report).unwrap_or_default(),
        created_at: ctx.now,
        file_id,
    }
}

/// Keeps what is left of a file with errors: the report.
async fn keep_report(
    services: &Services,
    ctx: &Ctx,
    input: &Upload,
    report: CheckReport,
) -> Result<UploadOutcome, OperationError> {
    let id = random_short_id()?;
    let url = format!("{}/upload/report/{id}", input.files_url);
    let (ctx, input, result) = (ctx.clone(), input.clone(), url.clone());
    let kept = services.db.write(move |conn| {
        bulk_reports::insert(conn, &report_row(&ctx, &input, (&id, &report), None))?;
        let details = format!("{} errors in {} records", report.errors, report.records);
        audit::write(conn, &ctx, NAME, "upload", AuditResult::Refused, &details)?;
        finish_key(conn, &ctx, &input.key, &result)
    });
    match kept.await {
        Ok(()) => Ok(UploadOutcome::Faulty(url)),
        Err(ActAbort::Stale) => Ok(UploadOutcome::Step(StepOutcome::Stale)),
        Err(ActAbort::Db(error)) => Err(error.into()),
    }
}
