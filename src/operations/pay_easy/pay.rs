//! 払込み (BPE003): a bill is paid at once.
//!
//! Rule: the proof that the auth rules ask for `pay_easy`. Out of an account on which the user may
//! pay bills, never below its floor; counted for the limits of today, under a hold only to a biller
//! paid before. The bill is as it was shown, and nobody else pays it: the biller holds it for this
//! payment before money moves, and hears of it afterwards (see [`crate::domain::bill`]).

use crate::db::queries::{bill_claims, flows, one_time_keys, payments, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::bill::{Bill, BillDraft, BillRefusal};
use crate::domain::flow::Flow;
use crate::domain::ledger::AccountPurpose;
use crate::domain::mail::MailKind;
use crate::domain::payment::{Payment, PaymentKind, PaymentObstacle, PaymentState};
use crate::domain::portal::Fee;
use crate::domain::user::User;
use crate::operations::notice::payment::tell_of_payment;
use crate::operations::one_time_key::RequestKey;
use crate::operations::pay_easy::{counted, find_from, settle};
use crate::operations::payment::count::count_in_tx;
use crate::operations::payment::post::{PaymentEntry, Side, post_payment_in_tx};
use crate::operations::payment::{PaymentAbort, audit_text, basis};
use crate::operations::proof::act::{self, ActProof, Asked, GivenProof};
use crate::operations::proof::once::once_proven;
use crate::operations::receipt;
use crate::operations::step::{Outcome, StepOutcome};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, flow_draft, guard, right};
use crate::primitives::clock::{Clock, jst_day};
use crate::primitives::ids::{AccountId, EntryId, ReceiptId, random_short_id};
use crate::primitives::yen::Yen;

const NAME: &str = "pay_easy";
/// What 摘要 has before the biller.
pub(in crate::operations) const PAID_IN: &str = "払込み";

/// What BPE003 sends.
#[derive(Debug, Clone)]
pub struct PayBill {
    /// The customer.
    pub user: User,
    /// The flow, at its check step, with the draft.
    pub flow: Flow,
    /// The proof.
    pub proof: GivenProof,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayOutcome {
    /// As any step of a flow.
    Step(StepOutcome),
    /// It does not go out; the code is spent.
    Obstacle(PaymentObstacle),
    /// The biller does not let it be paid; the code is spent.
    Bill(BillRefusal),
}

impl From<StepOutcome> for PayOutcome {
    fn from(outcome: StepOutcome) -> PayOutcome {
        PayOutcome::Step(outcome)
    }
}

impl Outcome for PayOutcome {
    fn is_done(&self) -> bool {
        *self == PayOutcome::Step(StepOutcome::Done)
    }
}

/// Pays the bill of the flow's draft.
///
/// Permission: users who may use Pay-easy on the account.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn pay(
    services: &Services,
    ctx: &Ctx,
    input: PayBill,
) -> Result<PayOutcome, OperationError> {
    let wanted: BillDraft = flow_draft::read(&input.flow)?;
    let asked = Asked::of(&input.user, &input.proof);
    let pay = |proof| pay_proven(services, ctx, &input, (wanted, proof));
    once_proven(services, ctx, &input.key, asked, pay).await
}

async fn pay_proven(
    services: &Services,
    ctx: &Ctx,
    input: &PayBill,
    (wanted, proof): (BillDraft, ActProof),
) -> Result<PayOutcome, OperationError> {
    if proof.is_wrong() {
        return refuse(services, ctx, input, proof).await;
    }
    let claim_key = random_short_id()?;
    let (portal, user_id) = (ctx.portal_slug().to_owned(), input.user.id);
    let (key, bill, real_now) = (claim_key.clone(), wanted.bill.clone(), Clock::real_now());
    let ask = move |conn: &mut DbConn| {
        bill_claims::insert(conn, &key, (&portal, user_id), &bill, real_now)
    };
    services.db.claim(ask).await?;
    let held = services.biller.claim(&wanted.bill, &claim_key, ctx.now).await;
    let act = Act {
        ctx: ctx.clone(),
        input: input.clone(),
        wanted,
        proof,
        held,
        claim_key: claim_key.clone(),
    };
    let contract_id = input.user.contract_id;
    let outcome = services.db.write_locked(contract_id, move |conn| act.settle(conn)).await;
    // Whatever the outcome says, the claim's own row tells whether money has moved.
    settle::finish(services, ctx, &claim_key).await;
    Ok(outcome?)
}

/// Writes a wrong code down. The biller is not asked for the bill before the code is right: whoever
/// can only guess would keep it from those who have to pay it.
async fn refuse(
    services: &Services,
    ctx: &Ctx,
    input: &PayBill,
    proof: ActProof,
) -> Result<PayOutcome, OperationError> {
    let (ctx, user) = (ctx.clone(), input.user.clone());
    let contract_id = user.contract_id;
    let settle = move |conn: &mut DbConn| act::settle_in_tx(conn, &ctx, &user, &proof);
    Ok(match services.db.write_locked(contract_id, settle).await? {
        Err(refusal) => StepOutcome::Refused(vec![refusal]).into(),
        Ok(()) => StepOutcome::Stale.into(),
    })
}

/// Everything that the transaction works with.
struct Act {
    ctx: Ctx,
    input: PayBill,
    wanted: BillDraft,
    proof: ActProof,
    held: Result<(), BillRefusal>,
    claim_key: String,
}

