//! Bulk files as users find them, and who did what with them. Every list carries the contract.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkAct, BulkFile, BulkKind, BulkState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ContractId, UserId};
use crate::schema::{bulk_approvals, bulk_events, bulk_files};

/// Which files a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkFilter {
    /// Of these kinds.
    pub kinds: Vec<BulkKind>,
    /// On these accounts; nothing: on all of the contract.
    pub account_ids: Option<Vec<AccountId>>,
    /// Standing so; none: however they stand, unless on their way or deleted.
    pub states: Vec<BulkState>,
    /// Begun by this user.
    pub maker: Option<UserId>,
}

macro_rules! filtered {
    ($contract_id:expr, $filter:expr) => {{
        let mut query = bulk_files::table
            .filter(bulk_files::contract_id.eq($contract_id))
            .filter(bulk_files::kind.eq_any($filter.kinds.clone()))
            .into_boxed();
        if let Some(ids) = &$filter.account_ids {
            query = query.filter(bulk_files::account_id.eq_any(ids.clone()));
        }
        if let Some(maker_id) = $filter.maker {
            query = query.filter(bulk_files::maker_id.eq(maker_id));
        }
        if $filter.states.is_empty() {
            let hidden = [BulkState::Uploading, BulkState::Deleted];
            query = query.filter(bulk_files::state.ne_all(hidden));
        } else {
            query = query.filter(bulk_files::state.eq_any($filter.states.clone()));
        }
        query
    }};
}

/// A page of a contract's files, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    contract_id: ContractId,
    filter: &BulkFilter,
    (skip, take): (i64, i64),
) -> Result<Vec<BulkFile>, DbError> {
    Ok(filtered!(contract_id, filter)
        .select(BulkFile::as_select())
        .order(bulk_files::id.desc())
        .offset(skip)
        .limit(take)
        .load(conn)?)
}

/// How many files the list has.
///
/// # Errors
/// Whatever the database says.
pub fn count(
    conn: &mut DbConn,
    contract_id: ContractId,
    filter: &BulkFilter,
) -> Result<i64, DbError> {
    Ok(filtered!(contract_id, filter).count().get_result(conn)?)
}

/// A contract's files, those with the nearest deadline first.
///
/// # Errors
/// Whatever the database says.
pub fn list_by_deadline(
    conn: &mut DbConn,
    contract_id: ContractId,
    filter: &BulkFilter,
    limit: i64,
) -> Result<Vec<BulkFile>, DbError> {
    Ok(filtered!(contract_id, filter)
        .select(BulkFile::as_select())
        .order((bulk_files::deadline_at, bulk_files::id))
        .limit(limit)
        .load(conn)?)
}

/// The file of the same contract and kind that was sent last, this one aside.
///
/// # Errors
/// Whatever the database says.
pub fn find_last_sent(conn: &mut DbConn, file: &BulkFile) -> Result<Option<BulkFile>, DbError> {
    use BulkState::{Accepted, Done, PartlyFailed, Sent};
    Ok(bulk_files::table
        .filter(bulk_files::contract_id.eq(file.contract_id))
        .filter(bulk_files::kind.eq(file.kind))
        .filter(bulk_files::id.ne(file.id))
        .filter(bulk_files::state.eq_any([Sent, Accepted, Done, PartlyFailed]))
        .select(BulkFile::as_select())
        .order((bulk_files::sent_at.desc(), bulk_files::id.desc()))
        .first(conn)
        .optional()?)
}

/// Which of these files the user began or changed.
///
/// # Errors
/// Whatever the database says.
pub fn list_made_by(
    conn: &mut DbConn,
    ids: &[BulkFileId],
    user_id: UserId,
) -> Result<Vec<BulkFileId>, DbError> {
    Ok(bulk_events::table
        .filter(bulk_events::file_id.eq_any(ids.to_vec()))
        .filter(bulk_events::user_id.eq(user_id))
        .filter(bulk_events::act.eq_any([BulkAct::Create, BulkAct::Edit]))
        .select(bulk_events::file_id)
        .distinct()
        .load(conn)?)
}

/// What of these files the user approved: the file, and which time that it was handed in.
///
/// # Errors
/// Whatever the database says.
pub fn list_approved_by(
    conn: &mut DbConn,
    ids: &[BulkFileId],
    user_id: UserId,
) -> Result<Vec<(BulkFileId, i32)>, DbError> {
    Ok(bulk_approvals::table
        .filter(bulk_approvals::file_id.eq_any(ids.to_vec()))
        .filter(bulk_approvals::user_id.eq(user_id))
        .select((bulk_approvals::file_id, bulk_approvals::submission))
        .load(conn)?)
}

/// Files of a portal whose deadline passed before they were sent, oldest deadline first.
///
/// # Errors
/// Whatever the database says.
pub fn list_overdue(
    conn: &mut DbConn,
    portal: &str,
    now: UtcTime,
    (after, limit): (BulkFileId, i64),
) -> Result<Vec<BulkFileId>, DbError> {
    Ok(bulk_files::table
        .filter(bulk_files::state.eq_any([BulkState::Waiting, BulkState::Approved]))
        .filter(bulk_files::portal.eq(portal))
        .filter(bulk_files::deadline_at.lt(now))
        .filter(bulk_files::id.gt(after))
        .select(bulk_files::id)
        .order(bulk_files::id)
        .limit(limit)
        .load(conn)?)
}
