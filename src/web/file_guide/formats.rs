//! BHL005: the formats of files, and how files are put together.

use actix_web::http::StatusCode;

use crate::web::failure::PageResult;
use crate::web::file_guide::{CHECK, FORMATS, direction};
use crate::web::help;
use crate::web::page::{NavItem, Shell};
use crate::web::screens;
use crate::web::visit::Visit;
use crate::zengin::layout::Format;
use crate::zengin::layouts;

/// A format in the list.
#[derive(Debug, Clone)]
pub struct FormatRow {
    /// 種別コード, as `11、71`.
    pub codes: String,
    /// Its name.
    pub name: &'static str,
    /// As `120バイト`.
    pub length: String,
    /// Who sends such files.
    pub direction: &'static str,
    /// BHL006.
    pub url: String,
}

/// BHL005.
#[derive(askama::Template)]
#[template(path = "file_guide/formats.html")]
pub struct FormatsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
    /// The formats.
    pub formats: Vec<FormatRow>,
    /// BFT050.
    pub check_url: String,
}

/// Shows BHL005.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit) -> PageResult {
    let page = FormatsPage {
        pages: help::tabs(&visit.profile, screens::BHL005.id),
        shell: visit.shell(&screens::BHL005),
        formats: layouts::ALL.iter().map(|format| row(&visit, format)).collect(),
        check_url: visit.url(CHECK),
    };
    visit.page(StatusCode::OK, &page)
}

fn row(visit: &Visit, format: &Format) -> FormatRow {
    let code = format.business_types.first().copied().unwrap_or_default();
    FormatRow {
        codes: format.business_types.join("、"),
        name: format.name,
        length: format!("{}バイト", format.length()),
        direction: direction(format),
        url: visit.url(&format!("{FORMATS}/{code}")),
    }
}
