//! Billers of the demo and their bills, which can be paid in every portal.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::db::queries::simulated_bills::{self, BillRow, BillerRow, BillerTrouble};
use crate::db::{DbConn, DbError};
use crate::domain::bill::BillKind;
use crate::operations::{OperationError, Services};
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::yen::Yen;

const BILLS: &str = include_str!("bills.toml");
/// Who has paid what is paid already.
const SOMEBODY: &str = "demo";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BillsFile {
    billers: Vec<DemoBiller>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoBiller {
    agency: String,
    name: String,
    kana: String,
    kind: BillKind,
    #[serde(default)]
    trouble: Option<BillerTrouble>,
    bills: Vec<DemoBill>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoBill {
    payer_number: String,
    confirmation: String,
    #[serde(default)]
    category: String,
    content: String,
    payer: String,
    yen: i64,
    #[serde(default)]
    late_yen: i64,
    due_in_days: i64,
    payable_in_days: i64,
    #[serde(default)]
    is_paid: bool,
    note: String,
}

/// Billers with their bills, as of the clock's time.
///
/// # Errors
/// Mistakes in the shipped data.
pub(super) fn rows(services: &Services) -> Result<Vec<(BillerRow, Vec<BillRow>)>, OperationError> {
    let file: BillsFile =
        toml::from_str(BILLS).map_err(|_| OperationError::Corrupt("the demo's bills"))?;
    let now = services.clock.now();
    Ok(file.billers.into_iter().map(|biller| biller_rows(biller, now)).collect())
}

fn biller_rows(biller: DemoBiller, now: UtcTime) -> (BillerRow, Vec<BillRow>) {
    let DemoBiller { agency, name, kana: name_kana, kind, trouble, bills } = biller;
    let today = jst_day(now);
    let row = |bill: DemoBill| BillRow {
        reference: format!("{agency}-{}", bill.payer_number),
        agency: agency.clone(),
        payer_number: bill.payer_number,
        confirmation: bill.confirmation,
        category: bill.category,
        content: bill.content,
        payer_kana: bill.payer,
        amount_yen: Yen(bill.yen),
        late_yen: Yen(bill.late_yen),
        due_on: today + TimeDelta::days(bill.due_in_days),
        payable_until: today + TimeDelta::days(bill.payable_in_days),
        note: bill.note,
        claimed_by: bill.is_paid.then(|| SOMEBODY.to_owned()),
        paid_at: bill.is_paid.then(|| now - TimeDelta::days(3)),
    };
    let bills = bills.into_iter().map(row).collect();
    (BillerRow { agency, name, name_kana, kind, trouble }, bills)
}

/// Writes them.
///
/// # Errors
/// Whatever the database says.
pub(super) fn insert(conn: &mut DbConn, rows: &[(BillerRow, Vec<BillRow>)]) -> Result<(), DbError> {
    for (biller, bills) in rows {
        simulated_bills::insert_biller(conn, biller)?;
        for bill in bills {
            simulated_bills::insert_bill(conn, bill)?;
        }
    }
    Ok(())
}
