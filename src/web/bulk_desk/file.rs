//! The records of one file as CSV, sent while they are read.

use actix_web::web::{Bytes, Path, Query};
use futures_util::stream;
use serde::Deserialize;

use crate::db::Db;
use crate::operations::OperationError;
use crate::operations::bulk_file::csv::ItemsCsv;
use crate::primitives::ids::BulkFileId;
use crate::web::bulk_desk::detail;
use crate::web::bulk_desk::history::{charset_of, csv_head};
use crate::web::failure::PageResult;
use crate::web::visit::Visit;

/// `?format=csv`.
#[derive(Debug, Default, Deserialize)]
pub struct FileQuery {
    format: Option<String>,
}

/// Sends the records.
///
/// # Errors
/// 404 for a file that is not the user's to see, 400 for another format.
pub async fn show(visit: Visit, id: Path<i64>, query: Query<FileQuery>) -> PageResult {
    let id = BulkFileId(id.into_inner());
    let opened = detail::open(&visit, id, None).await?;
    let charset = charset_of(query.format.as_deref())?;
    let (making, head) = ItemsCsv::begin(charset, opened.file);
    let db = visit.app.services.db.clone();
    let name = format!("file-{id}.csv");
    Ok(csv_head(charset, &name).streaming(parts(db, making, head)))
}

fn parts(
    db: Db,
    making: ItemsCsv,
    head: Vec<u8>,
) -> impl stream::Stream<Item = Result<Bytes, OperationError>> {
    stream::try_unfold((db, making, Some(head)), |(db, making, head)| async move {
        if let Some(head) = head {
            return Ok(Some((Bytes::from(head), (db, making, None))));
        }
        if !making.has_more() {
            return Ok(None);
        }
        let mut making = making;
        let (bytes, making) = db
            .read(move |conn| {
                let bytes = making.slice(conn)?;
                Ok::<_, OperationError>((bytes, making))
            })
            .await?;
        Ok(Some((Bytes::from(bytes), (db, making, None))))
    })
}
