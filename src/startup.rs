//! Floor 6: the only place that puts the parts together: settings, database, keys, hashing threads,
//! profiles, mail, worker and web server.

mod certificates;
pub mod log;
mod parts;
mod running;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Settings;
use crate::db::queries::demo::count_contracts;
use crate::db::queries::{audit, settings as facts, tokens};
use crate::db::{DatabaseUrl, Db, DbConn, DbError};
use crate::domain::directory::Directory;
use crate::operations::name_lookup::Simulated;
use crate::operations::pay_easy::SimulatedBiller;
use crate::operations::{OperationError, Services, demo};
pub use parts::DEMO_KEYS;
pub use running::{Running, start};

/// Whether the demo's data, or customers', are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For customers.
    Serve,
    /// With demo data and the QA console.
    Demo,
}

/// Why nothing was started: one line that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StartError(String);

impl StartError {
    /// The line; line ends of a library's text become semicolons.
    pub fn new(line: impl Into<String>) -> StartError {
        let line: String = line.into();
        let parts: Vec<&str> =
            line.lines().map(str::trim).filter(|part| !part.is_empty()).collect();
        StartError(parts.join("; "))
    }
}

/// What a server works with. The demo's database is made, migrated and filled where need be;
/// customers' has to stand.
///
/// # Errors
/// One line that says what to do.
pub fn services(settings: &Settings, is_demo: bool) -> Result<Services, StartError> {
    if is_demo { demo_services(settings) } else { customer_services(settings) }
}

fn customer_services(settings: &Settings) -> Result<Services, StartError> {
    let keys = parts::configured_keys(settings)?;
    let db = parts::open_existing(settings)?;
    if is_demo_database(&db)? {
        return Err(StartError::new(format!(
            "{} holds demo data, whose passwords are public; give serve a database of its own",
            parts::database_url(settings)?
        )));
    }
    parts::assemble(settings, db, keys)
}

fn demo_services(settings: &Settings) -> Result<Services, StartError> {
    let url = parts::database_url(settings)?;
    parts::make_folder(&url)?;
    let db = parts::open(&url, true)?;
    // Before migrating: a database of customers is not to be touched at all.
    refuse_foreign_data(&db, &url)?;
    crate::db::migrate(&url).map_err(|error| parts::database_trouble(&url, &error))?;
    refuse_foreign_data(&db, &url)?;
    let services = parts::assemble(settings, db, parts::demo_keys()?)?;
    let biller = Arc::new(SimulatedBiller::new(services.db.clone()));
    let services = Services { name_lookup: Arc::new(Simulated), biller, ..services };
    demo::load(&services)
        .map_err(|error| StartError::new(format!("the demo data cannot be loaded: {error}")))?;
    Ok(services)
}

/// What a command works with: on a demo database it takes the demo's keys and time by itself.
///
/// # Errors
/// One line that says what to do.
pub fn command_services(settings: &Settings) -> Result<Services, StartError> {
    let db = parts::open_existing(settings)?;
    if !is_demo_database(&db)? {
        return parts::assemble(settings, db, parts::configured_keys(settings)?);
    }
    let services = parts::assemble(settings, db, parts::demo_keys()?)?;
    demo::clock::restore(&services)
        .map_err(|error| StartError::new(format!("the demo's clock cannot be read: {error}")))?;
    Ok(services)
}

/// Migrates the database, making a SQLite file that is missing; returns what was run.
///
/// # Errors
/// One line that says what to do.
pub fn migrate(settings: &Settings) -> Result<Vec<String>, StartError> {
    let url = parts::database_url(settings)?;
    parts::check_folder(&url)?;
    crate::db::migrate(&url).map_err(|error| parts::database_trouble(&url, &error))
}

fn is_demo_database(db: &Db) -> Result<bool, StartError> {
    db.read_blocking(demo_mark)
        .map_err(|error| StartError::new(format!("the database cannot be read: {error}")))
}

fn demo_mark(conn: &mut DbConn) -> Result<bool, DbError> {
    Ok(facts::find(conn, "demo")?.as_deref() == Some("1"))
}

/// The demo resets its database as a whole, so it takes none in which anything else stands.
fn refuse_foreign_data(db: &Db, url: &DatabaseUrl) -> Result<(), StartError> {
    let holds_data = db.read_blocking(|conn| {
        if demo_mark(conn)? {
            return Ok(false);
        }
        Ok::<_, DbError>(
            count_contracts(conn)? > 0
                || !tokens::list(conn, None, None, 1)?.is_empty()
                || audit::find_last_seal(conn)?.is_some(),
        )
    });
    // A database without these tables is a new one.
    if holds_data.unwrap_or(false) {
        return Err(StartError::new(format!(
            "{url} holds other data than the demo's, which demo would replace; give demo a \
             database of its own with --database"
        )));
    }
    Ok(())
}

/// Empties and fills the demo's database again.
///
/// # Errors
/// One line.
pub fn reset_demo(services: &Services) -> Result<(), StartError> {
    demo::reset(services).map(drop).map_err(|error: OperationError| {
        StartError::new(format!("the demo data cannot be reset: {error}"))
    })
}

/// The directory of banks of the settings; none: the one that is built in.
///
/// # Errors
/// One line about a file that cannot be read, or the first mistake in it.
pub fn directory(settings: &Settings) -> Result<Option<Directory>, StartError> {
    parts::directory(settings)
}

/// Names and texts of the profiles that a server would use, not checked yet.
///
/// # Errors
/// One line about a folder or file that cannot be read.
pub fn profile_files(settings: &Settings) -> Result<BTreeMap<String, String>, StartError> {
    parts::profile_files(settings)
}

/// What has to hold before customers are served, beside what the parts check themselves.
///
/// # Errors
/// One line that says what to do.
pub fn check_serve(settings: &Settings, allows_plain_http: bool) -> Result<(), StartError> {
    let is_https = settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    if is_https || settings.listen.ip().is_loopback() || allows_plain_http {
        return Ok(());
    }
    Err(StartError::new(format!(
        "customers would reach {} without TLS; set MADOGUCHI_PUBLIC_URL to the https:// address \
         of the proxy in front, or add --allow-plain-http",
        settings.listen
    )))
}

/// The demo has public passwords and a console without login: it leaves the machine only when told
/// so twice.
///
/// # Errors
/// One line that says what to do.
pub fn check_demo(settings: &Settings, times_allowed: u8) -> Result<(), StartError> {
    let tls = settings.certificates.listener.as_ref().map(|listener| listener.address);
    let mut addresses = [Some(settings.listen), tls].into_iter().flatten();
    let public = addresses.find(|address| !address.ip().is_loopback());
    let Some(public) = public.filter(|_| times_allowed < 2) else { return Ok(()) };
    Err(StartError::new(format!(
        "the demo's passwords are public and its console needs none, so it does not listen on \
         {public}; listen on 127.0.0.1, or give --allow-public-demo twice"
    )))
}
