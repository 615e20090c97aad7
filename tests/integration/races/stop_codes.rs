//! Stop codes: as many guesses an hour as allowed, and one stop for a right one.

use futures_util::future::join_all;

use super::few_at_a_time;
use crate::app::TestApp;
use crate::browser::Page;
use crate::emergency_stop::{other_code, stop_code};
use crate::people::{FK2, JIRO, TARO};

const MANY: usize = 50;

async fn at_once(app: &TestApp, login_id: &str, code: impl Fn(u32) -> String) -> Vec<Page> {
    let pages = few_at_a_time(MANY, |_| async {
        let browser = app.browser();
        let page = browser.get("/shirakaba/stop").await.expect_screen("BSP001");
        (browser, page)
    })
    .await;
    let code = &code;
    let tries = pages.iter().zip(0..).map(|((browser, page), number)| async move {
        let typed = code(number);
        browser.submit(page, &[("login_id", login_id), ("stop_code", &typed)]).await
    });
    join_all(tries).await
}

#[tokio::test]
async fn fifty_wrong_stop_codes_are_five_tries_known_id_or_not() {
    let app = TestApp::new();
    let right = stop_code(&app, JIRO);
    for (times, login_id) in [(1, JIRO.login_id), (2, "9999999999")] {
        at_once(&app, login_id, |number| other_code(&right, number)).await;
        assert_eq!(app.audited("emergency_stop", "wrong"), 5 * times);
        assert_eq!(app.audited("emergency_stop", "too many tries"), 45 * times);
    }
    assert_eq!(app.user(JIRO, "stopped_at"), "null");
    assert_eq!(app.mails("emergency_stopped"), 0);
}

#[tokio::test]
async fn one_stop_code_from_fifty_forms_stops_once() {
    let app = TestApp::new();
    let right = stop_code(&app, TARO);
    let answers = at_once(&app, TARO.login_id, |_| right.clone()).await;
    let mut results: Vec<_> = answers
        .iter()
        .filter(|page| page.status == 303)
        .map(|page| page.location.clone())
        .collect();
    assert_eq!(results.len(), 5, "the others are too many tries");
    results.dedup();
    assert_eq!(results.len(), 1, "{results:?}");
    assert_eq!((app.mails("emergency_stopped"), app.audited("emergency_stop", "")), (1, 1));
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'emergency_stop'"), 1);
    assert!(app.is_suspended(FK2));
}
