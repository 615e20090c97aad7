//! Bulk files: the file itself, its moves and its history. A move names the state that it leaves.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{
    BulkAct, BulkEvent, BulkFile, BulkKind, BulkOrigin, BulkService, BulkState,
};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{BulkFileId, ContractId, UserId};
use crate::schema::{bulk_events, bulk_files, bulk_services};

/// Most lines of a history that are shown.
const EVENTS_MAX: i64 = 1_000;

/// A file whose bytes are on their way.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bulk_files, treat_none_as_default_value = false)]
pub struct NewBulkFile {
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub contract_id: ContractId,
    /// What kind.
    pub kind: BulkKind,
    /// 種別コード.
    pub business_type: String,
    /// `uploading`, until its content is there.
    pub state: BulkState,
    /// How it came.
    pub origin: BulkOrigin,
    /// As its user knows it.
    pub name: String,
    /// Who began it.
    pub maker_id: UserId,
    /// Bytes from one record to the next.
    pub stride: i32,
    /// Begin.
    pub created_at: UtcTime,
    /// Last change.
    pub changed_at: UtcTime,
}

/// A line of a file's history.
#[derive(Debug, Clone)]
pub struct NewBulkEvent<'a> {
    /// Who; nobody for what the institution did.
    pub user_id: Option<UserId>,
    /// The name as it is.
    pub actor_name: &'a str,
    /// What.
    pub act: BulkAct,
    /// How the file stands now.
    pub state: BulkState,
    /// The proof that was given, by the name of its method.
    pub proof: &'a str,
    /// What was written to it.
    pub comment: &'a str,
    /// The content.
    pub content_sha256: &'a str,
}

/// What was agreed with the contract for this kind.
///
/// # Errors
/// Whatever the database says.
pub fn find_service(
    conn: &mut DbConn,
    contract_id: ContractId,
    kind: BulkKind,
) -> Result<Option<BulkService>, DbError> {
    Ok(bulk_services::table
        .find((contract_id, kind))
        .select(BulkService::as_select())
        .first(conn)
        .optional()?)
}

/// What was agreed with the contract, kind by kind.
///
/// # Errors
/// Whatever the database says.
pub fn list_services(
    conn: &mut DbConn,
    contract_id: ContractId,
) -> Result<Vec<BulkService>, DbError> {
    Ok(bulk_services::table
        .filter(bulk_services::contract_id.eq(contract_id))
        .select(BulkService::as_select())
        .order(bulk_services::kind)
        .load(conn)?)
}

/// Agrees on this for the contract and kind, whatever was agreed before.
///
/// # Errors
/// Whatever the database says.
pub fn replace_service(conn: &mut DbConn, service: &BulkService) -> Result<(), DbError> {
    let row = bulk_services::table.find((service.contract_id, service.kind));
    diesel::delete(row).execute(conn)?;
    diesel::insert_into(bulk_services::table).values(service.clone()).execute(conn)?;
    Ok(())
}

/// Begins a file.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, file: NewBulkFile) -> Result<BulkFileId, DbError> {
    Ok(diesel::insert_into(bulk_files::table)
        .values(file)
        .returning(bulk_files::id)
        .get_result(conn)?)
}

/// The contract's file with this id, unless it is still on its way or deleted.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    id: BulkFileId,
) -> Result<Option<BulkFile>, DbError> {
    Ok(bulk_files::table
        .find(id)
        .filter(bulk_files::contract_id.eq(contract_id))
        .filter(bulk_files::state.ne_all([BulkState::Uploading, BulkState::Deleted]))
        .select(BulkFile::as_select())
        .first(conn)
        .optional()?)
}

/// The file with this id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: BulkFileId) -> Result<BulkFile, DbError> {
    Ok(bulk_files::table.find(id).select(BulkFile::as_select()).first(conn)?)
}

/// Moves a file from one state to the next, only if it still stands there with this content. False:
/// somebody was faster.
///
/// # Errors
/// Whatever the database says.
pub fn move_state(
    conn: &mut DbConn,
    file: &BulkFile,
    to: BulkState,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = bulk_files::table
        .find(file.id)
        .filter(bulk_files::state.eq(file.state))
        .filter(bulk_files::content_sha256.eq(&file.content_sha256))
        .filter(bulk_files::submission.eq(file.submission));
    let moved = diesel::update(guarded)
        .set((bulk_files::state.eq(to), bulk_files::changed_at.eq(now)))
        .execute(conn)?;
    Ok(moved == 1)
}

/// Adds a line to a file's history.
///
/// # Errors
/// Whatever the database says.
pub fn insert_event(
    conn: &mut DbConn,
    id: BulkFileId,
    event: &NewBulkEvent<'_>,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::insert_into(bulk_events::table)
        .values((
            bulk_events::file_id.eq(id),
            bulk_events::happened_at.eq(now),
            bulk_events::user_id.eq(event.user_id),
            bulk_events::actor_name.eq(event.actor_name),
            bulk_events::act.eq(event.act),
            bulk_events::state.eq(event.state),
            bulk_events::proof.eq(event.proof),
            bulk_events::comment.eq(event.comment),
            bulk_events::content_sha256.eq(event.content_sha256),
        ))
        .execute(conn)?;
    Ok(())
}

/// A file's history, oldest line first.
///
/// # Errors
/// Whatever the database says.
pub fn list_events(conn: &mut DbConn, id: BulkFileId) -> Result<Vec<BulkEvent>, DbError> {
    Ok(bulk_events::table
        .filter(bulk_events::file_id.eq(id))
        .select(BulkEvent::as_select())
        .order(bulk_events::id)
        .limit(EVENTS_MAX)
        .load(conn)?)
}

/// Whether the user began the file or changed its content.
///
/// # Errors
/// Whatever the database says.
pub fn is_maker(conn: &mut DbConn, id: BulkFileId, user_id: UserId) -> Result<bool, DbError> {
    let made = bulk_events::table
        .filter(bulk_events::file_id.eq(id))
        .filter(bulk_events::user_id.eq(user_id))
        .filter(bulk_events::act.eq_any([BulkAct::Create, BulkAct::Edit]));
    Ok(made.count().get_result::<i64>(conn)? > 0)
}
