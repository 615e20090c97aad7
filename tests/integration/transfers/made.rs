//! Transfers that go out at once.

use futures_util::future::join_all;

use super::site::Money;
use crate::people::JIRO;

const FROM: &str = "1310072";
const TO: &str = "1310099";

#[tokio::test]
async fn between_own_accounts_it_is_free_at_any_hour_and_shows_everything_before() {
    let money = Money::new("shirakaba");
    let (from, to) = (money.balance(FROM), money.balance(TO));
    money.set_japan("2026-11-22 23:30:00");
    let browser = money.logged_in(JIRO).await;
    let input = money.to_own(&browser, FROM, TO).await;
    assert!(!input.form().names.contains(&"sender".to_owned()), "振替 has no sender");
    let page = money.to_confirm(&browser, &input, "１，２３４円", "2026-11-22").await;
    let shown = page.text();
    for part in ["1,234円", "本日 2026年11月22日（日）", "取引後の残高"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("手数料") && !shown.contains("はじめて"), "{shown}");
    assert_eq!(money.payments("done"), 0, "nothing before the proof");
    let wrong = browser.submit(&page, &[("confirm", "kakunin99")]).await.expect_status(422);
    assert!(!wrong.summary().is_empty());
    let result = money.confirm(&browser, &wrong, JIRO).await.expect_screen("BTR005");
    assert!(result.text().contains("1,234円") && result.text().contains("完了"));
    let again = browser.get(&result.path).await;
    assert_eq!(again.fact("受付番号"), result.fact("受付番号"));
    assert_eq!((money.balance(FROM), money.balance(TO)), (from - 1_234, to + 1_234));
    let mail = money.last_mail("transfer_done");
    for part in ["1,234円", &result.fact("受付番号").unwrap(), "停止コード"] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert!(!mail.contains(TO), "no full account number: {mail}");
    let line = "SELECT COUNT(*) FROM audit_lines WHERE operation = 'transfer' \
                AND details LIKE 'own_transfer of 1234 yen%***0099%'";
    assert_eq!(money.number(line), 1);
    assert_eq!(money.number("SELECT COUNT(*) FROM payment_totals"), 0, "counts for no limit");
    money.assert_sound();
}

#[tokio::test]
async fn a_form_sent_many_times_pays_once() {
    let money = Money::new("shirakaba");
    let from = money.balance(FROM);
    let browser = money.logged_in(JIRO).await;
    let input = money.to_own(&browser, FROM, TO).await;
    let page = money.to_confirm(&browser, &input, "500", "2026-11-24").await;
    let values = [("confirm", JIRO.confirm)];
    let answers = join_all((0..8).map(|_| browser.submit(&page, &values))).await;
    let first = answers[0].location.clone().unwrap();
    for answer in &answers {
        assert!(answer.is_done(), "{} {:?}", answer.status, answer.location);
        assert_eq!(answer.location.as_ref(), Some(&first));
    }
    assert_eq!((money.payments("done"), money.balance(FROM)), (1, from - 500));
    assert_eq!(money.mails("transfer_done"), 1);
    money.assert_sound();
}

#[tokio::test]
async fn whoever_reads_that_it_is_refused_can_rely_on_it() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let all = money.balance(FROM);
    let input = money.to_own(&browser, FROM, TO).await;
    let page = money.to_confirm(&browser, &input, &all.to_string(), "2026-11-24").await;
    let values = [("confirm", JIRO.confirm)];
    money.pay_in(FROM, -1);
    let refused = browser.submit(&page, &values).await.expect_status(200);
    assert!(refused.text().contains("残高が足りません"), "{}", refused.text());
    // The other click comes a moment later, when there is money again.
    money.pay_in(FROM, 1);
    let twin = browser.submit(&page, &values).await.expect_status(422).expect_screen("BTR004");
    assert!(twin.summary().contains("受け付けられませんでした"), "{}", twin.summary());
    assert_eq!((money.payments("done"), money.balance(FROM)), (0, all));
    let answer = browser.submit(&twin, &values).await;
    browser.follow(answer).await.expect_screen("BTR005");
    assert_eq!((money.payments("done"), money.balance(FROM)), (1, 0));

    // What was corrected is another form, though its page was the same.
    money.pay_in(FROM, 300);
    let input = money.to_own(&browser, FROM, TO).await;
    let page = money.to_confirm(&browser, &input, "300", "2026-11-24").await;
    money.pay_in(FROM, -2);
    browser.submit(&page, &values).await.expect_status(200);
    money.pay_in(FROM, 3);
    let corrected = [("repeat", "yes"), ("confirm", JIRO.confirm)];
    let answer = browser.submit(&page, &corrected).await;
    browser.follow(answer).await.expect_screen("BTR005");
    assert_eq!((money.payments("done"), money.balance(FROM)), (2, 1));
    money.assert_sound();

    let kept = "SELECT COUNT(*) FROM one_time_keys WHERE state = 'refused'";
    assert_eq!(money.number(kept), 1);
    money.advance(121);
    money.runs();
    assert_eq!(money.number(kept), 0, "nobody fills the table with what is refused");
}

