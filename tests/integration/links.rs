//! Registration and stop behind links under the login form, in the portal `kodama`: BOR001 to
//! BOR013, with the people of the demo.

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::dump::{assert_unchanged, dump};
use crate::people::Person;

/// No token; `VSST10000001` in hand.
const ICHIRO: Person =
    Person { login_id: "2000000001", password: "Ichiro#2026", confirm: "kakunin11" };
/// `VSST10000002` in use.
const FUTABA: Person =
    Person { login_id: "2000000002", password: "Futaba#2026", confirm: "kakunin12" };
const ICHIROS: &str = "VSST10000001";
const FUTABAS: &str = "VSST10000002";

async fn register(app: &TestApp, browser: &Browser, who: Person, serial: &str) -> Page {
    let page = app.begin(browser, "start", who).await.expect_screen("BOR002");
    assert_eq!(page.form().names, ["serial", "otp"]);
    let answer = browser.submit(&page, &[("serial", serial), ("otp", &app.code(serial))]).await;
    browser.follow(answer).await
}

async fn stop(app: &TestApp, browser: &Browser, who: Person, serial: &str) -> Page {
    let page = app.begin(browser, "stop", who).await.expect_screen("BOR012");
    assert_eq!(page.form().names, ["otp"]);
    let answer = browser.submit(&page, &[("otp", &app.code(serial))]).await;
    browser.follow(answer).await
}

#[tokio::test]
async fn a_registration_keeps_the_terms_and_login_asks_for_the_code() {
    let app = TestApp::demo("kodama");
    app.logged_in(ICHIRO).await;
    let result = register(&app, &app.browser(), ICHIRO, ICHIROS).await.expect_screen("BOR003");
    assert_eq!(result.fact("トークンID").as_deref(), Some(ICHIROS));
    assert!(result.text().contains("完了") && result.text().contains("00001"));
    assert_eq!(app.token(ICHIROS, "state"), "in_use");
    let details =
        app.texts("SELECT details AS value FROM receipts WHERE operation = 'token.start'");
    assert!(details[0].contains(r#""terms_version":"1.0""#), "{details:?}");
    assert_eq!(app.audited("token.start", "terms 1.0"), 1);
    assert_eq!(app.mails("token_started"), 1);
    app.advance(30);
    app.logged_in_with_code(ICHIRO, ICHIROS).await;
}

#[tokio::test]
async fn a_stop_takes_the_code_alone_and_the_device_can_be_changed() {
    let app = TestApp::demo("kodama");
    stop(&app, &app.browser(), FUTABA, FUTABAS).await.expect_screen("BOR013");
    assert_eq!(app.user(FUTABA, "token_status"), "unregistered");
    assert_eq!(app.mails("token_stopped"), 1);
    app.logged_in(FUTABA).await;
    // Her new device holds a credential of its own.
    register(&app, &app.browser(), FUTABA, ICHIROS).await.expect_screen("BOR003");
    app.advance(30);
    app.logged_in_with_code(FUTABA, ICHIROS).await;
    // It is hers now.
    let browser = app.browser();
    let page = app.begin(&browser, "start", ICHIRO).await.expect_screen("BOR002");
    let values = [("serial", ICHIROS), ("otp", &*app.code(ICHIROS))];
    browser.submit(&page, &values).await.expect_status(422).expect_screen("BOR002");
}

#[tokio::test]
async fn with_a_token_in_use_the_way_to_another_one_is_told() {
    let app = TestApp::demo("kodama");
    let told = app.begin(&app.browser(), "start", FUTABA).await.expect_screen("BOR001").summary();
    assert!(told.contains("利用停止") && told.contains("利用登録"), "{told}");
    let told = app.begin(&app.browser(), "stop", ICHIRO).await.expect_screen("BOR011").summary();
    assert!(told.contains("利用登録"), "{told}");
    let help = app.browser().get("/kodama/help/otp").await.expect_screen("BHL001").text();
    assert!(help.contains("前の端末のトークンで「利用停止」をしてから"), "{help}");
}

#[tokio::test]
async fn wrong_codes_at_the_stop_suspend_the_token() {
    let app = TestApp::demo_with("kodama", "[tokens.throttle]\nwait_after = 0\n");
    let browser = app.browser();
    let page = app.begin(&browser, "stop", FUTABA).await.expect_screen("BOR012");
    let wrong = app.wrong_codes(FUTABAS, 5);
    for code in &wrong[..4] {
        browser.submit(&page, &[("otp", code)]).await.expect_status(422).expect_screen("BOR012");
    }
    let last = browser.submit(&page, &[("otp", &wrong[4])]).await;
    browser.follow(last).await.expect_screen("BLG011");
    assert!(app.is_suspended(FUTABAS));
    app.begin(&app.browser(), "stop", FUTABA).await.expect_screen("BLG011");
}

#[tokio::test]
async fn there_is_no_exchange() {
    let app = TestApp::demo("kodama");
    let browser = app.browser();
    browser.get("/kodama/token/exchange").await.expect_status(404).expect_screen("BER404");
    let page = browser.get("/kodama/token/stop").await.expect_screen("BOR011");
    let before = dump(&app);
    let values = [("login_id", FUTABA.login_id), ("password", FUTABA.password)];
    let fields = page.form().filled(&values);
    browser.post("/kodama/token/exchange", &fields).await.expect_status(404);
    assert_unchanged(&before, &dump(&app), "an exchange where there is none");
}

#[tokio::test]
async fn nothing_leads_to_the_service_before_it_begins() {
    let app = TestApp::demo("kodama");
    let at = |text| madoguchi::primitives::clock::parse_rfc3339(text).unwrap();
    app.set_clock(at("2016-02-28T23:59:59+09:00"));
    let login = app.browser().get("/kodama/login").await.expect_screen("BLG001");
    assert!(!login.body.contains("/kodama/token/"), "{}", login.text());
    for flow in ["start", "stop"] {
        let path = format!("/kodama/token/{flow}");
        app.browser().get(&path).await.expect_status(404).expect_screen("BER404");
    }
    app.set_clock(at("2016-02-29T00:00:00+09:00"));
    let login = app.browser().get("/kodama/login").await.expect_screen("BLG001");
    for flow in ["start", "stop"] {
        assert!(login.body.contains(&format!("/kodama/token/{flow}")));
    }
    let words = login.text();
    for told in [
        "ワンタイムパスワードの利用登録はこちら",
        "利用停止はこちら",
        "ワンタイムパスワードの利用登録・停止",
        "ワンタイムパスワードのご案内",
    ] {
        assert!(words.contains(told), "{told}: {words}");
    }
}
