//! Moving the demo's clock: forward keeps everything, back reloads the demo data as of then.

use chrono::{DateTime, TimeDelta};

use super::{LoadReport, reset};
use crate::db::DbError;
use crate::db::queries::settings;
use crate::operations::{OperationError, Services};
use crate::primitives::clock::{Clock, ClockMode, UtcTime};

pub(super) const CLOCK_SETTING: &str = "demo_clock";

/// How the clock goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockRun {
    /// It runs on from the given time.
    Run,
    /// It stands still at the given time.
    Freeze,
    /// It follows the machine's time again.
    Real,
}

/// What the clock is set to.
#[derive(Debug, Clone, Copy)]
pub struct ClockMove {
    /// The new time; the present one where none is given.
    pub at: Option<UtcTime>,
    /// How it goes on.
    pub run: ClockRun,
    /// Reload the demo data as of the new time even if that lies ahead.
    pub is_jump: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct ClockMoved {
    /// The demo's time afterwards.
    pub now: UtcTime,
    /// The reload, where there was one.
    pub reloaded: Option<LoadReport>,
}

/// Sets the clock and notes it in the database, so that a restart goes on from there.
///
/// Permission: the QA console and commands, on demo data only.
///
/// # Errors
/// Database or sealing trouble; the clock then stands as before.
pub fn set_clock(services: &Services, wanted: ClockMove) -> Result<ClockMoved, OperationError> {
    super::require_demo(services)?;
    let _held = services.clock.hold();
    let (before, mode_before) = (services.clock.now(), services.clock.mode());
    let at = match (wanted.run, wanted.at) {
        (ClockRun::Real, _) => Clock::real_now(),
        (ClockRun::Run | ClockRun::Freeze, at) => at.unwrap_or(before),
    };
    match wanted.run {
        ClockRun::Run => services.clock.run_from(at),
        ClockRun::Freeze => services.clock.freeze(at),
        ClockRun::Real => services.clock.follow_real(),
    }
    let is_reload = wanted.is_jump || at < before;
    let done = if is_reload { reset(services).map(Some) } else { note(services).map(|()| None) };
    match done {
        Ok(reloaded) => Ok(ClockMoved { now: services.clock.now(), reloaded }),
        Err(error) => {
            services.clock.set_mode(mode_before);
            Err(error)
        }
    }
}

fn note(services: &Services) -> Result<(), OperationError> {
    let text = mode_text(services.clock.mode());
    services.db.write_blocking(move |conn| settings::set(conn, CLOCK_SETTING, &text))?;
    Ok(())
}

/// Sets the clock to a time at which it stood before: it stands again, or runs on from there.
///
/// # Errors
/// Whatever the database says.
pub(super) fn put_back(services: &Services, mode: &str, at: UtcTime) -> Result<(), OperationError> {
    match mode_of(mode) {
        Some(ClockMode::Frozen(_)) => services.clock.freeze(at),
        _ => services.clock.run_from(at),
    }
    note(services)
}

/// The mode as the database keeps it: `real`, `offset` or `frozen` with microseconds.
pub(super) fn mode_text(mode: ClockMode) -> String {
    match mode {
        ClockMode::Real => "real".to_owned(),
        ClockMode::Offset(offset) => {
            format!("offset {}", offset.num_microseconds().unwrap_or(0))
        }
        ClockMode::Frozen(at) => format!("frozen {}", at.and_utc().timestamp_micros()),
    }
}

fn mode_of(text: &str) -> Option<ClockMode> {
    let number = |text: &str| text.parse::<i64>().ok();
    match text.split_once(' ') {
        None => (text == "real").then_some(ClockMode::Real),
        Some(("offset", micros)) => {
            Some(ClockMode::Offset(TimeDelta::microseconds(number(micros)?)))
        }
        Some(("frozen", micros)) => {
            let at = DateTime::from_timestamp_micros(number(micros)?)?;
            Some(ClockMode::Frozen(at.naive_utc()))
        }
        Some(_) => None,
    }
}

/// Puts the clock where the database remembers it: demo data live in their own time.
///
/// # Errors
/// Whatever the database says.
pub fn restore(services: &Services) -> Result<(), DbError> {
    let _held = services.clock.hold();
    let noted = services.db.read_blocking(|conn| settings::find(conn, CLOCK_SETTING))?;
    if let Some(mode) = noted.as_deref().and_then(mode_of) {
        services.clock.set_mode(mode);
    }
    Ok(())
}

/// Whether other processes may move the clock of this demo: a SQLite file has one process.
#[must_use]
pub fn is_shared(services: &Services) -> bool {
    !services.db.is_sqlite()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::clock::parse_rfc3339;

    #[test]
    fn modes_are_read_as_they_were_written() {
        let at = parse_rfc3339("2016-02-29T23:59:59+09:00").unwrap();
        let offset = ClockMode::Offset(TimeDelta::microseconds(-12_345_678));
        for mode in [ClockMode::Real, offset, ClockMode::Frozen(at)] {
            assert_eq!(mode_of(&mode_text(mode)), Some(mode));
        }
        assert_eq!(mode_of("sideways 3"), None);
    }
}
