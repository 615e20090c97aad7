//! Who is in, and for how long.

use std::collections::BTreeMap;

use actix_web::cookie::{Cookie, CookieJar, Key};
use chrono::TimeDelta;

use crate::app::{TestApp, shirakaba};
use crate::browser::Browser;
use crate::people::{self, FK2, FK3, JIRO, Person, SHIRO, TARO};

const TOP: &str = "/shirakaba/";

async fn is_in(browser: &Browser) -> bool {
    let page = browser.get(TOP).await;
    page.status == 200 && page.screen() == "BTP001"
}

#[tokio::test]
async fn a_session_ends_after_ten_minutes_without_use() {
    let app = TestApp::new();
    let begun = app.now();
    let idle_end = TimeDelta::minutes(10) + TimeDelta::seconds(60);
    let cases = [(idle_end - TimeDelta::milliseconds(1), true), (idle_end, false)];
    for (pause, stays) in cases {
        app.set_clock(begun);
        let browser = app.logged_in(JIRO).await;
        app.set_clock(begun + pause);
        assert_eq!(is_in(&browser).await, stays, "{pause}");
    }
    // The page that says so, and that the session is gone for good.
    app.set_clock(begun);
    let browser = app.logged_in(JIRO).await;
    app.set_clock(begun + idle_end);
    browser.follow(browser.get(TOP).await).await.expect_screen("BLG091");
    app.set_clock(begun);
    assert!(!is_in(&browser).await);
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE end_reason = 'idle'"), 2);
}

#[tokio::test]
async fn a_session_in_use_ends_after_eight_hours() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let begun = app.now();
    let end = begun + TimeDelta::hours(8);
    while app.now() + TimeDelta::minutes(9) < end {
        app.advance(9 * 60);
        assert!(is_in(&browser).await, "{}", app.now());
    }
    app.set_clock(end - TimeDelta::milliseconds(1));
    assert!(is_in(&browser).await);
    app.set_clock(end);
    browser.follow(browser.get(TOP).await).await.expect_screen("BLG091");
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE end_reason = 'absolute'"), 1);
}

#[tokio::test]
async fn logging_out_ends_the_session_on_the_server() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let cookies = browser.cookies();
    let logout = browser.get(TOP).await.form_to("/logout");
    let answer = browser.post(&logout.action, &logout.hidden).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BLG090");
    assert!(!is_in(&browser).await);
    // A copy of the cookies opens nothing either.
    let thief = app.browser();
    thief.set_cookies(cookies);
    assert!(!is_in(&thief).await);
}

#[tokio::test]
async fn getting_the_logout_page_ends_nothing() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    browser.get("/shirakaba/logout").await;
    assert!(is_in(&browser).await);
}

#[tokio::test]
async fn login_and_step_up_give_a_new_session_id() {
    let app = TestApp::new();
    let browser = app.browser();
    browser.get("/shirakaba/login").await;
    let before = browser.cookies();
    let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
    let half = browser.cookies();
    assert_ne!(before, half);
    browser.submit(&page, &[("otp", &app.code(FK2))]).await.expect_status(303);
    let full = browser.cookies();
    assert_ne!(half, full);
    assert!(is_in(&browser).await);
    // Whoever knew an earlier id gets nowhere.
    for earlier in [before, half] {
        let thief = app.browser();
        thief.set_cookies(earlier);
        assert!(!is_in(&thief).await);
    }
}

#[tokio::test]
async fn a_planted_session_cookie_is_not_taken_over() {
    let app = TestApp::new();
    let (thief, victim) = (app.browser(), app.browser());
    thief.get("/shirakaba/login").await;
    victim.set_cookies(thief.cookies());
    app.enter(&victim, JIRO).await.expect_screen("BTP001");
    assert!(!is_in(&thief).await);
}

#[tokio::test]
async fn a_half_finished_login_opens_no_page() {
    let app = TestApp::new();
    let browser = app.browser();
    app.enter(&browser, TARO).await.expect_screen("BLG010");
    assert!(!is_in(&browser).await);
    let flow = app.browser();
    app.begin(&flow, "stop", TARO).await.expect_screen("BOM122");
    assert!(!is_in(&flow).await, "a flow from the login page is no login");
}

