//! What every token must fulfil to be taken into stock, whatever file it comes from.

use std::collections::HashMap;

use crate::keyfile::error::RowProblem;
use crate::keyfile::{HashAlgorithm, ImportedToken, KeyRow};
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::secret::Secret;

const SECRET_BITS_MIN: usize = 128;
const SECRET_BITS_MAX: usize = 1_024;

/// The reach of a resynchronisation: a token further off could never be used.
const DRIFT_STEPS_MAX: i64 = 120;

const SHOWN_CHARACTERS_MAX: usize = 80;

/// A TOTP token as the file describes it.
pub(crate) struct RawToken {
    pub(crate) serial: String,
    pub(crate) secret: Option<Secret>,
    pub(crate) algorithm: HashAlgorithm,
    pub(crate) digits: Option<i64>,
    pub(crate) period_seconds: Option<i64>,
    pub(crate) drift_steps: i64,
    pub(crate) starts_at: Option<UtcTime>,
    pub(crate) expires_at: Option<UtcTime>,
    pub(crate) manufacturer: Option<String>,
}

impl RawToken {
    pub(crate) fn check(self) -> Result<ImportedToken, RowProblem> {
        let serial = checked_serial(&self.serial)?;
        let secret = self.secret.ok_or(RowProblem::SecretMissing)?;
        check_secret_length(&secret)?;
        let digits = match self.digits {
            Some(6) => 6,
            Some(8) => 8,
            _ => return Err(RowProblem::DigitsNotSupported),
        };
        let period_seconds = match self.period_seconds {
            Some(30) => 30,
            Some(60) => 60,
            _ => return Err(RowProblem::PeriodNotSupported),
        };
        let drift_steps = i32::try_from(self.drift_steps)
            .ok()
            .filter(|steps| i64::from(*steps).abs() <= DRIFT_STEPS_MAX)
            .ok_or(RowProblem::DriftTooLarge)?;
        if let (Some(start), Some(end)) = (self.starts_at, self.expires_at)
            && end < start
        {
            return Err(RowProblem::DatesReversed);
        }
        Ok(ImportedToken {
            serial,
            secret,
            algorithm: self.algorithm,
            digits,
            period_seconds,
            drift_steps,
            starts_on: self.starts_at.map(jst_day),
            expires_at: self.expires_at,
            manufacturer: self.manufacturer,
        })
    }
}

fn checked_serial(serial: &str) -> Result<String, RowProblem> {
    let serial = serial.trim();
    if serial.is_empty() {
        return Err(RowProblem::SerialMissing);
    }
    let is_charset_good = serial.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_charset_good || !(4..=20).contains(&serial.len()) {
        return Err(RowProblem::SerialNotValid);
    }
    Ok(serial.to_ascii_uppercase())
}

fn check_secret_length(secret: &Secret) -> Result<(), RowProblem> {
    let bits = secret.expose().len() * 8;
    if bits == 0 {
        Err(RowProblem::SecretMissing)
    } else if bits < SECRET_BITS_MIN {
        Err(RowProblem::SecretTooShort { bits })
    } else if bits > SECRET_BITS_MAX {
        Err(RowProblem::SecretTooLong)
    } else {
        Ok(())
    }
}

/// Turns all rows of a serial that comes more than once into problems: nobody can tell which of
/// the secrets is in the device.
pub(crate) fn mark_twice(mut rows: Vec<KeyRow>) -> Vec<KeyRow> {
    let mut first_by_serial: HashMap<String, usize> = HashMap::new();
    let mut twice: Vec<(usize, usize)> = Vec::new();
    for (position, row) in rows.iter().enumerate() {
        let Ok(token) = &row.outcome else {
            continue;
        };
        match first_by_serial.get(&token.serial) {
            Some(first) => twice.push((*first, position)),
            None => {
                first_by_serial.insert(token.serial.clone(), position);
            }
        }
    }
    for (first, second) in twice {
        set_twice(&mut rows, first, second);
        set_twice(&mut rows, second, first);
    }
    rows
}

fn set_twice(rows: &mut [KeyRow], position: usize, other: usize) {
    let Some(other) = rows.get(other).map(|row| row.line_or_index) else {
        return;
    };
    if let Some(row) = rows.get_mut(position)
        && row.outcome.is_ok()
    {
        row.outcome = Err(RowProblem::SerialTwice { other });
    }
}

/// A text of the file, short and without control characters, as it may be shown or stored.
pub(crate) fn shorten(text: &str) -> String {
    let visible = text.trim().chars().filter(|character| !character.is_control());
    visible.take(SHOWN_CHARACTERS_MAX).collect()
}
