//! Contracts with the institution.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::contract::{Contract, TokenMode};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::ContractId;
use crate::schema::contracts;

/// Opens a contract and returns its id.
///
/// # Errors
/// Whatever the database says, a taken number too.
pub fn insert(
    conn: &mut DbConn,
    portal: &str,
    number: &str,
    name: &str,
    now: UtcTime,
) -> Result<ContractId, DbError> {
    Ok(diesel::insert_into(contracts::table)
        .values((
            contracts::portal.eq(portal),
            contracts::number.eq(number),
            contracts::name.eq(name),
            contracts::created_at.eq(now),
        ))
        .returning(contracts::id)
        .get_result(conn)?)
}

/// Locks the contract's row until the end of the transaction. SQLite has one writer at a time
/// anyhow.
///
/// # Errors
/// Not found on PostgreSQL, or whatever the database says.
pub fn lock(conn: &mut DbConn, id: ContractId) -> Result<(), DbError> {
    if let DbConn::Postgres(conn) = conn {
        let row = contracts::table.find(id).select(contracts::id).for_no_key_update();
        row.get_result::<ContractId>(conn)?;
    }
    Ok(())
}

/// The portal's open contract with this number.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_number(
    conn: &mut DbConn,
    portal: &str,
    number: &str,
) -> Result<Option<ContractId>, DbError> {
    Ok(contracts::table
        .filter(contracts::portal.eq(portal))
        .filter(contracts::number.eq(number))
        .filter(contracts::closed_at.is_null())
        .select(contracts::id)
        .first(conn)
        .optional()?)
}

/// As [`insert`]; nothing where somebody has taken the number.
///
/// # Errors
/// Whatever the database says.
pub fn insert_free(
    conn: &mut DbConn,
    portal: &str,
    number: &str,
    name: &str,
    now: UtcTime,
) -> Result<Option<ContractId>, DbError> {
    let mut id = None;
    insert_or_conflict(conn, |conn| {
        id = Some(insert(conn, portal, number, name, now)?);
        Ok::<_, DbError>(())
    })?;
    Ok(id)
}

/// Whether the portal has or had a contract of this number.
///
/// # Errors
/// Whatever the database says.
pub fn is_number_taken(conn: &mut DbConn, portal: &str, number: &str) -> Result<bool, DbError> {
    let same = contracts::table.filter(contracts::portal.eq(portal));
    Ok(same.filter(contracts::number.eq(number)).count().get_result::<i64>(conn)? > 0)
}

/// The portal's contract with this id, closed ones too.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_portal(
    conn: &mut DbConn,
    portal: &str,
    id: ContractId,
) -> Result<Option<Contract>, DbError> {
    let own = contracts::table.find(id).filter(contracts::portal.eq(portal));
    Ok(own.select(Contract::as_select()).first(conn).optional()?)
}

/// Whether the contract is open. The row is written, so that what is added to it and its end come
/// one after the other.
///
/// # Errors
/// Whatever the database says.
pub fn touch_open(conn: &mut DbConn, id: ContractId) -> Result<bool, DbError> {
    let open = contracts::table.find(id).filter(contracts::closed_at.is_null());
    Ok(diesel::update(open).set(contracts::closed_at.eq(None::<UtcTime>)).execute(conn)? == 1)
}

/// The contract with this id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: ContractId) -> Result<Contract, DbError> {
    Ok(contracts::table.find(id).select(Contract::as_select()).first(conn)?)
}

/// Sets 利用形態; false if it is not `from` any more. The row is written even where it stays, so that
/// acts on the contract's tokens come one after the other.
///
/// # Errors
/// Whatever the database says.
pub fn set_token_mode(
    conn: &mut DbConn,
    id: ContractId,
    from: Option<TokenMode>,
    to: TokenMode,
) -> Result<bool, DbError> {
    let contract = contracts::table.find(id);
    let set = match from {
        Some(from) => diesel::update(contract.filter(contracts::token_mode.eq(from)))
            .set(contracts::token_mode.eq(to))
            .execute(conn)?,
        None => diesel::update(contract.filter(contracts::token_mode.is_null()))
            .set(contracts::token_mode.eq(to))
            .execute(conn)?,
    };
    Ok(set == 1)
}

/// Writes down that the application for one-time passwords came in, and the day of the start that
/// staff set, if any; false if it had come in before.
///
/// # Errors
/// Whatever the database says.
pub fn set_otp_applied(
    conn: &mut DbConn,
    id: ContractId,
    applied_on: NaiveDate,
    starts_on: Option<NaiveDate>,
) -> Result<bool, DbError> {
    let without = contracts::table.find(id).filter(contracts::otp_applied_on.is_null());
    let set = diesel::update(without)
        .set((contracts::otp_applied_on.eq(applied_on), contracts::otp_starts_on.eq(starts_on)))
        .execute(conn)?;
    Ok(set == 1)
}

/// The number of a contract.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn number_of(conn: &mut DbConn, id: ContractId) -> Result<String, DbError> {
    Ok(contracts::table.find(id).select(contracts::number).first(conn)?)
}

/// Whether nobody of the contract logs in without a client certificate.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn is_certificate_required(conn: &mut DbConn, id: ContractId) -> Result<bool, DbError> {
    Ok(contracts::table.find(id).select(contracts::certificate_required).first(conn)?)
}

/// Sets whether client certificates are required; false if it stands so already.
///
/// # Errors
/// Whatever the database says.
pub fn set_certificate_required(
    conn: &mut DbConn,
    id: ContractId,
    is_required: bool,
) -> Result<bool, DbError> {
    let other = contracts::table.find(id).filter(contracts::certificate_required.ne(is_required));
    let set =
        diesel::update(other).set(contracts::certificate_required.eq(is_required)).execute(conn)?;
    Ok(set == 1)
}
