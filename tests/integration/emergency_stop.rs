//! 緊急停止: the stop code of a notice stops everything, for whoever has it and nobody else, until
//! staff lift it.

use chrono::TimeDelta;
use madoguchi::domain::token::{ActRefusal, TokenActor};
use madoguchi::operations::token::release::{ReleaseOutcome, release};
use madoguchi::operations::user::hold::{HoldChange, HoldOutcome, change};
use madoguchi::operations::user::lift_stop::{LiftOutcome, lift};
use madoguchi::primitives::clock::{UtcTime, parse_rfc3339};

use crate::app::{TestApp, shirakaba};
use crate::browser::{Browser, Page};
use crate::people::{FK2, FK9, HANAKO, JIRO, Person, TARO};

const STOP: &str = "/shirakaba/stop";
const NOBODY: &str = "9999999999";
const OPEN_FLOWS: &str = "SELECT COUNT(*) FROM flows WHERE step NOT IN ('done', 'ended')";
const OPEN_LOGINS: &str = "SELECT COUNT(*) FROM logins WHERE ended_at IS NULL";

/// The code in a mail, without the space.
pub fn code_in(mail: &str) -> String {
    let line = mail.lines().find_map(|line| line.strip_prefix("停止コード: "));
    let line = line.unwrap_or_else(|| panic!("no stop code: {mail}"));
    line.chars().filter(char::is_ascii_digit).take(8).collect()
}

/// A stop code of the customer, from a notice that staff's work on the hold made.
pub fn stop_code(app: &TestApp, who: Person) -> String {
    app.advance(1);
    let until = app.now() + TimeDelta::days(3);
    let outcome = change(&app.services, &app.ctx(), who.login_id, HoldChange::Until(until));
    assert_eq!(outcome.unwrap(), HoldOutcome::Changed);
    code_in(&app.last_mail("hold_lengthened"))
}

/// A moment of the year's last evening, when the portal is closed.
fn year_end() -> UtcTime {
    parse_rfc3339("2026-12-31T21:30:00+09:00").unwrap()
}

/// Closed at the year's end, as it ships, and at night besides.
fn closed_at_night() -> TestApp {
    let (text, closures) = (shirakaba(), "[[hours.closures]]");
    assert!(text.contains(closures), "{text}");
    let hours = format!("[hours]\nweekdays = \"07:00-24:00\"\n\n{closures}");
    TestApp::with_profiles(&[("shirakaba", text.replacen(closures, &hours, 1))])
}

async fn is_closed(browser: &Browser, path: &str) -> Page {
    let page = browser.try_get(path).await.unwrap();
    page.expect_status(503).expect_screen("BER110")
}

/// A code that is not this one.
pub fn other_code(code: &str, number: u32) -> String {
    format!("{:08}", (code.parse::<u32>().unwrap() + 1 + number) % 100_000_000)
}

async fn submit(browser: &Browser, login_id: &str, code: &str) -> Page {
    let page = browser.get(STOP).await.expect_status(200).expect_screen("BSP001");
    browser.submit(&page, &[("login_id", login_id), ("stop_code", code)]).await
}

async fn stops(app: &TestApp, who: Person) -> Page {
    let code = stop_code(app, who);
    let browser = app.browser();
    let answer = submit(&browser, who.login_id, &code).await.expect_status(303);
    browser.follow(answer).await.expect_status(200).expect_screen("BSP002")
}

async fn start(app: &TestApp) -> String {
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FK9);
    let values =
        [("serial", FK9), ("otp", &code), ("login_choice", "required"), ("confirm", JIRO.confirm)];
    browser.submit(&page, &values).await.expect_status(303);
    app.last_mail("token_started")
}

#[tokio::test]
async fn a_notice_has_a_telephone_a_code_and_the_address_of_the_page() {
    let app = TestApp::new();
    let mail = start(&app).await;
    let address = format!("{}{STOP}", app.url);
    for part in ["0120-000-114", "24時間・年中無休", &address, "2026年12月24日 12:00まで"]
    {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    let code = code_in(&mail);
    let kept = app.texts("SELECT code_digest AS value FROM stop_codes");
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains(&code) && kept[0].len() == 43, "{kept:?}");
    let next = stop_code(&app, JIRO);
    assert_ne!(next, code, "each notice has a code of its own");
}

