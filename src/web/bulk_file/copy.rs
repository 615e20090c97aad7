//! BFT013 過去データの利用: an earlier file is chosen, and becomes a new draft with a new day.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;

use crate::db::queries::member_lists::PageOf;
use crate::operations::bulk_file::copy::{self as act, Copy, list};
use crate::operations::bulk_file::make::MakeOutcome;
use crate::primitives::yen::grouped;
use crate::web::bulk_file::head::{HeadForm, HeadPage, checked_day, day_field, name_field};
use crate::web::bulk_file::record::short_rows;
use crate::web::bulk_file::upload::after;
use crate::web::bulk_file::words::{read_name, usual_name};
use crate::web::bulk_file::{COPY, FILES, NEW, Opened, UPLOAD, enter_maker, open, url_of};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Notice, Shell, Tone};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::transfer::words::day_text;
use crate::web::visit::Visit;

const PAGE_SIZE: i64 = 50;
const PAGES_MAX: i64 = 1_000;

/// One earlier file.
#[derive(Debug, Clone)]
pub struct EarlierRow {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// Its day.
    pub day: String,
    /// How it stands.
    pub state: &'static str,
    /// How many records.
    pub count: String,
    /// Their sum.
    pub total: String,
    /// BFT013 with it.
    pub url: String,
}

/// BFT013, the list.
#[derive(askama::Template)]
#[template(path = "bulk_file/copy.html")]
pub struct CopyPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The files.
    pub rows: Vec<EarlierRow>,
    /// As `55件のうち 1〜50件目`.
    pub total_text: String,
    /// Pages before and after this one.
    pub previous: Option<Link>,
    /// The next page.
    pub next: Option<Link>,
    /// BFT010.
    pub new_url: String,
    /// BFT011.
    pub upload_url: String,
    /// BFT000.
    pub back_url: String,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CopyQuery {
    page: Option<String>,
}

/// Shows the files that can be used again.
///
/// # Errors
/// 303 to the login, 403 for whoever makes no files.
pub async fn show_list(visit: Visit, query: Query<CopyQuery>) -> PageResult {
    let page = query.page.as_deref().and_then(|page| page.parse::<i64>().ok()).unwrap_or(1);
    let page = page.clamp(1, PAGES_MAX) - 1;
    let of = PageOf { size: PAGE_SIZE, page };
    let read = enter_maker(&visit, move |conn, desk, user| list(conn, user, &desk.rights, of));
    let (who, _, (found, total)) = read.await?;
    let first = page * PAGE_SIZE;
    let last = first + i64::try_from(found.len()).unwrap_or(0);
    let link = |label: &str, page: i64| Link {
        label: label.to_owned(),
        url: format!("{}?page={}", visit.url(COPY), page + 1),
    };
    let row = |file: &crate::domain::bulk_file::BulkFile| EarlierRow {
        name: file.name.clone(),
        kind: file.kind.label(),
        day: file.value_date.map_or_else(|| "-".to_owned(), day_text),
        state: file.state.label(),
        count: format!("{}件", grouped(file.item_count)),
        total: file.total_yen.to_string(),
        url: url_of(&visit, file.id, "copy"),
    };
    let page = CopyPage {
        shell: visit.shell_of(&screens::BFT013, &who),
        rows: found.iter().map(row).collect(),
        total_text: match last > first {
            true => format!("{total}件のうち {}〜{last}件目", first + 1),
            false => format!("{total}件"),
        },
        previous: (page > 0).then(|| link("前の50件", page - 1)),
        next: (last < total && last > first).then(|| link("次の50件", page + 1)),
        new_url: visit.url(NEW),
        upload_url: visit.url(UPLOAD),
        back_url: visit.url(FILES),
    };
    visit.page(StatusCode::OK, &page)
}

/// Lets in whoever can make a file of this one.
async fn enter(visit: &Visit, id: i64) -> Result<Opened, PageError> {
    let opened = open(visit, id).await?;
    let may_make = opened.actor.may_make && opened.desk.service(opened.file.kind).is_some();
    if may_make { Ok(opened) } else { Err(PageError::Forbidden("no right to make files")) }
}

fn form(visit: &Visit, opened: &Opened, typed: &HeadForm, key: String) -> FormView {
    FormView::new(opened.url(visit, "copy"), opened.who.csrf_token())
        .request_key(key)
        .draft(typed.draft.clone())
        .fields(vec![name_field(&typed.name), day_field(visit, &[opened.file.kind], &typed.on)])
}

/// Asks for the new day.
///
/// # Errors
/// 404 for a file that is not the user's to see, 403 for whoever makes no such files.
pub async fn show(visit: Visit, id: Path<i64>) -> PageResult {
    let opened = enter(&visit, *id).await?;
    let draft = opened.file.content_sha256.clone();
    let typed = HeadForm { draft, name: String::new(), account: None, on: String::new() };
    let form = form(&visit, &opened, &typed, request_key()?);
    show_copy(&visit, &opened, form)
}

fn show_copy(visit: &Visit, opened: &Opened, form: FormView) -> PageResult {
    let page = HeadPage {
        shell: visit.shell_of(&screens::BFT013, &opened.who),
        notices: vec![Notice {
            tone: Tone::Info,
            title: "このデータの明細で、新しいデータを作成します。".to_owned(),
            text: vec!["元のデータは変わりません。作成したあとで、明細を修正できます。".to_owned()],
        }],
        rows: short_rows(opened, None),
        button: "作成する",
        back_url: visit.url(COPY),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Makes the new draft.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where the earlier file changed meanwhile.
pub async fn submit(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let opened = enter(&visit, *id).await?;
    let (input, key): (HeadForm, _) = body.keyed(&visit, &opened.who, "bulk.create")?;
    let mut form = form(&visit, &opened, &input, key.key.clone());
    let kind = opened.file.kind;
    let Some(value_date) = checked_day(&visit, kind, &input.on, &mut form) else {
        return show_copy(&visit, &opened, form);
    };
    let name = match read_name(&input.name) {
        name if name.is_empty() => usual_name(kind, value_date),
        name => name,
    };
    let given = Copy {
        user: opened.who.user.clone(),
        source: opened.file.id,
        seen: input.draft,
        value_date,
        name,
        key,
        files_url: visit.url(FILES),
    };
    match act::copy(&visit.app.services, &opened.who.ctx, given).await? {
        MakeOutcome::Made(url) => Ok(see_other(&url)),
        MakeOutcome::Step(outcome) => match after(&visit, outcome)? {
            Ok(response) => Ok(response),
            Err(words) => show_copy(&visit, &opened, form.error(words)),
        },
    }
}
