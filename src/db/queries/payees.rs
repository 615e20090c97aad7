//! Payees of contracts. Every query but the staff's carries the contract.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::update_one;
use crate::db::queries::member_lists::PageOf;
use crate::db::text_search::{escaped, lower};
use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::payee::{AccountKey, Destination, Payee, PayeeAccountType, PayeeState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, PayeeId, UserId};
use crate::schema::payees;

/// A payee to be registered.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = payees)]
pub struct NewPayee {
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub contract_id: ContractId,
    /// Who registers it.
    pub user_id: UserId,
    /// 金融機関コード.
    pub bank_code: String,
    /// 金融機関名.
    pub bank_name: String,
    /// 店番.
    pub branch_code: String,
    /// 支店名.
    pub branch_name: String,
    /// 預金種目.
    pub account_type: PayeeAccountType,
    /// 口座番号.
    pub number: String,
    /// 受取人名.
    pub holder_kana: String,
    /// 登録名.
    pub nickname: String,
    /// How it stands at first.
    pub state: PayeeState,
    /// Now.
    pub registered_at: UtcTime,
    /// When something was paid to it last.
    pub last_paid_at: Option<UtcTime>,
}

/// What the list is searched and sorted by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayeeFilter {
    /// Part of a name, of bank, branch or account number.
    pub text: Option<String>,
    /// The same as a name that is sent, where it can be one.
    pub kana: Option<String>,
    /// The order.
    pub order: PayeeOrder,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PayeeOrder {
    /// By 受取人名.
    #[default]
    Holder,
    /// By bank, branch and number.
    Account,
    /// The last registered first.
    Newest,
    /// The last paid first, then those not paid yet.
    Paid,
}

/// Registers a payee; false if the contract has this account already.
///
/// # Errors
/// Whatever the database says beside that.
pub fn insert(conn: &mut DbConn, payee: &NewPayee) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(payees::table).values(payee.clone()).execute(conn)
    })
}

/// The contract's payee with this id, unless it is deleted.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    contract_id: ContractId,
    id: PayeeId,
) -> Result<Option<Payee>, DbError> {
    Ok(payees::table
        .find(id)
        .filter(payees::contract_id.eq(contract_id))
        .filter(payees::deleted_at.is_null())
        .select(Payee::as_select())
        .first(conn)
        .optional()?)
}

/// The contract's payee with this account.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_account(
    conn: &mut DbConn,
    contract_id: ContractId,
    account: &AccountKey,
) -> Result<Option<Payee>, DbError> {
    let payee = payees::table
        .filter(payees::contract_id.eq(contract_id))
        .filter(payees::bank_code.eq(&account.bank_code))
        .filter(payees::branch_code.eq(&account.branch_code))
        .filter(payees::account_type.eq(account.account_type))
        .filter(payees::number.eq(&account.number))
        .filter(payees::deleted_at.is_null());
    Ok(native!(conn, conn => payee.select(Payee::as_select()).first(conn).optional())?)
}

/// How many payees the contract has.
///
/// # Errors
/// Whatever the database says.
pub fn count(conn: &mut DbConn, contract_id: ContractId) -> Result<i64, DbError> {
    let own = payees::table.filter(payees::contract_id.eq(contract_id));
    Ok(own.filter(payees::deleted_at.is_null()).count().get_result(conn)?)
}

macro_rules! filtered {
    ($contract_id:expr, $filter:expr) => {{
        let mut query = payees::table
            .filter(payees::contract_id.eq($contract_id))
            .filter(payees::deleted_at.is_null())
            .into_boxed();
        if let Some(text) = &$filter.text {
            let like = |text: &str| format!("%{}%", escaped(text));
            let (pattern, kana) = (like(text), like($filter.kana.as_ref().unwrap_or(text)));
            query = query.filter(
                lower(payees::nickname)
                    .like(lower(pattern.clone()))
                    .escape('\\')
                    .or(payees::holder_kana.like(kana).escape('\\'))
                    .or(payees::bank_name.like(pattern.clone()).escape('\\'))
                    .or(payees::branch_name.like(pattern.clone()).escape('\\'))
                    .or(payees::number.like(pattern).escape('\\')),
            );
        }
        query
    }};
}

/// One page of a contract's payees, and how many there are in all.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    contract_id: ContractId,
    filter: &PayeeFilter,
    page: PageOf,
) -> Result<(Vec<Payee>, i64), DbError> {
    let total = filtered!(contract_id, filter).count().get_result(conn)?;
    let query = filtered!(contract_id, filter).select(Payee::as_select());
    let query = match filter.order {
        PayeeOrder::Holder => query.order((payees::holder_kana.asc(), payees::id.asc())),
        PayeeOrder::Account => query
            .order(payees::bank_code.asc())
            .then_order_by(payees::branch_code.asc())
            .then_order_by((payees::number.asc(), payees::id.asc())),
        PayeeOrder::Newest => query.order((payees::registered_at.desc(), payees::id.desc())),
        PayeeOrder::Paid => query
            .order(payees::last_paid_at.is_null())
            .then_order_by((payees::last_paid_at.desc(), payees::id.desc())),
    };
    let found = query.limit(page.size).offset(page.size * page.page).load(conn)?;
    Ok((found, total))
}

