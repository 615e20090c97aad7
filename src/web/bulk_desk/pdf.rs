//! Lists as PDF: the files of BFT040 that the filter leaves, and the records of one file.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{self, Path, Query};
use tokio::sync::Semaphore;

use crate::db::queries::bulk_lists;
use crate::domain::bulk_file::BulkFile;
use crate::domain::receipt::number_text;
use crate::letter::{Column, LetterError, LetterFont, Sheet, render_table};
use crate::operations::OperationError;
use crate::operations::bulk_file::read::{FIRST_ITEM, NumberedItem, items};
use crate::operations::bulk_file::seen_by;
use crate::primitives::clock::{jst_day, jst_minute_text};
use crate::primitives::ids::BulkFileId;
use crate::web::bulk_desk::history::HistoryQuery;
use crate::web::bulk_desk::rows::{FileRow, ItemRow};
use crate::web::bulk_desk::{HISTORY, detail, enter, words};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::Link;
use crate::web::visit::Visit;

/// Rows of a PDF at most, some 200 pages: so a PDF takes a few megabytes of memory for its time,
/// and the font's.
const ROWS_MAX: i64 = 10_000;
/// What stands where a list is longer.
const TOO_LONG: &str = "PDFにできるのは1万件までです。それより多いときは、CSVで保存してください。";

static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// A PDF that a page offers.
#[derive(Debug, Clone, Default)]
pub struct PdfOffer {
    /// Where it is.
    pub link: Option<Link>,
    /// Why there is none.
    pub note: Option<&'static str>,
}

impl PdfOffer {
    /// Of a list of so many rows. Without a font nothing is promised.
    pub(super) fn of(visit: &Visit, rows: i64, label: &str, url: String) -> PdfOffer {
        let has_font = visit.app.options.letter_font.is_file();
        let link = Link { label: label.to_owned(), url };
        PdfOffer {
            link: Some(link).filter(|_| has_font && rows <= ROWS_MAX),
            note: Some(TOO_LONG).filter(|_| has_font && rows > ROWS_MAX),
        }
    }

    /// Of a file's records.
    pub(in crate::web) fn of_records(visit: &Visit, file: &BulkFile) -> PdfOffer {
        let url = format!("{}/{}/pdf", visit.url(HISTORY), file.id);
        PdfOffer::of(visit, file.item_count, "明細をPDFで保存", url)
    }
}

/// Sends the list of BFT040.
///
/// # Errors
/// 303 to the login; 400 for a list that is too long.
pub async fn list(visit: Visit, query: Query<HistoryQuery>) -> PageResult {
    let asked = query.clone();
    let (_, _, (files, total)) = enter(&visit, move |conn, place, user| {
        let filter = asked.narrow(seen_by(&place.desk.rights));
        let files = bulk_lists::list(conn, user.contract_id, &filter, (0, ROWS_MAX))?;
        Ok((files, bulk_lists::count(conn, user.contract_id, &filter)?))
    })
    .await?;
    if total > ROWS_MAX {
        return Err(PageError::BadRequest("too many files for a PDF"));
    }
    let mut facts = query.facts();
    facts.push(("件数".to_owned(), words::count_text(total)));
    let rows = files.iter().map(file_cells).collect();
    let title = "ファイル伝送の状況・履歴";
    let columns = vec![
        column("データ名", 20, false),
        column("種類", 9, false),
        column("指定日", 14, false),
        column("件数", 8, true),
        column("合計金額", 13, true),
        column("承認", 8, false),
        column("送信の締切", 14, false),
        column("受付番号", 8, false),
        column("状態", 10, false),
    ];
    let name = format!("files-{}.pdf", jst_day(visit.ctx.now).format("%Y%m%d"));
    send(&visit, &name, sheet(&visit, title, facts, (columns, rows), true)).await
}

fn column(label: &'static str, share: u16, is_number: bool) -> Column {
    Column { label, share, is_number }
}

fn file_cells(file: &BulkFile) -> Vec<String> {
    let row = FileRow::of(file, String::new());
    let receipt = file.receipt_number.map_or_else(|| "−".to_owned(), number_text);
    vec![
        row.name,
        row.kind.to_owned(),
        row.value_date,
        row.count,
        row.total,
        row.approvals,
        row.deadline,
        receipt,
        row.state.to_owned(),
    ]
}

/// Sends the records of a file.
///
/// # Errors
/// 404 for a file that is not the user's to see, 400 for one that is too long.
pub async fn records(visit: Visit, id: Path<i64>) -> PageResult {
    let id = BulkFileId(id.into_inner());
    let opened = detail::open(&visit, id, None).await?;
    if opened.file.item_count > ROWS_MAX {
        return Err(PageError::BadRequest("too many records for a PDF"));
    }
    let facts = opened.rows().into_iter().map(|row| (row.label, row.value)).collect();
    let count = usize::try_from(opened.file.item_count).unwrap_or(0);
    let file = opened.file.clone();
    let read = visit.app.services.db.read(move |conn| {
        let found = items(conn, &file, FIRST_ITEM, count)?;
        Ok::<_, OperationError>(found.iter().map(item_cells).collect())
    });
    let columns = vec![
        column("番号", 7, true),
        column("金融機関・店", 25, false),
        column("口座", 13, false),
        column("名義", 25, false),
        column("金額", 14, true),
        column("顧客・社員番号など", 16, false),
    ];
    let (title, name) = (format!("{}の明細", opened.file.kind.label()), format!("file-{id}.pdf"));
    send(&visit, &name, sheet(&visit, &title, facts, (columns, read.await?), false)).await
}

fn item_cells(item: &NumberedItem) -> Vec<String> {
    let row = ItemRow::of(item);
    vec![row.no.to_string(), row.bank, row.account, row.name, row.amount, row.reference]
}

fn sheet(
    visit: &Visit,
    title: &str,
    facts: Vec<(String, String)>,
    (columns, rows): (Vec<Column>, Vec<Vec<String>>),
    is_wide: bool,
) -> Sheet {
    let institution = visit.profile.portal.institution.clone();
    let made_at = format!("{} 作成", jst_minute_text(visit.ctx.now));
    Sheet { title: title.to_owned(), institution, made_at, is_wide, facts, columns, rows }
}

/// Makes the PDF, one at a time, and sends it.
async fn send(visit: &Visit, name: &str, sheet: Sheet) -> PageResult {
    // Nobody closes it.
    let _turn = ONE_AT_A_TIME.acquire().await;
    let font_path = visit.app.options.letter_font.clone();
    let made = web::block(move || -> Result<Vec<u8>, LetterError> {
        render_table(&LetterFont::read(&font_path)?, &sheet)
    });
    let made = made.await.map_err(|error| PageError::Internal(error.to_string()))?;
    let bytes = made.map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes))
}
