//! Two years of movements: what happens on an account each month, counted back from the day of
//! loading, drawn from a generator that gives the same numbers every time.

mod company;
mod household;
mod timeline;

use chrono::{Datelike, Months, NaiveDate, NaiveTime, TimeDelta};

use crate::domain::ledger::AccountPurpose;
use crate::domain::portal::{Destination, Profile};
use crate::primitives::clock::{UtcTime, jst_day, jst_day_start, jst_to_utc};

pub use self::company::company;
pub use self::household::household;
use self::timeline::{business_day_from, business_day_until, day_of_month};

/// How far back movements go.
const MONTHS: u32 = 24;
/// What a planned withdrawal leaves on an account at least.
const KEPT_YEN: i64 = 20_000;
const TRANSFER_FEE: &str = "transfer_fee";
/// The fee follows its transfer.
const FEE_AFTER: TimeDelta = TimeDelta::seconds(1);

/// One side of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The contract's account with this place in its list.
    Own(usize),
    /// One of the institution's own accounts.
    Internal(AccountPurpose),
}

/// A balanced event.
#[derive(Debug, Clone)]
pub struct Movement {
    /// When.
    pub at: UtcTime,
    /// What kind of event, as the ledger names it.
    pub kind: &'static str,
    /// 摘要.
    pub text: String,
    /// Its key in the ledger, where something refers to it.
    pub key: Option<String>,
    /// Amounts in yen that sum to zero.
    pub lines: Vec<(Side, i64)>,
}

/// The beginning of the movements: midnight in Japan, 24 months before the day of `now`.
pub fn start_of(now: UtcTime) -> UtcTime {
    let day = jst_day(now);
    jst_day_start(day.checked_sub_months(Months::new(MONTHS)).unwrap_or(day))
}

/// Collects the movements of one contract.
pub struct Book<'a> {
    profile: &'a Profile,
    now: UtcTime,
    start: UtcTime,
    numbers: Numbers,
    movements: Vec<Movement>,
}

