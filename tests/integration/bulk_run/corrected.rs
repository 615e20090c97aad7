//! Corrections of files of which some records came back: the company has what it had, no more.

use madoguchi::operations::ledger::reverse::{ReverseOutcome, reverse};
use madoguchi::primitives::ids::EntryId;

use super::site::Files;

/// A file that was executed in part.
struct Corrected {
    files: Files,
    account: String,
    /// What the company had before the file's day.
    balance: i64,
    /// What came back.
    failed: i64,
    /// The file's entry.
    entry: i64,
    /// The entry that gave back.
    back: i64,
}

impl Corrected {
    fn new() -> Corrected {
        let files = Files::new();
        let id = files.id("外注費");
        files.only(id);
        let (account, closed) = (files.account_of(id), files.named(id, 2));
        let balance = files.balance(&account);
        files.execute(&format!(
            "UPDATE accounts SET closed_at = '2026-11-24 00:30:00' \
             WHERE portal = 'aoba' AND number = '{closed}'"
        ));
        files.on_the_day_of(id, "09:00:00");
        assert_eq!(files.works(), "executed in part 1 file");
        let (entry, failed) = (files.result(id, "entry_id"), files.result(id, "failed_yen"));
        assert!(failed > 0);
        let back = files.number(&format!(
            "SELECT id FROM ledger_entries \
             WHERE idempotency_key = 'bulk file of receipt {} return'",
            files.of(id, "receipt_id")
        ));
        Corrected { files, account, balance, failed, entry, back }
    }

    fn reverse(&self, entry: i64) -> ReverseOutcome {
        let ctx = self.files.ctx_of("aoba");
        reverse(&self.files.services, &ctx, EntryId(entry), "test").unwrap()
    }

    /// The company's balance.
    fn now(&self) -> i64 {
        self.files.balance(&self.account)
    }

    fn set_closed(&self, closed_at: &str) {
        self.files.execute(&format!(
            "UPDATE accounts SET closed_at = {closed_at} \
             WHERE portal = 'aoba' AND number = '{}'",
            self.account
        ));
    }

    /// On how many accounts the file's entries and their corrections leave something.
    fn left_over(&self) -> i64 {
        let both = format!("({}, {})", self.entry, self.back);
        self.files.number(&format!(
            "SELECT COUNT(*) FROM (SELECT postings.account_id FROM postings \
             JOIN ledger_entries ON ledger_entries.id = postings.entry_id \
             WHERE ledger_entries.id IN {both} OR ledger_entries.reverses_id IN {both} \
             GROUP BY postings.account_id HAVING SUM(postings.amount) <> 0) AS left_over"
        ))
    }

    fn entries(&self) -> i64 {
        self.files.number("SELECT COUNT(*) FROM ledger_entries")
    }
}

#[tokio::test]
async fn a_corrected_file_takes_back_what_came_back_of_it() {
    let paid = Corrected::new();
    let (after, entries) = (paid.now(), paid.entries());
    assert!(after < paid.balance && paid.left_over() > 0);
    // All of it or nothing: no correction is posted to an account that is closed.
    paid.set_closed("'2026-11-24 00:30:00'");
    let ReverseOutcome::Refused(account) = paid.reverse(paid.entry) else { panic!("corrected") };
    assert_eq!((&account.number, paid.now(), paid.entries()), (&paid.account, after, entries));
    paid.set_closed("NULL");
    let outcome = paid.reverse(paid.entry);
    let ReverseOutcome::Reversed { by, fee: None, returned: Some(returned) } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((paid.now(), paid.left_over()), (paid.balance, 0));
    assert_eq!(paid.entries(), entries + 2);
    let details = format!("by entry {by}, its return by entry {returned}; test");
    assert_eq!(paid.files.audited("ledger.reverse", &details), 1);
    // Neither of them comes twice.
    for (entry, before) in [(paid.entry, by), (paid.back, returned)] {
        let again = paid.reverse(entry);
        assert!(matches!(again, ReverseOutcome::Already(it) if it == before), "{again:?}");
    }
    assert_eq!((paid.now(), paid.entries()), (paid.balance, entries + 2));
    paid.files.assert_sound();
}

#[tokio::test]
async fn a_file_whose_return_was_corrected_before_is_not_corrected() {
    let paid = Corrected::new();
    let after = paid.now();
    let outcome = paid.reverse(paid.back);
    let ReverseOutcome::Reversed { by, fee: None, returned: None } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(paid.now(), after - paid.failed);
    let entries = paid.entries();
    let outcome = paid.reverse(paid.entry);
    assert!(matches!(outcome, ReverseOutcome::ReturnCorrected(it) if it == by), "{outcome:?}");
    assert_eq!((paid.now(), paid.entries()), (after - paid.failed, entries));
    let details = format!("its return was corrected before, by entry {by}; test");
    assert_eq!(paid.files.audited("ledger.reverse", &details), 1);
    paid.files.assert_sound();
}
