//! Rises whose time has come, and limits that a token's expiry brings back. What holds follows from
//! the clock alone; this writes it down, once, and tells the customer.

use chrono::TimeDelta;

use crate::db::queries::limits;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::limit::{LimitAct, LimitChange, LimitReceipt, LimitStanding};
use crate::domain::mail::MailKind;
use crate::domain::portal::RiseOnStart;
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::User;
use crate::operations::limit::bring_back::{BringBack, bring_back_from};
use crate::operations::limit::{change, token_end};
use crate::operations::notice::limit::{LimitNotice, change_lines, tell_of_limit};
use crate::operations::{Ctx, Services, audit};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;
use crate::primitives::yen::Yen;

/// Users looked at in one transaction, so that midnight holds the writer only briefly.
const BATCH: i64 = 100;

/// What one batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledBatch {
    /// Users whose limits changed.
    pub changed: usize,
    /// The user after whom the next batch begins; none if this was the last.
    pub next: Option<UserId>,
}

/// The portal's users for whom something is to be written down now, at most `limit` after `after`.
///
/// # Errors
/// Whatever the database says.
pub fn list_due(
    conn: &mut DbConn,
    ctx: &Ctx,
    after: UserId,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    let portal = ctx.portal_slug();
    let rules = &ctx.profile.limits;
    let is_on_request = rules.rise_on_start == RiseOnStart::OnRequest;
    let most = rules.without_token_daily_yen.filter(|_| is_on_request);
    let most = Yen(most.unwrap_or(i64::MAX));
    let mut due = limits::list_due(conn, portal, ctx.now, after, limit)?;
    due.extend(limits::list_expired(conn, portal, ctx.now, most, after, limit)?);
    due.sort_by_key(|user| user.id);
    due.dedup_by_key(|user| user.id);
    due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(due)
}

/// Writes down what is due in the portal, one batch of users after `after` (at first [`UserId`] 0).
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn settle_batch(
    services: &Services,
    ctx: &Ctx,
    after: UserId,
) -> Result<SettledBatch, DbError> {
    let ctx = ctx.clone();
    services.db.write_blocking(move |conn| {
        let users = list_due(conn, &ctx, after, BATCH)?;
        let mut batch = SettledBatch { changed: 0, next: None };
        for user in &users {
            batch.changed += usize::from(catch_up(conn, &ctx, user)?);
        }
        let is_full = i64::try_from(users.len()) == Ok(BATCH);
        batch.next = users.last().filter(|_| is_full).map(|user| user.id);
        Ok(batch)
    })
}

/// Writes down what the clock has brought for this user: first a rise, as far as its moment came
/// before the token's end, then that end. Whether anything changed.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn catch_up(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
) -> Result<bool, DbError> {
    // A company's limits are those of many users and tokens.
    if ctx.profile.is_corporate() {
        return take_effect(conn, ctx, user, ctx.now);
    }
    let is_in_use = user.token_status == StoredTokenStatus::InUse;
    let expired_at = token_end(conn, user)?.filter(|end| is_in_use && *end <= ctx.now);
    let has_risen = take_effect(conn, ctx, user, expired_at.unwrap_or(ctx.now))?;
    let Some(expired_at) = expired_at else { return Ok(has_risen) };
    let before = limits::find(conn, user.contract_id)?.version;
    bring_back_from(conn, ctx, user, BringBack::Expired, expired_at)?;
    let after = limits::find(conn, user.contract_id)?.version;
    Ok(has_risen || before != after)
}

/// Writes a rise down whose moment came until `until`.
fn take_effect(conn: &mut DbConn, ctx: &Ctx, user: &User, until: UtcTime) -> Result<bool, DbError> {
    let row = limits::find(conn, user.contract_id)?;
    let Some(at) = row.rise_at.filter(|at| *at <= until) else { return Ok(false) };
    let has_token = ctx.profile.is_corporate() || user.token_status == StoredTokenStatus::InUse;
    let just_before =
        LimitStanding::at(&ctx.profile, &row, has_token, at - TimeDelta::microseconds(1));
    let then = LimitStanding::at(&ctx.profile, &row, has_token, at);
    if !limits::settle_rise(conn, user.contract_id, row.version, &then.own, until)? {
        return Ok(false);
    }
    let changes = just_before.pending_changes();
    tell_of_limit(conn, ctx, user, &notice_of(&changes))?;
    let details = match changes.is_empty() {
        true => "nothing changes".to_owned(),
        false => change::audit_text(&LimitReceipt {
            act: LimitAct::Change,
            changes,
            is_rise_cancelled: false,
        }),
    };
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "limit.rise", &object, AuditResult::Done, &details)?;
    Ok(true)
}

/// What holds from now on. Where the application has been lowered to what holds anyway, whoever was
/// told of a rise on this day reads that there is none.
fn notice_of(changes: &[LimitChange]) -> LimitNotice {
    let (kind, sentence) = if changes.is_empty() {
        (
            MailKind::LimitRiseCancelled,
            "お申し込みいただいた限度額の引き上げは、お申込書でお届けの金額を超えるため、\
             適用されませんでした。限度額は今のままです。\
             お届けの金額の変更は、お取引店にお申し出ください。",
        )
    } else {
        (MailKind::LimitChanged, "お申し込みいただいた限度額の引き上げが適用されました。")
    };
    let lines = change_lines(changes);
    LimitNotice { kind, sentence: sentence.to_owned(), lines, receipt_number: None }
}
