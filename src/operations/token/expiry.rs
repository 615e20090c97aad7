//! Warnings before a token expires: by mail, once per token, user and distance (60, 30, 7 days).

use chrono::TimeDelta;

use crate::db::queries::{expiry_warnings, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::token::{StoredTokenStatus, Token};
use crate::operations::notice::{self, Notice};
use crate::operations::{Ctx, Services};
use crate::primitives::code::last_four;

/// Warns every user of the portal's tokens that come within a distance of their expiry; returns how
/// many mails that made.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn warn(services: &Services, ctx: &Ctx) -> Result<usize, DbError> {
    let ctx = ctx.clone();
    services.db.write_blocking(move |conn| {
        let distances = &ctx.profile.tokens.expiry_warning_days;
        let Some(longest) = distances.iter().max() else { return Ok(0) };
        let until = ctx.now + TimeDelta::days(i64::from(*longest));
        let mut warned = 0;
        for token in tokens::list_expiring(conn, ctx.portal_slug(), ctx.now, until)? {
            warned += warn_users(conn, &ctx, &token)?;
        }
        Ok(warned)
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
    let mut warned = 0;
    for user in users::list_by_token(conn, token.id)? {
        let days = i32::try_from(*days).unwrap_or(i32::MAX);
        let is_due = user.token_status == StoredTokenStatus::InUse
            && expiry_warnings::insert(conn, token.id, user.id, days, expires_at, ctx.now)?;
        if is_due {
            let what = Notice {
                serial_last_four: last_four(&token.serial),
                expires_at: Some(expires_at),
                ..Notice::of(MailKind::TokenExpiring)
            };
            notice::enqueue(conn, ctx, &user, &what)?;
            warned += 1;
        }
    }
    Ok(warned)
}
