//! Rows of accounts, entries and postings.

use diesel::prelude::*;

use crate::domain::ledger::{AccountPurpose, AccountType};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, ContractId, EntryId};
use crate::primitives::yen::Yen;
use crate::schema::{accounts, ledger_entries, postings};

/// An account with its id and with the balance to which its postings sum.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct AccountRow {
    /// Row id.
    pub id: AccountId,
    /// The portal's slug.
    pub portal: String,
    /// The contract; none for internal accounts.
    pub contract_id: Option<ContractId>,
    /// Whose.
    pub purpose: AccountPurpose,
    /// 店番.
    pub branch_code: String,
    /// 店名.
    pub branch_name: String,
    /// 科目.
    pub account_type: AccountType,
    /// 口座番号.
    pub number: String,
    /// Holder.
    pub holder_kana: String,
    /// Yen; nothing for internal accounts.
    pub balance: Yen,
    /// How many postings it has; nothing for internal accounts.
    pub line_count: i64,
    /// The day of the last one.
    pub booked_on: chrono::NaiveDate,
    /// Opened.
    pub opened_at: UtcTime,
}

/// The head of a ledger entry with its id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = ledger_entries, treat_none_as_default_value = false)]
pub struct EntryRow {
    /// Row id.
    pub id: EntryId,
    /// The portal's slug.
    pub portal: String,
    /// What kind of event.
    pub kind: String,
    /// The business day.
    pub business_date: chrono::NaiveDate,
    /// When.
    pub posted_at: UtcTime,
    /// Unique.
    pub idempotency_key: String,
    /// 摘要.
    pub description: String,
}

/// One side of an entry.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = postings, treat_none_as_default_value = false)]
pub struct PostingRow {
    /// The entry.
    pub entry_id: EntryId,
    /// The account.
    pub account_id: AccountId,
    /// Yen; negative where the account loses.
    pub amount: Yen,
    /// 取引日.
    pub booked_on: chrono::NaiveDate,
    /// Its number on a customer's account.
    pub line_no: Option<i64>,
    /// The balance after it.
    pub balance_after: Option<Yen>,
}
