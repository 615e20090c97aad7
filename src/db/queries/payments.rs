//! Payments. A move names the state that the payment leaves.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::update_one;
use crate::db::{DbConn, DbError};
use crate::domain::payee::{Destination, PayeeAccountType};
use crate::domain::payment::{Payment, PaymentKind, PaymentObstacle, PaymentState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, ContractId, EntryId, PaymentId, ReceiptId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::{ledger_entries, payments};

/// Most reservations of a contract that a list shows.
const RESERVATIONS_MAX: i64 = 1_000;

/// A payment to be written down.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = payments, treat_none_as_default_value = false)]
pub struct NewPayment {
    /// The portal's slug.
    pub portal: String,
    /// Whose account is debited.
    pub contract_id: ContractId,
    /// Who confirmed it.
    pub user_id: UserId,
    /// What kind.
    pub kind: PaymentKind,
    /// Reserved or done.
    pub state: PaymentState,
    /// 出金口座.
    pub account_id: AccountId,
    /// The payee's account, where it is at this institution.
    pub to_account_id: Option<AccountId>,
    /// 金融機関コード of the payee.
    pub bank_code: String,
    /// 金融機関名.
    pub bank_name: String,
    /// 店番.
    pub branch_code: String,
    /// 店名.
    pub branch_name: String,
    /// 科目.
    pub account_type: Option<PayeeAccountType>,
    /// 口座番号.
    pub number: String,
    /// 受取人名.
    pub holder_kana: String,
    /// 振込依頼人名.
    pub sender_kana: String,
    /// The amount.
    pub amount_yen: Yen,
    /// The fee without tax.
    pub net_yen: Yen,
    /// Its tax.
    pub tax_yen: Yen,
    /// The day on which it counts.
    pub execute_on: NaiveDate,
    /// 受付番号.
    pub receipt_number: i32,
    /// The receipt.
    pub receipt_id: ReceiptId,
    /// The entry of the amount, where it is done.
    pub entry_id: Option<EntryId>,
    /// 受付.
    pub requested_at: UtcTime,
    /// When it was done.
    pub ended_at: Option<UtcTime>,
}

/// Which payments BTR040 shows.
#[derive(Debug, Clone, Default)]
pub struct PaymentFilter {
    /// From the accounts that somebody sees only; none: from every account.
    pub sight: Option<PaymentSight>,
    /// Only those of this kind.
    pub kind: Option<PaymentKind>,
    /// Only those that stand so.
    pub state: Option<PaymentState>,
    /// Older than this one.
    pub before: Option<PaymentId>,
}

/// From which accounts somebody sees payments.
#[derive(Debug, Clone, Default)]
pub struct PaymentSight {
    /// Transfers.
    pub transfers: Vec<AccountId>,
    /// Pay-easy.
    pub pay_easy: Vec<AccountId>,
}

/// Writes a payment down.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, payment: NewPayment) -> Result<Payment, DbError> {
    let insert =
        diesel::insert_into(payments::table).values(payment).returning(payments::all_columns);
    Ok(native!(conn, conn => insert.get_result(conn))?)
}

/// The contract's payment with this id.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    id: PaymentId,
) -> Result<Option<Payment>, DbError> {
    Ok(payments::table
        .find(id)
        .filter(payments::contract_id.eq(contract_id))
        .select(Payment::as_select())
        .first(conn)
        .optional()?)
}

/// The user's payment with this receipt.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_receipt(
    conn: &mut DbConn,
    user_id: UserId,
    receipt_id: ReceiptId,
) -> Result<Option<Payment>, DbError> {
    Ok(payments::table
        .filter(payments::receipt_id.eq(receipt_id))
        .filter(payments::user_id.eq(user_id))
        .select(Payment::as_select())
        .first(conn)
        .optional()?)
}

/// The payment with this id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: PaymentId) -> Result<Payment, DbError> {
    Ok(payments::table.find(id).select(Payment::as_select()).first(conn)?)
}

