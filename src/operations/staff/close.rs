//! 解約: the end of a contract with the portal. Asked for by one, approved by another.
//!
//! Rule: nobody of it logs in any more, sessions and whatever was under way end, and every token of
//! the contract retires, since whoever holds it keeps it: none goes back to stock. Certificates are
//! revoked, reservations are taken back, orders of tokens that nobody paid for are withdrawn; one
//! that is paid for is shipped first. The accounts stay accounts of the institution, with their
//! balances. Nothing of it comes back; the ids stay taken.

use crate::db::queries::{closing, payments};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::staff_request::Blocked;
use crate::operations::payment::count::give_back_in_tx;
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
    let reservations = cancel_reservations(conn, ctx, contract_id)?;
    closing::end_what_is_open(conn, contract_id, ctx.now)?;
    let (certificates, orders) = closing::end_certificates_and_orders(conn, contract_id, ctx.now)?;
    let users = closing::delete_users(conn, contract_id, ctx.now)?;
    let tokens = closing::retire_tokens(conn, contract_id, ctx.now)?;
    let object = format!("contract {contract_id}");
    let details = format!(
        "{details}, {users} users, {tokens} tokens, {certificates} certificates, {orders} orders, \
         {reservations} reservations"
    );
    audit::write(conn, ctx, "contract.close", &object, AuditResult::Done, &details)?;
    Ok(Ok(format!("{users} {tokens}")))
}

/// Nothing goes out any more of what waits for its day; how many there were.
fn cancel_reservations(
    conn: &mut DbConn,
    ctx: &Ctx,
    contract_id: ContractId,
) -> Result<usize, DbError> {
    let mut count = 0;
    loop {
        let waiting = payments::list_reserved(conn, contract_id, None)?;
        if waiting.is_empty() {
            return Ok(count);
        }
        for payment in &waiting {
            if payments::cancel_at_closing(conn, payment.id, ctx.now)? {
                let owner = ctx.profile.is_corporate().then_some(payment.user_id);
                give_back_in_tx(conn, payment, owner)?;
                count += 1;
            }
        }
    }
}
