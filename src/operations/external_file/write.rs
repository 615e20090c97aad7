//! Writing a file that is due: piece by piece in short transactions, so that neither memory nor the
//! writer is held by its size. A file is there only once all of it is; what a killed server left in
//! the middle is written again from its beginning, and who was overtaken writes nothing any more.

use sha2::{Digest, Sha256};

use super::{outgoing, result, statement};
use crate::db::queries::external_files::{self, Content};
use crate::db::{DbConn, DbError, TransactionError};
use crate::domain::audit::{AuditResult, hex};
use crate::domain::external_file::{ExternalFile, ExternalKind};
use crate::operations::notice::external;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::ExternalFileId;
use crate::primitives::yen::Yen;
use crate::zengin::layout::LineEnd;
use crate::zengin::record::FieldError;

/// Bytes of a piece at least, but for the last one.
const PIECE: usize = 240 * 1024;
/// Pieces taken away in one transaction.
pub(super) const PIECES_A_TIME: i64 = 40;
/// Files looked at once.
const BATCH: i64 = 100;

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Something does not fit the format.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// What it is made of cannot be read.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// Somebody else has set about writing it, or this process has lost its lease.
    #[error("somebody else writes the file")]
    Overtaken,
}

impl TransactionError for WriteError {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            WriteError::Db(error) => Some(error),
            WriteError::Operation(error) => error.as_db_error(),
            WriteError::Field(_) | WriteError::Overtaken => None,
        }
    }
}

/// What became of the files that were due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WrittenFiles {
    /// Written.
    pub ready: usize,
    /// There was nothing to write.
    pub empty: usize,
    /// Those that could not be written; they are tried again.
    pub broken: usize,
}

/// Whether anything is to be written.
///
/// # Errors
/// Whatever the database says.
pub fn has_due(conn: &mut DbConn, ctx: &Ctx) -> Result<bool, DbError> {
    let due = external_files::list_due(conn, ctx.portal_slug(), ExternalFileId(0), 1)?;
    Ok(!due.is_empty())
}

/// Writes what is due. Stops early where `goes_on` says no.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn write_due(
    services: &Services,
    ctx: &Ctx,
    goes_on: &dyn Fn() -> bool,
) -> Result<WrittenFiles, DbError> {
    let (mut all, mut after) = (WrittenFiles::default(), ExternalFileId(0));
    loop {
        let slug = ctx.portal_slug().to_owned();
        let files = services
            .db
            .read_blocking(|conn| external_files::list_due(conn, &slug, after, BATCH))?;
        let Some(last) = files.last() else { return Ok(all) };
        after = last.id;
        for file in &files {
            if !goes_on() {
                return Ok(all);
            }
            match write(services, ctx, file, goes_on) {
                Ok(true) => all.ready += 1,
                Ok(false) => all.empty += 1,
                Err(WriteError::Overtaken) => {}
                Err(WriteError::Db(error)) if error.is_transient() => return Err(error),
                // One that is broken does not keep the others from being written.
                Err(error) => {
                    all.broken += 1;
                    tracing::error!(file = %file.id, %error, "a file cannot be put out");
                }
            }
        }
    }
}

/// Writes one file from its beginning. False: there was nothing to write.
///
/// Permission: the worker.
///
/// # Errors
/// Why it is not written; it stays due.
pub fn write(
    services: &Services,
    ctx: &Ctx,
    file: &ExternalFile,
    goes_on: &dyn Fn() -> bool,
) -> Result<bool, WriteError> {
    let (db, taken) = (&services.db, file.clone());
    if !db.claim_blocking(move |conn| external_files::take(conn, &taken))? {
        return Err(WriteError::Overtaken);
    }
    let held = (file.id, file.attempt + 1);
    let some = move |conn: &mut _| external_files::clear(conn, held, PIECES_A_TIME);
    while db.claim_blocking(some)?.ok_or(WriteError::Overtaken)? > 0 {}
    let mut sink = Sink::new(services, held, goes_on);
    match file.kind {
        ExternalKind::Statement => statement::write(services, ctx, file, &mut sink)?,
        ExternalKind::CreditNotice => statement::write_credits(services, ctx, file, &mut sink)?,
        ExternalKind::DebitResult => result::write_debits(services, file, &mut sink)?,
        ExternalKind::TransferResult | ExternalKind::PayrollResult => {
            result::write_payments(services, file, &mut sink)?;
        }
        ExternalKind::Outgoing => outgoing::write(services, ctx, file, &mut sink)?,
    }
    end(services, ctx, file, sink)
}

