//! STF030, a key file through the browser: looked at first, imported when confirmed.
//!
//! Rule: nothing becomes stock before the confirmation. Until then, for half an hour at most, the
//! parsed tokens lie in a row of their own, sealed as a whole, for the member who uploaded them;
//! the file, its key and its password are kept nowhere. Of two imports of one serial one takes it,
//! the other is told that it is there.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::db::queries::key_imports::{self, KeyImport};
use crate::db::queries::tokens;
use crate::domain::audit::AuditResult;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::StaffAct;
use crate::domain::token::{OtpAlgorithm, TokenKind};
use crate::keyfile::error::KeyFileError;
use crate::keyfile::{KeyFileFormat, KeyFileKey, parse_key_file};
use crate::operations::staff::request::{ActOutcome, StaffKey, Subject, do_now, find_made};
use crate::operations::token::import::{ImportRow, RowFault, seal, sort_out};
use crate::operations::{Ctx, OperationError, Services, audit, guard};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::random_short_id;
use crate::primitives::secret::Secret;

/// How long a preview can be confirmed.
pub const KEPT_FOR: TimeDelta = TimeDelta::minutes(30);
/// Tokens of one upload: they are imported in one transaction. More are for the command line.
pub const ROWS_MAX: usize = 2_000;
/// Bytes of one upload.
pub const BYTES_MAX: usize = 2 * 1024 * 1024;

/// A file as it was uploaded.
pub struct Upload {
    /// What its tokens are.
    pub kind: TokenKind,
    /// Its form.
    pub format: KeyFileFormat,
    /// What opens it.
    pub key: KeyFileKey,
    /// As the browser named it.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// How an upload ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadOutcome {
    /// It can be looked at, under this id.
    Kept(String),
    /// The file as a whole is refused.
    Refused(KeyFileError),
    /// More tokens than [`ROWS_MAX`].
    TooMany(usize),
    /// The portal imports no tokens of this kind.
    WrongKind,
}

/// A token of a preview; wiped where it is let go.
#[derive(Serialize, Deserialize)]
struct KeptRow {
    line: usize,
    serial: String,
    secret: Vec<u8>,
    algorithm: OtpAlgorithm,
    digits: i32,
    period_seconds: i32,
    drift_steps: i32,
    valid_from: Option<UtcTime>,
    expires_at: Option<UtcTime>,
}

impl Drop for KeptRow {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// A row that is not imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultyRow {
    /// Line of the CSV, or number of the key.
    pub line: usize,
    /// As the file has it.
    pub serial: String,
    /// Why, as staff read it.
    pub why: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    rows: Vec<KeptRow>,
    faults: Vec<FaultyRow>,
}

/// What a member looks at before the import.
#[derive(Debug, Clone)]
pub struct Preview {
    /// As the browser named it.
    pub file_name: String,
    /// What its tokens are.
    pub kind: TokenKind,
    /// Until when it can be confirmed.
    pub expires_at: UtcTime,
    /// Line and serial of what would be imported now.
    pub new: Vec<(usize, String)>,
    /// The same of what the portal has already.
    pub known: Vec<(usize, String)>,
    /// What cannot be imported.
    pub faults: Vec<FaultyRow>,
}

fn context(id: &str) -> String {
    format!("key import {id}")
}

/// Reads an uploaded file and keeps it for its preview.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Database or sealing trouble; a refusal is a value.
pub async fn upload(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    upload: Upload,
) -> Result<UploadOutcome, OperationError> {
    let Some(rules) = ctx.profile.token_kind(upload.kind).cloned() else {
        return Ok(UploadOutcome::WrongKind);
    };
    if rules.credential != crate::domain::portal::Credential::Stock {
        return Ok(UploadOutcome::WrongKind);
    }
    let Upload { kind, format, key, file_name, bytes } = upload;
    let parsed = tokio::task::spawn_blocking(move || parse_key_file(format, &bytes, &key)).await;
    let parsed = parsed.map_err(|_| OperationError::Corrupt("reading a key file"))?;
    let rows = match parsed {
        Ok(rows) if rows.len() > ROWS_MAX => return Ok(UploadOutcome::TooMany(rows.len())),
        Ok(rows) if rows.is_empty() => return refuse(services, ctx, KeyFileError::Empty).await,
        Ok(rows) => rows,
        Err(error) => return refuse(services, ctx, error).await,
    };
    let mut kept = Kept { rows: Vec::new(), faults: Vec::new() };
    for (row, outcome) in rows.iter().zip(sort_out(&rows, &rules)) {
        match outcome {
            Ok(good) => kept.rows.push(keep(row.line_or_index, &good)),
            Err(fault) => kept.faults.push(FaultyRow {
                line: row.line_or_index,
                serial: row.serial.clone(),
                why: fault_words(&fault),
            }),
        }
    }
    let id = random_short_id()?;
    let text = serde_json::to_vec(&kept).map(Zeroizing::new);
    let text = text.map_err(|_| OperationError::Corrupt("a key file to be kept"))?;
    let sealed = services.keys.seal(&context(&id), &text)?;
    let import = KeyImport {
        id: id.clone(),
        portal: ctx.portal_slug().to_owned(),
        member_id: member.id,
        kind,
        file_name,
        rows_sealed: sealed.bytes,
        sealing_key_id: sealed.key_id,
        created_at: ctx.now,
        expires_at: ctx.now + KEPT_FOR,
    };
    let details = format!("{} of {} rows good, kind {kind}", kept.rows.len(), rows.len());
    let ctx = ctx.clone();
    services
        .db
        .write(move |conn| {
            key_imports::replace(conn, import.clone())?;
            audit::write(conn, &ctx, "token.preview", "stock", AuditResult::Done, &details)
        })
        .await?;
    Ok(UploadOutcome::Kept(id))
}

