//! Entries and postings, and the sums that the check compares.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::ledger::{AccountPurpose, Booking, Entry, EntryDraft, PostingLine};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, EntryId};
use crate::primitives::yen::Yen;
use crate::schema::{accounts, ledger_entries, postings};

/// Far below what either database takes as parameters.
const POSTINGS_PER_STATEMENT: usize = 1_000;

/// The entry with this idempotency key.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_key(conn: &mut DbConn, key: &str) -> Result<Option<EntryId>, DbError> {
    Ok(ledger_entries::table
        .filter(ledger_entries::idempotency_key.eq(key))
        .select(ledger_entries::id)
        .first(conn)
        .optional()?)
}

/// [`find_by_key`] where there is one.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get_by_key(conn: &mut DbConn, key: &str) -> Result<EntryId, DbError> {
    find_by_key(conn, key)?.ok_or(DbError::Query(diesel::result::Error::NotFound))
}

/// The head of an entry.
///
/// # Errors
/// Whatever the database says.
pub fn find_entry(conn: &mut DbConn, id: EntryId) -> Result<Option<Entry>, DbError> {
    Ok(ledger_entries::table.find(id).select(Entry::as_select()).first(conn).optional()?)
}

/// The entry that corrects this one.
///
/// # Errors
/// Whatever the database says.
pub fn find_reversal(conn: &mut DbConn, id: EntryId) -> Result<Option<EntryId>, DbError> {
    Ok(ledger_entries::table
        .filter(ledger_entries::reverses_id.eq(id))
        .select(ledger_entries::id)
        .first(conn)
        .optional()?)
}

/// Those of these entries that were corrected. Each is at most once, by its unique `reverses_id`.
///
/// # Errors
/// Whatever the database says.
pub fn list_reversed(conn: &mut DbConn, ids: &[EntryId]) -> Result<Vec<EntryId>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let reversed: Vec<Option<EntryId>> = ledger_entries::table
        .filter(ledger_entries::reverses_id.assume_not_null().eq_any(ids.to_vec()))
        .select(ledger_entries::reverses_id)
        .load(conn)?;
    Ok(reversed.into_iter().flatten().collect())
}

/// Writes the entry's head and returns its id; nothing where its key is used.
///
/// # Errors
/// Whatever the database says.
pub fn insert_entry(conn: &mut DbConn, draft: &EntryDraft) -> Result<Option<EntryId>, DbError> {
    let entry = diesel::insert_into(ledger_entries::table)
        .values((
            ledger_entries::portal.eq(&draft.portal),
            ledger_entries::kind.eq(&draft.kind),
            ledger_entries::business_date.eq(draft.business_date),
            ledger_entries::posted_at.eq(draft.posted_at),
            ledger_entries::idempotency_key.eq(&draft.idempotency_key),
            ledger_entries::description.eq(&draft.description),
            ledger_entries::credit_description.eq(draft.credit_description.as_deref()),
            ledger_entries::reverses_id.eq(draft.reverses_id),
        ))
        .on_conflict(ledger_entries::idempotency_key)
        .do_nothing()
        .returning(ledger_entries::id);
    Ok(native!(conn, conn => entry.get_result(conn).optional())?)
}

/// Writes one posting, which stands there on its account.
///
/// # Errors
/// Whatever the database says.
pub fn insert_posting(
    conn: &mut DbConn,
    entry_id: EntryId,
    line: PostingLine,
    booking: Booking,
) -> Result<(), DbError> {
    let insert = diesel::insert_into(postings::table).values((
        postings::entry_id.eq(entry_id),
        postings::account_id.eq(line.account_id),
        postings::amount.eq(line.amount),
        postings::booked_on.eq(booking.booked_on),
        postings::line_no.eq(booking.line_no),
        postings::balance_after.eq(booking.balance_after),
    ));
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// One side of an entry as a row.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = postings, treat_none_as_default_value = false)]
struct PostingRow {
    entry_id: EntryId,
    account_id: AccountId,
    amount: Yen,
    booked_on: chrono::NaiveDate,
    line_no: Option<i64>,
    balance_after: Option<Yen>,
}

/// Writes many postings, in this order, in as few statements as go: an entry of a bulk file has one
/// for each payee.
///
/// # Errors
/// Whatever the database says.
pub fn insert_postings(
    conn: &mut DbConn,
    entry_id: EntryId,
    booked: &[(PostingLine, Booking)],
) -> Result<(), DbError> {
    for some in booked.chunks(POSTINGS_PER_STATEMENT) {
        let row = |(line, booking): &(PostingLine, Booking)| PostingRow {
            entry_id,
            account_id: line.account_id,
            amount: line.amount,
            booked_on: booking.booked_on,
            line_no: booking.line_no,
            balance_after: booking.balance_after,
        };
        let rows: Vec<PostingRow> = some.iter().map(row).collect();
        native!(conn, conn => {
            diesel::insert_into(postings::table).values(rows).execute(conn)?
        });
    }
    Ok(())
}

/// The postings of an entry.
///
/// # Errors
/// Whatever the database says.
pub fn list_postings(conn: &mut DbConn, entry_id: EntryId) -> Result<Vec<PostingLine>, DbError> {
    let rows: Vec<(AccountId, Yen)> = postings::table
        .filter(postings::entry_id.eq(entry_id))
        .select((postings::account_id, postings::amount))
        .order(postings::id)
        .load(conn)?;
    Ok(rows.into_iter().map(|(account_id, amount)| PostingLine { account_id, amount }).collect())
}

/// 摘要 as the holder of a posting's account sees it: whoever gains may see another text.
macro_rules! shown_text {
    () => {
        diesel::dsl::case_when(
            postings::amount
                .gt(crate::primitives::yen::Yen(0))
                .and(ledger_entries::credit_description.is_not_null()),
            ledger_entries::credit_description.assume_not_null(),
        )
        .otherwise(ledger_entries::description)
    };
}
pub(in crate::db) use shown_text;

/// One side of an entry, as the holder of the account sees it.
#[derive(Debug, Clone, Queryable)]
pub struct MovementLine {
    /// When it was posted.
    pub posted_at: UtcTime,
    /// 摘要.
    pub description: String,
    /// What came in, or went out where negative.
    pub amount: Yen,
}

/// The account's latest movements, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_latest_movements(
    conn: &mut DbConn,
    account_id: AccountId,
    limit: i64,
) -> Result<Vec<MovementLine>, DbError> {
    Ok(postings::table
        .inner_join(ledger_entries::table)
        .filter(postings::account_id.eq(account_id))
        .select((ledger_entries::posted_at, shown_text!(), postings::amount))
        .order(postings::line_no.desc())
        .limit(limit)
        .load(conn)?)
}

