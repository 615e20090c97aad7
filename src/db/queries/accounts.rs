//! Accounts and their guarded balances.

use chrono::NaiveDate;
use diesel::dsl::case_when;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::prepared;
use crate::db::{DbConn, DbError};
use crate::domain::ledger::{Account, AccountPurpose, AccountType, Booking};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, ContractId};
use crate::primitives::yen::Yen;
use crate::schema::accounts;

/// More branches than any institution of this kind has.
const BRANCHES_MAX: i64 = 1_000;

/// An account to be opened, with a balance of nothing.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = accounts)]
pub struct NewAccount {
    /// The portal's slug.
    pub portal: String,
    /// The contract; none for internal accounts.
    pub contract_id: Option<ContractId>,
    /// Whose.
    pub purpose: AccountPurpose,
    /// 店番.
    pub branch_code: String,
    /// 店名.
    pub branch_name: String,
    /// 科目.
    pub account_type: AccountType,
    /// 口座番号.
    pub number: String,
    /// Holder.
    pub holder_kana: String,
    /// Now.
    pub opened_at: UtcTime,
}

/// Opens an account and returns its id.
///
/// # Errors
/// Whatever the database says, a taken number too.
pub fn insert(conn: &mut DbConn, account: NewAccount) -> Result<AccountId, DbError> {
    Ok(diesel::insert_into(accounts::table)
        .values(account)
        .returning(accounts::id)
        .get_result(conn)?)
}

/// The open accounts of a contract.
///
/// # Errors
/// Whatever the database says.
pub fn list_by_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
) -> Result<Vec<Account>, DbError> {
    Ok(native!(conn, conn => accounts::table
        .filter(accounts::contract_id.eq(contract_id))
        .filter(accounts::closed_at.is_null())
        .select(Account::as_select())
        .order((accounts::account_type.desc(), accounts::id))
        .limit(200)
        .load(conn))?)
}

/// The open account with this id, if it is this contract's, and the day of its last movement.
///
/// # Errors
/// Whatever the database says.
pub fn find_with_last_day(
    conn: &mut DbConn,
    id: AccountId,
    contract_id: ContractId,
) -> Result<Option<(Account, NaiveDate)>, DbError> {
    Ok(native!(conn, conn => accounts::table
        .find(id)
        .filter(accounts::contract_id.eq(contract_id))
        .filter(accounts::closed_at.is_null())
        .select((Account::as_select(), accounts::booked_on))
        .first(conn)
        .optional())?)
}

/// 代表口座 of a contract: of its open accounts but savings the one that was opened first.
///
/// # Errors
/// Whatever the database says.
pub fn find_representative(
    conn: &mut DbConn,
    contract_id: ContractId,
) -> Result<Option<Account>, DbError> {
    Ok(accounts::table
        .filter(accounts::contract_id.eq(contract_id))
        .filter(accounts::closed_at.is_null())
        .filter(accounts::account_type.ne(AccountType::Savings))
        .select(Account::as_select())
        .order(accounts::id)
        .first(conn)
        .optional()?)
}

/// By which name the portal knows a branch, from the accounts of its customers.
///
/// # Errors
/// Whatever the database says.
pub fn branch_name(
    conn: &mut DbConn,
    portal: &str,
    branch_code: &str,
) -> Result<Option<String>, DbError> {
    Ok(accounts::table
        .filter(accounts::portal.eq(portal))
        .filter(accounts::branch_code.eq(branch_code))
        .filter(accounts::purpose.eq(AccountPurpose::Customer))
        .select(accounts::branch_name)
        .first(conn)
        .optional()?)
}

/// Code and name of every branch at which one of these portals has a customer's account.
///
/// # Errors
/// Whatever the database says.
pub fn list_branches(
    conn: &mut DbConn,
    portals: &[String],
) -> Result<Vec<(String, String)>, DbError> {
    Ok(accounts::table
        .filter(accounts::portal.eq_any(portals.to_vec()))
        .filter(accounts::purpose.eq(AccountPurpose::Customer))
        .select((accounts::branch_code, accounts::branch_name))
        .distinct()
        .order((accounts::branch_code, accounts::branch_name))
        .limit(BRANCHES_MAX)
        .load(conn)?)
}

