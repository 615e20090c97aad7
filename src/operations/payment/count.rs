//! Counting a payment for the limits of its day.
//!
//! Each sum is changed by one UPDATE whose WHERE is the limit, so that of any number of payments at
//! once no more go out than the limit lets. A reservation is counted when it is made, and asked
//! again when it runs: what has gone out that day, with it, must be within what holds then.

use chrono::NaiveDate;

use crate::db::queries::payment_totals::{self, TotalKey};
use crate::db::{DbConn, DbError};
use crate::domain::limit::LimitService;
use crate::domain::payment::{
    Ceiling, Counted, LimitBasis, Payment, PaymentObstacle, TotalService, ceilings,
};
use crate::operations::payment::PaymentAbort;
use crate::primitives::ids::{ContractId, UserId};
use crate::primitives::yen::Yen;

fn key(contract_id: ContractId, counted: &Counted, ceiling: &Ceiling) -> TotalKey {
    TotalKey {
        contract_id,
        on_day: counted.on_day,
        user_id: ceiling.user_id,
        service: ceiling.service,
    }
}

/// Counts a payment in the caller's transaction; `is_done` where it goes out at once.
///
/// # Errors
/// The obstacle: roll back then, because some sums may have been changed before.
pub fn count_in_tx(
    conn: &mut DbConn,
    contract_id: ContractId,
    basis: &LimitBasis,
    counted: &Counted,
    is_done: bool,
) -> Result<(), PaymentAbort> {
    for ceiling in ceilings(basis, counted).map_err(PaymentAbort::Obstacle)? {
        let key = key(contract_id, counted, &ceiling);
        if !payment_totals::count(conn, key, counted.amount, is_done, ceiling.most)? {
            return Err(PaymentAbort::Obstacle(ceiling.obstacle));
        }
    }
    Ok(())
}

/// What would keep a payment from being counted now, and how much could still go out that day.
///
/// # Errors
/// Whatever the database says.
pub fn foresee(
    conn: &mut DbConn,
    contract_id: ContractId,
    basis: &LimitBasis,
    counted: &Counted,
) -> Result<Result<Option<Yen>, PaymentObstacle>, DbError> {
    let all = match ceilings(basis, counted) {
        Ok(all) => all,
        Err(obstacle) => return Ok(Err(obstacle)),
    };
    let mut least = None;
    for ceiling in all {
        let Some(most) = ceiling.most else { continue };
        let (sent, _) = payment_totals::find(conn, key(contract_id, counted, &ceiling))?;
        let left = Yen(most.0.saturating_sub(sent.0).max(0));
        if counted.amount > left {
            return Ok(Err(ceiling.obstacle));
        }
        least = Some(least.map_or(left, |least: Yen| least.min(left)));
    }
    Ok(Ok(least))
}

/// A reservation that was counted goes out.
///
/// # Errors
/// The obstacle: roll back then.
pub fn execute_in_tx(
    conn: &mut DbConn,
    contract_id: ContractId,
    basis: &LimitBasis,
    counted: &Counted,
) -> Result<(), PaymentAbort> {
    for ceiling in ceilings(basis, counted).map_err(PaymentAbort::Obstacle)? {
        let key = key(contract_id, counted, &ceiling);
        if !payment_totals::execute(conn, key, counted.amount, ceiling.most)? {
            return Err(PaymentAbort::Obstacle(ceiling.obstacle));
        }
    }
    Ok(())
}

/// A reservation that was counted does not go out.
///
/// # Errors
/// Whatever the database says.
pub fn give_back_in_tx(
    conn: &mut DbConn,
    payment: &Payment,
    user_id: Option<UserId>,
) -> Result<(), DbError> {
    let Some(service) = payment.kind.limit_service() else { return Ok(()) };
    let counted = (service, payment.execute_on, payment.amount_yen);
    give_back_of(conn, payment.contract_id, counted, user_id)
}

/// What was counted for this service and day does not go out.
///
/// # Errors
/// Whatever the database says.
pub fn give_back_of(
    conn: &mut DbConn,
    contract_id: ContractId,
    (service, on_day, amount): (LimitService, NaiveDate, Yen),
    user_id: Option<UserId>,
) -> Result<(), DbError> {
    let mut sums = vec![(service.into(), None), (TotalService::All, user_id)];
    if let Some(user_id) = user_id {
        sums.extend([(service.into(), Some(user_id)), (TotalService::All, None)]);
    }
    for (service, user_id) in sums {
        let key = TotalKey { contract_id, on_day, user_id, service };
        payment_totals::give_back(conn, key, amount)?;
    }
    Ok(())
}
