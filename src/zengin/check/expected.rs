//! What whoever has a file checked knows about it. Every part is optional: what is not known is not
//! checked.

use std::fmt;

use chrono::NaiveDate;

use crate::zengin::bulk::{BulkHeader, BulkItem, BulkKind};

/// An account of whoever sends the file, as a header names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAccount {
    /// 店番, three digits.
    pub branch_code: String,
    /// 預金種目.
    pub account_type: u8,
    /// 口座番号, seven digits.
    pub account_no: String,
}

/// What the day of a file is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayVerdict {
    /// It can be taken.
    Good,
    /// Banks are closed; the next day on which they are open, if known.
    NotBusinessDay {
        /// The next business day.
        next: Option<NaiveDate>,
    },
    /// Too early or too late.
    OutsideWindow {
        /// First day that can be taken.
        from: NaiveDate,
        /// Last day that can be taken.
        to: NaiveDate,
    },
    /// The time up to which this day was taken has passed.
    PastCutOff {
        /// When it passed, in words that customers read.
        until: String,
        /// The first day that can still be taken.
        first: NaiveDate,
    },
}

/// Judges the day of a file by its 種別コード.
pub type DayRule<'a> = &'a (dyn Fn(&str, NaiveDate) -> DayVerdict + Sync);

/// A bank or branch of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Office<'a> {
    /// Its name as people read it.
    pub name: &'a str,
    /// Its name in kana, of any width; empty where nobody knows it.
    pub kana: &'a str,
}

/// A directory of banks and branches.
pub trait BankDirectory: Sync {
    /// The bank of this code.
    fn bank(&self, code: &str) -> Option<Office<'_>>;
    /// The branch of this code of a bank.
    fn branch(&self, bank_code: &str, code: &str) -> Option<Office<'_>>;
    /// Of which day it is.
    fn as_of(&self) -> NaiveDate;
    /// Whether it is so old that an unknown code may be a new one: a warning then, not an error.
    fn is_old(&self) -> bool;
}

/// Files that were sent before.
pub trait SentFiles: Sync {
    /// By what people know the file that had exactly these bytes (SHA-256), if one was sent.
    fn same_content(&self, sha256: &[u8; 32]) -> Option<String>;
    /// By what people know the file that had this day, count and sum, if one was sent.
    fn same_totals(&self, totals: &Totals<'_>) -> Option<String>;
}

/// What makes two files look like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals<'a> {
    /// The first header.
    pub header: &'a BulkHeader,
    /// Its day, where it is known of which year.
    pub value_date: Option<NaiveDate>,
    /// How many data records.
    pub count: u64,
    /// Their sum in yen.
    pub amount: u64,
}

/// Payees that were registered before.
pub trait RegisteredPayees: Sync {
    /// The name under which the item's account is registered, if it is.
    fn name_of(&self, kind: BulkKind, item: &BulkItem) -> Option<String>;
}

/// What is known.
#[derive(Clone, Copy, Default)]
pub struct Expected<'a> {
    /// 種別コード that can be taken.
    pub business_types: Option<&'a [&'a str]>,
    /// 委託者コード, ten digits.
    pub originator_code: Option<&'a str>,
    /// Own 金融機関コード, four digits.
    pub own_bank_code: Option<&'a str>,
    /// Own accounts.
    pub own_accounts: Option<&'a [OwnAccount]>,
    /// Today, from which the year of a file's day follows.
    pub today: Option<NaiveDate>,
    /// Says what the day of a file is worth.
    pub day: Option<DayRule<'a>>,
    /// Banks and branches.
    pub directory: Option<&'a dyn BankDirectory>,
    /// Most yen of one item.
    pub amount_max: Option<u64>,
    /// Files sent before.
    pub sent: Option<&'a dyn SentFiles>,
    /// Payees registered before.
    pub payees: Option<&'a dyn RegisteredPayees>,
}

impl fmt::Debug for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected")
            .field("business_types", &self.business_types)
            .field("originator_code", &self.originator_code)
            .field("own_bank_code", &self.own_bank_code)
            .field("own_accounts", &self.own_accounts)
            .field("today", &self.today)
            .field("amount_max", &self.amount_max)
            .finish_non_exhaustive()
    }
}
