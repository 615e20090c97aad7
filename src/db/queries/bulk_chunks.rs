//! The records of bulk files, in chunks (see [`crate::domain::bulk_file::content`]).

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::primitives::ids::BulkFileId;
use crate::schema::bulk_chunks;

/// Writes a chunk.
///
/// # Errors
/// Whatever the database says, a chunk of this number that is there too.
pub fn insert(
    conn: &mut DbConn,
    id: BulkFileId,
    no: i64,
    (bytes, sha256): (&[u8], &str),
) -> Result<(), DbError> {
    diesel::insert_into(bulk_chunks::table)
        .values((
            bulk_chunks::file_id.eq(id),
            bulk_chunks::no.eq(no),
            bulk_chunks::bytes.eq(bytes),
            bulk_chunks::sha256.eq(sha256),
        ))
        .execute(conn)?;
    Ok(())
}

/// The bytes of a chunk; nothing after the last one.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, id: BulkFileId, no: i64) -> Result<Option<Vec<u8>>, DbError> {
    Ok(bulk_chunks::table.find((id, no)).select(bulk_chunks::bytes).first(conn).optional()?)
}

/// The digests of a file's chunks, in order.
///
/// # Errors
/// Whatever the database says.
pub fn list_digests(conn: &mut DbConn, id: BulkFileId) -> Result<Vec<String>, DbError> {
    Ok(bulk_chunks::table
        .filter(bulk_chunks::file_id.eq(id))
        .select(bulk_chunks::sha256)
        .order(bulk_chunks::no)
        .load(conn)?)
}

/// Puts other bytes in the place of a chunk, only if it still has those with this digest. False:
/// somebody was faster.
///
/// # Errors
/// Whatever the database says.
pub fn replace(
    conn: &mut DbConn,
    id: BulkFileId,
    (no, before): (i64, &str),
    (bytes, sha256): (&[u8], &str),
) -> Result<bool, DbError> {
    let guarded = bulk_chunks::table.find((id, no)).filter(bulk_chunks::sha256.eq(before));
    let replaced = diesel::update(guarded)
        .set((bulk_chunks::bytes.eq(bytes), bulk_chunks::sha256.eq(sha256)))
        .execute(conn)?;
    Ok(replaced == 1)
}

/// Forgets the content of a file.
///
/// # Errors
/// Whatever the database says.
pub fn delete_all(conn: &mut DbConn, id: BulkFileId) -> Result<usize, DbError> {
    let all = bulk_chunks::table.filter(bulk_chunks::file_id.eq(id));
    Ok(diesel::delete(all).execute(conn)?)
}
