//! Receipts: 受付番号 from a sequence on PostgreSQL and a counter row on SQLite.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::prepared;
use crate::db::{DbConn, DbError};
use crate::domain::receipt::Receipt;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ReceiptId, UserId};
use crate::schema::{receipt_counters, receipts};

/// Seven digits.
const NUMBERS: i64 = 10_000_000;

/// A receipt to be written.
#[derive(Debug, Clone)]
pub struct NewReceipt<'a> {
    /// The portal's slug.
    pub portal: &'a str,
    /// The day in Japan.
    pub day: NaiveDate,
    /// Whose act.
    pub user_id: UserId,
    /// Which act.
    pub operation: &'a str,
    /// When.
    pub accepted_at: UtcTime,
    /// What the result page shows, as JSON.
    pub details: String,
}

/// Writes a receipt and returns its id and number.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, receipt: NewReceipt<'_>) -> Result<(ReceiptId, i32), DbError> {
    let number = next_number(conn, receipt.portal)?;
    let insert = diesel::insert_into(receipts::table)
        .values((
            receipts::portal.eq(receipt.portal),
            receipts::day.eq(receipt.day),
            receipts::number.eq(number),
            receipts::user_id.eq(receipt.user_id),
            receipts::operation.eq(receipt.operation),
            receipts::accepted_at.eq(receipt.accepted_at),
            receipts::details.eq(receipt.details),
        ))
        .returning(receipts::id);
    Ok((native!(conn, conn => insert.get_result(conn))?, number))
}

/// The receipt with this id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: ReceiptId) -> Result<Receipt, DbError> {
    Ok(receipts::table.find(id).select(Receipt::as_select()).first(conn)?)
}

/// The user's receipt with this id.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_user(
    conn: &mut DbConn,
    user_id: UserId,
    id: ReceiptId,
) -> Result<Option<Receipt>, DbError> {
    Ok(receipts::table
        .find(id)
        .filter(receipts::user_id.eq(user_id))
        .select(Receipt::as_select())
        .first(conn)
        .optional()?)
}

/// The user's newest receipt of this act.
///
/// # Errors
/// Whatever the database says.
pub fn find_last(
    conn: &mut DbConn,
    user_id: UserId,
    operation: &str,
) -> Result<Option<Receipt>, DbError> {
    Ok(receipts::table
        .filter(receipts::user_id.eq(user_id))
        .filter(receipts::operation.eq(operation))
        .order(receipts::id.desc())
        .select(Receipt::as_select())
        .first(conn)
        .optional()?)
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn nextval(sequence: diesel::sql_types::Text) -> diesel::sql_types::BigInt;
}

fn next_number(conn: &mut DbConn, portal: &str) -> Result<i32, DbError> {
    let drawn = match conn {
        DbConn::Postgres(conn) => {
            diesel::select(nextval("receipt_numbers")).get_result::<i64>(conn)?
        }
        DbConn::Sqlite(_) => count_up(conn, portal)?,
    };
    Ok(i32::try_from(drawn.rem_euclid(NUMBERS)).unwrap_or(0))
}

/// SQLite has one writer, so a counter row costs no waiting there.
fn count_up(conn: &mut DbConn, portal: &str) -> Result<i64, DbError> {
    let row = receipt_counters::table.find(portal);
    let count = diesel::update(row)
        .set(receipt_counters::next_number.eq(receipt_counters::next_number + 1))
        .returning(receipt_counters::next_number);
    let count = prepared!(count);
    if let Some(next) = native!(conn, conn => count.get_result(conn).optional())? {
        return Ok(next);
    }
    diesel::insert_into(receipt_counters::table)
        .values((receipt_counters::portal.eq(portal), receipt_counters::next_number.eq(1)))
        .execute(conn)?;
    Ok(1)
}
