//! The feature-phone channel of the portal `kodama`: BMB001 to BMB004, with the people of the demo,
//! also in a real text browser.

use std::process::Command;

use encoding_rs::SHIFT_JIS;
use reqwest::header::{ACCEPT_CHARSET, CONTENT_TYPE, COOKIE};

use crate::app::{TestApp, profile_text};
use crate::browser::{Browser, Page};
use crate::people::Person;

/// No token.
const ICHIRO: Person =
    Person { login_id: "2000000001", password: "Ichiro#2026", confirm: "kakunin11" };
/// `VSST10000002` in use.
const FUTABA: Person =
    Person { login_id: "2000000002", password: "Futaba#2026", confirm: "kakunin12" };
const FUTABAS: &str = "VSST10000002";
const PAGE_BYTES_MAX: usize = 5 * 1024;

async fn try_login(browser: &Browser, login_id: &str, password: &str) -> Page {
    let page = browser.get("/kodama/mobile").await.expect_screen("BMB001");
    let answer = browser.submit(&page, &[("login_id", login_id), ("password", password)]).await;
    browser.follow(answer).await
}

async fn logged_in(app: &TestApp, who: Person) -> Browser {
    let browser = app.browser();
    try_login(&browser, who.login_id, who.password).await.expect_screen("BMB002");
    browser
}

fn cookie_line(browser: &Browser) -> String {
    let cookies = browser.cookies();
    let pairs: Vec<String> =
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}

/// Content type and bytes of a page, as a telephone with this `Accept-Charset` gets them.
async fn bytes_of(app: &TestApp, browser: &Browser, path: &str, set: &str) -> (String, Vec<u8>) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("{}{path}", app.url)).header(ACCEPT_CHARSET, set);
    let answer = request.header(COOKIE, cookie_line(browser)).send().await.unwrap();
    let content_type = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
    (content_type, answer.bytes().await.unwrap().to_vec())
}

/// What a customer of this text browser reads.
fn w3m(app: &TestApp, browser: &Browser, path: &str) -> String {
    let shown = Command::new("w3m")
        .args(["-dump", "-cols", "40", "-O", "UTF-8", "-o", "use_proxy=0"])
        .args(["-header", &format!("Cookie: {}", cookie_line(browser))])
        .arg(format!("{}{path}", app.url))
        .env("LANG", "C.UTF-8")
        .output()
        .expect("w3m is installed");
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    String::from_utf8(shown.stdout).unwrap()
}

#[tokio::test]
async fn id_and_password_show_balances_and_movements_and_nothing_else() {
    let app = TestApp::demo("kodama");
    let browser = logged_in(&app, FUTABA).await;
    assert_eq!(app.texts("SELECT channel AS value FROM logins"), ["mobile"]);
    assert_eq!(app.audited("login.mobile", "complete"), 1);
    assert_eq!(app.user(FUTABA, "last_login_channel"), "mobile");
    let page = browser.get("/kodama/mobile/balance").await.expect_screen("BMB002");
    for told in ["2020024", "4020003", "円"] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    let page = browser.get("/kodama/mobile/movements/1").await.expect_screen("BMB003");
    assert_eq!(page.body.matches("<li>").count(), 10);
    browser.get("/kodama/mobile/movements/2").await.expect_screen("BMB003");
    for place in ["0", "3", "9", "-1", "x", "99999999999999999999"] {
        let path = format!("/kodama/mobile/movements/{place}");
        browser.get(&path).await.expect_status(404).expect_screen("BER404");
    }
    let end = page.form_to("/mobile/end");
    let answer = browser.post(&end.action, &end.hidden).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BMB004");
    let late = browser.get("/kodama/mobile/balance").await;
    browser.follow(late).await.expect_screen("BMB001");
    // On the other channel the code is asked, and the last login's channel is told.
    app.logged_in_with_code(FUTABA, FUTABAS).await;
    let top = app.logged_in(ICHIRO).await.get("/kodama/").await.text();
    assert!(!top.contains("モバイルバンキング"));
}

