//! Shipping: a token from stock is handed to one contract.

use crate::db::queries::{contracts, tokens};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::operations::{Ctx, Services, audit};

/// How a shipment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShipOutcome {
    /// Shipped.
    Shipped,
    /// The portal has no such serial.
    NoSuchToken,
    /// The portal has no such open contract.
    NoSuchContract,
    /// It is not in stock: shipped, in use or retired.
    NotInStock,
}

/// Ships the token `serial` to the contract `contract_number`.
///
/// Permission: staff (by command or in the console).
///
/// # Errors
/// Whatever the database says.
pub fn ship(
    services: &Services,
    ctx: &Ctx,
    serial: &str,
    contract_number: &str,
) -> Result<ShipOutcome, DbError> {
    let (ctx, serial) = (ctx.clone(), serial.to_owned());
    let contract_number = contract_number.to_owned();
    services.db.write_blocking(move |conn| ship_in_tx(conn, &ctx, &serial, &contract_number))
}

/// [`ship`] in the caller's transaction.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn ship_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    serial: &str,
    contract_number: &str,
) -> Result<ShipOutcome, DbError> {
    let portal = ctx.portal_slug();
    let Some(token) = tokens::find_by_serial(conn, portal, serial)? else {
        return Ok(ShipOutcome::NoSuchToken);
    };
    let Some(contract_id) = contracts::find_by_number(conn, portal, contract_number)? else {
        return Ok(ShipOutcome::NoSuchContract);
    };
    if !tokens::ship(conn, token.id, contract_id, ctx.now)? {
        return Ok(ShipOutcome::NotInStock);
    }
    let object = format!("token {}", token.id);
    let details = format!("to contract {contract_id}");
    audit::write(conn, ctx, "token.ship", &object, AuditResult::Done, &details)?;
    Ok(ShipOutcome::Shipped)
}
