//! Bulk files while their content comes or changes. Every UPDATE names the state and the content
//! that it leaves.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFile, BulkKind, BulkOrigin, BulkState};
use crate::domain::user::User;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ContractId};
use crate::primitives::yen::Yen;
use crate::schema::{bulk_chunks, bulk_files};

/// Files that broke off, taken away in one run.
const STALE_BATCH: i64 = 20;

/// What a file is once its last piece is there, or once its content was changed.
#[derive(Debug, Clone)]
pub struct BulkContent {
    /// 出金口座, or 入金口座 of a debit.
    pub account_id: AccountId,
    /// 指定日.
    pub value_date: NaiveDate,
    /// Data records.
    pub item_count: i64,
    /// Sum of their amounts in yen.
    pub total: Yen,
    /// SHA-256 over the digests of the chunks.
    pub content_sha256: String,
    /// Where records were taken away, as [`crate::domain::bulk_file::content::Layout`] has it.
    pub gaps: String,
}

/// Says that bytes of an upload still come. False: it was taken away.
///
/// # Errors
/// Whatever the database says.
pub fn touch(conn: &mut DbConn, id: BulkFileId, now: UtcTime) -> Result<bool, DbError> {
    let coming = bulk_files::table.find(id).filter(bulk_files::state.eq(BulkState::Uploading));
    let touched = diesel::update(coming).set(bulk_files::changed_at.eq(now)).execute(conn)?;
    Ok(touched == 1)
}

