//! BFT010, many records at once: pasted from a spreadsheet, or from a CSV file, with everything
//! that is wrong line by line before anything is added.

use actix_web::HttpRequest;
use actix_web::web::{Path, Payload};
use serde::Deserialize;
use validator::Validate;

use crate::domain::bulk_file::report::ReportLine;
use crate::operations::bulk_file::edit::{Change, Edit, EditOutcome, check_items, edit};
use crate::operations::one_time_key::RequestKey;
use crate::operations::step::StepOutcome;
use crate::primitives::yen::{Yen, grouped};
use crate::web::bulk_file::list::reference_labels;
use crate::web::bulk_file::record::{TOO_MUCH, change_notice, short_rows};
use crate::web::bulk_file::table::{ROWS_MAX, TableRow, read, text_of};
use crate::web::bulk_file::upload::after;
use crate::web::bulk_file::words::said;
use crate::web::bulk_file::{Opened, open_to_edit};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::page::{Notice, Row, Shell};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::upload::{UploadedFile, read_long};
use crate::web::visit::Visit;
use crate::zengin::bulk::BulkItem;

const FILE: &str = "file";
/// Five thousand lines with long names, and some.
const BYTES_MAX: usize = 2 * 1024 * 1024;
/// Lines that a page shows.
const SHOWN: usize = 50;

/// A line of the preview.
#[derive(Debug, Clone)]
pub struct PreviewRow {
    /// The line of the text.
    pub line: u64,
    /// As it was typed.
    pub cells: String,
    /// What is wrong; empty where nothing is.
    pub problems: Vec<String>,
}

/// What was read, before it is added.
#[derive(Debug, Clone)]
pub struct Preview {
    /// In numbers.
    pub rows: Vec<Row>,
    /// The lines, those with errors first.
    pub lines: Vec<PreviewRow>,
    /// As `はじめの50行を表示しています。`.
    pub cut: Option<String>,
    /// Whether it can be added.
    pub is_clean: bool,
}

/// BFT010, many records.
#[derive(askama::Template)]
#[template(path = "bulk_file/rows.html")]
pub struct RowsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// The file, in short.
    pub rows: Vec<Row>,
    /// The columns, in their order.
    pub columns: Vec<String>,
    /// Most lines.
    pub rows_max: String,
    /// The form; its one field is the file.
    pub form: FormView,
    /// What stands in the text area.
    pub text: String,
    /// What was read of it.
    pub preview: Option<Preview>,
    /// The list.
    pub back_url: String,
}

/// The fields beside the file.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RowsForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    draft: String,
    #[validate(length(max = 16))]
    act: String,
    rows: String,
}

/// Shows the empty form.
///
/// # Errors
/// 404 for a file that is not the user's to see, 409 where it cannot be changed.
pub async fn show(visit: Visit, id: Path<i64>) -> PageResult {
    let opened = open_to_edit(&visit, *id).await?;
    let seen = opened.file.content_sha256.clone();
    let form = form(&visit, &opened, &seen, request_key()?);
    show_rows(&visit, &opened, form, String::new(), None)
}

fn form(visit: &Visit, opened: &Opened, seen: &str, key: String) -> FormView {
    FormView::new(opened.url(visit, "rows"), opened.who.csrf_token())
        .request_key(key)
        .draft(seen)
        .fields(vec![FieldView::file(FILE, "CSVファイル（任意）").hint(
            "選ぶと、上の欄の代わりにファイルの内容を使います。UTF-8とShift_JISを読み取れます。",
        )])
}

/// Looks at the lines, or adds them.
///
/// # Errors
/// 4xx for what is no form of ours, or too large; 409 where somebody was faster.
pub async fn submit(visit: Visit, id: Path<i64>, req: HttpRequest, payload: Payload) -> PageResult {
    let opened = open_to_edit(&visit, *id).await?;
    let (body, file) = read_long(&req, payload, FILE, (BYTES_MAX, BYTES_MAX)).await?;
    let (input, key): (RowsForm, _) = body.keyed(&visit, &opened.who, "bulk.edit")?;
    let is_add = match input.act.as_str() {
        "check" => false,
        "add" => true,
        _ => return Err(PageError::BadRequest("no such act")),
    };
    let mut form = form(&visit, &opened, &input.draft, key.key.clone());
    let Some(text) = typed(&input, &file, &mut form) else {
        return show_rows(&visit, &opened, form, input.rows, None);
    };
    let Some(rows) = read(opened.file.kind, &text) else {
        let words = format!(
            "一度に追加できるのは{}行までです。分けて追加してください。",
            grouped(i64::try_from(ROWS_MAX).unwrap_or(i64::MAX))
        );
        form.set_error_apart("rows", words);
        return show_rows(&visit, &opened, form, text, None);
    };
    if rows.is_empty() {
        form.set_error_apart("rows", "明細を貼り付けるか、CSVファイルを選んでください。");
        return show_rows(&visit, &opened, form, text, None);
    }
    let found = problems(&visit, &opened, &rows).await?;
    let preview = preview(&rows, &found);
    if !preview.is_clean {
        form.set_error_apart("rows", "誤りのある行があります。下の表のとおりに直してください。");
    } else if is_add {
        return add(&visit, &opened, (input.draft, key), (rows, text, preview), form).await;
    }
    show_rows(&visit, &opened, form, text, Some(preview))
}

