//! Openings (STF011, STF013): a contract with its first user and its representative account,
//! further accounts, further master users.
//!
//! Rule: done at once by one person, and of no use to anybody by that: the new user has no
//! password. The first one is asked for in the same act, comes with somebody else's approval, and
//! is told by letter (`letter.rs`). A mail address counts only once its owner has proven it at the
//! first login.

use chrono::NaiveDate;
use zeroize::Zeroizing;

use crate::db::queries::applications::{self, Application};
use crate::db::queries::staff_requests::NewStaffRequest;
use crate::db::queries::{accounts, contracts, customer_info, member_acts, staff_requests, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::ledger::{AccountPurpose, AccountType};
use crate::domain::portal::Profile;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, RequestState, StaffAct};
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::{Role, SetupState};
use crate::operations::staff::request::{ActOutcome, StaffKey, Subject, do_now};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::code::last_four;
use crate::primitives::ids::{ContractId, UserId, random_digits};
use crate::primitives::password::nobodys_hash;

/// Numbers are drawn so many times before an opening is given up.
const CANDIDATES: usize = 8;
/// Digits of a contract's number where it is not what customers type.
const NUMBER_DIGITS: u32 = 10;

/// An account as the application names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountInput {
    /// 店番.
    pub branch_code: String,
    /// 店名.
    pub branch_name: String,
    /// 科目.
    pub account_type: AccountType,
    /// 口座番号.
    pub number: String,
    /// Holder in half-width kana.
    pub holder_kana: String,
}

/// A user as the application names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInput {
    /// Typed; nothing where the portal draws it.
    pub login_id: Option<String>,
    /// Name.
    pub name: String,
    /// Not proven yet.
    pub mail_address: Option<String>,
    /// Telephone number.
    pub telephone: Option<String>,
}

/// An application for a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The contract's number; nothing: one is drawn.
    pub number: Option<String>,
    /// The holder.
    pub name: String,
    /// The same in half-width kana.
    pub name_kana: String,
    /// 申込書番号.
    pub form_number: String,
    /// Customer, first master user or administrator.
    pub user: UserInput,
    /// 代表口座.
    pub account: AccountInput,
    /// Day of the application for one-time passwords, and of their start where staff set one.
    pub otp: Option<(NaiveDate, Option<NaiveDate>)>,
}

/// What the first user of a contract is in this portal.
#[must_use]
pub fn first_role(profile: &Profile) -> Role {
    match (profile.is_corporate(), profile.signs_in_by_contract()) {
        (false, _) => Role::Customer,
        (true, false) => Role::Master,
        (true, true) => Role::Administrator,
    }
}

/// Whether the first user's login id is the contract's number, as on a customer's card.
#[must_use]
pub fn is_id_the_number(profile: &Profile) -> bool {
    use crate::domain::portal::Characters;
    profile.credentials.id.characters == Characters::Digits
}

/// Opens a contract with its first user, and asks for the first password.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Database trouble or no randomness; a refusal is a value.
pub async fn open(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    opening: Opening,
) -> Result<ActOutcome, OperationError> {
    let digits = match is_id_the_number(&ctx.profile) {
        true => ctx.profile.credentials.id.length_max,
        false => NUMBER_DIGITS,
    };
    let numbers = match &opening.number {
        Some(number) => vec![number.clone()],
        None => (0..CANDIDATES).map(|_| random_digits(digits)).collect::<Result<_, _>>()?,
    };
    let subject = Subject {
        act: StaffAct::OpenContract,
        user_id: None,
        token_id: None,
        note: opening.form_number.clone(),
        payload: String::new(),
    };
    let (by, letter) = (member.clone(), letter_key(services, key));
    let done = do_now(services, ctx, member, key, subject, move |conn, ctx| {
        open_in_tx(conn, ctx, (&by, &letter), &opening, &numbers)
    });
    Ok(done.await?)
}

/// The key of the request for the first password, which goes with the form's own.
fn letter_key(services: &Services, key: &StaffKey) -> Zeroizing<String> {
    Zeroizing::new(services.keys.digest("letter of an opening", &key.key))
}

