//! A form sent twice whose first sending is refused, and a draft that another tab has changed.

use futures_util::future::join_all;
use madoguchi::primitives::password::hash_blocking;

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::info::to_confirm;
use crate::limits::{FUTABA, LimitApp};
use crate::menu::{ACTIVATION, CONFIRM, MenuApp, TARO};
use crate::people::{FK3, JIRO, TARO as SHIRAKABA_TARO};

const WRONG: [(&str, &str); 1] = [("confirm", "kakunin99")];

async fn back(browser: &Browser, page: &Page) -> Page {
    let form = page.form_to("/back");
    let answer = browser.post(&form.action, &form.hidden).await;
    browser.follow(answer).await
}

/// The second click waits for the first one, and then shows the step again: no 409, and no second
/// failure.
#[tokio::test]
async fn a_double_click_on_a_refused_form_shows_the_step_again() {
    let app = TestApp::new();
    // As slow as the portal's own, so that the second click comes while the first is compared.
    let hash = hash_blocking(JIRO.confirm).unwrap();
    let of_jiro = format!("WHERE login_id = '{}'", JIRO.login_id);
    app.execute(&format!("UPDATE users SET confirm_secret_hash = '{hash}' {of_jiro}"));
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "telephone", "090-0000-7777").await;
    let answers = join_all((0..2).map(|_| browser.submit(&page, &WRONG))).await;
    for answer in answers {
        let answer = answer.expect_status(422).expect_screen("BCI002");
        assert!(!answer.summary().is_empty());
    }
    assert_eq!(app.user(JIRO, "confirm_failures"), "1");

    let app = LimitApp::new("kodama");
    let browser = app.inside(FUTABA).await;
    let page = app.to_confirm(&browser, ["2000000", "2000000", "10000", "20000"]).await;
    let answers = join_all((0..2).map(|_| browser.submit(&page, &WRONG))).await;
    for answer in answers {
        answer.expect_status(422).expect_screen("BLM002");
    }
}

/// The exchange claims its key together with the try, so that a twin waits there too.
#[tokio::test]
async fn a_double_click_on_a_refused_exchange_shows_the_step_again() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.exchange_to_new(&browser, &app.code(crate::people::FK2)).await;
    let wrong = app.wrong_codes(FK3, 1).remove(0);
    let values = [("serial", FK3), ("otp", wrong.as_str())];
    let answers = join_all((0..4).map(|_| browser.submit(&page, &values))).await;
    for answer in answers {
        answer.expect_status(422).expect_screen("BOM113");
    }
    assert_eq!(app.user(SHIRAKABA_TARO, "token_status"), "in_use");
}

#[tokio::test]
async fn a_page_of_limits_confirms_the_draft_that_it_shows() {
    let app = LimitApp::new("kodama");
    let browser = app.inside(FUTABA).await;
    let older = app.to_confirm(&browser, ["2000000", "2000000", "10000", "20000"]).await;
    let input = back(&browser, &older).await.expect_screen("BLM001");
    let amounts = crate::limits::values(["3000000", "3000000", "10000", "20000"]);
    let answer = browser.submit(&input, &amounts).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BLM002");
    let told = browser.submit(&older, &[("confirm", FUTABA.confirm)]).await;
    let told = told.expect_status(422).expect_screen("BLM002");
    assert!(told.summary().contains("ほかの画面で内容が変更された"), "{}", told.summary());
    assert!(told.text().contains("3,000,000円"), "{}", told.text());
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'limit.change'"), 0);
    let answer = browser.submit(&told, &[("confirm", FUTABA.confirm)]).await;
    browser.follow(answer).await.expect_screen("BLM003");
    assert_eq!(app.row(FUTABA).1, "3000000");
}

#[tokio::test]
async fn a_page_of_customer_data_confirms_the_draft_that_it_shows() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let older = to_confirm(&browser, "shirakaba", "telephone", "090-0000-7777").await;
    let input = back(&browser, &older).await.expect_screen("BCI001");
    let answer = browser.submit(&input, &[("telephone", "090-0000-8888")]).await;
    browser.follow(answer).await.expect_screen("BCI002");
    let told = browser.submit(&older, &[("confirm", JIRO.confirm)]).await;
    let told = told.expect_status(422).expect_screen("BCI002");
    assert!(told.summary().contains("ほかの画面で内容が変更された"), "{}", told.summary());
    assert_eq!(told.fact("変更後").as_deref(), Some("090-0000-8888"));
    assert_eq!(app.user(JIRO, "telephone"), "null");
    let answer = browser.submit(&told, &[("confirm", JIRO.confirm)]).await;
    browser.follow(answer).await.expect_screen("BCI003");
    assert_eq!(app.user(JIRO, "telephone"), "090-0000-8888");
}

/// A new activation password is a new draft, though the page shows no difference.
#[tokio::test]
async fn an_issue_confirms_the_draft_that_its_page_shows() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let older = app.to_confirm(&browser).await;
    let input = back(&browser, &older).await.expect_screen("BOT001");
    let mine = "betsu@example.jp";
    let values = [
        ("mail_address", mine),
        ("mail_address_again", mine),
        ("activation", ACTIVATION),
        ("activation_again", ACTIVATION),
    ];
    let answer = browser.submit(&input, &values).await;
    browser.follow(answer).await.expect_screen("BOT002");
    let code = app.mailed_code();
    let proofs = [("mail_code", code.as_str()), ("confirm", CONFIRM)];
    let told = browser.submit(&older, &proofs).await.expect_status(422).expect_screen("BOT002");
    assert!(told.summary().contains("ほかの画面で内容が変更された"), "{}", told.summary());
    assert!(told.text().contains(mine), "{}", told.text());
    assert_eq!(app.number("SELECT COUNT(*) FROM token_issues"), 0);
    let answer = browser.submit(&told, &proofs).await;
    browser.follow(answer).await.expect_screen("BOT003");
}

/// Without the digest a form is none of ours.
#[tokio::test]
async fn a_confirmation_without_its_draft_is_refused() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "telephone", "090-0000-7777").await;
    let form = page.form_to("/confirm");
    let mut fields = form.filled(&[("confirm", JIRO.confirm)]);
    fields.retain(|(name, _)| name != "draft");
    browser.post(&form.action, &fields).await.expect_status(400).expect_screen("BER400");
    assert_eq!(app.user(JIRO, "telephone"), "null");
}
