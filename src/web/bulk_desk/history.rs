//! BFT040 状況・履歴: every file that the user sees, newest first, with how it stands.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Query;
use serde::Deserialize;

use crate::db::queries::bulk_lists::{self, BulkFilter};
use crate::domain::bulk_file::{BulkFile, BulkKind, BulkState};
use crate::operations::bulk_file::csv::list_csv;
use crate::operations::bulk_file::seen_by;
use crate::operations::statement::csv::CsvCharset;
use crate::primitives::clock::jst_day;
use crate::web::bulk_desk::detail::Told;
use crate::web::bulk_desk::pdf::PdfOffer;
use crate::web::bulk_desk::rows::FileRow;
use crate::web::bulk_desk::{HISTORY, MENU, enter, words};
use crate::web::failure::{PageError, PageResult};
use crate::web::form::Choice;
use crate::web::page::{Link, Notice, Shell};
use crate::web::screens;
use crate::web::visit::Visit;

/// Lines a page.
const PAGE_SIZE: i64 = 50;
/// A page further than that is none.
const PAGES_MAX: i64 = 100_000;
/// Lines of a CSV: more than anybody makes in the years that files are kept.
const CSV_MAX: i64 = 10_000;

/// BFT040.
#[derive(askama::Template)]
#[template(path = "bulk_desk/history.html")]
pub struct HistoryPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was just done.
    pub notices: Vec<Notice>,
    /// Where the filter is sent.
    pub url: String,
    /// The states to choose from.
    pub states: Vec<Choice>,
    /// The kinds to choose from.
    pub kinds: Vec<Choice>,
    /// The files.
    pub rows: Vec<FileRow>,
    /// `1〜50件目（全123件）`.
    pub total_text: String,
    /// The pages before and after.
    pub pages: Vec<Link>,
    /// The list as files.
    pub files: Vec<Link>,
    /// The same as PDF.
    pub pdf: PdfOffer,
    /// BFT000.
    pub menu_url: String,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct HistoryQuery {
    state: Option<String>,
    kind: Option<String>,
    page: Option<String>,
    done: Option<String>,
    format: Option<String>,
}

impl HistoryQuery {
    fn state(&self) -> Option<BulkState> {
        let state = self.state.as_deref().and_then(BulkState::from_text);
        state.filter(|state| !matches!(state, BulkState::Uploading | BulkState::Deleted))
    }

    fn kind(&self) -> Option<BulkKind> {
        self.kind.as_deref().and_then(BulkKind::from_text)
    }

    /// The filter within what the user sees.
    pub(super) fn narrow(&self, seen: BulkFilter) -> BulkFilter {
        let mut kinds = seen.kinds;
        if let Some(kind) = self.kind() {
            kinds.retain(|of| *of == kind);
        }
        BulkFilter { kinds, states: self.state().into_iter().collect(), ..seen }
    }

    /// The filter in words.
    pub(super) fn facts(&self) -> Vec<(String, String)> {
        let kind = self.kind().map_or("すべて", BulkKind::label);
        let state = self.state().map_or("すべて", BulkState::label);
        [("種類", kind), ("状態", state)]
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .into()
    }

    fn page(&self) -> i64 {
        let page = self.page.as_deref().and_then(|page| page.parse::<i64>().ok()).unwrap_or(1);
        page.clamp(1, PAGES_MAX)
    }

    /// The filter as part of an address, with this beside it.
    fn url(&self, base: &str, more: Option<String>) -> String {
        let state = self.state().map(|state| format!("state={state}"));
        let kind = self.kind().map(|kind| format!("kind={kind}"));
        let parts: Vec<String> = [state, kind, more].into_iter().flatten().collect();
        if parts.is_empty() { base.to_owned() } else { format!("{base}?{}", parts.join("&")) }
    }
}

