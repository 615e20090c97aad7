//! The daily files: begun once for each day, about agreed accounts, and what goes to other banks.

use madoguchi::operations::external_file::plan::plan_due;
use madoguchi::zengin::layouts::{CREDIT_NOTICE, STATEMENT};
use madoguchi::zengin::record::RecordView;

use super::site::{content, works};
use crate::transfers::site::Money;

/// The demo of `aoba`, of which nothing was begun for the day before.
fn site() -> Money {
    let money = Money::new("aoba");
    for table in ["external_fetches", "external_chunks", "external_files", "external_days"] {
        money.execute(&format!("DELETE FROM {table}"));
    }
    money
}

fn one(money: &Money, sql: &str) -> String {
    money.texts(sql).remove(0)
}

#[tokio::test]
async fn the_days_are_begun_on_the_morning_of_a_business_day_and_once() {
    let money = site();
    let count = || money.number("SELECT COUNT(*) FROM external_days WHERE portal = 'aoba'");
    for (time, begun) in [
        // A Sunday, before the hour, the hour, later, and from two workers at once.
        ("2026-11-29 10:00:00", 0),
        ("2026-11-30 05:59:59", 0),
        ("2026-11-30 06:00:00", 1),
        ("2026-11-30 12:00:00", 1),
        ("2026-12-01 06:00:00", 2),
    ] {
        money.set_japan(time);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| plan_due(&money.services, &money.ctx_of("aoba")).unwrap());
            }
        });
        assert_eq!(count(), begun, "{time}");
    }
    let days = money.texts(
        "SELECT CAST(from_day AS TEXT) || ' ' || CAST(to_day AS TEXT) AS value \
         FROM external_days WHERE portal = 'aoba' ORDER BY from_day",
    );
    assert_eq!(days, ["2026-11-27 2026-11-29", "2026-11-30 2026-11-30"], "no day is left out");
    let twice = "SELECT COUNT(*) FROM (SELECT account_id, kind, from_day FROM external_files \
                 GROUP BY account_id, kind, from_day HAVING COUNT(*) > 1) AS found";
    assert_eq!(money.number(twice), 0);
}

#[tokio::test]
async fn statements_and_incoming_transfers_are_put_out_for_agreed_accounts() {
    let money = site();
    let account = one(
        &money,
        "SELECT CAST(MIN(account_id) AS TEXT) AS value FROM external_accounts \
         WHERE contract_id = (SELECT id FROM contracts WHERE portal = 'aoba' \
         AND number = '9000000001')",
    );
    money.set_japan("2026-11-30 10:00:00");
    let number = one(&money, &format!("SELECT number AS value FROM accounts WHERE id = {account}"));
    money.pay_in(&number, 70_000);
    money.set_japan("2026-12-01 06:00:00");
    works(&money);
    let of = |kind: &str| {
        money.number(&format!(
            "SELECT COALESCE(MAX(id), 0) FROM external_files WHERE kind = '{kind}' \
             AND account_id = {account} AND state = 'ready'"
        ))
    };
    let bytes = content(&money, of("statement"));
    let records: Vec<&[u8]> = bytes.chunks(202).map(|record| &record[..200]).collect();
    let header = RecordView::new(STATEMENT.header, records[0]).unwrap();
    assert_eq!(header.code("account_no").unwrap(), format!("{number:0>10}"));
    let trailer = RecordView::new(STATEMENT.trailer, records[records.len() - 2]).unwrap();
    let balance = u64::try_from(money.balance(&number)).unwrap();
    assert_eq!(trailer.number("balance_after").unwrap(), balance);
    let credit = of("credit_notice");
    if credit > 0 {
        let bytes = content(&money, credit);
        let header = RecordView::new(CREDIT_NOTICE.header, &bytes[..200]).unwrap();
        assert_eq!(header.code("account_no").unwrap(), number);
    }
    // What has nothing to tell is not put out, and nobody is told of it.
    assert!(money.number("SELECT COUNT(*) FROM external_files WHERE state = 'empty'") > 0);
    assert_eq!(money.number("SELECT COUNT(*) FROM external_files WHERE state = 'due'"), 0);
    let twice = "SELECT COUNT(*) FROM (SELECT user_id FROM mails WHERE kind = 'external_ready' \
                 GROUP BY user_id HAVING COUNT(*) > 1) AS found";
    assert_eq!(money.number(twice), 0, "one mail a day and person");
    assert!(money.mails("external_ready") > 0);
}

#[tokio::test]
async fn what_goes_to_other_banks_is_what_was_posted_to_clearing() {
    let files = crate::bulk_run::site::Files::new();
    let id = files.id("外注費");
    files.only(id);
    files.execute("DELETE FROM external_days");
    files.on_the_day_of(id, "09:00:00");
    works(&files);
    files.set_japan("2026-12-01 06:00:00");
    files.execute("DELETE FROM external_days");
    files.execute(
        "INSERT INTO external_days (portal, from_day, to_day, planned_at) \
         VALUES ('aoba', '2026-11-26', '2026-11-26', '2026-11-26 21:00:00')",
    );
    works(&files);
    let file = files.number(
        "SELECT MAX(id) FROM external_files WHERE kind = 'outgoing' AND portal = 'aoba' \
         AND state = 'ready'",
    );
    let of = |column: &str| {
        files.number(&format!("SELECT {column} FROM external_files WHERE id = {file}"))
    };
    let posted = files.posted(id, "outgoing_clearing");
    assert!(posted > 0);
    assert_eq!((of("total_yen"), of("posted_yen")), (posted, posted));
    let bytes = content(&files, file);
    let records: Vec<&[u8]> = bytes.chunks(122).map(|record| &record[..120]).collect();
    let first: String = records.iter().map(|record| char::from(record[0])).collect();
    let items = usize::try_from(of("item_count")).unwrap();
    assert_eq!(first, format!("1{}89", "2".repeat(items)));
    assert!(
        records.iter().filter(|record| record[0] == b'2').all(|record| &record[1..5] != b"0981")
    );
    let trailer = RecordView::new(
        madoguchi::zengin::layouts::GENERAL_TRANSFER.trailer,
        records[records.len() - 2],
    )
    .unwrap();
    assert_eq!(trailer.number("total_amount").unwrap(), u64::try_from(posted).unwrap());
}

#[tokio::test]
async fn after_their_time_files_go_and_who_fetched_them_stays() {
    let money = Money::new("aoba");
    let (files, fetches) = (
        money.number("SELECT COUNT(*) FROM external_files WHERE state = 'ready'"),
        money.number("SELECT COUNT(*) FROM external_fetches"),
    );
    assert!(files > 0 && fetches > 0, "the demo has some");
    money.execute("UPDATE external_files SET ready_at = '2026-09-01 00:00:00'");
    works(&money);
    assert_eq!(money.number("SELECT COUNT(*) FROM external_chunks"), 0);
    let expired = "SELECT COUNT(*) FROM external_files WHERE state = 'expired' AND byte_count = 0";
    assert_eq!(money.number(expired), files);
    assert_eq!(money.number("SELECT COUNT(*) FROM external_fetches"), fetches);
}
