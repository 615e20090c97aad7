//! What the records of a bulk file cost.

use chrono::NaiveDate;

use super::BulkKind;
use crate::domain::portal::{Destination, Fee, Fees};

/// Where a record goes, by the codes of its bank and branch.
#[must_use]
pub fn destination(own: (&str, &str), bank_code: &str, branch_code: &str) -> Destination {
    let (own_bank, own_branch) = own;
    match (bank_code == own_bank, branch_code == own_branch) {
        (true, true) => Destination::OwnBranch,
        (true, false) => Destination::OwnInstitution,
        (false, _) => Destination::OtherBank,
    }
}

/// The fee of one record on this day: that of a transfer, or of a collected debit.
#[must_use]
pub fn item_fee(
    fees: &Fees,
    kind: BulkKind,
    to: Destination,
    amount_yen: i64,
    on: NaiveDate,
) -> Fee {
    if kind.is_outgoing() {
        fees.for_transfer(to, amount_yen, on)
    } else {
        fees.with_tax(fees.direct_debit_record_yen, on)
    }
}

/// Both fees together.
#[must_use]
pub fn sum(one: Fee, other: Fee) -> Fee {
    Fee {
        net_yen: one.net_yen.saturating_add(other.net_yen),
        tax_yen: one.tax_yen.saturating_add(other.tax_yen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_branch_is_one_of_the_own_institution() {
        let to = |bank, branch| destination(("0985", "301"), bank, branch);
        assert_eq!(to("0985", "301"), Destination::OwnBranch);
        assert_eq!(to("0985", "302"), Destination::OwnInstitution);
        assert_eq!(to("0001", "301"), Destination::OtherBank);
    }
}