#[tokio::test]
async fn a_login_opens_no_page_of_the_other_channel() {
    let app = TestApp::demo("kodama");
    let phone = logged_in(&app, ICHIRO).await;
    for path in ["/kodama/", "/kodama/login/otp", "/kodama/login/setup"] {
        let answer = phone.get(path).await.expect_status(303);
        phone.follow(answer).await.expect_screen("BLG001");
    }
    let stop = phone.get("/kodama/token/stop/AAAAAAAAAAAAAAAAAAAAAA").await;
    assert_ne!(phone.follow(stop).await.screen(), "BOR012");
    phone.get("/kodama/mobile/balance").await.expect_screen("BMB002");

    let web = app.logged_in(ICHIRO).await;
    for path in ["/kodama/mobile/balance", "/kodama/mobile/movements/1"] {
        let answer = web.get(path).await.expect_status(303);
        web.follow(answer).await.expect_screen("BMB001");
    }
    // Nor does either channel's end end the other.
    let end = phone.get("/kodama/mobile/balance").await.form_to("/mobile/end");
    web.post("/kodama/mobile/end", &end.hidden).await.expect_status(303);
    web.get("/kodama/").await.expect_screen("BTP001");
    phone.get("/kodama/mobile/balance").await.expect_screen("BMB002");
}

#[tokio::test]
async fn wrong_passwords_are_counted_over_both_channels() {
    let app = TestApp::demo("kodama");
    let mut pages = Vec::new();
    for login_id in [ICHIRO.login_id, "2999999999"] {
        let refused = try_login(&app.browser(), login_id, "Wrong#20261").await;
        let page = refused.expect_status(422).expect_screen("BMB001");
        pages.push(page.text().replace(login_id, ""));
    }
    assert_eq!(pages[0], pages[1]);
    for number in 2..=4 {
        let who = Person { password: ["a", "b", "c"][number - 2], ..ICHIRO };
        app.enter(&app.browser(), who).await.expect_screen("BLG001");
    }
    let last = try_login(&app.browser(), ICHIRO.login_id, "Wrong#20265").await;
    assert!(last.expect_status(422).text().contains("ログインを停止しています"));
    let right = try_login(&app.browser(), ICHIRO.login_id, ICHIRO.password).await;
    assert!(right.expect_status(422).text().contains("ログインを停止しています"));
    app.enter(&app.browser(), ICHIRO).await.expect_screen("BLG012");
    assert_eq!(app.mails("login_locked"), 1);
}