fn end(
    services: &Services,
    ctx: &Ctx,
    file: &ExternalFile,
    mut sink: Sink<'_>,
) -> Result<bool, WriteError> {
    let held = sink.held;
    if sink.content.item_count == 0 {
        // A header alone was never stored: a piece is longer.
        let is_done =
            services.db.claim_blocking(move |conn| external_files::finish_empty(conn, held))?;
        return if is_done { Ok(false) } else { Err(WriteError::Overtaken) };
    }
    sink.store()?;
    let content = sink.content();
    let (ctx, file) = (ctx.clone(), file.clone());
    let is_done = services.db.write_blocking(move |conn| {
        if !external_files::finish(conn, held, &content, ctx.now)? {
            return Ok::<_, DbError>(false);
        }
        let object = format!("external file {}", file.id);
        let details = details(&file, &content);
        audit::write(conn, &ctx, "external.put_out", &object, AuditResult::Done, &details)?;
        external::tell_readers(conn, &ctx, &file)?;
        Ok(true)
    })?;
    if is_done { Ok(true) } else { Err(WriteError::Overtaken) }
}

/// `statement of 12 records, 500000 yen, 2026-11-20 to 2026-11-22, content 0123456789ab`.
pub(super) fn details(file: &ExternalFile, content: &Content) -> String {
    let digest: String = content.sha256.chars().take(12).collect();
    format!(
        "{} of {} records, {} yen, {} to {}, content {digest}",
        file.kind, content.item_count, content.total.0, file.from_day, file.to_day
    )
}

/// Takes the file's records and stores them piece by piece.
pub(super) struct Sink<'a> {
    services: &'a Services,
    held: (ExternalFileId, i64),
    goes_on: &'a dyn Fn() -> bool,
    buffer: Vec<u8>,
    next: i64,
    whole: Sha256,
    plain: Sha256,
    has_records: bool,
    content: Content,
}

impl<'a> Sink<'a> {
    fn new(
        services: &'a Services,
        held: (ExternalFileId, i64),
        goes_on: &'a dyn Fn() -> bool,
    ) -> Sink<'a> {
        Sink {
            services,
            held,
            goes_on,
            buffer: Vec::new(),
            next: 0,
            whole: Sha256::new(),
            plain: Sha256::new(),
            has_records: false,
            content: Content::default(),
        }
    }

    /// A record of the banks' formats, without its line end.
    pub(super) fn record(&mut self, record: &[u8]) -> Result<(), WriteError> {
        self.has_records = true;
        self.plain.update(record);
        self.buffer.extend_from_slice(record);
        self.buffer.extend_from_slice(LineEnd::CrLf.bytes());
        self.store_full()
    }

    /// A line of CSV with its end.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), WriteError> {
        self.buffer.extend_from_slice(line);
        self.store_full()
    }

    /// Counts an item with its amount.
    pub(super) fn count(&mut self, amount: Yen) -> Result<(), WriteError> {
        self.content.item_count += 1;
        let sum = self.content.total.checked_add(amount);
        self.content.total = sum.ok_or(OperationError::Corrupt("a sum of a file"))?;
        Ok(())
    }

    /// What was posted for the records, and what else was.
    pub(super) fn posted(&mut self, posted: Yen, other: Yen) {
        self.content.posted = Some((posted, other));
    }

    fn store_full(&mut self) -> Result<(), WriteError> {
        // A file without items leaves nothing behind.
        if self.buffer.len() < PIECE || self.content.item_count == 0 {
            return Ok(());
        }
        self.store()
    }

    fn store(&mut self) -> Result<(), WriteError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if !(self.goes_on)() {
            return Err(WriteError::Overtaken);
        }
        let bytes = std::mem::take(&mut self.buffer);
        self.whole.update(&bytes);
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        self.content.byte_count = self.content.byte_count.saturating_add(length);
        let (held, no) = (self.held, self.next);
        self.next += 1;
        let is_held = self
            .services
            .db
            .claim_blocking(move |conn| external_files::insert_chunk(conn, held, no, &bytes))?;
        if is_held { Ok(()) } else { Err(WriteError::Overtaken) }
    }

    fn content(self) -> Content {
        let plain = hex(&self.plain.finalize());
        Content {
            sha256: hex(&self.whole.finalize()),
            plain_sha256: if self.has_records { plain } else { String::new() },
            ..self.content
        }
    }
}
