//! Demo data: invented customers with tokens, accounts and two years of movements, made relative to
//! the clock, and put back to that state at will.
//!
//! A database is a demo from the first load on and stays one (`settings`: `demo` = `1`); nothing
//! here touches a database that is not.

mod bills;
mod bulk;
mod certificates;
pub mod clock;
mod external;
pub mod faults;
mod fill;
mod grants;
mod movements;
mod orders;
mod payees;
pub mod people;
pub mod samples;
pub mod secret;
pub mod states;
#[cfg(test)]
mod tests;
pub mod wall;

use std::sync::Arc;

pub use self::wall::{WallCard, WallToken, picture_cards, token_wall};
use crate::db::queries::demo::{self, DemoRows};
use crate::db::queries::{demo_tables, settings};
use crate::db::{DbConn, DbError};
use crate::operations::{OperationError, Services};
use crate::primitives::clock::{UtcTime, jst_iso, parse_rfc3339};

const DEMO_SETTING: &str = "demo";
const AS_OF_SETTING: &str = "demo_as_of";
const YES: &str = "1";

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadReport {
    /// False: the database held demo data already and kept them.
    pub is_new: bool,
    /// The time that the data are relative to.
    pub as_of: UtcTime,
    /// Users.
    pub users: usize,
    /// Tokens.
    pub tokens: usize,
    /// Ledger entries.
    pub entries: usize,
}

/// True if the database holds demo data.
///
/// # Errors
/// Whatever the database says.
pub fn is_demo(services: &Services) -> Result<bool, DbError> {
    services.db.read_blocking(is_demo_in_tx)
}

fn is_demo_in_tx(conn: &mut DbConn) -> Result<bool, DbError> {
    Ok(settings::find(conn, DEMO_SETTING)?.as_deref() == Some(YES))
}

fn require_demo(services: &Services) -> Result<(), OperationError> {
    if is_demo(services)? { Ok(()) } else { Err(no_demo()) }
}

fn no_demo() -> OperationError {
    OperationError::Corrupt("this database holds no demo data")
}

/// Loads the demo data as of the clock's time and marks the database. A database that holds them
/// keeps them, and the clock goes on from where it stood; should that lie before the data's own
/// time, they are loaded anew.
///
/// Permission: the command `demo`.
///
/// # Errors
/// Database or sealing trouble, or a database that holds other data.
pub fn load(services: &Services) -> Result<LoadReport, OperationError> {
    if is_demo(services)? {
        clock::restore(services)?;
        let as_of = services.db.read_blocking(|conn| settings::find(conn, AS_OF_SETTING))?;
        return match as_of.as_deref().and_then(parse_rfc3339) {
            Some(as_of) if as_of <= services.clock.now() => Ok(kept(as_of)),
            _ => reset(services),
        };
    }
    write(services, |conn| {
        let is_empty = demo::count_contracts(conn)? == 0;
        if is_empty { Ok(()) } else { Err(OperationError::Corrupt("it holds other data already")) }
    })
}

fn kept(as_of: UtcTime) -> LoadReport {
    LoadReport { is_new: false, as_of, users: 0, tokens: 0, entries: 0 }
}

/// Puts the demo data back as of the clock's time, in one transaction: everything goes, logins
/// and audit log too, and the data are written anew.
///
/// Permission: the QA console and the command `demo`, on demo data only.
///
/// # Errors
/// Database or sealing trouble, or a database without demo data; nothing has changed then.
pub fn reset(services: &Services) -> Result<LoadReport, OperationError> {
    write(services, |conn| {
        if !is_demo_in_tx(conn)? {
            return Err(no_demo());
        }
        Ok(demo_tables::clear(conn)?)
    })
}

/// Makes the rows, then writes them in one transaction after `prepare`.
fn write(
    services: &Services,
    prepare: impl Fn(&mut DbConn) -> Result<(), OperationError> + Send + 'static,
) -> Result<LoadReport, OperationError> {
    let as_of = services.clock.now();
    let clock_mode = clock::mode_text(services.clock.mode());
    let rows: Arc<DemoRows> = Arc::new(fill::rows(services)?);
    let payees = payees::rows(services, &rows)?;
    let bills = bills::rows(services)?;
    let report = LoadReport {
        is_new: true,
        as_of,
        users: rows.users.len(),
        tokens: rows.tokens.len(),
        entries: rows.entries.len(),
    };
    services.db.write_blocking(move |conn| {
        prepare(conn)?;
        demo::insert(conn, &rows)?;
        payees::insert(conn, &payees)?;
        bills::insert(conn, &bills)?;
        settings::set(conn, DEMO_SETTING, YES)?;
        // To the second, which is early enough.
        settings::set(conn, AS_OF_SETTING, &jst_iso(as_of))?;
        settings::set(conn, clock::CLOCK_SETTING, &clock_mode)?;
        Ok::<_, OperationError>(())
    })?;
    Ok(report)
}
