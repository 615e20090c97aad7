//! Wrong, used and repeated codes; waits, suspension and what it ends.

use madoguchi::domain::token::TokenActor;
use madoguchi::operations::token::release::{ReleaseOutcome, release};

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::codes;
use crate::people::{FK2, FK3, TARO};

const NO_WAITS: &str = "\n[tokens.throttle]\nwait_after = 0\n";

async fn at_second_step(app: &TestApp) -> (Browser, Page) {
    let browser = app.browser();
    let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
    (browser, page)
}

#[tokio::test]
async fn a_code_used_at_login_is_refused_at_stop() {
    let app = TestApp::new();
    // With steps of a minute, a code is still in its window when it no longer passes for a double
    // click.
    app.execute(&format!("UPDATE tokens SET period_seconds = 60 WHERE serial = '{FK2}'"));
    let code_at = |steps: i64| codes::code(FK2, codes::step_at(app.now(), 60) + steps, 6);
    let (browser, page) = at_second_step(&app).await;
    let code = code_at(0);
    browser.submit(&page, &[("otp", &code)]).await.expect_status(303);
    let stopping = app.browser();
    let page = app.begin(&stopping, "stop", TARO).await.expect_screen("BOM122");
    let stop = |page: &Page, code: &str| {
        stopping.submit(page, &[("otp", code), ("confirm", TARO.confirm)])
    };
    // At once it counts as a double click, a minute later as a used code.
    stop(&page, &code).await.expect_status(422).expect_screen("BOM122");
    assert_eq!(app.token(FK2, "failures"), "0");
    app.advance(60);
    let answer = stop(&page, &code).await.expect_status(422).expect_screen("BOM122");
    assert_eq!(app.audited("otp.check", "used before"), 1);
    assert_eq!(
        (app.token(FK2, "state"), app.token(FK2, "failures")),
        ("in_use".into(), "1".into())
    );
    // To the customer a wrong code reads the same.
    let wrong = app.wrong_codes(FK2, 1).remove(0);
    let again = stop(&answer, &wrong).await.expect_status(422);
    assert_eq!(again.summary(), answer.summary());
    // And the next code does it.
    stop(&again, &code_at(0)).await.expect_status(303);
}

#[tokio::test]
async fn a_code_older_than_the_last_accepted_one_is_refused() {
    let app = TestApp::new();
    let (browser, page) = at_second_step(&app).await;
    browser.submit(&page, &[("otp", &app.code(FK2))]).await.expect_status(303);
    let (browser, page) = at_second_step(&app).await;
    let older = app.code_in(FK2, -1);
    browser.submit(&page, &[("otp", &older)]).await.expect_status(422).expect_screen("BLG010");
    assert_eq!(app.audited("otp.check", "used before"), 1);
}

#[tokio::test]
async fn codes_are_taken_as_people_type_them() {
    let app = TestApp::new();
    type Typing = fn(&str) -> String;
    let ways: [Typing; 3] = [
        |code| code.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect(),
        |code| format!(" {} {} ", &code[..3], &code[3..]),
        |code| format!("{}-{}", &code[..3], &code[3..]),
    ];
    for typed in ways {
        app.advance(60);
        let (browser, page) = at_second_step(&app).await;
        let code = typed(&app.code(FK2));
        browser.submit(&page, &[("otp", &code)]).await.expect_status(303);
    }
}

#[tokio::test]
async fn the_same_wrong_digits_within_a_minute_are_not_counted_again() {
    let app = TestApp::new();
    let (browser, page) = at_second_step(&app).await;
    let wrong = app.wrong_codes(FK2, 1).remove(0);
    for _ in 0..3 {
        browser.submit(&page, &[("otp", &wrong)]).await.expect_status(422).expect_screen("BLG010");
    }
    app.advance(59);
    browser.submit(&page, &[("otp", &wrong)]).await.expect_status(422);
    assert_eq!(app.token(FK2, "failures"), "1");
    app.advance(1);
    browser.submit(&page, &[("otp", &wrong)]).await.expect_status(422);
    assert_eq!(app.token(FK2, "failures"), "2");
    assert_eq!(app.number("SELECT COUNT(*) FROM otp_failures"), 2);
}

