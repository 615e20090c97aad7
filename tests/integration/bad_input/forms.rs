//! Every form of the portal with every field wrong in every way.

use super::assert_clear;
use crate::app::TestApp;
use crate::browser::{Browser, Fields, Page};
use crate::dump::{assert_unchanged, dump};
use crate::people::{FK1, FK2, FK3, FK9, HANAKO, JIRO, TARO, YAKUMO, pictures_for};

/// A form, ready to be sent.
struct Prepared {
    name: &'static str,
    browser: Browser,
    page: Page,
    values: Vec<(&'static str, String)>,
}

fn owned(values: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

async fn before_login(app: &TestApp, name: &'static str, path: &str) -> Prepared {
    let browser = app.browser();
    let page = browser.get(path).await;
    let values = owned(&[("login_id", JIRO.login_id), ("password", JIRO.password)]);
    Prepared { name, browser, page, values }
}

async fn in_login(app: &TestApp) -> Prepared {
    let browser = app.browser();
    let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
    Prepared { name: "BLG010", browser, page, values: owned(&[("otp", &app.code(FK2))]) }
}

async fn in_setup(app: &TestApp) -> Prepared {
    let browser = app.browser();
    let page = app.enter(&browser, YAKUMO).await.expect_screen("BLG095");
    let values = owned(&[
        ("new_password", "Kumo-no-Mine-2026"),
        ("new_password_again", "Kumo-no-Mine-2026"),
        ("new_confirm", "kumo-mine-88"),
        ("new_confirm_again", "kumo-mine-88"),
    ]);
    Prepared { name: "BLG095", browser, page, values }
}

async fn in_setup_of_mail(app: &TestApp) -> Prepared {
    let Prepared { browser, page, values, .. } = in_setup(app).await;
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit(&page, &values).await;
    let page = browser.follow(answer).await.expect_screen("BLG095");
    let address = "yakumo@example.jp";
    let values = owned(&[("mail_address", address), ("mail_address_again", address)]);
    Prepared { name: "BLG095 mail", browser, page, values }
}

async fn in_setup_of_code(app: &TestApp) -> Prepared {
    let Prepared { browser, page, values, .. } = in_setup_of_mail(app).await;
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit(&page, &values).await;
    let page = browser.follow(answer).await.expect_screen("BLG095");
    Prepared { name: "BLG095 code", browser, page, values: owned(&[("mail_code", "123456")]) }
}

async fn in_start(app: &TestApp) -> Prepared {
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let values = owned(&[
        ("serial", FK9),
        ("otp", &app.code(FK9)),
        ("login_choice", "required"),
        ("confirm", JIRO.confirm),
    ]);
    Prepared { name: "BOM102", browser, page, values }
}

async fn in_start_with_card(app: &TestApp) -> Prepared {
    let browser = app.browser();
    let page = app.begin(&browser, "start", HANAKO).await.expect_screen("BOM102");
    let pictures = pictures_for("A1,C2,E4");
    let values = owned(&[
        ("serial", FK1),
        ("otp", &app.code(FK1)),
        ("login_choice", "required"),
        ("picture_1", pictures[0]),
        ("picture_2", pictures[1]),
        ("picture_3", pictures[2]),
    ]);
    Prepared { name: "BOM102 with a card", browser, page, values }
}

async fn in_exchange(app: &TestApp) -> Prepared {
    let browser = app.browser();
    let page = app.begin(&browser, "exchange", TARO).await.expect_screen("BOM112");
    Prepared { name: "BOM112", browser, page, values: owned(&[("old_otp", &app.code(FK2))]) }
}

async fn in_exchange_of_new(app: &TestApp) -> Prepared {
    let browser = app.browser();
    let page = app.exchange_to_new(&browser, &app.code(FK2)).await;
    let values = owned(&[("serial", FK3), ("otp", &app.code(FK3))]);
    Prepared { name: "BOM113", browser, page, values }
}

async fn in_stop(app: &TestApp) -> Prepared {
    let browser = app.browser();
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    let values = owned(&[("otp", &app.code(FK2)), ("confirm", TARO.confirm)]);
    Prepared { name: "BOM122", browser, page, values }
}

async fn in_emergency_stop(app: &TestApp) -> Prepared {
    let code = crate::emergency_stop::stop_code(app, JIRO);
    let browser = app.browser();
    let page = browser.get("/shirakaba/stop").await.expect_screen("BSP001");
    let values = owned(&[("login_id", JIRO.login_id), ("stop_code", &code)]);
    Prepared { name: "BSP001", browser, page, values }
}

async fn in_limits(app: &TestApp) -> Prepared {
    let browser = app.logged_in(JIRO).await;
    let page = browser.get("/shirakaba/limits").await.expect_screen("BLM001");
    let values = owned(&[
        ("transfer_per_transaction", "100000"),
        ("transfer_daily", "200000"),
        ("pay_easy_per_transaction", "100000"),
        ("pay_easy_daily", "200000"),
    ]);
    Prepared { name: "BLM001", browser, page, values }
}

async fn in_limits_of_check(app: &TestApp) -> Prepared {
    let Prepared { browser, page, values, .. } = in_limits(app).await;
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit(&page, &values).await;
    let page = browser.follow(answer).await.expect_screen("BLM002");
    Prepared { name: "BLM002", browser, page, values: owned(&[("confirm", JIRO.confirm)]) }
}

/// What a field is filled with that it cannot hold. Ids and secrets are left out where any text
/// might be somebody's: a wrong one is a try, and tries are counted.
fn impossible(field: &str) -> Vec<String> {
    let long = "7".repeat(5_000);
    let odd = ["", "\u{0}", "<script>alert(1)</script>", "' OR 1=1 --", "あいうえお", "1\r\n2"];
    let mut values = vec![long];
    match field {
        "login_id" | "password" | "confirm" => values.push(String::new()),
        "picture_1" | "picture_2" | "picture_3" => values.push(String::new()),
        _ => values.extend(odd.iter().map(|text| (*text).to_owned())),
    }
    values
}

/// The ways to spoil a form, each with its description.
fn spoilt(fields: &Fields, hidden: &Fields) -> Vec<(String, Fields)> {
    let mut ways = Vec::new();
    for (place, (name, value)) in fields.iter().enumerate() {
        let is_hidden = hidden.iter().any(|(known, _)| known == name);
        let mut without = fields.clone();
        without.remove(place);
        ways.push((format!("without {name}"), without));
        let mut twice = fields.clone();
        twice.push((name.clone(), value.clone()));
        ways.push((format!("{name} twice"), twice));
        let wrong = if is_hidden {
            let mut changed = value.clone();
            let last = changed.pop();
            changed.push(if last == Some('A') { 'B' } else { 'A' });
            let mut wrong = vec![String::new(), "x".to_owned(), "A".repeat(300), "あ".repeat(43)];
            if name == "csrf_token" {
                wrong.extend([changed, "A".repeat(43)]);
            }
            wrong
        } else {
            impossible(name)
        };
        for text in wrong {
            let shown: String = text.chars().take(12).collect();
            let mut fields = fields.clone();
            fields[place].1 = text;
            ways.push((format!("{name}={shown:?}"), fields));
        }
    }
    for name in ["unknown", "user_id", "__proto__", ""] {
        let mut more = fields.clone();
        more.push((name.to_owned(), "1".to_owned()));
        ways.push((format!("with {name:?}"), more));
    }
    ways
}

async fn spoil(app: &TestApp, prepared: Prepared) {
    let Prepared { name, browser, page, values } = prepared;
    let form = page.form();
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fields = form.filled(&values);
    let cookies = browser.cookies();
    let before = dump(app);
    for (way, fields) in spoilt(&fields, &form.hidden) {
        let answer = browser.post(&form.action, &fields).await;
        assert_clear(&answer, &format!("{name} {way}"));
        assert_unchanged(&before, &dump(app), &format!("{name} {way}"));
        browser.set_cookies(cookies.clone());
    }
    // The form token of another visitor or login.
    let stranger = app.browser();
    let other = stranger.get("/shirakaba/login").await.form();
    let mut stolen = fields.clone();
    for (name, value) in &mut stolen {
        if name == "csrf_token" {
            *value = other.hidden("csrf_token").unwrap().to_owned();
        }
    }
    let answer = browser.post(&form.action, &stolen).await;
    assert_clear(&answer, &format!("{name} with somebody else's form token"));
    assert_eq!(answer.status, 403);
    assert_unchanged(&before, &dump(app), "somebody else's form token");
    // After all of that the form itself still works.
    browser.set_cookies(cookies);
    let answer = browser.post(&form.action, &fields).await;
    assert!(answer.status == 303 || name == "BLG095 code", "{name}: {}", answer.text());
}

#[tokio::test]
async fn forms_before_login() {
    let app = TestApp::new();
    spoil(&app, before_login(&app, "BLG001", "/shirakaba/login").await).await;
    spoil(&app, before_login(&app, "BOM101", "/shirakaba/token/start").await).await;
}

#[tokio::test]
async fn forms_before_login_of_who_has_a_token() {
    let app = TestApp::new();
    for (name, path) in
        [("BOM111", "/shirakaba/token/exchange"), ("BOM121", "/shirakaba/token/stop")]
    {
        let mut prepared = before_login(&app, name, path).await;
        prepared.values = owned(&[("login_id", TARO.login_id), ("password", TARO.password)]);
        spoil(&app, prepared).await;
    }
}

#[tokio::test]
async fn the_form_of_the_second_step() {
    let app = TestApp::new();
    spoil(&app, in_login(&app).await).await;
}

#[tokio::test]
async fn the_forms_of_the_first_setup() {
    for step in 0..3 {
        let app = TestApp::new();
        let prepared = match step {
            0 => in_setup(&app).await,
            1 => in_setup_of_mail(&app).await,
            _ => in_setup_of_code(&app).await,
        };
        spoil(&app, prepared).await;
    }
}

#[tokio::test]
async fn the_forms_of_a_start() {
    let app = TestApp::new();
    spoil(&app, in_start(&app).await).await;
    spoil(&app, in_start_with_card(&app).await).await;
}

#[tokio::test]
async fn the_forms_of_an_exchange() {
    let app = TestApp::new();
    spoil(&app, in_exchange(&app).await).await;
    let app = TestApp::new();
    spoil(&app, in_exchange_of_new(&app).await).await;
}

#[tokio::test]
async fn the_form_of_a_stop() {
    let app = TestApp::new();
    spoil(&app, in_stop(&app).await).await;
}

#[tokio::test]
async fn the_forms_of_a_change_of_limits() {
    let app = TestApp::new();
    spoil(&app, in_limits(&app).await).await;
    let app = TestApp::new();
    spoil(&app, in_limits_of_check(&app).await).await;
}

#[tokio::test]
async fn the_form_of_an_emergency_stop() {
    let app = TestApp::new();
    spoil(&app, in_emergency_stop(&app).await).await;
}

#[tokio::test]
async fn a_form_token_from_before_a_step_is_stale_after_it() {
    let app = TestApp::new();
    let browser = app.browser();
    let login = browser.get("/shirakaba/login").await.form();
    let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
    let mut fields = page.form().filled(&[("otp", &app.code(FK2))]);
    for (name, value) in &mut fields {
        if name == "csrf_token" {
            *value = login.hidden("csrf_token").unwrap().to_owned();
        }
    }
    let answer = browser.post(&page.path, &fields).await;
    answer.expect_status(403).expect_screen("BER403");
    browser.submit(&page, &[("otp", &app.code(FK2))]).await.expect_status(303);
}
