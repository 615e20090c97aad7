//! The code that proves a new mail address: tries, minutes, sendings, and what it opens.

use super::site::{NEW, mailed_code, press, send, to_confirm, wrong_codes};
use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::JIRO;

async fn resend(browser: &Browser, page: &Page) -> Page {
    let form = page.form_to("/resend");
    let answer = browser.post(&form.action, &form.hidden).await;
    browser.follow(answer).await
}

async fn back(browser: &Browser, page: &Page) -> Page {
    let form = page.form_to("/back");
    let answer = browser.post(&form.action, &form.hidden).await;
    browser.follow(answer).await.expect_screen("BCI001")
}

fn tries(app: &TestApp) -> i64 {
    app.number("SELECT tries FROM mail_codes WHERE closed_at IS NULL")
}

#[tokio::test]
async fn a_code_has_five_tries_and_a_new_one_works() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let mut page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    let first = mailed_code(&app);
    for wrong in wrong_codes(&first, 5) {
        let values = [("mail_code", wrong.as_str()), ("confirm", JIRO.confirm)];
        page = send(&browser, &page, &values).await.expect_status(422).expect_screen("BCI002");
        assert!(page.summary().contains("確認コードが違います"), "{}", page.summary());
    }
    assert_eq!(app.audited("mail_code.check", "wrong"), 5);
    let values = [("mail_code", first.as_str()), ("confirm", JIRO.confirm)];
    let page = send(&browser, &page, &values).await.expect_status(422);
    assert!(page.summary().contains("「確認コードを再送する」"), "{}", page.summary());
    assert_eq!(app.user(JIRO, "mail_address"), "1000000003@example.jp");
    let page = resend(&browser, &page).await.expect_screen("BCI002");
    assert!(page.text().contains("再送しました"), "{}", page.text());
    let second = mailed_code(&app);
    let values = [("mail_code", second.as_str()), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    assert_eq!(app.user(JIRO, "mail_address"), NEW);
}

#[tokio::test]
async fn a_code_holds_ten_minutes() {
    for (seconds, is_good) in [(599, true), (600, false)] {
        let app = TestApp::new();
        let browser = app.logged_in(JIRO).await;
        let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
        app.advance(seconds);
        let code = mailed_code(&app);
        let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
        let shown = send(&browser, &page, &values).await.screen();
        assert_eq!(shown == "BCI003", is_good, "{shown} after {seconds} s");
        assert_eq!(app.user(JIRO, "mail_address") == NEW, is_good);
    }
}

#[tokio::test]
async fn a_code_is_sent_three_times_a_day_at_most() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    let page = resend(&browser, &page).await.expect_screen("BCI002");
    let form = page.form_to("/resend");
    let page = resend(&browser, &page).await.expect_screen("BCI002");
    assert_eq!(app.mails("mail_code"), 3);
    assert!(!page.has_form_to("/resend"), "the button is gone");
    let refused = browser.post(&form.action, &form.hidden).await.expect_status(422);
    assert!(refused.summary().contains("「戻る」"), "{}", refused.summary());
    // Neither the way over BCI001 nor another flow gains one.
    app.execute("UPDATE mail_codes SET tries = 5");
    let input = back(&browser, &page).await;
    let values = [("mail_address", NEW), ("mail_address_again", NEW)];
    let refused = browser.submit(&input, &values).await.expect_status(422);
    assert!(refused.summary().contains("明日"), "{}", refused.summary());
    let input = press(&browser, "shirakaba", "mail_address").await;
    browser.submit(&input, &values).await.expect_status(422);
    assert_eq!(app.mails("mail_code"), 3);
    app.advance(24 * 3600);
    let browser = app.logged_in(JIRO).await;
    to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    assert_eq!(app.mails("mail_code"), 4);
}

