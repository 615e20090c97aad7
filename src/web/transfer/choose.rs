//! BTR001 振込・振替: from which account, and to whom: own accounts, whom was paid before, or a new
//! payee (BTR002).

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::member_lists::PageOf;
use crate::db::queries::payees::{self, PayeeFilter, PayeeOrder};
use crate::db::queries::payments;
use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::Operation;
use crate::domain::flow::FlowStep;
use crate::domain::ledger::Account;
use crate::domain::payee::Destination;
use crate::domain::portal::Profile;
use crate::domain::transfer::{PayeeChoice, TransferDraft};
use crate::operations::name_lookup::portals_of_bank;
use crate::operations::transfer::{draft, find_own};
use crate::primitives::ids::{AccountId, ContractId};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell, Step, steps};
use crate::web::principal::{PAYEES, Who};
use crate::web::screens;
use crate::web::token::flow::{self, Lost};
use crate::web::transfer::payee::NEW_PAYEE;
use crate::web::transfer::{STEPS, TRANSFERS, enter, obstacle, words};
use crate::web::visit::Visit;

/// Payees paid before that the page offers.
const RECENT_MAX: usize = 5;
/// Registered payees that the page offers; the others are found on BTR020.
const PAYEES_MAX: i64 = 30;
/// Payments among which they are looked for.
const LATEST_MAX: i64 = 100;

/// BTR001. Fields: `from`, `to`.
#[derive(askama::Template)]
#[template(path = "transfer/choose.html")]
pub struct TransferChoosePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// The form.
    pub form: FormView,
    /// BTR002.
    pub new_url: String,
    /// BTR020.
    pub payees_url: String,
    /// BTR030 and BTR040.
    pub reservations_url: String,
    /// BTR040.
    pub history_url: String,
}

/// BTR001's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ChooseForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    from: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    to: Option<String>,
}

/// Somebody who can be paid from this page.
#[derive(Debug, Clone)]
struct Offered {
    /// The value of its choice.
    value: String,
    to: Destination,
    to_account: Option<AccountId>,
    choice: PayeeChoice,
    is_registered: bool,
    label: String,
    hint: String,
}

/// Shows BTR001.
///
/// # Errors
/// 403 for whoever may send from no account.
pub async fn show(visit: Visit, lost: Query<Lost>) -> PageResult {
    let (who, accounts) = enter(&visit).await?;
    let offered = offered(&visit, &who, &accounts).await?;
    let form = form(&visit, &who, &accounts, &offered, (None, None));
    show_choose(&visit, &who, form, flow::lost_notices(&lost))
}

/// Begins a transfer to whom was chosen.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, accounts) = enter(&visit).await?;
    let offered = offered(&visit, &who, &accounts).await?;
    let input: ChooseForm = body.of(&who)?;
    let chosen = (input.from.as_deref(), input.to.as_deref());
    let mut form = form(&visit, &who, &accounts, &offered, chosen);
    let from = find_from(&accounts, input.from.as_deref());
    if from.is_none() {
        form.set_error("from", "出金口座を選んでください。");
    }
    let to = offered.into_iter().find(|one| Some(one.value.as_str()) == input.to.as_deref());
    match (&from, &to) {
        (_, None) => form.set_error("to", "お振込先を選んでください。"),
        (Some(from), Some(to)) if to.choice == PayeeChoice::Own(from.id) => {
            form.set_error("to", "出金口座とは別の口座を選んでください。");
        }
        _ => {}
    }
    let (Some(from), Some(to), false) = (from, to, form.is_invalid()) else {
        return show_choose(&visit, &who, form, Vec::new());
    };
    let Offered { to, to_account, choice, is_registered, .. } = to;
    let wanted = TransferDraft {
        from: from.id,
        to,
        to_account,
        is_name_found: false,
        choice,
        is_registered,
        order: None,
    };
    begin(&visit, &who, &wanted).await
}

/// Begins a transfer and leads to BTR003.
///
/// # Errors
/// 500 or 503 of the database.
pub async fn begin(visit: &Visit, who: &Who, wanted: &TransferDraft) -> PageResult {
    let step = (super::OPERATION, FlowStep::Input);
    let flow_id = draft::begin(&visit.app.services, &who.ctx, &who.login, step, wanted).await?;
    Ok(see_other(&format!("{}/{flow_id}", visit.url(TRANSFERS))))
}

/// The account that a form names, if it is one of these.
pub fn find_from<'a>(accounts: &'a [Account], typed: Option<&str>) -> Option<&'a Account> {
    let id = typed.and_then(|typed| typed.parse().ok()).map(AccountId)?;
    accounts.iter().find(|account| account.id == id)
}

