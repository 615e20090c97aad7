//! What the check of uploads found.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{BulkFileId, ContractId, UserId};
use crate::schema::bulk_reports;

/// A report to be kept.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bulk_reports, treat_none_as_default_value = false)]
pub struct NewBulkReport {
    /// Unguessable id.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub contract_id: ContractId,
    /// Who uploaded.
    pub user_id: UserId,
    /// The file's name.
    pub name: String,
    /// As JSON.
    pub report: String,
    /// Now.
    pub created_at: UtcTime,
    /// The file that was made, where it was.
    pub file_id: Option<BulkFileId>,
}

/// Keeps a report.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, report: &NewBulkReport) -> Result<(), DbError> {
    diesel::insert_into(bulk_reports::table).values(report.clone()).execute(conn)?;
    Ok(())
}

/// Name and JSON of a user's report.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    user_id: UserId,
    id: &str,
) -> Result<Option<(String, String)>, DbError> {
    Ok(bulk_reports::table
        .find(id)
        .filter(bulk_reports::user_id.eq(user_id))
        .select((bulk_reports::name, bulk_reports::report))
        .first(conn)
        .optional()?)
}

/// The JSON of the report with which a file came to be.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_file(conn: &mut DbConn, file_id: BulkFileId) -> Result<Option<String>, DbError> {
    Ok(bulk_reports::table
        .filter(bulk_reports::file_id.eq(file_id))
        .select(bulk_reports::report)
        .first(conn)
        .optional()?)
}

/// Forgets reports of files that were not taken.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    let old = bulk_reports::table
        .filter(bulk_reports::created_at.lt(before))
        .filter(bulk_reports::file_id.is_null());
    Ok(diesel::delete(old).execute(conn)?)
}
