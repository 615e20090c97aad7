//! Which codes are taken when: the edges of the window, and the drift of tokens fresh from the
//! maker.

use chrono::{DateTime, TimeDelta};
use madoguchi::primitives::clock::UtcTime;

use crate::app::TestApp;
use crate::browser::Page;
use crate::codes;
use crate::people::{FK2, JIRO, TARO, TokenSpec};

/// As if the token had never been used.
fn forget_use(app: &TestApp) {
    app.execute(
        "UPDATE tokens SET failures = 0, last_failure_at = NULL, last_accepted_step = NULL, \
         last_code_digest = NULL, drift_steps = 0, suspended_at = NULL",
    );
}

async fn is_taken_at(app: &TestApp, at: UtcTime, code: &str) -> bool {
    forget_use(app);
    app.set_clock(at);
    let browser = app.browser();
    let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
    let answer = browser.submit(&page, &[("otp", code)]).await;
    match answer.status {
        303 => true,
        _ => {
            answer.expect_status(422).expect_screen("BLG010");
            false
        }
    }
}

#[tokio::test]
async fn both_edges_of_the_window_are_in_and_one_millisecond_further_is_out() {
    let app = TestApp::new();
    for (period, digits) in [(30, 6_u32), (60, 6), (30, 8), (60, 8)] {
        app.execute(&format!(
            "UPDATE tokens SET period_seconds = {period}, digits = {digits} WHERE serial = '{FK2}'"
        ));
        let step = codes::step_at(app.now(), period) + 1_000;
        let begin = DateTime::from_timestamp(step * period, 0).unwrap().naive_utc();
        let code = codes::code(FK2, step, digits);
        let millisecond = TimeDelta::milliseconds(1);
        let period = TimeDelta::seconds(period);
        for (at, is_in) in [
            (begin - period - millisecond, false),
            (begin - period, true),
            (begin, true),
            (begin + period - millisecond, true),
            (begin + period * 2 - millisecond, true),
            (begin + period * 2, false),
        ] {
            assert_eq!(is_taken_at(&app, at, &code).await, is_in, "{period} {digits} at {at}");
        }
    }
}

async fn register(app: &TestApp, serial: &str, code: &str) -> Page {
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let values = [
        ("serial", serial),
        ("otp", code),
        ("login_choice", "required"),
        ("confirm", JIRO.confirm),
    ];
    browser.submit(&page, &values).await
}

fn contract_of_jiro(app: &TestApp) -> madoguchi::primitives::ids::ContractId {
    let sql = format!("SELECT id FROM contracts WHERE number = '{}'", JIRO.login_id);
    madoguchi::primitives::ids::ContractId(app.number(&sql))
}

#[tokio::test]
async fn a_hardware_token_is_registered_with_up_to_ten_steps_of_drift() {
    let app = TestApp::new();
    let contract_id = contract_of_jiro(&app);
    for drift in -11..=11_i64 {
        let serial = format!("2V0899990{:03}", drift + 100);
        app.add_token(TokenSpec::hardware(&serial, Some(contract_id)));
        let answer = register(&app, &serial, &app.code_in(&serial, drift)).await;
        if drift.abs() > 10 {
            answer.expect_status(422).expect_screen("BOM102");
            assert_eq!(app.token(&serial, "state"), "shipped");
            continue;
        }
        answer.expect_status(303);
        assert_eq!(app.token(&serial, "drift_steps"), drift.to_string());
        // From then on the window lies around the drift.
        app.advance(30);
        let browser = app.browser();
        let page = app.enter(&browser, JIRO).await.expect_screen("BLG010");
        let code = app.code_in(&serial, drift);
        browser.submit(&page, &[("otp", &code)]).await.expect_status(303);
        app.execute(&format!(
            "UPDATE users SET token_id = NULL, token_status = 'unregistered', login_otp_chosen = {} \
             WHERE login_id = '{}'",
            if app.services.db.is_sqlite() { "0" } else { "FALSE" },
            JIRO.login_id
        ));
    }
}

#[tokio::test]
async fn an_app_has_a_right_clock_from_the_beginning() {
    let app = TestApp::new();
    for (number, steps) in [(1, -2), (2, 2)] {
        let serial = format!("MDG7C7K2P9Q{number}");
        app.add_token(TokenSpec::app(&serial, None));
        register(&app, &serial, &app.code_in(&serial, steps)).await.expect_status(422);
    }
    app.add_token(TokenSpec::app("MDG7C7K2P9Q3", None));
    let code = app.code_in("MDG7C7K2P9Q3", -1);
    register(&app, "MDG7C7K2P9Q3", &code).await.expect_status(303);
}

#[tokio::test]
async fn drift_is_learnt_one_step_at_a_time_and_no_further_than_ten() {
    let app = TestApp::new();
    for time in 1..=14_i64 {
        app.advance(60);
        let browser = app.browser();
        let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
        let drift: i64 = app.token(FK2, "drift_steps").parse().unwrap();
        let code = app.code_in(FK2, drift + 1);
        browser.submit(&page, &[("otp", &code)]).await.expect_status(303);
        assert_eq!(app.token(FK2, "drift_steps"), time.min(10).to_string());
    }
}