#[tokio::test]
async fn without_the_service_there_is_neither_page_nor_code() {
    let without = shirakaba().replacen("emergency_stop = true", "emergency_stop = false", 1);
    let lines = without.lines().filter(|line| !line.contains("operation = \"emergency_stop\""));
    let profile = lines.collect::<Vec<_>>().join("\n");
    let app = TestApp::with_profiles(&[("shirakaba", profile)]);
    let mail = start(&app).await;
    assert!(mail.contains("0120-000-114") && !mail.contains("停止コード"), "{mail}");
    app.browser().get(STOP).await.expect_status(404).expect_screen("BER404");
    let login = app.browser().get("/shirakaba/login").await.body;
    assert!(!login.contains(STOP), "{login}");
    app.set_clock(year_end());
    let closed = is_closed(&app.browser(), "/shirakaba/login").await.body;
    assert!(!closed.contains(STOP), "{closed}");
    app.browser().get(STOP).await.expect_status(404).expect_screen("BER404");
}

#[tokio::test]
async fn a_stop_code_works_while_the_portal_is_closed() {
    let app = closed_at_night();
    let night = parse_rfc3339("2026-11-26T03:00:00+09:00").unwrap();
    for (who, closed_at) in [(TARO, night), (JIRO, year_end())] {
        app.set_clock(closed_at - TimeDelta::minutes(10));
        let code = stop_code(&app, who);
        app.set_clock(closed_at);
        let browser = app.browser();
        for path in ["/shirakaba/", "/shirakaba/token/stop"] {
            is_closed(&browser, path).await;
        }
        let closed = is_closed(&browser, "/shirakaba/login").await;
        assert_eq!(closed.link("緊急停止").as_deref(), Some(STOP));
        browser.get("/shirakaba/help/security").await.expect_status(200).expect_screen("BHL004");

        let wrong = submit(&browser, who.login_id, &other_code(&code, 0)).await;
        wrong.expect_status(422).expect_screen("BSP001");
        assert_eq!(app.user(who, "stopped_at"), "null");
        let answer = submit(&browser, who.login_id, &code).await.expect_status(303);
        browser.follow(answer).await.expect_status(200).expect_screen("BSP002");
        assert_ne!(app.user(who, "stopped_at"), "null");
    }
    assert_eq!((app.mails("emergency_stopped"), app.audited("emergency_stop", "wrong")), (2, 2));
}

#[tokio::test]
async fn who_is_inside_at_closing_time_may_still_leave() {
    let app = TestApp::new();
    app.set_clock(year_end() - TimeDelta::minutes(31));
    let inside = app.logged_in(HANAKO).await;
    let top = inside.get("/shirakaba/").await.expect_screen("BTP001");
    let logout = top.form_to("/logout");
    app.advance(60);
    is_closed(&inside, "/shirakaba/").await;
    let done = inside.post(&logout.action, &logout.hidden).await.expect_status(303);
    inside.follow(done).await.expect_status(200).expect_screen("BLG090");
    assert_eq!(app.number(OPEN_LOGINS), 0);
}

#[tokio::test]
async fn a_stop_code_stops_everything() {
    let app = TestApp::new();
    let inside = app.logged_in_with_code(TARO, FK2).await;
    app.advance(30);
    let exchanging = app.browser();
    let new_page = app.exchange_to_new(&exchanging, &app.code(FK2)).await;
    let result = stops(&app, TARO).await;
    assert!(app.is_suspended(FK2));
    assert_ne!(app.user(TARO, "stopped_at"), "null");
    assert_eq!((app.number(OPEN_LOGINS), app.number(OPEN_FLOWS)), (0, 0));
    assert_eq!(app.audited("emergency_stop", ""), 1);
    // One mail, with the number that the page shows, and nothing to stop with any more.
    assert_eq!((app.mails("emergency_stopped"), app.mails("token_suspended")), (1, 0));
    let mail = app.last_mail("emergency_stopped");
    let number = result.fact("受付番号").unwrap();
    assert!(mail.contains(&number) && !mail.contains("停止コード: "), "{mail}");
    // What was open is over, and nothing opens again.
    inside.follow(inside.get("/shirakaba/").await).await.expect_screen("BLG011");
    let values = [("serial", crate::people::FK3), ("otp", &app.code(crate::people::FK3))];
    let late = exchanging.submit(&new_page, &values).await;
    assert_ne!(exchanging.follow(late).await.screen(), "BOM114");
    assert_eq!(app.token(FK2, "state"), "in_use");
    app.enter(&app.browser(), TARO).await.expect_screen("BLG011");
    for flow in ["start", "exchange", "stop"] {
        let page = app.begin(&app.browser(), flow, TARO).await;
        page.expect_status(403).expect_screen("BER403");
    }
}

