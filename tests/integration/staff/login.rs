//! STF001: two steps, the first login, locks, sessions of their own.

use super::support::{AUDITOR, CLERK, Member, TRAINEE, enter, logged_in, oathtool};
use crate::app::TestApp;
use crate::people::TARO;

#[tokio::test]
async fn two_steps_lead_in_and_the_logout_leads_out() {
    let app = TestApp::demo("shirakaba");
    let browser = logged_in(&app, "shirakaba", CLERK).await;
    let home = browser.get("/shirakaba/staff/").await.expect_screen("STF002");
    assert!(home.text().contains("受付"), "{}", home.text());
    assert_eq!(app.audited("staff.login", ""), 1);
    let kind = "SELECT actor_kind || ' ' || actor AS value FROM audit_lines \
                WHERE operation = 'staff.login'";
    assert_eq!(app.texts(kind), ["staff staff clerk"]);

    let form = home.form_to("/staff/logout");
    let out = browser.post(&form.action, &form.filled(&[])).await.expect_status(303);
    assert!(browser.follow(out).await.text().contains("ログアウトしました"));
    let page = browser.get("/shirakaba/staff/").await.expect_status(303);
    assert_eq!(page.location.as_deref(), Some("/shirakaba/staff/login"));
}

#[tokio::test]
async fn a_code_is_taken_once_and_only_forwards() {
    let app = TestApp::demo("shirakaba");
    let first = logged_in(&app, "shirakaba", CLERK).await;
    first.get("/shirakaba/staff/").await.expect_screen("STF002");

    app.advance(61);
    let browser = app.browser();
    let page = enter(&browser, "shirakaba", CLERK).await;
    // Two steps ago is outside the window; one step ago was never typed.
    let code = app.code_in(CLERK.serial, -1);
    let answer = browser.submit(&page, &[("otp", &code)]).await;
    browser.follow(answer).await.expect_screen("STF002");

    let other = app.browser();
    let page = enter(&other, "shirakaba", CLERK).await;
    app.advance(1);
    // The same digits within a minute are not even counted.
    let again = other.submit(&page, &[("otp", &code)]).await.expect_status(422);
    assert!(again.summary().contains("同じ数字"), "{}", again.summary());
    let present = app.code(CLERK.serial);
    let answer = other.submit(&page, &[("otp", &present)]).await;
    other.follow(answer).await.expect_screen("STF002");
    // A later one was taken, so the earlier one is spent although nobody typed it in this window.
    app.advance(62);
    let last = app.browser();
    let page = enter(&last, "shirakaba", CLERK).await;
    let taken = app.code_in(CLERK.serial, -2);
    let refused = last.submit(&page, &[("otp", &taken)]).await.expect_status(422);
    assert!(refused.summary().contains("確認できませんでした"), "{}", refused.summary());
    assert_eq!(app.audited("staff.code", "wrong"), 1);
}

#[tokio::test]
async fn a_code_sent_twice_at_once_logs_in_one_login_only() {
    let app = TestApp::demo("shirakaba");
    let (one, two) = (app.browser(), app.browser());
    let first = enter(&one, "shirakaba", CLERK).await;
    let second = enter(&two, "shirakaba", CLERK).await;
    let code = app.code(CLERK.serial);
    let values = [("otp", code.as_str())];
    let (a, b) = tokio::join!(one.submit(&first, &values), two.submit(&second, &values));
    let done = [&a, &b].iter().filter(|page| page.status == 303).count();
    assert_eq!(done, 1, "{} {}", a.status, b.status);
    assert_eq!(app.number("SELECT COUNT(*) FROM staff_logins WHERE stage = 'complete'"), 1);
}

#[tokio::test]
async fn the_first_login_sets_the_authenticator_up() {
    let app = TestApp::demo("shirakaba");
    let browser = app.browser();
    let page = enter(&browser, "shirakaba", TRAINEE).await.expect_screen("STF001");
    let secret = page.fact("キー").unwrap();
    assert_eq!(secret.replace(' ', "").len(), 32);
    let sealed = "SELECT COUNT(*) FROM staff_members WHERE secret_sealed IS NOT NULL \
                  AND enrolled_at IS NULL";
    assert_eq!(app.number(sealed), 1);
    browser.get("/shirakaba/staff/").await.expect_status(303);
    let wrong = browser.submit(&page, &[("otp", "000000")]).await.expect_status(422);
    assert!(!wrong.summary().is_empty());
    assert_eq!(wrong.fact("キー").unwrap(), secret, "the same secret is shown again");
    let code = oathtool(&secret.replace(' ', ""), &app);
    let answer = browser.submit(&page, &[("otp", &code)]).await.expect_status(303);
    browser.follow(answer).await.expect_screen("STF002");
    assert_eq!(app.audited("staff.enrol", ""), 1);

    // Never shown again: the next login asks for a code.
    app.advance(60);
    let next = app.browser();
    let page = enter(&next, "shirakaba", TRAINEE).await;
    assert!(page.fact("キー").is_none() && page.fact("認証アプリの番号").is_some());
    next.get("/shirakaba/staff/login/enrol").await.expect_status(303);
    let code = oathtool(&secret.replace(' ', ""), &app);
    let answer = next.submit(&page, &[("otp", &code)]).await;
    next.follow(answer).await.expect_screen("STF002");
}

