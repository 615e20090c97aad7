//! Billers of the demo with their bills.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::bill::{BillKind, BillPlace};
use crate::primitives::clock::UtcTime;
use crate::primitives::yen::Yen;
use crate::schema::{simulated_billers, simulated_bills};
use crate::text_enum;

text_enum! {
    /// What goes wrong with a biller.
    BillerTrouble {
        /// It takes nothing at this hour.
        Closed = "closed",
        /// It answers no look-up.
        LookUp = "look_up",
        /// It holds what is claimed, but the answer is lost.
        Claim = "claim",
        /// It does not hear how a claim ended.
        Settle = "settle",
    }
}

/// A biller.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = simulated_billers, treat_none_as_default_value = false)]
pub struct BillerRow {
    /// 収納機関番号.
    pub agency: String,
    /// 収納機関名.
    pub name: String,
    /// The same in half-width kana.
    pub name_kana: String,
    /// Taxes or charges.
    pub kind: BillKind,
    /// What goes wrong with it.
    pub trouble: Option<BillerTrouble>,
}

/// A bill.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = simulated_bills, treat_none_as_default_value = false)]
pub struct BillRow {
    /// The biller's name of it.
    pub reference: String,
    /// 収納機関番号.
    pub agency: String,
    /// 納付番号 or お客様番号.
    pub payer_number: String,
    /// 確認番号.
    pub confirmation: String,
    /// 納付区分.
    pub category: String,
    /// 払込内容.
    pub content: String,
    /// Whose bill it is.
    pub payer_kana: String,
    /// What is owed.
    pub amount_yen: Yen,
    /// 延滞金 after the due day.
    pub late_yen: Yen,
    /// 納期限.
    pub due_on: NaiveDate,
    /// The last day.
    pub payable_until: NaiveDate,
    /// What it is good for.
    pub note: String,
    /// Whose it is until it is settled or released.
    pub claimed_by: Option<String>,
    /// Written off.
    pub paid_at: Option<NaiveDateTime>,
}

impl BillRow {
    /// 延滞金 on a day.
    #[must_use]
    pub fn late_on(&self, day: NaiveDate) -> Yen {
        if day > self.due_on { self.late_yen } else { Yen(0) }
    }
}

/// Writes a biller.
///
/// # Errors
/// Whatever the database says.
pub fn insert_biller(conn: &mut DbConn, row: &BillerRow) -> Result<(), DbError> {
    diesel::insert_into(simulated_billers::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// Writes a bill.
///
/// # Errors
/// Whatever the database says.
pub fn insert_bill(conn: &mut DbConn, row: &BillRow) -> Result<(), DbError> {
    diesel::insert_into(simulated_bills::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The biller with this number.
///
/// # Errors
/// Whatever the database says.
pub fn find_biller(conn: &mut DbConn, agency: &str) -> Result<Option<BillerRow>, DbError> {
    Ok(simulated_billers::table
        .find(agency)
        .select(BillerRow::as_select())
        .first(conn)
        .optional()?)
}

/// The biller's bill with these numbers.
///
/// # Errors
/// Whatever the database says.
pub fn find_bill(
    conn: &mut DbConn,
    (agency, payer_number, category): (&str, &str, &str),
) -> Result<Option<BillRow>, DbError> {
    Ok(simulated_bills::table
        .filter(simulated_bills::agency.eq(agency))
        .filter(simulated_bills::payer_number.eq(payer_number))
        .filter(simulated_bills::category.eq(category))
        .select(BillRow::as_select())
        .first(conn)
        .optional()?)
}

/// The biller's bill under its own name.
///
/// # Errors
/// Whatever the database says.
pub fn find_at(conn: &mut DbConn, place: &BillPlace) -> Result<Option<BillRow>, DbError> {
    Ok(simulated_bills::table
        .find(&place.reference)
        .filter(simulated_bills::agency.eq(&place.agency))
        .select(BillRow::as_select())
        .first(conn)
        .optional()?)
}

/// Every bill with its biller, biller by biller.
///
/// # Errors
/// Whatever the database says.
pub fn list(conn: &mut DbConn) -> Result<Vec<(BillerRow, BillRow)>, DbError> {
    Ok(simulated_billers::table
        .inner_join(simulated_bills::table)
        .select((BillerRow::as_select(), BillRow::as_select()))
        .order((simulated_billers::agency, simulated_bills::reference))
        .load(conn)?)
}

/// Holds a bill for a key at this amount and late charge, if nobody else holds or has paid it and
/// its last day is not over. False: not so.
///
/// # Errors
/// Whatever the database says.
pub fn claim(
    conn: &mut DbConn,
    place: &BillPlace,
    (amount, late): (Yen, Yen),
    key: &str,
    today: NaiveDate,
) -> Result<bool, DbError> {
    let is_late = simulated_bills::due_on.lt(today).and(simulated_bills::late_yen.eq(late));
    let is_none = (late == Yen(0)).into_sql::<diesel::sql_types::Bool>();
    let is_in_time = simulated_bills::due_on.ge(today).and(is_none);
    let free = simulated_bills::table
        .find(&place.reference)
        .filter(simulated_bills::agency.eq(&place.agency))
        .filter(simulated_bills::paid_at.is_null())
        .filter(simulated_bills::claimed_by.is_null().or(simulated_bills::claimed_by.eq(key)))
        .filter(simulated_bills::payable_until.ge(today))
        .filter(simulated_bills::amount_yen.eq(amount))
        .filter(is_late.or(is_in_time));
    let held = diesel::update(free).set(simulated_bills::claimed_by.eq(key)).execute(conn)?;
    Ok(held == 1)
}

/// Writes a bill off for whoever holds it; false where this key does not hold it, or did it before.
///
/// # Errors
/// Whatever the database says.
pub fn settle(
    conn: &mut DbConn,
    place: &BillPlace,
    key: &str,
    now: UtcTime,
) -> Result<bool, DbError> {
    let held = simulated_bills::table
        .find(&place.reference)
        .filter(simulated_bills::claimed_by.eq(key))
        .filter(simulated_bills::paid_at.is_null());
    Ok(diesel::update(held).set(simulated_bills::paid_at.eq(now)).execute(conn)? == 1)
}

/// Lets go of a bill that this key holds and that is not written off.
///
/// # Errors
/// Whatever the database says.
pub fn release(conn: &mut DbConn, place: &BillPlace, key: &str) -> Result<(), DbError> {
    let held = simulated_bills::table
        .find(&place.reference)
        .filter(simulated_bills::claimed_by.eq(key))
        .filter(simulated_bills::paid_at.is_null());
    diesel::update(held).set(simulated_bills::claimed_by.eq(None::<String>)).execute(conn)?;
    Ok(())
}
