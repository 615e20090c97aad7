//! The demo's portals as these tests use them, and the ledger as it must always be.

use std::ops::Deref;

use madoguchi::jobs::worker::Worker;
use madoguchi::operations::ledger::check::check;
use madoguchi::primitives::clock::parse_rfc3339;

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::Person;

/// What the worker did with reservations.
pub fn runs(app: &TestApp) -> String {
    let runs = Worker::new(app.services.clone(), None).unwrap().run_due_once();
    runs.into_iter().find(|run| run.name == "reservations").unwrap().did
}

/// A portal of the demo on a business day, before the cut-off.
pub struct Money {
    app: TestApp,
    slug: &'static str,
}

impl Deref for Money {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl Money {
    /// The demo, at ten o'clock of a Tuesday.
    pub fn new(slug: &'static str) -> Money {
        Money::of(slug, TestApp::demo(slug))
    }

    /// The same, with these lines added to the portal's profile.
    pub fn with(slug: &'static str, more: &str) -> Money {
        Money::of(slug, TestApp::demo_with(slug, more))
    }

    fn of(slug: &'static str, app: TestApp) -> Money {
        let money = Money { app, slug };
        money.set_japan("2026-11-24 10:00:00");
        money
    }

    /// Sets the clock by Japan's time.
    pub fn set_japan(&self, at: &str) {
        self.set_clock(parse_rfc3339(&format!("{}+09:00", at.replace(' ', "T"))).unwrap());
    }

    /// An address below the portal.
    pub fn at(&self, path: &str) -> String {
        format!("/{}/{path}", self.slug)
    }

    /// The balance of an account.
    pub fn balance(&self, number: &str) -> i64 {
        self.number(&format!(
            "SELECT balance FROM accounts WHERE portal = '{}' AND number = '{number}'",
            self.slug
        ))
    }

    /// Sets an account's balance by an entry from suspense, as if it had been paid in.
    pub fn pay_in(&self, number: &str, yen: i64) {
        let (slug, number) = (self.slug, number.to_owned());
        let now = self.now();
        self.services
            .db
            .write_blocking(move |conn| {
                use madoguchi::db::queries::accounts;
                use madoguchi::domain::ledger::{AccountPurpose, EntryDraft, PostingLine};
                use madoguchi::operations::ledger::post::post_in_tx;
                use madoguchi::primitives::ids::AccountId;
                use madoguchi::primitives::yen::Yen;
                let suspense = accounts::get_internal(conn, slug, AccountPurpose::Suspense)?.id;
                let id = account_id(conn, slug, &number);
                let line =
                    |account_id: AccountId, yen| PostingLine { account_id, amount: Yen(yen) };
                let draft = EntryDraft {
                    portal: slug.to_owned(),
                    kind: "deposit".to_owned(),
                    business_date: now.date(),
                    posted_at: now,
                    idempotency_key: format!("test {number} {yen} {now}"),
                    description: "入金".to_owned(),
                    credit_description: None,
                    reverses_id: None,
                    lines: vec![line(id, yen), line(suspense, -yen)],
                };
                post_in_tx(conn, &draft).unwrap();
                Ok::<_, madoguchi::db::DbError>(())
            })
            .unwrap();
    }

    /// The row id of an account.
    pub fn account(&self, number: &str) -> String {
        self.number(&format!(
            "SELECT id FROM accounts WHERE portal = '{}' AND number = '{number}'",
            self.slug
        ))
        .to_string()
    }

    /// BTR001, from one of the user's accounts to another one: BTR003.
    pub async fn to_own(&self, browser: &Browser, from: &str, to: &str) -> Page {
        let page = browser.get(&self.at("transfers")).await.expect_screen("BTR001");
        let (from, to) = (self.account(from), format!("own-{}", self.account(to)));
        let answer = browser.submit(&page, &[("from", &from), ("to", &to)]).await;
        browser.follow(answer.expect_status(303)).await.expect_screen("BTR003")
    }

    /// BTR003 with amount and day, as `2026-11-24`: BTR004.
    pub async fn to_confirm(&self, browser: &Browser, page: &Page, amount: &str, on: &str) -> Page {
        let answer = browser.submit(page, &[("amount", amount), ("on", on)]).await;
        browser.follow(answer.expect_status(303)).await.expect_screen("BTR004")
    }

    /// Confirms BTR004 by the confirming secret.
    pub async fn confirm(&self, browser: &Browser, page: &Page, who: Person) -> Page {
        let answer = browser.submit(page, &[("confirm", who.confirm)]).await;
        browser.follow(answer).await
    }

    /// What the worker did with reservations.
    pub fn runs(&self) -> String {
        runs(self)
    }

    /// How many payments stand so.
    pub fn payments(&self, state: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM payments WHERE state = '{state}'"))
    }

    /// Money is neither made nor lost, and every sum of a day is that of its payments.
    pub fn assert_sound(&self) {
        let report = check(&self.services).unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        let sums = |states: &str, column: &str| {
            let wrong = format!(
                "SELECT COUNT(*) FROM payment_totals WHERE user_id = 0 AND service <> 'all' \
                 AND {column} <> (SELECT COALESCE(SUM(amount_yen), 0) FROM payments \
                 WHERE payments.contract_id = payment_totals.contract_id \
                 AND payments.execute_on = payment_totals.on_day \
                 AND payments.kind = payment_totals.service AND state IN ({states}))"
            );
            assert_eq!(self.number(&wrong), 0, "{column}");
        };
        sums("'done', 'reserved'", "counted_yen");
        sums("'done'", "executed_yen");
    }
}

fn account_id(
    conn: &mut madoguchi::db::DbConn,
    slug: &str,
    number: &str,
) -> madoguchi::primitives::ids::AccountId {
    use diesel::prelude::*;
    use madoguchi::schema::accounts;
    accounts::table
        .filter(accounts::portal.eq(slug))
        .filter(accounts::number.eq(number))
        .select(accounts::id)
        .first(conn)
        .unwrap()
}
