//! 「選び直す」 on BTR003 leads back to BTR001 and BTR002 with what was chosen and typed there.

use super::site::Money;
use crate::browser::{Browser, Page};
use crate::people::JIRO;

const FROM: &str = "1310072";
const TO: &str = "1310099";
/// An account whose holder nobody tells: the name is typed.
const NAMELESS: &str = "0000501";

/// Whether this one of the page's choices is made.
fn has_chosen(page: &Page, value: &str) -> bool {
    page.body.contains(&format!("value=\"{value}\" checked"))
}

async fn chooses_again(browser: &Browser, input: &Page) -> Page {
    let back = input.link("選び直す").unwrap();
    browser.get(&back).await.expect_screen("BTR001")
}

/// Where BTR001 leads for whom it does not offer.
async fn to_new(browser: &Browser, page: &Page) -> Page {
    let new = page.link("はじめての振込先へ").unwrap();
    browser.get(&new).await.expect_screen("BTR002")
}

#[tokio::test]
async fn account_and_payee_are_chosen_as_before() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let (from, to) = (money.account(FROM), format!("own-{}", money.account(TO)));
    let chosen = |page: &Page| (has_chosen(page, &from), has_chosen(page, &to));
    let fresh = browser.get(&money.at("transfers")).await.expect_screen("BTR001");
    assert_eq!(chosen(&fresh), (false, false));
    let input = money.to_own(&browser, FROM, TO).await;
    let again = chooses_again(&browser, &input).await;
    assert_eq!(chosen(&again), (true, true), "{}", again.body);
    // Whom the page offers is not typed: the way to somebody else begins at the bank.
    let new = to_new(&browser, &again).await;
    assert!(new.text().contains("金融機関を選ぶ"), "{}", new.text());
    // What the login in another browser does is its own.
    let other = money.logged_in(JIRO).await;
    let page = other.get(&money.at("transfers")).await.expect_screen("BTR001");
    assert_eq!(chosen(&page), (false, false));
    // Nothing stays of what was given up.
    let cancel = input.form_to("/cancel");
    let answer = browser.post(&cancel.action, &cancel.hidden).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BTR001");
    assert_eq!(chosen(&page), (false, false));
}

#[tokio::test]
async fn what_was_typed_about_a_new_payee_stands_there_again() {
    let money = Money::new("shirakaba");
    let browser = money.logged_in(JIRO).await;
    let from = money.account(FROM);
    let page = browser.get(&money.at("transfers/payee?bank=0001&branch=001")).await;
    let typed = [
        ("from", from.as_str()),
        ("account_type", "checking"),
        ("number", NAMELESS),
        ("holder", "ヤマダ タロウ"),
    ];
    let answer = browser.submit(&page.expect_screen("BTR002"), &typed).await;
    let input = browser.follow(answer.expect_status(303)).await.expect_screen("BTR003");
    let again = chooses_again(&browser, &input).await;
    let text = again.text();
    assert!(has_chosen(&again, &from), "{}", again.body);
    assert!(text.contains("入力された振込先を残しています") && text.contains(NAMELESS), "{text}");
    let page = to_new(&browser, &again).await;
    assert!(page.text().contains("東京営業部（001）"), "{}", page.text());
    assert!(has_chosen(&page, &from) && has_chosen(&page, "checking"), "{}", page.body);
    for value in [NAMELESS, "ヤマダ タロウ"] {
        assert!(page.body.contains(&format!("value=\"{value}\"")), "{value}: {}", page.body);
    }
    // It goes on from there; another branch is another account.
    let other = browser.get(&money.at("transfers/payee?bank=0001&branch=001")).await;
    assert!(!other.expect_screen("BTR002").body.contains(NAMELESS));
    let answer = browser.submit(&page, &typed).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTR003");
}

#[tokio::test]
async fn another_name_of_an_account_paid_before_is_not_exchanged_for_the_old_one() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let browser = money.logged_in(JIRO).await;
    let from = money.account(FROM);
    let begins = |holder: &'static str| {
        let (browser, money, from) = (&browser, &money, from.as_str());
        async move {
            let path = money.at("transfers/payee?bank=0001&branch=001");
            let page = browser.get(&path).await.expect_screen("BTR002");
            let typed = [
                ("from", from),
                ("account_type", "checking"),
                ("number", NAMELESS),
                ("holder", holder),
            ];
            let answer = browser.submit(&page, &typed).await.expect_status(303);
            browser.follow(answer).await.expect_screen("BTR003")
        }
    };
    let input = begins("ヤマダ タロウ").await;
    let page = money.to_confirm(&browser, &input, "1000", "2026-11-24").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    let paid = format!("paid-{}", money.number("SELECT MAX(id) FROM payments"));
    let again = chooses_again(&browser, &begins("ヤマダ タロウ").await).await;
    assert!(has_chosen(&again, &paid), "{}", again.body);
    let again = chooses_again(&browser, &begins("スズキ ジロウ").await).await;
    assert!(!has_chosen(&again, &paid), "{}", again.body);
    // Also where something has to be mended first.
    let again = browser.submit(&again, &[("from", "")]).await.expect_status(422);
    assert!(again.text().contains("入力された振込先を残しています"), "{}", again.text());
    let page = to_new(&browser, &again).await;
    assert!(page.body.contains("value=\"スズキ ジロウ\""), "{}", page.body);
}
