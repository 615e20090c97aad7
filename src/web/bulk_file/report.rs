//! BFT011, the report of a file with errors: nothing else is kept of it.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::queries::bulk_reports;
use crate::domain::bulk_file::report::CheckReport;
use crate::web::bulk_file::words::ReportView;
use crate::web::bulk_file::{FILES, UPLOAD, enter_maker};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::visit::Visit;

/// BFT011, the report.
#[derive(askama::Template)]
#[template(path = "bulk_file/report.html")]
pub struct ReportPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The file's name.
    pub name: String,
    /// What was found.
    pub report: ReportView,
    /// BFT011, to try again.
    pub again_url: String,
    /// BFT000.
    pub back_url: String,
}

/// Shows the report.
///
/// # Errors
/// 303 to the login, 404 for a report that is not the user's.
pub async fn show(visit: Visit, id: Path<String>) -> PageResult {
    let id = id.into_inner();
    let read = enter_maker(&visit, move |conn, _, user| bulk_reports::find(conn, user.id, &id));
    let (who, _, found) = read.await?;
    let (name, text) = found.ok_or(PageError::NotFound)?;
    let report: CheckReport = serde_json::from_str(&text)
        .map_err(|_| PageError::Internal("a report cannot be read".to_owned()))?;
    let mut shell = visit.shell_of(&screens::BFT011, &who);
    shell.title = "アップロードの結果".into();
    let page = ReportPage {
        shell,
        name,
        report: ReportView::of(&report),
        again_url: visit.url(UPLOAD),
        back_url: visit.url(FILES),
    };
    visit.page(StatusCode::OK, &page)
}
