//! STF013 ご契約: its accounts, users and tokens; what is added to it, and its end (解約).

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;

use crate::db::queries::{
    accounts, applications, bulk_files, contracts, customers, external_days, payees, tokens,
};
use crate::domain::contract::Contract;
use crate::domain::ledger::Account;
use crate::domain::portal::Profile;
use crate::domain::staff_request::StaffAct;
use crate::domain::token::TokenState;
use crate::domain::user::{Role, User};
use crate::operations::staff::opening::first_role;
use crate::operations::staff::request::{Subject, ask};
use crate::operations::staff::standing;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::ContractId;
use crate::web::failure::{PageError, PageResult};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Notice, Row, Shell, Tone};
use crate::web::screens;
use crate::web::staff::act::{self, ActPage, NoteForm};
use crate::web::staff::bulk_service::{self, ServiceRow};
use crate::web::staff::customers::{CustomerRow, row};
use crate::web::staff::external_accounts;
use crate::web::staff::opening::has_start_day;
use crate::web::staff::payee;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::stock::state_label;
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words::{self, encoded};

/// Users shown at once.
const ROWS: usize = 50;

/// STF013.
#[derive(askama::Template)]
#[template(path = "staff/contract.html")]
pub struct ContractPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Whether it is closed.
    pub is_closed: bool,
    /// What it is.
    pub rows: Vec<Row>,
    /// Its accounts.
    pub accounts: Vec<Row>,
    /// Its tokens by state.
    pub tokens: Vec<Row>,
    /// Its users, in order of login id.
    pub users: Vec<CustomerRow>,
    /// Further users.
    pub next: Option<Link>,
    /// What can be added.
    pub acts: Vec<Link>,
    /// Payees that wait for the customer's form (事前登録先).
    pub payees: Vec<Link>,
    /// ファイル伝送の取扱い, kind by kind; nothing in portals without it.
    pub services: Vec<ServiceRow>,
    /// 外部ファイルの取扱い, account by account; nothing in portals without it.
    pub external: Vec<ServiceRow>,
    /// 解約.
    pub close: Option<Link>,
    /// Back to the search.
    pub back_url: String,
}

/// Which users.
#[derive(Deserialize)]
pub struct ContractQuery {
    after: Option<String>,
}

/// Shows a contract.
///
/// # Errors
/// 303 to the login; 404 for no contract of this portal.
pub async fn show(visit: StaffVisit, path: Path<i64>, query: Query<ContractQuery>) -> PageResult {
    let (slug, id) = (visit.profile.slug().to_owned(), ContractId(path.into_inner()));
    let after = query.into_inner().after.unwrap_or_default();
    let (who, found) = principal::enter(&visit, move |conn, _| {
        let Some(contract) = contracts::find_of_portal(conn, &slug, id)? else { return Ok(None) };
        let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
        Ok(Some((
            contract,
            applications::find(conn, id)?,
            accounts::list_by_contract(conn, id)?,
            tokens::count_of_contract(conn, id)?,
            customers::list_of_contract(conn, id, &after, limit)?,
            payees::list_waiting(conn, id, payee::ROWS)?,
            bulk_files::list_services(conn, id)?,
            external_days::list_accounts(conn, id)?,
        )))
    })
    .await?;
    let found = found.ok_or(PageError::NotFound)?;
    let (contract, application, accounts, tokens, mut users, waiting, agreed, daily) = found;
    let has_more = users.len() > ROWS;
    users.truncate(ROWS);
    let next = users.last().filter(|_| has_more).map(|last| Link {
        label: "次の50名".to_owned(),
        url: format!(
            "{}?after={}",
            visit.url(&format!("contracts/{id}")),
            encoded(&last.user.login_id)
        ),
    });
    let mut rows = identity(&visit.profile, &contract);
    if let Some(application) = application {
        rows.insert(2, Row::new("カナ", application.name_kana));
        rows.push(Row::new("申込書番号", application.form_number));
    }
    let now = visit.ctx.now;
    let (acts, close) = acts(&visit, &who, &contract);
    let services = match visit.profile.services.bulk_files {
        true => bulk_service::list(&visit, id, &agreed, !acts.is_empty()),
        false => Vec::new(),
    };
    let external = match visit.profile.services.external_files {
        true => external_accounts::list(&visit, id, (&accounts, &daily), !acts.is_empty()),
        false => Vec::new(),
    };
    let page = ContractPage {
        shell: visit.shell_of(&screens::STF013, &who),
        is_closed: contract.closed_at.is_some(),
        rows,
        accounts: accounts.iter().map(account_row).collect(),
        tokens: token_rows(&tokens),
        users: users.iter().map(|customer| row(&visit, customer, now)).collect(),
        next,
        payees: if acts.is_empty() { Vec::new() } else { payee::links(&visit, &waiting) },
        acts,
        services,
        external,
        close,
        back_url: visit.url("customers"),
    };
    visit.page(StatusCode::OK, &page)
}

