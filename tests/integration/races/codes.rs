//! One-time passwords: a right one wins once, wrong ones are compared no more often than allowed.

use futures_util::future::join_all;

use super::few_at_a_time;
use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::{FK2, HANAKO, TARO, pictures_for};

const MANY: usize = 50;

/// Half-finished logins of 太郎, each in a browser of its own, all at BLG010.
async fn at_second_step(app: &TestApp, count: usize) -> Vec<(Browser, Page)> {
    few_at_a_time(count, |_| async {
        let browser = app.browser();
        let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
        (browser, page)
    })
    .await
}

#[tokio::test]
async fn one_right_login_code_logs_in_once() {
    let app = TestApp::new();
    let browsers = at_second_step(&app, MANY).await;
    let code = app.code(FK2);
    let answers =
        join_all(browsers.iter().map(|(browser, page)| browser.submit(page, &[("otp", &code)])))
            .await;
    let inside =
        answers.iter().filter(|page| page.location.as_deref() == Some("/shirakaba/")).count();
    assert_eq!(inside, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE stage = 'complete'"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM otp_failures"), 0);
    assert!(!app.is_suspended(FK2));
    assert_eq!((app.token(FK2, "failures"), app.mails("token_suspended")), ("0".into(), 0));
}

#[tokio::test]
async fn two_right_codes_complete_one_login_once() {
    let app = TestApp::new();
    let (browser, page) = at_second_step(&app, 1).await.remove(0);
    let codes = [app.code(FK2), app.code_in(FK2, 1)];
    let answers = join_all(codes.iter().map(|code| browser.submit(&page, &[("otp", code)]))).await;
    assert!(answers.iter().any(|page| page.status == 303), "{answers:?}");
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE stage = 'complete'"), 1);
    let completed = "SELECT COUNT(*) FROM audit_lines WHERE operation = 'login.complete'";
    assert_eq!(app.number(completed), 1);
}

/// Fifty different wrong codes at once; how many were looked at.
async fn wrong_codes_at_login(app: &TestApp) -> i64 {
    let browsers = at_second_step(app, MANY).await;
    let codes = app.wrong_codes(FK2, MANY);
    let pairs = browsers.iter().zip(&codes);
    let answers =
        join_all(pairs.map(|((browser, page), code)| browser.submit(page, &[("otp", code)]))).await;
    assert!(answers.iter().all(|page| page.location.as_deref() != Some("/shirakaba/")));
    let compared = app.number("SELECT COUNT(*) FROM otp_failures");
    assert_eq!(app.audited("otp.check", "wrong"), compared);
    compared
}

#[tokio::test]
async fn fifty_wrong_login_codes_without_waits_are_five_tries_and_one_suspension() {
    let app = TestApp::with_profile("\n[tokens.throttle]\nwait_after = 0\n");
    assert_eq!(wrong_codes_at_login(&app).await, 5);
    assert!(app.is_suspended(FK2));
    assert_eq!(app.mails("token_suspended"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE ended_at IS NULL"), 0);
}

#[tokio::test]
async fn fifty_wrong_login_codes_in_the_shipped_profile_are_three_tries_and_a_wait() {
    let app = TestApp::new();
    assert_eq!(wrong_codes_at_login(&app).await, 3);
    assert!(!app.is_suspended(FK2));
    // One more for each wait that is over.
    for tries in [4, 5] {
        app.advance(60);
        let browsers = at_second_step(&app, 4).await;
        let codes = app.wrong_codes(FK2, 100).split_off(60 + usize::try_from(tries).unwrap() * 5);
        let pairs = browsers.iter().zip(&codes);
        join_all(pairs.map(|((browser, page), code)| browser.submit(page, &[("otp", code)]))).await;
        assert_eq!(app.number("SELECT COUNT(*) FROM otp_failures"), tries);
    }
    assert!(app.is_suspended(FK2));
    assert_eq!(app.mails("token_suspended"), 1);
}

#[tokio::test]
async fn one_right_code_stops_once_from_fifty_forms() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    let pages = few_at_a_time(MANY, |_| browser.get(&page.path)).await;
    let code = app.code(FK2);
    let values = [("otp", code.as_str()), ("confirm", TARO.confirm)];
    let answers = join_all(pages.iter().map(|page| browser.submit(page, &values))).await;
    let statuses: Vec<_> = answers.iter().map(|page| page.status).collect();
    assert!(answers.iter().any(Page::is_done), "{statuses:?}");
    assert_eq!(app.mails("token_stopped"), 1, "{statuses:?}");
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'token.stop'"), 1);
    assert!(!app.is_suspended(FK2));
    assert_eq!(app.token(FK2, "state"), "shipped");
    assert_eq!(app.user(TARO, "token_status"), "unregistered");
    assert_eq!(app.user(TARO, "confirm_locked_at"), "null", "right passwords lock nothing");
}

#[tokio::test]
async fn fifty_wrong_codes_at_stop_are_no_more_tries_than_at_login() {
    let app = TestApp::with_profile("\n[tokens.throttle]\nwait_after = 0\n");
    let browser = app.browser();
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    let pages = few_at_a_time(MANY, |_| browser.get(&page.path)).await;
    let codes = app.wrong_codes(FK2, MANY);
    join_all(pages.iter().zip(&codes).map(|(page, code)| async {
        browser.submit(page, &[("otp", code), ("confirm", TARO.confirm)]).await
    }))
    .await;
    assert!(app.number("SELECT COUNT(*) FROM otp_failures") <= 5);
    assert_eq!(app.token(FK2, "state"), "in_use");
    assert!(app.mails("token_suspended") <= 1);
}

#[tokio::test]
async fn fifty_wrong_answers_to_the_picture_card_are_five_tries() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", HANAKO).await.expect_screen("BOM102");
    let pages = few_at_a_time(MANY, |_| browser.get(&page.path)).await;
    let [first, second, third] = pictures_for("A1,C2,E4").try_into().unwrap();
    let wrong = pictures_for("B1,B2,B3").into_iter().find(|picture| *picture != third).unwrap();
    let code = app.code(crate::people::FK1);
    let values = [
        ("serial", crate::people::FK1),
        ("otp", &code),
        ("login_choice", "required"),
        ("picture_1", first),
        ("picture_2", second),
        ("picture_3", wrong),
    ];
    join_all(pages.iter().map(|page| browser.submit(page, &values))).await;
    assert_eq!(app.audited("picture.check", "wrong"), 5);
    assert_eq!(app.number("SELECT COUNT(*) FROM picture_cards WHERE locked_at IS NOT NULL"), 1);
    assert_eq!(app.user(HANAKO, "token_status"), "unregistered");
}
