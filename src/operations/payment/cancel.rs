//! 予約取消 (BTR031): a reservation is taken back.
//!
//! Rule: the proof that the auth rules ask for `transfer.cancel_reservation`; until 23:59 of the
//! day before its day. What it counted for the limits of that day is free again.

use crate::db::queries::{flows, one_time_keys, payments, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::Flow;
use crate::domain::mail::MailKind;
use crate::domain::payment::Payment;
use crate::domain::right::UserRight;
use crate::domain::user::User;
use crate::operations::notice::payment::tell_of_payment;
use crate::operations::one_time_key::RequestKey;
use crate::operations::payment::{audit_text, count};
use crate::operations::proof::act::{self, ActProof, Asked, GivenProof};
use crate::operations::proof::once::once_proven;
use crate::operations::receipt;
use crate::operations::step::StepOutcome;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, right};
use crate::primitives::clock::jst_day;
use crate::primitives::ids::PaymentId;

const NAME: &str = "transfer.cancel_reservation";

/// What BTR031 sends.
#[derive(Debug, Clone)]
pub struct CancelReservation {
    /// The customer.
    pub user: User,
    /// The flow, at its check step.
    pub flow: Flow,
    /// The reservation.
    pub payment_id: PaymentId,
    /// The proof.
    pub proof: GivenProof,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// Takes a reservation back.
///
/// Permission: users of the contract who may use transfers on the account.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn cancel(
    services: &Services,
    ctx: &Ctx,
    input: CancelReservation,
) -> Result<StepOutcome, OperationError> {
    let asked = Asked::of(&input.user, &input.proof);
    let cancel = |proof| cancel_proven(services, ctx, &input, proof);
    once_proven(services, ctx, &input.key, asked, cancel).await
}

async fn cancel_proven(
    services: &Services,
    ctx: &Ctx,
    input: &CancelReservation,
    proof: ActProof,
) -> Result<StepOutcome, OperationError> {
    let (ctx, input) = (ctx.clone(), input.clone());
    let contract_id = input.user.contract_id;
    let act = move |conn: &mut DbConn| settle_act(conn, &ctx, &input, &proof);
    Ok(services.db.write_locked(contract_id, act).await?)
}

fn settle_act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &CancelReservation,
    proof: &ActProof,
) -> Result<StepOutcome, DbError> {
    if let Err(refusal) = act::settle_in_tx(conn, ctx, &input.user, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]));
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input)) {
        Ok(()) => Ok(StepOutcome::Done),
        Err(ActAbort::Stale) => Ok(StepOutcome::Stale),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

/// Takes a reservation back: everything but the proof, the form and the notice.
///
/// Permission: the caller has the user's proof.
///
/// # Errors
/// [`ActAbort::Stale`] where it is not the user's, or too late: roll back then.
pub fn cancel_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    payment_id: PaymentId,
) -> Result<Payment, ActAbort> {
    guard(user.stopped_at.is_none())?;
    let found = payments::find_of_contract(conn, user.contract_id, payment_id)?;
    let payment = found.ok_or(ActAbort::Stale)?;
    let rights = right::of_user(conn, ctx, user)?;
    guard(rights.allows_on(UserRight::Transfer, payment.account_id))?;
    guard(payments::cancel(conn, payment.id, jst_day(ctx.now), ctx.now)?)?;
    // Whoever made it had it counted.
    let owner = ctx.profile.is_corporate().then_some(payment.user_id);
    count::give_back_in_tx(conn, &payment, owner)?;
    Ok(payment)
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &CancelReservation) -> Result<(), ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    guard((user.token_status, user.token_id) == (input.user.token_status, input.user.token_id))?;
    let payment = cancel_in_tx(conn, ctx, &user, input.payment_id)?;
    let (receipt_id, _) = receipt::write_in_tx(conn, ctx, user.id, NAME, &payment.id)?;
    guard(flows::finish_draft(conn, &input.flow, receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    tell_of_payment(conn, ctx, &user, &payment, (MailKind::ReservationCancelled, None))?;
    let object = format!("payment {}", payment.id);
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, &audit_text(&payment))?;
    Ok(())
}
