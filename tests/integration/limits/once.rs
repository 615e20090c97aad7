//! Once: a form sent twice, two rises at once, workers at once.

use futures_util::future::join_all;
use madoguchi::jobs::worker::Worker;

use super::site::{FUTABA, LimitApp, NATSUKO};

#[tokio::test]
async fn a_form_sent_twice_asks_once() {
    let app = LimitApp::new("kodama");
    let browser = app.inside(FUTABA).await;
    let page = app.to_confirm(&browser, ["2000000", "2000000", "10000", "20000"]).await;
    let values = [("confirm", FUTABA.confirm)];
    let answers = join_all((0..8).map(|_| browser.submit(&page, &values))).await;
    let first = answers[0].location.clone().unwrap();
    for answer in &answers {
        assert!(answer.is_done(), "{} {:?}", answer.status, answer.location);
        assert_eq!(answer.location.as_ref(), Some(&first));
    }
    let number = browser.get(&first).await.expect_screen("BLM003").fact("受付番号");
    let again = browser.submit(&page, &values).await;
    assert_eq!(browser.follow(again).await.fact("受付番号"), number);
    assert_eq!(app.mails("limit_rise_requested"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'limit.change'"), 1);
    assert_eq!(app.number("SELECT SUM(version) FROM limits"), 1);
}

/// Two rises of one customer that stand at their check at once: as if a second flow had been begun
/// at the very moment of the first, so that nothing but the rise's own guard is left.
#[tokio::test]
async fn of_two_rises_at_once_one_waits() {
    let app = LimitApp::new("kodama");
    let (one, other) = (app.inside(FUTABA).await, app.inside(FUTABA).await);
    for round in 0..4 {
        let amounts = [["2000000", "2000000"], ["3000000", "3000000"]];
        let ask = async |browser, [once, day]: [&'static str; 2]| {
            app.to_confirm(browser, [once, day, "1000000", "1000000"]).await
        };
        let (first, second) = (ask(&one, amounts[0]).await, ask(&other, amounts[1]).await);
        app.execute(
            "UPDATE flows SET step = 'confirm' \
             WHERE operation = 'limit_change' AND step = 'ended'",
        );
        let values = [("confirm", FUTABA.confirm)];
        let (first, second) =
            tokio::join!(one.submit(&first, &values), other.submit(&second, &values));
        let done = [&first, &second].into_iter().filter(|page| page.is_done()).count();
        let late = [&first, &second].into_iter().filter(|page| page.is_too_late()).count();
        assert_eq!((done, late), (1, 1), "round {round}: {} {}", first.status, second.status);
        assert_eq!(app.mails("limit_rise_requested"), round + 1);
        let waiting = "SELECT COUNT(*) FROM limits WHERE rise_at IS NOT NULL";
        assert_eq!(app.number(waiting), 1);
        // The one that lost stands at its check still.
        app.execute(
            "UPDATE limits SET rise_at = NULL, rise_requested_at = NULL, \
             rise_transfer_per_transaction_yen = NULL, rise_transfer_daily_yen = NULL, \
             rise_pay_easy_per_transaction_yen = NULL, rise_pay_easy_daily_yen = NULL",
        );
        app.execute("UPDATE flows SET step = 'done' WHERE step = 'confirm'");
    }
}

#[tokio::test]
async fn however_many_workers_a_rise_takes_effect_once() {
    let app = LimitApp::with_rise("minori");
    app.set_japan("2026-11-26 00:00:00");
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let services = app.services.clone();
            std::thread::spawn(move || {
                let worker = Worker::new(services, None).unwrap();
                worker.run_due_once();
                // One that died after the rise was written down leaves nothing to repeat.
                worker.run_due_once();
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    assert_eq!(app.row(NATSUKO), ("1000000".into(), "null".into()));
    assert_eq!(app.mails("limit_changed"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'limit.rise'"), 1);
}
