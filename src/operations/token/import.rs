//! Stock import: rows of a maker's key file become tokens in stock, their secrets sealed.

use crate::db::DbError;
use crate::db::queries::tokens::{self, NewToken};
use crate::domain::audit::AuditResult;
use crate::domain::portal::KindRules;
use crate::domain::token::{OtpAlgorithm, Token, TokenKind, TokenState};
use crate::keyfile::error::RowProblem;
use crate::keyfile::{HashAlgorithm, ImportedToken, KeyRow};
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::clock::{UtcTime, jst_day_start};
use crate::primitives::secret::Secret;

/// Rows written in one transaction, so that a file of any size holds the writer only briefly.
const BATCH: usize = 500;

/// A token to be imported.
#[derive(Debug, Clone)]
pub struct ImportRow {
    /// Upper case.
    pub serial: String,
    /// Secret of RFC 6238.
    pub secret: Secret,
    /// Hash.
    pub algorithm: OtpAlgorithm,
    /// 6 or 8.
    pub digits: i32,
    /// 30 or 60.
    pub period_seconds: i32,
    /// The maker's word on the clock.
    pub drift_steps: i32,
    /// The maker's first moment of use, where the file has one.
    pub valid_from: Option<UtcTime>,
    /// 有効期限, where the file has one.
    pub expires_at: Option<UtcTime>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOutcome {
    /// In stock now.
    Imported,
    /// The portal has this serial already; nothing was changed.
    Exists,
}

/// Why a row of a file cannot be imported, whatever the stock holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFault {
    /// The row is bad by itself.
    Problem(RowProblem),
    /// Customers could not type its serial.
    Serial {
        /// Fewest characters of the portal's serials of this kind.
        min: u32,
        /// Most.
        max: u32,
    },
}

/// Rows of a file in their order: to be imported, or why not.
#[must_use]
pub fn sort_out(rows: &[KeyRow], kind: &KindRules) -> Vec<Result<ImportRow, RowFault>> {
    let serial = RowFault::Serial { min: kind.serial_length_min, max: kind.serial_length_max };
    let one = |row: &KeyRow| match &row.outcome {
        Err(problem) => Err(RowFault::Problem(problem.clone())),
        Ok(token) if !kind.accepts_serial(&token.serial) => Err(serial.clone()),
        Ok(token) => Ok(import_row(token)),
    };
    rows.iter().map(one).collect()
}

fn import_row(token: &ImportedToken) -> ImportRow {
    ImportRow {
        serial: token.serial.clone(),
        secret: token.secret.clone(),
        algorithm: match token.algorithm {
            HashAlgorithm::Sha1 => OtpAlgorithm::Sha1,
            HashAlgorithm::Sha256 => OtpAlgorithm::Sha256,
            HashAlgorithm::Sha512 => OtpAlgorithm::Sha512,
        },
        digits: i32::from(token.digits),
        period_seconds: i32::from(token.period_seconds),
        drift_steps: token.drift_steps,
        valid_from: token.starts_on.map(jst_day_start),
        expires_at: token.expires_at,
    }
}

/// Imports rows of one kind into the portal's stock; returns each row's outcome, in order.
///
/// Permission: staff (by command).
///
/// # Errors
/// Database or sealing trouble; batches before it are imported.
pub fn import(
    services: &Services,
    ctx: &Ctx,
    kind: TokenKind,
    rows: &[ImportRow],
) -> Result<Vec<RowOutcome>, OperationError> {
    let mut outcomes = Vec::with_capacity(rows.len());
    for batch in rows.chunks(BATCH) {
        let sealed = batch
            .iter()
            .map(|row| seal(services, ctx, kind, row))
            .collect::<Result<Vec<NewToken>, OperationError>>()?;
        let ctx = ctx.clone();
        outcomes.extend(services.db.write_blocking(move |conn| {
            let mut outcomes = Vec::with_capacity(sealed.len());
            for token in &sealed {
                let is_new = tokens::insert(conn, token)?;
                outcomes.push(if is_new { RowOutcome::Imported } else { RowOutcome::Exists });
            }
            let imported = outcomes.iter().filter(|o| **o == RowOutcome::Imported).count();
            let details = format!("{imported} of {} rows, kind {kind}", outcomes.len());
            audit::write(conn, &ctx, "token.import", "stock", AuditResult::Done, &details)?;
            Ok::<_, DbError>(outcomes)
        })?);
    }
    Ok(outcomes)
}

/// A row ready for the table.
///
/// # Errors
/// Sealing trouble.
pub fn seal(
    services: &Services,
    ctx: &Ctx,
    kind: TokenKind,
    row: &ImportRow,
) -> Result<NewToken, OperationError> {
    let context = Token::sealing_context(ctx.portal_slug(), &row.serial);
    let sealed = services.keys.seal(&context, row.secret.expose())?;
    Ok(NewToken {
        portal: ctx.portal_slug().to_owned(),
        serial: row.serial.clone(),
        kind,
        state: TokenState::Stock,
        contract_id: None,
        algorithm: row.algorithm,
        digits: row.digits,
        period_seconds: row.period_seconds,
        secret_sealed: sealed.bytes,
        sealing_key_id: sealed.key_id,
        drift_steps: row.drift_steps,
        drift_base_steps: row.drift_steps,
        valid_from: row.valid_from,
        expires_at: row.expires_at,
        imported_at: ctx.now,
        shipped_at: None,
    })
}
