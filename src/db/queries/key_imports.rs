//! Key files between their preview and their import: sealed, of the member who uploaded them.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::token::TokenKind;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::StaffId;
use crate::schema::opening::key_imports;

/// A key file that waits.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = key_imports)]
pub struct KeyImport {
    /// Unguessable part of the preview's address.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Who uploaded it.
    pub member_id: StaffId,
    /// What its tokens are.
    pub kind: TokenKind,
    /// As the browser named it.
    pub file_name: String,
    /// The parsed tokens.
    pub rows_sealed: Vec<u8>,
    /// Which key opens them.
    pub sealing_key_id: String,
    /// When.
    pub created_at: UtcTime,
    /// Until when it can be imported.
    pub expires_at: UtcTime,
}

/// Keeps a file for its import; the one that the member uploaded before is forgotten.
///
/// # Errors
/// Whatever the database says.
pub fn replace(conn: &mut DbConn, import: KeyImport) -> Result<(), DbError> {
    let own = key_imports::table.filter(key_imports::member_id.eq(import.member_id));
    diesel::delete(own).execute(conn)?;
    diesel::insert_into(key_imports::table).values(import).execute(conn)?;
    Ok(())
}

/// The file that the member uploaded, while it can be imported.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    portal: &str,
    id: &str,
    (member_id, now): (StaffId, UtcTime),
) -> Result<Option<KeyImport>, DbError> {
    Ok(key_imports::table
        .find(id)
        .filter(key_imports::portal.eq(portal))
        .filter(key_imports::member_id.eq(member_id))
        .filter(key_imports::expires_at.gt(now))
        .select(KeyImport::as_select())
        .first(conn)
        .optional()?)
}

/// Takes a file away with its import; false if somebody was faster or it has ended.
///
/// # Errors
/// Whatever the database says.
pub fn take(
    conn: &mut DbConn,
    id: &str,
    (member_id, now): (StaffId, UtcTime),
) -> Result<bool, DbError> {
    let own = key_imports::table
        .find(id)
        .filter(key_imports::member_id.eq(member_id))
        .filter(key_imports::expires_at.gt(now));
    Ok(diesel::delete(own).execute(conn)? == 1)
}

/// Forgets files that ended before then.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    let over = key_imports::table.filter(key_imports::expires_at.lt(before));
    Ok(diesel::delete(over).execute(conn)?)
}
