//! The end of a contract (解約): everything of its users at once, so that a company of thousands
//! takes as many statements as a single customer.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::certificate::CertificateRevocation;
use crate::domain::flow::FlowStep;
use crate::domain::login::EndReason;
use crate::domain::token::{StoredTokenStatus, TokenState};
use crate::domain::token_issue::IssueEnd;
use crate::domain::token_order::OrderState;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, TokenId};
use crate::schema::certificates::certificates;
use crate::schema::opening::registration_numbers;
use crate::schema::{
    contracts, flows, initial_passwords, logins, mail_codes, staff_letters, token_issues,
    token_orders, tokens, unverified_addresses, users,
};

/// The ids of the contract's users.
macro_rules! users_of {
    ($contract:expr) => {
        users::table.filter(users::contract_id.eq($contract)).select(users::id)
    };
}

/// Closes a contract; false if it is closed already.
///
/// # Errors
/// Whatever the database says.
pub fn close(conn: &mut DbConn, id: ContractId, now: UtcTime) -> Result<bool, DbError> {
    let open = contracts::table.find(id).filter(contracts::closed_at.is_null());
    Ok(diesel::update(open).set(contracts::closed_at.eq(now)).execute(conn)? == 1)
}

/// Lets every user of the contract be nobody, without a token; their number.
///
/// # Errors
/// Whatever the database says.
pub fn delete_users(conn: &mut DbConn, id: ContractId, now: UtcTime) -> Result<usize, DbError> {
    let there = users::table.filter(users::contract_id.eq(id)).filter(users::deleted_at.is_null());
    Ok(diesel::update(there)
        .set((
            users::deleted_at.eq(now),
            users::token_id.eq(None::<TokenId>),
            users::token_status.eq(StoredTokenStatus::Unregistered),
            users::version.eq(users::version + 1),
        ))
        .execute(conn)?)
}

/// Ends logins and flows, and what waits for somebody to come: codes, passwords, numbers, letters,
/// addresses not proven yet, tokens not set up or started.
///
/// # Errors
/// Whatever the database says.
pub fn end_what_is_open(conn: &mut DbConn, id: ContractId, now: UtcTime) -> Result<(), DbError> {
    let open = logins::table.filter(logins::user_id.eq_any(users_of!(id)));
    diesel::update(open.filter(logins::ended_at.is_null()))
        .set((logins::ended_at.eq(now), logins::end_reason.eq(EndReason::Staff)))
        .execute(conn)?;
    let under_way = flows::table
        .filter(flows::user_id.eq_any(users_of!(id)))
        .filter(flows::step.ne_all([FlowStep::Done, FlowStep::Ended]));
    diesel::update(under_way).set(flows::step.eq(FlowStep::Ended)).execute(conn)?;
    let codes = mail_codes::table.filter(mail_codes::user_id.eq_any(users_of!(id)));
    diesel::update(codes.filter(mail_codes::closed_at.is_null()))
        .set(mail_codes::closed_at.eq(now))
        .execute(conn)?;
    let issues = token_issues::table.filter(token_issues::user_id.eq_any(users_of!(id)));
    diesel::update(issues.filter(token_issues::ended_at.is_null()))
        .set((token_issues::ended_at.eq(now), token_issues::end_reason.eq(IssueEnd::Revoked)))
        .execute(conn)?;
    let letters = staff_letters::table.filter(staff_letters::user_id.eq_any(users_of!(id)));
    diesel::update(letters.filter(staff_letters::printed_at.is_null()))
        .set((staff_letters::printed_at.eq(now), staff_letters::secret_sealed.eq(None::<Vec<u8>>)))
        .execute(conn)?;
    let passwords = initial_passwords::table;
    diesel::delete(passwords.filter(initial_passwords::user_id.eq_any(users_of!(id))))
        .execute(conn)?;
    let addresses = unverified_addresses::table;
    diesel::delete(addresses.filter(unverified_addresses::user_id.eq_any(users_of!(id))))
        .execute(conn)?;
    let numbers = registration_numbers::table;
    diesel::delete(numbers.filter(registration_numbers::user_id.eq_any(users_of!(id))))
        .execute(conn)?;
    Ok(())
}

/// Whether tokens are paid for and not shipped yet.
///
/// # Errors
/// Whatever the database says.
pub fn has_paid_order(conn: &mut DbConn, id: ContractId) -> Result<bool, DbError> {
    let paid = token_orders::table
        .filter(token_orders::contract_id.eq(id))
        .filter(token_orders::state.eq(OrderState::Debited))
        .filter(token_orders::entry_id.is_not_null());
    Ok(paid.count().get_result::<i64>(conn)? > 0)
}

/// Revokes the client certificates of the contract's users, and withdraws its orders of tokens that
/// are not shipped; how many of each.
///
/// # Errors
/// Whatever the database says.
pub fn end_certificates_and_orders(
    conn: &mut DbConn,
    id: ContractId,
    now: UtcTime,
) -> Result<(usize, usize), DbError> {
    let own = certificates::table.filter(certificates::user_id.eq_any(users_of!(id)));
    let revoked = (
        certificates::revoked_at.eq(now),
        certificates::revoke_reason.eq(CertificateRevocation::Deleted),
    );
    let own = own.filter(certificates::revoked_at.is_null());
    let certificates = diesel::update(own).set(revoked).execute(conn)?;
    let open = [OrderState::Requested, OrderState::Accepted, OrderState::Debited];
    let unpaid = token_orders::table
        .filter(token_orders::contract_id.eq(id))
        .filter(token_orders::state.eq_any(open))
        .filter(token_orders::entry_id.is_null());
    let orders = diesel::update(unpaid)
        .set((token_orders::state.eq(OrderState::Withdrawn), token_orders::withdrawn_at.eq(now)))
        .execute(conn)?;
    Ok((certificates, orders))
}

/// Retires every token of the contract: used, or only shipped to it. Their number.
///
/// # Errors
/// Whatever the database says.
pub fn retire_tokens(conn: &mut DbConn, id: ContractId, now: UtcTime) -> Result<usize, DbError> {
    let held = tokens::table
        .filter(tokens::contract_id.eq(id))
        .filter(tokens::state.ne(TokenState::Retired));
    Ok(diesel::update(held)
        .set((tokens::state.eq(TokenState::Retired), tokens::retired_at.eq(now)))
        .execute(conn)?)
}
