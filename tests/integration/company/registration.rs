//! BLG020: who has to register at login, and what comes of it.

use chrono::TimeDelta;
use madoguchi::db::DbError;
use madoguchi::db::queries::users;
use madoguchi::primitives::ids::UserId;

use super::site::{
    Company, GORO, HANAKO, ICHIRO, IN_HAND, NANAO, PERIOD, RIKKA, SABURO, SHARED, SHIRO, TARO,
    YACHIYO, address,
};
use crate::codes;

#[tokio::test]
async fn a_user_without_a_token_registers_one_before_anything_else() {
    let app = Company::new();
    let browser = app.browser();
    let page = app.enter(&browser, SHIRO).await.expect_screen("BLG020");
    let before = browser.cookies();
    for path in ["/inaho/", "/inaho/info", "/inaho/admin", "/inaho/limits"] {
        let shown = browser.follow(browser.get(path).await).await;
        assert!(["BLG020", "BER404"].contains(&shown.screen().as_str()), "{path}");
    }
    let code = app.otp(IN_HAND);
    let answer = browser.submit(&page, &[("serial", IN_HAND), ("otp", &code)]).await;
    let top = browser.follow(answer.expect_status(303)).await.expect_screen("BTP001");
    assert!(top.text().contains("利用開始登録が終わりました"), "{}", top.text());
    assert_ne!(browser.cookies(), before, "a login that may do more has a new key");
    assert_eq!(app.user(SHIRO, "token_status"), "in_use");
    assert_eq!(app.token(IN_HAND, "state"), "in_use");
    assert_eq!(app.audited("token.start", "terms 1.1"), 1);
    let mut told = vec![address(HANAKO), address(SABURO), address(SHIRO)];
    told.sort();
    assert_eq!(app.told("token_started"), told);
    // The next login asks for nothing more.
    app.logged_in(SHIRO).await;
}

#[tokio::test]
async fn whoever_registers_the_same_serial_shares_the_token() {
    let app = Company::new();
    let (browser, answer) = app.register(SHIRO, SHARED, &app.otp(SHARED)).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTP001");
    let sharers = "SELECT COUNT(*) FROM users JOIN tokens ON tokens.id = users.token_id \
                   WHERE serial = '12345678'";
    assert_eq!(app.number(sharers), 3);
    // 四郎 personally; 花子, 二郎 and the administrators hear of it, without a stop code.
    let told = app.told("token_started");
    assert_eq!(told.len(), 4, "{told:?}");
    let with_code = "SELECT to_address AS value FROM mails WHERE kind = 'token_started' \
                     AND body LIKE '%停止コード%'";
    assert_eq!(app.texts(with_code), [address(SHIRO)]);
    let about = "SELECT COUNT(*) FROM mails WHERE kind = 'token_started' \
                 AND body LIKE '%対象の利用者: データ四郎%'";
    assert_eq!(app.number(about), 3);
    // A code that one of them used is spent for all.
    let (_, again) = app.register(RIKKA, SHARED, &app.otp(SHARED)).await;
    again.expect_status(422);
}

#[tokio::test]
async fn foreign_unknown_and_wrong_read_alike_and_five_end_the_login() {
    let app = Company::new();
    app.release_behind("56789012");
    let browser = app.browser();
    let mut page = app.enter(&browser, SHIRO).await.expect_screen("BLG020");
    let wrong = codes::wrong_codes(IN_HAND, codes::step_at(app.now(), PERIOD), 2);
    let foreign = app.otp("56789012");
    let tries = [
        ("56789012", foreign.as_str()),
        ("99999999", "123456"),
        (IN_HAND, wrong[0].as_str()),
        (IN_HAND, wrong[1].as_str()),
    ];
    let mut said = Vec::new();
    for (serial, code) in tries {
        page = browser.submit(&page, &[("serial", serial), ("otp", code)]).await;
        page = page.expect_status(422).expect_screen("BLG020");
        said.push(page.summary());
    }
    assert!(said.iter().all(|words| *words == said[0]), "{said:?}");
    let answer = browser.submit(&page, &[("serial", "88888888"), ("otp", "123456")]).await;
    let login = browser.follow(answer).await.expect_screen("BLG001");
    assert!(login.text().contains("入力の誤りが続いた"), "{}", login.text());
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE ended_at IS NULL"), 0);
    assert_eq!(app.user(SHIRO, "token_status"), "unregistered");
    assert_eq!(app.user(NANAO, "token_status"), "in_use");
}

#[tokio::test]
async fn registration_is_asked_from_the_contracts_first_day_on() {
    let app = Company::new();
    // Not applied: nothing is asked.
    app.logged_in(YACHIYO).await;
    app.execute("UPDATE contracts SET otp_starts_on = '2026-11-25' WHERE number = '4000000001'");
    app.logged_in(SHIRO).await;
    let midnight =
        madoguchi::primitives::clock::parse_rfc3339("2026-11-25T00:00:00+09:00").unwrap();
    app.set_clock(midnight - TimeDelta::microseconds(1));
    app.logged_in(SHIRO).await;
    app.set_clock(midnight);
    app.enter(&app.browser(), SHIRO).await.expect_screen("BLG020");
}

#[tokio::test]
async fn an_expired_token_makes_way_for_the_next() {
    let app = Company::new();
    let browser = app.browser();
    let page = app.enter(&browser, TARO).await.expect_screen("BLG014");
    assert!(page.body.contains("/inaho/login/register"), "{}", page.text());
    let page = browser.get("/inaho/login/register").await.expect_screen("BLG020");
    let old = app.otp("78100642");
    let refused = browser.submit(&page, &[("serial", "78100642"), ("otp", &old)]).await;
    let page = refused.expect_status(422);
    let code = app.otp(IN_HAND);
    let answer = browser.submit(&page, &[("serial", IN_HAND), ("otp", &code)]).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTP001");
    assert_eq!(app.token("78100642", "state"), "retired");
}

