//! What the institution does with bulk files that were sent: which are due, what their day brought,
//! and which of its own accounts their records name.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{
    BulkFailure, BulkFile, BulkKind, BulkReason, BulkResult, BulkState,
};
use crate::domain::ledger::{AccountPurpose, AccountType};
use crate::domain::user::User;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ContractId, ReceiptId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::{
    accounts, bulk_approvals, bulk_failures, bulk_files, bulk_results, bulk_services, users,
};

/// Rows in one statement: far below what either database takes as parameters.
const ROWS_PER_STATEMENT: usize = 1_000;
/// People of one file: a maker, two approvers, a sender.
const PEOPLE_MAX: i64 = 10;

/// Files of a portal in this state, in the order of their receipt from behind `after` on: all, or
/// those whose day is `until` or before.
///
/// # Errors
/// Whatever the database says.
pub fn list_in_state(
    conn: &mut DbConn,
    portal: &str,
    (state, until): (BulkState, Option<NaiveDate>),
    after: Option<ReceiptId>,
    limit: i64,
) -> Result<Vec<BulkFile>, DbError> {
    let mut found = bulk_files::table
        .filter(bulk_files::portal.eq(portal))
        .filter(bulk_files::state.eq(state))
        .filter(bulk_files::receipt_id.gt(after.unwrap_or(ReceiptId(0))))
        .into_boxed();
    if let Some(until) = until {
        found = found.filter(bulk_files::value_date.le(until));
    }
    Ok(found.select(BulkFile::as_select()).order(bulk_files::receipt_id).limit(limit).load(conn)?)
}

/// Rejects a file that still stands as it was read. False: somebody was faster.
///
/// # Errors
/// Whatever the database says.
pub fn reject(
    conn: &mut DbConn,
    file: &BulkFile,
    reason: BulkReason,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = bulk_files::table
        .find(file.id)
        .filter(bulk_files::state.eq(file.state))
        .filter(bulk_files::submission.eq(file.submission));
    let rejected = diesel::update(guarded)
        .set((
            bulk_files::state.eq(BulkState::Rejected),
            bulk_files::reason.eq(reason.as_str()),
            bulk_files::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(rejected == 1)
}

/// Ends the agreement for a kind of file. False: there was none.
///
/// # Errors
/// Whatever the database says.
pub fn delete_service(
    conn: &mut DbConn,
    contract_id: ContractId,
    kind: BulkKind,
) -> Result<bool, DbError> {
    let row = bulk_services::table.find((contract_id, kind));
    Ok(diesel::delete(row).execute(conn)? == 1)
}

/// Writes down what a file's day brought: once for each file.
///
/// # Errors
/// Whatever the database says, a result that is there too.
pub fn insert_result(conn: &mut DbConn, result: BulkResult) -> Result<(), DbError> {
    diesel::insert_into(bulk_results::table).values(result).execute(conn)?;
    Ok(())
}

/// What a file's day brought.
///
/// # Errors
/// Whatever the database says.
pub fn find_result(conn: &mut DbConn, id: BulkFileId) -> Result<Option<BulkResult>, DbError> {
    Ok(bulk_results::table.find(id).select(BulkResult::as_select()).first(conn).optional()?)
}

/// Writes down which records could not be done.
///
/// # Errors
/// Whatever the database says.
pub fn insert_failures(conn: &mut DbConn, failures: &[BulkFailure]) -> Result<(), DbError> {
    for rows in failures.chunks(ROWS_PER_STATEMENT) {
        native!(conn, conn => {
            diesel::insert_into(bulk_failures::table).values(rows.to_vec()).execute(conn)?
        });
    }
    Ok(())
}

/// Records of a file that could not be done, in their order, from behind record `after` on.
///
/// # Errors
/// Whatever the database says.
pub fn list_failures(
    conn: &mut DbConn,
    id: BulkFileId,
    after: i64,
    limit: i64,
) -> Result<Vec<BulkFailure>, DbError> {
    Ok(bulk_failures::table
        .filter(bulk_failures::file_id.eq(id))
        .filter(bulk_failures::record_no.gt(after))
        .select(BulkFailure::as_select())
        .order(bulk_failures::record_no)
        .limit(limit)
        .load(conn)?)
}

/// Who made, approved and sent a file, each once.
///
/// # Errors
/// Whatever the database says.
pub fn list_people(conn: &mut DbConn, file: &BulkFile) -> Result<Vec<User>, DbError> {
    let mut people: Vec<UserId> = bulk_approvals::table
        .filter(bulk_approvals::file_id.eq(file.id))
        .filter(bulk_approvals::submission.eq(file.submission))
        .select(bulk_approvals::user_id)
        .limit(PEOPLE_MAX)
        .load(conn)?;
    people.push(file.maker_id);
    people.extend(file.sender_id);
    Ok(users::table
        .filter(users::id.eq_any(people))
        .select(User::as_select())
        .order(users::id)
        .limit(PEOPLE_MAX)
        .load(conn)?)
}

/// A customer's account of the institution, as far as a record needs it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct FoundAccount {
    /// Row id.
    pub id: AccountId,
    /// 口座番号.
    pub number: String,
    /// Whose.
    pub contract_id: Option<ContractId>,
    /// Balance in yen.
    pub balance: Yen,
    /// The balance never goes below this.
    pub floor: Yen,
    /// Closed.
    pub closed_at: Option<chrono::NaiveDateTime>,
}

/// The customers' accounts of a branch and kind with these numbers, closed ones too, in these
/// portals, which are those of one institution.
///
/// # Errors
/// Whatever the database says.
pub fn list_accounts(
    conn: &mut DbConn,
    portals: &[String],
    (branch_code, account_type): (&str, AccountType),
    numbers: &[String],
) -> Result<Vec<FoundAccount>, DbError> {
    let mut all = Vec::with_capacity(numbers.len());
    for numbers in numbers.chunks(ROWS_PER_STATEMENT) {
        let found: Vec<FoundAccount> = accounts::table
            .filter(accounts::portal.eq_any(portals.to_vec()))
            .filter(accounts::branch_code.eq(branch_code))
            .filter(accounts::account_type.eq(account_type))
            .filter(accounts::number.eq_any(numbers.to_vec()))
            .filter(accounts::purpose.eq(AccountPurpose::Customer))
            .select((
                accounts::id,
                accounts::number,
                accounts::contract_id,
                accounts::balance,
                accounts::floor,
                accounts::closed_at,
            ))
            .order(accounts::id)
            .load(conn)?;
        all.extend(found);
    }
    Ok(all)
}
