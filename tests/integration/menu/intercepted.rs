//! An issue that somebody intercepts in the mail is of no use: from the issue over the mail to the
//! app of the customer, and to that of a thief who reads along.

use madoguchi::db::DbError;
use madoguchi::db::queries::{flows, users};
use madoguchi::operations::one_time_key::RequestKey;
use madoguchi::operations::step::StepOutcome;
use madoguchi::operations::token::confirmation::Confirmation;
use madoguchi::operations::token::start::{Start, start};
use madoguchi::primitives::ids::UserId;

use super::site::{ACTIVATION, CONFIRM, MenuApp, TARO, pick};
use crate::browser::Browser;
use crate::codes;
use crate::token_app::phone::Phone;

const DAY: i64 = 24 * 3_600;

/// What the mail to the phone says.
struct Guide {
    text: String,
    service_id: String,
    user_id: String,
}

/// Issues a token; the mail that goes out.
async fn issued(app: &MenuApp, browser: &Browser) -> Guide {
    app.issue(browser, TARO).await.expect_screen("BOT003");
    let text = app.last_mail("token_issue_guide");
    let line = |label: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(label));
        found.unwrap_or_else(|| panic!("{label}: {text}")).trim().to_owned()
    };
    Guide { service_id: line("サービスID:"), user_id: line("ユーザID:"), text }
}

impl Guide {
    /// Sends TOK001 with these ids.
    async fn try_on(&self, phone: &Phone, activation: &str) -> String {
        phone.set_up(&self.service_id, &self.user_id, activation).await.outcome()
    }

    /// The secret that the app gets.
    async fn secret_for(&self, phone: &Phone) -> Vec<u8> {
        let answer = phone.set_up(&self.service_id, &self.user_id, ACTIVATION).await;
        phone.secret(&answer.credential())
    }
}

/// What an app with this secret shows now.
fn code_of(app: &MenuApp, secret: &[u8]) -> String {
    codes::code_of(secret, codes::step_at(app.now(), 60), 8)
}

fn ends(app: &MenuApp) -> Vec<String> {
    app.texts("SELECT COALESCE(end_reason, 'open') AS value FROM token_issues ORDER BY id")
}

fn states(app: &MenuApp) -> Vec<String> {
    app.texts("SELECT state AS value FROM tokens WHERE portal = 'minori' ORDER BY id")
}

#[tokio::test]
async fn five_guesses_from_what_the_mail_says_end_the_issue() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let guide = issued(&app, &browser).await;
    let thief = Phone::new(&app.url, 66);
    let guesses = [&guide.service_id[..], &guide.user_id[..8], "12345678", "0000", "19700101"];
    for (number, guess) in guesses.iter().enumerate() {
        assert_eq!(ends(&app), ["open"], "before guess {number}");
        assert_eq!(guide.try_on(&thief, guess).await, "refused");
    }
    assert_eq!((ends(&app), states(&app)), (vec!["attempts".into()], vec!["retired".into()]));
    let own = Phone::new(&app.url, 7);
    for phone in [&thief, &own] {
        assert_eq!(guide.try_on(phone, ACTIVATION).await, "refused", "too late for anybody");
    }
    assert_eq!(app.user(TARO, "token_status"), "unregistered");
    let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
    assert!(overview.text().contains("未登録") && pick(&overview, "start").is_none());
    let log = app.texts("SELECT details || ' ' || object AS value FROM audit_lines").join("\n");
    assert!(!log.contains("19700101") && !log.contains(ACTIVATION), "{log}");

    let secret = issued(&app, &browser).await.secret_for(&own).await;
    let answer = app.start(&browser, &code_of(&app, &secret)).await;
    browser.follow(answer).await.expect_screen("BOT012");
}