#[tokio::test]
async fn waits_are_told_with_the_clock_time_and_the_fifth_failure_suspends() {
    let app = TestApp::new();
    let (browser, page) = at_second_step(&app).await;
    let wrong = app.wrong_codes(FK2, 12);
    for code in &wrong[..3] {
        browser.submit(&page, &[("otp", code)]).await.expect_status(422);
    }
    // The third asks for a wait until 12:01:10, and so does whatever comes meanwhile.
    for code in [&app.code(FK2), &wrong[3]] {
        let told = browser.submit(&page, &[("otp", code)]).await.expect_status(422).summary();
        assert!(told.contains("12:01") || told.contains("12時01分"), "{told}");
    }
    assert_eq!(app.token(FK2, "failures"), "3");
    app.advance(59);
    browser.submit(&page, &[("otp", &wrong[4])]).await.expect_status(422);
    assert_eq!(app.token(FK2, "failures"), "3");
    app.advance(1);
    let fourth = browser.submit(&page, &[("otp", &wrong[5])]).await.expect_status(422).summary();
    assert_eq!(app.token(FK2, "failures"), "4");
    assert!(fourth.contains('1') || fourth.contains('１'), "one try is left: {fourth}");
    app.advance(60);
    let fifth = browser.submit(&page, &[("otp", &wrong[6])]).await;
    browser.follow(fifth).await.expect_screen("BLG011");
    assert!(app.is_suspended(FK2));
    let mail = app.last_mail("token_suspended");
    app.assert_only_stop_link(&mail);
    assert!(mail.contains("6FK2"), "{mail}");
    // Even the right code opens nothing now, and id and password lead to the notice.
    app.advance(60);
    let right = browser.submit(&page, &[("otp", &app.code(FK2))]).await;
    assert_ne!(browser.follow(right).await.screen(), "BTP001");
    app.enter(&app.browser(), TARO).await.expect_screen("BLG011");
    app.begin(&app.browser(), "exchange", TARO).await.expect_screen("BLG011");
    app.begin(&app.browser(), "stop", TARO).await.expect_screen("BLG011");
}

#[tokio::test]
async fn a_success_clears_the_run_of_failures_but_not_the_month() {
    let app = TestApp::new();
    let (browser, page) = at_second_step(&app).await;
    let wrong = app.wrong_codes(FK2, 2);
    for code in &wrong {
        browser.submit(&page, &[("otp", code)]).await.expect_status(422);
    }
    browser.submit(&page, &[("otp", &app.code(FK2))]).await.expect_status(303);
    assert_eq!(app.token(FK2, "failures"), "0");
    assert_eq!(app.number("SELECT COUNT(*) FROM otp_failures"), 2);
}

#[tokio::test]
async fn thirty_failures_in_thirty_days_suspend_and_older_ones_do_not_count() {
    let app = TestApp::new();
    let token_id = app.token(FK2, "id");
    let add = |at: &str| {
        app.execute(&format!(
            "INSERT INTO otp_failures (token_id, failed_at) VALUES ({token_id}, '{at}')"
        ));
    };
    // Noon in Japan is 03:00 in UTC; the first lies a second before the thirty days.
    add("2026-10-25 03:00:09");
    for day in 1..=28 {
        add(&format!("2026-11-{:02} 01:00:00", day.min(23)));
    }
    let (browser, page) = at_second_step(&app).await;
    let wrong = app.wrong_codes(FK2, 2);
    browser.submit(&page, &[("otp", &wrong[0])]).await.expect_status(422).expect_screen("BLG010");
    assert!(!app.is_suspended(FK2), "29 count");
    let thirtieth = browser.submit(&page, &[("otp", &wrong[1])]).await;
    browser.follow(thirtieth).await.expect_screen("BLG011");
    assert!(app.is_suspended(FK2));
    assert_eq!(app.token(FK2, "failures"), "2");
}

async fn suspend(app: &TestApp) {
    let (browser, page) = at_second_step(app).await;
    for code in app.wrong_codes(FK2, 5) {
        browser.submit(&page, &[("otp", &code)]).await;
    }
    assert!(app.is_suspended(FK2));
}

#[tokio::test]
async fn a_suspension_ends_logins_half_finished_ones_and_flows() {
    let app = TestApp::with_profile(NO_WAITS);
    let inside = app.logged_in_with_code(TARO, FK2).await;
    app.advance(30);
    let (half, half_page) = at_second_step(&app).await;
    let exchanging = app.browser();
    let new_page = app.exchange_to_new(&exchanging, &app.code(FK2)).await;
    suspend(&app).await;
    let shown = inside.follow(inside.get("/shirakaba/").await).await;
    assert_ne!(shown.screen(), "BTP001");
    app.advance(30);
    let answer = half.submit(&half_page, &[("otp", &app.code(FK2))]).await;
    assert_ne!(half.follow(answer).await.screen(), "BTP001");
    let values = [("serial", FK3), ("otp", &app.code(FK3))];
    let answer = exchanging.submit(&new_page, &values).await;
    assert_ne!(exchanging.follow(answer).await.screen(), "BOM114");
    assert_eq!(
        (app.token(FK2, "state"), app.token(FK3, "state")),
        ("in_use".into(), "shipped".into())
    );
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE ended_at IS NULL"), 0);
    let open = "SELECT COUNT(*) FROM flows WHERE step NOT IN ('done', 'ended')";
    assert_eq!(app.number(open), 0);
}

#[tokio::test]
async fn a_release_by_staff_lets_the_customer_in_again() {
    let app = TestApp::with_profile(NO_WAITS);
    suspend(&app).await;
    let outcome = release(&app.services, &app.ctx(), TARO.login_id, TokenActor::Staff).unwrap();
    assert_eq!(outcome, ReleaseOutcome::Released(vec![TARO.login_id.to_owned()]));
    assert!(!app.is_suspended(FK2));
    assert_eq!(app.mails("token_released"), 1);
    app.logged_in_with_code(TARO, FK2).await;
}
