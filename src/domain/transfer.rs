//! 振込・振替: where a transfer goes, on which day it can go out, what it costs, and the draft of
//! one (BTR001 to BTR005).

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::domain::ledger::Account;
use crate::domain::payee::{Destination, PayeeAccountType};
use crate::domain::payment::{Payment, PaymentKind};
use crate::domain::portal::{Destination as Distance, Fee, Profile};
use crate::primitives::calendar::{business_day_after, business_day_from, is_business_day};
use crate::primitives::clock::{UtcTime, to_jst};
use crate::primitives::ids::{AccountId, PayeeId};
use crate::primitives::yen::Yen;

/// Most yen of one transfer: ten digits, as the files of the banks have it (zengin, 振込金額).
pub const AMOUNT_MAX: Yen = Yen(9_999_999_999);
/// Minutes within which the same transfer again is asked about.
pub const ALIKE_MINUTES: i64 = 10;

impl Destination {
    /// An account of this institution as a payee.
    #[must_use]
    pub fn of_account(profile: &Profile, account: &Account) -> Destination {
        Destination {
            bank_code: profile.portal.bank_code.as_str().to_owned(),
            bank_name: profile.portal.institution.clone(),
            branch_code: account.branch_code.clone(),
            branch_name: account.branch_name.clone(),
            account_type: PayeeAccountType::of_own(account.account_type),
            number: account.number.clone(),
            holder_kana: account.holder_kana.clone(),
        }
    }

    /// Whom a transfer went to; nothing for what was no transfer.
    #[must_use]
    pub fn of_payment(payment: &Payment) -> Option<Destination> {
        Some(Destination {
            bank_code: payment.bank_code.clone(),
            bank_name: payment.bank_name.clone(),
            branch_code: payment.branch_code.clone(),
            branch_name: payment.branch_name.clone(),
            account_type: payment.account_type?,
            number: payment.number.clone(),
            holder_kana: payment.holder_kana.clone(),
        })
    }

    /// Whether it is at the portal's own institution.
    #[must_use]
    pub fn is_own_institution(&self, profile: &Profile) -> bool {
        self.bank_code == profile.portal.bank_code.as_str()
    }

    /// How far it is from an account, as fees see it.
    #[must_use]
    pub fn distance(&self, profile: &Profile, from: &Account, is_own_account: bool) -> Distance {
        if is_own_account {
            Distance::OwnAccount
        } else if !self.is_own_institution(profile) {
            Distance::OtherBank
        } else if self.branch_code == from.branch_code {
            Distance::OwnBranch
        } else {
            Distance::OwnInstitution
        }
    }
}

/// How the payee was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayeeChoice {
    /// Another account of the contract: 振替.
    Own(AccountId),
    /// A payee from the list of payees.
    Registered(PayeeId),
    /// Typed, or paid before.
    Other,
}

/// A transfer that is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferDraft {
    /// 出金口座.
    pub from: AccountId,
    /// Where to.
    pub to: Destination,
    /// The payee's account, where it is at this institution.
    pub to_account: Option<AccountId>,
    /// Whether that is an account of the same contract: then it is free of charge, also where this
    /// user has no right on it.
    pub is_own_contract: bool,
    /// Whether the payee's name was looked up, and not typed.
    pub is_name_found: bool,
    /// The payee's name as it was typed on BTR002; nothing where none was.
    pub typed_holder: String,
    /// How the payee was chosen.
    pub choice: PayeeChoice,
    /// Whether the payee was registered beforehand (事前登録先): the proof may be a lesser one.
    pub is_registered: bool,
    /// What was typed on BTR003; nothing before that.
    pub order: Option<TransferOrder>,
}

/// What BTR003 takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferOrder {
    /// How much.
    pub amount: Yen,
    /// On which day of Japan.
    pub execute_on: NaiveDate,
    /// 振込依頼人名 in half-width kana.
    pub sender_kana: String,
    /// 振込依頼人名 as it was typed on BTR003; nothing in drafts from before it was kept.
    #[serde(default)]
    pub typed_sender: String,
    /// The fee that was shown.
    pub fee_yen: i64,
    /// Its tax.
    pub tax_yen: i64,
    /// Whether it was to go out at once, and not as a reservation.
    pub is_at_once: bool,
}

impl TransferDraft {
    /// 振替 or 振込.
    #[must_use]
    pub fn kind(&self) -> PaymentKind {
        match self.choice {
            PayeeChoice::Own(_) => PaymentKind::OwnTransfer,
            PayeeChoice::Registered(_) | PayeeChoice::Other => PaymentKind::Transfer,
        }
    }

    /// What it costs, if it goes out from `from` on `execute_on`.
    #[must_use]
    pub fn fee(
        &self,
        profile: &Profile,
        from: &Account,
        amount: Yen,
        execute_on: NaiveDate,
    ) -> Fee {
        let distance = self.to.distance(profile, from, self.is_own_contract);
        profile.fees.for_transfer(distance, amount.0, execute_on)
    }
}

/// On which days a transfer can go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRules {
    /// Today, in Japan.
    pub today: NaiveDate,
    /// The first day on which it can go out.
    pub first: NaiveDate,
    /// The last one.
    pub last: NaiveDate,
    /// Whether banks settle with each other: only business days then.
    pub is_between_banks: bool,
    /// Until when `first` is today, where that ends (cut-off).
    pub cut_off_at: Option<UtcTime>,
}

/// Why a transfer cannot go out on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayProblem {
    /// Before today.
    Past,
    /// Further ahead than the profile lets reserve.
    TooFar,
    /// Today, after the time until which banks take transfers; the next day that they do.
    AfterCutOff(NaiveDate),
    /// No business day; the next one.
    Holiday(NaiveDate),
}

