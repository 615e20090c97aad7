//! BTR002 お振込先の指定: bank and branch by the chooser, then kind, number and holder. Everything up
//! to 「次へ」 stands in the address and the form.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::payees;
use crate::domain::ledger::Account;
use crate::domain::payee::{Destination, Payee, PayeeAccountType};
use crate::domain::transfer::{PayeeChoice, TransferDraft};
use crate::operations::name_lookup::{look_up, portals_of_bank};
use crate::operations::transfer::find_own;
use crate::primitives::ids::AccountId;
use crate::web::chooser::{self, Choice, ChooserQuery, ChooserView, ChosenBranch};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Row, Shell, Step, steps};
use crate::web::payee::input::{account_fields, checked_holder, checked_number, name_from};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::spender::Spender;
use crate::web::transfer::choose::{begin, find_from, from_field};
use crate::web::transfer::{STEPS, TRANSFERS, enter_able, open_draft};
use crate::web::visit::Visit;

/// BTR002's address below the portal.
pub const NEW_PAYEE: &str = "transfers/payee";

/// BTR002, bank and branch.
#[derive(askama::Template)]
#[template(path = "transfer/bank.html")]
pub struct TransferBankPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The chooser.
    pub chooser: ChooserView,
    /// BTR001.
    pub back_url: String,
}

/// BTR002, the account. Fields: `from`, `account_type`, `number`, `holder`.
#[derive(askama::Template)]
#[template(path = "transfer/payee.html")]
pub struct TransferPayeePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Bank and branch.
    pub place: Vec<Row>,
    /// Chooses them anew.
    pub choose_url: String,
    /// The form.
    pub form: FormView,
    /// BTR001.
    pub back_url: String,
}

/// BTR002's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewPayeeForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    from: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account_type: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    holder: String,
}

impl NewPayeeForm {
    /// What the form holds before anybody types.
    fn empty() -> NewPayeeForm {
        NewPayeeForm {
            from: None,
            account_type: Some(PayeeAccountType::Ordinary.as_str().to_owned()),
            number: String::new(),
            holder: String::new(),
        }
    }

    /// What was typed for this draft.
    fn of(draft: &TransferDraft) -> NewPayeeForm {
        NewPayeeForm {
            from: Some(draft.from.to_string()),
            account_type: Some(draft.to.account_type.as_str().to_owned()),
            number: draft.to.number.clone(),
            holder: draft.typed_holder.clone(),
        }
    }
}

/// What was typed here before, for whoever comes back from BTR003. An address that chooses a bank
/// begins anew: the number of an account at another branch says nothing.
async fn typed_before(
    visit: &Visit,
    who: &Who,
    query: &ChooserQuery,
) -> Result<Option<TransferDraft>, PageError> {
    if !query.is_empty() {
        return Ok(None);
    }
    let left = open_draft(visit, who).await?;
    Ok(left.filter(|left| left.choice == PayeeChoice::Other))
}

/// How far the choice of the branch has come: as before, or as the address says.
async fn choice(
    visit: &Visit,
    before: Option<&TransferDraft>,
    query: &ChooserQuery,
) -> Result<Choice, PageError> {
    if let Some(to) = before.map(|before| &before.to)
        && let Some(branch) = chooser::find(visit, &to.bank_code, &to.branch_code).await?
    {
        return Ok(Choice::Chosen(branch));
    }
    chooser::choose(visit, &visit.url(NEW_PAYEE), query).await
}

/// Shows BTR002: the chooser, or the account's form once the branch is chosen.
///
/// # Errors
/// 403 for whoever may send from no account.
pub async fn show(visit: Visit, query: Query<ChooserQuery>) -> PageResult {
    let sender = enter_able(&visit).await?;
    let before = typed_before(&visit, &sender.who, &query).await?;
    match choice(&visit, before.as_ref(), &query).await? {
        Choice::Asking(chooser) => {
            let page = TransferBankPage {
                shell: visit.shell_of(&screens::BTR002, &sender.who),
                steps: steps(&STEPS, 0),
                chooser: *chooser,
                back_url: visit.url(TRANSFERS),
            };
            visit.page(StatusCode::OK, &page)
        }
        Choice::Chosen(branch) => {
            let typed = before.as_ref().map_or_else(NewPayeeForm::empty, NewPayeeForm::of);
            let form = form(&visit, &sender, &branch, &typed);
            show_input(&visit, &sender.who, &branch, form)
        }
    }
}