#[tokio::test]
async fn the_time_for_the_set_up_is_over_to_the_second() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let guide = issued(&app, &browser).await;
    assert!(guide.text.contains("2026年11月25日 12時00分"), "{}", guide.text);
    let own = Phone::new(&app.url, 7);
    app.advance(DAY - 1);
    assert_eq!(guide.try_on(&own, "999999").await, "refused");
    assert_eq!(ends(&app), ["open"]);
    app.advance(1);
    // The worker has not come by yet.
    let browser = app.logged_in(TARO).await;
    let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
    assert!(overview.text().contains("期限切れ"), "{}", overview.text());
    assert!(overview.text().contains("もう一度トークン発行"), "{}", overview.text());
    assert!(pick(&overview, "start").is_none() && pick(&overview, "issue").is_some());
    assert_eq!(guide.try_on(&own, ACTIVATION).await, "refused");
    assert_eq!((ends(&app), states(&app)), (vec!["expired".into()], vec!["retired".into()]));
    assert_eq!(app.user(TARO, "token_status"), "unregistered");
    assert_eq!(app.end_due(), 0);
    // Within the last second it is in time.
    let guide = issued(&app, &browser).await;
    app.advance(DAY - 1);
    guide.secret_for(&own).await;
    app.advance(2 * DAY);
    assert_eq!(app.end_due(), 0);
}

#[tokio::test]
async fn what_the_customer_has_set_up_no_other_app_gets() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let guide = issued(&app, &browser).await;
    let (own, thief) = (Phone::new(&app.url, 7), Phone::new(&app.url, 66));
    let secret = guide.secret_for(&own).await;
    for _ in 0..6 {
        assert_eq!(guide.try_on(&thief, ACTIVATION).await, "refused");
    }
    assert_eq!(ends(&app), ["open"], "a thief's tries end nothing any more");
    let answer = app.start(&browser, &code_of(&app, &secret)).await;
    browser.follow(answer).await.expect_screen("BOT012");
    for phone in [&thief, &own] {
        assert_eq!(guide.try_on(phone, ACTIVATION).await, "refused", "it is started");
    }
    assert_eq!((ends(&app), states(&app)), (vec!["started".into()], vec!["in_use".into()]));
}

#[tokio::test]
async fn a_thief_who_knows_the_activation_password_too_still_starts_nothing() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let guide = issued(&app, &browser).await;
    let (own, thief) = (Phone::new(&app.url, 7), Phone::new(&app.url, 66));
    let stolen = guide.secret_for(&thief).await;
    assert_eq!(guide.try_on(&own, ACTIVATION).await, "refused", "by this the customer knows");
    let stranger = app.browser();
    let answer = stranger.get("/minori/token/menu").await;
    assert_ne!(stranger.follow(answer).await.screen(), "BOT000", "a code is no login");
    // The customer issues anew; what was stolen is worth nothing.
    let secret = issued(&app, &browser).await.secret_for(&own).await;
    assert_ne!(secret, stolen);
    let code = code_of(&app, &stolen);
    app.start(&browser, &code).await.expect_status(422).expect_screen("BOT011");
    assert_eq!(guide.try_on(&thief, ACTIVATION).await, "refused");
    let answer = app.start(&browser, &code_of(&app, &secret)).await;
    browser.follow(answer).await.expect_screen("BOT012");
    assert_eq!(states(&app), ["retired", "in_use"]);
    app.advance(60);
    let page = app.enter(&stranger, TARO).await.expect_screen("BLG010");
    stranger.submit(&page, &[("otp", &code_of(&app, &stolen))]).await.expect_status(422);
}