/// Entries whose postings do not sum to zero, with the sum: must be empty.
///
/// # Errors
/// Whatever the database says.
pub fn list_unbalanced(conn: &mut DbConn) -> Result<Vec<(EntryId, i64)>, DbError> {
    let sum = || sql::<BigInt>("CAST(SUM(postings.amount) AS BIGINT)");
    Ok(postings::table
        .group_by(postings::entry_id)
        .having(sql::<diesel::sql_types::Bool>("SUM(postings.amount) <> 0 OR COUNT(*) < 2"))
        .select((postings::entry_id, sum()))
        .order(postings::entry_id)
        .limit(100)
        .load(conn)?)
}

/// Entries without any posting: must be empty.
///
/// # Errors
/// Whatever the database says.
pub fn list_empty(conn: &mut DbConn) -> Result<Vec<EntryId>, DbError> {
    Ok(ledger_entries::table
        .left_join(postings::table)
        .filter(postings::id.nullable().is_null())
        .select(ledger_entries::id)
        .order(ledger_entries::id)
        .limit(100)
        .load(conn)?)
}

/// A balance beside what its postings sum to.
#[derive(Debug, Clone, Queryable)]
pub struct BalanceCheck {
    /// The account.
    pub account_id: AccountId,
    /// Whose.
    pub purpose: AccountPurpose,
    /// Stored balance in yen.
    pub balance: Yen,
    /// Lowest allowed in yen.
    pub floor: Yen,
    /// Sum of the postings in yen.
    pub posted: i64,
}

/// Every account with stored balance and sum of postings, in order, a slice at a time.
///
/// # Errors
/// Whatever the database says.
pub fn list_balance_checks(
    conn: &mut DbConn,
    after: AccountId,
    limit: i64,
) -> Result<Vec<BalanceCheck>, DbError> {
    Ok(accounts::table
        .left_join(postings::table)
        .filter(accounts::id.gt(after))
        .group_by((accounts::id, accounts::purpose, accounts::balance, accounts::floor))
        .select((
            accounts::id,
            accounts::purpose,
            accounts::balance,
            accounts::floor,
            sql::<BigInt>("CAST(COALESCE(SUM(postings.amount), 0) AS BIGINT)"),
        ))
        .order(accounts::id)
        .limit(limit)
        .load(conn)?)
}

/// A posting whose number, day or balance does not follow from those before it.
#[derive(Debug, Clone, QueryableByName)]
pub struct LineCheck {
    /// The posting.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// Its account.
    #[diesel(sql_type = BigInt)]
    pub account_id: AccountId,
    /// The balance stored with it.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub stored: Option<Yen>,
    /// The balance that the postings up to it make; nothing on an internal account.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub running: Option<Yen>,
}

/// Postings of customers' accounts whose balance differs from the running sum, whose number is not
/// the next one or whose day is before that of the line above, and postings of internal accounts
/// that have any of these: must be empty.
///
/// # Errors
/// Whatever the database says.
pub fn list_wrong_lines(conn: &mut DbConn) -> Result<Vec<LineCheck>, DbError> {
    let ask = "\
        SELECT id, account_id, balance_after AS stored, running FROM ( \
            SELECT postings.id, account_id, balance_after, line_no, postings.booked_on, \
                CASE purpose WHEN 'customer' THEN \
                    CAST(SUM(amount) OVER lines AS BIGINT) END AS running, \
                CASE purpose WHEN 'customer' THEN ROW_NUMBER() OVER lines END AS number, \
                MAX(postings.booked_on) OVER lines AS latest \
            FROM postings JOIN accounts ON accounts.id = account_id \
            WINDOW lines AS (PARTITION BY account_id ORDER BY postings.id) \
        ) AS line \
        WHERE COALESCE(balance_after, -1) <> COALESCE(running, -1) \
            OR COALESCE(line_no, 0) <> COALESCE(number, 0) \
            OR (number IS NOT NULL AND booked_on < latest) \
        ORDER BY id LIMIT 100";
    Ok(diesel::sql_query(ask).load(conn)?)
}

/// How many entries there are.
///
/// # Errors
/// Whatever the database says.
pub fn count_entries(conn: &mut DbConn) -> Result<i64, DbError> {
    Ok(ledger_entries::table.count().get_result(conn)?)
}
