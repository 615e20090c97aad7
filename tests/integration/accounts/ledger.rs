//! The ledger: lines that follow each other, rows that never change, corrections.

use std::thread;

use diesel::connection::SimpleConnection;
use madoguchi::db::DbError;
use madoguchi::operations::ledger::post::PostError;
use madoguchi::operations::ledger::reverse::{ReverseOutcome, portal_of, reverse};
use madoguchi::primitives::ids::EntryId;

use super::site::{AccountApp, FOREIGN, ICHIRO, ORDINARY, SAVINGS};

impl AccountApp {
    fn batch(&self, sql: &str) -> Result<(), DbError> {
        let sql = sql.to_owned();
        self.services.db.write_blocking(move |conn| Ok::<_, DbError>(conn.batch_execute(&sql)?))
    }

    fn reverse(&self, entry: EntryId) -> ReverseOutcome {
        reverse(&self.services, &self.ctx(), entry, "test").unwrap()
    }

    fn balance(&self, number: &str) -> i64 {
        self.number(&format!("SELECT balance FROM accounts WHERE number = '{number}'"))
    }
}

#[test]
fn entries_and_postings_never_change() {
    let app = AccountApp::new();
    let before = app.lines(ORDINARY);
    for change in [
        "UPDATE postings SET amount = amount + 1",
        "UPDATE postings SET balance_after = balance_after WHERE id = 1",
        "UPDATE postings SET booked_on = '2026-01-01' WHERE id = 1",
        "DELETE FROM postings WHERE id = 1",
        "UPDATE ledger_entries SET description = 'x'",
        "UPDATE ledger_entries SET reverses_id = 1 WHERE id = 2",
        "DELETE FROM ledger_entries WHERE id = 1",
    ] {
        let refused = app.batch(change).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    if !app.services.db.is_sqlite() {
        assert!(app.batch("TRUNCATE postings").is_err());
    }
    assert_eq!(app.lines(ORDINARY), before);
}

#[test]
fn each_line_follows_from_the_one_above() {
    let app = AccountApp::new();
    let before = app.lines(ORDINARY);
    // A line of an earlier day than the one above takes that one's.
    for (amount, day) in [(500, "2026-11-24"), (-300, "2026-11-26"), (100, "2026-11-25")] {
        app.post(ORDINARY, amount, day, "x");
    }
    let lines = app.lines(ORDINARY);
    let added: Vec<_> =
        lines[before.len()..].iter().map(|l| (l.amount, l.booked_on.as_str())).collect();
    assert_eq!(added, [(500, "2026-11-24"), (-300, "2026-11-26"), (100, "2026-11-26")]);
    let mut balance = 0;
    for (line, number) in lines.iter().zip(1..) {
        balance += line.amount;
        assert_eq!((line.line_no, line.balance_after), (number, balance));
    }
    let internal = app.number(
        "SELECT COUNT(*) FROM postings JOIN accounts ON accounts.id = account_id \
         WHERE purpose <> 'customer' AND (line_no IS NOT NULL OR balance_after IS NOT NULL)",
    );
    assert_eq!((internal, app.findings().len()), (0, 0));
    // A refused entry leaves no gap.
    let refused = app.try_post(ORDINARY, -100_000_000_000, "2026-11-26", "x");
    assert!(matches!(refused, Err(PostError::Refused(_))));
    app.post(ORDINARY, 1, "2026-11-26", "x");
    assert!(app.findings().is_empty());
    // The check sees what was changed behind the triggers.
    let id = app.number("SELECT MAX(id) FROM postings WHERE line_no IS NOT NULL");
    app.batch(if app.services.db.is_sqlite() {
        "DROP TRIGGER postings_no_update"
    } else {
        "ALTER TABLE postings DISABLE TRIGGER postings_append_only"
    })
    .unwrap();
    for change in [
        "balance_after = balance_after + 1",
        "balance_after = balance_after - 1, line_no = line_no + 1",
        "line_no = line_no - 1, booked_on = '2020-01-01'",
    ] {
        app.batch(&format!("UPDATE postings SET {change} WHERE id = {id}")).unwrap();
        let found = app.findings();
        assert!(found.len() == 1 && found[0].starts_with(&format!("posting {id} ")), "{found:?}");
    }
}

#[test]
fn an_entry_of_many_lines_stands_as_one_of_few_would() {
    let app = AccountApp::new();
    let accounts = [ORDINARY, SAVINGS, FOREIGN];
    let [ordinary, savings, foreign] = accounts.map(|number| app.id_of(number));
    let before = accounts.map(|number| app.lines(number));
    // One gains, one pays, one does both; a line of an earlier day takes the day above.
    let lines = [
        (savings, -5),
        (ordinary, 10),
        (foreign, 1),
        (ordinary, 20),
        (savings, -6),
        (foreign, -1),
        (ordinary, 30),
        (foreign, 2),
        (savings, -7),
        (app.suspense(), -44),
    ];
    app.post(ORDINARY, 1, "2026-11-26", "x");
    app.post_lines(&lines, "2026-11-25", ("many", None)).unwrap();
    for (number, before) in accounts.into_iter().zip(before) {
        let id = app.id_of(number);
        let own: Vec<i64> = lines.iter().filter(|(of, _)| *of == id).map(|(_, yen)| *yen).collect();
        let after = app.lines(number);
        let extra = usize::from(number == ORDINARY);
        let added = &after[before.len() + extra..];
        assert_eq!(added.iter().map(|line| line.amount).collect::<Vec<_>>(), own, "{number}");
        let mut balance = after[..before.len() + extra].last().map_or(0, |l| l.balance_after);
        for (line, line_no) in added.iter().zip(i64::try_from(before.len() + extra).unwrap() + 1..)
        {
            balance += line.amount;
            assert_eq!((line.line_no, line.balance_after), (line_no, balance), "{number}");
        }
        let day = if number == ORDINARY { "2026-11-26" } else { "2026-11-25" };
        assert!(added.iter().all(|line| line.booked_on == day), "{number}");
        assert_eq!(app.balance(number), balance);
    }
    assert!(app.findings().is_empty(), "{:?}", app.findings());
}

#[test]
fn an_entry_of_many_lines_is_refused_by_one_account() {
    let app = AccountApp::new();
    let (ordinary, savings) = (app.id_of(ORDINARY), app.id_of(SAVINGS));
    let held = app.balance(SAVINGS);
    let rest = |other: i64| -> Vec<(i64, i64)> {
        (0..10).map(|_| (ordinary, 1)).chain([(app.suspense(), -10 - other)]).collect()
    };
    let refused = |lines: Vec<(i64, i64)>| match app.post_lines(&lines, "2026-11-26", ("x", None)) {
        Err(PostError::Refused(id)) => id.0,
        other => panic!("{other:?}"),
    };
    let before = (app.lines(ORDINARY), app.lines(SAVINGS));
    // More than there is, in two lines; and for a moment only, before as much comes in.
    let too_much = [(savings, -held), (savings, -1)];
    assert_eq!(refused([rest(-held - 1), too_much.to_vec()].concat()), savings);
    let too_early = [(savings, -held - 1), (savings, 1)];
    assert_eq!(refused([rest(-held), too_early.to_vec()].concat()), savings);
    app.post_lines(
        &[rest(0), vec![(savings, 1), (savings, -1)]].concat(),
        "2026-11-26",
        ("x", None),
    )
    .unwrap();
    assert_eq!(app.lines(SAVINGS).len(), before.1.len() + 2);
    app.batch(&format!("UPDATE accounts SET closed_at = '2026-11-24' WHERE id = {savings}"))
        .unwrap();
    assert_eq!(refused([rest(1), vec![(savings, 1)]].concat()), savings);
    assert_eq!(app.lines(ORDINARY).len(), before.0.len() + 10);
    assert!(app.findings().is_empty());
}

#[test]
fn the_migration_makes_lines_of_old_postings() {
    let app = AccountApp::new();
    let dump = || {
        app.texts(
            "SELECT id || ' ' || entry_id || ' ' || account_id || ' ' || amount || ' ' || \
             CAST(booked_on AS TEXT) || ' ' || COALESCE(line_no, 0) || ' ' || \
             COALESCE(balance_after, -1) AS value FROM postings ORDER BY id",
        )
    };
    let accounts = || {
        app.texts(
            "SELECT id || ' ' || line_count || ' ' || CAST(booked_on AS TEXT) AS value \
             FROM accounts WHERE purpose = 'customer' AND line_count > 0 ORDER BY id",
        )
    };
    let before = (dump(), accounts());
    macro_rules! migration {
        ($dialect:literal, $way:literal) => {
            include_str!(concat!(
                "../../../migrations/",
                $dialect,
                "/2026-11-21-000022_statements/",
                $way,
                ".sql"
            ))
        };
    }
    let (down, up) = match app.services.db.is_sqlite() {
        true => (migration!("sqlite", "down"), migration!("sqlite", "up")),
        false => (migration!("postgres", "down"), migration!("postgres", "up")),
    };
    app.batch(down).unwrap();
    app.batch(up).unwrap();
    assert_eq!((dump(), accounts()), before);
    assert!(app.findings().is_empty());
    assert!(app.batch("UPDATE postings SET amount = 1").is_err());
    app.post(ORDINARY, 5, "2026-11-24", "x");
    assert!(app.findings().is_empty());
}

#[tokio::test]
async fn a_correction_is_an_entry_of_its_own_and_comes_once() {
    let app = AccountApp::new();
    let (start, lines) = (app.balance(ORDINARY), app.lines(ORDINARY).len());
    let entry = app.post(ORDINARY, -700, "2026-11-24", "会費");
    assert_eq!(portal_of(&app.services, entry).unwrap().as_deref(), Some("kodama"));
    let ReverseOutcome::Reversed { by, .. } = app.reverse(entry) else { panic!("not corrected") };
    assert_eq!((app.balance(ORDINARY), app.lines(ORDINARY).len()), (start, lines + 2));
    assert!(matches!(app.reverse(entry), ReverseOutcome::Already(again) if again == by));
    assert!(matches!(app.reverse(by), ReverseOutcome::IsReversal));
    assert!(matches!(app.reverse(EntryId(999_999)), ReverseOutcome::NoSuchEntry));
    let other = app.number("SELECT MIN(id) FROM ledger_entries WHERE portal = 'shirakaba'");
    assert!(matches!(app.reverse(EntryId(other)), ReverseOutcome::NoSuchEntry));
    // What was spent meanwhile cannot be taken back.
    let income = app.post(SAVINGS, 90_000_000, "2026-11-24", "誤入金");
    app.post(SAVINGS, -90_000_000, "2026-11-24", "x");
    let ReverseOutcome::Refused(account) = app.reverse(income) else { panic!("corrected") };
    assert_eq!(account.number, SAVINGS);
    for (details, count) in [
        (format!("by entry {by}; test"), 1),
        (format!("corrected before, by entry {by}; test"), 1),
        ("a correction itself; test".to_owned(), 1),
        ("no such entry; test".to_owned(), 2),
        (format!("account {} refuses; test", account.id), 1),
    ] {
        assert_eq!(app.audited("ledger.reverse", &details), count, "{details}");
    }
    assert!(app.findings().is_empty());
    let browser = app.logged_in(ICHIRO).await;
    let page = browser.get(&format!("{}?last=10", app.statement(ORDINARY))).await;
    assert_eq!(page.table()[0][1], "訂正 会費");
    // Each side sees its own text, also of the correction.
    let between = (app.id_of(ORDINARY), app.id_of(SAVINGS));
    let entry = app.post_between(between, 10, "2026-11-24", ("振替 出", Some("振替 入"))).unwrap();
    assert!(matches!(app.reverse(entry), ReverseOutcome::Reversed { .. }));
    for (number, texts) in
        [(ORDINARY, ["訂正 振替 入", "振替 入"]), (SAVINGS, ["訂正 振替 出", "振替 出"])]
    {
        let page = browser.get(&format!("{}?last=10", app.statement(number))).await;
        let shown: Vec<String> =
            page.table().into_iter().take(2).map(|row| row[1].clone()).collect();
        assert_eq!(shown, texts, "{number}");
        let found = browser.get(&format!("{}?q=%E5%85%A5", app.statement(number))).await;
        let is_found = found.table().iter().filter(|row| row[1].ends_with("振替 入")).count();
        assert_eq!(is_found, if number == ORDINARY { 2 } else { 0 }, "{number}");
    }
    assert!(app.findings().is_empty());
}

#[test]
fn of_eight_corrections_at_once_one_is_made() {
    let app = AccountApp::new();
    let start = app.balance(ORDINARY);
    for number in 0..3 {
        let entry = app.post(ORDINARY, -700, "2026-11-24", "会費");
        let outcomes: Vec<ReverseOutcome> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| app.reverse(entry))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let made = outcomes.iter().filter(|o| matches!(o, ReverseOutcome::Reversed { .. })).count();
        let late = outcomes.iter().filter(|o| matches!(o, ReverseOutcome::Already(_))).count();
        assert_eq!((made, late), (1, 7), "{outcomes:?}");
        assert_eq!(app.balance(ORDINARY), start, "round {number}");
    }
    assert!(app.findings().is_empty());
}
