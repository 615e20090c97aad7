//! Reservations: run once at nine in the order of their receipt, taken back until the day before.

use madoguchi::db::queries::users;
use madoguchi::jobs::worker::Worker;
use madoguchi::operations::payment::cancel::cancel_in_tx;
use madoguchi::primitives::ids::PaymentId;

use super::site::Money;
use crate::browser::Browser;
use crate::people::JIRO;

const FROM: &str = "1310072";
const TO: &str = "1310099";

/// Reserves a transfer and returns the page of its details.
async fn reserve(money: &Money, browser: &Browser, amount: &str, on: &str) -> String {
    let input = money.to_own(browser, FROM, TO).await;
    let page = money.to_confirm(browser, &input, amount, on).await;
    assert!(page.text().contains("午前9時ごろ"), "{}", page.text());
    let result = money.confirm(browser, &page, JIRO).await.expect_screen("BTR005");
    assert!(result.text().contains("予約を受け付けました"), "{}", result.text());
    let id = money.number("SELECT MAX(id) FROM payments");
    money.at(&format!("payments/{id}"))
}

#[tokio::test]
async fn a_reservation_runs_once_at_nine_whoever_runs_it() {
    let money = Money::new("shirakaba");
    let (from, to) = (money.balance(FROM), money.balance(TO));
    let browser = money.logged_in(JIRO).await;
    let detail = reserve(&money, &browser, "3000", "2026-11-25").await;
    assert_eq!((money.balance(FROM), money.payments("reserved")), (from, 1));
    let list = browser.get(&money.at("reservations")).await.expect_screen("BTR030");
    assert!(list.text().contains("3,000円") && list.text().contains("予約"), "{}", list.text());
    for (at, did) in [
        ("2026-11-24 23:59:59", "nothing to do"),
        ("2026-11-25 08:59:59", "nothing to do"),
        ("2026-11-25 09:00:00", "ran 1 reservation"),
        ("2026-11-25 09:00:01", "nothing to do"),
    ] {
        money.set_japan(at);
        assert_eq!(money.runs(), did, "{at}");
    }
    assert_eq!((money.balance(FROM), money.balance(TO)), (from - 3_000, to + 3_000));
    let browser = money.logged_in(JIRO).await;
    let shown = browser.get(&detail).await.expect_screen("BTR032");
    assert_eq!(shown.fact("状態").as_deref(), Some("完了"));
    assert_eq!(money.mails("reservation_done"), 1);
    money.assert_sound();
}

#[tokio::test]
async fn workers_at_once_run_each_reservation_once_and_in_order() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let from = money.balance(FROM);
    for amount in 1..=6 {
        reserve(&money, &browser, &(amount * 1_000).to_string(), "2026-11-25").await;
    }
    money.set_japan("2026-11-25 09:00:00");
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let services = money.services.clone();
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
    assert_eq!((money.payments("done"), money.balance(FROM)), (6, from - 21_000));
    assert_eq!(money.mails("reservation_done"), 6);
    let order = "SELECT CAST(amount_yen AS TEXT) AS value FROM payments \
                 WHERE state = 'done' ORDER BY entry_id";
    assert_eq!(money.texts(order), ["1000", "2000", "3000", "4000", "5000", "6000"]);
    money.assert_sound();
}

#[tokio::test]
async fn what_cannot_be_paid_fails_whole_and_says_why() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let balance = money.balance(FROM);
    // Together more than is there: the first in order of receipt goes out, and what still fits.
    let big = reserve(&money, &browser, &(balance - 1_000).to_string(), "2026-11-25").await;
    let lost = reserve(&money, &browser, "1001", "2026-11-25").await;
    reserve(&money, &browser, "1000", "2026-11-25").await;
    money.set_japan("2026-11-25 09:00:00");
    assert_eq!(money.runs(), "ran 2 reservations, 1 could not go out");
    assert_eq!(money.balance(FROM), 0);
    let browser = money.logged_in(JIRO).await;
    let failed = browser.get(&lost).await.expect_screen("BTR032");
    assert_eq!(failed.fact("状態").as_deref(), Some("エラー"));
    assert!(failed.fact("理由").unwrap().contains("残高が足りませんでした"));
    assert_eq!(browser.get(&big).await.fact("状態").as_deref(), Some("完了"));
    let mail = money.last_mail("reservation_failed");
    assert!(mail.contains("残高が足りませんでした"), "{mail}");
    let history = browser.get(&money.at("history?state=failed")).await.expect_screen("BTR040");
    assert!(history.text().contains("1,001円") && !history.text().contains("1,000円"));
    let line = "SELECT COUNT(*) FROM audit_lines WHERE operation = 'payment.run' \
                AND result = 'refused' AND details LIKE 'funds: %'";
    assert_eq!(money.number(line), 1);
    money.assert_sound();
}

