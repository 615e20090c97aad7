//! How much goes out on a day: sums that are changed with a guard.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::update_one;
use crate::db::{DbConn, DbError};
use crate::domain::payment::TotalService;
use crate::primitives::ids::{ContractId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::payment_totals;

/// Stands for all users of a contract together; row ids begin with 1.
const NOBODY: UserId = UserId(0);

/// Which sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalKey {
    /// The contract.
    pub contract_id: ContractId,
    /// The day of Japan.
    pub on_day: NaiveDate,
    /// One user; none: all of them together.
    pub user_id: Option<UserId>,
    /// Of which service.
    pub service: TotalService,
}

macro_rules! row {
    ($key:expr) => {
        payment_totals::table.find((
            $key.contract_id,
            $key.on_day,
            $key.user_id.unwrap_or(NOBODY),
            $key.service,
        ))
    };
}

/// A sum as it stands: what is done or reserved, and what is done.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, key: TotalKey) -> Result<(Yen, Yen), DbError> {
    let found = row!(key)
        .select((payment_totals::counted_yen, payment_totals::executed_yen))
        .first(conn)
        .optional()?;
    Ok(found.unwrap_or((Yen(0), Yen(0))))
}

/// Counts an amount unless the sum would go beyond `most`; `is_done` where it goes out at once.
/// False: it would.
///
/// # Errors
/// Whatever the database says.
pub fn count(
    conn: &mut DbConn,
    key: TotalKey,
    amount: Yen,
    is_done: bool,
    most: Option<Yen>,
) -> Result<bool, DbError> {
    let most = most.unwrap_or(Yen(i64::MAX));
    let done = if is_done { amount } else { Yen(0) };
    if add(conn, key, amount, done, most)? {
        return Ok(true);
    }
    // There may be no row yet; whoever finds that one was made meanwhile adds to that one.
    let none = diesel::insert_into(payment_totals::table)
        .values((
            payment_totals::contract_id.eq(key.contract_id),
            payment_totals::on_day.eq(key.on_day),
            payment_totals::user_id.eq(key.user_id.unwrap_or(NOBODY)),
            payment_totals::service.eq(key.service),
        ))
        .on_conflict_do_nothing();
    native!(conn, conn => none.execute(conn))?;
    add(conn, key, amount, done, most)
}

fn add(
    conn: &mut DbConn,
    key: TotalKey,
    amount: Yen,
    done: Yen,
    most: Yen,
) -> Result<bool, DbError> {
    let guarded = row!(key).filter((payment_totals::counted_yen + amount).le(most));
    let count = diesel::update(guarded).set((
        payment_totals::counted_yen.eq(payment_totals::counted_yen + amount),
        payment_totals::executed_yen.eq(payment_totals::executed_yen + done),
    ));
    Ok(update_one!(conn, count)?)
}

/// What was reserved goes out, unless what has gone out that day would go beyond `most`. False: it
/// would.
///
/// # Errors
/// Whatever the database says.
pub fn execute(
    conn: &mut DbConn,
    key: TotalKey,
    amount: Yen,
    most: Option<Yen>,
) -> Result<bool, DbError> {
    let most = most.unwrap_or(Yen(i64::MAX));
    let guarded = row!(key).filter((payment_totals::executed_yen + amount).le(most));
    let sum = payment_totals::executed_yen.eq(payment_totals::executed_yen + amount);
    Ok(update_one!(conn, diesel::update(guarded).set(sum))?)
}

/// What was reserved does not go out.
///
/// # Errors
/// Whatever the database says.
pub fn give_back(conn: &mut DbConn, key: TotalKey, amount: Yen) -> Result<(), DbError> {
    diesel::update(row!(key))
        .set(payment_totals::counted_yen.eq(payment_totals::counted_yen - amount))
        .execute(conn)?;
    Ok(())
}