/// Begins a transfer to this account.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ChooserQuery>, body: FormBody) -> PageResult {
    let sender = enter_able(&visit).await?;
    let (who, accounts) = (&sender.who, &sender.accounts);
    let typed: NewPayeeForm = body.of(who)?;
    let chosen = chooser::choose(&visit, &visit.url(NEW_PAYEE), &query).await?;
    let Choice::Chosen(branch) = chosen else {
        return Err(PageError::BadRequest("no branch is chosen"));
    };
    let mut form = form(&visit, &sender, &branch, &typed);
    let from = find_from(accounts, typed.from.as_deref());
    if from.is_none() {
        form.set_error("from", "出金口座を選んでください。");
    }
    let destination = destination(&branch, &typed, &mut form);
    let (Some(from), Some(mut to), false) = (from, destination, form.is_invalid()) else {
        return show_input(&visit, who, &branch, form);
    };
    let services = &visit.app.services;
    let answer = look_up(services, &who.ctx, who.user.id, &to.account()).await?;
    let is_name_found = name_from(&answer, &mut to, &mut form);
    if form.is_invalid() {
        return show_input(&visit, who, &branch, form);
    }
    let known = known(&visit, who, &to).await?;
    if known.to_account == Some(from.id) {
        form.set_error("number", "出金口座と同じ口座です。別の口座を入力してください。");
        return show_input(&visit, who, &branch, form);
    }
    let is_own = |id: &AccountId| accounts.iter().any(|account| account.id == *id);
    let wanted = match (known.to_account.filter(is_own), known.payee.as_ref()) {
        (Some(id), _) => draft(from, to, PayeeChoice::Own(id), &known),
        (None, Some(payee)) => {
            let is_registered = payee.is_registered_beforehand(&visit.profile);
            let choice = PayeeChoice::Registered(payee.id);
            let draft = draft(from, payee.destination(), choice, &known);
            TransferDraft { is_registered, ..draft }
        }
        (None, None) => draft(from, to, PayeeChoice::Other, &known),
    };
    let typed_holder = typed.holder.trim().to_owned();
    begin(&visit, who, &TransferDraft { is_name_found, typed_holder, ..wanted }).await
}

fn draft(from: &Account, to: Destination, choice: PayeeChoice, known: &Known) -> TransferDraft {
    TransferDraft {
        from: from.id,
        to,
        to_account: known.to_account,
        is_own_contract: known.is_own_contract,
        is_name_found: false,
        typed_holder: String::new(),
        choice,
        is_registered: false,
        order: None,
    }
}

/// What is known of an account that was typed.
struct Known {
    /// The account, where it is at this institution.
    to_account: Option<AccountId>,
    /// Whether it is one of the same contract.
    is_own_contract: bool,
    /// The contract's payee with this account and name.
    payee: Option<Payee>,
}

async fn known(visit: &Visit, who: &Who, to: &Destination) -> Result<Known, PageError> {
    let services = &visit.app.services;
    let is_here = to.is_own_institution(&visit.profile);
    let portals = if is_here { portals_of_bank(services, &to.bank_code) } else { Vec::new() };
    let (contract_id, to) = (who.user.contract_id, to.clone());
    let read = move |conn: &mut crate::db::DbConn| {
        let own = find_own(conn, &portals, &to)?;
        let is_own_contract = own.as_ref().is_some_and(|own| own.contract_id == Some(contract_id));
        let payee = payees::find_by_account(conn, contract_id, &to.account())?;
        let payee = payee.filter(|payee| payee.holder_kana == to.holder_kana);
        Ok::<_, crate::db::DbError>(Known {
            to_account: own.map(|own| own.id),
            is_own_contract,
            payee,
        })
    };
    Ok(services.db.read(read).await?)
}

fn destination(
    branch: &ChosenBranch,
    typed: &NewPayeeForm,
    form: &mut FormView,
) -> Option<Destination> {
    let account_type = typed.account_type.as_deref().and_then(PayeeAccountType::from_text);
    if account_type.is_none() {
        form.set_error("account_type", "預金種目を選んでください。");
    }
    let number = checked_number(form, &typed.number);
    let holder = checked_holder(form, &typed.holder);
    Some(Destination {
        bank_code: branch.bank_code.clone(),
        bank_name: branch.bank_name.clone(),
        branch_code: branch.branch_code.clone(),
        branch_name: branch.branch_name.clone(),
        account_type: account_type?,
        number: number?,
        holder_kana: holder.unwrap_or_default(),
    })
}

fn form(visit: &Visit, sender: &Spender, branch: &ChosenBranch, typed: &NewPayeeForm) -> FormView {
    let mut fields = vec![from_field(sender, typed.from.as_deref())];
    let kind = typed.account_type.as_deref();
    fields.extend(account_fields(kind, &typed.number, &typed.holder));
    let base = visit.url(NEW_PAYEE);
    let action = format!("{base}?bank={}&branch={}", branch.bank_code, branch.branch_code);
    FormView::new(action, sender.who.csrf_token()).fields(fields)
}

fn show_input(visit: &Visit, who: &Who, branch: &ChosenBranch, form: FormView) -> PageResult {
    let page = TransferPayeePage {
        shell: visit.shell_of(&screens::BTR002, who),
        steps: steps(&STEPS, 0),
        place: vec![
            Row::new("金融機関", format!("{}（{}）", branch.bank_name, branch.bank_code)),
            Row::new("支店", format!("{}（{}）", branch.branch_name, branch.branch_code)),
        ],
        choose_url: chooser::begin_url(&visit.url(NEW_PAYEE)),
        back_url: visit.url(TRANSFERS),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
