//! Files that were put out, with their content.

use chrono::NaiveDate;

use crate::db::queries::external_files::{Content, NewExternalFile};
use crate::db::queries::{external_days, external_files};
use crate::db::{DbConn, DbError};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;

/// A file that was put out, with its content and who fetched it.
#[derive(Debug, Clone)]
pub struct DemoExternal {
    /// The file.
    pub row: NewExternalFile,
    /// What it contains.
    pub content: Content,
    /// Its pieces.
    pub pieces: Vec<Vec<u8>>,
    /// Since when it is there.
    pub ready_at: UtcTime,
    /// Who fetched it, and when.
    pub fetched: Option<(UserId, String, UtcTime)>,
}

/// Writes the days that were begun, and the files.
///
/// # Errors
/// Whatever the database says.
pub(super) fn insert(
    conn: &mut DbConn,
    days: &[(String, NaiveDate, UtcTime)],
    files: &[DemoExternal],
) -> Result<(), DbError> {
    for (portal, day, at) in days {
        external_days::insert(conn, portal, (*day, *day), *at)?;
    }
    for file in files {
        let what = (&file.content, file.pieces.as_slice());
        let id = external_files::insert_whole(conn, &file.row, what, file.ready_at)?;
        if let (Some(id), Some((user_id, name, at))) = (id, &file.fetched) {
            external_files::insert_fetch(conn, id, (*user_id, name), *at)?;
        }
    }
    Ok(())
}
