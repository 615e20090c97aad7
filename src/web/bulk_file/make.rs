//! BFT010 新規作成: kind, account and day; then records are added.

use serde::Deserialize;
use validator::Validate;

use crate::domain::bulk_file::{BulkKind, BulkStep};
use crate::operations::bulk_file::Desk;
use crate::operations::bulk_file::make::{self as act, Make, MakeOutcome};
use crate::primitives::ids::AccountId;
use crate::web::bulk_file::head::{HeadPage, checked_day, day_field, name_field};
use crate::web::bulk_file::upload::after;
use crate::web::bulk_file::words::{account_choices, choices, read_name, usual_name};
use crate::web::bulk_file::{FILES, NEW, enter_maker};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Tone};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// BFT010's first form.
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct MakeForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    kind: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    on: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    name: String,
}

/// Shows BFT010.
///
/// # Errors
/// 303 to the login, 403 for whoever makes no files.
pub async fn show(visit: Visit) -> PageResult {
    let (who, desk, ()) = enter_maker(&visit, |_, _, _| Ok(())).await?;
    let form = form(&visit, &who, &desk, &MakeForm::default(), request_key()?);
    show_make(&visit, &who, form)
}

fn form(visit: &Visit, who: &Who, desk: &Desk, typed: &MakeForm, key: String) -> FormView {
    let kinds = desk.kinds(BulkStep::Make);
    let of_kind = |kind: &BulkKind| (kind.as_str().to_owned(), kind.label().to_owned());
    let all_kinds = choices(Some("選んでください"), kinds.iter().map(of_kind), &typed.kind);
    let accounts = account_choices(desk, &kinds);
    FormView::new(visit.url(NEW), who.csrf_token()).request_key(key).fields(vec![
        FieldView::select("kind", "種類", all_kinds),
        FieldView::select("account", "口座", choices(None, accounts, &typed.account))
            .hint("振込では出金口座、預金口座振替では入金口座です。"),
        day_field(visit, &kinds, &typed.on),
        name_field(&typed.name),
    ])
}

fn show_make(visit: &Visit, who: &Who, form: FormView) -> PageResult {
    let page = HeadPage {
        shell: visit.shell_of(&screens::BFT010, who),
        notices: vec![Notice {
            tone: Tone::Info,
            title: "次の画面で明細を追加します。".to_owned(),
            text: vec!["1件ずつ入力するほか、表計算ソフトからの貼り付けやCSVファイルも使えます。作成中の内容は保存されます。".to_owned()],
        }],
        rows: Vec::new(),
        button: "次へ",
        back_url: visit.url(FILES),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Makes an empty draft and leads to it.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, desk, ()) = enter_maker(&visit, |_, _, _| Ok(())).await?;
    let (input, key): (MakeForm, _) = body.keyed(&visit, &who, "bulk.create")?;
    let mut form = form(&visit, &who, &desk, &input, key.key.clone());
    if !form.offers("kind", &input.kind) || !form.offers("account", &input.account) {
        return Err(PageError::BadRequest("no such kind or account"));
    }
    let kind = BulkKind::from_text(&input.kind);
    let Some(kind) = kind else {
        form.set_error("kind", "種類を選んでください。");
        return show_make(&visit, &who, form);
    };
    let account_id = input.account.parse().ok().map(AccountId);
    let own = desk.accounts(kind, BulkStep::Make);
    let account_id = account_id.filter(|id| own.iter().any(|account| account.id == *id));
    if account_id.is_none() {
        form.set_error("account", "この種類のデータでお使いになれる口座を選んでください。");
    }
    let day = checked_day(&visit, kind, &input.on, &mut form);
    let (Some(account_id), Some(value_date)) = (account_id, day) else {
        return show_make(&visit, &who, form);
    };
    let name = match read_name(&input.name) {
        name if name.is_empty() => usual_name(kind, value_date),
        name => name,
    };
    let user = who.user.clone();
    let given = Make { user, kind, account_id, value_date, name, key, files_url: visit.url(FILES) };
    match act::make(&visit.app.services, &who.ctx, given).await? {
        MakeOutcome::Made(url) => Ok(see_other(&url)),
        MakeOutcome::Step(outcome) => match after(&visit, outcome)? {
            Ok(response) => Ok(response),
            Err(words) => show_make(&visit, &who, form.error(words)),
        },
    }
}
