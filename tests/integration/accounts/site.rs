//! The portal `kodama` with the demo's people, and the ledger's rows beside the pages.

use std::ops::Deref;

use chrono::NaiveDate;
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::ledger::{AccountPurpose, EntryDraft, PostingLine};
use madoguchi::operations::ledger::post::{PostError, Posted, post_in_tx};
use madoguchi::primitives::ids::{AccountId, EntryId};
use madoguchi::primitives::yen::Yen;

use crate::app::TestApp;
use crate::people::Person;

/// No token; two accounts.
pub const ICHIRO: Person =
    Person { login_id: "2000000001", password: "Ichiro#2026", confirm: "kakunin11" };
/// 普通 of 一郎.
pub const ORDINARY: &str = "2010011";
/// 貯蓄 of 一郎.
pub const SAVINGS: &str = "4010011";
/// 普通 of another customer.
pub const FOREIGN: &str = "2020024";

/// A line of an account as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub line_no: i64,
    pub booked_on: String,
    pub amount: i64,
    pub balance_after: i64,
    pub description: String,
}

/// The portal.
pub struct AccountApp(TestApp);

impl Deref for AccountApp {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
}

impl AccountApp {
    pub fn new() -> AccountApp {
        AccountApp(TestApp::demo("kodama"))
    }

    /// Where statements go back so many months.
    pub fn of_months(months: u32) -> AccountApp {
        let more = format!("\n[transfers]\nhistory_months = {months}\n");
        AccountApp(TestApp::demo_with("kodama", &more))
    }

    /// The row id of an account.
    pub fn id_of(&self, number: &str) -> i64 {
        self.number(&format!("SELECT id FROM accounts WHERE number = '{number}'"))
    }

    /// The address of an account's statement.
    pub fn statement(&self, number: &str) -> String {
        format!("/kodama/accounts/{}/statement", self.id_of(number))
    }

    /// The lines of an account from this day on, oldest first.
    pub fn lines_since(&self, number: &str, day: &str) -> Vec<Line> {
        let rows = self.texts(&format!(
            "SELECT postings.line_no || '|' || CAST(postings.booked_on AS TEXT) || '|' || \
             postings.amount || '|' || postings.balance_after || '|' || \
             ledger_entries.description AS value \
             FROM postings JOIN ledger_entries ON ledger_entries.id = postings.entry_id \
             WHERE postings.account_id = {} AND postings.booked_on >= '{day}' \
             ORDER BY postings.id",
            self.id_of(number)
        ));
        rows.iter().map(|row| read_line(row)).collect()
    }

    /// All of them.
    pub fn lines(&self, number: &str) -> Vec<Line> {
        self.lines_since(number, "2000-01-01")
    }

    /// Posts an amount to an account, from the institution's own.
    pub fn post(&self, number: &str, amount: i64, day: &str, text: &str) -> EntryId {
        self.try_post(number, amount, day, text).unwrap()
    }

    pub fn try_post(
        &self,
        number: &str,
        amount: i64,
        day: &str,
        text: &str,
    ) -> Result<EntryId, PostError> {
        self.post_between((self.id_of(number), self.suspense()), amount, day, (text, None))
    }

    /// The institution's own account for what waits.
    pub fn suspense(&self) -> i64 {
        self.number(&format!(
            "SELECT id FROM accounts WHERE portal = 'kodama' AND purpose = '{}'",
            AccountPurpose::Suspense
        ))
    }

    /// Posts an amount to the first of two accounts, out of the other.
    pub fn post_between(
        &self,
        (id, other): (i64, i64),
        amount: i64,
        day: &str,
        words: (&str, Option<&str>),
    ) -> Result<EntryId, PostError> {
        self.post_lines(&[(id, amount), (other, -amount)], day, words)
    }

    /// Posts these amounts to these accounts, in one entry.
    pub fn post_lines(
        &self,
        lines: &[(i64, i64)],
        day: &str,
        (text, credit): (&str, Option<&str>),
    ) -> Result<EntryId, PostError> {
        let made = self.number("SELECT COUNT(*) FROM ledger_entries");
        let (day, now): (NaiveDate, _) = (day.parse().unwrap(), self.now());
        let (text, credit) = (text.to_owned(), credit.map(str::to_owned));
        let lines = lines.to_vec();
        self.services.db.write_blocking(move |conn: &mut DbConn| {
            let line = |(id, amount): &(i64, i64)| PostingLine {
                account_id: AccountId(*id),
                amount: Yen(*amount),
            };
            let draft = EntryDraft {
                portal: "kodama".to_owned(),
                kind: "other".to_owned(),
                business_date: day,
                posted_at: now,
                idempotency_key: format!("test {made}"),
                description: text.clone(),
                credit_description: credit.clone(),
                reverses_id: None,
                lines: lines.iter().map(line).collect(),
            };
            match post_in_tx(conn, &draft)? {
                Posted::New(id) | Posted::Already(id) => Ok(id),
            }
        })
    }

    /// What the check of the ledger finds.
    pub fn findings(&self) -> Vec<String> {
        let found: Result<_, DbError> = madoguchi::operations::ledger::check::check(&self.services);
        found.unwrap().findings.iter().map(ToString::to_string).collect()
    }
}

fn read_line(row: &str) -> Line {
    let mut parts = row.splitn(5, '|');
    let mut next = || parts.next().unwrap().to_owned();
    Line {
        line_no: next().parse().unwrap(),
        booked_on: next(),
        amount: next().parse().unwrap(),
        balance_after: next().parse().unwrap(),
        description: next(),
    }
}

/// An amount as pages show it.
pub fn yen(amount: i64) -> String {
    Yen(amount).to_string()
}
