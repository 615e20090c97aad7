//! The audit log: lines, seals, signed heads. Nothing here changes or deletes.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::audit::{AuditHead, AuditLine, AuditResult, AuditSeal, NewAuditLine};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::AuditLineId;
use crate::schema::{audit_heads, audit_lines, audit_seals};

/// Writes a line in the act's own transaction.
///
/// # Errors
/// Whatever the database says.
pub fn insert_line(conn: &mut DbConn, line: NewAuditLine) -> Result<(), DbError> {
    let insert = diesel::insert_into(audit_lines::table).values(line);
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// Committed lines without a seal, oldest first. Lines can become visible out of order of id, so
/// this asks for any unsealed line and not for those after the last.
///
/// # Errors
/// Whatever the database says.
pub fn list_unsealed(conn: &mut DbConn, limit: i64) -> Result<Vec<AuditLine>, DbError> {
    let is_sealed =
        diesel::dsl::exists(audit_seals::table.filter(audit_seals::line_id.eq(audit_lines::id)));
    Ok(audit_lines::table
        .filter(diesel::dsl::not(is_sealed))
        .select(AuditLine::as_select())
        .order(audit_lines::id)
        .limit(limit)
        .load(conn)?)
}

/// [`list_unsealed`] among the lines after `after` only: what the sealer asks several times a
/// second, at a cost that does not grow with the log.
///
/// # Errors
/// Whatever the database says.
pub fn list_unsealed_after(
    conn: &mut DbConn,
    after: AuditLineId,
    limit: i64,
) -> Result<Vec<AuditLine>, DbError> {
    let is_sealed =
        diesel::dsl::exists(audit_seals::table.filter(audit_seals::line_id.eq(audit_lines::id)));
    Ok(audit_lines::table
        .filter(audit_lines::id.gt(after))
        .filter(diesel::dsl::not(is_sealed))
        .select(AuditLine::as_select())
        .order(audit_lines::id)
        .limit(limit)
        .load(conn)?)
}

/// The newest seal.
///
/// # Errors
/// Whatever the database says.
pub fn find_last_seal(conn: &mut DbConn) -> Result<Option<AuditSeal>, DbError> {
    Ok(audit_seals::table
        .select(AuditSeal::as_select())
        .order(audit_seals::no.desc())
        .first(conn)
        .optional()?)
}

/// Adds a seal.
///
/// # Errors
/// Whatever the database says.
pub fn insert_seal(conn: &mut DbConn, seal: AuditSeal) -> Result<(), DbError> {
    let insert = diesel::insert_into(audit_seals::table).values(seal);
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// Seals after number `after` with their lines (none: the line is missing), in order.
///
/// # Errors
/// Whatever the database says.
pub fn list_seals(
    conn: &mut DbConn,
    after: i64,
    limit: i64,
) -> Result<Vec<(AuditSeal, Option<AuditLine>)>, DbError> {
    Ok(audit_seals::table
        .left_join(audit_lines::table.on(audit_lines::id.eq(audit_seals::line_id)))
        .filter(audit_seals::no.gt(after))
        .select((AuditSeal::as_select(), Option::<AuditLine>::as_select()))
        .order(audit_seals::no)
        .limit(limit)
        .load(conn)?)
}

/// The newest signed head.
///
/// # Errors
/// Whatever the database says.
pub fn find_last_head(conn: &mut DbConn) -> Result<Option<AuditHead>, DbError> {
    Ok(audit_heads::table
        .select(AuditHead::as_select())
        .order(audit_heads::no.desc())
        .first(conn)
        .optional()?)
}

/// Every signed head, in order.
///
/// # Errors
/// Whatever the database says.
pub fn list_heads(conn: &mut DbConn) -> Result<Vec<AuditHead>, DbError> {
    Ok(audit_heads::table.select(AuditHead::as_select()).order(audit_heads::no).load(conn)?)
}

/// Adds a signed head.
///
/// # Errors
/// Whatever the database says.
pub fn insert_head(conn: &mut DbConn, head: AuditHead) -> Result<(), DbError> {
    diesel::insert_into(audit_heads::table).values(head).execute(conn)?;
    Ok(())
}

/// The lines about one object, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_lines_of(
    conn: &mut DbConn,
    object: &str,
    limit: i64,
) -> Result<Vec<(AuditLineId, String, String)>, DbError> {
    Ok(audit_lines::table
        .filter(audit_lines::object.eq(object))
        .select((audit_lines::id, audit_lines::operation, audit_lines::details))
        .order(audit_lines::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// The lines about tokens among those of these objects (a user and a token), newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_token_lines(
    conn: &mut DbConn,
    portal: &str,
    objects: &[String],
    limit: i64,
) -> Result<Vec<AuditLine>, DbError> {
    Ok(audit_lines::table
        .filter(audit_lines::portal.eq(portal))
        .filter(audit_lines::object.eq_any(objects.to_vec()))
        .filter(
            audit_lines::operation
                .like("token%")
                .or(audit_lines::operation.like("otp%"))
                .or(audit_lines::operation.eq("staff.request")),
        )
        .select(AuditLine::as_select())
        .order(audit_lines::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// Which lines to look for; empty texts: any.
#[derive(Debug, Clone, Default)]
pub struct LineFilter {
    /// Not before.
    pub from: Option<UtcTime>,
    /// Before.
    pub until: Option<UtcTime>,
    /// Begin of the actor, as `staff clerk`.
    pub actor: String,
    /// Begin of the operation, as `token.`.
    pub operation: String,
    /// The object, as `token 7`.
    pub object: String,
    /// The result.
    pub result: Option<AuditResult>,
}

/// Lines of a portal, newest first, older than `before`.
///
/// # Errors
/// Whatever the database says.
pub fn search(
    conn: &mut DbConn,
    portal: &str,
    filter: &LineFilter,
    before: Option<AuditLineId>,
    limit: i64,
) -> Result<Vec<AuditLine>, DbError> {
    let mut query = audit_lines::table
        .filter(audit_lines::portal.eq(portal))
        .select(AuditLine::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(audit_lines::id.lt(before));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_lines::happened_at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_lines::happened_at.lt(until));
    }
    if !filter.actor.is_empty() {
        query = query.filter(audit_lines::actor.like(begin_of(&filter.actor)).escape('\\'));
    }
    if !filter.operation.is_empty() {
        query = query.filter(audit_lines::operation.like(begin_of(&filter.operation)).escape('\\'));
    }
    if !filter.object.is_empty() {
        query = query.filter(audit_lines::object.eq(filter.object.clone()));
    }
    if let Some(result) = filter.result {
        query = query.filter(audit_lines::result.eq(result));
    }
    Ok(query.order(audit_lines::id.desc()).limit(limit).load(conn)?)
}

/// `%` and `_` stand for themselves.
fn begin_of(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    [&escaped, "%"].concat()
}