/// The customer's account of this branch, kind and number in one of these portals, a closed one
/// too.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_number(
    conn: &mut DbConn,
    portals: &[String],
    (branch_code, account_type, number): (&str, AccountType, &str),
) -> Result<Option<Account>, DbError> {
    Ok(accounts::table
        .filter(accounts::portal.eq_any(portals.to_vec()))
        .filter(accounts::branch_code.eq(branch_code))
        .filter(accounts::account_type.eq(account_type))
        .filter(accounts::number.eq(number))
        .filter(accounts::purpose.eq(AccountPurpose::Customer))
        .select(Account::as_select())
        .order(accounts::id)
        .first(conn)
        .optional()?)
}

/// The account with this id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: AccountId) -> Result<Account, DbError> {
    let row = accounts::table.find(id);
    Ok(native!(conn, conn => row.select(Account::as_select()).first(conn))?)
}

/// The contract's account with this id, a closed one too.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    id: AccountId,
) -> Result<Option<Account>, DbError> {
    let own = accounts::table.find(id).filter(accounts::contract_id.eq(contract_id));
    Ok(native!(conn, conn => own.select(Account::as_select()).first(conn).optional())?)
}

/// Whether an account of this branch, kind and number is there, closed ones too.
///
/// # Errors
/// Whatever the database says.
pub fn is_taken(
    conn: &mut DbConn,
    portal: &str,
    (branch_code, account_type, number): (&str, AccountType, &str),
) -> Result<bool, DbError> {
    let same = accounts::table
        .filter(accounts::portal.eq(portal))
        .filter(accounts::branch_code.eq(branch_code))
        .filter(accounts::account_type.eq(account_type))
        .filter(accounts::number.eq(number));
    Ok(same.count().get_result::<i64>(conn)? > 0)
}

/// The portal's internal account for a purpose.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get_internal(
    conn: &mut DbConn,
    portal: &str,
    purpose: AccountPurpose,
) -> Result<Account, DbError> {
    Ok(accounts::table
        .filter(accounts::portal.eq(portal))
        .filter(accounts::purpose.eq(purpose))
        .select(Account::as_select())
        .first(conn)?)
}

/// Changes a customer's balance unless it would fall below its floor or overflow, and counts the
/// posting as the account's next line; an internal account takes postings only and is left alone.
/// None: refused.
///
/// # Errors
/// Whatever the database says.
pub fn add_to_balance(
    conn: &mut DbConn,
    id: AccountId,
    amount: Yen,
    business_date: NaiveDate,
) -> Result<Option<Booking>, DbError> {
    let row = accounts::table.find(id);
    let open = row
        .filter(accounts::purpose.eq(AccountPurpose::Customer))
        .filter(accounts::closed_at.is_null())
        .filter((accounts::balance + amount).ge(accounts::floor));
    let later = case_when(
        accounts::booked_on.lt(business_date),
        business_date.into_sql::<diesel::sql_types::Date>(),
    );
    let booking = diesel::update(open)
        .set((
            accounts::balance.eq(accounts::balance + amount),
            accounts::line_count.eq(accounts::line_count + 1),
            accounts::booked_on.eq(later.otherwise(accounts::booked_on)),
        ))
        .returning((accounts::booked_on, accounts::line_count, accounts::balance));
    let booking = prepared!(booking);
    let changed: Option<(NaiveDate, i64, Yen)> =
        native!(conn, conn => booking.get_result(conn).optional())?;
    if let Some((booked_on, line_no, balance)) = changed {
        let (line_no, balance_after) = (Some(line_no), Some(balance));
        return Ok(Some(Booking { booked_on, line_no, balance_after }));
    }
    let is_internal = row.filter(accounts::purpose.ne(AccountPurpose::Customer));
    let is_internal = is_internal.count().get_result::<i64>(conn)? == 1;
    let internal = Booking { booked_on: business_date, line_no: None, balance_after: None };
    Ok(is_internal.then_some(internal))
}
