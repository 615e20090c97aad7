//! The demo's bulk files as these tests use them.

use std::ops::Deref;

use madoguchi::jobs::worker::Worker;

use crate::app::TestApp;
use crate::transfers::site::Money;

/// A portal of companies with its files.
pub struct Files {
    money: Money,
}

impl Deref for Files {
    type Target = Money;

    fn deref(&self) -> &Money {
        &self.money
    }
}

impl Files {
    /// The demo of `aoba`, at ten o'clock of a Tuesday.
    pub fn new() -> Files {
        Files { money: Money::new("aoba") }
    }

    /// The id of the demo's file with this name.
    pub fn id(&self, name: &str) -> i64 {
        self.number(&format!("SELECT id FROM bulk_files WHERE portal = 'aoba' AND name = '{name}'"))
    }

    /// A column of a file, as text.
    pub fn of(&self, id: i64, column: &str) -> String {
        let all = self.texts(&format!(
            "SELECT CAST({column} AS TEXT) AS value FROM bulk_files WHERE id = {id}"
        ));
        all.into_iter().next().unwrap_or_default()
    }

    /// A number of a file.
    pub fn yen(&self, id: i64, column: &str) -> i64 {
        self.number(&format!("SELECT {column} FROM bulk_files WHERE id = {id}"))
    }

    /// The number of its account.
    pub fn account_of(&self, id: i64) -> String {
        let ask = format!(
            "SELECT number AS value FROM accounts \
             WHERE id = (SELECT account_id FROM bulk_files WHERE id = {id})"
        );
        self.texts(&ask).remove(0)
    }

    /// Sets the clock to a time of the file's day, as `09:00:00`.
    pub fn on_the_day_of(&self, id: i64, time: &str) {
        self.set_japan(&format!("{} {time}", self.of(id, "value_date")));
    }

    /// Leaves no other file to be done.
    pub fn only(&self, id: i64) {
        self.execute(&format!(
            "DELETE FROM bulk_approvals WHERE file_id <> {id} AND file_id IN \
             (SELECT id FROM bulk_files WHERE state IN \
             ('sent', 'accepted', 'waiting', 'approved'))"
        ));
        self.execute(&format!(
            "UPDATE bulk_files SET state = 'draft', receipt_id = NULL, sent_at = NULL \
             WHERE id <> {id} AND state IN ('sent', 'accepted', 'waiting', 'approved')"
        ));
    }

    /// What the worker did with bulk files.
    pub fn works(&self) -> String {
        works(self)
    }

    /// How many lines its history has of an act.
    pub fn events(&self, id: i64, act: &str) -> i64 {
        self.number(&format!(
            "SELECT COUNT(*) FROM bulk_events WHERE file_id = {id} AND act = '{act}'"
        ))
    }

    /// What was posted for it on an account of the institution's own.
    pub fn posted(&self, id: i64, purpose: &str) -> i64 {
        self.number(&format!(
            "SELECT CAST(COALESCE(SUM(postings.amount), 0) AS BIGINT) FROM postings \
             JOIN accounts ON accounts.id = postings.account_id \
             WHERE accounts.purpose = '{purpose}' AND postings.entry_id = \
             (SELECT entry_id FROM bulk_results WHERE file_id = {id})"
        ))
    }

    /// A number of its result.
    pub fn result(&self, id: i64, column: &str) -> i64 {
        self.number(&format!("SELECT {column} FROM bulk_results WHERE file_id = {id}"))
    }

    /// Its failures as `record reason`.
    pub fn failures(&self, id: i64) -> Vec<String> {
        self.texts(&format!(
            "SELECT CAST(record_no AS TEXT) || ' ' || reason AS value FROM bulk_failures \
             WHERE file_id = {id} ORDER BY record_no"
        ))
    }

    /// The account that record `no` of a file names.
    pub fn named(&self, id: i64, no: i64) -> String {
        let bytes = self.texts(&format!(
            "SELECT {} AS value FROM bulk_chunks WHERE file_id = {id}",
            self.hex("bytes")
        ));
        let record = usize::try_from((no - 1) * 122 * 2).unwrap();
        let digits = &bytes[0][record + 43 * 2..record + 50 * 2];
        let bytes = (0..digits.len()).step_by(2);
        bytes.map(|at| char::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap())).collect()
    }

    fn hex(&self, column: &str) -> String {
        match self.services.db.is_sqlite() {
            true => format!("hex({column})"),
            false => format!("encode({column}, 'hex')"),
        }
    }
}

/// What a worker did with bulk files.
pub fn works(money: &Money) -> String {
    works_of(money)
}

/// The same of any portal.
pub fn works_of(app: &TestApp) -> String {
    let runs = Worker::new(app.services.clone(), None).unwrap().run_due_once();
    runs.into_iter().find(|run| run.name == "bulk_files").unwrap().did
}
