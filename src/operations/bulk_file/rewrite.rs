//! Changes of a file's records in its chunks. Each chunk is replaced only if it still is the one
//! that was read. A record changed or taken away costs its chunk and the trailer's, however long
//! the file is: a chunk that has lost a record is shorter, and the file's layout says so. At the
//! file's end the chunks are written anew, full.

use crate::db::DbConn;
use crate::db::queries::{bulk_chunks, bulk_uploads};
use crate::domain::bulk_file::BulkFile;
use crate::domain::bulk_file::content::{
    Layout, Place, RECORDS_A_CHUNK, chunk_digest, content_digest,
};
use crate::operations::bulk_file::codec_kind;
use crate::operations::bulk_file::read::{RECORD_LENGTH, chunk_no, last_item, layout, stride};
use crate::operations::{ActAbort, guard};
use crate::primitives::ids::BulkFileId;
use crate::zengin::bulk::{BulkTrailer, end_record};

/// What is done to the records; each is 120 bytes, without line end.
#[derive(Debug, Clone)]
pub(super) enum Records {
    /// This one in the place of record `no`.
    Replace { no: u64, record: Vec<u8> },
    /// Record `no` goes.
    Remove { no: u64 },
    /// These behind the last data record.
    Append { records: Vec<Vec<u8>> },
}

/// The totals of the file after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    pub item_count: u64,
    pub total: u64,
}

/// The content after a change.
#[derive(Debug, Clone)]
pub(super) struct Rewritten {
    pub content_sha256: String,
    /// How the records lie then.
    pub gaps: String,
}

/// Changes the chunks.
pub(super) fn rewrite(
    conn: &mut DbConn,
    file: &BulkFile,
    records: &Records,
    totals: Totals,
) -> Result<Rewritten, ActAbort> {
    let mut digests = bulk_chunks::list_digests(conn, file.id)?;
    guard(content_digest(digests.iter().map(String::as_str)) == file.content_sha256)?;
    let (trailer, mut layout) = (trailer(file, totals)?, layout(file));
    let trailer_no = last_item(file) + 1;
    match records {
        Records::Replace { no, record } => {
            patch(conn, file, &mut digests, (layout.place(*no), record))?;
            patch(conn, file, &mut digests, (layout.place(trailer_no), &trailer))?;
        }
        Records::Remove { no } => {
            let (place, last) = (layout.place(*no), layout.place(trailer_no));
            if place.chunk + 1 < last.chunk {
                patch(conn, file, &mut digests, (last, &trailer))?;
                cut(conn, file, &mut digests, place)?;
                layout.take_from(place.chunk);
            } else {
                let mut tail = Tail::from(file, place.chunk, &mut digests);
                tail.copy(conn, file, (&layout, Some(*no)))?;
                tail.end(conn, file, &trailer)?;
                layout.fill_from(place.chunk);
            }
        }
        Records::Append { records } => {
            let chunk = layout.place(trailer_no).chunk;
            let mut tail = Tail::from(file, chunk, &mut digests);
            tail.copy(conn, file, (&layout, None))?;
            for record in records {
                tail.push(conn, record)?;
            }
            tail.end(conn, file, &trailer)?;
            layout.fill_from(chunk);
        }
    }
    let content_sha256 = content_digest(digests.iter().map(String::as_str));
    Ok(Rewritten { content_sha256, gaps: layout.text() })
}

fn trailer(file: &BulkFile, totals: Totals) -> Result<Vec<u8>, ActAbort> {
    let trailer = BulkTrailer {
        total_count: totals.item_count,
        total_amount: totals.total,
        ..BulkTrailer::default()
    };
    // Sums that do not fit were refused before.
    trailer.write(codec_kind(file.kind)).map_err(|_| ActAbort::Stale)
}

/// Puts a record in the place of another one, if it is another one.
fn patch(
    conn: &mut DbConn,
    file: &BulkFile,
    digests: &mut [String],
    (place, record): (Place, &[u8]),
) -> Result<(), ActAbort> {
    let chunk = bulk_chunks::find(conn, file.id, chunk_no(place.chunk))?;
    let mut bytes = chunk.ok_or(ActAbort::Stale)?;
    let from = index(place.record).saturating_mul(stride(file));
    let to = bytes.get_mut(from..from.saturating_add(RECORD_LENGTH)).ok_or(ActAbort::Stale)?;
    if to == record {
        return Ok(());
    }
    guard(to.len() == record.len())?;
    to.copy_from_slice(record);
    put(conn, file, digests, (place.chunk, &bytes))
}

