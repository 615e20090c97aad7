//! 振込・振替 (BTR004): a transfer is made at once, or reserved for a later day.
//!
//! Rule: the proof that the auth rules ask for `transfer`. Out of an account on which the user may
//! transfer, never below its floor; counted for the limits of its day, under a hold only to whom
//! was paid before. What the check page showed (fee, day, payee) must still hold. A transfer like
//! one of the last minutes goes out only if the customer said that it is meant.

use crate::db::queries::{accounts, flows, one_time_keys, payees, payments, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::Flow;
use crate::domain::mail::MailKind;
use crate::domain::payment::{Payment, PaymentObstacle, PaymentState};
use crate::domain::right::Rights;
use crate::domain::transfer::{DayRules, PayeeChoice, TransferDraft, TransferOrder};
use crate::domain::user::User;
use crate::operations::notice::payment::tell_of_payment;
use crate::operations::one_time_key::RequestKey;
use crate::operations::payment::count::count_in_tx;
use crate::operations::payment::{PaymentAbort, audit_text, basis};
use crate::operations::proof::act::{self, ActProof, Asked, GivenProof};
use crate::operations::proof::once::once_proven;
use crate::operations::proof::signed::SignedAct;
use crate::operations::receipt;
use crate::operations::step::{Outcome, StepOutcome};
use crate::operations::transfer::post::post_transfer_in_tx;
use crate::operations::transfer::{counted, find_alike, find_from, note_paid};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, flow_draft, guard, right};
use crate::primitives::ids::ReceiptId;
use crate::primitives::yen::Yen;

const NAME: &str = "transfer";

/// What BTR004 sends.
#[derive(Debug, Clone)]
pub struct MakeTransfer {
    /// The customer.
    pub user: User,
    /// The flow, at its check step, with the draft.
    pub flow: Flow,
    /// The proof.
    pub proof: GivenProof,
    /// What its code was signed for, where the rules ask for a signed one.
    pub signed: Option<SignedAct>,
    /// Whether the customer said that a transfer like one of the last minutes is meant.
    pub is_repeat_meant: bool,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferOutcome {
    /// As any step of a flow.
    Step(StepOutcome),
    /// It does not go out; the code is spent.
    Obstacle(PaymentObstacle),
}

impl From<StepOutcome> for TransferOutcome {
    fn from(outcome: StepOutcome) -> TransferOutcome {
        TransferOutcome::Step(outcome)
    }
}

impl Outcome for TransferOutcome {
    fn is_done(&self) -> bool {
        *self == TransferOutcome::Step(StepOutcome::Done)
    }
}

/// Makes the transfer of the flow's draft.
///
/// Permission: users who may use transfers on the account.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn make(
    services: &Services,
    ctx: &Ctx,
    input: MakeTransfer,
) -> Result<TransferOutcome, OperationError> {
    let wanted: TransferDraft = flow_draft::read(&input.flow)?;
    let (user, given, signed) = (&input.user, &input.proof, input.signed.as_ref());
    let asked = Asked { user, given, signed };
    let make = |proof| make_proven(services, ctx, &input, (wanted, proof));
    once_proven(services, ctx, &input.key, asked, make).await
}

async fn make_proven(
    services: &Services,
    ctx: &Ctx,
    input: &MakeTransfer,
    (wanted, proof): (TransferDraft, ActProof),
) -> Result<TransferOutcome, OperationError> {
    let contract_id = input.user.contract_id;
    let (ctx, input) = (ctx.clone(), input.clone());
    let act = move |conn: &mut DbConn| settle_act(conn, &ctx, &input, &wanted, &proof);
    Ok(services.db.write_locked(contract_id, act).await?)
}

fn settle_act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MakeTransfer,
    wanted: &TransferDraft,
    proof: &ActProof,
) -> Result<TransferOutcome, DbError> {
    if let Err(refusal) = act::settle_in_tx(conn, ctx, &input.user, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]).into());
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, wanted)) {
        Ok(()) => Ok(StepOutcome::Done.into()),
        Err(PaymentAbort::Obstacle(obstacle)) => {
            let object = format!("user {}", input.user.id);
            let details = format!("does not go out: {obstacle}");
            audit::write(conn, ctx, NAME, &object, AuditResult::Refused, &details)?;
            Ok(TransferOutcome::Obstacle(obstacle))
        }
        Err(PaymentAbort::Act(ActAbort::Stale)) => Ok(StepOutcome::Stale.into()),
        Err(PaymentAbort::Act(ActAbort::Db(error))) => Err(error),
    }
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MakeTransfer,
    wanted: &TransferDraft,
) -> Result<(), PaymentAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    // What the rules asked for rests on these.
    guard((user.token_status, user.token_id) == (input.user.token_status, input.user.token_id))?;
    if !input.is_repeat_meant {
        let order = wanted.order.as_ref().ok_or(ActAbort::Stale)?;
        guard(find_alike(conn, ctx, &user, wanted, order)?.is_none())?;
    }
    let payment = make_in_tx(conn, ctx, &user, wanted)?;
    finish(conn, ctx, input, &user, &payment)?;
    Ok(())
}