/// The session key of `from`'s cookie as if `to` had set it: sealed by the server's own key under
/// the other name. No visitor can make it, but the row of the login has to say no by itself.
fn resealed(app: &TestApp, browser: &Browser, from: &str, to: &str) -> BTreeMap<String, String> {
    let key = Key::from(app.services.keys.derive::<64>("madoguchi session cookie").as_slice());
    let mut jar = CookieJar::new();
    let text = format!("{from}={}", browser.cookies()[from]);
    jar.add_original(Cookie::parse_encoded(text).unwrap().into_owned());
    let session_key = jar.private(&key).get(from).unwrap().value().to_owned();
    let mut sealed = CookieJar::new();
    sealed.private_mut(&key).add(Cookie::new(to.to_owned(), session_key));
    let cookie = sealed.get(to).unwrap().clone();
    let line = cookie.stripped().encoded().to_string();
    let (name, value) = line.split_once('=').unwrap();
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

#[tokio::test]
async fn a_session_of_one_portal_is_nothing_to_another() {
    let other = shirakaba().replacen("slug = \"shirakaba\"", "slug = \"hinoki\"", 1);
    let app = TestApp::with_profiles(&[("shirakaba", shirakaba()), ("hinoki", other)]);
    let browser = app.logged_in(JIRO).await;
    assert_ne!(browser.get("/hinoki/").await.status, 200);
    // Renamed as if the other portal had set them.
    let renamed = browser
        .cookies()
        .into_iter()
        .map(|(name, value)| (name.replace("shirakaba", "hinoki"), value))
        .collect();
    let thief = app.browser();
    thief.set_cookies(renamed);
    let shown = thief.follow(thief.get("/hinoki/").await).await;
    assert_ne!(shown.screen(), "BTP001");
    // The seal alone would do; without it the login still belongs to its portal.
    for (portal, screen) in [("shirakaba", "BTP001"), ("hinoki", "BLG001")] {
        thief.set_cookies(resealed(&app, &browser, "shirakaba", portal));
        let top = thief.get(&format!("/{portal}/")).await;
        thief.follow(top).await.expect_screen(screen);
    }
    assert!(is_in(&browser).await);
    // And a customer of one is unknown to the other.
    let page = thief.get("/hinoki/login").await.expect_screen("BLG001");
    let values = [("login_id", JIRO.login_id), ("password", JIRO.password)];
    thief.submit(&page, &values).await.expect_status(422).expect_screen("BLG001");
}

#[tokio::test]
async fn after_a_stop_or_an_exchange_other_logins_end() {
    for flow in ["stop", "exchange"] {
        let app = TestApp::new();
        let elsewhere = app.logged_in_with_code(TARO, FK2).await;
        app.advance(30);
        let (half, acting) = (app.browser(), app.browser());
        let half_page = app.enter(&half, TARO).await.expect_screen("BLG010");
        if flow == "stop" {
            let page = app.begin(&acting, "stop", TARO).await.expect_screen("BOM122");
            let code = app.code(FK2);
            let values = [("otp", code.as_str()), ("confirm", TARO.confirm)];
            acting.submit(&page, &values).await.expect_status(303);
        } else {
            let page = app.exchange_to_new(&acting, &app.code(FK2)).await;
            let values = [("serial", FK3), ("otp", &app.code(FK3))];
            acting.submit(&page, &values).await.expect_status(303);
        }
        assert!(!is_in(&elsewhere).await, "{flow}");
        app.advance(30);
        let answer = half.submit(&half_page, &[("otp", &app.code(FK2))]).await;
        assert_ne!(half.follow(answer).await.screen(), "BTP001", "{flow}");
    }
}

#[tokio::test]
async fn two_customers_in_two_browsers_see_their_own_pages() {
    let app = TestApp::new();
    let (one, other) = (app.logged_in(JIRO).await, app.logged_in(SHIRO).await);
    let name = |who: Person| app.user(who, "name");
    let (first, second) = (one.get(TOP).await, other.get(TOP).await);
    assert!(first.text().contains(&name(JIRO)) && !first.text().contains(&name(SHIRO)));
    assert!(second.text().contains(&name(SHIRO)) && !second.text().contains(&name(JIRO)));
    for page in [first, second] {
        let (_, cache) = page.headers.iter().find(|(name, _)| name == "cache-control").unwrap();
        assert!(cache.contains("no-store"), "{cache}");
    }
}

#[tokio::test]
async fn the_first_login_is_asked_for_its_setup_before_anything_else() {
    let app = TestApp::new();
    let browser = app.browser();
    app.enter(&browser, people::YAKUMO).await.expect_screen("BLG095");
    assert!(!is_in(&browser).await);
}
