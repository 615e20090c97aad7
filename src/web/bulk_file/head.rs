//! BFT012, name, account and day of a file.

use actix_web::web::Path;
use chrono::NaiveDate;
use serde::Deserialize;
use validator::Validate;

use crate::domain::bulk_file::BulkKind;
use crate::domain::bulk_file::day::DayWindow;
use crate::operations::bulk_file::edit::{Change, Edit, EditOutcome, edit};
use crate::operations::step::StepOutcome;
use crate::primitives::ids::AccountId;
use crate::web::bulk_file::record::{change_notice, short_rows};
use crate::web::bulk_file::upload::after;
use crate::web::bulk_file::words::{
    NAME_MAX, account_choices, account_label, choices, day_choices, day_problem, read_name,
};
use crate::web::bulk_file::{Opened, open_to_edit};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// Name, account and day.
#[derive(askama::Template)]
#[template(path = "bulk_file/head.html")]
pub struct HeadPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// The file, in short.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// What its button says.
    pub button: &'static str,
    /// The list.
    pub back_url: String,
}

/// The form. A file that is copied keeps its account.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct HeadForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub(super) draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub(super) name: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub(super) account: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub(super) on: String,
}

/// The field for a file's name.
pub(super) fn name_field(value: &str) -> FieldView {
    let field = FieldView::text("name", "データ名").maxlength(NAME_MAX).value(value);
    field.hint("社内での呼び名です。入力しないときは、種類と指定日が名前になります。")
}

/// The field for a file's day.
pub(super) fn day_field(visit: &Visit, kinds: &[BulkKind], chosen: &str) -> FieldView {
    let days = day_choices(&visit.profile, kinds, visit.ctx.now);
    FieldView::select("on", "指定日", choices(Some("選んでください"), days, chosen))
}

/// The day that was typed, if a file of this kind can be for it; else the form says why not.
pub(super) fn checked_day(
    visit: &Visit,
    kind: BulkKind,
    typed: &str,
    form: &mut FormView,
) -> Option<NaiveDate> {
    let Ok(day) = typed.parse::<NaiveDate>() else {
        form.set_error("on", "指定日を選んでください。");
        return None;
    };
    let window = DayWindow::at(kind, &visit.profile.files, true, visit.ctx.now);
    match window.check(day) {
        Ok(()) => Some(day),
        Err(problem) => {
            form.set_error("on", day_problem(&visit.profile, kind, (problem, window)));
            None
        }
    }
}

/// Shows the form.
///
/// # Errors
/// 404 for a file that is not the user's to see, 409 where it cannot be changed.
pub async fn show(visit: Visit, id: Path<i64>) -> PageResult {
    let opened = open_to_edit(&visit, *id).await?;
    let file = &opened.file;
    let typed = HeadForm {
        draft: file.content_sha256.clone(),
        name: file.name.clone(),
        account: file.account_id.map(|id| id.to_string()),
        on: file.value_date.map_or_else(String::new, |day| day.to_string()),
    };
    let form = form(&visit, &opened, &typed, request_key()?);
    show_head(&visit, &opened, form)
}

fn form(visit: &Visit, opened: &Opened, typed: &HeadForm, key: String) -> FormView {
    let kind = opened.file.kind;
    let accounts = account_choices(&opened.desk, &[kind]);
    let account = typed.account.as_deref().unwrap_or_default();
    FormView::new(opened.url(visit, "head"), opened.who.csrf_token())
        .request_key(key)
        .draft(typed.draft.clone())
        .fields(vec![
            name_field(&typed.name),
            FieldView::select("account", account_label(kind), choices(None, accounts, account)),
            day_field(visit, &[kind], &typed.on),
        ])
}

/// Changes name, account and day.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let opened = open_to_edit(&visit, *id).await?;
    let (input, key): (HeadForm, _) = body.keyed(&visit, &opened.who, "bulk.edit")?;
    let mut form = form(&visit, &opened, &input, key.key.clone());
    let kind = opened.file.kind;
    let day = checked_day(&visit, kind, &input.on, &mut form);
    let account = input.account.filter(|account| form.offers("account", account));
    let account = account.and_then(|account| account.parse().ok().map(AccountId));
    if account.is_none() {
        form.set_error("account", "口座を選んでください。");
    }
    let (Some(value_date), Some(account_id)) = (day, account) else {
        return show_head(&visit, &opened, form);
    };
    let name = match read_name(&input.name) {
        name if name.is_empty() => super::words::usual_name(kind, value_date),
        name => name,
    };
    let result_url = format!("{}?done=head", opened.url(&visit, ""));
    let given = Edit {
        user: opened.who.user.clone(),
        file_id: opened.file.id,
        seen: input.draft,
        change: Change::Head { name, account_id, value_date },
        key,
        result_url: result_url.clone(),
    };
    match edit(&visit.app.services, &opened.who.ctx, given).await? {
        EditOutcome::Step(StepOutcome::Done) => return Ok(see_other(&result_url)),
        EditOutcome::Step(StepOutcome::Stale) => {
            return Err(PageError::Conflict { back: opened.url(&visit, "") });
        }
        EditOutcome::Step(outcome) => match after(&visit, outcome)? {
            Ok(response) => return Ok(response),
            Err(words) => form.errors.push(words.to_owned()),
        },
        EditOutcome::Faulty(_) | EditOutcome::TooMuch => {
            return Err(PageError::Internal("a header was checked as an item".to_owned()));
        }
    }
    show_head(&visit, &opened, form)
}

fn show_head(visit: &Visit, opened: &Opened, form: FormView) -> PageResult {
    let mut shell = visit.shell_of(&screens::BFT012, &opened.who);
    shell.title = "名前・口座・指定日の変更".into();
    let page = HeadPage {
        shell,
        notices: change_notice(opened).into_iter().collect(),
        rows: short_rows(opened, None),
        button: "変更する",
        back_url: opened.url(visit, ""),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
