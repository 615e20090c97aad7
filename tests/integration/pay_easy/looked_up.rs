//! What the numbers of a slip lead to, and how often wrong ones may be tried.

use futures_util::future::join_all;
use madoguchi::db::DbConn;
use madoguchi::db::queries::bill_tries;
use madoguchi::domain::bill::{BILL_FAILURES_MAX, USER_FAILURES_MAX};

use super::site::{CAR, POWER, Slip, types};
use crate::people::{JIRO, SHIRO};
use crate::transfers::site::Money;

const NOT_FOUND: &str = "払込情報が見つかりませんでした";
const TOO_MANY: &str = "本日はこの照会をお受けできません";

#[tokio::test]
async fn what_cannot_be_paid_says_why_and_wrong_numbers_read_alike() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let (a, n, c, k) = CAR;
    let cases: [(Slip, &str); 18] = [
        (("", n, c, k), "収納機関番号を入力"),
        (("9010", n, c, k), "収納機関番号は5桁"),
        (("9010a", n, c, k), "収納機関番号は数字だけ"),
        ((a, "", c, k), "納付番号・お客様番号を入力"),
        ((a, "123456789012345678901", c, k), "20桁まで"),
        ((a, n, "", k), "確認番号を入力"),
        ((a, n, "1234567", k), "6桁まで"),
        ((a, n, c, "00001"), "納付区分は4桁まで"),
        (("90999", n, c, k), "お取り扱いしていません"),
        ((a, n, "123457", k), NOT_FOUND),
        ((a, n, "000000", k), NOT_FOUND),
        ((a, n, c, "002"), NOT_FOUND),
        ((a, n, c, ""), NOT_FOUND),
        ((a, "10010000009999", c, k), NOT_FOUND),
        ((a, "10010000000003", "345678", "002"), "期限を過ぎています"),
        ((a, "10010000000004", "456789", "001"), "すでに払込み済み"),
        (("90298", "55500001", "1", ""), "受付時間外"),
        (("90299", "90010002", "2", ""), "返事がなかった"),
    ];
    let mut alike = Vec::new();
    for (slip, why) in cases {
        let page = types(&browser, "shirakaba", slip).await.expect_status(422);
        assert!(page.summary().contains(why), "{slip:?}: {}", page.summary());
        // What was typed is kept.
        assert!(slip.1.is_empty() || page.body.contains(slip.1), "{slip:?}");
        if why == NOT_FOUND {
            alike.push(page.summary());
        }
    }
    alike.dedup();
    assert_eq!(alike.len(), 1, "a wrong 確認番号 tells nothing: {alike:?}");
    // Paid and expired bills are told only to whoever knows the 確認番号.
    let page = types(&browser, "shirakaba", (a, "10010000000004", "1", "001")).await;
    assert_eq!(page.summary(), alike[0]);
    assert_eq!(money.number("SELECT COUNT(*) FROM flows WHERE operation = 'pay_easy'"), 0);
    assert_eq!(money.audited("bill.look_up", "not found"), 6);
    assert_eq!(money.audited("bill.look_up", "paid already"), 1);
    assert_eq!(money.number("SELECT SUM(failures) FROM bill_tries WHERE slot LIKE 'user %'"), 6);
}

#[tokio::test]
async fn wrong_numbers_are_counted_by_user_and_by_number() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    // At once: no more are looked at than the ceiling lets, and a found bill costs nothing.
    types(&browser, "shirakaba", POWER).await.expect_screen("BPE002");
    let wrong = |n: usize| ("90201", "04412870016", ["11", "12", "13", "14"][n % 4], "");
    let tries = (0..14).map(|n| types(&browser, "shirakaba", wrong(n)));
    let answers = join_all(tries).await;
    let looked_at = answers.iter().filter(|page| page.summary().contains(NOT_FOUND)).count();
    let refused = answers.iter().filter(|page| page.summary().contains(TOO_MANY)).count();
    assert_eq!((looked_at, refused), (USER_FAILURES_MAX as usize, 4));
    let right = types(&browser, "shirakaba", POWER).await.expect_status(422);
    assert!(right.summary().contains(TOO_MANY), "the right numbers as well: {}", right.summary());
    assert_eq!(money.audited("bill.look_up", "too many wrong numbers"), 5);

    // Somebody else goes on guessing at the same bill, and at one that is not there.
    let other = money.logged_in(SHIRO).await;
    types(&other, "shirakaba", POWER).await.expect_screen("BPE002");
    money.execute(&format!(
        "UPDATE bill_tries SET failures = {BILL_FAILURES_MAX} WHERE slot LIKE 'bill %'"
    ));
    let page = types(&other, "shirakaba", POWER).await.expect_status(422);
    assert!(page.summary().contains(TOO_MANY), "{}", page.summary());
    types(&other, "shirakaba", CAR).await.expect_screen("BPE002");

    // The next day both begin anew, and the worker forgets.
    money.set_japan("2026-11-25 08:00:00");
    let browser = money.logged_in(JIRO).await;
    types(&browser, "shirakaba", POWER).await.expect_screen("BPE002");
    let sql = "SELECT COUNT(*) FROM bill_tries WHERE failures > 0";
    assert!(money.number(sql) > 0);
    money.runs();
    assert_eq!(money.number(sql), 0);
}

#[tokio::test]
async fn tries_are_claimed_before_anything_is_looked_at() {
    let money = Money::new("shirakaba");
    let day = money.now().date();
    let claim = move |conn: &mut DbConn| bill_tries::claim(conn, "user 1", day, 3);
    let claimed = join_all((0..12).map(|_| money.services.db.claim(claim))).await;
    assert_eq!(claimed.into_iter().filter(|claimed| *claimed.as_ref().unwrap()).count(), 3);
}
