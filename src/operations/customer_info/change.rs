//! お客様情報変更 (BCI002): the change itself.
//!
//! Rule: the proof that the auth rules ask for `customer_info.change` or `secret.change`; for a new
//! mail address the code sent to it, for a new login secret the present one. A new address opens
//! the hold; a new secret ends the user's other logins and flows. Each change is told by mail, a
//! new address to the old one too.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::db::queries::{customer_info, flows, logins, one_time_keys, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::customer_info::{InfoDraft, InfoItem, SecretClash, masked_address};
use crate::domain::flow::Flow;
use crate::domain::login::EndReason;
use crate::domain::user::User;
use crate::operations::customer_info::draft;
use crate::operations::customer_info::proofs::{Proven, prove};
use crate::operations::notice::customer_info::{InfoNotice, enqueue};
use crate::operations::one_time_key::RequestKey;
use crate::operations::receipt;
use crate::operations::step::{Outcome, StepOutcome, once};
use crate::operations::token::confirmation::Confirmation;
use crate::operations::user::hold::open_hold;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::clock::{UtcTime, jst_receipt_text};

/// What BCI002 sends.
#[derive(Debug, Clone)]
pub struct Change {
    /// The customer, as the page found them: what stood then has to stand still.
    pub user: User,
    /// The flow, at its check step, with the draft.
    pub flow: Flow,
    /// The proofs.
    pub given: Given,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
}

/// The proofs that the form brought, as the auth rules and the item ask for them.
#[derive(Debug, Clone)]
pub struct Given {
    /// The confirming secret or the pictures.
    pub confirmation: Confirmation,
    /// One-time password, normalised.
    pub otp: Option<String>,
    /// The present login secret, where it is to change.
    pub current_password: Option<String>,
    /// The code sent to the new address, normalised.
    pub mail_code: Option<String>,
}

/// How the change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// As any step of a flow.
    Step(StepOutcome),
    /// The proofs were right, but the new secret is one that the user has already.
    Clash(SecretClash),
}

impl From<StepOutcome> for ChangeOutcome {
    fn from(outcome: StepOutcome) -> ChangeOutcome {
        ChangeOutcome::Step(outcome)
    }
}

impl Outcome for ChangeOutcome {
    fn is_done(&self) -> bool {
        *self == ChangeOutcome::Step(StepOutcome::Done)
    }
}

/// What BCI003 shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfoReceipt {
    /// What was changed.
    pub item: InfoItem,
    /// The new mail address or telephone number; empty for secrets.
    pub value: String,
    /// The addresses that a notice went to, masked.
    pub told: Vec<String>,
    /// Until when transfers are held, in Japan time.
    pub held_until: Option<String>,
}

/// Changes what the draft says.
///
/// Permission: the user of the flow.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn change(
    services: &Services,
    ctx: &Ctx,
    input: Change,
) -> Result<ChangeOutcome, OperationError> {
    once(services, ctx, &input.key, change_with_key(services, ctx, &input)).await
}

async fn change_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Change,
) -> Result<ChangeOutcome, OperationError> {
    let stale = ChangeOutcome::Step(StepOutcome::Stale);
    let Some(draft) = draft::read(&input.flow) else { return Ok(stale) };
    if draft.item == InfoItem::LoginSecret && input.given.current_password.is_none() {
        return Ok(stale);
    }
    let proven = match prove(services, ctx, input, &draft).await? {
        Ok(proven) => proven,
        Err(refusal) => return Ok(ChangeOutcome::Step(StepOutcome::Refused(vec![refusal]))),
    };
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome =
        services.db.write(move |conn| settle(conn, &ctx, &input, &draft, &proven)).await?;
    Ok(outcome)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Change,
    draft: &InfoDraft,
    proven: &Proven,
) -> Result<ChangeOutcome, DbError> {
    if let Err(refusal) = proven.settle_in_tx(conn, ctx, &input.user)? {
        proven.give_code_back_in_tx(conn)?;
        return Ok(ChangeOutcome::Step(StepOutcome::Refused(vec![refusal])));
    }
    if let Some(clash) = draft.clash {
        let object = format!("user {}", input.user.id);
        let name = receipt_operation(draft.item);
        audit::write(conn, ctx, name, &object, AuditResult::Refused, "a secret in use")?;
        return Ok(ChangeOutcome::Clash(clash));
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, draft, proven)) {
        Ok(()) => Ok(ChangeOutcome::Step(StepOutcome::Done)),
        Err(ActAbort::Stale) => Ok(ChangeOutcome::Step(StepOutcome::Stale)),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

/// The name of the act in receipts and in the audit log: that of its auth rule.
fn receipt_operation(item: InfoItem) -> &'static str {
    match item {
        InfoItem::MailAddress | InfoItem::Telephone => "customer_info.change",
        InfoItem::LoginSecret | InfoItem::ConfirmSecret => "secret.change",
    }
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Change,
    draft: &InfoDraft,
    proven: &Proven,
) -> Result<(), ActAbort> {
    let (seen, flow) = (&input.user, &input.flow);
    let user = users::get(conn, seen.id)?;
    // What was asked for followed from these.
    guard(user.token_status == seen.token_status && user.token_id == seen.token_id)?;
    guard(user.stopped_at.is_none())?;
    guard(proven.use_code_in_tx(conn, ctx)?)?;
    guard(write_item(conn, ctx, seen, draft)?)?;
    let held_until = after_change(conn, ctx, &user, flow, draft.item)?;
    finish(conn, ctx, input, draft, (&user, held_until))
}

