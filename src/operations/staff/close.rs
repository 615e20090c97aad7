//! 解約: the end of a contract with the portal. Asked for by one, approved by another.
//!
//! Rule: nobody of it logs in any more, sessions and whatever was under way end, and every token of
//! the contract retires, since whoever holds it keeps it: none goes back to stock. Certificates are
//! revoked, orders of tokens that nobody paid for are withdrawn; one that is paid for is shipped
//! first. The accounts
//! stay accounts of the institution, with their balances. Nothing of it comes back; the ids stay
//! taken.

use crate::db::queries::closing;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::staff_request::Blocked;
use crate::operations::{Ctx, audit};
use crate::primitives::ids::ContractId;

/// Closes the contract; what was done, in numbers.
///
/// Permission: the caller's, who has a second person's approval.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub(super) fn close_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    contract_id: ContractId,
    details: &str,
) -> Result<Result<String, Blocked>, DbError> {
    if closing::has_paid_order(conn, contract_id)? {
        return Ok(Err(Blocked::PaidOrder));
    }
    if !closing::close(conn, contract_id, ctx.now)? {
        return Ok(Err(Blocked::Closed));
    }
    closing::end_what_is_open(conn, contract_id, ctx.now)?;
    let (certificates, orders) = closing::end_certificates_and_orders(conn, contract_id, ctx.now)?;
    let users = closing::delete_users(conn, contract_id, ctx.now)?;
    let tokens = closing::retire_tokens(conn, contract_id, ctx.now)?;
    let object = format!("contract {contract_id}");
    let details = format!(
        "{details}, {users} users, {tokens} tokens, {certificates} certificates, {orders} orders"
    );
    audit::write(conn, ctx, "contract.close", &object, AuditResult::Done, &details)?;
    Ok(Ok(format!("{users} {tokens}")))
}
