//! What the end of a token's use does to limits: the limit without a token holds again at once, and
//! a rise that waits is cancelled. Where limits stay after a start, the customer's own ones come
//! down as well, so that the next start finds them there.

use crate::db::queries::limits;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::limit::{LimitChange, LimitSet, LimitSpan, LimitStanding};
use crate::domain::mail::MailKind;
use crate::domain::permission::administers;
use crate::domain::user::User;
use crate::operations::limit::settle;
use crate::operations::notice::limit::{LimitNotice, change_lines, tell_of_limit};
use crate::operations::{Ctx, audit};
use crate::primitives::clock::UtcTime;
use crate::text_enum;

text_enum! {
    /// What happened, as the audit log keeps it.
    BringBack {
        /// 利用中止.
        Stopped = "token stopped",
        /// 失効.
        Revoked = "token revoked",
        /// 有効期限.
        Expired = "token expired",
        /// Another token was started; the one before may have ended unnoticed.
        Started = "token started",
        /// 緊急停止: nothing is to rise by itself.
        EmergencyStop = "emergency stop",
    }
}

impl BringBack {
    /// The beginning of the notice's sentence.
    fn words(self, ctx: &Ctx) -> String {
        let otp = &ctx.profile.words.otp;
        match self {
            BringBack::Stopped => {
                format!(
                    "{otp}の{}にともない、",
                    ctx.profile.words.stop.as_deref().unwrap_or("利用中止")
                )
            }
            BringBack::Revoked => "トークンの失効にともない、".to_owned(),
            BringBack::Expired => "トークンの有効期限が切れたため、".to_owned(),
            BringBack::Started => "新しいトークンの利用開始にともない、".to_owned(),
            BringBack::EmergencyStop => "緊急停止にともない、".to_owned(),
        }
    }
}

/// Brings the user's limits back and cancels a rise that waits. False: somebody was faster.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn bring_back(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    why: BringBack,
) -> Result<bool, DbError> {
    settle::catch_up(conn, ctx, user)?;
    bring_back_from(conn, ctx, user, why, ctx.now)
}

/// As [`bring_back`], from what held at `at`, with every rise that came before written down.
pub(super) fn bring_back_from(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    why: BringBack,
    at: UtcTime,
) -> Result<bool, DbError> {
    // There limits are those of a contract with many users and tokens. But the emergency stop of
    // somebody who can ask for a rise leaves none waiting.
    let is_askers_stop = why == BringBack::EmergencyStop && administers(&ctx.profile, user.role);
    if ctx.profile.is_corporate() && !is_askers_stop {
        return Ok(true);
    }
    let row = limits::find(conn, user.contract_id)?;
    let now = LimitStanding::at(&ctx.profile, &row, true, at);
    let lower = match why {
        BringBack::EmergencyStop => None,
        _ => now.brought_back(&ctx.profile),
    };
    // A start takes away only what would hold by the token before it.
    let is_kept =
        why == BringBack::Started && lower.is_none() && !row.rises_beyond_no_token(&ctx.profile);
    let is_cancelled = row.rise_at.is_some() && !is_kept;
    if lower.is_none() && !is_cancelled {
        return Ok(true);
    }
    // One that would change nothing any more is not shown, and goes without a word.
    let is_shown = is_cancelled && now.pending.is_some();
    let own = lower.as_ref().unwrap_or(&now.own);
    if !limits::update_own(conn, user.contract_id, row.version, own)? {
        return Ok(false);
    }
    let lowered = lower.as_ref().map(|lower| lowered(&now, lower)).unwrap_or_default();
    if is_shown || !lowered.is_empty() {
        tell(conn, ctx, user, why, (&lowered, is_shown, &now))?;
    }
    let object = format!("user {}", user.id);
    let rise = if is_cancelled { ", rise cancelled" } else { "" };
    let details = format!("{why}{rise}");
    audit::write(conn, ctx, "limit.bring_back", &object, AuditResult::Done, &details)?;
    Ok(true)
}

fn lowered(now: &LimitStanding, lower: &LimitSet) -> Vec<LimitChange> {
    let mut changes = Vec::new();
    for (&service, before) in &now.own {
        let Some(after) = lower.get(&service) else { continue };
        for &span in LimitSpan::ALL {
            let (before, after) = (before.of(span), after.of(span));
            if before != after {
                changes.push(LimitChange { service, span, before, after, from: None });
            }
        }
    }
    changes
}

fn tell(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    why: BringBack,
    (lowered, is_shown, now): (&[LimitChange], bool, &LimitStanding),
) -> Result<(), DbError> {
    let (kind, did) = if lowered.is_empty() {
        let did = "お申し込みいただいていた限度額の引き上げを取り消しました。";
        (MailKind::LimitRiseCancelled, did)
    } else {
        (MailKind::LimitChanged, "限度額を変更しました。")
    };
    let mut lines = change_lines(lowered);
    if lowered.is_empty() {
        lines = change_lines(&now.pending_changes());
    } else if is_shown {
        lines.push("お申し込みいただいていた引き上げは取り消しました。".to_owned());
    }
    let sentence = format!("{}{did}", why.words(ctx));
    let what = LimitNotice { kind, sentence, lines, receipt_number: None };
    tell_of_limit(conn, ctx, user, &what)
}
