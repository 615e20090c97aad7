//! Passwords: as many guesses as allowed, one lock, one mail.

use futures_util::future::join_all;

use super::few_at_a_time;
use crate::app::TestApp;
use crate::people::{FK2, JIRO, TARO};

const MANY: usize = 50;

async fn enter_at_once(
    app: &TestApp,
    login_id: &str,
    password: impl Fn(usize) -> String,
) -> Vec<u16> {
    let pages = few_at_a_time(MANY, |_| async {
        let browser = app.browser();
        let page = browser.get("/shirakaba/login").await.expect_screen("BLG001");
        (browser, page)
    })
    .await;
    let password = &password;
    let tries = pages.iter().enumerate().map(|(number, (browser, page))| async move {
        let typed = password(number);
        browser.submit(page, &[("login_id", login_id), ("password", &typed)]).await.status
    });
    join_all(tries).await
}

#[tokio::test]
async fn fifty_wrong_passwords_are_five_tries_one_lock_and_one_mail() {
    let app = TestApp::new();
    enter_at_once(&app, JIRO.login_id, |number| format!("Wrong#{number:07}")).await;
    assert_eq!(app.audited("login.identify", "wrong"), 5);
    assert_eq!(app.audited("login.identify", "locked"), 45);
    assert_eq!(app.user(JIRO, "login_failures"), "5");
    assert_ne!(app.user(JIRO, "login_locked_at"), "null");
    assert_eq!(app.mails("login_locked"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM logins"), 0);
}

#[tokio::test]
async fn fifty_tries_with_an_unknown_id_are_counted_no_further() {
    let app = TestApp::new();
    enter_at_once(&app, "9999999999", |number| format!("Wrong#{number:07}")).await;
    assert_eq!(app.number("SELECT SUM(failures) FROM unknown_login_buckets"), 5);
    assert_eq!(app.audited("login.identify", "wrong"), 5);
    assert_eq!(app.mails("login_locked"), 0);
}

#[tokio::test]
async fn right_passwords_at_once_lock_nobody_out() {
    let app = TestApp::new();
    enter_at_once(&app, JIRO.login_id, |_| JIRO.password.to_owned()).await;
    assert_eq!(app.user(JIRO, "login_locked_at"), "null");
    assert_eq!(app.mails("login_locked"), 0);
    app.logged_in(JIRO).await;
}

#[tokio::test]
async fn fifty_wrong_confirming_secrets_are_five_tries() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    let pages = few_at_a_time(MANY, |_| browser.get(&page.path)).await;
    let code = app.code(FK2);
    join_all(pages.iter().enumerate().map(|(number, page)| {
        let code = &code;
        let browser = &browser;
        async move {
            let secret = format!("kakunin-{number}");
            browser.submit(page, &[("otp", code), ("confirm", &secret)]).await
        }
    }))
    .await;
    assert_eq!(app.audited("confirm.check", "wrong"), 5);
    assert_eq!(app.audited("confirm.check", "locked"), 45, "each that was refused unlooked-at");
    assert_ne!(app.user(TARO, "confirm_locked_at"), "null");
    assert_eq!(app.token(FK2, "failures"), "0", "the code was not looked at");
    assert_eq!(app.token(FK2, "state"), "in_use");
}