#[tokio::test]
async fn who_has_no_token_may_look_but_not_act() {
    let app = TestApp::new();
    let (starting, looking) = (app.browser(), app.logged_in(JIRO).await);
    let page = app.begin(&starting, "start", JIRO).await.expect_screen("BOM102");
    stops(&app, JIRO).await;
    looking.follow(looking.get("/shirakaba/").await).await.expect_screen("BLG011");
    let code = app.code(FK9);
    let values =
        [("serial", FK9), ("otp", &code), ("login_choice", "required"), ("confirm", JIRO.confirm)];
    starting.submit(&page, &values).await;
    assert_eq!(app.token(FK9, "state"), "shipped");

    let browser = app.logged_in(JIRO).await;
    let top = browser.get("/shirakaba/").await.expect_screen("BTP001");
    assert!(top.text().contains("緊急停止中です。"), "{}", top.text());
    let refused = app.begin(&app.browser(), "start", JIRO).await;
    let refused = refused.expect_status(403).expect_screen("BER403");
    let text = refused.text();
    assert!(text.contains("緊急停止中") && text.contains("お電話ください"), "{text}");
    assert_eq!(app.audited("token_start", "emergency stop"), 1);
    // The way out stays open.
    let logout = top.form_to("/logout");
    browser.post(&logout.action, &logout.hidden).await.expect_status(303);
}

#[tokio::test]
async fn everybody_who_shares_the_token_is_stopped_with_it_and_told_why() {
    let app = TestApp::new();
    let token_id = app.token(FK2, "id");
    app.execute(&format!(
        "UPDATE users SET token_id = {token_id}, token_status = 'in_use' \
         WHERE login_id = '{}'",
        JIRO.login_id
    ));
    let other = app.logged_in(JIRO).await;
    stops(&app, TARO).await;
    other.follow(other.get("/shirakaba/").await).await.expect_screen("BLG011");
    assert_eq!(app.user(JIRO, "stopped_at"), "null", "the other did not stop anything");
    assert_eq!(app.mails("token_suspended"), 1);
    let mail = app.last_mail("token_suspended");
    assert!(mail.contains("緊急停止のお申し出") && !mail.contains("続けて誤って"), "{mail}");
}

#[tokio::test]
async fn an_issue_that_waits_for_its_app_is_cut_short() {
    let app = TestApp::new();
    let (user, token) = (app.user(JIRO, "id"), app.token(FK9, "id"));
    for (number, set_up) in [("1", "NULL"), ("2", "'2026-11-24 02:00:00'")] {
        app.execute(&format!(
            "INSERT INTO token_issues (portal, user_id, token_id, user_number, mail_address, \
             activation_hash, previous_status, issued_at, expires_at, set_up_at) VALUES \
             ('shirakaba', {user}, {token}, '{number}', 'a@example.jp', 'x', 'unregistered', \
             '2026-11-24 01:00:00', '2026-11-25 01:00:00', {set_up})"
        ));
    }
    stops(&app, JIRO).await;
    let waiting = "SELECT COUNT(*) FROM token_issues WHERE expires_at > '2026-11-24 04:00:00'";
    assert_eq!(app.number(waiting), 1, "only what the app has already is left alone");
}

