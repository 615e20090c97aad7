//! 外部ファイル受信: the files that the institution puts out for companies, and what goes to other
//! banks.
//!
//! A file is begun once for what it is made of (the result of a bulk file, an account and its days,
//! the institution and its days), written by the worker from beginning to end, fetched after a
//! proof, and kept so many days as the profile says. Who receives which one:
//! [`crate::domain::external_file::ExternalKind::rights`].

pub mod expire;
mod outgoing;
pub mod plan;
pub mod receive;
pub(in crate::operations) mod result;
mod statement;
pub mod write;

use chrono::NaiveDate;

use crate::db::queries::external_files::{self, ExternalFilter, NewExternalFile};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::BulkFile;
use crate::domain::external_file::{ExternalFile, ExternalKind, ExternalState, kept_since};
use crate::domain::receipt::number_text;
use crate::domain::right::Rights;
use crate::domain::user::User;
use crate::operations::{Ctx, right};
use crate::primitives::clock::jst_day;
use crate::primitives::ids::ExternalFileId;

/// The contract's file with this id, if this user receives it and its time is not over.
///
/// # Errors
/// Whatever the database says.
pub fn find_open(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    id: ExternalFileId,
) -> Result<Option<ExternalFile>, DbError> {
    if !ctx.profile.services.external_files {
        return Ok(None);
    }
    let found = external_files::find_of_contract(conn, user.contract_id, id)?;
    let Some(file) = found.filter(|file| is_there(ctx, file)) else { return Ok(None) };
    let rights = right::of_user(conn, ctx, user)?;
    Ok(file.is_open_to(&rights).then_some(file))
}

/// Whether the file can be fetched now.
#[must_use]
pub fn is_there(ctx: &Ctx, file: &ExternalFile) -> bool {
    file.is_there(ctx.now, ctx.profile.files.external_kept_days)
}

/// The kinds that a user with these rights receives.
#[must_use]
pub fn open_kinds(rights: &Rights) -> Vec<ExternalKind> {
    let all = ExternalKind::FOR_CONTRACTS.into_iter();
    all.filter(|kind| kind.is_open_to(rights)).collect()
}

/// How many files this user receives that nobody has fetched.
///
/// # Errors
/// Whatever the database says.
pub fn count_new(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    rights: &Rights,
) -> Result<i64, DbError> {
    let filter = ExternalFilter {
        kinds: open_kinds(rights),
        account_ids: rights.account_ids(),
        since: kept_since(ctx.now, ctx.profile.files.external_kept_days),
        is_fetched: Some(false),
        before: None,
    };
    external_files::count(conn, user.contract_id, &filter)
}

/// Begins the result of a bulk file, in the transaction that executes it: so that there is one for
/// each that was executed, and one only.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn begin_result_in_tx(conn: &mut DbConn, ctx: &Ctx, file: &BulkFile) -> Result<(), DbError> {
    let kind = ExternalKind::of_result(file.kind);
    let day = file.value_date.unwrap_or_else(|| jst_day(ctx.now));
    let number = file.receipt_number.map(number_text).unwrap_or_default();
    let row = NewExternalFile {
        contract_id: Some(file.contract_id),
        account_id: file.account_id,
        bulk_file_id: Some(file.id),
        name: file_name(kind, &format!("{}-{number}", day.format("%Y%m%d"))),
        ..begun(ctx, kind, (day, day), format!("result of bulk file {}", file.id))
    };
    external_files::insert(conn, &row).map(drop)
}

/// A file that is due.
pub(in crate::operations) fn begun(
    ctx: &Ctx,
    kind: ExternalKind,
    (from_day, to_day): (NaiveDate, NaiveDate),
    source: String,
) -> NewExternalFile {
    NewExternalFile {
        portal: ctx.portal_slug().to_owned(),
        contract_id: None,
        kind,
        account_id: None,
        bulk_file_id: None,
        from_day,
        to_day,
        source,
        state: ExternalState::Due,
        name: String::new(),
        record_length: i32::try_from(kind.record_length()).unwrap_or(0),
        staff_name: None,
        created_at: ctx.now,
    }
}

/// `kofuri-kekka-20261127-0000012.txt`.
pub(in crate::operations) fn file_name(kind: ExternalKind, of: &str) -> String {
    let ending = if kind.record_length() == 0 { "csv" } else { "txt" };
    format!("{}-{of}.{ending}", kind.file_word())
}
