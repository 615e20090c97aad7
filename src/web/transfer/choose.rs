//! BTR001 振込・振替: from which account, and to whom: own accounts, whom was paid before, or a new
//! payee (BTR002).

use std::sync::Arc;

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
use crate::operations::flow_draft;
use crate::operations::name_lookup::{portals_of_bank, sent_name};
use crate::operations::transfer::find_own;
use crate::primitives::ids::{AccountId, ContractId, PayeeId};
use crate::primitives::yen::Yen;
use crate::web::chooser;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell, Step, Tone, steps};
use crate::web::principal::{PAYEES, Who};
use crate::web::screens;
use crate::web::spender::Spender;
use crate::web::token::flow::{self, Lost};
use crate::web::token::words::hold;
use crate::web::transfer::payee::NEW_PAYEE;
use crate::web::transfer::{
    STEPS, TRANSFERS, enter, enter_able, no_account, obstacle, open_draft, words,
};
use crate::web::visit::Visit;

/// Payees paid before that the page offers.
const RECENT_MAX: usize = 5;
/// Registered payees that the page offers; the others are found on BTR020.
const PAYEES_MAX: i64 = 30;
/// Payments among which they are looked for.
const LATEST_MAX: i64 = 100;
/// Accounts that are shown one below the other; more are folded away.
const RADIOS_MAX: usize = 8;
/// The same for payees and own accounts.
const OFFERED_MAX: usize = 45;

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
    /// Whether this user can make a transfer now; the boxes say why not.
    pub is_able: bool,
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
    /// Whether the institution's own account has this name now: it may have changed since the payee
    /// was registered or paid.
    is_name_found: bool,
    is_own_contract: bool,
    choice: PayeeChoice,
    is_registered: bool,
    label: String,
    hint: String,
}

/// What the address says: a payee that was picked on BTR020.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ChooseQuery {
    payee: Option<String>,
}

impl ChooseQuery {
    fn payee(&self) -> Option<PayeeId> {
        self.payee.as_deref()?.parse().ok().map(PayeeId)
    }
}

/// Shows BTR001, with what was chosen before where somebody comes back from BTR003.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: Visit, lost: Query<Lost>, query: Query<ChooseQuery>) -> PageResult {
    let sender = enter(&visit).await?;
    let left = match hindrance(&visit, &sender) {
        Some(_) => None,
        None => open_draft(&visit, &sender.who).await?,
    };
    let before = left.as_ref().and_then(|left| match left.choice {
        PayeeChoice::Registered(id) => Some(id),
        PayeeChoice::Own(_) | PayeeChoice::Other => None,
    });
    let offered = offered(&visit, &sender, query.payee().or(before)).await?;
    let to = match (query.payee(), &left) {
        (Some(id), _) => Some(format!("payee-{id}")),
        (None, Some(left)) => value_of(&offered, &left.to),
        (None, None) => None,
    };
    let from = left.as_ref().map(|left| left.from.to_string());
    let form = form(&visit, &sender, &offered, (from.as_deref(), to.as_deref()));
    let (typed, new_url) = way_to_typed(&visit, &form, left.as_ref(), to.is_some());
    let mut notices = flow::lost_notices(&lost);
    notices.extend(typed);
    show_choose(&visit, &sender, form, (notices, new_url))
}

/// The same once more, with what has to be mended.
async fn show_again(visit: &Visit, sender: &Spender, form: FormView) -> PageResult {
    let left = open_draft(visit, &sender.who).await?;
    let offered = offered(visit, sender, None).await?;
    let is_offered = left.as_ref().is_some_and(|left| value_of(&offered, &left.to).is_some());
    let (typed, new_url) = way_to_typed(visit, &form, left.as_ref(), is_offered);
    show_choose(visit, sender, form, (typed.into_iter().collect(), new_url))
}

