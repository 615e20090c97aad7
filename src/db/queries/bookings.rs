//! Booking an entry of many lines: hundreds of accounts change in one statement.
//!
//! A statement an account would be a hundred times slower on SQLite, where each one that runs
//! inside a savepoint looks through all that the savepoint keeps for undoing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date};

use crate::db::queries::accounts::add_to_balance;
use crate::db::{DbConn, DbError};
use crate::domain::ledger::{AccountPurpose, Booking, PostingLine};
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;
use crate::schema::accounts;

/// Accounts in one statement.
const ACCOUNTS_PER_STATEMENT: usize = 500;

/// Each line with where it stands on its account, or the account that refused.
pub type Booked = Result<Vec<(PostingLine, Booking)>, AccountId>;

/// What an account looks like after its lines.
#[derive(QueryableByName)]
struct After {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Date)]
    booked_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    line_count: i64,
    #[diesel(sql_type = BigInt)]
    balance: i64,
}

/// Changes the balances of all lines' accounts as [`add_to_balance`] does for one. The lines of an
/// account stand together and keep their order; accounts change in the order in which they stand.
///
/// # Errors
/// Whatever the database says.
pub fn add_to_balances(
    conn: &mut DbConn,
    lines: &[PostingLine],
    business_date: NaiveDate,
) -> Result<Booked, DbError> {
    let mut booked = Vec::with_capacity(lines.len());
    let mut waiting: Vec<&[PostingLine]> = Vec::new();
    for group in lines.chunk_by(|one, other| one.account_id == other.account_id) {
        if is_one_way(group) && waiting.len() < ACCOUNTS_PER_STATEMENT {
            waiting.push(group);
            continue;
        }
        if let Err(refused) = book_all(conn, &waiting, business_date, &mut booked)? {
            return Ok(Err(refused));
        }
        waiting.clear();
        if is_one_way(group) {
            waiting.push(group);
            continue;
        }
        // The floor holds after each line, so they are taken one by one.
        for line in group {
            let booking = add_to_balance(conn, line.account_id, line.amount, business_date)?;
            let Some(booking) = booking else { return Ok(Err(line.account_id)) };
            booked.push((*line, booking));
        }
    }
    let done = book_all(conn, &waiting, business_date, &mut booked)?;
    Ok(done.map(|()| booked))
}

/// Whether all lines add, or all take away: the last balance is the lowest or the highest then, and
/// the sum does not overflow where the balance does not.
fn is_one_way(group: &[PostingLine]) -> bool {
    let fits = group.iter().try_fold(Yen(0), |sum, line| sum.checked_add(line.amount)).is_some();
    let adds = group.iter().all(|line| line.amount > Yen(0));
    fits && (adds || group.iter().all(|line| line.amount < Yen(0)))
}

fn sum_of(group: &[PostingLine]) -> i64 {
    group.iter().fold(0, |sum: i64, line| sum.saturating_add(line.amount.0))
}

fn count_of(group: &[PostingLine]) -> i64 {
    i64::try_from(group.len()).unwrap_or(i64::MAX)
}

fn book_all(
    conn: &mut DbConn,
    groups: &[&[PostingLine]],
    business_date: NaiveDate,
    booked: &mut Vec<(PostingLine, Booking)>,
) -> Result<Result<(), AccountId>, DbError> {
    let ids: Vec<AccountId> =
        groups.iter().filter_map(|group| group.first()).map(|line| line.account_id).collect();
    if ids.is_empty() {
        return Ok(Ok(()));
    }
    if let DbConn::Postgres(conn) = conn {
        // In the order of the ids, so that two entries never wait for each other in a circle.
        let rows = accounts::table.filter(accounts::id.eq_any(&ids)).select(accounts::id);
        let locked: Vec<AccountId> = rows.order(accounts::id).for_update().load(conn)?;
        drop(locked);
    }
    let changed: Vec<After> =
        diesel::sql_query(statement(conn, groups, business_date)).load(conn)?;
    let changed: BTreeMap<AccountId, After> =
        changed.into_iter().map(|after| (AccountId(after.id), after)).collect();
    let others: Vec<AccountId> =
        ids.iter().copied().filter(|id| !changed.contains_key(id)).collect();
    let internal = internal_of(conn, &others)?;
    for (id, group) in ids.into_iter().zip(groups) {
        match changed.get(&id) {
            Some(after) => booked.extend(placed(group, after)),
            None if internal.contains(&id) => {
                let booked_on = business_date;
                let booking = Booking { booked_on, line_no: None, balance_after: None };
                booked.extend(group.iter().map(|line| (*line, booking)));
            }
            None => return Ok(Err(id)),
        }
    }
    Ok(Ok(()))
}

/// Numbers and a date of our own, so they can stand in the text; both databases call the columns of
/// a list of values by the same names.
fn statement(conn: &DbConn, groups: &[&[PostingLine]], on: NaiveDate) -> String {
    let values: Vec<String> = groups
        .iter()
        .filter_map(|group| {
            let id = group.first()?.account_id.0;
            Some(format!("({id},{},{})", sum_of(group), count_of(group)))
        })
        .collect();
    let later = match conn {
        DbConn::Sqlite(_) => format!("MAX(booked_on, '{on}')"),
        DbConn::Postgres(_) => format!("GREATEST(booked_on, DATE '{on}')"),
    };
    format!(
        "UPDATE accounts SET balance = balance + v.column2, line_count = line_count + v.column3, \
         booked_on = {later} FROM (VALUES {}) AS v WHERE id = v.column1 AND purpose = '{}' \
         AND closed_at IS NULL AND balance + v.column2 >= floor \
         RETURNING id, booked_on, line_count, balance",
        values.join(","),
        AccountPurpose::Customer.as_str()
    )
}

/// Which of them are the institution's own.
fn internal_of(conn: &mut DbConn, ids: &[AccountId]) -> Result<BTreeSet<AccountId>, DbError> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows = accounts::table
        .filter(accounts::id.eq_any(ids))
        .filter(accounts::purpose.ne(AccountPurpose::Customer))
        .select(accounts::id);
    Ok(rows.load::<AccountId>(conn)?.into_iter().collect())
}

/// Where each line stands, counted back from what the account came to.
fn placed<'a>(
    group: &'a [PostingLine],
    after: &After,
) -> impl Iterator<Item = (PostingLine, Booking)> + use<'a> {
    let mut line_no = after.line_count.saturating_sub(count_of(group));
    let mut balance = after.balance.saturating_sub(sum_of(group));
    let booked_on = after.booked_on;
    group.iter().map(move |line| {
        line_no = line_no.saturating_add(1);
        balance = balance.saturating_add(line.amount.0);
        let balance_after = Some(Yen(balance));
        (*line, Booking { booked_on, line_no: Some(line_no), balance_after })
    })
}
