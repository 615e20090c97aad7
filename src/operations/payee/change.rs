//! 振込先の登録・変更・削除 (BTR021, BTR022).
//!
//! Rule: the proof that the auth rules ask for `payee.change`. An account stands once among a
//! contract's payees, which has so many at most; what was shown when it was to be changed or
//! deleted must still hold. Another account is a new payee, to which nothing was paid yet; where
//! the profile wants a form for registered payees, it waits for that.

use crate::db::queries::payees::{self, NewPayee, PayeeUpdate};
use crate::db::queries::{flows, one_time_keys, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::Flow;
use crate::domain::payee::{
    Destination, PAYEES_MAX, Payee, PayeeAct, PayeeDraft, PayeeReceipt, PayeeState,
};
use crate::domain::user::User;
use crate::operations::notice::payee::enqueue_payee;
use crate::operations::one_time_key::RequestKey;
use crate::operations::payee::{draft, may_use};
use crate::operations::payment::short_number;
use crate::operations::proof::act::{self, ActProof, Asked, GivenProof};
use crate::operations::proof::once::once_proven;
use crate::operations::receipt;
use crate::operations::step::StepOutcome;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::ids::PayeeId;

const NAME: &str = "payee.change";

/// What the check page sends.
#[derive(Debug, Clone)]
pub struct ChangePayee {
    /// The user.
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

/// Does what the flow's draft says.
///
/// Permission: the user of the flow, if they may make transfers.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn change(
    services: &Services,
    ctx: &Ctx,
    input: ChangePayee,
) -> Result<StepOutcome, OperationError> {
    let wanted = draft::read(&input.flow)?;
    let asked = Asked::of(&input.user, &input.proof);
    let change = |proof| change_proven(services, ctx, &input, (wanted, proof));
    once_proven(services, ctx, &input.key, asked, change).await
}

async fn change_proven(
    services: &Services,
    ctx: &Ctx,
    input: &ChangePayee,
    (wanted, proof): (PayeeDraft, ActProof),
) -> Result<StepOutcome, OperationError> {
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome =
        services.db.write(move |conn| settle_act(conn, &ctx, &input, &wanted, &proof)).await?;
    Ok(outcome)
}

fn settle_act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &ChangePayee,
    wanted: &PayeeDraft,
    proof: &ActProof,
) -> Result<StepOutcome, DbError> {
    if let Err(refusal) = act::settle_in_tx(conn, ctx, &input.user, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]));
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, wanted)) {
        Ok(()) => Ok(StepOutcome::Done),
        Err(ActAbort::Stale) => Ok(StepOutcome::Stale),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &ChangePayee,
    wanted: &PayeeDraft,
) -> Result<(), ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    // What the rules asked for rests on these.
    let seen = (input.user.token_status, input.user.token_id);
    guard((user.token_status, user.token_id) == seen)?;
    guard(may_use(conn, ctx, &user)?)?;
    let (state, object) = match (wanted.act, wanted.payee) {
        (PayeeAct::Register, _) => register(conn, ctx, &user, wanted)?,
        (PayeeAct::Change, Some(of)) => update(conn, ctx, &user, wanted, of)?,
        (PayeeAct::Delete, Some((id, version))) => {
            let before = find(conn, &user, id)?;
            guard(payees::delete(conn, user.contract_id, (id, version), ctx.now)?)?;
            (before.state, format!("payee {id}"))
        }
        (PayeeAct::Change | PayeeAct::Delete, None) => return Err(ActAbort::Stale),
    };
    let details = PayeeReceipt {
        act: wanted.act,
        destination: wanted.destination.clone(),
        nickname: wanted.nickname.clone(),
        state,
    };
    finish(conn, ctx, input, &user, (&details, &object))
}

fn find(conn: &mut DbConn, user: &User, id: PayeeId) -> Result<Payee, ActAbort> {
    payees::find(conn, user.contract_id, id)?.ok_or(ActAbort::Stale)
}

fn register(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    wanted: &PayeeDraft,
) -> Result<(PayeeState, String), ActAbort> {
    guard(payees::count(conn, user.contract_id)? < PAYEES_MAX)?;
    let to = wanted.destination.clone();
    let account = to.account();
    let new = NewPayee {
        portal: ctx.portal_slug().to_owned(),
        contract_id: user.contract_id,
        user_id: user.id,
        bank_code: to.bank_code,
        bank_name: to.bank_name,
        branch_code: to.branch_code,
        branch_name: to.branch_name,
        account_type: to.account_type,
        number: to.number,
        holder_kana: to.holder_kana,
        nickname: wanted.nickname.clone(),
        state: PayeeState::first(&ctx.profile),
        registered_at: ctx.now,
        last_paid_at: None,
    };
    guard(payees::insert(conn, &new)?)?;
    let made = payees::find_by_account(conn, user.contract_id, &account)?;
    let id = made.map(|payee| payee.id).ok_or(ActAbort::Stale)?;
    Ok((new.state, format!("payee {id}")))
}

fn update(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    wanted: &PayeeDraft,
    (id, version): (PayeeId, i64),
) -> Result<(PayeeState, String), ActAbort> {
    let before = find(conn, user, id)?;
    let is_other_account = before.destination().account() != wanted.destination.account();
    // What staff approved was this account under this name.
    let is_same = before.destination() == wanted.destination;
    let state = if is_same { before.state } else { PayeeState::first(&ctx.profile) };
    let to = PayeeUpdate {
        destination: &wanted.destination,
        nickname: &wanted.nickname,
        user_id: user.id,
        state,
        is_other_account,
    };
    guard(payees::update(conn, user.contract_id, (id, version), to)?)?;
    Ok((state, format!("payee {id}")))
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &ChangePayee,
    user: &User,
    (details, object): (&PayeeReceipt, &str),
) -> Result<(), ActAbort> {
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, NAME, details)?;
    guard(flows::finish_draft(conn, &input.flow, receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    enqueue_payee(conn, ctx, user, details, number)?;
    audit::write(conn, ctx, NAME, object, AuditResult::Done, &audit_text(details))?;
    Ok(())
}

/// `register 0001-001 ordinary ***4567, registered`.
fn audit_text(details: &PayeeReceipt) -> String {
    let Destination { bank_code, branch_code, account_type, number, .. } = &details.destination;
    let (act, state) = (details.act, details.state);
    let number = short_number(number);
    format!("{act} {bank_code}-{branch_code} {account_type} {number}, {state}")
}