/// What was typed on BTR002 stands there again; whom this page offers is chosen here, and BTR002
/// begins anew.
fn way_to_typed(
    visit: &Visit,
    form: &FormView,
    left: Option<&TransferDraft>,
    is_offered: bool,
) -> (Option<Notice>, String) {
    let typed = left.filter(|left| !is_offered && left.choice == PayeeChoice::Other);
    let new_url = match (left, typed) {
        (Some(_), None) => chooser::begin_url(&visit.url(NEW_PAYEE)),
        _ => visit.url(NEW_PAYEE),
    };
    (typed.map(|typed| typed_notice(form, &typed.to)), new_url)
}

/// The choice of this payee, where it is offered.
fn value_of(offered: &[Offered], to: &Destination) -> Option<String> {
    // With its name: another one may have been typed or found since.
    offered.iter().find(|one| one.to == *to).map(|one| one.value.clone())
}

/// Where an account is that was typed on BTR002.
fn typed_notice(form: &FormView, to: &Destination) -> Notice {
    let button =
        if form.has("to") { "はじめての振込先へ" } else { "振込先を指定する" };
    Notice {
        tone: Tone::Info,
        title: "入力された振込先を残しています。".to_owned(),
        text: vec![hint(to), format!("続ける場合は、「{button}」を押してください。")],
    }
}

/// Begins a transfer to whom was chosen.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let sender = enter_able(&visit).await?;
    let input: ChooseForm = body.of(&sender.who)?;
    // The page may have shown a payee beside those that it offers by itself.
    let picked = input.to.as_deref().and_then(|to| to.strip_prefix("payee-"));
    let picked = picked.and_then(|id| id.parse().ok()).map(PayeeId);
    let offered = offered(&visit, &sender, picked).await?;
    let chosen = (input.from.as_deref(), input.to.as_deref());
    let mut form = form(&visit, &sender, &offered, chosen);
    let from = find_from(&sender.accounts, input.from.as_deref());
    if from.is_none() {
        form.set_error("from", "出金口座を選んでください。");
    }
    let to = offered.into_iter().find(|one| Some(one.value.as_str()) == input.to.as_deref());
    if let Some(words) = payee_problem(&visit, from, to.as_ref()) {
        form.set_error("to", words);
    }
    let (Some(from), Some(to), false) = (from, to, form.is_invalid()) else {
        return show_again(&visit, &sender, form).await;
    };
    let Offered { to, to_account, is_name_found, is_own_contract, choice, is_registered, .. } = to;
    let wanted = TransferDraft {
        from: from.id,
        to,
        to_account,
        is_own_contract,
        is_name_found,
        typed_holder: String::new(),
        choice,
        is_registered,
        order: None,
    };
    begin(&visit, &sender.who, &wanted).await
}

fn payee_problem(
    visit: &Visit,
    from: Option<&Account>,
    to: Option<&Offered>,
) -> Option<&'static str> {
    let Some(to) = to else { return Some("振込先を選んでください。") };
    if to.to_account.is_none() && to.to.is_own_institution(&visit.profile) {
        return Some(
            "この口座は見つからないか、解約されています。お相手に今の口座をお確かめのうえ、\
             「はじめてのお振込先へ」からお手続きください。",
        );
    }
    from.is_some_and(|from| to.to_account == Some(from.id))
        .then_some("出金口座とは別の口座を選んでください。")
}

/// Begins a transfer and leads to BTR003.
///
/// # Errors
/// 500 or 503 of the database.
pub async fn begin(visit: &Visit, who: &Who, wanted: &TransferDraft) -> PageResult {
    let step = (super::OPERATION, FlowStep::Input, "begun");
    let flow_id =
        flow_draft::begin(&visit.app.services, &who.ctx, &who.login, step, wanted).await?;
    Ok(see_other(&format!("{}/{flow_id}", visit.url(TRANSFERS))))
}

/// The account that a form names, if it is one of these.
pub fn find_from<'a>(accounts: &'a [Account], typed: Option<&str>) -> Option<&'a Account> {
    let id = typed.and_then(|typed| typed.parse().ok()).map(AccountId)?;
    accounts.iter().find(|account| account.id == id)
}

