//! The audit log: writing lines, sealing them into the chain, verifying it.

pub mod seal;
pub mod verify;

use crate::db::queries::audit;
use crate::db::{DbConn, DbError};
use crate::domain::audit::{AuditResult, NewAuditLine};
use crate::operations::Ctx;

/// Longest texts that the table takes; longer ones are cut, never refused.
const DETAILS_MAX: usize = 1_000;
const OBJECT_MAX: usize = 100;

/// Writes one line about an act in the act's own transaction.
///
/// `object` and `details` never carry a secret, a code, a full serial or account number.
///
/// # Errors
/// Whatever the database says.
pub fn write(
    conn: &mut DbConn,
    ctx: &Ctx,
    operation: &str,
    object: &str,
    result: AuditResult,
    details: &str,
) -> Result<(), DbError> {
    audit::insert_line(
        conn,
        NewAuditLine {
            happened_at: ctx.now,
            portal: ctx.portal_slug().to_owned(),
            actor_kind: ctx.actor.kind,
            actor: cut(&ctx.actor.id, 64),
            source: cut(&ctx.source, 64),
            operation: cut(operation, 40),
            object: cut(object, OBJECT_MAX),
            result,
            details: cut(details, DETAILS_MAX),
            request_id: cut(&ctx.request_id, 32),
        },
    )
}

/// The first `max` characters.
fn cut(text: &str, max: usize) -> String {
    let end = text.char_indices().nth(max).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text).to_owned()
}