fn open_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    (by, letter): (&StaffMember, &str),
    opening: &Opening,
    numbers: &[String],
) -> Result<Result<String, Blocked>, ActAbort> {
    let portal = ctx.portal_slug();
    let mut free = None;
    for number in numbers {
        if !contracts::is_number_taken(conn, portal, number)? {
            free = Some(number);
            break;
        }
    }
    let Some(number) = free else { return Ok(Err(Blocked::NumberTaken)) };
    let login_id = opening.user.login_id.as_ref().unwrap_or(number).clone();
    if member_acts::is_login_id_taken(conn, portal, &login_id)? {
        return Ok(Err(Blocked::IdTaken));
    }
    if let Some(why) = account_problem(conn, ctx, &opening.account)? {
        return Ok(Err(why));
    }
    // Whoever takes one of them meanwhile is first: the tables' own UNIQUEs say so.
    let id = contracts::insert_free(conn, portal, number, &opening.name, ctx.now)?;
    let id = id.ok_or(ActAbort::Stale)?;
    if let Some((applied_on, starts_on)) = opening.otp {
        guard(contracts::set_otp_applied(conn, id, applied_on, starts_on)?)?;
    }
    let application = Application {
        contract_id: id,
        name_kana: opening.name_kana.clone(),
        form_number: opening.form_number.clone(),
        opened_by: by.id,
    };
    applications::insert(conn, application)?;
    guard(insert_account(conn, ctx, id, &opening.account)?)?;
    let role = first_role(&ctx.profile);
    let user_id = insert_user(conn, ctx, (id, role), &login_id, &opening.user)?;
    ask_for_letter(conn, ctx, (by, letter), user_id, &opening.form_number)?;
    let object = format!("contract {id}");
    let details = format!("user {user_id}, form {}", opening.form_number);
    audit::write(conn, ctx, "contract.open", &object, AuditResult::Done, &details)?;
    Ok(Ok(format!("{id} {number} {login_id}")))
}

fn account_problem(
    conn: &mut DbConn,
    ctx: &Ctx,
    account: &AccountInput,
) -> Result<Option<Blocked>, DbError> {
    let (portal, code) = (ctx.portal_slug(), account.branch_code.as_str());
    let named = accounts::branch_name(conn, portal, code)?;
    if named.is_some_and(|name| name != account.branch_name) {
        return Ok(Some(Blocked::BranchNamed));
    }
    let place = (code, account.account_type, account.number.as_str());
    Ok(accounts::is_taken(conn, portal, place)?.then_some(Blocked::AccountTaken))
}

/// False: somebody was faster with the same account.
fn insert_account(
    conn: &mut DbConn,
    ctx: &Ctx,
    contract_id: ContractId,
    account: &AccountInput,
) -> Result<bool, DbError> {
    let new = accounts::NewAccount {
        portal: ctx.portal_slug().to_owned(),
        contract_id: Some(contract_id),
        purpose: AccountPurpose::Customer,
        branch_code: account.branch_code.clone(),
        branch_name: account.branch_name.clone(),
        account_type: account.account_type,
        number: account.number.clone(),
        holder_kana: account.holder_kana.clone(),
        opened_at: ctx.now,
    };
    crate::db::insert_or_conflict(conn, |conn| accounts::insert(conn, new))
}

fn insert_user(
    conn: &mut DbConn,
    ctx: &Ctx,
    (contract_id, role): (ContractId, Role),
    login_id: &str,
    user: &UserInput,
) -> Result<UserId, ActAbort> {
    let new = users::NewUser {
        portal: ctx.portal_slug().to_owned(),
        contract_id,
        login_id: login_id.to_owned(),
        role,
        name: user.name.clone(),
        mail_address: None,
        login_secret_hash: nobodys_hash().to_owned(),
        confirm_secret_hash: nobodys_hash().to_owned(),
        setup_state: SetupState::Initial,
        token_id: None,
        token_status: StoredTokenStatus::Unregistered,
        token_since: None,
        login_otp_chosen: false,
        created_at: ctx.now,
    };
    let mut id = None;
    crate::db::insert_or_conflict(conn, |conn| {
        id = Some(users::insert(conn, new)?);
        Ok::<_, DbError>(())
    })?;
    let id = id.ok_or(ActAbort::Stale)?;
    if let Some(telephone) = &user.telephone {
        guard(customer_info::change_telephone(conn, id, None, telephone)?)?;
    }
    if let Some(address) = &user.mail_address {
        member_acts::set_unverified_address(conn, id, address)?;
    }
    Ok(id)
}

