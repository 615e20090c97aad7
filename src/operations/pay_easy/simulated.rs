//! The demo's billers: their bills stand in the database, and what they answer follows from that.

use chrono::NaiveDate;

use crate::db::queries::simulated_bills::{self, BillRow, BillerRow, BillerTrouble};
use crate::db::{Db, DbConn, DbError};
use crate::domain::bill::{Bill, BillNumbers, BillPlace, BillRefusal, Biller, BillerFuture, Told};
use crate::operations::demo::faults;
use crate::primitives::clock::{UtcTime, jst_day};

/// Answers from the database, in transactions of its own, as somebody outside would.
#[derive(Clone)]
pub struct SimulatedBiller {
    db: Db,
}

impl SimulatedBiller {
    /// The billers that stand in this database.
    #[must_use]
    pub fn new(db: Db) -> SimulatedBiller {
        SimulatedBiller { db }
    }

    async fn trouble_of(&self, agency: &str) -> Result<Option<BillerTrouble>, DbError> {
        let agency = agency.to_owned();
        self.db
            .read(move |conn| {
                let biller = simulated_bills::find_biller(conn, &agency)?;
                let is_failing = faults::is_biller_failing(conn)?;
                let trouble = is_failing.then_some(BillerTrouble::Settle);
                Ok(trouble.or_else(|| biller.and_then(|biller| biller.trouble)))
            })
            .await
    }
}

/// A database that does not answer is a biller that does not.
fn unavailable(error: &DbError) -> BillRefusal {
    tracing::warn!(%error, "the simulated biller has no database");
    BillRefusal::Unavailable
}

impl Biller for SimulatedBiller {
    fn look_up<'a>(
        &'a self,
        numbers: &'a BillNumbers,
        now: UtcTime,
    ) -> BillerFuture<'a, Result<Bill, BillRefusal>> {
        let (numbers, today) = (numbers.clone(), jst_day(now));
        Box::pin(async move {
            let found = self.db.read(move |conn| look_up(conn, &numbers, today)).await;
            found.unwrap_or_else(|error| Err(unavailable(&error)))
        })
    }

    fn claim<'a>(
        &'a self,
        bill: &'a Bill,
        key: &'a str,
        now: UtcTime,
    ) -> BillerFuture<'a, Result<(), BillRefusal>> {
        let (bill, key, today) = (bill.clone(), key.to_owned(), jst_day(now));
        Box::pin(async move {
            let claimed = self.db.claim(move |conn| claim(conn, &bill, &key, today)).await;
            claimed.unwrap_or_else(|error| Err(unavailable(&error)))
        })
    }

    fn settle<'a>(
        &'a self,
        place: &'a BillPlace,
        key: &'a str,
        now: UtcTime,
    ) -> BillerFuture<'a, Told> {
        let (place, key) = (place.clone(), key.to_owned());
        Box::pin(async move {
            if self.trouble_of(&place.agency).await.is_ok_and(is_deaf) {
                return Told::Unavailable;
            }
            let settled = self.db.claim(move |conn| settle(conn, &place, &key, now)).await;
            settled.unwrap_or(Told::Unavailable)
        })
    }

    fn release<'a>(&'a self, place: &'a BillPlace, key: &'a str) -> BillerFuture<'a, Told> {
        let (place, key) = (place.clone(), key.to_owned());
        Box::pin(async move {
            if self.trouble_of(&place.agency).await.is_ok_and(is_deaf) {
                return Told::Unavailable;
            }
            let released =
                self.db.claim(move |conn| simulated_bills::release(conn, &place, &key)).await;
            released.map_or(Told::Unavailable, |()| Told::Heard)
        })
    }
}

fn is_deaf(trouble: Option<BillerTrouble>) -> bool {
    trouble == Some(BillerTrouble::Settle)
}

fn look_up(
    conn: &mut DbConn,
    numbers: &BillNumbers,
    today: NaiveDate,
) -> Result<Result<Bill, BillRefusal>, DbError> {
    if faults::is_biller_failing(conn)? {
        return Ok(Err(BillRefusal::Unavailable));
    }
    let Some(biller) = simulated_bills::find_biller(conn, &numbers.agency)? else {
        return Ok(Err(BillRefusal::UnknownAgency));
    };
    match biller.trouble {
        Some(BillerTrouble::Closed) => return Ok(Err(BillRefusal::Closed)),
        Some(BillerTrouble::LookUp) => return Ok(Err(BillRefusal::Unavailable)),
        Some(BillerTrouble::Claim | BillerTrouble::Settle) | None => {}
    }
    let place = (biller.agency.as_str(), numbers.payer_number.as_str(), numbers.category.as_str());
    let found = simulated_bills::find_bill(conn, place)?;
    let found = found.filter(|row| row.confirmation == numbers.confirmation);
    let Some(row) = found else { return Ok(Err(BillRefusal::NotFound)) };
    Ok(match refusal(&row, today) {
        Some(refusal) => Err(refusal),
        None => Ok(bill(biller, row, today)),
    })
}

/// Why nobody can pay it today.
fn refusal(row: &BillRow, today: NaiveDate) -> Option<BillRefusal> {
    if row.paid_at.is_some() {
        Some(BillRefusal::Paid)
    } else if row.claimed_by.is_some() {
        Some(BillRefusal::Taken)
    } else {
        (today > row.payable_until).then_some(BillRefusal::Expired)
    }
}

fn bill(biller: BillerRow, row: BillRow, today: NaiveDate) -> Bill {
    Bill {
        late: row.late_on(today),
        reference: row.reference,
        agency: biller.agency,
        agency_name: biller.name,
        agency_kana: biller.name_kana,
        kind: biller.kind,
        payer_number: row.payer_number,
        category: row.category,
        content: row.content,
        payer_kana: row.payer_kana,
        amount: row.amount_yen,
        due_on: row.due_on,
        payable_until: row.payable_until,
    }
}

fn claim(
    conn: &mut DbConn,
    bill: &Bill,
    key: &str,
    today: NaiveDate,
) -> Result<Result<(), BillRefusal>, DbError> {
    if faults::is_biller_failing(conn)? {
        return Ok(Err(BillRefusal::Unavailable));
    }
    let biller = simulated_bills::find_biller(conn, &bill.agency)?;
    let trouble = biller.and_then(|biller| biller.trouble);
    if trouble == Some(BillerTrouble::Closed) {
        return Ok(Err(BillRefusal::Closed));
    }
    let place = bill.place();
    if simulated_bills::claim(conn, &place, (bill.amount, bill.late), key, today)? {
        // It is held, but nobody hears the answer.
        let is_lost = trouble == Some(BillerTrouble::Claim);
        return Ok(if is_lost { Err(BillRefusal::Unavailable) } else { Ok(()) });
    }
    let row = simulated_bills::find_at(conn, &place)?;
    let why = row.map(|row| refusal(&row, today).unwrap_or(BillRefusal::Changed));
    Ok(Err(why.unwrap_or(BillRefusal::NotFound)))
}

fn settle(conn: &mut DbConn, place: &BillPlace, key: &str, now: UtcTime) -> Result<Told, DbError> {
    if simulated_bills::settle(conn, place, key, now)? {
        return Ok(Told::Heard);
    }
    let row = simulated_bills::find_at(conn, place)?;
    let is_known =
        row.is_some_and(|row| row.claimed_by.as_deref() == Some(key) && row.paid_at.is_some());
    Ok(if is_known { Told::Heard } else { Told::Denied })
}
