//! Wrong numbers of bills, counted before they are looked at.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::schema::bill_tries;

/// Claims one try of a day; false once the slot has had `max` of them.
///
/// # Errors
/// Whatever the database says.
pub fn claim(conn: &mut DbConn, slot: &str, on_day: NaiveDate, max: i32) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(bill_tries::table)
            .values((bill_tries::slot.eq(slot), bill_tries::on_day.eq(on_day)))
            .execute(conn)
    })?;
    let guarded = bill_tries::table.find((slot, on_day)).filter(bill_tries::failures.lt(max));
    let claimed = diesel::update(guarded)
        .set(bill_tries::failures.eq(bill_tries::failures + 1))
        .execute(conn)?;
    Ok(claimed == 1)
}

/// The try was no failure.
///
/// # Errors
/// Whatever the database says.
pub fn give_back(conn: &mut DbConn, slot: &str, on_day: NaiveDate) -> Result<(), DbError> {
    let counted = bill_tries::table.find((slot, on_day)).filter(bill_tries::failures.gt(0));
    diesel::update(counted).set(bill_tries::failures.eq(bill_tries::failures - 1)).execute(conn)?;
    Ok(())
}

/// Forgets tries of days that are over.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, day: NaiveDate) -> Result<usize, DbError> {
    Ok(diesel::delete(bill_tries::table.filter(bill_tries::on_day.lt(day))).execute(conn)?)
}
