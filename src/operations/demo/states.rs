//! The demo as it stands, kept under a name and put back: data, clock and all.

use super::{AS_OF_SETTING, clock, require_demo};
use crate::db::DbConn;
use crate::db::queries::{demo_tables, settings};
use crate::operations::{OperationError, Services};
use crate::primitives::clock::{Clock, jst_iso, parse_rfc3339};

pub use crate::db::queries::demo_tables::SavedState;

/// Letters in the name of a state.
pub const NAME_MAX: usize = 40;

/// What came of loading one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// Everything is as it was, and nobody is logged in.
    Done,
    /// There is none of this name.
    Missing,
    /// It was saved by another version, whose tables were others.
    Foreign,
}

/// A name that a state can have: neither empty nor longer than [`NAME_MAX`], without what a page
/// could not show.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let count = name.chars().count();
    (1..=NAME_MAX).contains(&count) && !name.chars().any(char::is_control) && name.trim() == name
}

/// The states that were saved, in order of name.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// Whatever the database says; a database without demo data.
pub fn list(services: &Services) -> Result<Vec<SavedState>, OperationError> {
    require_demo(services)?;
    Ok(services.db.write_blocking(demo_tables::list_states)?)
}

/// Keeps the demo as it stands, in one transaction; a state of the same name is replaced.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// Whatever the database says; a database without demo data.
pub fn save(services: &Services, name: &str) -> Result<(), OperationError> {
    require_demo(services)?;
    let mut state = SavedState {
        no: 0,
        name: name.to_owned(),
        saved_at: jst_iso(Clock::real_now()),
        clock: clock::mode_text(services.clock.mode()),
        at: jst_iso(services.clock.now()),
        version: String::new(),
    };
    let body = move |conn: &mut DbConn| {
        state.version = demo_tables::schema_version(conn)?;
        demo_tables::save_state(conn, &state)
    };
    Ok(services.db.write_blocking(body)?)
}

/// Puts the demo back as it was kept, clock and all. A clock that ran goes on from the time at
/// which the state was saved.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// Whatever the database says; a database without demo data. Nothing has changed then.
pub fn load(services: &Services, name: &str) -> Result<Loaded, OperationError> {
    require_demo(services)?;
    let _held = services.clock.hold();
    let name = name.to_owned();
    let body = move |conn: &mut DbConn| {
        let states = demo_tables::list_states(conn)?;
        let Some(state) = states.into_iter().find(|state| state.name == name) else {
            return Ok::<_, OperationError>(Err(Loaded::Missing));
        };
        if state.version != demo_tables::schema_version(conn)? {
            return Ok(Err(Loaded::Foreign));
        }
        demo_tables::load_state(conn, state.no)?;
        demo_tables::end_sessions(conn)?;
        // What the data are relative to lies before that.
        settings::set(conn, AS_OF_SETTING, &state.at)?;
        Ok(Ok(state))
    };
    let state = match services.db.write_blocking(body)? {
        Ok(state) => state,
        Err(loaded) => return Ok(loaded),
    };
    let at = parse_rfc3339(&state.at);
    let at = at.ok_or(OperationError::Corrupt("a saved state without its time"))?;
    clock::put_back(services, &state.clock, at)?;
    Ok(Loaded::Done)
}

/// Takes a saved state away; one that is not there stays so.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// Whatever the database says; a database without demo data.
pub fn delete(services: &Services, name: &str) -> Result<(), OperationError> {
    require_demo(services)?;
    let name = name.to_owned();
    let body = move |conn: &mut DbConn| demo_tables::delete_state(conn, &name);
    Ok(services.db.write_blocking(body)?)
}
