//! `token ship`.

use std::io::Write;

use crate::cli::token::ShipArgs;
use crate::cli::{CommandError, Exit, Operator, ctx};
use crate::operations::Services;
use crate::operations::token::ship::{self, ShipOutcome};
use crate::primitives::code::normalise_serial;

/// Ships one token.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn ship(
    services: &Services,
    operator: &Operator,
    args: &ShipArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "token ship")?;
    let serial = normalise_serial(&args.serial);
    let contract = &args.contract;
    let (line, exit) = match ship::ship(services, &ctx, &serial, contract)? {
        ShipOutcome::Shipped => (format!("{serial}: shipped to {contract}"), Exit::Done),
        ShipOutcome::NoSuchToken => {
            (format!("{serial}: the portal has no such token; import it first"), Exit::Findings)
        }
        ShipOutcome::NoSuchContract => (
            format!("{contract}: the portal has no such open contract; check the number"),
            Exit::Findings,
        ),
        ShipOutcome::NotInStock => (
            format!("{serial}: not in stock any more: it is shipped, in use or retired"),
            Exit::Findings,
        ),
    };
    writeln!(out, "{line}")?;
    Ok(exit)
}