/// Makes the transfer, or reserves it, with its receipt: everything but the proof, the form and the
/// notice.
///
/// Permission: the caller has the user's proof.
///
/// # Errors
/// The obstacle, or that something is not as it was shown: roll back then.
pub fn make_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    wanted: &TransferDraft,
) -> Result<Payment, PaymentAbort> {
    guard(user.stopped_at.is_none())?;
    let order = wanted.order.as_ref().ok_or(ActAbort::Stale)?;
    let rights = right::of_user(conn, ctx, user)?;
    check_as_shown(conn, ctx, user, &rights, (wanted, order))?;
    let is_at_once = order.is_at_once;
    if let Some(counted) = counted(conn, user, wanted, order)? {
        let basis = basis(conn, ctx, user, &rights)?;
        count_in_tx(conn, user.contract_id, &basis, &counted, is_at_once)?;
    }
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, NAME, wanted)?;
    let mut new = new_payment(ctx, user, (wanted, order), (receipt_id, number));
    if is_at_once {
        new.entry_id = Some(post_transfer_in_tx(conn, ctx, (&new).into())?);
        new.state = PaymentState::Done;
        new.ended_at = Some(ctx.now);
    }
    let payment = payments::insert(conn, new)?;
    if is_at_once {
        note_paid(conn, ctx, &payment)?;
    }
    Ok(payment)
}

/// The account is the user's, the payee is there, the day and the fee are those that were shown.
fn check_as_shown(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    rights: &Rights,
    (wanted, order): (&TransferDraft, &TransferOrder),
) -> Result<(), PaymentAbort> {
    let from = find_from(conn, user, rights, wanted.from)?.ok_or(ActAbort::Stale)?;
    let is_own_institution = wanted.to.is_own_institution(&ctx.profile);
    guard(is_own_institution == wanted.to_account.is_some())?;
    if let Some(id) = wanted.to_account {
        let to = accounts::get(conn, id)?;
        if to.closed_at.is_some() {
            return Err(PaymentAbort::Obstacle(PaymentObstacle::PayeeClosed));
        }
        let shown = &wanted.to;
        let is_shown = (&to.branch_code, &to.number) == (&shown.branch_code, &shown.number)
            && Some(to.account_type) == shown.account_type.own();
        let is_own = to.contract_id == Some(user.contract_id);
        guard(to.id != from.id && is_shown && is_own == wanted.is_own_contract)?;
    }
    if let PayeeChoice::Own(id) = wanted.choice {
        guard(wanted.to_account == Some(id) && find_from(conn, user, rights, id)?.is_some())?;
    }
    check_payee(conn, ctx, user, wanted)?;
    let days = DayRules::at(&ctx.profile, !is_own_institution, ctx.now);
    guard(days.check(order.execute_on).is_ok())?;
    // Whoever was told that it can still be taken back is not debited at once, at midnight.
    guard(days.is_at_once(order.execute_on) == order.is_at_once)?;
    let fee = wanted.fee(&ctx.profile, &from, order.amount, order.execute_on);
    guard((fee.net_yen, fee.tax_yen) == (order.fee_yen, order.tax_yen))?;
    Ok(())
}

/// A registered payee is still what was chosen; where the proof was a lesser one because the payee
/// was registered beforehand, it still is.
fn check_payee(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    wanted: &TransferDraft,
) -> Result<(), PaymentAbort> {
    let PayeeChoice::Registered(id) = wanted.choice else {
        guard(!wanted.is_registered)?;
        return Ok(());
    };
    let payee = payees::find(conn, user.contract_id, id)?.ok_or(ActAbort::Stale)?;
    guard(payee.destination() == wanted.to)?;
    guard(!wanted.is_registered || payee.is_registered_beforehand(&ctx.profile))?;
    Ok(())
}

/// The payment as a reservation.
fn new_payment(
    ctx: &Ctx,
    user: &User,
    (wanted, order): (&TransferDraft, &TransferOrder),
    (receipt_id, receipt_number): (ReceiptId, i32),
) -> payments::NewPayment {
    let to = wanted.to.clone();
    payments::NewPayment {
        portal: ctx.portal_slug().to_owned(),
        contract_id: user.contract_id,
        user_id: user.id,
        kind: wanted.kind(),
        state: PaymentState::Reserved,
        account_id: wanted.from,
        to_account_id: wanted.to_account,
        bank_code: to.bank_code,
        bank_name: to.bank_name,
        branch_code: to.branch_code,
        branch_name: to.branch_name,
        account_type: Some(to.account_type),
        number: to.number,
        holder_kana: to.holder_kana,
        sender_kana: order.sender_kana.clone(),
        amount_yen: order.amount,
        net_yen: Yen(order.fee_yen),
        tax_yen: Yen(order.tax_yen),
        execute_on: order.execute_on,
        receipt_number,
        receipt_id,
        entry_id: None,
        requested_at: ctx.now,
        ended_at: None,
    }
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MakeTransfer,
    user: &User,
    payment: &Payment,
) -> Result<(), ActAbort> {
    guard(flows::finish_draft(conn, &input.flow, payment.receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    let kind = match payment.state {
        PaymentState::Done => MailKind::TransferDone,
        _ => MailKind::TransferReserved,
    };
    tell_of_payment(conn, ctx, user, payment, (kind, None))?;
    let object = format!("payment {}", payment.id);
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, &audit_text(payment))?;
    Ok(())
}