/// Writes the new value, only while the old one still stands.
fn write_item(
    conn: &mut DbConn,
    ctx: &Ctx,
    seen: &User,
    draft: &InfoDraft,
) -> Result<bool, ActAbort> {
    let (id, value, before) = (seen.id, draft.value.as_str(), draft.before.as_deref());
    Ok(match draft.item {
        InfoItem::MailAddress => customer_info::change_mail_address(conn, id, before, value)?,
        InfoItem::Telephone => customer_info::change_telephone(conn, id, before, value)?,
        InfoItem::LoginSecret => {
            let to = draft.secret_hash.as_deref().ok_or(ActAbort::Stale)?;
            let hashes = (seen.login_secret_hash.as_str(), to);
            customer_info::change_login_secret(conn, id, hashes, ctx.now)?
        }
        InfoItem::ConfirmSecret => {
            let to = draft.secret_hash.as_deref().ok_or(ActAbort::Stale)?;
            let hashes = (seen.confirm_secret_hash.as_str(), to);
            customer_info::change_confirm_secret(conn, id, hashes, ctx.now)?
        }
    })
}

/// What follows from a change; returns until when transfers are held, if it opens a hold.
fn after_change(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    flow: &Flow,
    item: InfoItem,
) -> Result<Option<UtcTime>, DbError> {
    match item {
        InfoItem::Telephone => Ok(None),
        InfoItem::MailAddress => {
            customer_info::close_mail_codes(conn, user.id, ctx.now)?;
            open_hold(conn, ctx, user)?;
            let hours = i64::from(ctx.profile.hold.hours);
            let end = ctx.now + TimeDelta::hours(hours);
            // One that lasts longer stays.
            Ok((hours > 0).then(|| user.hold_until.map_or(end, |before| before.max(end))))
        }
        InfoItem::LoginSecret | InfoItem::ConfirmSecret => {
            let keep = &flow.login_id;
            logins::end_of_users(conn, &[user.id], keep, EndReason::SecretChanged, ctx.now)?;
            flows::end_of_user(conn, user.id, &flow.id)?;
            Ok(None)
        }
    }
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Change,
    draft: &InfoDraft,
    (user, held_until): (&User, Option<UtcTime>),
) -> Result<(), ActAbort> {
    let new_address = (draft.item == InfoItem::MailAddress).then_some(draft.value.as_str());
    let told = user.mail_address.as_deref().into_iter().chain(new_address);
    let details = InfoReceipt {
        item: draft.item,
        value: draft.value.clone(),
        told: told.map(masked_address).collect(),
        held_until: held_until.map(jst_receipt_text),
    };
    let name = receipt_operation(draft.item);
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, name, &details)?;
    guard(flows::finish_draft(conn, &input.flow, receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    let what = InfoNotice { item: draft.item, receipt_number: number, new_address, held_until };
    enqueue(conn, ctx, user, &what)?;
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, name, &object, AuditResult::Done, draft.item.as_str())?;
    Ok(())
}