#[tokio::test]
async fn a_newer_issue_ends_the_one_before_it() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let (own, thief) = (Phone::new(&app.url, 7), Phone::new(&app.url, 66));
    let first = issued(&app, &browser).await;
    let second = issued(&app, &browser).await;
    assert_ne!(first.user_id, second.user_id);
    for phone in [&own, &thief] {
        assert_eq!(first.try_on(phone, ACTIVATION).await, "refused");
    }
    assert_eq!(ends(&app), ["replaced", "open"], "tries at the older one do not count here");
    let old_secret = second.secret_for(&own).await;
    // The third comes after the set-up of the second, in whose app it ends too.
    let third = issued(&app, &browser).await;
    assert_eq!(second.try_on(&own, ACTIVATION).await, "refused", "not even the app it is in");
    let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
    assert!(pick(&overview, "start").is_none(), "the third is not set up");
    let secret = third.secret_for(&own).await;
    let code = code_of(&app, &old_secret);
    app.start(&browser, &code).await.expect_status(422).expect_screen("BOT011");
    let answer = app.start(&browser, &code_of(&app, &secret)).await;
    browser.follow(answer).await.expect_screen("BOT012");
    assert_eq!(ends(&app), ["replaced", "replaced", "started"]);
    assert_eq!(states(&app), ["retired", "retired", "in_use"]);
}

#[tokio::test]
async fn a_set_up_at_the_same_time_as_a_newer_issue_leaves_one_token() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    for byte in 1..=4 {
        let guide = issued(&app, &browser).await;
        let page = app.to_confirm(&browser).await;
        let code = app.mailed_code();
        let values = [("mail_code", code.as_str()), ("confirm", CONFIRM)];
        let phone = Phone::new(&app.url, byte);
        let (answer, outcome) =
            tokio::join!(browser.submit(&page, &values), guide.try_on(&phone, ACTIVATION));
        assert!(answer.is_done(), "{:?}", answer.location);
        assert!(["done", "refused"].contains(&outcome.as_str()), "{outcome}");
        assert_eq!(guide.try_on(&phone, ACTIVATION).await, "refused", "in any order it is over");
        // Codes are mailed three times an hour.
        app.advance(3_600);
        let again = app.browser();
        app.enter(&again, TARO).await;
        browser.set_cookies(again.cookies());
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM token_issues WHERE ended_at IS NULL"), 1);
    assert_eq!(states(&app).iter().filter(|state| *state == "shipped").count(), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM token_issues WHERE end_reason = 'replaced'"), 7);
}

#[tokio::test]
async fn a_token_that_no_app_holds_is_not_started() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    issued(&app, &browser).await;
    // The button does not work, but its form can be sent.
    let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
    let form = overview.form_to("/token/menu/start");
    let answer = browser.post(&form.action, &form.hidden).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BOT000");
    // Nor does the act itself rely on that.
    let outcome = start(&app.services, &app.ctx_of("minori"), begun_start(&app)).await.unwrap();
    assert!(matches!(outcome, StepOutcome::Stale), "{outcome:?}");
    assert_eq!((ends(&app), states(&app)), (vec!["open".into()], vec!["shipped".into()]));
    assert_eq!(app.user(TARO, "token_status"), "issued");
}

/// What BOT011 would send for the flow that is open, with the right code.
fn begun_start(app: &MenuApp) -> Start {
    let one = |sql: &str| app.texts(sql).remove(0);
    let user_id = UserId(app.user(TARO, "id").parse().unwrap());
    let open = "FROM flows WHERE operation = 'token_start'";
    let flow_id = one(&format!("SELECT id AS value {open}"));
    let login_id = one(&format!("SELECT login_id AS value {open}"));
    let found = app.services.db.read_blocking(move |conn| {
        let flow = flows::find(conn, "minori", &flow_id, &login_id)?;
        Ok::<_, DbError>((users::get(conn, user_id)?, flow))
    });
    let (user, flow) = found.unwrap();
    let key = RequestKey {
        key: "K".repeat(43),
        user_id,
        operation: "token_start",
        payload_digest: "P".repeat(43),
    };
    Start {
        user,
        flow: flow.unwrap(),
        serial: one("SELECT serial AS value FROM tokens WHERE portal = 'minori'"),
        code: app.code(TARO, 0),
        login_choice: None,
        registration_number: None,
        confirmation: Confirmation::NotAsked,
        key,
        result_url: "/result".to_owned(),
    }
}