/// The contract's payees that something was paid to, the last one first.
///
/// # Errors
/// Whatever the database says.
pub fn list_recent(
    conn: &mut DbConn,
    contract_id: ContractId,
    limit: i64,
) -> Result<Vec<Payee>, DbError> {
    Ok(payees::table
        .filter(payees::contract_id.eq(contract_id))
        .filter(payees::deleted_at.is_null())
        .filter(payees::last_paid_at.is_not_null())
        .select(Payee::as_select())
        .order((payees::last_paid_at.desc(), payees::id.desc()))
        .limit(limit)
        .load(conn)?)
}

/// What a payee becomes.
#[derive(Debug, Clone, Copy)]
pub struct PayeeUpdate<'a> {
    /// The account and its names.
    pub destination: &'a Destination,
    /// 登録名.
    pub nickname: &'a str,
    /// Who changes it.
    pub user_id: UserId,
    /// How it stands from now on.
    pub state: PayeeState,
    /// Whether the account is another one, to which nothing was paid yet.
    pub is_other_account: bool,
}

/// Changes a payee, only if nobody changed or deleted it since `version`, and the contract has no
/// other one with the new account.
///
/// # Errors
/// Whatever the database says beside that.
pub fn update(
    conn: &mut DbConn,
    contract_id: ContractId,
    (id, version): (PayeeId, i64),
    to: PayeeUpdate<'_>,
) -> Result<bool, DbError> {
    let mut changed = 0;
    let is_free = insert_or_conflict(conn, |conn| {
        let guarded = payees::table
            .find(id)
            .filter(payees::contract_id.eq(contract_id))
            .filter(payees::version.eq(version))
            .filter(payees::deleted_at.is_null());
        let destination = to.destination;
        let values = (
            payees::bank_code.eq(&destination.bank_code),
            payees::bank_name.eq(&destination.bank_name),
            payees::branch_code.eq(&destination.branch_code),
            payees::branch_name.eq(&destination.branch_name),
            payees::account_type.eq(destination.account_type),
            payees::number.eq(&destination.number),
            payees::holder_kana.eq(&destination.holder_kana),
            payees::nickname.eq(to.nickname),
            payees::user_id.eq(to.user_id),
            payees::state.eq(to.state),
            payees::version.eq(payees::version + 1),
        );
        changed = diesel::update(guarded).set(values).execute(conn)?;
        if to.is_other_account && changed == 1 {
            let nothing = payees::last_paid_at.eq(None::<UtcTime>);
            diesel::update(payees::table.find(id)).set(nothing).execute(conn)?;
        }
        Ok::<_, DbError>(())
    })?;
    Ok(is_free && changed == 1)
}

/// Deletes a payee, only if nobody changed or deleted it since `version`.
///
/// # Errors
/// Whatever the database says.
pub fn delete(
    conn: &mut DbConn,
    contract_id: ContractId,
    (id, version): (PayeeId, i64),
    at: UtcTime,
) -> Result<bool, DbError> {
    let guarded = payees::table
        .find(id)
        .filter(payees::contract_id.eq(contract_id))
        .filter(payees::version.eq(version))
        .filter(payees::deleted_at.is_null());
    let values = (payees::deleted_at.eq(at), payees::version.eq(payees::version + 1));
    Ok(diesel::update(guarded).set(values).execute(conn)? == 1)
}

/// Notes that something was paid to a payee: what a transfer does in its own transaction. False:
/// the payee is deleted, or not the contract's.
///
/// # Errors
/// Whatever the database says.
pub fn update_paid(
    conn: &mut DbConn,
    contract_id: ContractId,
    id: PayeeId,
    at: UtcTime,
) -> Result<bool, DbError> {
    let guarded = payees::table
        .find(id)
        .filter(payees::contract_id.eq(contract_id))
        .filter(payees::deleted_at.is_null());
    let note = diesel::update(guarded).set(payees::last_paid_at.eq(at));
    Ok(update_one!(conn, note)?)
}

/// The portal's payee that waits for the customer's form, whosever it is.
///
/// # Errors
/// Whatever the database says.
pub fn find_waiting(
    conn: &mut DbConn,
    contract_id: ContractId,
    id: PayeeId,
) -> Result<Option<Payee>, DbError> {
    Ok(find(conn, contract_id, id)?.filter(|payee| payee.state == PayeeState::Waiting))
}

/// The contract's payees that wait for the customer's form, the first registered first.
///
/// # Errors
/// Whatever the database says.
pub fn list_waiting(
    conn: &mut DbConn,
    contract_id: ContractId,
    limit: i64,
) -> Result<Vec<Payee>, DbError> {
    Ok(payees::table
        .filter(payees::contract_id.eq(contract_id))
        .filter(payees::deleted_at.is_null())
        .filter(payees::state.eq(PayeeState::Waiting))
        .select(Payee::as_select())
        .order(payees::id)
        .limit(limit)
        .load(conn)?)
}

/// Makes a waiting payee a registered one, only if it still is what was looked at.
///
/// # Errors
/// Whatever the database says.
pub fn approve(
    conn: &mut DbConn,
    contract_id: ContractId,
    (id, version): (PayeeId, i64),
) -> Result<bool, DbError> {
    let guarded = payees::table
        .find(id)
        .filter(payees::contract_id.eq(contract_id))
        .filter(payees::version.eq(version))
        .filter(payees::state.eq(PayeeState::Waiting))
        .filter(payees::deleted_at.is_null());
    let values =
        (payees::state.eq(PayeeState::Registered), payees::version.eq(payees::version + 1));
    Ok(diesel::update(guarded).set(values).execute(conn)? == 1)
}