#[tokio::test]
async fn whoever_may_not_log_in_elsewhere_may_not_here() {
    let app = TestApp::demo("kodama");
    let open = logged_in(&app, FUTABA).await;
    app.execute(
        "UPDATE tokens SET suspended_at = '2026-11-24 03:00:00' WHERE serial = 'VSST10000002'",
    );
    let told = try_login(&app.browser(), FUTABA.login_id, FUTABA.password).await;
    assert!(told.expect_status(422).text().contains("認証を停止しています"));
    // A first login sets passwords, which this channel does not.
    app.execute("UPDATE users SET setup_state = 'initial' WHERE login_id = '2000000001'");
    let told = try_login(&app.browser(), ICHIRO.login_id, ICHIRO.password).await;
    assert!(told.expect_status(422).text().contains("パソコンかスマートフォン"));
    assert_eq!(app.audited("login.mobile", "token suspended"), 1);
    assert_eq!(app.audited("login.mobile", "not on this channel"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM logins"), 1);
    app.advance(12 * 60);
    let late = open.get("/kodama/mobile/balance").await.expect_status(303);
    let page = open.follow(late).await.expect_screen("BMB001");
    assert!(page.text().contains("有効な時間が過ぎました"), "{}", page.text());
}

#[tokio::test]
async fn a_suspension_ends_the_logins_of_this_channel_too() {
    let app = TestApp::demo_with("kodama", "[tokens.throttle]\nwait_after = 0\n");
    let phone = logged_in(&app, FUTABA).await;
    let web = app.browser();
    let page = app.enter(&web, FUTABA).await.expect_screen("BLG010");
    for code in app.wrong_codes(FUTABAS, 5) {
        web.submit(&page, &[("otp", &code)]).await;
    }
    assert!(app.is_suspended(FUTABAS));
    let answer = phone.get("/kodama/mobile/balance").await.expect_status(303);
    phone.follow(answer).await.expect_screen("BMB001");
}

#[tokio::test]
async fn a_rule_that_asks_for_a_code_keeps_customers_with_a_token_out() {
    let kodama = profile_text("kodama").replace(
        concat!(
            r#"operation = "mobile_login", method = "none", "#,
            r#"reason = "feature phones show balances and movements only""#,
        ),
        r#"operation = "mobile_login", method = "otp", when = "in_use""#,
    );
    let app = TestApp::demo_of("kodama", &kodama);
    logged_in(&app, ICHIRO).await;
    let told = try_login(&app.browser(), FUTABA.login_id, FUTABA.password).await;
    assert!(told.expect_status(422).text().contains("パソコンかスマートフォン"));
}

#[tokio::test]
async fn pages_come_in_the_set_that_was_asked_for() {
    let app = TestApp::demo("kodama");
    let browser = logged_in(&app, ICHIRO).await;
    for path in ["/kodama/mobile/balance", "/kodama/mobile/movements/1", "/kodama/mobile/end"] {
        let (utf_8_type, utf_8) = bytes_of(&app, &browser, path, "utf-8, shift_jis;q=0.5").await;
        assert_eq!(utf_8_type, "text/html; charset=UTF-8");
        let utf_8 = String::from_utf8(utf_8).unwrap();
        let (sjis_type, sjis) = bytes_of(&app, &browser, path, "Shift_JIS, utf-8;q=0.7").await;
        assert_eq!(sjis_type, "text/html; charset=Shift_JIS");
        let (decoded, _, had_errors) = SHIFT_JIS.decode(&sjis);
        assert!(!had_errors, "{path}");
        let utf_8 = utf_8.replace("charset=\"UTF-8\"", "charset=\"Shift_JIS\"");
        let utf_8 = utf_8.replace('〜', "～");
        assert_eq!(decoded, utf_8, "{path}");
    }
    // Errors too.
    let (kind, page) = bytes_of(&app, &browser, "/kodama/mobile/nothing", "Shift_JIS").await;
    assert_eq!(kind, "text/html; charset=Shift_JIS");
    assert!(SHIFT_JIS.decode(&page).0.contains("画面ID: BER404"));
    assert!(page.len() < PAGE_BYTES_MAX);
}

#[tokio::test]
async fn a_form_may_come_in_shift_jis() {
    let app = TestApp::demo("kodama");
    let browser = app.browser();
    let form = browser.get("/kodama/mobile").await.expect_screen("BMB001").form();
    let token = form.hidden("csrf_token").unwrap();
    // 2000000001 in full-width digits.
    let login_id = "%82Q".to_owned() + &"%82O".repeat(8) + "%82P";
    let body = format!("login_id={login_id}&password=Ichiro%232026&csrf_token={token}");
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let send = |set: &'static str| {
        let request = client.post(format!("{}/kodama/mobile", app.url)).header(ACCEPT_CHARSET, set);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.header(COOKIE, cookie_line(&browser)).body(body.clone()).send()
    };
    assert_eq!(send("utf-8").await.unwrap().status().as_u16(), 400);
    assert_eq!(send("Shift_JIS").await.unwrap().status().as_u16(), 303);
}

#[tokio::test]
async fn every_page_stays_small_and_plain() {
    let app = TestApp::demo("kodama");
    // As long as the tables allow, and more accounts than a page shows.
    for number in 0..9 {
        app.execute(&format!(
            "INSERT INTO accounts (portal, contract_id, purpose, branch_code, branch_name, \
             account_type, number, holder_kana, floor, balance, opened_at) \
             SELECT portal, contract_id, purpose, branch_code, '{}', account_type, \
             '777000{number}', holder_kana, floor, 999999999999, opened_at \
             FROM accounts WHERE portal = 'kodama' AND number = '2010011'",
            "店".repeat(20)
        ));
    }
    for number in 0..10 {
        app.execute(&format!(
            "INSERT INTO ledger_entries (portal, kind, business_date, posted_at, idempotency_key, \
             description) VALUES ('kodama', 'test', '2026-11-24', '2026-11-24 02:00:00', \
             'long {number}', '{}')",
            "<".repeat(200)
        ));
        app.execute(&format!(
            "INSERT INTO postings \
             (entry_id, account_id, amount, booked_on, line_no, balance_after) \
             SELECT e.id, a.id, -999999999999, e.business_date, {}, 0 \
             FROM ledger_entries e, accounts a \
             WHERE e.idempotency_key = 'long {number}' AND a.number = '2010011'",
            10_000 + number
        ));
    }
    let browser = logged_in(&app, ICHIRO).await;
    let mut pages = vec![browser.get("/kodama/mobile/balance").await.expect_screen("BMB002")];
    assert!(pages[0].text().contains("ほかの口座は"));
    for place in 1..=8 {
        let path = format!("/kodama/mobile/movements/{place}");
        pages.push(browser.get(&path).await.expect_screen("BMB003"));
    }
    pages.push(browser.get("/kodama/mobile/end").await.expect_screen("BMB004"));
    pages.push(app.browser().get("/kodama/mobile").await.expect_screen("BMB001"));
    pages.push(try_login(&app.browser(), ICHIRO.login_id, "x").await.expect_screen("BMB001"));
    pages.push(browser.get("/kodama/mobile/x").await.expect_screen("BER404"));
    for page in pages {
        assert!(page.body.len() < PAGE_BYTES_MAX, "{}: {}", page.path, page.body.len());
        for part in ["<script", "<link", "<img", "style="] {
            assert!(!page.body.contains(part), "{part} in {}", page.path);
        }
        assert!(page.body.contains("accesskey=\""), "{}", page.path);
        assert!(page.body.contains(&format!("画面ID: {}", page.screen())));
    }
}

#[tokio::test]
async fn a_text_browser_shows_the_pages() {
    let app = TestApp::demo("kodama");
    let login = w3m(&app, &app.browser(), "/kodama/mobile");
    for told in ["こだま信用金庫", "契約者ID", "ログインパスワード", "[1] ログイン", "BMB001"]
    {
        assert!(login.contains(told), "{told}: {login}");
    }
    let browser = logged_in(&app, ICHIRO).await;
    let balance = w3m(&app, &browser, "/kodama/mobile/balance");
    for told in ["2010011", "円", "[1] 入出金明細", "[0] 終了", "BMB002"] {
        assert!(balance.contains(told), "{told}: {balance}");
    }
    let movements = w3m(&app, &browser, "/kodama/mobile/movements/2");
    for told in ["2010011", "残高", "新しいものから10件まで", "[1] 残高照会に戻る", "BMB003"]
    {
        assert!(movements.contains(told), "{told}: {movements}");
    }
    // Which movements are the last ten depends on the day of the month.
    assert!(movements.contains("入金 ") || movements.contains("出金 "), "{movements}");
}

#[tokio::test]
async fn a_portal_without_the_channel_has_none_of_its_pages() {
    let app = TestApp::new();
    for path in ["/mobile", "/mobile/balance", "/mobile/end"] {
        let page = app.browser().get(&format!("/shirakaba{path}")).await;
        page.expect_status(404).expect_screen("BER404");
    }
}