/// Shows BFT040.
///
/// # Errors
/// 303 to the login; 403 for whoever only administers.
pub async fn show(visit: Visit, query: Query<HistoryQuery>) -> PageResult {
    let (asked, page) = (query.clone(), query.page());
    let (who, _, (files, total)) = enter(&visit, move |conn, place, user| {
        let filter = asked.narrow(seen_by(&place.desk.rights));
        let from = (page - 1) * PAGE_SIZE;
        let files = bulk_lists::list(conn, user.contract_id, &filter, (from, PAGE_SIZE))?;
        Ok((files, bulk_lists::count(conn, user.contract_id, &filter)?))
    })
    .await?;
    let url = visit.url(HISTORY);
    let told = query.done.as_deref().and_then(Told::from_text);
    let file = |label: &str, format: &str| Link {
        label: label.to_owned(),
        url: query.url(&visit.url("files/csv"), Some(format!("format={format}"))),
    };
    let page = HistoryPage {
        shell: visit.shell_of(&screens::BFT040, &who),
        notices: told.filter(|told| *told == Told::Deleted).map(Told::notice).into_iter().collect(),
        states: states(query.state()),
        kinds: kinds(query.kind()),
        rows: files.iter().map(|file| row(&visit, file)).collect(),
        total_text: total_text(page, files.len(), total),
        pages: pages(&query, &url, page, total),
        files: vec![
            file("一覧をCSVで保存（UTF-8）", "csv"),
            file("一覧をCSVで保存（Shift_JIS）", "csv-sjis"),
        ],
        pdf: PdfOffer::of(
            &visit,
            total,
            "一覧をPDFで保存",
            query.url(&visit.url("files/pdf"), None),
        ),
        url,
        menu_url: visit.url(MENU),
    };
    visit.page(StatusCode::OK, &page)
}

/// Sends the list as CSV.
///
/// # Errors
/// As [`show`]; 400 for another format.
pub async fn csv(visit: Visit, query: Query<HistoryQuery>) -> PageResult {
    let charset = charset_of(query.format.as_deref())?;
    let asked = query.clone();
    let (_, place, files) = enter(&visit, move |conn, place, user| {
        let filter = asked.narrow(seen_by(&place.desk.rights));
        bulk_lists::list(conn, user.contract_id, &filter, (0, CSV_MAX))
    })
    .await?;
    let bytes = list_csv(charset, &files, &place.desk.accounts);
    let name = format!("files-{}.csv", jst_day(visit.ctx.now).format("%Y%m%d"));
    Ok(csv_head(charset, &name).body(bytes))
}

/// The character set that an address asks for.
///
/// # Errors
/// 400 for another format.
pub(super) fn charset_of(format: Option<&str>) -> Result<CsvCharset, PageError> {
    match format {
        Some("csv") => Ok(CsvCharset::Utf8),
        Some("csv-sjis") => Ok(CsvCharset::ShiftJis),
        _ => Err(PageError::BadRequest("no such format")),
    }
}

/// The head of a CSV file with this name.
pub(super) fn csv_head(charset: CsvCharset, name: &str) -> actix_web::HttpResponseBuilder {
    let kind = match charset {
        CsvCharset::Utf8 => "text/csv; charset=utf-8",
        CsvCharset::ShiftJis => "text/csv; charset=Shift_JIS",
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"));
    response
}

fn row(visit: &Visit, file: &BulkFile) -> FileRow {
    FileRow::of(file, visit.url(&format!("{HISTORY}/{}", file.id)))
}

fn choice(value: String, label: &str, is_chosen: bool) -> Choice {
    Choice { value, label: label.to_owned(), hint: None, image: None, is_chosen }
}

fn states(chosen: Option<BulkState>) -> Vec<Choice> {
    let hidden = [BulkState::Uploading, BulkState::Deleted];
    let all = BulkState::ALL.iter().copied().filter(|state| !hidden.contains(state));
    let one = |state: BulkState| choice(state.to_string(), state.label(), chosen == Some(state));
    let every = choice(String::new(), "すべて", chosen.is_none());
    std::iter::once(every).chain(all.map(one)).collect()
}

fn kinds(chosen: Option<BulkKind>) -> Vec<Choice> {
    let one = |kind: &BulkKind| choice(kind.to_string(), kind.label(), chosen == Some(*kind));
    let every = choice(String::new(), "すべて", chosen.is_none());
    std::iter::once(every).chain(BulkKind::ALL.iter().map(one)).collect()
}

fn total_text(page: i64, shown: usize, total: i64) -> String {
    let shown = i64::try_from(shown).unwrap_or(0);
    if shown == 0 {
        return format!("全{}", words::count_text(total));
    }
    let first = (page - 1) * PAGE_SIZE + 1;
    format!("{first}〜{}件目（全{}）", first + shown - 1, words::count_text(total))
}

fn pages(query: &HistoryQuery, url: &str, page: i64, total: i64) -> Vec<Link> {
    let to = |label: &str, page: i64| {
        let more = (page > 1).then(|| format!("page={page}"));
        Link { label: label.to_owned(), url: query.url(url, more) }
    };
    let mut pages = Vec::new();
    if page > 1 {
        pages.push(to("最新の50件", 1));
        pages.push(to("前のページ（新しいもの）", page - 1));
    }
    if page * PAGE_SIZE < total {
        pages.push(to("次のページ（古いもの）", page + 1));
    }
    pages
}