/// Takes a record out of its chunk, with its line end.
fn cut(
    conn: &mut DbConn,
    file: &BulkFile,
    digests: &mut [String],
    place: Place,
) -> Result<(), ActAbort> {
    let chunk = bulk_chunks::find(conn, file.id, chunk_no(place.chunk))?;
    let mut bytes = chunk.ok_or(ActAbort::Stale)?;
    let from = index(place.record).saturating_mul(stride(file));
    let to = from.saturating_add(stride(file));
    guard(to <= bytes.len())?;
    bytes.drain(from..to);
    put(conn, file, digests, (place.chunk, &bytes))
}

/// Puts these bytes in the place of a chunk's.
fn put(
    conn: &mut DbConn,
    file: &BulkFile,
    digests: &mut [String],
    (chunk, bytes): (u64, &[u8]),
) -> Result<(), ActAbort> {
    let digest = digests.get_mut(index(chunk)).ok_or(ActAbort::Stale)?;
    let after = chunk_digest(bytes);
    let before = (chunk_no(chunk), digest.as_str());
    guard(bulk_chunks::replace(conn, file.id, before, (bytes, &after))?)?;
    *digest = after;
    Ok(())
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The chunks from one of them on, written anew.
struct Tail<'d> {
    id: BulkFileId,
    digests: &'d mut Vec<String>,
    line_end: Vec<u8>,
    chunk: u64,
    records: u64,
    buffer: Vec<u8>,
}

impl<'d> Tail<'d> {
    /// From this chunk on.
    fn from(file: &BulkFile, chunk: u64, digests: &'d mut Vec<String>) -> Tail<'d> {
        let line_end: &[u8] = match stride(file) {
            RECORD_LENGTH => b"",
            length if length == RECORD_LENGTH + 1 => b"\n",
            _ => b"\r\n",
        };
        let line_end = line_end.to_vec();
        Tail { id: file.id, digests, line_end, chunk, records: 0, buffer: Vec::new() }
    }

    /// The records that are there, up to the last data record, without `but`. Each chunk is read
    /// before it is written.
    fn copy(
        &mut self,
        conn: &mut DbConn,
        file: &BulkFile,
        (layout, but): (&Layout, Option<u64>),
    ) -> Result<(), ActAbort> {
        let last = last_item(file);
        let (first_chunk, last_chunk) = (self.chunk, layout.place(last).chunk);
        for chunk in first_chunk..=last_chunk {
            let found = bulk_chunks::find(conn, self.id, chunk_no(chunk))?;
            let bytes = found.ok_or(ActAbort::Stale)?;
            let (first, end) = (layout.first_in(chunk), layout.last_in(chunk).min(last));
            for no in (first..=end).filter(|no| Some(*no) != but) {
                let place = Place { chunk, record: no - first };
                let record = place.slice(&bytes, stride(file), RECORD_LENGTH);
                self.push(conn, record.ok_or(ActAbort::Stale)?)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, conn: &mut DbConn, record: &[u8]) -> Result<(), ActAbort> {
        guard(record.len() == RECORD_LENGTH)?;
        self.buffer.extend_from_slice(record);
        self.buffer.extend_from_slice(&self.line_end);
        self.records += 1;
        if self.records == RECORDS_A_CHUNK { self.flush(conn) } else { Ok(()) }
    }

    fn flush(&mut self, conn: &mut DbConn) -> Result<(), ActAbort> {
        let (bytes, no) = (std::mem::take(&mut self.buffer), chunk_no(self.chunk));
        let after = chunk_digest(&bytes);
        match self.digests.get_mut(index(self.chunk)) {
            Some(digest) => {
                guard(bulk_chunks::replace(conn, self.id, (no, digest), (&bytes, &after))?)?;
                *digest = after;
            }
            None => {
                bulk_chunks::insert(conn, self.id, no, (&bytes, &after))?;
                self.digests.push(after);
            }
        }
        self.chunk += 1;
        self.records = 0;
        Ok(())
    }

    /// Ends the file; chunks behind it go.
    fn end(mut self, conn: &mut DbConn, file: &BulkFile, trailer: &[u8]) -> Result<(), ActAbort> {
        self.push(conn, trailer)?;
        self.push(conn, &end_record(codec_kind(file.kind)))?;
        if self.records > 0 {
            self.flush(conn)?;
        }
        bulk_uploads::delete_chunks_from(conn, self.id, chunk_no(self.chunk))?;
        self.digests.truncate(index(self.chunk));
        Ok(())
    }
}
