//! Logins that were checked against what holds no more.

use std::cell::Cell;

use futures_util::future::join_all;
use madoguchi::db::DbError;
use madoguchi::db::queries::users;
use madoguchi::primitives::ids::UserId;

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::info::{NEW_PASSWORD, to_confirm};
use crate::people::{FK2, FK3, FK9, JIRO, Person, TARO};

const OPEN: &str = "SELECT COUNT(*) FROM logins WHERE ended_at IS NULL";
const OPEN_FLOWS: &str = "SELECT COUNT(*) FROM flows WHERE step NOT IN ('done', 'ended')";

/// The login page in browsers of their own.
async fn at_the_door(app: &TestApp, path: &str, count: usize) -> Vec<(Browser, Page)> {
    let mut doors = Vec::new();
    for _ in 0..count {
        let browser = app.browser();
        let page = browser.get(path).await.expect_status(200);
        doors.push((browser, page));
    }
    doors
}

/// Logs in again and again until it is over, so that whenever the change comes, some password is
/// being compared.
async fn knock(doors: &[(Browser, Page)], who: Person, is_over: &Cell<bool>) {
    let values = [("login_id", who.login_id), ("password", who.password)];
    let tries = doors.iter().map(|(browser, page)| async move {
        while !is_over.get() {
            browser.submit(page, &values).await;
        }
    });
    join_all(tries).await;
}

/// However the comparisons of the old password fall, none of them opens anything once the new one
/// stands: logins begun before are ended by the change, and those after it are refused.
#[tokio::test]
async fn a_login_checked_against_the_old_password_opens_nothing_after_the_change() {
    for path in ["/shirakaba/login", "/shirakaba/token/start"] {
        let app = TestApp::new();
        let browser = app.logged_in(JIRO).await;
        let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
        // Fewer than lock the login while they are being compared: the change is one more.
        let doors = at_the_door(&app, path, 3).await;
        let values = [("current_password", JIRO.password), ("confirm", JIRO.confirm)];
        let is_over = Cell::new(false);
        let change = async {
            let done = browser.submit(&page, &values).await;
            is_over.set(true);
            done
        };
        let (done, ()) = tokio::join!(change, knock(&doors, JIRO, &is_over));
        assert!(done.is_done(), "{done:?}");
        assert_eq!(app.number(OPEN), 1, "{path}: only the one that changed it");
        assert_eq!(app.number(OPEN_FLOWS), 0, "{path}");
    }
}

/// Each guard alone, in the order in which a login asks them.
#[tokio::test]
async fn an_old_password_neither_clears_failures_nor_begins() {
    let app = TestApp::new();
    let id = UserId(app.user(JIRO, "id").parse().unwrap());
    let old = app.user(JIRO, "login_secret_hash");
    app.execute(&format!(
        "UPDATE users SET login_failures = 2, login_secret_hash = 'another' WHERE id = {id}"
    ));
    let results = app.services.db.write_blocking(move |conn| {
        Ok::<_, DbError>([
            users::clear_login_failures(conn, id, &old)?,
            users::still_has_login_secret(conn, id, &old)?,
            users::still_has_login_secret(conn, id, "another")?,
        ])
    });
    assert_eq!(results.unwrap(), [false, false, true]);
    assert_eq!(app.user(JIRO, "login_failures"), "2");
}

/// Whoever had a change under way in another session finds nothing to carry on after the token has
/// changed: the flow ends with the session.
#[tokio::test]
async fn a_start_ends_the_customers_other_flows() {
    let app = TestApp::new();
    let inside = app.logged_in(JIRO).await;
    to_confirm(&inside, "shirakaba", "telephone", "090-0000-7777").await;
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    assert_eq!(app.number(OPEN_FLOWS), 2);
    let code = app.code(FK9);
    let values = [
        ("serial", FK9),
        ("otp", code.as_str()),
        ("login_choice", "not_required"),
        ("confirm", JIRO.confirm),
    ];
    browser.submit(&page, &values).await.expect_status(303);
    assert_eq!(app.number(OPEN_FLOWS), 0);
    app.enter(&app.browser(), JIRO).await.expect_screen("BTP001");
}

#[tokio::test]
async fn an_exchange_and_a_stop_end_the_customers_other_flows() {
    for is_stop in [false, true] {
        let app = TestApp::new();
        let inside = app.logged_in_with_code(TARO, FK2).await;
        to_confirm(&inside, "shirakaba", "telephone", "090-0000-7777").await;
        app.advance(30);
        let (browser, code) = (app.browser(), app.code(FK2));
        let answer = if is_stop {
            let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
            browser.submit(&page, &[("otp", &code), ("confirm", TARO.confirm)]).await
        } else {
            let page = app.exchange_to_new(&browser, &code).await;
            browser.submit(&page, &[("serial", FK3), ("otp", &app.code(FK3))]).await
        };
        assert!(answer.is_done(), "{answer:?}");
        assert_eq!(app.number(OPEN_FLOWS), 0, "stop: {is_stop}");
    }
}
