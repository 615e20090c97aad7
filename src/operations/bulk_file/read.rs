//! The records of a file, read from slices of its chunks: a page of a file of any size costs one
//! chunk or two.

use std::ops::ControlFlow;

use crate::db::DbConn;
use crate::db::queries::bulk_chunks;
use crate::domain::bulk_file::BulkFile;
use crate::domain::bulk_file::content::Layout;
use crate::operations::OperationError;
use crate::operations::bulk_file::codec_kind;
use crate::zengin::bulk::{BulkHeader, BulkItem};

/// Bytes of a record, without its line end.
pub const RECORD_LENGTH: usize = 120;
/// The number of a file's first data record; the header is 1.
pub const FIRST_ITEM: u64 = 2;

const BROKEN: OperationError = OperationError::Corrupt("a record of a bulk file");

/// A data record with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedItem {
    /// Which record of the file, from 1; the header is 1.
    pub no: u64,
    /// What it says.
    pub item: BulkItem,
}

/// The number of the file's last data record; below [`FIRST_ITEM`] where it has none.
#[must_use]
pub fn last_item(file: &BulkFile) -> u64 {
    u64::try_from(file.item_count).unwrap_or(0) + 1
}

/// The bytes from one record to the next.
#[must_use]
pub fn stride(file: &BulkFile) -> usize {
    usize::try_from(file.stride).unwrap_or(RECORD_LENGTH)
}

/// How its records lie in its chunks.
#[must_use]
pub fn layout(file: &BulkFile) -> Layout {
    Layout::parse(&file.gaps)
}

/// The number of a chunk as the table has it.
pub(in crate::operations) fn chunk_no(no: u64) -> i64 {
    i64::try_from(no).unwrap_or(i64::MAX)
}

/// What the file's header says.
///
/// # Errors
/// Whatever the database says; content that is none.
pub fn header(conn: &mut DbConn, file: &BulkFile) -> Result<BulkHeader, OperationError> {
    let record = record(conn, file, 1)?.ok_or(BROKEN)?;
    BulkHeader::read(&record).map_err(|_| BROKEN)
}

/// The bytes of a record, without its line end.
///
/// # Errors
/// Whatever the database says.
pub fn record(
    conn: &mut DbConn,
    file: &BulkFile,
    no: u64,
) -> Result<Option<Vec<u8>>, OperationError> {
    let place = layout(file).place(no);
    let chunk = bulk_chunks::find(conn, file.id, chunk_no(place.chunk))?.unwrap_or_default();
    Ok(place.slice(&chunk, stride(file), RECORD_LENGTH).map(<[u8]>::to_vec))
}

/// So many data records from record `from` on; fewer at the file's end.
///
/// # Errors
/// Whatever the database says; content that is none.
pub fn items(
    conn: &mut DbConn,
    file: &BulkFile,
    from: u64,
    count: usize,
) -> Result<Vec<NumberedItem>, OperationError> {
    let mut found = Vec::new();
    let kind = codec_kind(file.kind);
    if count == 0 {
        return Ok(found);
    }
    each_record(conn, file, from, |no, bytes| {
        let item = BulkItem::read(kind, bytes).map_err(|_| BROKEN)?;
        found.push(NumberedItem { no, item });
        Ok(if found.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(found)
}

/// Calls `act` with the number and the bytes of each data record from record `from` on, until it
/// breaks. One chunk is in memory at a time.
///
/// # Errors
/// Whatever the database says, content that is none, or the act's own.
pub fn each_record(
    conn: &mut DbConn,
    file: &BulkFile,
    from: u64,
    mut act: impl FnMut(u64, &[u8]) -> Result<ControlFlow<()>, OperationError>,
) -> Result<(), OperationError> {
    let (last, stride, layout) = (last_item(file), stride(file), layout(file));
    let mut no = from.max(FIRST_ITEM);
    while no <= last {
        let mut place = layout.place(no);
        let bytes = bulk_chunks::find(conn, file.id, chunk_no(place.chunk))?.ok_or(BROKEN)?;
        let end = layout.last_in(place.chunk).min(last);
        while no <= end {
            let record = place.slice(&bytes, stride, RECORD_LENGTH).ok_or(BROKEN)?;
            if act(no, record)?.is_break() {
                return Ok(());
            }
            no += 1;
            place.record += 1;
        }
    }
    Ok(())
}
