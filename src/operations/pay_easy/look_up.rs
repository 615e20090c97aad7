//! 払込情報の照会 (BPE001): the bill with the numbers of a slip.
//!
//! Rule: a wrong 確認番号 and a bill that is not there read alike. Whoever guesses would learn of
//! other people's bills, so failures are counted on a day of Japan before the biller is asked, by
//! user ([`USER_FAILURES_MAX`]) and by number ([`BILL_FAILURES_MAX`], however many users try); a
//! bill that is found gives its try back. Beyond either, the answer is the same.

use crate::db::DbConn;
use crate::db::queries::bill_tries;
use crate::domain::audit::AuditResult;
use crate::domain::bill::{BILL_FAILURES_MAX, Bill, BillNumbers, BillRefusal, USER_FAILURES_MAX};
use crate::domain::user::User;
use crate::operations::payment::short_number;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::clock::jst_day;

const NAME: &str = "bill.look_up";

/// What a look-up came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUpOutcome {
    /// The bill.
    Found(Box<Bill>),
    /// Why there is none to be paid.
    Refused(BillRefusal),
    /// Too many wrong numbers today: nothing was looked up.
    TooMany,
}

/// Looks a bill up. Every look-up is a line of the audit log.
///
/// Permission: the caller's; it asks only for somebody who may pay bills.
///
/// # Errors
/// Database trouble.
pub async fn look_up(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    numbers: &BillNumbers,
) -> Result<LookUpOutcome, OperationError> {
    let slots = Slots::of(services, user, numbers);
    let object = format!("bill {} {}", numbers.agency, short_number(&numbers.payer_number));
    let day = jst_day(ctx.now);
    let (claim_ctx, claim_slots, claim_object) = (ctx.clone(), slots.clone(), object.clone());
    let claimed = services
        .db
        .claim(move |conn| {
            let is_claimed = claim_slots.claim(conn, day)?;
            if !is_claimed {
                let (refused, why) = (AuditResult::Refused, "too many wrong numbers");
                audit::write(conn, &claim_ctx, NAME, &claim_object, refused, why)?;
            }
            Ok::<_, crate::db::DbError>(is_claimed)
        })
        .await?;
    if !claimed {
        return Ok(LookUpOutcome::TooMany);
    }
    let answer = services.biller.look_up(numbers, ctx.now).await;
    let told = answer.as_ref().map_or_else(|why| why.as_str(), |_| "found").to_owned();
    let result = if answer.is_ok() { AuditResult::Done } else { AuditResult::Refused };
    let is_failure = answer == Err(BillRefusal::NotFound);
    let ctx = ctx.clone();
    let settle = move |conn: &mut DbConn| {
        if !is_failure {
            slots.give_back(conn, day)?;
        }
        audit::write(conn, &ctx, NAME, &object, result, &told)
    };
    services.db.claim(settle).await?;
    Ok(match answer {
        Ok(bill) => LookUpOutcome::Found(Box::new(bill)),
        Err(refusal) => LookUpOutcome::Refused(refusal),
    })
}

/// Where failures are counted.
#[derive(Debug, Clone)]
struct Slots {
    user: String,
    bill: String,
}

impl Slots {
    fn of(services: &Services, user: &User, numbers: &BillNumbers) -> Slots {
        let number = format!("{} {}", numbers.agency, numbers.payer_number);
        let digest = services.keys.digest("tries at a bill", &number);
        Slots { user: format!("user {}", user.id), bill: format!("bill {digest}") }
    }

    fn claim(&self, conn: &mut DbConn, day: chrono::NaiveDate) -> Result<bool, crate::db::DbError> {
        if !bill_tries::claim(conn, &self.user, day, USER_FAILURES_MAX)? {
            return Ok(false);
        }
        if bill_tries::claim(conn, &self.bill, day, BILL_FAILURES_MAX)? {
            return Ok(true);
        }
        bill_tries::give_back(conn, &self.user, day)?;
        Ok(false)
    }

    fn give_back(
        &self,
        conn: &mut DbConn,
        day: chrono::NaiveDate,
    ) -> Result<(), crate::db::DbError> {
        bill_tries::give_back(conn, &self.user, day)?;
        bill_tries::give_back(conn, &self.bill, day)
    }
}
