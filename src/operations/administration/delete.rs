//! 削除 of a user: the row stays for the audit log, and nobody logs in with its id any more.
//!
//! Rule: sessions and flows end, the link to the token is cut. A token that others share stays with
//! them; one that nobody has any more goes back to what is shipped to the contract.

use crate::db::DbConn;
use crate::db::queries::{
    contracts, customer_info, flows, initial_passwords, logins, member_acts, tokens, user_rights,
    users,
};
use crate::domain::certificate::CertificateRevocation;
use crate::domain::login::EndReason;
use crate::domain::member::Member;
use crate::domain::right::Grant;
use crate::domain::token::TokenState;
use crate::domain::user::User;
use crate::operations::administration::failures_max;
use crate::operations::certificate::revoke::revoke_in_tx;
use crate::operations::{ActAbort, Ctx, guard};
use crate::primitives::ids::TokenId;

/// Deletes the user, about whom the rules have been asked; returns who it was. The token is left to
/// [`give_back`], once everybody who goes with it is gone.
///
/// # Errors
/// Stale where the row has changed.
pub(super) fn delete_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    member: &Member,
    seen: member_acts::Seen,
) -> Result<User, ActAbort> {
    let user = users::get(conn, member.id)?;
    // The contract's row before the user's, as everywhere: it counts its users.
    guard(contracts::touch_open(conn, user.contract_id)?)?;
    guard(member_acts::delete(conn, seen, member.token_id, ctx.now)?)?;
    logins::end_of_users(conn, &[user.id], "", EndReason::Staff, ctx.now)?;
    revoke_in_tx(conn, ctx, &user, CertificateRevocation::Deleted)?;
    flows::end_of_user(conn, user.id, "")?;
    user_rights::replace(conn, user.id, &Grant::default())?;
    member_acts::delete_unverified_address(conn, user.id)?;
    initial_passwords::delete_of_user(conn, user.id)?;
    customer_info::close_mail_codes(conn, user.id, ctx.now)?;
    Ok(user)
}

/// A token without users can be registered by the next one, also where it was suspended; what its
/// last user stopped (緊急停止) retires. While others have what one of them stopped, nobody is deleted
/// over it: only staff undo that.
///
/// # Errors
/// Stale where others keep what was stopped.
pub(super) fn give_back(
    conn: &mut DbConn,
    ctx: &Ctx,
    token_id: TokenId,
    is_stopped: bool,
) -> Result<(), ActAbort> {
    if !users::list_by_token(conn, token_id)?.is_empty() {
        return guard(!is_stopped);
    }
    let to = if is_stopped { TokenState::Retired } else { TokenState::Shipped };
    tokens::update_state(conn, token_id, TokenState::InUse, to, ctx.now)?;
    if !is_stopped {
        tokens::release(conn, token_id, failures_max(ctx))?;
    }
    Ok(())
}
