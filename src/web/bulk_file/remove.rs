//! BFT012, a record is taken away: what it is, and a button that says so.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::operations::bulk_file::edit::{Change, Edit, EditOutcome, edit};
use crate::operations::step::StepOutcome;
use crate::primitives::kana::to_full_katakana;
use crate::primitives::yen::Yen;
use crate::web::bulk_file::list::{place, type_label};
use crate::web::bulk_file::record::{change_notice, find, short_rows};
use crate::web::bulk_file::upload::after;
use crate::web::bulk_file::{Opened, open_to_edit};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;
use crate::zengin::bulk::BulkItem;

/// A record that is to go.
#[derive(askama::Template)]
#[template(path = "bulk_file/remove.html")]
pub struct RemovePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// The file and the record.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// The list.
    pub back_url: String,
}

/// A form that says which content was shown.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct SeenForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub(super) draft: String,
}

/// Asks whether the record is to go.
///
/// # Errors
/// 404 for a record that the file has not, 409 where it cannot be changed.
pub async fn show(visit: Visit, path: Path<(i64, u64)>) -> PageResult {
    let (id, no) = path.into_inner();
    let opened = open_to_edit(&visit, id).await?;
    let item = find(&visit, &opened, no).await?;
    let form = form(&visit, &opened, no, request_key()?);
    show_remove(&visit, &opened, (no, &item), form)
}

fn form(visit: &Visit, opened: &Opened, no: u64, key: String) -> FormView {
    let url = opened.url(visit, &format!("records/{no}/delete"));
    let form = FormView::new(url, opened.who.csrf_token()).request_key(key);
    form.draft(opened.file.content_sha256.clone())
}

/// Takes the record away.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, path: Path<(i64, u64)>, body: FormBody) -> PageResult {
    let (id, no) = path.into_inner();
    let opened = open_to_edit(&visit, id).await?;
    let (input, key): (SeenForm, _) = body.keyed(&visit, &opened.who, "bulk.edit")?;
    let mut form = form(&visit, &opened, no, key.key.clone());
    let result_url = format!("{}?done=removed", opened.url(&visit, ""));
    let given = Edit {
        user: opened.who.user.clone(),
        file_id: opened.file.id,
        seen: input.draft,
        change: Change::Remove { no },
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
            return Err(PageError::Internal("a removal was checked".to_owned()));
        }
    }
    let item = find(&visit, &opened, no).await?;
    show_remove(&visit, &opened, (no, &item), form)
}

fn show_remove(
    visit: &Visit,
    opened: &Opened,
    (no, item): (u64, &BulkItem),
    form: FormView,
) -> PageResult {
    let (bank, branch) = place(visit, &item.bank_code, &item.branch_code);
    let account = format!("{} {}", type_label(item.account_type), item.account_no);
    let amount = Yen(i64::try_from(item.amount).unwrap_or(i64::MAX));
    let mut rows = short_rows(opened, Some(no));
    rows.extend([
        Row::new("名前", to_full_katakana(&item.name)),
        Row::new("金融機関・支店", format!("{bank}　{branch}")),
        // The file has an account, too.
        Row::new("預金種目・口座番号", account),
        Row::new("金額", amount.to_string()),
    ]);
    let notices = change_notice(opened).into_iter().collect();
    let mut shell = visit.shell_of(&screens::BFT012, &opened.who);
    shell.title = "明細の削除".into();
    let back_url = opened.url(visit, "");
    let page = RemovePage { shell, notices, rows, form, back_url };
    visit.form_page(page.form.is_invalid(), &page)
}