impl Act {
    fn settle(&self, conn: &mut DbConn) -> Result<PayOutcome, DbError> {
        let ctx = &self.ctx;
        if let Err(refusal) = act::settle_in_tx(conn, ctx, &self.input.user, &self.proof)? {
            return Ok(StepOutcome::Refused(vec![refusal]).into());
        }
        if let Err(refusal) = self.held {
            self.write_refusal(conn, refusal.as_str())?;
            return Ok(PayOutcome::Bill(refusal));
        }
        match savepoint_act(conn, |conn| self.act(conn)) {
            Ok(()) => Ok(StepOutcome::Done.into()),
            Err(PaymentAbort::Obstacle(obstacle)) => {
                self.write_refusal(conn, obstacle.as_str())?;
                Ok(PayOutcome::Obstacle(obstacle))
            }
            Err(PaymentAbort::Act(ActAbort::Stale)) => Ok(StepOutcome::Stale.into()),
            Err(PaymentAbort::Act(ActAbort::Db(error))) => Err(error),
        }
    }

    fn write_refusal(&self, conn: &mut DbConn, why: &str) -> Result<(), DbError> {
        let object = format!("user {}", self.input.user.id);
        let details = format!("does not go out: {why}");
        audit::write(conn, &self.ctx, NAME, &object, AuditResult::Refused, &details)
    }

    fn act(&self, conn: &mut DbConn) -> Result<(), PaymentAbort> {
        let Act { ctx, input, wanted, .. } = self;
        let user = users::get(conn, input.user.id)?;
        guard(user.stopped_at.is_none())?;
        // What the rules asked for rests on these.
        let asked = (input.user.token_status, input.user.token_id);
        guard((user.token_status, user.token_id) == asked)?;
        let payment = pay_in_tx(conn, ctx, &user, wanted)?;
        guard(bill_claims::set_paid(conn, &self.claim_key, payment.id)?)?;
        guard(flows::finish_draft(conn, &input.flow, payment.receipt_id)?)?;
        guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
        tell_of_payment(conn, ctx, &user, &payment, (MailKind::PayEasyDone, None))?;
        let object = format!("payment {}", payment.id);
        audit::write(conn, ctx, NAME, &object, AuditResult::Done, &audit_text(&payment))?;
        Ok(())
    }
}

/// Counts and posts the payment of a bill, with its receipt: everything but the proof, the form,
/// the claim on the bill and the notice.
///
/// Permission: the caller has the user's proof, and the biller holds the bill.
///
/// # Errors
/// The obstacle, or that something is not as it was shown: roll back then.
pub fn pay_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    wanted: &BillDraft,
) -> Result<Payment, PaymentAbort> {
    guard(user.stopped_at.is_none())?;
    let from = wanted.from.ok_or(ActAbort::Stale)?;
    let rights = right::of_user(conn, ctx, user)?;
    let from = find_from(conn, user, &rights, from)?.ok_or(ActAbort::Stale)?;
    let basis = basis(conn, ctx, user, &rights)?;
    let counted = counted(conn, ctx, user, &wanted.bill)?;
    count_in_tx(conn, user.contract_id, &basis, &counted, true)?;
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, NAME, wanted)?;
    let entry_id = post(conn, ctx, &wanted.bill, from.id, receipt_id)?;
    let new = new_payment(ctx, user, &wanted.bill, (from.id, entry_id), (receipt_id, number));
    Ok(payments::insert(conn, new)?)
}

/// The amount goes into the institution's account for the collection of taxes and charges.
fn post(
    conn: &mut DbConn,
    ctx: &Ctx,
    bill: &Bill,
    from: AccountId,
    receipt_id: ReceiptId,
) -> Result<EntryId, PaymentAbort> {
    let description = format!("{PAID_IN}　{}", bill.agency_kana);
    let entry = PaymentEntry {
        kind: PaymentKind::PayEasy.as_str(),
        key: format!("payment of receipt {receipt_id}"),
        from,
        to: Side::Internal(AccountPurpose::Collection),
        amount: bill.total(),
        fee: Fee { net_yen: 0, tax_yen: 0 },
        credit_description: description.clone(),
        description,
        fee_description: "",
    };
    post_payment_in_tx(conn, ctx, &entry)
}

/// The biller stands where a transfer has its bank, what is paid where it has the branch.
fn new_payment(
    ctx: &Ctx,
    user: &User,
    bill: &Bill,
    (account_id, entry_id): (AccountId, EntryId),
    (receipt_id, receipt_number): (ReceiptId, i32),
) -> payments::NewPayment {
    payments::NewPayment {
        portal: ctx.portal_slug().to_owned(),
        contract_id: user.contract_id,
        user_id: user.id,
        kind: PaymentKind::PayEasy,
        state: PaymentState::Done,
        account_id,
        to_account_id: None,
        bank_code: bill.agency.clone(),
        bank_name: bill.agency_name.clone(),
        branch_code: String::new(),
        branch_name: bill.content.clone(),
        account_type: None,
        number: bill.payer_number.clone(),
        holder_kana: bill.agency_kana.clone(),
        sender_kana: bill.payer_kana.clone(),
        amount_yen: bill.total(),
        net_yen: Yen(0),
        tax_yen: Yen(0),
        execute_on: jst_day(ctx.now),
        receipt_number,
        receipt_id,
        entry_id: Some(entry_id),
        requested_at: ctx.now,
        ended_at: Some(ctx.now),
    }
}
