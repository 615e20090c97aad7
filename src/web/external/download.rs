//! A file that was put out, sent while it is read: one piece is in memory at a time.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Path, Query};
use futures_util::stream;

use crate::db::queries::external_files;
use crate::db::{Db, DbError};
use crate::domain::external_file::ExternalFile;
use crate::operations::external_file::receive::fetch_result;
use crate::primitives::ids::{BulkFileId, ExternalFileId};
use crate::web::bulk_desk::enter;
use crate::web::external::handed::EndQuery;
use crate::web::failure::{PageError, PageResult};
use crate::web::visit::Visit;
use crate::zengin::layout::LineEnd;

/// The file, with CR LF behind each record or without.
pub fn send(db: &Db, file: &ExternalFile, is_plain: bool) -> HttpResponse {
    let content_type = match file.record_length {
        0 => "text/csv; charset=Shift_JIS",
        _ => "application/octet-stream",
    };
    let length = usize::try_from(file.record_length).unwrap_or(0);
    let records = (is_plain && length > 0).then_some(length);
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(pieces(db.clone(), file.id, records))
}

fn pieces(
    db: Db,
    id: ExternalFileId,
    records: Option<usize>,
) -> impl stream::Stream<Item = Result<Bytes, DbError>> {
    stream::try_unfold((db, 0_i64), move |(db, no)| async move {
        let read = db.read(move |conn| external_files::find_chunk(conn, id, no)).await?;
        let Some(bytes) = read else { return Ok(None) };
        let bytes = match records {
            Some(length) => without_ends(&bytes, length),
            None => bytes,
        };
        Ok(Some((Bytes::from(bytes), (db, no + 1))))
    })
}

fn without_ends(bytes: &[u8], length: usize) -> Vec<u8> {
    let stride = length + LineEnd::CrLf.bytes().len();
    bytes
        .chunks(stride)
        .flat_map(|record| record.get(..length).unwrap_or(record))
        .copied()
        .collect()
}

/// Sends the result of a bulk file (BFT040).
///
/// # Errors
/// 404 for a file that is not the user's to see, or has no result that can be fetched.
pub async fn result(visit: Visit, id: Path<i64>, query: Query<EndQuery>) -> PageResult {
    let is_plain = query.is_plain()?;
    let (who, _, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let services = &visit.app.services;
    let found = fetch_result(services, &who.ctx, &who.user, BulkFileId(id.into_inner())).await?;
    Ok(send(&services.db, &found.ok_or(PageError::NotFound)?, is_plain))
}