#[tokio::test]
async fn suspended_and_revoked_users_are_told_why() {
    let app = Company::new();
    let page = app.enter(&app.browser(), ICHIRO).await.expect_screen("BLG011");
    assert!(page.text().contains("マスターユーザ"), "{}", page.text());
    app.enter(&app.browser(), GORO).await.expect_screen("BLG013");
    app.advance(20 * 60 - 1);
    app.enter(&app.browser(), GORO).await.expect_screen("BLG013");
    app.advance(1);
    app.enter(&app.browser(), GORO).await.expect_screen("BLG020");
    // What was shipped by name is registered like any other.
    let (browser, answer) = app.register(RIKKA, "78100644", &app.otp("78100644")).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTP001");
}

#[tokio::test]
async fn one_code_registers_one_user_however_many_send_it_at_once() {
    let app = Company::new();
    app.advance(20 * 60);
    let mut forms = Vec::new();
    for who in [SHIRO, RIKKA, GORO] {
        let browser = app.browser();
        let page = app.enter(&browser, who).await.expect_screen("BLG020");
        forms.push((browser, page));
    }
    let code = app.otp(IN_HAND);
    let fields = [("serial", IN_HAND), ("otp", code.as_str())];
    let sent = forms.iter().map(|(browser, page)| browser.submit(page, &fields));
    let answers = futures_util::future::join_all(sent).await;
    let done = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(done, 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    let holders = "SELECT COUNT(*) FROM users JOIN tokens ON tokens.id = users.token_id \
                   WHERE serial = '45678901'";
    assert_eq!(app.number(holders), 1);
}

#[tokio::test]
async fn a_double_click_registers_once_and_ends_on_the_top_page() {
    let app = Company::new();
    let browser = app.browser();
    let page = app.enter(&browser, SHIRO).await.expect_screen("BLG020");
    let code = app.otp(IN_HAND);
    let fields = [("serial", IN_HAND), ("otp", code.as_str())];
    let (one, two) =
        futures_util::join!(browser.submit(&page, &fields), browser.submit(&page, &fields));
    for answer in [one, two] {
        let shown = browser.follow(answer).await;
        assert_eq!(shown.screen(), "BTP001", "{}", shown.text());
    }
    assert_eq!(app.audited("token.start", "terms 1.1"), 1);
}

#[tokio::test]
async fn whoever_leaves_the_registration_is_logged_out() {
    let app = Company::new();
    let browser = app.browser();
    let page = app.enter(&browser, SHIRO).await.expect_screen("BLG020");
    let cancel = page.form_to("/login/register/cancel");
    let answer = browser.post(&cancel.action, &cancel.hidden).await;
    browser.follow(answer).await.expect_screen("BLG001");
    browser.follow(browser.get("/inaho/login/register").await).await.expect_screen("BLG001");
    // The time for it is over after ten minutes.
    let browser = app.browser();
    app.enter(&browser, SHIRO).await.expect_screen("BLG020");
    app.advance(10 * 60);
    let login = browser.follow(browser.get("/inaho/login/register").await).await;
    assert_eq!(login.screen(), "BLG001");
}

const NEW: [(&str, &str); 4] = [
    ("new_password", "Kaikei-2026-abcd"),
    ("new_password_again", "Kaikei-2026-abcd"),
    ("new_confirm", "kakunin9999"),
    ("new_confirm_again", "kakunin9999"),
];

#[tokio::test]
async fn a_reset_password_leads_by_the_registration_too() {
    let app = Company::new();
    app.execute("UPDATE users SET setup_state = 'initial' WHERE login_id = 'shirodt'");
    let browser = app.browser();
    let page = app.enter(&browser, SHIRO).await.expect_screen("BLG095");
    let before = browser.cookies();
    let answer = browser.submit(&page, &NEW).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BLG020");
    assert_ne!(browser.cookies(), before, "a login that may do more has a new key");
    browser.follow(browser.get("/inaho/").await).await.expect_screen("BLG020");
}

#[tokio::test]
async fn an_initial_password_that_was_replaced_sets_nothing() {
    let app = Company::new();
    app.execute("UPDATE users SET setup_state = 'initial' WHERE login_id = 'shirodt'");
    let browser = app.browser();
    let page = app.enter(&browser, SHIRO).await.expect_screen("BLG095");
    let id = UserId(app.id_of(SHIRO).parse().unwrap());
    let (initial, now) = (app.user(SHIRO, "login_secret_hash"), app.now());
    let set = app.services.db.write_blocking(move |conn| {
        let hashes = ("new login", "new confirm");
        Ok::<_, DbError>([
            users::set_first_secrets(conn, id, "an earlier one", hashes, now)?,
            users::set_first_secrets(conn, id, &initial, hashes, now)?,
            users::set_first_secrets(conn, id, "new login", hashes, now)?,
        ])
    });
    assert_eq!(set.unwrap(), [false, true, false]);
    // Nor does a login that was ended meanwhile, as by another reset.
    app.execute("UPDATE users SET setup_state = 'initial' WHERE login_id = 'shirodt'");
    app.execute("UPDATE logins SET ended_at = created_at, end_reason = 'staff'");
    browser.follow(browser.submit(&page, &NEW).await).await.expect_screen("BLG091");
    assert_eq!(app.user(SHIRO, "setup_state"), "initial");
}
