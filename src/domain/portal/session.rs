//! Sessions, mailed codes, the emergency stop.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::domain::login::SessionLimits;
use crate::primitives::clock::UtcTime;

/// Section `session`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionPolicy {
    /// Minutes without use after which a session ends.
    pub idle_minutes: u32,
    /// Minutes before that at which the user is warned.
    pub warn_minutes: u32,
    /// Hours after which a session ends in any case.
    pub hours_max: u32,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self { idle_minutes: 10, warn_minutes: 2, hours_max: 8 }
    }
}

impl SessionPolicy {
    /// The same as lengths of time.
    #[must_use]
    pub fn limits(self) -> SessionLimits {
        SessionLimits {
            idle: TimeDelta::minutes(i64::from(self.idle_minutes)),
            absolute: TimeDelta::hours(i64::from(self.hours_max)),
        }
    }
}

/// Section `mail_code`: codes sent by mail, at the first login (BLG095) and the issue (BOT002).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailCodePolicy {
    /// Minutes for which a code is valid.
    pub valid_minutes: u32,
    /// Wrong tries that end a code.
    pub failures_max: u32,
    /// Sendings of codes to one address within a day, the first included.
    pub sendings_max: u32,
    /// Times that 再送 may be pressed for a code that confirms an act, beside its first sending.
    pub resends_max: u32,
}

impl Default for MailCodePolicy {
    fn default() -> Self {
        Self { valid_minutes: 10, failures_max: 5, sendings_max: 3, resends_max: 3 }
    }
}

impl MailCodePolicy {
    /// The rules of a code that confirms an act (BOT002) instead of an address.
    #[must_use]
    pub fn of_act(self) -> Self {
        Self { sendings_max: self.resends_max.saturating_add(1), ..self }
    }

    /// Until when a code sent now holds.
    #[must_use]
    pub fn expiry(self, now: UtcTime) -> UtcTime {
        now + TimeDelta::minutes(i64::from(self.valid_minutes))
    }
}