async fn offered(
    visit: &Visit,
    sender: &Spender,
    picked: Option<PayeeId>,
) -> Result<Vec<Offered>, PageError> {
    let services = &visit.app.services;
    let asked = Asked {
        profile: visit.profile.clone(),
        portals: portals_of_bank(services, visit.profile.portal.bank_code.as_str()),
        contract_id: sender.who.user.contract_id,
        account_ids: sender.accounts.iter().map(|account| account.id).collect(),
        picked,
    };
    let known = services.db.read(move |conn| known(conn, &asked)).await?;
    let label =
        if visit.profile.is_corporate() { "ご契約の口座" } else { "ご本人の口座" };
    let own = sender.accounts.iter().map(|account| Offered {
        value: format!("own-{}", account.id),
        to: Destination::of_account(&visit.profile, account),
        to_account: Some(account.id),
        is_name_found: true,
        is_own_contract: true,
        choice: PayeeChoice::Own(account.id),
        is_registered: false,
        label: format!("{label}（振替）"),
        hint: words::account_text(account),
    });
    // With one account alone there is nothing to move between.
    let own: Vec<Offered> = own.filter(|_| sender.accounts.len() > 1).collect();
    let is_own = |one: &Offered| sender.accounts.iter().any(|own| one.to_account == Some(own.id));
    Ok(known.into_iter().filter(|one| !is_own(one)).chain(own).collect())
}

/// What decides whom the page offers.
struct Asked {
    profile: Arc<Profile>,
    portals: Vec<String>,
    contract_id: ContractId,
    /// From which accounts this user may send, and so sees what was sent.
    account_ids: Vec<AccountId>,
    /// Who was picked on BTR020.
    picked: Option<PayeeId>,
}

