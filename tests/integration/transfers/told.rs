//! What is told on the way: names that are not sent as they were typed, a missing token, the time
//! at which reservations run.

use super::site::Money;
use crate::browser::{Browser, Page};
use crate::people::JIRO;

const FROM: &str = "1310072";
const TO: &str = "1310099";
/// An account whose name cannot be looked up, so that it has to be typed.
const UNKNOWN: &str = "0000503";

/// BTR002 for an account of another bank: BTR003.
async fn to_input(money: &Money, browser: &Browser, number: &str, holder: &str) -> Page {
    let path = money.at("transfers/payee?bank=0001&branch=001");
    let page = browser.get(&path).await.expect_screen("BTR002");
    let from = money.account(FROM);
    let typed = [
        ("from", from.as_str()),
        ("account_type", "ordinary"),
        ("number", number),
        ("holder", holder),
    ];
    let answer = browser.submit(&page, &typed).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTR003")
}

#[tokio::test]
async fn names_that_are_not_sent_as_typed_are_shown_with_why() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let browser = money.logged_in(JIRO).await;
    let holder = [
        ("入力された受取人名", "しょうじ　ヱみ"),
        ("受取人名（送信される名義）", "ｼﾖｳｼﾞ ｴﾐ"),
        (
            "受取人名の変換",
            "全角を半角に、ひらがなをカタカナに、小さいカナを大きいカナに、ヰ・ヱをイ・エに変換しました。",
        ),
    ];
    let sender = [
        ("入力された振込依頼人名", "ヰわい　ジロー"),
        ("振込依頼人名（送信される名義）", "ｲﾜｲ ｼﾞﾛ-"),
        (
            "振込依頼人名の変換",
            "全角を半角に、ひらがなをカタカナに、ヰ・ヱをイ・エに、長音や横線をハイフンに変換しました。",
        ),
    ];
    let input = to_input(&money, &browser, UNKNOWN, holder[0].1).await;
    for (label, value) in holder {
        assert_eq!(input.fact(label).as_deref(), Some(value), "{}", input.text());
    }
    let typed = [("amount", "1000"), ("on", "2026-11-24"), ("sender", sender[0].1)];
    let answer = browser.submit(&input, &typed).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BTR004");
    for (label, value) in holder.into_iter().chain(sender) {
        assert_eq!(page.fact(label).as_deref(), Some(value), "{}", page.text());
    }
    // What was typed comes back.
    let back = page.form_to("/back");
    let answer = browser.post(&back.action, &back.hidden).await.expect_status(303);
    let input = browser.follow(answer).await.expect_screen("BTR003");
    assert!(input.body.contains(&format!("value=\"{}\"", sender[0].1)), "{}", input.body);
    let answer = browser.submit(&input, &typed).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BTR004");
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    for (column, sent) in [("holder_kana", holder[1].1), ("sender_kana", sender[1].1)] {
        let kept = format!("SELECT {column} AS value FROM payments");
        assert_eq!(money.texts(&kept), [sent]);
    }

    // Typed as it is sent, and not typed at all.
    for (number, typed, shown) in
        [(UNKNOWN, "ｼﾖｳｼﾞ ｴﾐ", "シヨウジ エミ 様"), ("1234567", "", "ソラノ ヒカル 様")]
    {
        let input = to_input(&money, &browser, number, typed).await;
        let page = money.to_confirm(&browser, &input, "2000", "2026-11-24").await;
        let name = page.fact("受取人名");
        assert!(!page.text().contains("変換しました"), "{}", page.text());
        assert!(page.fact("振込依頼人名").is_some(), "{}", page.text());
        assert_eq!(name.as_deref(), Some(shown), "{}", page.text());
    }
}

#[tokio::test]
async fn whoever_lacks_a_token_is_told_of_the_token_and_not_of_the_own_limit() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 2_000_000);
    let browser = money.logged_in(JIRO).await;
    let input = to_input(&money, &browser, "1234567", "").await;
    let parts = [
        "ワンタイムパスワードをご利用でないため、限度額は1日の合計 500,000円 までです。",
        "ワンタイムパスワードの利用開始をしてください。",
    ];
    let over = [("amount", "500001"), ("on", "2026-11-25")];
    let why = browser.submit(&input, &over).await.expect_status(422).summary();
    assert!(parts.iter().all(|part| why.contains(part)) && !why.contains("1回あたり"), "{why}");
    // What goes out together is too much as well.
    let page = money.to_confirm(&browser, &input, "100000", "2026-11-25").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    let input = to_input(&money, &browser, "1234567", "").await;
    let over = [("amount", "400001"), ("on", "2026-11-25")];
    let why = browser.submit(&input, &over).await.expect_status(422).summary();
    assert!(parts.iter().all(|part| why.contains(part)), "{why}");

    // As if it had been reserved while there was a token.
    money.execute("UPDATE payments SET amount_yen = 600000");
    money.execute("UPDATE payment_totals SET counted_yen = 600000");
    money.set_japan("2026-11-25 09:00:00");
    assert_eq!(money.runs(), "ran 0 reservations, 1 could not go out");
    let reason = "SELECT reason AS value FROM payments WHERE state = 'failed'";
    assert_eq!(money.texts(reason), ["no_token"]);
    let mail = money.last_mail("reservation_failed");
    let told = "ワンタイムパスワードをご利用でないあいだの限度額を超えました";
    assert!(mail.contains(told) && !mail.contains("1回あたり"), "{mail}");
    let browser = money.logged_in(JIRO).await;
    let id = money.number("SELECT MAX(id) FROM payments");
    let detail = browser.get(&money.at(&format!("payments/{id}"))).await.expect_screen("BTR032");
    assert!(detail.fact("理由").unwrap().contains(told), "{}", detail.text());

    // An own limit that is lower is the reason itself.
    money.execute(
        "UPDATE limits SET transfer_per_transaction_yen = 240000, transfer_daily_yen = 240000, \
         pay_easy_per_transaction_yen = 240000, pay_easy_daily_yen = 240000 \
         WHERE contract_id = (SELECT contract_id FROM users \
         WHERE portal = 'shirakaba' AND login_id = '1000000003')",
    );
    let input = to_input(&money, &browser, "1234567", "").await;
    let over = [("amount", "240001"), ("on", "2026-11-25")];
    let why = browser.submit(&input, &over).await.expect_status(422).summary();
    assert!(why.contains("1回あたりの限度額") && !why.contains("ご利用でない"), "{why}");
    money.assert_sound();
}

#[tokio::test]
async fn the_profiles_time_stands_wherever_reservations_are_told_of() {
    let money = Money::with("shirakaba", "\n[transfers]\nreservations_at = 08:30:00\n");
    let browser = money.logged_in(JIRO).await;
    let input = money.to_own(&browser, FROM, TO).await;
    let more = (money.balance(FROM) + 1).to_string();
    let page = money.to_confirm(&browser, &input, &more, "2026-11-25").await;
    let shown = page.text();
    for part in ["の午前8時30分ごろに振替を", "実行日の午前8時30分までに、"]
    {
        assert!(shown.contains(part) && !shown.contains("午前9時"), "{part}: {shown}");
    }
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    let list = browser.get(&money.at("reservations")).await.expect_screen("BTR030");
    assert!(list.text().contains("実行日の午前8時30分ごろ、"), "{}", list.text());
    money.set_japan("2026-11-25 08:29:59");
    assert_eq!(money.runs(), "nothing to do");
    money.set_japan("2026-11-25 08:30:00");
    assert_eq!(money.runs(), "ran 0 reservations, 1 could not go out");
}