#[tokio::test]
async fn the_same_code_again_shows_the_same_result() {
    let app = TestApp::new();
    let code = stop_code(&app, TARO);
    let browser = app.browser();
    let first = submit(&browser, TARO.login_id, &code).await.expect_status(303);
    let again = submit(&browser, TARO.login_id, &code).await.expect_status(303);
    assert_eq!(first.location, again.location);
    let page = browser.follow(first).await.expect_screen("BSP002");
    let reload = app.browser().get(&page.path).await.expect_screen("BSP002");
    assert_eq!(page.fact("受付番号"), reload.fact("受付番号"));
    assert_eq!(app.mails("emergency_stopped"), 1);
    // For a day; afterwards, and for addresses that are nobody's, the page begins anew.
    app.advance(86_400);
    for path in [page.path.as_str(), "/shirakaba/stop/AAAAAAAAAAAAAAAAAAAAAA"] {
        let gone = app.browser().get(path).await;
        assert_eq!((gone.status, gone.location.as_deref()), (303, Some(STOP)), "{path}");
    }
}

fn masked(page: &Page, login_id: &str) -> String {
    let mut body = page.body.clone();
    for (_, value) in page.form().hidden {
        body = body.replace(&value, "HIDDEN");
    }
    body.replace(login_id, "ID")
}

#[tokio::test]
async fn wrong_unknown_used_and_expired_read_alike() {
    let app = TestApp::new();
    let expired = stop_code(&app, HANAKO);
    app.advance(30 * 86_400);
    let used = stop_code(&app, TARO);
    submit(&app.browser(), TARO.login_id, &used).await.expect_status(303);
    assert!(matches!(
        lift(&app.services, &app.ctx(), TARO.login_id),
        Ok(LiftOutcome::Lifted { .. })
    ));
    let foreign = stop_code(&app, JIRO);
    let cases = [
        (JIRO.login_id, other_code(&foreign, 0)),
        (NOBODY, foreign.clone()),
        (TARO.login_id, used),
        (HANAKO.login_id, expired),
        (HANAKO.login_id, foreign),
    ];
    let mut seen = Vec::new();
    for (login_id, code) in &cases {
        let page = submit(&app.browser(), login_id, code).await;
        let page = page.expect_status(422).expect_screen("BSP001");
        seen.push(masked(&page, login_id));
    }
    assert!(seen.iter().all(|page| *page == seen[0]), "{seen:#?}");
    for who in [HANAKO, TARO, JIRO] {
        assert_eq!(app.user(who, "stopped_at"), "null");
    }
}

#[tokio::test]
async fn there_are_five_tries_in_any_hour_for_known_and_unknown_ids() {
    let app = TestApp::new();
    let right = stop_code(&app, JIRO);
    let begun = app.now();
    let mut last = Vec::new();
    for login_id in [JIRO.login_id, NOBODY] {
        app.set_clock(begun);
        for number in 0..5 {
            let page = submit(&app.browser(), login_id, &other_code(&right, number)).await;
            page.expect_status(422).expect_screen("BSP001");
            app.advance(60);
        }
        // The sixth is not looked at, right or not, up to the last moment of the hour.
        for at in [TimeDelta::minutes(5), TimeDelta::minutes(60) - TimeDelta::milliseconds(1)] {
            app.set_clock(begun + at);
            let page = submit(&app.browser(), login_id, &right).await.expect_status(422);
            assert!(page.summary().contains("1時間"), "{}", page.summary());
            last.push(masked(&page, login_id));
        }
    }
    assert!(last.iter().all(|page| *page == last[0]), "{last:#?}");
    assert_eq!(app.audited("emergency_stop", "too many tries"), 4);
    // What cannot be a code is no try.
    app.set_clock(begun + TimeDelta::hours(1));
    for typed in ["", "1234567", "123456789", "abcdefgh"] {
        submit(&app.browser(), JIRO.login_id, typed).await.expect_status(422);
    }
    // Then one more for each that is an hour old.
    let wrong = other_code(&right, 9);
    let page = submit(&app.browser(), JIRO.login_id, &wrong).await.expect_status(422);
    assert!(!page.summary().contains("1時間に"), "{}", page.summary());
    let page = submit(&app.browser(), JIRO.login_id, &right).await.expect_status(422);
    assert!(page.summary().contains("1時間に"), "{}", page.summary());
    app.advance(60);
    let typed = format!(" {}-{} ", &right[..4], &right[4..]);
    submit(&app.browser(), JIRO.login_id, &typed).await.expect_status(303);
}

