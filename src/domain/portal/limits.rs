//! Limits, transfers, holds.

use serde::Deserialize;

use super::when::TimeOfDay;

/// When the limits with a token apply after the start of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiseOnStart {
    /// At once.
    #[default]
    AtOnce,
    /// Only after the customer asked for a rise.
    OnRequest,
}

/// Limits of one service, in yen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceLimits {
    /// Most for one transaction, before the customer changes it.
    pub per_transaction_yen: i64,
    /// Most for one day of Japan, before the customer changes it.
    pub daily_yen: i64,
    /// Most that a customer can ask for on the screen, per day.
    pub ceiling_yen: i64,
}

/// Section `limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Most a day for users without a token, over transfers and Pay-easy; without it as with one.
    #[serde(default)]
    pub without_token_daily_yen: Option<i64>,
    /// Days after which a rise takes effect, at 00:00; 0: at once. A lowering always is at once.
    #[serde(default)]
    pub rise_after_days: u32,
    /// When the limits with a token apply.
    #[serde(default)]
    pub rise_on_start: RiseOnStart,
    /// Customers ask for whole multiples of this.
    #[serde(default = "change_unit_default")]
    pub change_unit_yen: u32,
    /// Transfers.
    #[serde(default)]
    pub transfer: Option<ServiceLimits>,
    /// Pay-easy.
    #[serde(default)]
    pub pay_easy: Option<ServiceLimits>,
    /// Bulk and external files.
    #[serde(default)]
    pub files: Option<ServiceLimits>,
}

/// 1万円, in which customers think of limits.
fn change_unit_default() -> u32 {
    10_000
}

impl Limits {
    /// The daily limit that holds for a user without a token whose own limit is `own_yen`.
    #[must_use]
    pub fn daily_yen_without_token(&self, own_yen: i64) -> i64 {
        self.without_token_daily_yen.map_or(own_yen, |most| most.min(own_yen))
    }
}

/// How corporate payees are registered beforehand (事前登録先).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisteredPayees {
    /// There are none.
    #[default]
    None,
    /// By a form on paper that staff enter.
    StaffForm,
    /// On the screen, with a one-time password.
    Otp,
}

/// Section `transfers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransferPolicy {
    /// Time after which a transfer to another bank goes out on the next business day.
    pub cut_off: TimeOfDay,
    /// Days ahead for which a transfer can be reserved.
    pub days_ahead_max: u32,
    /// Time at which reservations run.
    pub reservations_at: TimeOfDay,
    /// Months of movements shown.
    pub history_months: u32,
    /// How payees are registered beforehand.
    pub registered_payees: RegisteredPayees,
    /// How often a user can have the holder of an account looked up in a day of Japan.
    pub name_lookups_daily: u32,
}

impl Default for TransferPolicy {
    fn default() -> Self {
        Self {
            cut_off: TimeOfDay::of(15, 0),
            days_ahead_max: 30,
            reservations_at: TimeOfDay::of(9, 0),
            history_months: 24,
            registered_payees: RegisteredPayees::None,
            name_lookups_daily: 100,
        }
    }
}

/// Section `hold`: after a start, exchange, issue or change of mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hold {
    /// Hours for which the hold lasts; 0: no hold.
    pub hours: u32,
    /// Most a day to payees paid before; to others nothing goes out meanwhile.
    pub daily_yen: i64,
}

impl Default for Hold {
    fn default() -> Self {
        Self { hours: 24, daily_yen: 100_000 }
    }
}
