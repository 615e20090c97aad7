//! Kinds of token and the days on which each can be registered.

use chrono::NaiveDate;
use serde::Deserialize;

use super::when::JstDate;

pub use crate::domain::token::TokenKind;

/// Where the secret of a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// A key file of the maker, imported by staff.
    Stock,
    /// The app asks for one when first opened; the customer registers it by serial and code.
    SelfMade,
    /// The customer asks for it in the portal, and the app fetches it.
    Issued,
}

/// The form of a serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SerialForm {
    /// Digits only.
    Digits,
    /// Capital letters and digits.
    LettersAndDigits,
    /// Four capital letters, then digits.
    FourLettersThenDigits,
}

impl SerialForm {
    fn matches(self, serial: &str) -> bool {
        let is_capital_or_digit = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        match self {
            Self::Digits => serial.chars().all(|c| c.is_ascii_digit()),
            Self::LettersAndDigits => serial.chars().all(is_capital_or_digit),
            Self::FourLettersThenDigits => {
                serial.chars().take(4).all(|c| c.is_ascii_uppercase())
                    && serial.chars().skip(4).all(|c| c.is_ascii_digit())
            }
        }
    }
}

/// Why a kind of token cannot be registered today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosedReason {
    /// Registration begins on this day.
    NotYet(NaiveDate),
    /// Since this day there is no new start or exchange; registered ones keep working.
    Closed(NaiveDate),
    /// The portal never took this kind.
    NotTaken,
}

/// One kind of token that a portal takes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRules {
    /// The kind.
    pub kind: TokenKind,
    /// Where its secret comes from.
    pub credential: Credential,
    /// What users call it.
    pub label: String,
    /// Form of its serial number.
    pub serial_form: SerialForm,
    /// Fewest characters of the serial number.
    pub serial_length_min: u32,
    /// Most characters of the serial number.
    pub serial_length_max: u32,
    /// Where users find the serial number.
    pub serial_place: String,
    /// Where users find the code.
    pub code_place: String,
    /// First day of registration; without it, always open.
    #[serde(default)]
    pub registration_from: Option<JstDate>,
    /// First day on which start and exchange no longer work; without it, never.
    #[serde(default)]
    pub closed_from: Option<JstDate>,
    /// Kinds to which the message points once this one is closed.
    #[serde(default)]
    pub use_instead: Vec<TokenKind>,
}

impl KindRules {
    /// Whether a token of this kind can be registered on this day of Japan.
    ///
    /// # Errors
    ///
    /// Why it cannot.
    pub fn open_on(&self, today: NaiveDate) -> Result<(), ClosedReason> {
        match (self.registration_from, self.closed_from) {
            (Some(JstDate(from)), _) if today < from => Err(ClosedReason::NotYet(from)),
            (_, Some(JstDate(from))) if today >= from => Err(ClosedReason::Closed(from)),
            _ => Ok(()),
        }
    }

    /// Whether `serial` has the form of this kind: half-width, capital letters.
    #[must_use]
    pub fn accepts_serial(&self, serial: &str) -> bool {
        let length = u32::try_from(serial.chars().count()).unwrap_or(u32::MAX);
        (self.serial_length_min..=self.serial_length_max).contains(&length)
            && self.serial_form.matches(serial)
    }
}