/// Makes a draft of what was coming. False: it was taken away.
///
/// # Errors
/// Whatever the database says.
pub fn finish(
    conn: &mut DbConn,
    id: BulkFileId,
    content: &BulkContent,
    (original_sha256, state): (Option<&str>, BulkState),
    now: UtcTime,
) -> Result<bool, DbError> {
    let coming = bulk_files::table.find(id).filter(bulk_files::state.eq(BulkState::Uploading));
    let finished = diesel::update(coming)
        .set((
            bulk_files::state.eq(state),
            bulk_files::account_id.eq(content.account_id),
            bulk_files::value_date.eq(content.value_date),
            bulk_files::item_count.eq(content.item_count),
            bulk_files::total_yen.eq(content.total),
            bulk_files::original_sha256.eq(original_sha256),
            bulk_files::content_sha256.eq(&content.content_sha256),
            bulk_files::gaps.eq(&content.gaps),
            bulk_files::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(finished == 1)
}

/// All of an external file has come and is right: it waits for the proof of whoever sent it, seen
/// by nobody else, and is taken away like any upload of which nothing comes. False: it was taken
/// away.
///
/// # Errors
/// Whatever the database says.
pub fn stage(
    conn: &mut DbConn,
    id: BulkFileId,
    content: &BulkContent,
    (original_sha256, deadline_at): (&str, UtcTime),
    now: UtcTime,
) -> Result<bool, DbError> {
    let coming = bulk_files::table.find(id).filter(bulk_files::state.eq(BulkState::Uploading));
    let staged = diesel::update(coming)
        .set((
            bulk_files::value_date.eq(content.value_date),
            bulk_files::item_count.eq(content.item_count),
            bulk_files::total_yen.eq(content.total),
            bulk_files::original_sha256.eq(original_sha256),
            bulk_files::content_sha256.eq(&content.content_sha256),
            bulk_files::deadline_at.eq(Some(deadline_at)),
            bulk_files::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(staged == 1)
}

/// The external file with this id that waits for this user's proof.
///
/// # Errors
/// Whatever the database says.
pub fn find_staged(
    conn: &mut DbConn,
    user: &User,
    id: BulkFileId,
) -> Result<Option<BulkFile>, DbError> {
    Ok(bulk_files::table
        .find(id)
        .filter(bulk_files::contract_id.eq(user.contract_id))
        .filter(bulk_files::maker_id.eq(user.id))
        .filter(bulk_files::state.eq(BulkState::Uploading))
        .filter(bulk_files::origin.eq(BulkOrigin::External))
        .filter(bulk_files::content_sha256.ne(""))
        .select(BulkFile::as_select())
        .first(conn)
        .optional()?)
}

/// Writes down that the content of a file is another one, if it still is what `file` says: a draft
/// again, whatever was approved. False: somebody was faster.
///
/// # Errors
/// Whatever the database says.
pub fn update_content(
    conn: &mut DbConn,
    file: &BulkFile,
    content: &BulkContent,
    (name, state): (&str, BulkState),
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = bulk_files::table
        .find(file.id)
        .filter(bulk_files::state.eq(file.state))
        .filter(bulk_files::content_sha256.eq(&file.content_sha256))
        .filter(bulk_files::version.eq(file.version));
    let updated = diesel::update(guarded)
        .set((
            bulk_files::state.eq(state),
            bulk_files::name.eq(name),
            bulk_files::account_id.eq(content.account_id),
            bulk_files::value_date.eq(content.value_date),
            bulk_files::item_count.eq(content.item_count),
            bulk_files::total_yen.eq(content.total),
            bulk_files::content_sha256.eq(&content.content_sha256),
            bulk_files::gaps.eq(&content.gaps),
            bulk_files::version.eq(bulk_files::version + 1),
            bulk_files::approvals_given.eq(0),
            bulk_files::approvals_needed.eq(0),
            bulk_files::deadline_at.eq(None::<NaiveDateTime>),
            bulk_files::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(updated == 1)
}

/// Hands a draft in, if it still stands so with this content. False: somebody was faster.
///
/// # Errors
/// Whatever the database says.
pub fn submit(
    conn: &mut DbConn,
    file: &BulkFile,
    state: BulkState,
    (approvals_needed, deadline_at): (i32, UtcTime),
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = bulk_files::table
        .find(file.id)
        .filter(bulk_files::state.eq(file.state))
        .filter(bulk_files::content_sha256.eq(&file.content_sha256))
        .filter(bulk_files::version.eq(file.version))
        .filter(bulk_files::submission.eq(file.submission));
    let moved = diesel::update(guarded)
        .set((
            bulk_files::state.eq(state),
            bulk_files::submission.eq(bulk_files::submission + 1),
            bulk_files::approvals_given.eq(0),
            bulk_files::approvals_needed.eq(approvals_needed),
            bulk_files::deadline_at.eq(Some(deadline_at)),
            bulk_files::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(moved == 1)
}

/// A file of the contract that may be the same one: it has the same bytes, or the same kind, day,
/// count and sum. Those that came to nothing do not count.
///
/// # Errors
/// Whatever the database says.
pub fn find_alike(
    conn: &mut DbConn,
    contract_id: ContractId,
    kind: BulkKind,
    (original_sha256, content): (&str, &BulkContent),
) -> Result<Option<BulkFile>, DbError> {
    let gone = [BulkState::Uploading, BulkState::Deleted, BulkState::Rejected, BulkState::Expired];
    let is_same = bulk_files::original_sha256.eq(original_sha256);
    let is_like = bulk_files::value_date
        .eq(content.value_date)
        .and(bulk_files::item_count.eq(content.item_count))
        .and(bulk_files::total_yen.eq(content.total));
    Ok(bulk_files::table
        .filter(bulk_files::contract_id.eq(contract_id))
        .filter(bulk_files::kind.eq(kind))
        .filter(bulk_files::state.ne_all(gone))
        .filter(is_same.assume_not_null().or(is_like.assume_not_null()))
        .select(BulkFile::as_select())
        .order(bulk_files::id.desc())
        .first(conn)
        .optional()?)
}

/// Uploads of which nothing has come since `before`, and those that were given up already.
///
/// # Errors
/// Whatever the database says.
pub fn list_stale(conn: &mut DbConn, before: UtcTime) -> Result<Vec<BulkFileId>, DbError> {
    let is_stale =
        bulk_files::state.eq(BulkState::Uploading).and(bulk_files::changed_at.lt(before));
    let is_given_up =
        bulk_files::state.eq(BulkState::Deleted).and(bulk_files::account_id.is_null());
    Ok(bulk_files::table
        .filter(is_stale.or(is_given_up))
        .select(bulk_files::id)
        .order(bulk_files::id)
        .limit(STALE_BATCH)
        .load(conn)?)
}

/// Gives an upload up, so that it can become no draft any more; only then its chunks go. False: it
/// is a draft, or something came since `before`.
///
/// # Errors
/// Whatever the database says.
pub fn give_up(
    conn: &mut DbConn,
    id: BulkFileId,
    before: Option<UtcTime>,
) -> Result<bool, DbError> {
    let own = bulk_files::table.find(id).filter(bulk_files::account_id.is_null());
    let own = own.filter(bulk_files::state.eq_any([BulkState::Uploading, BulkState::Deleted]));
    let gone = bulk_files::state.eq(BulkState::Deleted);
    let given_up = match before {
        None => diesel::update(own).set(gone).execute(conn)?,
        Some(before) => {
            diesel::update(own.filter(bulk_files::changed_at.lt(before))).set(gone).execute(conn)?
        }
    };
    Ok(given_up == 1)
}

/// Takes away up to `count` of the last chunks of an upload that was given up; how many there were.
///
/// # Errors
/// Whatever the database says.
pub fn delete_chunks(conn: &mut DbConn, id: BulkFileId, count: i64) -> Result<usize, DbError> {
    let last: Option<i64> = bulk_chunks::table
        .filter(bulk_chunks::file_id.eq(id))
        .select(bulk_chunks::no)
        .order(bulk_chunks::no.desc())
        .first(conn)
        .optional()?;
    let Some(last) = last else { return Ok(0) };
    let some = bulk_chunks::table
        .filter(bulk_chunks::file_id.eq(id))
        .filter(bulk_chunks::no.gt(last - count));
    Ok(diesel::delete(some).execute(conn)?)
}

/// Takes away an upload that was given up and has no chunks any more.
///
/// # Errors
/// Whatever the database says.
pub fn delete(conn: &mut DbConn, id: BulkFileId) -> Result<(), DbError> {
    let given_up = bulk_files::table
        .find(id)
        .filter(bulk_files::state.eq(BulkState::Deleted))
        .filter(bulk_files::account_id.is_null());
    diesel::delete(given_up).execute(conn)?;
    Ok(())
}

/// Takes away the chunks from number `from` on.
///
/// # Errors
/// Whatever the database says.
pub fn delete_chunks_from(conn: &mut DbConn, id: BulkFileId, from: i64) -> Result<(), DbError> {
    let rest =
        bulk_chunks::table.filter(bulk_chunks::file_id.eq(id)).filter(bulk_chunks::no.ge(from));
    diesel::delete(rest).execute(conn)?;
    Ok(())
}