#[tokio::test]
async fn a_second_set_up_takes_the_first_ones_place() {
    let app = TestApp::demo("shirakaba");
    let (one, two) = (app.browser(), app.browser());
    let first = enter(&one, "shirakaba", TRAINEE).await;
    let second = enter(&two, "shirakaba", TRAINEE).await;
    let (old, new) = (first.fact("キー").unwrap(), second.fact("キー").unwrap());
    assert_ne!(old, new);
    let code = oathtool(&old.replace(' ', ""), &app);
    let answer = one.submit(&first, &[("otp", &code)]).await.expect_status(303);
    assert_eq!(answer.location.as_deref(), Some("/shirakaba/staff/login?ended=other"));
    let code = oathtool(&new.replace(' ', ""), &app);
    two.submit(&second, &[("otp", &code)]).await.expect_status(303);
}

#[tokio::test]
async fn known_and_unknown_ids_lock_alike() {
    let app = TestApp::demo("shirakaba");
    let mut told = Vec::new();
    for id in ["clerk", "nobody"] {
        let browser = app.browser();
        let mut summaries = Vec::new();
        for _ in 0..6 {
            let who = Member { id, password: "Wrong#2026", ..CLERK };
            summaries.push(enter(&browser, "shirakaba", who).await.expect_status(422).summary());
        }
        told.push(summaries);
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0][0].contains("違います") && told[0][5].contains("停止しています"));
    let page = enter(&app.browser(), "shirakaba", CLERK).await.expect_status(422);
    assert!(page.summary().contains("停止しています"), "the right password is of no use now");
    // The other portal's clerk is somebody else.
    enter(&app.browser(), "kodama", CLERK).await.expect_status(200);
}

#[tokio::test]
async fn wrong_codes_lock_and_end_every_login() {
    let app = TestApp::demo("shirakaba");
    let inside = logged_in(&app, "shirakaba", CLERK).await;
    let browser = app.browser();
    let page = enter(&browser, "shirakaba", CLERK).await;
    for code in app.wrong_codes(CLERK.serial, 5) {
        app.advance(61);
        browser.submit(&page, &[("otp", &code)]).await.expect_status(422);
    }
    assert_eq!(app.audited("staff.lock", ""), 1);
    inside.get("/shirakaba/staff/").await.expect_status(303);
    let locked = enter(&app.browser(), "shirakaba", CLERK).await;
    assert!(locked.summary().contains("停止しています"));
}

#[tokio::test]
async fn sessions_of_staff_and_customers_never_meet() {
    let app = TestApp::demo("shirakaba");
    let staff = logged_in(&app, "shirakaba", CLERK).await;
    let names: Vec<String> = staff.cookies().into_keys().collect();
    assert_eq!(names, ["shirakaba-staff", "shirakaba-staff-form"]);
    staff.get("/shirakaba/").await.expect_status(303);
    staff.get("/kodama/staff/").await.expect_status(303);

    // A session's key is of no use under the other name.
    let mut cookies = staff.cookies();
    let key = cookies["shirakaba-staff"].clone();
    cookies.insert("shirakaba".to_owned(), key);
    staff.set_cookies(cookies);
    staff.get("/shirakaba/").await.expect_status(303);

    let customer = app.logged_in_with_code(TARO, "2V0716016FK2").await;
    let mut cookies = customer.cookies();
    let key = cookies["shirakaba"].clone();
    cookies.insert("shirakaba-staff".to_owned(), key);
    customer.set_cookies(cookies);
    customer.get("/shirakaba/staff/").await.expect_status(303);

    // Nor is a customer's form token.
    let page = app.browser().get("/shirakaba/login").await;
    let token = page.form().hidden("csrf_token").unwrap().to_owned();
    let fields = [("csrf_token", token.as_str()), ("staff_id", "clerk"), ("password", "x")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    app.browser().post("/shirakaba/staff/login", &fields).await.expect_status(403);
}

#[tokio::test]
async fn a_session_ends_by_the_clock() {
    let app = TestApp::demo("shirakaba");
    let browser = logged_in(&app, "shirakaba", AUDITOR).await;
    app.advance(11 * 60);
    let page = browser.get("/shirakaba/staff/").await.expect_status(303);
    assert_eq!(page.location.as_deref(), Some("/shirakaba/staff/login?ended=idle"));
    assert_eq!(app.audited("staff.end", "idle"), 1);

    let browser = logged_in(&app, "shirakaba", AUDITOR).await;
    for _ in 0..48 {
        app.advance(600);
        browser.get("/shirakaba/staff/").await;
    }
    let page = browser.get("/shirakaba/staff/").await.expect_status(303);
    assert_eq!(page.location.as_deref(), Some("/shirakaba/staff/login"));
    assert_eq!(app.audited("staff.end", "absolute"), 1);
}

#[tokio::test]
async fn staff_work_outside_the_hours_of_service() {
    let app = TestApp::demo("shirakaba");
    let night = madoguchi::primitives::clock::parse_rfc3339("2026-12-31T21:30:00+09:00").unwrap();
    app.set_clock(night);
    let closed = app.browser().try_get("/shirakaba/login").await.unwrap();
    assert_eq!(closed.screen(), "BER110");
    logged_in(&app, "shirakaba", CLERK).await;
}
