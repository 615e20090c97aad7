//! The moves of a bulk file that need more than its state: an approval, the sending.

use diesel::prelude::*;

use crate::db::savepoint::insert_or_conflict;
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFile, BulkState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, ReceiptId, UserId};
use crate::schema::{bulk_approvals, bulk_files};

/// The file only as it was loaded: where it stands, what it contains, which time it was handed in,
/// how many approved that; and only before its deadline.
macro_rules! unchanged {
    ($file:expr, $now:expr) => {
        bulk_files::table
            .find($file.id)
            .filter(bulk_files::state.eq($file.state))
            .filter(bulk_files::content_sha256.eq(&$file.content_sha256))
            .filter(bulk_files::submission.eq($file.submission))
            .filter(bulk_files::approvals_given.eq($file.approvals_given))
            .filter(bulk_files::deadline_at.ge($now))
    };
}

/// Writes down who approved what was handed in; false where that user did so before.
///
/// # Errors
/// Whatever the database says.
pub fn insert_approval(
    conn: &mut DbConn,
    file: &BulkFile,
    user_id: UserId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let row = diesel::insert_into(bulk_approvals::table).values((
        bulk_approvals::file_id.eq(file.id),
        bulk_approvals::submission.eq(file.submission),
        bulk_approvals::user_id.eq(user_id),
        bulk_approvals::content_sha256.eq(&file.content_sha256),
        bulk_approvals::approved_at.eq(now),
    ));
    insert_or_conflict(conn, |conn| row.execute(conn))
}

/// Counts one more approval, and moves the file with it. False: somebody was faster, or the
/// deadline has passed.
///
/// # Errors
/// Whatever the database says.
pub fn approve(
    conn: &mut DbConn,
    file: &BulkFile,
    to: BulkState,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded =
        unchanged!(file, now).filter(bulk_files::approvals_given.lt(bulk_files::approvals_needed));
    let moved = diesel::update(guarded)
        .set((
            bulk_files::approvals_given.eq(bulk_files::approvals_given + 1),
            bulk_files::state.eq(to),
            bulk_files::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(moved == 1)
}

/// Sends the file, only with every approval that it needs. False: somebody was faster, or the
/// deadline has passed.
///
/// # Errors
/// Whatever the database says.
pub fn send(
    conn: &mut DbConn,
    file: &BulkFile,
    sender_id: UserId,
    (receipt_id, number): (ReceiptId, i32),
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded =
        unchanged!(file, now).filter(bulk_files::approvals_given.eq(bulk_files::approvals_needed));
    let moved = diesel::update(guarded)
        .set((
            bulk_files::state.eq(BulkState::Sent),
            bulk_files::sent_at.eq(now),
            bulk_files::sender_id.eq(sender_id),
            bulk_files::receipt_id.eq(receipt_id),
            bulk_files::receipt_number.eq(number),
            bulk_files::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(moved == 1)
}

/// Sends an external file, only as it was loaded and before its deadline. False: it was sent or
/// taken away meanwhile, or the deadline has passed.
///
/// # Errors
/// Whatever the database says.
pub fn send_external(
    conn: &mut DbConn,
    file: &BulkFile,
    (account_id, sender_id): (AccountId, UserId),
    (receipt_id, number): (ReceiptId, i32),
    now: UtcTime,
) -> Result<bool, DbError> {
    let moved = diesel::update(unchanged!(file, now))
        .set((
            bulk_files::state.eq(BulkState::Sent),
            bulk_files::account_id.eq(account_id),
            bulk_files::submission.eq(1),
            bulk_files::sent_at.eq(now),
            bulk_files::sender_id.eq(sender_id),
            bulk_files::receipt_id.eq(receipt_id),
            bulk_files::receipt_number.eq(number),
            bulk_files::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(moved == 1)
}

/// The deadline has passed: the file expires, if it still waits. False: it does not.
///
/// # Errors
/// Whatever the database says.
pub fn expire(conn: &mut DbConn, file: &BulkFile, now: UtcTime) -> Result<bool, DbError> {
    let guarded = bulk_files::table
        .find(file.id)
        .filter(bulk_files::state.eq(file.state))
        .filter(bulk_files::submission.eq(file.submission))
        .filter(bulk_files::deadline_at.lt(now));
    let moved = diesel::update(guarded)
        .set((bulk_files::state.eq(BulkState::Expired), bulk_files::changed_at.eq(now)))
        .execute(conn)?;
    Ok(moved == 1)
}
