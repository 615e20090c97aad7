//! Whether a contract lets nobody in without a certificate. Staff set it.
//!
//! Rule: from the moment it is required, logins of the contract that came without one are over.

use crate::db::DbConn;
use crate::db::DbError;
use crate::db::queries::{contracts, logins};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::operations::certificate::is_offered;
use crate::operations::{Ctx, Services, audit};
use crate::primitives::ids::ContractId;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequireOutcome {
    /// Set.
    Changed,
    /// It stands so already.
    Same,
    /// The portal has no such open contract.
    NoSuchContract,
    /// The portal has no certificates.
    NotOffered,
}

/// Sets it for the contract with this number.
///
/// Permission: staff (by command).
///
/// # Errors
/// Whatever the database says.
pub fn set(
    services: &Services,
    ctx: &Ctx,
    number: &str,
    is_required: bool,
) -> Result<RequireOutcome, DbError> {
    if !is_offered(&ctx.profile) {
        return Ok(RequireOutcome::NotOffered);
    }
    let (ctx, number) = (ctx.clone(), number.to_owned());
    services.db.write_blocking(move |conn| {
        match contracts::find_by_number(conn, ctx.portal_slug(), &number)? {
            Some(id) => set_in_tx(conn, &ctx, id, is_required),
            None => Ok(RequireOutcome::NoSuchContract),
        }
    })
}

/// [`set`] in the caller's transaction.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn set_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    id: ContractId,
    is_required: bool,
) -> Result<RequireOutcome, DbError> {
    if !contracts::set_certificate_required(conn, id, is_required)? {
        return Ok(RequireOutcome::Same);
    }
    if is_required {
        logins::end_without_certificate(conn, id, EndReason::Staff, ctx.now)?;
    }
    let object = format!("contract {id}");
    let details = if is_required { "required" } else { "not required" };
    audit::write(conn, ctx, "certificate.require", &object, AuditResult::Done, details)?;
    Ok(RequireOutcome::Changed)
}