async fn offered(
    visit: &Visit,
    who: &Who,
    accounts: &[Account],
) -> Result<Vec<Offered>, PageError> {
    let services = &visit.app.services;
    let portals = portals_of_bank(services, visit.profile.portal.bank_code.as_str());
    let (profile, contract_id) = (visit.profile.clone(), who.user.contract_id);
    let read = move |conn: &mut DbConn| known(conn, &profile, &portals, contract_id);
    let known = services.db.read(read).await?;
    let own = accounts.iter().map(|account| Offered {
        value: format!("own-{}", account.id),
        to: Destination::of_account(&visit.profile, account),
        to_account: Some(account.id),
        choice: PayeeChoice::Own(account.id),
        is_registered: false,
        label: format!("ご自分の口座　{}", words::account_text(account)),
        hint: format!("残高 {}", account.balance),
    });
    // With one account alone there is nothing to move between.
    let own = own.filter(|_| accounts.len() > 1);
    let is_own = |one: &Offered| accounts.iter().any(|own| one.to_account == Some(own.id));
    Ok(own.chain(known.into_iter().filter(|one| !is_own(one))).collect())
}

/// The registered payees, those paid last first, and whom the contract paid beside them, each
/// account once.
fn known(
    conn: &mut DbConn,
    profile: &Profile,
    portals: &[String],
    contract_id: ContractId,
) -> Result<Vec<Offered>, DbError> {
    let filter = PayeeFilter { order: PayeeOrder::Paid, ..PayeeFilter::default() };
    let page = PageOf { size: PAYEES_MAX, page: 0 };
    let mut all = Vec::new();
    for payee in payees::list(conn, contract_id, &filter, page)?.0 {
        let to = payee.destination();
        all.push(Offered {
            value: format!("payee-{}", payee.id),
            label: format!("{} 様", payee.shown_name()),
            hint: hint(&to),
            to_account: own_account(conn, profile, portals, &to)?,
            choice: PayeeChoice::Registered(payee.id),
            is_registered: payee.is_registered_beforehand(profile),
            to,
        });
    }
    let mut count = 0;
    for payment in payments::list_latest_transfers(conn, contract_id, LATEST_MAX)? {
        let Some(to) = Destination::of_payment(&payment) else { continue };
        let is_known = all.iter().any(|other: &Offered| other.to.account() == to.account());
        if is_known || count == RECENT_MAX {
            continue;
        }
        count += 1;
        all.push(Offered {
            value: format!("paid-{}", payment.id),
            label: words::party_text(&to.holder_kana),
            hint: format!("{}（前に振り込んだ口座）", hint(&to)),
            to_account: own_account(conn, profile, portals, &to)?,
            choice: PayeeChoice::Other,
            is_registered: false,
            to,
        });
    }
    Ok(all)
}

fn hint(to: &Destination) -> String {
    format!("{}　{}", to.bank_name, words::branch_text(to))
}

fn own_account(
    conn: &mut DbConn,
    profile: &Profile,
    portals: &[String],
    to: &Destination,
) -> Result<Option<AccountId>, DbError> {
    if !to.is_own_institution(profile) {
        return Ok(None);
    }
    Ok(find_own(conn, portals, to)?.map(|account| account.id))
}

/// The choice of the account from which it goes out.
pub fn from_field(accounts: &[Account], from: Option<&str>) -> FieldView {
    let is_only = accounts.len() == 1;
    let choices = accounts.iter().map(|account| {
        let value = account.id.to_string();
        Choice {
            label: words::account_text(account),
            hint: Some(format!("残高 {}", account.balance)),
            image: None,
            is_chosen: is_only || from == Some(value.as_str()),
            value,
        }
    });
    FieldView::radio("from", "出金口座", choices.collect())
}

fn form(
    visit: &Visit,
    who: &Who,
    accounts: &[Account],
    offered: &[Offered],
    (from, to): (Option<&str>, Option<&str>),
) -> FormView {
    let payees = offered.iter().map(|one| Choice {
        value: one.value.clone(),
        label: one.label.clone(),
        hint: Some(one.hint.clone()),
        image: None,
        is_chosen: to == Some(one.value.as_str()),
    });
    let mut fields = vec![from_field(accounts, from)];
    if !offered.is_empty() {
        fields.push(FieldView::radio("to", "お振込先", payees.collect()));
    }
    FormView::new(visit.url(TRANSFERS), who.csrf_token()).fields(fields)
}

fn show_choose(visit: &Visit, who: &Who, form: FormView, mut notices: Vec<Notice>) -> PageResult {
    notices.extend(obstacle(visit, who, Operation::Transfer));
    let page = TransferChoosePage {
        shell: visit.shell_of(&screens::BTR001, who),
        steps: steps(&STEPS, 0),
        notices,
        new_url: visit.url(NEW_PAYEE),
        payees_url: visit.url(PAYEES),
        reservations_url: visit.url("reservations"),
        history_url: visit.url("history"),
        form,
    };
    let status =
        if page.form.is_invalid() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    visit.page(status, &page)
}