#[tokio::test]
async fn a_reservation_is_taken_back_until_the_last_minute_of_the_day_before() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let detail = reserve(&money, &browser, "2500", "2026-11-26").await;
    let late = reserve(&money, &browser, "2600", "2026-11-26").await;
    money.set_japan("2026-11-25 23:59:00");
    let browser = money.logged_in(JIRO).await;
    let page = browser.get(&detail).await.expect_screen("BTR032");
    let form = page.form_to("/cancel");
    let answer = browser.post(&form.action, &form.hidden).await.expect_status(303);
    let check = browser.follow(answer).await.expect_screen("BTR031");
    let wrong = browser.submit(&check, &[("confirm", "kakunin99")]).await.expect_status(422);
    money.set_japan("2026-11-25 23:59:59");
    let result = money.confirm(&browser, &wrong, JIRO).await.expect_screen("BTR032");
    assert!(result.text().contains("予約を取り消しました"), "{}", result.text());
    assert_eq!(result.fact("状態").as_deref(), Some("取消"));
    assert_eq!((money.payments("cancelled"), money.mails("reservation_cancelled")), (1, 1));

    // The other one: the check was opened in time, the button comes a second too late.
    let page = browser.get(&late).await.expect_screen("BTR032");
    let form = page.form_to("/cancel");
    let answer = browser.post(&form.action, &form.hidden).await.expect_status(303);
    let check = browser.follow(answer).await.expect_screen("BTR031");
    money.set_japan("2026-11-26 00:00:00");
    browser.submit(&check, &[("confirm", JIRO.confirm)]).await.expect_status(409);
    // Past the page, too: the UPDATE itself looks at the day.
    let ctx = money.ctx();
    let id = PaymentId(late.rsplit('/').next().unwrap().parse().unwrap());
    let taken = money.services.db.write_blocking(move |conn| {
        let user = users::find_by_login_id(conn, "shirakaba", JIRO.login_id)?.unwrap();
        cancel_in_tx(conn, &ctx, &user, id)
    });
    assert!(taken.is_err(), "{taken:?}");
    let shown = browser.get(&late).await;
    assert_eq!(shown.fact("状態").as_deref(), Some("受付"));
    assert!(!shown.has_form_to("/cancel"), "too late to take back");
    money.set_japan("2026-11-26 09:00:00");
    assert_eq!(money.runs(), "ran 1 reservation");
    money.assert_sound();
}

#[tokio::test]
async fn what_was_a_reservation_does_not_go_out_at_once_at_midnight() {
    let money = Money::new("shirakaba");
    money.set_japan("2026-11-24 23:58:00");
    let browser = money.logged_in(JIRO).await;
    let input = money.to_own(&browser, FROM, TO).await;
    let page = money.to_confirm(&browser, &input, "4000", "2026-11-25").await;
    assert!(page.text().contains("前日の23時59分まで"), "{}", page.text());
    money.set_japan("2026-11-25 00:00:00");
    let late = browser.submit(&page, &[("confirm", JIRO.confirm)]).await.expect_status(422);
    assert!(late.summary().contains("日付が変わった"), "{}", late.summary());
    assert_eq!(money.payments("done") + money.payments("reserved"), 0);
}

#[tokio::test]
async fn the_end_of_a_contract_takes_its_reservations_back() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    reserve(&money, &browser, "2500", "2026-11-26").await;
    // As closing leaves it: nobody of the contract is there any more.
    money.execute(
        "UPDATE users SET deleted_at = '2026-11-25 00:00:00' \
         WHERE portal = 'shirakaba' AND login_id = '1000000003'",
    );
    money.set_japan("2026-11-26 09:00:00");
    assert_eq!(money.runs(), "ran 0 reservations, 1 could not go out");
    assert_eq!(money.payments("failed"), 1);
    money.assert_sound();
}

#[tokio::test]
async fn a_reservation_of_somebody_else_is_not_there() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let detail = reserve(&money, &browser, "2500", "2026-11-26").await;
    let hanako = money.logged_in(crate::people::HANAKO).await;
    hanako.get(&detail).await.expect_status(404);
    hanako.get(&money.at("payments/999999")).await.expect_status(404);
    hanako.get(&money.at("payments/x")).await.expect_status(404);
}

#[tokio::test]
async fn taking_a_reservation_back_shows_its_steps() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let detail = reserve(&money, &browser, "2500", "2026-11-26").await;
    let page = browser.get(&detail).await.expect_screen("BTR032");
    assert!(!page.body.contains("aria-current=\"step\""), "no flow yet: {}", page.body);
    let form = page.form_to("/cancel");
    let answer = browser.post(&form.action, &form.hidden).await.expect_status(303);
    let check = browser.follow(answer).await.expect_screen("BTR031");
    assert!(check.body.contains("aria-current=\"step\">内容の<wbr>確認"), "{}", check.body);
    let result = money.confirm(&browser, &check, JIRO).await.expect_screen("BTR032");
    assert!(result.body.contains("aria-current=\"step\">完了"), "{}", result.body);
}