/// Payments of a contract, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    filter: &PaymentFilter,
    limit: i64,
) -> Result<Vec<Payment>, DbError> {
    let mut query = payments::table.filter(payments::contract_id.eq(contract_id)).into_boxed();
    if let Some(sight) = &filter.sight {
        let transfers = payments::kind
            .ne(PaymentKind::PayEasy)
            .and(payments::account_id.eq_any(sight.transfers.clone()));
        let pay_easy = payments::kind
            .eq(PaymentKind::PayEasy)
            .and(payments::account_id.eq_any(sight.pay_easy.clone()));
        query = query.filter(transfers.or(pay_easy));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(payments::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(payments::state.eq(state));
    }
    if let Some(before) = filter.before {
        query = query.filter(payments::id.lt(before));
    }
    Ok(query.select(Payment::as_select()).order(payments::id.desc()).limit(limit).load(conn)?)
}

/// Reservations of a contract from these accounts, or from every one, in the order in which they
/// run.
///
/// # Errors
/// Whatever the database says.
pub fn list_reserved(
    conn: &mut DbConn,
    contract_id: ContractId,
    account_ids: Option<&[AccountId]>,
) -> Result<Vec<Payment>, DbError> {
    let mut query = payments::table
        .filter(payments::contract_id.eq(contract_id))
        .filter(payments::state.eq(PaymentState::Reserved))
        .into_boxed();
    if let Some(ids) = account_ids {
        query = query.filter(payments::account_id.eq_any(ids.to_vec()));
    }
    Ok(query
        .select(Payment::as_select())
        .order((payments::execute_on, payments::id))
        .limit(RESERVATIONS_MAX)
        .load(conn)?)
}

/// Reservations of a portal whose day has come, in the order of their receipt; those after `after`.
///
/// # Errors
/// Whatever the database says.
pub fn list_due(
    conn: &mut DbConn,
    portal: &str,
    until: NaiveDate,
    after: Option<(NaiveDate, PaymentId)>,
    limit: i64,
) -> Result<Vec<Payment>, DbError> {
    let mut query = payments::table
        .filter(payments::state.eq(PaymentState::Reserved))
        .filter(payments::execute_on.le(until))
        .filter(payments::portal.eq(portal))
        .into_boxed();
    if let Some((day, id)) = after {
        let later = payments::execute_on.eq(day).and(payments::id.gt(id));
        query = query.filter(payments::execute_on.gt(day).or(later));
    }
    Ok(query
        .select(Payment::as_select())
        .order((payments::execute_on, payments::id))
        .limit(limit)
        .load(conn)?)
}

/// Whom a contract paid last from these accounts, newest first; the same account may come more than
/// once. What the institution took back was not paid.
///
/// # Errors
/// Whatever the database says.
pub fn list_latest_transfers(
    conn: &mut DbConn,
    (contract_id, account_ids): (ContractId, &[AccountId]),
    limit: i64,
) -> Result<Vec<Payment>, DbError> {
    // One look into the unique index of `reverses_id` for each of the payments that are read.
    let is_corrected = diesel::dsl::exists(
        ledger_entries::table.filter(ledger_entries::reverses_id.eq(payments::entry_id)),
    );
    Ok(payments::table
        .filter(payments::contract_id.eq(contract_id))
        .filter(payments::account_id.eq_any(account_ids.to_vec()))
        .filter(payments::kind.eq(PaymentKind::Transfer))
        .filter(payments::state.eq(PaymentState::Done))
        .filter(diesel::dsl::not(is_corrected))
        .select(Payment::as_select())
        .order(payments::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// No correction took back what was posted for the payment, which stays done either way.
///
/// Asked of each row that the other filters leave, by the index of the unique `reverses_id`, until
/// one stands. Not by NOT EXISTS: PostgreSQL makes a join of it, and may walk through everybody's
/// payments for that.
macro_rules! stands {
    () => {
        ledger_entries::table
            .filter(ledger_entries::reverses_id.eq(payments::entry_id))
            .select(ledger_entries::id)
            .single_value()
            .is_null()
    };
}

/// Whether a contract has paid this account before. What a correction took back was never paid:
/// under a hold a thief would else have a payee known by it.
///
/// # Errors
/// Whatever the database says.
pub fn is_payee_known(
    conn: &mut DbConn,
    contract_id: ContractId,
    to: &Destination,
) -> Result<bool, DbError> {
    let paid = payments::table
        .filter(payments::contract_id.eq(contract_id))
        .filter(payments::bank_code.eq(&to.bank_code))
        .filter(payments::branch_code.eq(&to.branch_code))
        .filter(payments::number.eq(&to.number))
        .filter(payments::account_type.eq(to.account_type))
        .filter(payments::state.eq(PaymentState::Done))
        .filter(stands!());
    let is_known = diesel::select(diesel::dsl::exists(paid));
    Ok(native!(conn, conn => is_known.get_result(conn))?)
}

/// Whether a contract has paid a bill of this biller before, and it was not taken back.
///
/// # Errors
/// Whatever the database says.
pub fn is_biller_known(
    conn: &mut DbConn,
    contract_id: ContractId,
    agency: &str,
) -> Result<bool, DbError> {
    let paid = payments::table
        .filter(payments::contract_id.eq(contract_id))
        .filter(payments::bank_code.eq(agency))
        .filter(payments::kind.eq(PaymentKind::PayEasy))
        .filter(payments::state.eq(PaymentState::Done))
        .filter(stands!());
    Ok(diesel::select(diesel::dsl::exists(paid)).get_result(conn)?)
}

/// The newest payment of the same amount from the same account to the same one since a time, done
/// or reserved.
///
/// # Errors
/// Whatever the database says.
pub fn find_alike(
    conn: &mut DbConn,
    (contract_id, account_id): (ContractId, AccountId),
    to: &Destination,
    amount: Yen,
    since: UtcTime,
) -> Result<Option<Payment>, DbError> {
    // Two comparisons, because a list is prepared anew each time.
    let is_going =
        payments::state.eq(PaymentState::Done).or(payments::state.eq(PaymentState::Reserved));
    let alike = payments::table
        .filter(payments::contract_id.eq(contract_id))
        .filter(payments::bank_code.eq(&to.bank_code))
        .filter(payments::branch_code.eq(&to.branch_code))
        .filter(payments::number.eq(&to.number))
        .filter(payments::account_type.eq(to.account_type))
        .filter(is_going)
        .filter(payments::account_id.eq(account_id))
        .filter(payments::amount_yen.eq(amount))
        .filter(payments::requested_at.gt(since))
        // Ordered by id alone, SQLite walks through all that the contract ever paid.
        .order((payments::requested_at.desc(), payments::id.desc()));
    Ok(native!(conn, conn => alike.select(Payment::as_select()).first(conn).optional())?)
}

/// A reservation goes out on this day of Japan; false where it is none any more.
///
/// # Errors
/// Whatever the database says.
pub fn set_done(
    conn: &mut DbConn,
    id: PaymentId,
    entry_id: EntryId,
    (on_day, now): (NaiveDate, UtcTime),
) -> Result<bool, DbError> {
    let reserved = payments::table.find(id).filter(payments::state.eq(PaymentState::Reserved));
    let done = diesel::update(reserved).set((
        payments::state.eq(PaymentState::Done),
        payments::entry_id.eq(entry_id),
        payments::execute_on.eq(on_day),
        payments::ended_at.eq(now),
    ));
    Ok(update_one!(conn, done)?)
}

/// A reservation cannot go out; false where it is none any more.
///
/// # Errors
/// Whatever the database says.
pub fn set_failed(
    conn: &mut DbConn,
    id: PaymentId,
    reason: PaymentObstacle,
    now: UtcTime,
) -> Result<bool, DbError> {
    let reserved = payments::table.find(id).filter(payments::state.eq(PaymentState::Reserved));
    let failed = diesel::update(reserved)
        .set((
            payments::state.eq(PaymentState::Failed),
            payments::reason.eq(reason),
            payments::ended_at.eq(now),
        ))
        .execute(conn)?;
    Ok(failed == 1)
}

/// A reservation is taken back before its day; false where it is too late or it is none any more.
///
/// # Errors
/// Whatever the database says.
pub fn cancel(
    conn: &mut DbConn,
    id: PaymentId,
    today: NaiveDate,
    now: UtcTime,
) -> Result<bool, DbError> {
    let waiting = payments::table
        .find(id)
        .filter(payments::state.eq(PaymentState::Reserved))
        .filter(payments::execute_on.gt(today));
    let cancelled = diesel::update(waiting)
        .set((payments::state.eq(PaymentState::Cancelled), payments::ended_at.eq(now)))
        .execute(conn)?;
    Ok(cancelled == 1)
}

/// A reservation is taken back because the contract ends, whatever its day.
///
/// # Errors
/// Whatever the database says.
pub fn cancel_at_closing(conn: &mut DbConn, id: PaymentId, now: UtcTime) -> Result<bool, DbError> {
    let waiting = payments::table.find(id).filter(payments::state.eq(PaymentState::Reserved));
    let cancelled = diesel::update(waiting)
        .set((payments::state.eq(PaymentState::Cancelled), payments::ended_at.eq(now)))
        .execute(conn)?;
    Ok(cancelled == 1)
}
