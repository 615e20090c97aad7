//! Start, exchange and stop from the login page, step by step, and what goes wrong on the way.

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::dump::{assert_unchanged, dump};
use crate::people::{APP, FK1, FK2, FK3, FK9, FREE_APP, JIRO, SHIRO, TARO, TokenSpec};

async fn try_start(browser: &Browser, page: &Page, serial: &str, code: &str) -> Page {
    let values = [
        ("serial", serial),
        ("otp", code),
        ("login_choice", "required"),
        ("confirm", JIRO.confirm),
    ];
    browser.submit(page, &values).await
}

#[tokio::test]
async fn a_token_is_started_and_login_asks_for_it_from_then_on() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    // Small letters, full width and hyphens are taken as meant.
    let answer = try_start(&browser, &page, "２ｖ0716-016fk9", &app.code(FK9)).await;
    let result = browser.follow(answer).await.expect_screen("BOM103");
    assert_eq!(result.fact("シリアル番号").as_deref(), Some(FK9));
    assert_eq!(app.token(FK9, "state"), "in_use");
    app.advance(30);
    app.logged_in_with_code(JIRO, FK9).await;
}

#[tokio::test]
async fn whoever_chose_so_is_not_asked_for_a_code_at_login() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FREE_APP);
    let values = [
        ("serial", FREE_APP),
        ("otp", &code),
        ("login_choice", "not_required"),
        ("confirm", JIRO.confirm),
    ];
    browser.submit(&page, &values).await.expect_status(303);
    app.logged_in(JIRO).await;
    app.logged_in(SHIRO).await;
}

#[tokio::test]
async fn a_stop_gives_the_token_back_and_login_asks_for_no_code() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    let code = app.code(FK2);
    let answer = browser.submit(&page, &[("otp", &code), ("confirm", TARO.confirm)]).await;
    browser.follow(answer).await.expect_screen("BOM123");
    assert_eq!(
        (app.token(FK2, "state"), app.user(TARO, "token_id")),
        ("shipped".into(), "null".into())
    );
    app.logged_in(TARO).await;
    app.begin(&app.browser(), "stop", TARO).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM flows WHERE step = 'input'"), 0);
}

#[tokio::test]
async fn an_exchange_retires_the_old_token_only_at_its_last_step() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.exchange_to_new(&browser, &app.code(FK2)).await;
    app.advance(30);
    app.logged_in_with_code(TARO, FK2).await;
    let values = [("serial", FK3), ("otp", &app.code(FK3))];
    let answer = browser.submit(&page, &values).await;
    let result = browser.follow(answer).await.expect_screen("BOM114");
    assert!(result.text().contains(FK3) && result.text().contains(FK2));
    assert_eq!(
        (app.token(FK2, "state"), app.token(FK3, "state")),
        ("retired".into(), "in_use".into())
    );
    app.advance(30);
    app.logged_in_with_code(TARO, FK3).await;
}

#[tokio::test]
async fn a_cancelled_flow_changes_nothing() {
    let app = TestApp::new();
    for flow in ["start", "exchange", "stop"] {
        let who = if flow == "start" { JIRO } else { TARO };
        let browser = app.browser();
        let page = app.begin(&browser, flow, who).await.expect_status(200);
        let before = (dump(&app)["tokens"].clone(), dump(&app)["users"].clone());
        let cancel = page.form_to("/cancel");
        let answer = browser.post(&cancel.action, &cancel.hidden).await.expect_status(303);
        browser.follow(answer).await.expect_screen("BLG001");
        assert_eq!((dump(&app)["tokens"].clone(), dump(&app)["users"].clone()), before);
        let again = browser.get(&page.path).await;
        assert!(!again.body.contains("name=\"otp\"") && !again.body.contains("name=\"old_otp\""));
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM mails"), 0);
}

#[tokio::test]
async fn a_wrong_code_for_the_own_serial_counts_on_flow_and_token() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let wrong = app.wrong_codes(FK9, 1).remove(0);
    try_start(&browser, &page, FK9, &wrong).await.expect_status(422).expect_screen("BOM102");
    assert_eq!(app.number("SELECT failures FROM flows"), 1);
    assert_eq!(app.token(FK9, "failures"), "1");
    assert_eq!(app.user(JIRO, "confirm_failures"), "0");
}

#[tokio::test]
async fn five_foreign_or_unknown_serials_end_the_attempt() {
    for serial in [FK1, FK2, APP, "2V0000000000"] {
        let app = TestApp::new();
        let browser = app.browser();
        let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
        for number in 1..=4 {
            let answer = try_start(&browser, &page, serial, &format!("12345{number}")).await;
            answer.expect_status(422).expect_screen("BOM102");
            assert_eq!(app.number("SELECT failures FROM flows"), number);
        }
        let last = try_start(&browser, &page, serial, "123455").await;
        assert_ne!(browser.follow(last).await.screen(), "BOM102");
        assert_eq!(app.texts("SELECT step AS value FROM flows"), ["ended"]);
        let late = try_start(&browser, &page, FK9, &app.code(FK9)).await;
        assert_ne!(browser.follow(late).await.screen(), "BOM103");
        assert_eq!(app.user(JIRO, "token_status"), "unregistered");
        assert_eq!(app.number("SELECT SUM(failures) FROM tokens"), 0);
        // A new attempt begins with id and password.
        app.begin(&app.browser(), "start", JIRO).await.expect_screen("BOM102");
    }
}

