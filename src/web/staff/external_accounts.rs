//! STF013, 外部ファイルの取扱い: which daily files a contract gets of an account.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{accounts, contracts, external_days};
use crate::domain::contract::Contract;
use crate::domain::external_file::{ExternalAccount, ExternalKind};
use crate::domain::ledger::Account;
use crate::operations::staff::external_accounts::agree;
use crate::primitives::ids::{AccountId, ContractId};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Notice, Row, Tone};
use crate::web::screens;
use crate::web::staff::act::{self, ActPage};
use crate::web::staff::bulk_service::ServiceRow;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;
use crate::web::transfer::words::account_text;

/// Every account of the contract with the daily files that are agreed.
pub(super) fn list(
    visit: &StaffVisit,
    contract_id: ContractId,
    (accounts, agreed): (&[Account], &[ExternalAccount]),
    may_change: bool,
) -> Vec<ServiceRow> {
    let row = |account: &Account| ServiceRow {
        kind: account_text(account).into(),
        text: text(account.id, agreed),
        change: may_change.then(|| visit.url(&address(contract_id, account.id))),
    };
    accounts.iter().map(row).collect()
}

fn text(account_id: AccountId, agreed: &[ExternalAccount]) -> String {
    let own = agreed.iter().filter(|one| one.account_id == account_id);
    let labels: Vec<&str> = own.map(|one| one.kind.label()).collect();
    if labels.is_empty() { "取り扱っていません".to_owned() } else { labels.join("・") }
}

fn address(contract_id: ContractId, account_id: AccountId) -> String {
    format!("contracts/{contract_id}/external/{account_id}")
}

/// The contract and account that are agreed on.
struct At {
    who: StaffWho,
    contract: Contract,
    account: Account,
    agreed: Vec<ExternalAccount>,
}

/// 404 also in portals without external files.
async fn enter(visit: &StaffVisit, (id, account): (i64, i64)) -> Result<At, PageError> {
    let is_offered = visit.profile.services.external_files;
    let (slug, id) = (visit.profile.slug().to_owned(), ContractId(id));
    let (who, found) = principal::enter(visit, move |conn, _| {
        let Some(contract) = contracts::find_of_portal(conn, &slug, id)? else { return Ok(None) };
        let account = accounts::find_of_contract(conn, contract.id, AccountId(account))?;
        let agreed = external_days::list_accounts(conn, contract.id)?;
        Ok(account.filter(|_| is_offered).map(|account| (contract, account, agreed)))
    })
    .await?;
    let (contract, account, agreed) = found.ok_or(PageError::NotFound)?;
    Ok(At { who, contract, account, agreed })
}

const LEAD: &str = "お申込みの書面にもとづいて、この口座の明細のファイルを登録します。\
    登録した日の分から、翌営業日の朝に作成します。";
const FIELDS: [(&str, ExternalKind); 2] =
    [("statement", ExternalKind::Statement), ("credit_notice", ExternalKind::CreditNotice)];

/// The form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    statement: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    credit_notice: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

fn fields(typed: [Option<&str>; 2]) -> Vec<FieldView> {
    let choices = |chosen: Option<&str>| {
        let choice = |(value, label): &(&str, &str)| Choice {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            hint: None,
            image: None,
            is_chosen: chosen == Some(*value),
        };
        [("yes", "取り扱う"), ("no", "取り扱わない")].iter().map(choice).collect()
    };
    let field = |((name, kind), typed): (&(&'static str, ExternalKind), Option<&str>)| {
        FieldView::radio(name, kind.label(), choices(typed))
    };
    let mut fields: Vec<FieldView> = FIELDS.iter().zip(typed).map(field).collect();
    fields.push(act::note("申込書番号", "申込書の右上の番号です。"));
    fields
}

fn page(visit: &StaffVisit, at: &At, form: FormView) -> PageResult {
    let contract = &at.contract;
    let mut shell = visit.shell_of(&screens::STF013, &at.who);
    shell.title = "外部ファイルの取扱い".into();
    let is_closed = contract.closed_at.is_some();
    let page = ActPage {
        shell,
        lead: LEAD,
        notice: (is_closed && !form.is_invalid()).then(|| Notice {
            tone: Tone::Warn,
            title: "今は登録できません".to_owned(),
            text: vec!["このご契約は解約済みです。".to_owned()],
        }),
        rows: vec![
            Row::new("契約番号", contract.number.clone()),
            Row::new("名義", contract.name.clone()),
            Row::new("口座", account_text(&at.account)),
            Row::new("今の取扱い", text(at.account.id, &at.agreed)),
        ],
        form,
        button: "登録する",
        is_danger: false,
        back: Link {
            label: "ご契約に戻る".to_owned(),
            url: visit.url(&format!("contracts/{}", contract.id)),
        },
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Shows the form with what is agreed now.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act, 404 for no account of this contract.
pub async fn show(visit: StaffVisit, path: Path<(i64, i64)>) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let is_agreed =
        |kind| at.agreed.iter().any(|one| (one.account_id, one.kind) == (at.account.id, kind));
    let now = FIELDS.map(|(_, kind)| Some(if is_agreed(kind) { "yes" } else { "no" }));
    let form = act::form(&visit, &at.who, &address(at.contract.id, at.account.id), fields(now))?;
    page(&visit, &at, form)
}

/// Records the agreement.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, path: Path<(i64, i64)>, body: FormBody) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let address = address(at.contract.id, at.account.id);
    let (input, key): (AccountForm, _) = body.staff_keyed(&visit, &at.who, &address)?;
    let typed = [input.statement.as_deref(), input.credit_notice.as_deref()];
    let mut form = act::form(&visit, &at.who, &address, fields(typed))?;
    let mut kinds = Vec::new();
    for ((name, kind), typed) in FIELDS.iter().zip(typed) {
        match typed {
            Some("yes") => kinds.push(*kind),
            Some("no") => {}
            _ => form.set_error(name, "取り扱うかどうかを選んでください。"),
        }
    }
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let services = &visit.app.services;
        let given = ((at.contract.id, at.account.id), kinds, note);
        let outcome = agree(services, &at.who.ctx, &at.who.member, &key, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    page(&visit, &at, form)
}