impl DayRules {
    /// The days for a transfer that is made at `now`: to another bank before the cut-off of a
    /// business day today, else from the next business day on; in the own institution at any
    /// hour of service.
    #[must_use]
    pub fn at(profile: &Profile, is_between_banks: bool, now: UtcTime) -> DayRules {
        let jst = to_jst(now);
        let today = jst.date();
        let policy = &profile.transfers;
        let ahead = Days::new(u64::from(policy.days_ahead_max));
        let last = today.checked_add_days(ahead).unwrap_or(today);
        let cut_off = today.and_time(policy.cut_off.0);
        let is_open_today = is_business_day(today) && jst < cut_off;
        let first = match (is_between_banks, is_open_today) {
            (false, _) | (true, true) => today,
            (true, false) => business_day_after(today),
        };
        let is_cut = is_between_banks && is_open_today;
        let cut_off_at = is_cut.then(|| crate::primitives::clock::jst_to_utc(cut_off));
        DayRules { today, first, last, is_between_banks, cut_off_at }
    }

    /// Whether a transfer can go out on this day.
    ///
    /// # Errors
    /// [`DayProblem`].
    pub fn check(&self, on: NaiveDate) -> Result<(), DayProblem> {
        if on < self.today {
            return Err(DayProblem::Past);
        }
        if on > self.last {
            return Err(DayProblem::TooFar);
        }
        if !self.is_between_banks {
            return Ok(());
        }
        if !is_business_day(on) {
            return Err(DayProblem::Holiday(business_day_from(on)));
        }
        if on < self.first { Err(DayProblem::AfterCutOff(self.first)) } else { Ok(()) }
    }

    /// Whether it is made at once on this day, and not reserved.
    #[must_use]
    pub fn is_at_once(&self, on: NaiveDate) -> bool {
        on == self.today
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::clock::jst_to_utc;

    fn shirakaba() -> Profile {
        let (name, text) =
            Profile::builtin().into_iter().find(|(name, _)| *name == "shirakaba.toml").unwrap();
        Profile::parse(name, text).unwrap()
    }

    fn jst(text: &str) -> UtcTime {
        jst_to_utc(text.parse().unwrap())
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn between_banks_transfers_go_out_on_business_days_before_the_cut_off() {
        let profile = shirakaba();
        // When, between banks, the first day, whether a cut-off is counted down.
        for (now, is_between, first, counts) in [
            ("2026-11-20T14:59:59", true, "2026-11-20", true),
            ("2026-11-20T15:00:00", true, "2026-11-24", false),
            ("2026-11-21T10:00:00", true, "2026-11-24", false),
            ("2026-11-23T10:00:00", true, "2026-11-24", false),
            ("2026-12-30T15:00:00", true, "2027-01-04", false),
            ("2026-11-20T23:59:59", false, "2026-11-20", false),
            ("2026-11-21T10:00:00", false, "2026-11-21", false),
        ] {
            let rules = DayRules::at(&profile, is_between, jst(now));
            assert_eq!((rules.first, rules.cut_off_at.is_some()), (day(first), counts), "{now}");
        }
    }

    #[test]
    fn days_that_cannot_be_say_which_can() {
        let profile = shirakaba();
        let other = DayRules::at(&profile, true, jst("2026-11-20T15:00:00"));
        for (on, answer) in [
            ("2026-11-19", Err(DayProblem::Past)),
            ("2026-11-20", Err(DayProblem::AfterCutOff(day("2026-11-24")))),
            ("2026-11-21", Err(DayProblem::Holiday(day("2026-11-24")))),
            ("2026-11-24", Ok(())),
            ("2026-12-20", Err(DayProblem::Holiday(day("2026-12-21")))),
            ("2026-12-21", Err(DayProblem::TooFar)),
        ] {
            assert_eq!(other.check(day(on)), answer, "{on}");
        }
        let own = DayRules::at(&profile, false, jst("2026-11-20T15:00:00"));
        assert_eq!(own.check(day("2026-11-20")), Ok(()));
        assert_eq!(own.check(day("2026-11-21")), Ok(()));
        assert!(own.is_at_once(day("2026-11-20")) && !own.is_at_once(day("2026-11-21")));
    }

    #[test]
    fn an_order_from_before_the_typed_name_was_kept_can_be_read() {
        let order = TransferOrder {
            amount: Yen(1_000),
            execute_on: day("2026-11-24"),
            sender_kana: "ｱ".into(),
            typed_sender: String::new(),
            fee_yen: 0,
            tax_yen: 0,
            is_at_once: true,
        };
        let mut old = serde_json::to_value(&order).unwrap();
        old.as_object_mut().unwrap().remove("typed_sender").unwrap();
        assert_eq!(serde_json::from_value::<TransferOrder>(old).unwrap(), order);
    }

    #[test]
    fn the_same_account_is_the_same_however_it_is_called() {
        let one = Destination {
            bank_code: "0001".into(),
            bank_name: "a".into(),
            branch_code: "001".into(),
            branch_name: "b".into(),
            account_type: PayeeAccountType::Ordinary,
            number: "0000001".into(),
            holder_kana: "ｱ".into(),
        };
        let named = Destination { bank_name: "x".into(), holder_kana: "ｲ".into(), ..one.clone() };
        assert_eq!(one.account(), named.account());
        for other in [
            Destination { bank_code: "0002".into(), ..one.clone() },
            Destination { branch_code: "002".into(), ..one.clone() },
            Destination { account_type: PayeeAccountType::Checking, ..one.clone() },
            Destination { number: "0000002".into(), ..one.clone() },
        ] {
            assert_ne!(one.account(), other.account());
        }
    }
}