#[tokio::test]
async fn the_fifth_try_may_still_be_right() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    for number in 1..=4 {
        try_start(&browser, &page, FK1, &format!("12345{number}")).await.expect_status(422);
    }
    try_start(&browser, &page, FK9, &app.code(FK9)).await.expect_status(303);
    assert_eq!(app.token(FK9, "state"), "in_use");
}

/// The page without what differs between any two pages and without the serial that was typed.
fn masked(page: &Page, serial: &str) -> String {
    let form = page.form();
    let mut body = page.body.replace(serial, "SERIAL");
    for (_, value) in form.hidden {
        body = body.replace(&value, "HIDDEN");
    }
    let cancel = page.form_to("/cancel");
    for (_, value) in cancel.hidden {
        body = body.replace(&value, "HIDDEN");
    }
    body.replace(&page.path, "PATH")
}

#[tokio::test]
async fn own_foreign_and_unknown_serials_give_the_same_page() {
    let app = TestApp::new();
    let mut pages = Vec::new();
    // Own with a wrong code, shipped to somebody else, in use by somebody else, not existing.
    for serial in [FK9, FK1, FK2, "2V0000000000"] {
        let browser = app.browser();
        let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
        let codes = app.wrong_codes(FK9, 2);
        let mut shown = Vec::new();
        for code in &codes {
            let answer = try_start(&browser, &page, serial, code).await.expect_status(422);
            shown.push(masked(&answer, serial));
        }
        pages.push(shown);
    }
    for other in &pages[1..] {
        assert_eq!(other, &pages[0]);
    }
}

#[tokio::test]
async fn a_kind_that_closed_for_registration_is_refused_with_the_way_out() {
    let app = TestApp::new();
    let kind = madoguchi::domain::token::TokenKind::VendorApp;
    app.add_token(TokenSpec { kind, ..TokenSpec::app("SYMC10000009", None) });
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code("SYMC10000009");
    let told = try_start(&browser, &page, "SYMC10000009", &code).await.expect_status(422).summary();
    assert!(told.contains("ハードウェアトークン") && told.contains("アプリ"), "{told}");
    assert_eq!(app.token("SYMC10000009", "state"), "stock");
}

#[tokio::test]
async fn steps_out_of_order_show_the_right_step_and_do_nothing() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "exchange", TARO).await.expect_screen("BOM112");
    let new = format!("{}/new", page.path);
    let early = browser.get(&new).await;
    assert_ne!(browser.follow(early).await.screen(), "BOM113");
    let result = browser.get(&format!("{}/result", page.path)).await;
    assert_ne!(browser.follow(result).await.screen(), "BOM114");
    let before = dump(&app);
    let code = app.code(FK3);
    let key = "A".repeat(43);
    let values = [("serial", FK3), ("otp", &code), ("request_key", &key)];
    let answer = browser.post(&new, &page.form().filled(&values)).await;
    browser.follow(answer).await.expect_screen("BOM112");
    assert_unchanged(&before, &dump(&app), "BOM113 before BOM112");
    // Back at BOM112 after it is proven: the flow stands at BOM113.
    let answer = browser.submit(&page, &[("old_otp", &app.code(FK2))]).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BOM113");
    let back = browser.get(&page.path).await;
    browser.follow(back).await.expect_screen("BOM113");
    app.advance(30);
    let answer = browser.submit(&page, &[("old_otp", &app.code(FK2))]).await;
    browser.follow(answer).await.expect_screen("BOM113");
    assert_eq!(app.audited("token.exchange", "old token proven"), 1);
}

#[tokio::test]
async fn the_proof_of_the_old_token_holds_ten_minutes() {
    for (seconds, is_good) in [(599, true), (600, false)] {
        let app = TestApp::new();
        let browser = app.browser();
        let page = app.exchange_to_new(&browser, &app.code(FK2)).await;
        app.advance(seconds);
        let answer = browser.submit(&page, &[("serial", FK3), ("otp", &app.code(FK3))]).await;
        let shown = browser.follow(answer).await.screen();
        assert_eq!(shown == "BOM114", is_good, "{shown} after {seconds} s");
        assert_eq!(app.token(FK3, "state"), if is_good { "in_use" } else { "shipped" });
    }
}

#[tokio::test]
async fn a_flow_of_somebody_else_is_not_there() {
    let app = TestApp::new();
    let (taro, jiro) = (app.browser(), app.browser());
    let page = app.begin(&taro, "stop", TARO).await.expect_screen("BOM122");
    let own = app.begin(&jiro, "start", JIRO).await.expect_screen("BOM102");
    jiro.get(&page.path).await.expect_status(404).expect_screen("BER404");
    let before = dump(&app);
    let code = app.code(FK2);
    let fields = own.form().filled(&[("otp", &code), ("confirm", TARO.confirm)]);
    jiro.post(&page.path, &fields).await.expect_status(404).expect_screen("BER404");
    jiro.post(&format!("{}/cancel", page.path), &own.form_to("/cancel").hidden)
        .await
        .expect_status(404);
    assert_unchanged(&before, &dump(&app), "a foreign flow");
    taro.get(&page.path).await.expect_status(200).expect_screen("BOM122");
}

#[tokio::test]
async fn who_has_a_token_cannot_start_and_who_has_none_cannot_exchange_or_stop() {
    let app = TestApp::new();
    for (flow, who) in [("start", TARO), ("exchange", JIRO), ("stop", JIRO)] {
        let shown = app.begin(&app.browser(), flow, who).await;
        assert!(!shown.body.contains("name=\"otp\"") && !shown.body.contains("name=\"old_otp\""));
        assert!(!shown.text().is_empty());
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM flows"), 0);
}
