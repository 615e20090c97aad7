//! 総合振込 and 給与・賞与振込 on their day: all or nothing, and once.

use madoguchi::jobs::worker::Worker;

use super::site::Files;

const ACCEPTED: &str = "外注費";

#[tokio::test]
async fn a_file_is_paid_on_its_day_from_nine_on_and_once() {
    let files = Files::new();
    let id = files.id(ACCEPTED);
    files.only(id);
    let (account, total) = (files.account_of(id), files.yen(id, "total_yen"));
    let (balance, payee) = (files.balance(&account), files.named(id, 2));
    let payees = files.balance(&payee);
    for (time, did) in [
        ("08:59:59", "nothing to do"),
        ("09:00:00", "executed 1 file"),
        ("09:00:01", "nothing to do"),
    ] {
        files.on_the_day_of(id, time);
        assert_eq!(files.works(), did, "{time}");
    }
    let fee = files.result(id, "net_yen") + files.result(id, "tax_yen");
    assert!(fee > 0);
    assert_eq!(files.balance(&account), balance - total - fee);
    assert!(files.balance(&payee) > payees);
    // One debit, with the fees in it; fee and tax where they belong; one line for all other banks.
    let debits = format!(
        "SELECT COUNT(*) FROM postings WHERE amount < 0 AND entry_id = \
         (SELECT entry_id FROM bulk_results WHERE file_id = {id})"
    );
    assert_eq!(files.number(&debits), 1);
    assert_eq!(files.posted(id, "fee_income"), files.result(id, "net_yen"));
    assert_eq!(files.posted(id, "consumption_tax"), files.result(id, "tax_yen"));
    let own = format!(
        "SELECT CAST(SUM(postings.amount) AS BIGINT) FROM postings \
         JOIN accounts ON accounts.id = postings.account_id \
         WHERE accounts.purpose = 'customer' AND amount > 0 AND entry_id = \
         (SELECT entry_id FROM bulk_results WHERE file_id = {id})"
    );
    assert_eq!(files.posted(id, "outgoing_clearing") + files.number(&own), total);
    assert_eq!((files.of(id, "state"), files.events(id, "execute")), ("done".to_owned(), 1));
    assert_eq!(files.audited("bulk.execute", "done, 40 records, 0 failed"), 1);
    // It came from outside, so whoever sent it made it.
    assert_eq!(files.mails("bulk_done"), 1);
    let key = format!(
        "SELECT COUNT(*) FROM ledger_entries WHERE idempotency_key = 'bulk file of receipt {}'",
        files.of(id, "receipt_id")
    );
    assert_eq!(files.number(&key), 1);
    files.assert_sound();
}

#[tokio::test]
async fn what_cannot_be_credited_comes_back_and_costs_nothing() {
    let files = Files::new();
    let id = files.id(ACCEPTED);
    files.only(id);
    let (account, total) = (files.account_of(id), files.yen(id, "total_yen"));
    let (balance, closed) = (files.balance(&account), files.named(id, 2));
    files.execute(&format!(
        "UPDATE accounts SET closed_at = '2026-11-24 00:30:00' \
         WHERE portal = 'aoba' AND number = '{closed}'"
    ));
    files.on_the_day_of(id, "09:00:00");
    assert_eq!(files.works(), "executed in part 1 file");
    assert_eq!(files.of(id, "state"), "partly_failed");
    let failures = files.failures(id);
    assert!(failures.contains(&"2 payee_closed".to_owned()), "{failures:?}");
    assert!(failures.iter().all(|failure| failure.ends_with(" payee_closed")), "{failures:?}");
    let failed = files.result(id, "failed_yen");
    let fee = files.result(id, "net_yen") + files.result(id, "tax_yen");
    assert_eq!(files.balance(&account), balance - total - fee + failed);
    // Debited with the rest, and given back in an entry of its own.
    assert_eq!(files.posted(id, "suspense"), failed);
    let returned = format!(
        "SELECT CAST(SUM(amount) AS BIGINT) FROM postings WHERE amount > 0 AND entry_id = \
         (SELECT id FROM ledger_entries WHERE idempotency_key = \
         'bulk file of receipt {} return')",
        files.of(id, "receipt_id")
    );
    assert_eq!(files.number(&returned), failed);
    assert!(files.last_mail("bulk_partly_failed").contains("組戻"));
    files.assert_sound();
}

#[tokio::test]
async fn without_money_it_is_tried_until_three_and_rejected_then() {
    let files = Files::new();
    let id = files.id(ACCEPTED);
    files.only(id);
    let (account, total) = (files.account_of(id), files.yen(id, "total_yen"));
    files.pay_in(&account, -files.balance(&account) + total);
    // The sum is there, the fees are not: nothing is posted.
    for time in ["09:00:00", "12:00:00", "14:59:59"] {
        files.on_the_day_of(id, time);
        assert_eq!(files.works(), "nothing to do", "{time}");
        assert_eq!((files.of(id, "state").as_str(), files.balance(&account)), ("accepted", total));
    }
    files.on_the_day_of(id, "15:00:00");
    assert_eq!(files.works(), "rejected 1 file");
    assert_eq!((files.of(id, "reason").as_str(), files.balance(&account)), ("funds", total));
    assert_eq!(files.number("SELECT COUNT(*) FROM bulk_results WHERE entry_id IS NULL"), 0);
    assert!(files.last_mail("bulk_rejected").contains("15時まで"));
    files.assert_sound();
}

#[tokio::test]
async fn money_that_comes_until_three_is_enough() {
    let files = Files::new();
    let id = files.id(ACCEPTED);
    files.only(id);
    let account = files.account_of(id);
    files.pay_in(&account, -files.balance(&account));
    files.on_the_day_of(id, "09:00:00");
    assert_eq!(files.works(), "nothing to do");
    files.pay_in(&account, 5_000_000);
    files.on_the_day_of(id, "14:59:59");
    assert_eq!(files.works(), "executed 1 file");
    files.assert_sound();
}

#[tokio::test]
async fn workers_at_once_pay_each_file_once() {
    let files = Files::new();
    let id = files.id(ACCEPTED);
    let (account, total) = (files.account_of(id), files.yen(id, "total_yen"));
    files.only(id);
    let balance = files.balance(&account);
    files.on_the_day_of(id, "09:00:00");
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let services = files.services.clone();
            std::thread::spawn(move || {
                let worker = Worker::new(services, None).unwrap();
                worker.run_due_once();
                worker.run_due_once();
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    let fee = files.result(id, "net_yen") + files.result(id, "tax_yen");
    assert_eq!(files.balance(&account), balance - total - fee);
    assert_eq!((files.events(id, "execute"), files.mails("bulk_done")), (1, 1));
    files.assert_sound();
}
