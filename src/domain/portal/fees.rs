//! Fees and their tax. Amounts are net; the tax is cut to whole yen.

use chrono::NaiveDate;
use serde::Deserialize;

use super::when::JstDate;

/// Where a transfer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Between accounts of the same customer: free.
    OwnAccount,
    /// To an account at the same branch.
    OwnBranch,
    /// To an account at another branch of the institution.
    OwnInstitution,
    /// To another bank.
    OtherBank,
}

/// Net fee of a transfer below and from the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Net fee in yen for amounts below the threshold.
    pub below_yen: i64,
    /// Net fee in yen for amounts from the threshold on.
    pub from_yen: i64,
}

/// Fees of transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferFees {
    /// Amount in yen from which the second fee holds.
    pub threshold_yen: i64,
    /// Same branch.
    pub own_branch: Band,
    /// Another branch of the institution.
    pub own_institution: Band,
    /// Another bank.
    pub other_bank: Band,
}

/// Fees for tokens and cards, net, in yen each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenFees {
    /// The first token.
    pub first_yen: i64,
    /// Each further token.
    pub further_yen: i64,
    /// A new one when the old one expires.
    pub expired_yen: i64,
    /// A new one for a fault or damage.
    pub faulty_yen: i64,
    /// A new one for a lost one.
    pub lost_yen: i64,
    /// The service, a month. Nothing debits it, so it can only be 0.
    pub monthly_yen: i64,
    /// A new customer card.
    pub card_yen: i64,
}

/// A tax rate and the first day on which it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// First day.
    pub from: JstDate,
    /// Percent of the net fee.
    pub percent: u32,
}

/// Section `fees`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    /// Consumption tax by day, oldest first.
    pub tax: Vec<TaxRate>,
    /// Transfers.
    pub transfer: TransferFees,
    /// Tokens and cards.
    #[serde(default)]
    pub token: TokenFees,
    /// Net fee in yen for each record collected by 口座振替.
    #[serde(default)]
    pub direct_debit_record_yen: i64,
}

/// A fee, and the tax on it as a posting of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fee {
    /// Without tax.
    pub net_yen: i64,
    /// The tax.
    pub tax_yen: i64,
}

impl Fee {
    /// What the customer pays.
    #[must_use]
    pub fn total_yen(self) -> i64 {
        self.net_yen.saturating_add(self.tax_yen)
    }
}

impl Fees {
    /// The tax rate of this day of Japan, in percent; 0 before the first one.
    #[must_use]
    pub fn tax_percent(&self, on: NaiveDate) -> u32 {
        let holding = self.tax.iter().filter(|rate| rate.from.0 <= on);
        holding.max_by_key(|rate| rate.from).map_or(0, |rate| rate.percent)
    }

    /// A net fee with the tax of this day.
    #[must_use]
    pub fn with_tax(&self, net_yen: i64, on: NaiveDate) -> Fee {
        let tax_yen = net_yen.saturating_mul(i64::from(self.tax_percent(on))) / 100;
        Fee { net_yen, tax_yen }
    }

    /// The fee for debits of 口座振替 that were collected on this day: never more than their sum.
    #[must_use]
    pub fn for_direct_debits(&self, count: i64, collected_yen: i64, on: NaiveDate) -> Fee {
        let each = self.with_tax(self.direct_debit_record_yen, on);
        let fee = Fee {
            net_yen: each.net_yen.saturating_mul(count),
            tax_yen: each.tax_yen.saturating_mul(count),
        };
        if fee.total_yen() <= collected_yen {
            return fee;
        }
        let percent = i64::from(self.tax_percent(on)).saturating_add(100);
        let net_yen = collected_yen.saturating_mul(100).saturating_add(percent - 1) / percent;
        Fee { net_yen, tax_yen: collected_yen.saturating_sub(net_yen) }
    }

    /// The fee for a transfer of `amount_yen` on this day.
    #[must_use]
    pub fn for_transfer(&self, to: Destination, amount_yen: i64, on: NaiveDate) -> Fee {
        let band = match to {
            Destination::OwnAccount => {
                return Fee { net_yen: 0, tax_yen: 0 };
            }
            Destination::OwnBranch => self.transfer.own_branch,
            Destination::OwnInstitution => self.transfer.own_institution,
            Destination::OtherBank => self.transfer.other_bank,
        };
        let is_below = amount_yen < self.transfer.threshold_yen;
        self.with_tax(if is_below { band.below_yen } else { band.from_yen }, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::portal::Profile;

    #[test]
    fn debits_cost_by_the_record_and_never_more_than_they_bring() {
        let (name, text) =
            Profile::builtin().into_iter().find(|(name, _)| *name == "aoba.toml").unwrap();
        let fees = Profile::parse(name, text).unwrap().fees;
        let on = |day: &str| day.parse::<NaiveDate>().unwrap();
        // Count, sum, day, net fee, tax.
        for (count, sum, day, net_yen, tax_yen) in [
            (0, 0, "2026-11-24", 0, 0),
            (3, 30_000, "2026-11-24", 300, 30),
            (3, 30_000, "2017-07-24", 300, 24),
            (1, 110, "2026-11-24", 100, 10),
            (1, 109, "2026-11-24", 100, 9),
            (1, 1, "2026-11-24", 1, 0),
        ] {
            let fee = fees.for_direct_debits(count, sum, on(day));
            assert_eq!((fee.net_yen, fee.tax_yen), (net_yen, tax_yen), "{count} {sum} {day}");
        }
    }
}
