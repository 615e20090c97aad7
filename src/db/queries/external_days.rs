//! Which accounts get daily files, which days were begun, and what was posted to outgoing clearing.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::savepoint::insert_or_conflict;
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::BulkFile;
use crate::domain::external_file::{ExternalAccount, ExternalKind};
use crate::domain::payment::Payment;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ContractId, EntryId};
use crate::primitives::yen::Yen;
use crate::schema::{
    accounts, bulk_files, bulk_results, contracts, external_accounts, external_days, payments,
    postings,
};

/// More agreements than a contract has.
const ROWS_MAX: i64 = 1_000;

/// The last day of a portal for which daily files were begun.
///
/// # Errors
/// Whatever the database says.
pub fn find_last(conn: &mut DbConn, portal: &str) -> Result<Option<NaiveDate>, DbError> {
    Ok(external_days::table
        .filter(external_days::portal.eq(portal))
        .select(external_days::to_day)
        .order(external_days::to_day.desc())
        .first(conn)
        .optional()?)
}

/// Begins these days. False: somebody else did.
///
/// # Errors
/// Whatever the database says.
pub fn insert(
    conn: &mut DbConn,
    portal: &str,
    (from, to): (NaiveDate, NaiveDate),
    now: UtcTime,
) -> Result<bool, DbError> {
    let row = diesel::insert_into(external_days::table).values((
        external_days::portal.eq(portal),
        external_days::from_day.eq(from),
        external_days::to_day.eq(to),
        external_days::planned_at.eq(now),
    ));
    insert_or_conflict(conn, |conn| row.execute(conn))
}

/// What was agreed with a contract, account by account.
///
/// # Errors
/// Whatever the database says.
pub fn list_accounts(
    conn: &mut DbConn,
    contract_id: ContractId,
) -> Result<Vec<ExternalAccount>, DbError> {
    Ok(external_accounts::table
        .filter(external_accounts::contract_id.eq(contract_id))
        .select(ExternalAccount::as_select())
        .order((external_accounts::account_id, external_accounts::kind))
        .limit(ROWS_MAX)
        .load(conn)?)
}

/// Agrees on this and nothing else for an account of the contract, whose row the caller has
/// guarded.
///
/// # Errors
/// Whatever the database says.
pub fn replace_account(
    conn: &mut DbConn,
    (contract_id, account_id): (ContractId, AccountId),
    agreed: &[ExternalAccount],
) -> Result<(), DbError> {
    let of_account = external_accounts::table
        .filter(external_accounts::contract_id.eq(contract_id))
        .filter(external_accounts::account_id.eq(account_id));
    diesel::delete(of_account).execute(conn)?;
    for one in agreed {
        diesel::insert_into(external_accounts::table).values(*one).execute(conn)?;
    }
    Ok(())
}

/// What is agreed in a portal for this kind and days to `until`, with open contracts; from behind
/// the account `after` on.
///
/// # Errors
/// Whatever the database says.
pub fn list_agreed(
    conn: &mut DbConn,
    portal: &str,
    (kind, until): (ExternalKind, NaiveDate),
    after: AccountId,
    limit: i64,
) -> Result<Vec<(ExternalAccount, String)>, DbError> {
    Ok(external_accounts::table
        .inner_join(accounts::table.on(accounts::id.eq(external_accounts::account_id)))
        .inner_join(contracts::table.on(contracts::id.eq(external_accounts::contract_id)))
        .filter(accounts::portal.eq(portal))
        .filter(contracts::closed_at.is_null())
        .filter(external_accounts::kind.eq(kind))
        .filter(external_accounts::agreed_on.le(until))
        .filter(external_accounts::account_id.gt(after))
        .select((ExternalAccount::as_select(), accounts::number))
        .order(external_accounts::account_id)
        .limit(limit)
        .load(conn)?)
}

/// A posting to an account of the institution's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct ClearingPosting {
    /// Row id.
    pub id: i64,
    /// Of which entry.
    pub entry_id: EntryId,
    /// In yen.
    pub amount: Yen,
}

/// What was posted to an account on these days, from behind `after` on.
///
/// # Errors
/// Whatever the database says.
pub fn list_postings(
    conn: &mut DbConn,
    account_id: AccountId,
    (from, to): (NaiveDate, NaiveDate),
    after: i64,
    limit: i64,
) -> Result<Vec<ClearingPosting>, DbError> {
    Ok(postings::table
        .filter(postings::account_id.eq(account_id))
        .filter(postings::booked_on.between(from, to))
        .filter(postings::id.gt(after))
        .select((postings::id, postings::entry_id, postings::amount))
        .order(postings::id)
        .limit(limit)
        .load(conn)?)
}

/// The payment that an entry is of.
///
/// # Errors
/// Whatever the database says.
pub fn find_payment(conn: &mut DbConn, entry_id: EntryId) -> Result<Option<Payment>, DbError> {
    Ok(payments::table
        .filter(payments::entry_id.eq(entry_id))
        .select(Payment::as_select())
        .first(conn)
        .optional()?)
}

/// The bulk file that an entry is of.
///
/// # Errors
/// Whatever the database says.
pub fn find_bulk_file(conn: &mut DbConn, entry_id: EntryId) -> Result<Option<BulkFile>, DbError> {
    let id: Option<BulkFileId> = bulk_results::table
        .filter(bulk_results::entry_id.eq(entry_id))
        .select(bulk_results::file_id)
        .first(conn)
        .optional()?;
    let Some(id) = id else { return Ok(None) };
    Ok(Some(bulk_files::table.find(id).select(BulkFile::as_select()).first(conn)?))
}
