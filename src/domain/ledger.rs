//! Double entry: an entry has two or more postings whose amounts sum to zero. Entries are never
//! changed or deleted; a correction is a new entry that names the old one.

use chrono::{NaiveDate, NaiveDateTime};

use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, ContractId, EntryId};
use crate::primitives::yen::Yen;
use crate::text_enum;

/// What kind of event a correction is.
pub const REVERSAL_KIND: &str = "reversal";

/// What kind of event a 組戻 is: what could not be credited of a company's own file comes back.
pub const RETURN_KIND: &str = "bulk_return";

/// The key of the fee that was posted with the entry of this key.
#[must_use]
pub fn fee_key(key: &str) -> String {
    format!("{key} fee")
}

/// The key of the entry that gave back (組戻) what could not be paid of the bulk file whose entry
/// has this key.
#[must_use]
pub fn return_key(key: &str) -> String {
    format!("{key} return")
}

text_enum! {
    /// Whose account it is: a customer's, or one of the institution's own.
    AccountPurpose {
        /// A customer's account; its balance is guarded.
        Customer = "customer",
        /// 為替仕向.
        OutgoingClearing = "outgoing_clearing",
        /// 為替被仕向.
        IncomingClearing = "incoming_clearing",
        /// 受取手数料.
        FeeIncome = "fee_income",
        /// 仮受消費税.
        ConsumptionTax = "consumption_tax",
        /// 税金・公共料金の収納.
        Collection = "collection",
        /// 仮受金.
        Suspense = "suspense",
    }
}

text_enum! {
    /// 預金科目.
    AccountType {
        /// 普通.
        Ordinary = "ordinary",
        /// 当座.
        Checking = "checking",
        /// 貯蓄.
        Savings = "savings",
        /// The institution's own.
        Internal = "internal",
    }
}

impl AccountType {
    /// The word that customers see.
    pub fn label(self) -> &'static str {
        match self {
            AccountType::Ordinary => "普通",
            AccountType::Checking => "当座",
            AccountType::Savings => "貯蓄",
            AccountType::Internal => "別段",
        }
    }
}

/// A row of `accounts`. An internal account takes postings only: its stored balance stays 0 and
/// its true balance is the sum of its postings, so that no row is hot.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::accounts)]
pub struct Account {
    /// Row id.
    pub id: AccountId,
    /// The portal's slug.
    pub portal: String,
    /// The contract; none for internal accounts.
    pub contract_id: Option<ContractId>,
    /// Whose account.
    pub purpose: AccountPurpose,
    /// 店番.
    pub branch_code: String,
    /// 店名.
    pub branch_name: String,
    /// 科目.
    pub account_type: AccountType,
    /// 口座番号, 7 digits.
    pub number: String,
    /// Holder in half-width kana.
    pub holder_kana: String,
    /// The balance never goes below this.
    pub floor: Yen,
    /// Balance in yen.
    pub balance: Yen,
    /// Opened.
    pub opened_at: NaiveDateTime,
    /// Closed.
    pub closed_at: Option<NaiveDateTime>,
}

impl Account {
    /// 取扱店: its name with its number, 本店営業部（001）.
    #[must_use]
    pub fn branch(&self) -> String {
        format!("{}（{}）", self.branch_name, self.branch_code)
    }

    /// 支払可能残高: what can go out before the balance reaches the floor.
    #[must_use]
    pub fn available(&self) -> Yen {
        Yen(self.balance.0.saturating_sub(self.floor.0).max(0))
    }
}

/// One side of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostingLine {
    /// The account.
    pub account_id: AccountId,
    /// What it gains; negative where it loses.
    pub amount: Yen,
}

/// Where a posting stands on its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    /// 取引日, the day under which statements show it: the entry's business date, or that of the
    /// line above where this is later, so that the lines of a statement are in order of their days.
    pub booked_on: NaiveDate,
    /// Its number among the account's lines, from 1; none on the institution's own accounts.
    pub line_no: Option<i64>,
    /// The balance after it; none there either.
    pub balance_after: Option<Yen>,
}

/// The head of an entry.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::ledger_entries)]
pub struct Entry {
    /// Row id.
    pub id: EntryId,
    /// The portal's slug.
    pub portal: String,
    /// What kind of event.
    pub kind: String,
    /// The business day it counts for.
    pub business_date: NaiveDate,
    /// When it was posted.
    pub posted_at: NaiveDateTime,
    /// Under which key: once for each event.
    pub idempotency_key: String,
    /// 摘要.
    pub description: String,
    /// 摘要 on the accounts that gain, where it is another.
    pub credit_description: Option<String>,
    /// The entry it corrects.
    pub reverses_id: Option<EntryId>,
}

/// An entry before it is posted.
#[derive(Debug, Clone)]
pub struct EntryDraft {
    /// The portal's slug.
    pub portal: String,
    /// What kind of event, as `deposit`.
    pub kind: String,
    /// The business day it counts for.
    pub business_date: NaiveDate,
    /// When.
    pub posted_at: UtcTime,
    /// The same key is posted once.
    pub idempotency_key: String,
    /// 摘要.
    pub description: String,
    /// 摘要 for whoever gains, where it is another one: who sent it.
    pub credit_description: Option<String>,
    /// The entry it corrects.
    pub reverses_id: Option<EntryId>,
    /// The postings.
    pub lines: Vec<PostingLine>,
}

/// What is wrong with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DraftProblem {
    /// Fewer than two postings.
    #[error("an entry needs two or more postings")]
    TooFewPostings,
    /// A posting of nothing.
    #[error("a posting of zero yen")]
    ZeroAmount,
    /// The sum is not zero.
    #[error("the postings do not sum to zero")]
    Unbalanced,
}

impl EntryDraft {
    /// Checks the draft by itself.
    ///
    /// # Errors
    /// [`DraftProblem`]; sums that do not fit 64 bits count as unbalanced.
    pub fn check(&self) -> Result<(), DraftProblem> {
        if self.lines.len() < 2 {
            return Err(DraftProblem::TooFewPostings);
        }
        if self.lines.iter().any(|line| line.amount == Yen(0)) {
            return Err(DraftProblem::ZeroAmount);
        }
        let sum = self
            .lines
            .iter()
            .try_fold(Yen(0), |sum, line| sum.checked_add(line.amount))
            .ok_or(DraftProblem::Unbalanced)?;
        if sum == Yen(0) { Ok(()) } else { Err(DraftProblem::Unbalanced) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(amounts: &[i64]) -> EntryDraft {
        let day = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
        let line = |(id, &yen): (usize, &i64)| PostingLine {
            account_id: AccountId(i64::try_from(id).unwrap()),
            amount: Yen(yen),
        };
        EntryDraft {
            portal: "p".into(),
            kind: "deposit".into(),
            business_date: day,
            posted_at: day.and_hms_opt(0, 0, 0).unwrap(),
            idempotency_key: "k".into(),
            description: String::new(),
            credit_description: None,
            reverses_id: None,
            lines: amounts.iter().enumerate().map(line).collect(),
        }
    }

    #[test]
    fn entries_balance_or_are_refused() {
        assert_eq!(draft(&[100, -60, -40]).check(), Ok(()));
        assert_eq!(draft(&[100]).check(), Err(DraftProblem::TooFewPostings));
        assert_eq!(draft(&[100, -100, 0]).check(), Err(DraftProblem::ZeroAmount));
        assert_eq!(draft(&[100, -99]).check(), Err(DraftProblem::Unbalanced));
        assert_eq!(draft(&[i64::MAX, i64::MAX]).check(), Err(DraftProblem::Unbalanced));
    }
}