#[tokio::test]
async fn only_staff_undo_it_and_the_token_is_another_question() {
    let app = TestApp::new();
    stops(&app, TARO).await;
    let (services, ctx) = (&app.services, app.ctx());
    let lifted = lift(services, &ctx, TARO.login_id).unwrap();
    assert_eq!(lifted, LiftOutcome::Lifted { suspended_serial: Some(FK2.to_owned()) });
    assert_eq!(app.user(TARO, "stopped_at"), "null");
    assert_eq!((app.mails("stop_lifted"), app.audited("user.lift_stop", "")), (1, 1));
    code_in(&app.last_mail("stop_lifted"));
    app.enter(&app.browser(), TARO).await.expect_screen("BLG011");
    release(services, &ctx, TARO.login_id, TokenActor::Staff).unwrap();
    app.advance(30);
    app.logged_in_with_code(TARO, FK2).await;
    app.begin(&app.browser(), "stop", TARO).await.expect_screen("BOM122");
    assert_eq!(lift(services, &ctx, TARO.login_id).unwrap(), LiftOutcome::NotStopped);
    assert_eq!(lift(services, &ctx, NOBODY).unwrap(), LiftOutcome::NoSuchUser);
}

#[tokio::test]
async fn a_released_token_alone_brings_no_act_back() {
    let app = TestApp::new();
    stops(&app, TARO).await;
    // Not even staff release it before the stop is lifted.
    let refused = release(&app.services, &app.ctx(), TARO.login_id, TokenActor::Staff).unwrap();
    assert_eq!(refused, ReleaseOutcome::Refused(ActRefusal::Stopped));
    app.execute("UPDATE tokens SET suspended_at = NULL, failures = 0");
    app.advance(30);
    let browser = app.logged_in_with_code(TARO, FK2).await;
    let top = browser.get("/shirakaba/").await.text();
    assert!(top.contains("緊急停止中"), "{top}");
    app.begin(&app.browser(), "stop", TARO).await.expect_status(403).expect_screen("BER403");
}

#[tokio::test]
async fn staff_lengthen_and_lift_the_hold() {
    let app = TestApp::new();
    start(&app).await;
    let (services, ctx) = (&app.services, app.ctx());
    let hold = |to| change(services, &ctx, JIRO.login_id, to).unwrap();
    let opened = app.now() + TimeDelta::hours(24);
    assert_eq!(hold(HoldChange::Until(opened)), HoldOutcome::LastsLonger(opened));
    assert_eq!(hold(HoldChange::Until(app.now())), HoldOutcome::Past);
    let until = opened + TimeDelta::hours(1);
    assert_eq!(hold(HoldChange::Until(until)), HoldOutcome::Changed);
    let mail = app.last_mail("hold_lengthened");
    for part in ["2026年11月25日 13:00", "100,000円"] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    let browser = app.browser();
    let page = app.enter(&browser, JIRO).await.expect_screen("BLG010");
    app.advance(30);
    let answer = browser.submit(&page, &[("otp", &app.code(FK9))]).await;
    let top = browser.follow(answer).await.expect_screen("BTP001").text();
    assert!(top.contains("2026年11月25日 13:00 まで"), "{top}");
    assert!(top.contains("1日あたり100,000円"), "{top}");
    assert_eq!(hold(HoldChange::Lift), HoldOutcome::Changed);
    assert_eq!(app.user(JIRO, "hold_until"), "null");
    assert_eq!(hold(HoldChange::Lift), HoldOutcome::NoHold);
    assert_eq!((app.mails("hold_lifted"), app.audited("user.hold", "lifted")), (1, 1));
    let nobody = change(services, &ctx, NOBODY, HoldChange::Lift).unwrap();
    assert_eq!(nobody, HoldOutcome::NoSuchUser);
}