#[tokio::test]
async fn the_same_again_is_asked_about_and_no_more_goes_out_than_is_there() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let balance = money.balance(FROM);
    let input = money.to_own(&browser, FROM, TO).await;
    let page = money.to_confirm(&browser, &input, "700", "2026-11-24").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    let input = money.to_own(&browser, FROM, TO).await;
    let page = money.to_confirm(&browser, &input, "700", "2026-11-24").await;
    assert!(page.text().contains("同じ振込先・同じ金額"), "{}", page.text());
    let refused = browser.submit(&page, &[("confirm", JIRO.confirm)]).await.expect_status(422);
    assert!(refused.summary().contains("もう一度"), "{}", refused.summary());
    assert_eq!(money.payments("done"), 1);
    let meant = [("repeat", "yes"), ("confirm", JIRO.confirm)];
    let answer = browser.submit(&refused, &meant).await;
    browser.follow(answer).await.expect_screen("BTR005");
    assert_eq!((money.payments("done"), money.balance(FROM)), (2, balance - 1_400));
    money.advance(601);
    let browser = money.logged_in(JIRO).await;
    let input = money.to_own(&browser, FROM, TO).await;
    let page = money.to_confirm(&browser, &input, "700", "2026-11-24").await;
    assert!(!page.text().contains("同じ振込先"), "{}", page.text());

    let input = money.to_own(&browser, FROM, TO).await;
    let left = money.balance(FROM);
    for (amount, on, why) in [
        (format!("{}", left + 1), "2026-11-24", "残高が足りません"),
        ("0".to_owned(), "2026-11-24", "金額は"),
        ("-5".to_owned(), "2026-11-24", "金額は"),
        (String::new(), "2026-11-24", "金額を入力"),
        ("10000000000".to_owned(), "2026-11-24", "金額は"),
        ("100".to_owned(), "2026-11-23", "この日は"),
        ("100".to_owned(), "2026-12-25", "この日は"),
        ("100".to_owned(), "x", "この日は"),
    ] {
        let answer = browser.submit(&input, &[("amount", &amount), ("on", on)]).await;
        let page = answer.expect_status(422);
        assert!(page.summary().contains(why), "{amount} {on}: {}", page.summary());
    }
    let page = money.to_confirm(&browser, &input, &left.to_string(), "2026-11-24").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    assert_eq!(money.balance(FROM), 0);
    money.assert_sound();
}

#[tokio::test]
async fn what_is_no_account_of_ones_own_is_no_choice() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let page = browser.get(&money.at("transfers")).await.expect_screen("BTR001");
    let (own, other) = (money.account(FROM), money.account("1203345"));
    for (from, to, field) in [
        (other.clone(), format!("own-{}", money.account(TO)), "出金口座"),
        (own.clone(), format!("own-{other}"), "振込先"),
        (own.clone(), format!("own-{own}"), "別の口座"),
        (own.clone(), "paid-1".to_owned(), "振込先"),
    ] {
        let answer = browser.submit(&page, &[("from", &from), ("to", &to)]).await;
        let again = answer.expect_status(422);
        assert!(again.summary().contains(field), "{from} {to}: {}", again.summary());
    }
    assert_eq!(money.number("SELECT COUNT(*) FROM flows WHERE operation = 'transfer'"), 0);
}