/// What was typed, or chosen as a file.
fn typed(input: &RowsForm, file: &UploadedFile, form: &mut FormView) -> Option<String> {
    if file.bytes.is_empty() {
        return Some(input.rows.clone());
    }
    let text = text_of(&file.bytes);
    if text.is_none() {
        form.set_error(
            FILE,
            "ファイルを読み取れません。UTF-8かShift_JISのCSVで保存し直してください。",
        );
    }
    text
}

/// What the check says of each line that could be read, by the line's place.
async fn problems(
    visit: &Visit,
    opened: &Opened,
    rows: &[TableRow],
) -> Result<Vec<Vec<String>>, PageError> {
    let mut found: Vec<Vec<String>> =
        rows.iter().map(|row| row.item.as_ref().err().cloned().unwrap_or_default()).collect();
    let (places, items): (Vec<usize>, Vec<BulkItem>) = rows
        .iter()
        .enumerate()
        .filter_map(|(place, row)| Some((place, row.item.as_ref().ok()?.clone())))
        .unzip();
    let of = (&opened.who.user, opened.file.id);
    let lines = check_items(&visit.app.services, &opened.who.ctx, of, items).await?;
    for line in lines.iter().filter(|line| line.is_error) {
        if let Some(of_row) = place_of(line, &places).and_then(|place| found.get_mut(place)) {
            of_row.push(said(line));
        }
    }
    Ok(found)
}

/// The row that a finding is about; the check counts the items that it was given from 1.
fn place_of(line: &ReportLine, places: &[usize]) -> Option<usize> {
    let at = usize::try_from(line.record).ok()?.checked_sub(1)?;
    places.get(at).copied()
}

fn preview(rows: &[TableRow], found: &[Vec<String>]) -> Preview {
    let of_rows = || rows.iter().zip(found);
    let wrong = of_rows().filter(|(_, problems)| !problems.is_empty());
    let right = of_rows().filter(|(_, problems)| problems.is_empty());
    let wrong_count = wrong.clone().count();
    let line = |(row, problems): (&TableRow, &Vec<String>)| PreviewRow {
        line: row.line,
        cells: row.cells.join("　"),
        problems: problems.clone(),
    };
    let sum = rows
        .iter()
        .filter_map(|row| row.item.as_ref().ok())
        .fold(0_u64, |sum, item| sum.saturating_add(item.amount));
    let count = |count: usize| format!("{}行", grouped(i64::try_from(count).unwrap_or(i64::MAX)));
    Preview {
        rows: vec![
            Row::new("読み取った行", count(rows.len())),
            Row::new("誤りのある行", count(wrong_count)),
            Row::new(
                "読み取れた金額の合計",
                Yen(i64::try_from(sum).unwrap_or(i64::MAX)).to_string(),
            ),
        ],
        lines: wrong.chain(right).take(SHOWN).map(line).collect(),
        cut: (rows.len() > SHOWN).then(|| format!("はじめの{SHOWN}行を表示しています。")),
        is_clean: wrong_count == 0,
    }
}

async fn add(
    visit: &Visit,
    opened: &Opened,
    (seen, key): (String, RequestKey),
    (rows, text, preview): (Vec<TableRow>, String, Preview),
    mut form: FormView,
) -> PageResult {
    let result_url = format!("{}?done=added", opened.url(visit, ""));
    let items = rows.into_iter().filter_map(|row| row.item.ok()).collect();
    let given = Edit {
        user: opened.who.user.clone(),
        file_id: opened.file.id,
        seen,
        change: Change::Append { items },
        key,
        result_url: result_url.clone(),
    };
    match edit(&visit.app.services, &opened.who.ctx, given).await? {
        EditOutcome::Step(StepOutcome::Done) => return Ok(see_other(&result_url)),
        EditOutcome::Step(StepOutcome::Stale) => {
            return Err(PageError::Conflict { back: opened.url(visit, "") });
        }
        EditOutcome::Step(outcome) => match after(visit, outcome)? {
            Ok(response) => return Ok(response),
            Err(words) => form.errors.push(words.to_owned()),
        },
        // It was checked just now; the contract changed since.
        EditOutcome::Faulty(lines) => form.errors.extend(lines.iter().map(said)),
        EditOutcome::TooMuch => form.set_error_apart("rows", TOO_MUCH),
    }
    show_rows(visit, opened, form, text, Some(preview))
}

fn show_rows(
    visit: &Visit,
    opened: &Opened,
    form: FormView,
    text: String,
    preview: Option<Preview>,
) -> PageResult {
    let kind = opened.file.kind;
    let name = if kind.is_outgoing() { "受取人名" } else { "預金者名" };
    let first = ["金融機関コード", "店番", "預金種目", "口座番号", name, "金額"];
    let more = reference_labels(kind).iter().filter(|(field, _)| *field != "edi");
    let more = more.map(|(_, label)| format!("{label}（任意）"));
    let mut shell = visit.shell_of(&screens::BFT010, &opened.who);
    shell.title = "表・CSVからの追加".into();
    let page = RowsPage {
        shell,
        notices: change_notice(opened).into_iter().collect(),
        rows: short_rows(opened, None),
        columns: first.iter().map(|label| (*label).to_owned()).chain(more).collect(),
        rows_max: grouped(i64::try_from(ROWS_MAX).unwrap_or(i64::MAX)),
        form,
        text,
        preview,
        back_url: opened.url(visit, ""),
    };
    visit.form_page(page.form.is_invalid(), &page)
}
