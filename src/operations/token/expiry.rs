//! Warnings before a token expires: by mail, once per token, user and distance (60, 30, 7 days).

use chrono::TimeDelta;

use crate::db::queries::{expiry_warnings, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::token::{StoredTokenStatus, Token};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{Ctx, Services};
use crate::primitives::code::last_four;
use crate::primitives::ids::TokenId;

/// Tokens looked at in one transaction, so that a portal with many holds the writer only briefly.
const BATCH: usize = 100;

/// What one batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarnedBatch {
    /// Mails written.
    pub mails: usize,
    /// The token after which the next batch begins; none if this was the last.
    pub next: Option<TokenId>,
}

/// Warns every user of the portal's tokens that come within a distance of their expiry, one batch
/// of tokens after `after` (at first [`TokenId`] 0).
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn warn_batch(services: &Services, ctx: &Ctx, after: TokenId) -> Result<WarnedBatch, DbError> {
    let ctx = ctx.clone();
    services.db.write_blocking(move |conn| {
        let mut batch = WarnedBatch { mails: 0, next: None };
        let distances = &ctx.profile.tokens.expiry_warning_days;
        let Some(longest) = distances.iter().max() else { return Ok(batch) };
        let until = ctx.now + TimeDelta::days(i64::from(*longest));
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let tokens = tokens::list_expiring(conn, ctx.portal_slug(), ctx.now, until, after, limit)?;
        for token in &tokens {
            batch.mails += warn_users(conn, &ctx, token)?;
        }
        batch.next = tokens.last().filter(|_| tokens.len() == BATCH).map(|token| token.id);
        Ok(batch)
    })
}

fn warn_users(conn: &mut DbConn, ctx: &Ctx, token: &Token) -> Result<usize, DbError> {
    let Some(expires_at) = token.expires_at else { return Ok(0) };
    let left = expires_at - ctx.now;
    // The nearest distance reached stands for the longer ones too: one mail, not three at once.
    let reached = ctx
        .profile
        .tokens
        .expiry_warning_days
        .iter()
        .filter(|days| left <= TimeDelta::days(i64::from(**days)))
        .min();
    let Some(days) = reached else { return Ok(0) };
    let mut due = Vec::new();
    for user in users::list_by_token(conn, token.id)? {
        let days = i32::try_from(*days).unwrap_or(i32::MAX);
        let is_due = user.token_status == StoredTokenStatus::InUse
            && expiry_warnings::insert(conn, token.id, user.id, days, expires_at, ctx.now)?;
        if is_due {
            due.push(user);
        }
    }
    let what = Notice {
        serial_last_four: last_four(&token.serial),
        expires_at: Some(expires_at),
        ..Notice::of(MailKind::TokenExpiring)
    };
    tell_of_token(conn, ctx, &due, &[], &what)?;
    Ok(due.len())
}
