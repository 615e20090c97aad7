//! Forms sent twice, two tabs, two logins.

use futures_util::future::join_all;

use super::site::{NEW, NEW_PASSWORD, NUMBER, mailed_code, send, to_confirm};
use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::JIRO;

#[tokio::test]
async fn a_form_sent_twice_at_once_changes_once_and_shows_one_result() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    let code = mailed_code(&app);
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    let answers = join_all((0..3).map(|_| browser.submit(&page, &values))).await;
    let result = page.path.replacen("/confirm", "/result", 1);
    for answer in &answers {
        assert_eq!((answer.status, answer.location.as_deref()), (303, Some(result.as_str())));
    }
    let number = browser.get(&result).await.expect_screen("BCI003").fact("受付番号").unwrap();
    let again = browser.submit(&page, &values).await;
    assert_eq!((again.status, again.location.as_deref()), (303, Some(result.as_str())));
    assert_eq!(browser.get(&result).await.fact("受付番号").unwrap(), number);
    let receipts = "SELECT COUNT(*) FROM receipts WHERE operation = 'customer_info.change'";
    assert_eq!(app.number(receipts), 1);
    assert_eq!((app.mails("mail_address_changed"), app.mails("mail_address_taken")), (1, 1));
    // The same key with another content is a conflict.
    let other = [("mail_code", "000000"), ("confirm", JIRO.confirm)];
    browser.submit(&page, &other).await.expect_status(409);
}

#[tokio::test]
async fn a_login_password_sent_twice_changes_once() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    let values = [("current_password", JIRO.password), ("confirm", JIRO.confirm)];
    let answers = join_all((0..2).map(|_| browser.submit(&page, &values))).await;
    assert!(answers.iter().all(Page::is_done), "{answers:?}");
    browser.submit(&page, &values).await.expect_status(303);
    assert_eq!((app.mails("secret_changed"), app.user(JIRO, "login_failures")), (1, "0".into()));
    browser.get("/shirakaba/").await.expect_screen("BTP001");
}

/// Two changes at their last step, each in a login of its own. Beginning the second ended the
/// first; that is undone, so that nothing but the guards of the act is between them.
async fn two_at_once(app: &TestApp, item: &str, new: [&str; 2]) -> [(Browser, Page, String); 2] {
    let (one, other) = (app.logged_in(JIRO).await, app.logged_in(JIRO).await);
    let first = to_confirm(&one, "shirakaba", item, new[0]).await;
    let first_code = if item == "mail_address" { mailed_code(app) } else { String::new() };
    let second = to_confirm(&other, "shirakaba", item, new[1]).await;
    let second_code = if item == "mail_address" { mailed_code(app) } else { String::new() };
    app.execute("UPDATE flows SET step = 'confirm'");
    [(one, first, first_code), (other, second, second_code)]
}

/// One acted; the other was told that it came too late, or that its code is used up.
#[track_caller]
fn expect_one_winner(answers: &[Page; 2]) -> usize {
    let done: Vec<usize> = (0..2).filter(|at| answers[*at].is_done()).collect();
    assert_eq!(done.len(), 1, "{answers:?}");
    let loser = &answers[1 - done[0]];
    assert!(loser.is_too_late() || loser.status == 422, "{loser:?}");
    done[0]
}

#[tokio::test]
async fn of_two_tabs_with_different_new_addresses_one_wins() {
    for round in 0..4 {
        let app = TestApp::new();
        let new = ["hitotsu@example.jp", "futatsu@example.jp"];
        let [(one, first, code), (other, second, other_code)] =
            two_at_once(&app, "mail_address", new).await;
        if round >= 2 {
            // Both codes open, so that even the mailed code is no guard between them.
            app.execute("UPDATE mail_codes SET closed_at = NULL");
        }
        let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
        let other_values = [("mail_code", other_code.as_str()), ("confirm", JIRO.confirm)];
        let answers =
            tokio::join!(one.submit(&first, &values), other.submit(&second, &other_values));
        let winner = expect_one_winner(&[answers.0, answers.1]);
        assert_eq!(app.user(JIRO, "mail_address"), new[winner]);
        let taken = "SELECT to_address AS value FROM mails WHERE kind = 'mail_address_taken'";
        assert_eq!(app.texts(taken), [new[winner]]);
        assert_eq!(app.mails("mail_address_changed"), 1);
        let receipts = "SELECT COUNT(*) FROM receipts WHERE operation = 'customer_info.change'";
        assert_eq!(app.number(receipts), 1);
    }
}

#[tokio::test]
async fn of_two_logins_with_different_numbers_one_wins() {
    for _ in 0..3 {
        let app = TestApp::new();
        let new = [NUMBER, "090-0000-8888"];
        let [(one, first, _), (other, second, _)] = two_at_once(&app, "telephone", new).await;
        let values = [("confirm", JIRO.confirm)];
        let answers = tokio::join!(one.submit(&first, &values), other.submit(&second, &values));
        let winner = expect_one_winner(&[answers.0, answers.1]);
        assert_eq!(app.user(JIRO, "telephone"), new[winner]);
        assert_eq!(app.mails("telephone_changed"), 1);
    }
}

#[tokio::test]
async fn of_two_logins_with_different_passwords_one_wins() {
    for _ in 0..2 {
        let app = TestApp::new();
        let new = ["Hitotsu-no-2026", "Futatsu-no-2026"];
        let [(one, first, _), (other, second, _)] = two_at_once(&app, "login_secret", new).await;
        let values = [("current_password", JIRO.password), ("confirm", JIRO.confirm)];
        let answers = tokio::join!(one.submit(&first, &values), other.submit(&second, &values));
        let pages = [answers.0, answers.1];
        let winner = pages.iter().position(Page::is_done).expect("one wins");
        assert!(!pages[1 - winner].is_done(), "{pages:?}");
        assert_eq!(app.mails("secret_changed"), 1);
        let who = crate::people::Person { password: new[winner], ..JIRO };
        app.logged_in(who).await;
    }
}

#[tokio::test]
async fn the_younger_of_two_tabs_goes_on() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let older = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    let younger = to_confirm(&browser, "shirakaba", "telephone", "090-0000-8888").await;
    let answer = browser.submit(&older, &[("confirm", JIRO.confirm)]).await;
    assert!(answer.is_too_late(), "{answer:?}");
    send(&browser, &younger, &[("confirm", JIRO.confirm)]).await.expect_screen("BCI003");
    assert_eq!(app.user(JIRO, "telephone"), "090-0000-8888");
}

#[tokio::test]
async fn two_right_forms_of_one_change_act_once() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    let twin = browser.get(&page.path).await.expect_screen("BCI002");
    let code = mailed_code(&app);
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    let answers = tokio::join!(browser.submit(&page, &values), browser.submit(&twin, &values));
    assert!(answers.0.is_done() || answers.1.is_done(), "{answers:?}");
    assert_eq!((app.mails("mail_address_changed"), app.mails("mail_address_taken")), (1, 1));
}

#[tokio::test]
async fn after_an_idle_end_a_new_login_carries_the_change_on() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    app.advance(700);
    browser.follow(browser.get(&page.path).await).await.expect_screen("BLG091");
    let again = app.browser();
    let resumed = app.enter(&again, JIRO).await.expect_screen("BCI002");
    assert_eq!((&resumed.path, resumed.fact("変更後").as_deref()), (&page.path, Some(NUMBER)));
    send(&again, &resumed, &[("confirm", JIRO.confirm)]).await.expect_screen("BCI003");
}
