//! The files of BAC010: CSV and the banks' format 03, of all that a span has. They are sent while
//! they are made.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Path, Query};
use futures_util::stream;

use crate::db::Db;
use crate::domain::ledger::Account;
use crate::operations::statement::csv::CsvCharset;
use crate::operations::statement::file::{FileError, FileFormat, FileMaker, FileSubject};
use crate::primitives::clock::jst_day;
use crate::web::account::id_of;
use crate::web::account::span::StatementQuery;
use crate::web::account::statement::read_for;
use crate::web::failure::{PageError, PageResult};
use crate::web::visit::Visit;
use crate::zengin::layout::LineEnd;

fn format_of(text: &str) -> Option<FileFormat> {
    match text {
        "csv" => Some(FileFormat::Csv(CsvCharset::Utf8)),
        "csv-sjis" => Some(FileFormat::Csv(CsvCharset::ShiftJis)),
        "zengin" => Some(FileFormat::Zengin(LineEnd::CrLf)),
        "zengin-bare" => Some(FileFormat::Zengin(LineEnd::None)),
        _ => None,
    }
}

fn type_and_ending(format: FileFormat) -> (&'static str, &'static str) {
    match format {
        FileFormat::Csv(CsvCharset::Utf8) => ("text/csv; charset=utf-8", "csv"),
        FileFormat::Csv(CsvCharset::ShiftJis) => ("text/csv; charset=Shift_JIS", "csv"),
        FileFormat::Zengin(_) => ("application/octet-stream", "txt"),
    }
}

/// Sends a file of the whole span; what is searched for does not matter.
///
/// # Errors
/// As BAC010; 400 for another format or days that cannot be read, 404 where there is no movement.
pub async fn show(visit: Visit, id: Path<String>, query: Query<StatementQuery>) -> PageResult {
    let id = id_of(&id)?;
    let (_, read) = read_for(&visit, id, &query, false).await?;
    let format = query.format.as_deref().and_then(format_of);
    let format = format.ok_or(PageError::BadRequest("no such format"))?;
    if read.span.is_err() {
        return Err(PageError::BadRequest("days that cannot be asked for"));
    }
    let lines = read.lines.ok_or(PageError::NotFound)?;
    let (profile, account) = (visit.profile.clone(), read.account.clone());
    let today = jst_day(visit.ctx.now);
    let db = visit.app.services.db.clone();
    let (maker, head) = db
        .read(move |conn| {
            let subject = FileSubject { profile: &profile, account: &account, today, lines };
            FileMaker::begin(conn, format, subject)
        })
        .await
        .map_err(failure)?;
    let (content_type, ending) = type_and_ending(format);
    let name = name_of(&read.account, lines, ending);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(parts(db, maker, head)))
}

fn failure(error: FileError) -> PageError {
    match error {
        FileError::Db(error) => error.into(),
        FileError::Field(error) => PageError::Internal(error.to_string()),
    }
}

/// In the characters that every system takes; the numbers say which lines.
fn name_of(account: &Account, (first, last): (i64, i64), ending: &str) -> String {
    format!("meisai-{}-{}-{first}-{last}.{ending}", account.branch_code, account.number)
}

/// What is sent next.
enum Next {
    Head(FileMaker, Vec<u8>),
    Lines(FileMaker),
    Over,
}

fn parts(
    db: Db,
    maker: FileMaker,
    head: Vec<u8>,
) -> impl stream::Stream<Item = Result<Bytes, FileError>> {
    stream::try_unfold((db, Next::Head(maker, head)), |(db, next)| async move {
        let (bytes, next) = match next {
            Next::Over => return Ok(None),
            Next::Head(maker, head) => (head, Next::Lines(maker)),
            Next::Lines(maker) if maker.has_more() => {
                let mut maker = maker;
                let (bytes, maker) = db
                    .read(move |conn| {
                        let bytes = maker.slice(conn)?;
                        Ok::<_, FileError>((bytes, maker))
                    })
                    .await?;
                (bytes, Next::Lines(maker))
            }
            Next::Lines(maker) => (maker.finish()?, Next::Over),
        };
        Ok(Some((Bytes::from(bytes), (db, next))))
    })
}
