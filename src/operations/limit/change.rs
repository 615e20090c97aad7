//! 限度額変更 (BLM002): new limits, or the cancel of a rise that waits.
//!
//! Rule: the proof that the auth rules ask for `limit.change`. What is lower holds at once and
//! takes a waiting rise with it; what is higher waits for the profile's number of days, and only
//! one rise waits at a time. What held when the customer asked must still hold, and a rise holds
//! from the moment that BLM002 showed.

use crate::db::queries::{flows, limits, one_time_keys, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::Flow;
use crate::domain::limit::{
    LimitAct, LimitChange, LimitDraft, LimitPlan, LimitReceipt, LimitStanding, waits_until,
};
use crate::domain::mail::MailKind;
use crate::domain::user::User;
use crate::operations::limit::{changeable, draft, may_change, raises_own, settle};
use crate::operations::notice::limit::{LimitNotice, change_lines, tell_of_limit};
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::act::{self, ActProof, Asked, GivenProof};
use crate::operations::proof::once::once_proven;
use crate::operations::receipt;
use crate::operations::right;
use crate::operations::step::StepOutcome;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};

const NAME: &str = "limit.change";

/// What BLM002 sends.
#[derive(Debug, Clone)]
pub struct ChangeLimits {
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

/// Does what the flow's draft says.
///
/// Permission: the user of the flow; in a company whoever administers it.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn change(
    services: &Services,
    ctx: &Ctx,
    input: ChangeLimits,
) -> Result<StepOutcome, OperationError> {
    let wanted = draft::read(&input.flow)?;
    let asked = Asked::of(&input.user, &input.proof);
    let change = |proof| change_proven(services, ctx, &input, (wanted, proof));
    once_proven(services, ctx, &input.key, asked, change).await
}

async fn change_proven(
    services: &Services,
    ctx: &Ctx,
    input: &ChangeLimits,
    (wanted, proof): (LimitDraft, ActProof),
) -> Result<StepOutcome, OperationError> {
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome =
        services.db.write(move |conn| settle_act(conn, &ctx, &input, &wanted, &proof)).await?;
    Ok(outcome)
}

fn settle_act(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &ChangeLimits,
    wanted: &LimitDraft,
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
    input: &ChangeLimits,
    wanted: &LimitDraft,
) -> Result<(), ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none() && may_change(&ctx.profile, &user))?;
    // What the rules asked for rests on these.
    let seen = (input.user.token_status, input.user.token_id);
    guard((user.token_status, user.token_id) == seen)?;
    settle::catch_up(conn, ctx, &user)?;
    let now = changeable(conn, ctx, &user)?;
    guard(now.effective == wanted.seen)?;
    let details = match wanted.act {
        LimitAct::Change => apply(conn, ctx, &user, &now, wanted)?,
        LimitAct::CancelRise => {
            let changes = now.pending_changes();
            guard(limits::cancel_rise(conn, user.contract_id, ctx.now)?)?;
            LimitReceipt { act: wanted.act, changes, is_rise_cancelled: true }
        }
    };
    guard(waits_until(&details.changes) == wanted.rise_at)?;
    finish(conn, ctx, input, &user, &details)
}

/// Writes the new limits, or the rise to them; whether a rise waits already is asked by the
/// UPDATE's own WHERE.
fn apply(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    now: &LimitStanding,
    wanted: &LimitDraft,
) -> Result<LimitReceipt, ActAbort> {
    let rules = &ctx.profile.limits;
    guard(now.problems(rules, &wanted.requested).is_empty())?;
    let LimitPlan { at_once, rise, changes } =
        now.plan(rules, &wanted.requested, ctx.now).ok_or(ActAbort::Stale)?;
    if ctx.profile.is_corporate() {
        let rights = right::of_user(conn, ctx, user)?;
        let sets = (&now.effective, &wanted.requested);
        guard(!raises_own(&ctx.profile, user, &rights, sets))?;
    }
    limits::ensure(conn, ctx.portal_slug(), user.contract_id)?;
    let (contract_id, version) = (user.contract_id, now.version);
    let is_done = match &rise {
        Some((to, at)) => {
            // One that would change nothing any more is not shown, and gives way.
            let gives_way =
                now.pending.is_none() && limits::cancel_rise(conn, contract_id, ctx.now)?;
            let version = version + i64::from(gives_way);
            let rise = limits::NewRise { to, requested_at: ctx.now, takes_effect_at: *at };
            limits::request_rise(conn, contract_id, version, &at_once, rise)?
        }
        None => limits::update_own(conn, contract_id, version, &at_once)?,
    };
    guard(is_done)?;
    let is_rise_cancelled = rise.is_none() && now.pending.is_some();
    Ok(LimitReceipt { act: wanted.act, changes, is_rise_cancelled })
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &ChangeLimits,
    user: &User,
    details: &LimitReceipt,
) -> Result<(), ActAbort> {
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, NAME, details)?;
    guard(flows::finish_draft(conn, &input.flow, receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    let what = LimitNotice { receipt_number: Some(number), ..notice_of(details) };
    tell_of_limit(conn, ctx, user, &what)?;
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, &audit_text(details))?;
    Ok(())
}

fn notice_of(details: &LimitReceipt) -> LimitNotice {
    let waits = details.changes.iter().any(|change| change.from.is_some());
    let (kind, sentence) = match (details.act, waits) {
        (LimitAct::CancelRise, _) => (
            MailKind::LimitRiseCancelled,
            "お申し込みいただいていた限度額の引き上げを取り消しました。",
        ),
        (LimitAct::Change, true) => {
            (MailKind::LimitRiseRequested, "限度額の引き上げのお申し込みを承りました。")
        }
        (LimitAct::Change, false) => (MailKind::LimitChanged, "限度額を変更しました。"),
    };
    let mut lines = change_lines(&details.changes);
    if details.act == LimitAct::Change && details.is_rise_cancelled {
        lines.push("お申し込みいただいていた引き上げは取り消しました。".to_owned());
    }
    LimitNotice { kind, sentence: sentence.to_owned(), lines, receipt_number: None }
}

/// `transfer daily 200000 to 1000000 from 2026-11-27T00:00:00+09:00`, one for each change.
pub(super) fn audit_text(details: &LimitReceipt) -> String {
    let act = match (details.act, details.is_rise_cancelled) {
        (LimitAct::CancelRise, _) => "rise cancelled: ",
        (LimitAct::Change, true) => "waiting rise cancelled; ",
        (LimitAct::Change, false) => "",
    };
    let one = |change: &LimitChange| {
        let LimitChange { service, span, before, after, from } = change;
        let from = from.map_or_else(String::new, |at| {
            format!(" from {}", crate::primitives::clock::jst_iso(at))
        });
        format!("{service} {span} {} to {}{from}", before.0, after.0)
    };
    let changes: Vec<String> = details.changes.iter().map(one).collect();
    format!("{act}{}", changes.join(", "))
}
