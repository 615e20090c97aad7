//! Reservations whose day has come: run in the order of their receipt, each in a transaction of its
//! own and once, whoever else runs them too.
//!
//! Rule: at the profile's hour of their day (09:00); where nobody ran them then, later, and between
//! banks only while banks settle. Who confirmed it must still be allowed to pay from the account.
//! Limits are asked again as they hold then, on the day on which it goes out. A hold looks at what
//! is asked for while it lasts, so a reservation made before runs; but not one to a payee never
//! paid before that was made within the length of a hold before it began, because whoever takes an
//! account over may reserve first. What cannot go out becomes エラー with its reason, nothing is
//! posted, and the customer hears of it.

use chrono::{NaiveDate, TimeDelta};

use crate::db::queries::{payments, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::payee::Destination;
use crate::domain::payment::{
    Counted, HoldBasis, LimitBasis, Payment, PaymentObstacle, PaymentState,
};
use crate::domain::right::UserRight;
use crate::domain::transfer::DayRules;
use crate::domain::user::User;
use crate::operations::notice::payment::tell_of_payment;
use crate::operations::payment::{PaymentAbort, basis, count};
use crate::operations::transfer::note_paid;
use crate::operations::transfer::post::post_transfer_in_tx;
use crate::operations::{ActAbort, Ctx, Services, audit, guard, right};
use crate::primitives::clock::{jst_day, to_jst};
use crate::primitives::ids::PaymentId;

const NAME: &str = "payment.run";
/// Reservations read at once; each runs in a transaction of its own.
const BATCH: i64 = 200;

/// A place in the order of receipt.
pub type Place = (NaiveDate, PaymentId);

/// What one batch came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunBatch {
    /// Reservations that went out.
    pub done: usize,
    /// Reservations that could not.
    pub failed: usize,
    /// Reservations that the database could not work on; they are tried again.
    pub broken: usize,
    /// After which one the next batch begins; none if this was the last.
    pub next: Option<Place>,
}

/// How one reservation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Done,
    Failed,
    /// Somebody else ran it, or it was taken back.
    NotWaiting,
    /// Banks do not settle now; it goes out when they do.
    NotYet,
}

/// The last day whose reservations run at this time: today from the profile's hour on.
#[must_use]
pub fn due_until(ctx: &Ctx) -> NaiveDate {
    let jst = to_jst(ctx.now);
    let is_open = jst.time() >= ctx.profile.transfers.reservations_at.0;
    let today = jst.date();
    if is_open { today } else { today.pred_opt().unwrap_or(today) }
}

/// Whether anything waits that is due.
///
/// # Errors
/// Whatever the database says.
pub fn has_due(conn: &mut DbConn, ctx: &Ctx) -> Result<bool, DbError> {
    Ok(!payments::list_due(conn, ctx.portal_slug(), due_until(ctx), None, 1)?.is_empty())
}

/// Runs the due reservations of the portal, one batch in the order of receipt from `after` on.
/// Stops early where `goes_on` says no, between two of them.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn run_batch(
    services: &Services,
    ctx: &Ctx,
    after: Option<Place>,
    goes_on: &dyn Fn() -> bool,
) -> Result<RunBatch, DbError> {
    let (slug, until) = (ctx.portal_slug().to_owned(), due_until(ctx));
    let due =
        services.db.read_blocking(|conn| payments::list_due(conn, &slug, until, after, BATCH))?;
    let mut batch = RunBatch::default();
    for payment in &due {
        if !goes_on() {
            return Ok(batch);
        }
        let (ctx, id) = (ctx.clone(), payment.id);
        let run = move |conn: &mut DbConn| run_in_tx(conn, &ctx, id);
        match services.db.write_locked_blocking(payment.contract_id, run) {
            Ok(Ran::Done) => batch.done += 1,
            Ok(Ran::Failed) => batch.failed += 1,
            Ok(Ran::NotWaiting | Ran::NotYet) => {}
            Err(error) if error.is_transient() => return Err(error),
            // One that is broken does not keep the others from going out.
            Err(error) => {
                batch.broken += 1;
                tracing::error!(payment = %id, %error, "a reservation cannot be run");
            }
        }
    }
    let is_full = i64::try_from(due.len()) == Ok(BATCH);
    batch.next = due.last().filter(|_| is_full).map(|last| (last.execute_on, last.id));
    Ok(batch)
}