#[tokio::test]
async fn a_user_does_not_make_the_portal_write_to_ever_more_addresses() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    for n in 1..=15 {
        to_confirm(&browser, "shirakaba", "mail_address", &format!("other{n}@example.jp")).await;
    }
    assert_eq!(app.mails("mail_code"), 15, "five times as many as to one address");
    let input = press(&browser, "shirakaba", "mail_address").await;
    let values = [("mail_address", NEW), ("mail_address_again", NEW)];
    let refused = browser.submit(&input, &values).await.expect_status(422);
    assert!(refused.summary().contains("明日"), "{}", refused.summary());
    assert_eq!(app.mails("mail_code"), 15);
}

#[tokio::test]
async fn codes_keep_to_the_profile() {
    let policy = "\n[mail_code]\nvalid_minutes = 3\nfailures_max = 1\nsendings_max = 1\n";
    let app = TestApp::with_profile(policy);
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    assert!(!page.has_form_to("/resend"), "one sending is all");
    assert_eq!(page.fact("有効期限").as_deref(), Some("2026年11月24日 12時03分10秒"));
    let code = mailed_code(&app);
    let wrong = wrong_codes(&code, 1).remove(0);
    for typed in [&wrong, &code] {
        let values = [("mail_code", typed.as_str()), ("confirm", JIRO.confirm)];
        send(&browser, &page, &values).await.expect_status(422);
    }
    assert_eq!(app.user(JIRO, "mail_address"), "1000000003@example.jp");
}

#[tokio::test]
async fn a_code_proves_the_address_it_went_to_and_no_other() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", "mine@example.jp").await;
    let mine = mailed_code(&app);
    let input = back(&browser, &page).await;
    assert!(input.body.contains("mine@example.jp"), "what was typed stays");
    let values = [("mail_address", NEW), ("mail_address_again", NEW)];
    let page = send(&browser, &input, &values).await.expect_screen("BCI002");
    let values = [("mail_code", mine.as_str()), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_status(422);
    // Not even where the draft was changed behind the code's back.
    app.execute("UPDATE mail_codes SET address = 'mine@example.jp'");
    let right = mailed_code(&app);
    let values = [("mail_code", right.as_str()), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_status(422);
    assert_eq!(app.user(JIRO, "mail_address"), "1000000003@example.jp");
}

#[tokio::test]
async fn a_code_for_something_else_does_not_prove_an_address() {
    for purpose in ["first_setup", "token_issue"] {
        let app = TestApp::new();
        let browser = app.logged_in(JIRO).await;
        let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
        app.execute(&format!("UPDATE mail_codes SET purpose = '{purpose}'"));
        let code = mailed_code(&app);
        let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
        send(&browser, &page, &values).await.expect_status(422);
        assert_eq!(app.user(JIRO, "mail_address"), "1000000003@example.jp");
    }
}

#[tokio::test]
async fn a_right_code_is_not_counted_where_another_proof_fails() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let mut page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    let code = mailed_code(&app);
    for _ in 0..3 {
        let values = [("mail_code", code.as_str()), ("confirm", "kakunin99")];
        page = send(&browser, &page, &values).await.expect_status(422);
    }
    assert_eq!((tries(&app), app.user(JIRO, "confirm_failures")), (0, "3".to_owned()));
    // And a wrong one leaves the confirming secret alone.
    let wrong = wrong_codes(&code, 1).remove(0);
    let values = [("mail_code", wrong.as_str()), ("confirm", "kakunin99")];
    let page = send(&browser, &page, &values).await.expect_status(422);
    assert_eq!((tries(&app), app.user(JIRO, "confirm_failures")), (1, "3".to_owned()));
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    assert_eq!(app.user(JIRO, "confirm_failures"), "0");
}

#[tokio::test]
async fn parallel_guesses_are_no_more_than_five() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    let code = mailed_code(&app);
    let pages = super::super::races::few_at_a_time(12, |_| browser.get(&page.path)).await;
    let wrong = wrong_codes(&code, pages.len());
    let tries = pages.iter().zip(&wrong).map(|(page, code)| {
        let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
        browser.submit(page, &values)
    });
    futures_util::future::join_all(tries.collect::<Vec<_>>()).await;
    assert_eq!(app.audited("mail_code.check", "wrong"), 5);
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_status(422);
    assert_eq!(app.user(JIRO, "mail_address"), "1000000003@example.jp");
}