fn ask_for_letter(
    conn: &mut DbConn,
    ctx: &Ctx,
    (by, letter): (&StaffMember, &str),
    user_id: UserId,
    note: &str,
) -> Result<(), ActAbort> {
    let act = StaffAct::IssuePassword;
    let user = users::get(conn, user_id)?;
    let row = NewStaffRequest {
        portal: ctx.portal_slug().to_owned(),
        kind: act,
        user_id: Some(user_id),
        token_id: None,
        note: note.to_owned(),
        payload: super::standing::seen(conn, act, &user)?,
        request_key: letter.to_owned(),
        payload_digest: letter.to_owned(),
        maker_id: by.id,
        made_at: ctx.now,
        state: RequestState::Waiting,
        result: String::new(),
    };
    guard(staff_requests::insert(conn, &row)?)?;
    let (object, details) = (format!("user {user_id}"), format!("{act}, note: {note}"));
    audit::write(conn, ctx, "staff.request", &object, AuditResult::Done, &details)?;
    Ok(())
}

/// Adds an account to an open contract.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn add_account(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    (contract_id, account, note): (ContractId, AccountInput, String),
) -> Result<ActOutcome, DbError> {
    let subject = Subject {
        act: StaffAct::AddAccount,
        user_id: None,
        token_id: None,
        note,
        payload: format!("contract {contract_id}"),
    };
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        if !contracts::touch_open(conn, contract_id)? {
            return Ok(Err(Blocked::Closed));
        }
        if let Some(why) = account_problem(conn, ctx, &account)? {
            return Ok(Err(why));
        }
        guard(insert_account(conn, ctx, contract_id, &account)?)?;
        let object = format!("contract {contract_id}");
        let kind = account.account_type;
        let details = format!("{} {kind} …{}", account.branch_code, last_four(&account.number));
        audit::write(conn, ctx, "account.open", &object, AuditResult::Done, &details)?;
        let number = contracts::number_of(conn, contract_id)?;
        Ok(Ok(format!("{contract_id} {number}")))
    })
    .await
}

/// Adds a master user to an open contract of a portal that has them, and asks for the first
/// password.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn add_master(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    (contract_id, user, note): (ContractId, UserInput, String),
) -> Result<ActOutcome, DbError> {
    let subject = Subject {
        act: StaffAct::AddUser,
        user_id: None,
        token_id: None,
        note: note.clone(),
        payload: format!("contract {contract_id}"),
    };
    let (by, letter) = (member.clone(), letter_key(services, key));
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        if !contracts::touch_open(conn, contract_id)? {
            return Ok(Err(Blocked::Closed));
        }
        let login_id = user.login_id.clone().unwrap_or_default();
        if member_acts::is_login_id_taken(conn, ctx.portal_slug(), &login_id)? {
            return Ok(Err(Blocked::IdTaken));
        }
        let user_id = insert_user(conn, ctx, (contract_id, Role::Master), &login_id, &user)?;
        ask_for_letter(conn, ctx, (&by, &letter), user_id, &note)?;
        let (object, details) = (format!("user {user_id}"), format!("contract {contract_id}"));
        audit::write(conn, ctx, "user.open", &object, AuditResult::Done, &details)?;
        let number = contracts::number_of(conn, contract_id)?;
        Ok(Ok(format!("{contract_id} {number} {login_id}")))
    })
    .await
}

/// Writes down that the contract has applied for one-time passwords, and from when they are asked.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn record_application(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    (contract_id, (applied_on, starts_on), note): (
        ContractId,
        (NaiveDate, Option<NaiveDate>),
        String,
    ),
) -> Result<ActOutcome, DbError> {
    let act = StaffAct::RecordApplication;
    let payload = format!("contract {contract_id}");
    let subject = Subject { act, user_id: None, token_id: None, note, payload };
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        if !contracts::touch_open(conn, contract_id)? {
            return Ok(Err(Blocked::Closed));
        }
        if !contracts::set_otp_applied(conn, contract_id, applied_on, starts_on)? {
            return Ok(Err(Blocked::Same));
        }
        let object = format!("contract {contract_id}");
        let from = starts_on.map_or_else(String::new, |day| format!(", from {day}"));
        let details = format!("applied {applied_on}{from}");
        audit::write(conn, ctx, act.as_str(), &object, AuditResult::Done, &details)?;
        Ok(Ok(contracts::number_of(conn, contract_id)?))
    })
    .await
}