fn run_in_tx(conn: &mut DbConn, ctx: &Ctx, id: PaymentId) -> Result<Ran, DbError> {
    let payment = payments::get(conn, id)?;
    if payment.state != PaymentState::Reserved {
        return Ok(Ran::NotWaiting);
    }
    let is_between_banks = payment.to_account_id.is_none();
    if DayRules::at(&ctx.profile, is_between_banks, ctx.now).first != jst_day(ctx.now) {
        return Ok(Ran::NotYet);
    }
    let user = users::get(conn, payment.user_id)?;
    match savepoint_act(conn, |conn| execute(conn, ctx, &payment, &user)) {
        Ok(()) => Ok(Ran::Done),
        Err(PaymentAbort::Obstacle(obstacle)) => fail(conn, ctx, &payment, &user, obstacle),
        Err(PaymentAbort::Act(ActAbort::Stale)) => Ok(Ran::NotWaiting),
        Err(PaymentAbort::Act(ActAbort::Db(error))) => Err(error),
    }
}

fn execute(
    conn: &mut DbConn,
    ctx: &Ctx,
    payment: &Payment,
    user: &User,
) -> Result<(), PaymentAbort> {
    if user.stopped_at.is_some() {
        return Err(PaymentAbort::Obstacle(PaymentObstacle::Stopped));
    }
    let today = jst_day(ctx.now);
    let rights = right::of_user(conn, ctx, user)?;
    let is_gone = user.deleted_at.is_some() || user.paused_at.is_some();
    if is_gone || !rights.allows_on(UserRight::Transfer, payment.account_id) {
        return Err(PaymentAbort::Obstacle(PaymentObstacle::NotAllowed));
    }
    if let Some(service) = payment.kind.limit_service() {
        let basis = basis(conn, ctx, user, &rights)?;
        check_hold(conn, ctx, payment, basis.hold)?;
        let basis = LimitBasis { hold: None, ..basis };
        let amount = payment.amount_yen;
        let counted = Counted { service, amount, on_day: today, is_payee_known: true };
        if payment.execute_on == today {
            count::execute_in_tx(conn, payment.contract_id, &basis, &counted)?;
        } else {
            // Its day is over: it goes out today, and so it counts for today.
            let user_id = ctx.profile.is_corporate().then_some(user.id);
            count::give_back_in_tx(conn, payment, user_id)?;
            count::count_in_tx(conn, payment.contract_id, &basis, &counted, true)?;
        }
    }
    // Whoever reads of it reads the day on which it went out.
    let payment = &Payment { execute_on: today, ..payment.clone() };
    let entry_id = post_transfer_in_tx(conn, ctx, payment.into())?;
    guard(payments::set_done(conn, payment.id, entry_id, (today, ctx.now))?)?;
    note_paid(conn, ctx, payment)?;
    finish(conn, ctx, payment, user, (MailKind::ReservationDone, None))?;
    Ok(())
}

/// A hold that began soon after the reservation of a payment to somebody never paid before.
fn check_hold(
    conn: &mut DbConn,
    ctx: &Ctx,
    payment: &Payment,
    hold: Option<HoldBasis>,
) -> Result<(), PaymentAbort> {
    let Some(hold) = hold else { return Ok(()) };
    let length = TimeDelta::hours(i64::from(ctx.profile.hold.hours));
    let is_old = payment.requested_at < hold.from - length;
    let Some(to) = Destination::of_payment(payment).filter(|_| !is_old) else { return Ok(()) };
    if payments::is_payee_known(conn, payment.contract_id, &to)? {
        return Ok(());
    }
    Err(PaymentAbort::Obstacle(PaymentObstacle::HoldPayee))
}

fn fail(
    conn: &mut DbConn,
    ctx: &Ctx,
    payment: &Payment,
    user: &User,
    obstacle: PaymentObstacle,
) -> Result<Ran, DbError> {
    if !payments::set_failed(conn, payment.id, obstacle, ctx.now)? {
        return Ok(Ran::NotWaiting);
    }
    let user_id = ctx.profile.is_corporate().then_some(user.id);
    count::give_back_in_tx(conn, payment, user_id)?;
    finish(conn, ctx, payment, user, (MailKind::ReservationFailed, Some(obstacle)))?;
    Ok(Ran::Failed)
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    payment: &Payment,
    user: &User,
    (kind, obstacle): (MailKind, Option<PaymentObstacle>),
) -> Result<(), DbError> {
    tell_of_payment(conn, ctx, user, payment, (kind, obstacle))?;
    let result = if obstacle.is_some() { AuditResult::Refused } else { AuditResult::Done };
    let details = match obstacle {
        Some(obstacle) => format!("{obstacle}: {}", super::audit_text(payment)),
        None => super::audit_text(payment),
    };
    audit::write(conn, ctx, NAME, &format!("payment {}", payment.id), result, &details)
}
