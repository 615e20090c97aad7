//! A wrong id and a wrong password look alike at every count, and the fifth locks either.

use madoguchi::operations::user::unlock::{UnlockOutcome, unlock};

use crate::app::TestApp;
use crate::browser::Page;
use crate::people::JIRO;

const NOBODY: &str = "9999999999";

/// The page without what differs between any two pages and without the id that was typed.
fn masked(page: &Page, login_id: &str) -> String {
    let mut body = page.body.clone();
    if page.status == 422 {
        for (_, value) in page.form().hidden {
            body = body.replace(&value, "HIDDEN");
        }
    }
    body.replace(login_id, "ID")
}

async fn wrong_password(app: &TestApp, from: &str, login_id: &str, number: usize) -> Vec<Page> {
    let browser = app.browser();
    let page = browser.get(from).await.expect_status(200);
    let typed = format!("Wrong#{number:07}");
    let answer = browser.submit(&page, &[("login_id", login_id), ("password", &typed)]).await;
    let shown = browser.follow(answer.clone()).await;
    vec![answer, shown]
}

#[tokio::test]
async fn a_wrong_id_and_a_wrong_password_look_alike_at_equal_counts() {
    let forms = [
        "/shirakaba/login",
        "/shirakaba/token/start",
        "/shirakaba/token/exchange",
        "/shirakaba/token/stop",
    ];
    for from in forms {
        let app = TestApp::new();
        for number in 1..=7 {
            let known = wrong_password(&app, from, JIRO.login_id, number).await;
            let unknown = wrong_password(&app, from, NOBODY, number).await;
            for (one, other) in known.iter().zip(&unknown) {
                assert_eq!((one.status, &one.location), (other.status, &other.location));
                assert_eq!(
                    masked(one, JIRO.login_id),
                    masked(other, NOBODY),
                    "try {number} at {from}"
                );
                let names = |page: &Page| {
                    let names = page.headers.iter().map(|(name, _)| name.clone());
                    names.collect::<std::collections::BTreeSet<_>>()
                };
                assert_eq!(names(one), names(other));
            }
            let screen = known[1].screen();
            assert_eq!(screen == "BLG012", number >= 5, "{screen} after {number}");
        }
    }
}

#[tokio::test]
async fn the_same_counter_stands_behind_login_and_token_pages() {
    let app = TestApp::new();
    let forms = ["/shirakaba/login", "/shirakaba/token/start", "/shirakaba/token/stop"];
    for (number, from) in forms.iter().cycle().take(5).enumerate() {
        wrong_password(&app, from, JIRO.login_id, number).await;
    }
    assert_ne!(app.user(JIRO, "login_locked_at"), "null");
    app.enter(&app.browser(), JIRO).await.expect_screen("BLG012");
}

#[tokio::test]
async fn a_locked_login_is_told_by_mail_once_and_opened_by_staff() {
    let app = TestApp::new();
    for number in 0..7 {
        wrong_password(&app, "/shirakaba/login", JIRO.login_id, number).await;
    }
    app.enter(&app.browser(), JIRO).await.expect_screen("BLG012");
    assert_eq!(app.mails("login_locked"), 1);
    let mail = app.last_mail("login_locked");
    app.assert_only_stop_link(&mail);
    assert!(mail.contains("受付番号"), "{mail}");
    assert_eq!(unlock(&app.services, &app.ctx(), JIRO.login_id).unwrap(), UnlockOutcome::Unlocked);
    app.logged_in(JIRO).await;
}

#[tokio::test]
async fn a_right_password_clears_the_run_and_the_top_page_tells_the_failures() {
    let app = TestApp::new();
    app.logged_in(JIRO).await;
    for number in 0..4 {
        wrong_password(&app, "/shirakaba/login", JIRO.login_id, number).await;
    }
    app.advance(60);
    let browser = app.logged_in(JIRO).await;
    assert_eq!(app.user(JIRO, "login_failures"), "0");
    let top = browser.get("/shirakaba/").await.text();
    assert!(top.contains("4回") || top.contains("4 回"), "{top}");
    for number in 0..4 {
        wrong_password(&app, "/shirakaba/login", JIRO.login_id, number).await;
    }
    assert_eq!(app.user(JIRO, "login_locked_at"), "null");
}