fn identity(profile: &Profile, contract: &Contract) -> Vec<Row> {
    let day = |day: Option<chrono::NaiveDate>| {
        day.map_or_else(|| "なし".to_owned(), |day| day.format("%Y年%-m月%-d日").to_string())
    };
    let mut rows = vec![
        Row::new("契約番号", contract.number.clone()),
        Row::new("名義", contract.name.clone()),
    ];
    if profile.is_corporate() {
        let label = "ワンタイムパスワードの申込日";
        rows.push(Row::new(label, day(contract.otp_applied_on)));
        if contract.otp_starts_on.is_some() {
            rows.push(Row::new("ワンタイムパスワードの開始日", day(contract.otp_starts_on)));
        }
    }
    if let Some(at) = contract.closed_at {
        rows.push(Row::new("解約の日時", jst_minute_text(at)));
    }
    rows
}

fn account_row(account: &Account) -> Row {
    let kind = account.account_type.label();
    let place = format!("{} {kind} {}", account.branch(), account.number);
    Row::new(place, format!("残高 {}", account.balance))
}

fn token_rows(counts: &[(TokenState, i64)]) -> Vec<Row> {
    let row =
        |(state, count): &(TokenState, i64)| Row::new(state_label(*state).0, format!("{count}個"));
    counts.iter().map(row).collect()
}

fn acts(visit: &StaffVisit, who: &StaffWho, contract: &Contract) -> (Vec<Link>, Option<Link>) {
    if !who.member.role.may_make() || contract.closed_at.is_some() {
        return (Vec::new(), None);
    }
    let link = |path: &str, label: &str| Link {
        label: label.to_owned(),
        url: visit.url(&format!("contracts/{}/{path}", contract.id)),
    };
    let mut acts = vec![link("account", "口座を追加する")];
    if first_role(&visit.profile) == Role::Master {
        acts.push(link("user", "マスターユーザを追加する"));
    }
    if has_start_day(&visit.profile) && contract.otp_applied_on.is_none() {
        acts.push(link("otp", "ワンタイムパスワードの申込みを登録する"));
    }
    (acts, Some(link("close", "解約を申請する")))
}

/// A contract that is to be closed, with the user in whose name that is asked for: the first one
/// who is there.
struct Closing {
    who: StaffWho,
    contract: Contract,
    first: Option<User>,
    blocked: Option<&'static str>,
}

async fn enter_close(visit: &StaffVisit, id: i64) -> Result<Closing, PageError> {
    let (slug, id, ctx) = (visit.profile.slug().to_owned(), ContractId(id), visit.ctx.clone());
    let (who, found) = principal::enter(visit, move |conn, _| {
        let Some(contract) = contracts::find_of_portal(conn, &slug, id)? else { return Ok(None) };
        let first = customers::first_of_contract(conn, id)?;
        let why = match &first {
            Some(first) => standing::blocked(conn, &ctx, StaffAct::CloseContract, first)?,
            None => Some(crate::domain::staff_request::Blocked::Closed),
        };
        Ok(Some((contract, first, why)))
    })
    .await?;
    let (contract, first, why) = found.ok_or(PageError::NotFound)?;
    Ok(Closing { who, contract, first, blocked: why.map(words::blocked) })
}

const LEAD: &str = "承認されると、利用者全員がすぐに使えなくなり、ログイン中の画面も終了します。\
    ご契約のトークンはすべて廃止します。口座と残高はそのまま残ります。元には戻せません。";

fn show_closing(
    visit: &StaffVisit,
    closing: &Closing,
    form: crate::web::form::FormView,
) -> PageResult {
    let contract = &closing.contract;
    let mut shell = visit.shell_of(&screens::STF013, &closing.who);
    shell.title = "解約".into();
    let page = ActPage {
        shell,
        lead: LEAD,
        notice: closing.blocked.filter(|_| !form.is_invalid()).map(|why| Notice {
            tone: Tone::Warn,
            title: "今は申請できません".to_owned(),
            text: vec![why.to_owned()],
        }),
        rows: vec![
            Row::new("契約番号", contract.number.clone()),
            Row::new("名義", contract.name.clone()),
        ],
        form,
        button: "解約の承認を申請する",
        is_danger: true,
        back: Link {
            label: "ご契約に戻る".to_owned(),
            url: visit.url(&format!("contracts/{}", contract.id)),
        },
    };
    visit.form_page(page.form.is_invalid(), &page)
}

fn note() -> crate::web::form::FieldView {
    act::note("解約届の番号", "解約届の右上の番号です。")
}

/// Shows the form of 解約.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act, 404 for no contract of this portal.
pub async fn show_close(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let closing = enter_close(&visit, path.into_inner()).await?;
    let address = format!("contracts/{}/close", closing.contract.id);
    let form = act::form(&visit, &closing.who, &address, vec![note()])?;
    show_closing(&visit, &closing, form)
}

/// Asks for 解約.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_close(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let closing = enter_close(&visit, path.into_inner()).await?;
    let who = &closing.who;
    let address = format!("contracts/{}/close", closing.contract.id);
    let (input, key): (NoteForm, _) = body.staff_keyed(&visit, who, &address)?;
    let mut form = act::form(&visit, who, &address, vec![note()])?;
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if let (Some(first), None) = (&closing.first, closing.blocked) {
        if !form.is_invalid() {
            let subject = Subject {
                act: StaffAct::CloseContract,
                user_id: Some(first.id),
                token_id: None,
                note,
                payload: String::new(),
            };
            let services = &visit.app.services;
            let outcome = ask(services, &who.ctx, &who.member, &key, subject).await?;
            if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
                return Ok(done);
            }
        }
    } else if let Some(why) = closing.blocked {
        form.errors.push(why.to_owned());
    }
    show_closing(&visit, &closing, form)
}