impl<'a> Book<'a> {
    /// An empty book; `seed` decides all amounts.
    pub fn new(profile: &'a Profile, seed: &str, now: UtcTime) -> Book<'a> {
        let numbers = Numbers::new(seed);
        Book { profile, now, start: start_of(now), numbers, movements: Vec::new() }
    }

    /// The movements in order of time. A withdrawal that an account cannot bear is left out, so
    /// that no balance ever stands below zero.
    pub fn finish(mut self, accounts: usize) -> Vec<Movement> {
        self.movements.sort_by_key(|movement| movement.at);
        let mut balances = vec![0_i64; accounts];
        let mut left_out = None;
        self.movements.retain(|movement| {
            if movement.kind == TRANSFER_FEE && left_out == Some(movement.at - FEE_AFTER) {
                return false;
            }
            let own = movement.lines.iter().filter_map(|(side, amount)| match side {
                Side::Own(place) => Some((*place, *amount)),
                Side::Internal(_) => None,
            });
            let own: Vec<(usize, i64)> = own.collect();
            let is_borne = own.iter().all(|(place, amount)| {
                *amount > 0 || balances.get(*place).is_some_and(|b| b + amount >= KEPT_YEN)
            });
            if is_borne {
                for (place, amount) in own {
                    if let Some(balance) = balances.get_mut(place) {
                        *balance += amount;
                    }
                }
            } else {
                left_out = Some(movement.at);
            }
            is_borne
        });
        self.movements
    }

    /// The first days of the months that the book covers, oldest first, with their numbers.
    fn months(&self) -> Vec<(u32, NaiveDate)> {
        let first = jst_day(self.start);
        let first = first.with_day(1).unwrap_or(first);
        (0..=MONTHS)
            .filter_map(|number| Some((number, first.checked_add_months(Months::new(number))?)))
            .collect()
    }

    fn amount(&mut self, from: i64, to: i64, unit: i64) -> i64 {
        self.numbers.between(from / unit, to / unit) * unit
    }

    /// A time within opening hours of that day.
    fn at(&mut self, day: NaiveDate, from_hour: u32, to_hour: u32) -> UtcTime {
        let second = self.numbers.between(i64::from(from_hour) * 3_600, i64::from(to_hour) * 3_600);
        jst_to_utc(day.and_time(NaiveTime::MIN)) + TimeDelta::seconds(second)
    }

    /// Notes a movement that lies within the two years.
    fn push(&mut self, at: UtcTime, kind: &'static str, text: &str, lines: Vec<(Side, i64)>) {
        if at >= self.start && at <= self.now {
            self.movements.push(Movement { at, kind, text: text.to_owned(), key: None, lines });
        }
    }

    /// Between one own account and one of the institution's; positive: the customer gains.
    fn simple(
        &mut self,
        at: UtcTime,
        kind: &'static str,
        text: &str,
        (place, amount): (usize, i64),
        other: AccountPurpose,
    ) {
        let lines = vec![(Side::Own(place), amount), (Side::Internal(other), -amount)];
        self.push(at, kind, text, lines);
    }

    /// What stood on the account before the two years.
    fn carry_over(&mut self, place: usize, amount: i64) {
        let at = self.start;
        self.simple(at, "carry_over", "繰越", (place, amount), AccountPurpose::Suspense);
    }

    /// 振込入金.
    fn receive(&mut self, day: NaiveDate, place: usize, amount: i64, text: &str) {
        let at = self.at(business_day_from(day), 9, 15);
        let other = AccountPurpose::IncomingClearing;
        self.simple(at, "incoming_transfer", text, (place, amount), other);
    }

    /// 口座振替.
    fn debit(&mut self, day: NaiveDate, place: usize, amount: i64, text: &str) {
        let at = self.at(business_day_from(day), 5, 8);
        self.simple(at, "direct_debit", text, (place, -amount), AccountPurpose::Collection);
    }

    /// ATM: positive in, negative out.
    fn cash(&mut self, day: NaiveDate, place: usize, amount: i64) {
        let at = self.at(day, 8, 20);
        let (kind, text) = if amount > 0 { ("atm_deposit", "ATM 入金") } else { ("atm", "ATM") };
        self.simple(at, kind, text, (place, amount), AccountPurpose::Suspense);
    }

    /// 振込 to another bank, with the fee and its tax as postings of their own.
    fn pay(&mut self, day: NaiveDate, place: usize, amount: i64, text: &str) {
        let at = self.at(business_day_from(day), 9, 14);
        let other = AccountPurpose::OutgoingClearing;
        self.simple(at, "transfer", text, (place, -amount), other);
        let fee = self.profile.fees.for_transfer(Destination::OtherBank, amount, jst_day(at));
        if fee.net_yen > 0 {
            let mut lines = vec![
                (Side::Own(place), -fee.total_yen()),
                (Side::Internal(AccountPurpose::FeeIncome), fee.net_yen),
            ];
            if fee.tax_yen > 0 {
                lines.push((Side::Internal(AccountPurpose::ConsumptionTax), fee.tax_yen));
            }
            self.push(at + FEE_AFTER, TRANSFER_FEE, "振込手数料", lines);
        }
    }

    /// 振替 between two own accounts.
    fn own_transfer(&mut self, day: NaiveDate, from: usize, to: usize, amount: i64) {
        let at = self.at(day, 10, 18);
        let lines = vec![(Side::Own(from), -amount), (Side::Own(to), amount)];
        self.push(at, "own_transfer", "振替", lines);
    }

    /// 利息, in February and August.
    fn interest(&mut self, month: NaiveDate, place: usize, amount: i64) {
        if matches!(month.month(), 2 | 8) {
            let at = self.at(business_day_from(day_of_month(month, 15)), 4, 5);
            self.simple(at, "interest", "利息", (place, amount), AccountPurpose::Suspense);
        }
    }

    /// A day of wages: the business day before, where it falls on a day off.
    fn payday(month: NaiveDate, day: u32) -> NaiveDate {
        business_day_until(day_of_month(month, day))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
struct Numbers {
    state: u64,
}

impl Numbers {
    fn new(seed: &str) -> Numbers {
        let digest = super::secret::demo_secret(&format!("movements {seed}"));
        let state = digest.expose().iter().take(8).fold(0, |n, byte| (n << 8) | u64::from(*byte));
        Numbers { state }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// One of a few texts.
    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        let last = i64::try_from(texts.len()).unwrap_or(1) - 1;
        let place = usize::try_from(self.between(0, last)).unwrap_or(0);
        texts.get(place).copied().unwrap_or_default()
    }
}
