//! STF090, a file that is put out for a contract by hand.

use actix_web::HttpRequest;
use actix_web::web::Payload;
use serde::Deserialize;
use validator::Validate;

use crate::domain::external_file::ExternalKind;
use crate::operations::staff::external_put::{BYTES_MAX, Put, check, put};
use crate::primitives::code::to_half_width;
use crate::primitives::ids::random_id;
use crate::web::failure::PageResult;
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::staff::act;
use crate::web::staff::external::EXTERNAL;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;
use crate::web::upload::read;

const PATH: &str = "external/put";
const FILE: &str = "file";

/// STF090, the form. Fields: `contract`, `account`, `kind`, `note`, then the file.
#[derive(askama::Template)]
#[template(path = "staff/external_put.html")]
pub struct PutPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// STF090.
    pub back_url: String,
}

/// The fields beside the file.
#[derive(Deserialize, Validate, Default)]
#[serde(deny_unknown_fields)]
pub struct PutForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    contract: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    kind: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

fn form(visit: &StaffVisit, who: &StaffWho, typed: &PutForm, key: String) -> FormView {
    let kinds = ExternalKind::FOR_CONTRACTS.iter();
    let kinds = kinds.map(|kind| (kind.as_str().to_owned(), kind.label().to_owned()));
    let first = Some("選んでください");
    let choices = crate::web::bulk_file::words::choices(first, kinds, &typed.kind);
    FormView::new(visit.url(PATH), who.csrf_token()).request_key(key).fields(vec![
        FieldView::text("contract", "契約番号")
            .inputmode("numeric")
            .maxlength(32)
            .value(&typed.contract),
        FieldView::text("account", "口座番号（任意）")
            .hint("7桁です。入力すると、その口座を使える利用者だけが受信できます。")
            .inputmode("numeric")
            .maxlength(16)
            .value(&typed.account),
        FieldView::select("kind", "種類", choices),
        act::note("お渡しする理由", "再作成の依頼など、受付の内容を書きます。").value(&typed.note),
        FieldView::file(FILE, "ファイル").hint(format!(
            "明細と口座振替結果は全銀協規定形式、振込結果はCSV（Shift_JIS）です。{}MBまでです。",
            BYTES_MAX / 1024 / 1024
        )),
    ])
}

fn page(visit: &StaffVisit, who: &StaffWho, form: FormView) -> PageResult {
    let mut shell = visit.shell_of(&screens::STF090, who);
    shell.title = "ファイルを渡す".into();
    let page = PutPage { shell, form, back_url: visit.url(&format!("{EXTERNAL}?tab=out")) };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Shows the form.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act.
pub async fn show(visit: StaffVisit) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    super::external::require(&visit)?;
    let form = form(&visit, &who, &PutForm::default(), random_id()?);
    page(&visit, &who, form)
}

/// Puts the file out.
///
/// # Errors
/// 4xx for what is no form of ours, or too large.
pub async fn submit(visit: StaffVisit, req: HttpRequest, payload: Payload) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    super::external::require(&visit)?;
    let (body, file) = read(&req, payload, FILE, BYTES_MAX).await?;
    let (input, key): (PutForm, _) = body.staff_keyed(&visit, &who, PATH)?;
    let mut form = form(&visit, &who, &input, key.key.clone());
    let number = |text: &str| -> String {
        to_half_width(text).chars().filter(|c| !matches!(c, ' ' | '-')).collect()
    };
    let (contract_number, account_number) = (number(&input.contract), number(&input.account));
    if contract_number.is_empty() {
        form.set_error("contract", "契約番号を入力してください。");
    }
    let kind = ExternalKind::from_text(&input.kind);
    let kind = kind.filter(|kind| ExternalKind::FOR_CONTRACTS.contains(kind));
    if kind.is_none() {
        form.set_error("kind", "種類を選び、もう一度ファイルを選んでください。");
    }
    let note = act::checked_note(&mut form, &input.note);
    let checked = kind.and_then(|kind| check(kind, &file.bytes));
    if kind.is_some() && checked.is_none() {
        form.set_error(FILE, "選んだ種類の形式ではありません。ファイルをご確認ください。");
    }
    if let Some(file) = checked.filter(|_| !form.is_invalid()) {
        let services = &visit.app.services;
        let given = Put { contract_number, account_number, file, note };
        let outcome = put(services, &who.ctx, &who.member, &key, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, PATH)? {
            return Ok(done);
        }
    }
    page(&visit, &who, form)
}