async fn refuse(
    services: &Services,
    ctx: &Ctx,
    error: KeyFileError,
) -> Result<UploadOutcome, OperationError> {
    let (ctx, details) = (ctx.clone(), error.to_string());
    services
        .db
        .write(move |conn| {
            audit::write(conn, &ctx, "token.preview", "stock", AuditResult::Refused, &details)
        })
        .await?;
    Ok(UploadOutcome::Refused(error))
}

fn fault_words(fault: &RowFault) -> String {
    match fault {
        RowFault::Problem(problem) => problem.message(),
        RowFault::Serial { min, max } => format!(
            "このシリアル番号は、お客さまの画面で入力できない形です（{min}〜{max}文字）。種類が正しいかをご確認ください。"
        ),
    }
}

fn keep(line: usize, row: &ImportRow) -> KeptRow {
    KeptRow {
        line,
        serial: row.serial.clone(),
        secret: row.secret.expose().to_vec(),
        algorithm: row.algorithm,
        digits: row.digits,
        period_seconds: row.period_seconds,
        drift_steps: row.drift_steps,
        valid_from: row.valid_from,
        expires_at: row.expires_at,
    }
}

fn open(services: &Services, import: &KeyImport) -> Result<Kept, OperationError> {
    let context = context(&import.id);
    let opened = services.keys.open(&context, &import.sealing_key_id, &import.rows_sealed)?;
    let kept = serde_json::from_slice(opened.expose());
    kept.map_err(|_| OperationError::Corrupt("a key file that was kept"))
}

async fn find(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    id: &str,
) -> Result<Option<KeyImport>, OperationError> {
    let (slug, id, of) = (ctx.portal_slug().to_owned(), id.to_owned(), (member.id, ctx.now));
    Ok(services.db.read(move |conn| key_imports::find(conn, &slug, &id, of)).await?)
}

/// What the import of a file would do now; nothing where there is no such file of this member.
///
/// Permission: whoever uploaded it.
///
/// # Errors
/// Database or key trouble.
pub async fn preview(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    id: &str,
) -> Result<Option<Preview>, OperationError> {
    let Some(import) = find(services, ctx, member, id).await? else { return Ok(None) };
    let kept = open(services, &import)?;
    let serials: Vec<String> = kept.rows.iter().map(|row| row.serial.clone()).collect();
    let slug = ctx.portal_slug().to_owned();
    let there =
        services.db.read(move |conn| tokens::list_known_serials(conn, &slug, &serials)).await?;
    let place = |row: &KeptRow| (row.line, row.serial.clone());
    let (known, new) = kept.rows.iter().partition::<Vec<_>, _>(|row| there.contains(&row.serial));
    Ok(Some(Preview {
        file_name: import.file_name,
        kind: import.kind,
        expires_at: import.expires_at,
        new: new.into_iter().map(place).collect(),
        known: known.into_iter().map(place).collect(),
        faults: kept.faults,
    }))
}

/// Imports a file that was looked at; the result says how many were new, and how many known.
///
/// Permission: whoever uploaded it.
///
/// # Errors
/// Database or sealing trouble; a refusal is a value.
pub async fn import(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    (id, note): (&str, String),
) -> Result<ActOutcome, OperationError> {
    let Some(import) = find(services, ctx, member, id).await? else {
        // The twin of a double click, perhaps.
        return Ok(match find_made(services, member, key).await? {
            ActOutcome::Made(id) => ActOutcome::Made(id),
            _ => ActOutcome::NotFound,
        });
    };
    let kept = open(services, &import)?;
    let sealed = kept
        .rows
        .iter()
        .map(|row| seal(services, ctx, import.kind, &row_of(row)))
        .collect::<Result<Vec<_>, OperationError>>()?;
    let subject = Subject {
        act: StaffAct::Import,
        user_id: None,
        token_id: None,
        note,
        payload: import.file_name.clone(),
    };
    let (of, kind) = ((member.id, ctx.now), import.kind);
    let done = do_now(services, ctx, member, key, subject, move |conn, ctx| {
        guard(key_imports::take(conn, &import.id, of)?)?;
        let mut imported = 0_usize;
        for token in &sealed {
            imported += usize::from(tokens::insert(conn, token)?);
        }
        let details = format!("{imported} of {} rows, kind {kind}", sealed.len());
        audit::write(conn, ctx, "token.import", "stock", AuditResult::Done, &details)?;
        Ok(Ok(format!("{imported} {}", sealed.len() - imported)))
    });
    Ok(done.await?)
}

fn row_of(row: &KeptRow) -> ImportRow {
    ImportRow {
        serial: row.serial.clone(),
        secret: Secret::new(row.secret.clone()),
        algorithm: row.algorithm,
        digits: row.digits,
        period_seconds: row.period_seconds,
        drift_steps: row.drift_steps,
        valid_from: row.valid_from,
        expires_at: row.expires_at,
    }
}