/// The registered payees, those paid last first, and whom the contract paid beside them, each
/// account once.
fn known(conn: &mut DbConn, asked: &Asked) -> Result<Vec<Offered>, DbError> {
    let filter = PayeeFilter { order: PayeeOrder::Paid, ..PayeeFilter::default() };
    let page = PageOf { size: PAYEES_MAX, page: 0 };
    let mut registered = payees::list(conn, asked.contract_id, &filter, page)?.0;
    if let Some(id) = asked.picked.filter(|id| registered.iter().all(|one| one.id != *id)) {
        registered.extend(payees::find(conn, asked.contract_id, id)?);
    }
    let mut all = Vec::new();
    for payee in registered {
        let to = payee.destination();
        let own = own_account(conn, asked, &to)?;
        all.push(Offered {
            value: format!("payee-{}", payee.id),
            label: match payee.nickname.as_str() {
                "" => words::party_text(&to.holder_kana),
                nickname => format!("{nickname}　{}", words::party_text(&to.holder_kana)),
            },
            hint: hint(&to),
            to_account: own.as_ref().map(|own| own.id),
            is_name_found: has_name(own.as_ref(), &to),
            is_own_contract: own.is_some_and(|own| own.contract_id == Some(asked.contract_id)),
            choice: PayeeChoice::Registered(payee.id),
            is_registered: payee.is_registered_beforehand(&asked.profile),
            to,
        });
    }
    let from = (asked.contract_id, asked.account_ids.as_slice());
    let mut count = 0;
    for payment in payments::list_latest_transfers(conn, from, LATEST_MAX)? {
        let Some(to) = Destination::of_payment(&payment) else { continue };
        let is_known = all.iter().any(|other: &Offered| other.to.account() == to.account());
        if is_known || count == RECENT_MAX {
            continue;
        }
        count += 1;
        let own = own_account(conn, asked, &to)?;
        all.push(Offered {
            value: format!("paid-{}", payment.id),
            label: words::party_text(&to.holder_kana),
            hint: format!("{}（前に振り込んだ口座）", hint(&to)),
            to_account: own.as_ref().map(|own| own.id),
            is_name_found: has_name(own.as_ref(), &to),
            is_own_contract: own.is_some_and(|own| own.contract_id == Some(asked.contract_id)),
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
    asked: &Asked,
    to: &Destination,
) -> Result<Option<Account>, DbError> {
    if !to.is_own_institution(&asked.profile) {
        return Ok(None);
    }
    find_own(conn, &asked.portals, to)
}

fn has_name(own: Option<&Account>, to: &Destination) -> bool {
    own.and_then(sent_name).is_some_and(|name| name == to.holder_kana)
}

/// The choice of the account from which it goes out.
pub(super) fn from_field(sender: &Spender, from: Option<&str>) -> FieldView {
    account_field(&sender.accounts, |account| sender.available(account), from)
}

/// The choice among these accounts, with what each can bear where that may be seen.
pub(in crate::web) fn account_field(
    accounts: &[Account],
    available: impl Fn(&Account) -> Option<Yen>,
    from: Option<&str>,
) -> FieldView {
    let is_only = accounts.len() == 1;
    let is_long = accounts.len() > RADIOS_MAX;
    let choices = accounts.iter().map(|account| {
        let value = account.id.to_string();
        let available = available(account).map(|yen| format!("お引き出し可能額 {yen}"));
        let text = words::account_text(account);
        Choice {
            label: match available.as_ref().filter(|_| is_long) {
                Some(available) => format!("{text}　{available}"),
                None => text,
            },
            hint: available,
            image: None,
            is_chosen: is_only || from == Some(value.as_str()),
            value,
        }
    });
    if !is_long {
        return FieldView::radio("from", "出金口座", choices.collect());
    }
    FieldView::select("from", "出金口座", std::iter::once(nothing()).chain(choices).collect())
}

/// Stands first among choices that are folded away.
fn nothing() -> Choice {
    Choice {
        value: String::new(),
        label: "選んでください".to_owned(),
        hint: None,
        image: None,
        is_chosen: false,
    }
}

fn form(
    visit: &Visit,
    sender: &Spender,
    offered: &[Offered],
    (from, to): (Option<&str>, Option<&str>),
) -> FormView {
    let is_long = offered.len() > OFFERED_MAX;
    let payees = offered.iter().map(|one| Choice {
        value: one.value.clone(),
        label: match is_long {
            true => format!("{}　{}", one.label, one.hint),
            false => one.label.clone(),
        },
        hint: Some(one.hint.clone()),
        image: None,
        is_chosen: to == Some(one.value.as_str()),
    });
    let mut fields = vec![from_field(sender, from)];
    if is_long {
        let payees = std::iter::once(nothing()).chain(payees);
        fields.push(FieldView::select("to", "振込先", payees.collect()));
    } else if !offered.is_empty() {
        fields.push(FieldView::radio("to", "振込先", payees.collect()));
    }
    FormView::new(visit.url(TRANSFERS), sender.who.csrf_token()).fields(fields)
}

/// Why this user can make no transfer now.
fn hindrance(visit: &Visit, sender: &Spender) -> Option<Notice> {
    match sender.accounts.is_empty() {
        true => Some(no_account(visit)),
        false => obstacle(visit, &sender.who.user, Operation::Transfer),
    }
}

fn show_choose(
    visit: &Visit,
    sender: &Spender,
    form: FormView,
    (mut notices, new_url): (Vec<Notice>, String),
) -> PageResult {
    let hindrance = hindrance(visit, sender);
    let is_able = hindrance.is_none();
    notices.extend(hindrance);
    notices.extend(hold(visit, &sender.who.user));
    let page = TransferChoosePage {
        shell: visit.shell_of(&screens::BTR001, &sender.who),
        steps: steps(&STEPS, 0),
        notices,
        is_able,
        new_url,
        payees_url: visit.url(PAYEES),
        reservations_url: visit.url("reservations"),
        history_url: visit.url("history"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
