//! BLG095: the first login with the initial password of the welcome letter.

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::{Person, YAKUMO};

const NEW: Person =
    Person { login_id: YAKUMO.login_id, password: "Kumo-no-Mine-2026", confirm: "kumo-mine-88" };
const ADDRESS: &str = "yakumo@example.jp";

async fn at_mail_address(app: &TestApp) -> (Browser, Page) {
    let browser = app.browser();
    let page = app.enter(&browser, YAKUMO).await.expect_screen("BLG095");
    let values = [
        ("new_password", NEW.password),
        ("new_password_again", NEW.password),
        ("new_confirm", NEW.confirm),
        ("new_confirm_again", NEW.confirm),
    ];
    let answer = browser.submit(&page, &values).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BLG095");
    assert_eq!(page.path, "/shirakaba/login/setup/mail");
    (browser, page)
}

async fn send_to(browser: &Browser, page: &Page, address: &str) -> Page {
    let values = [("mail_address", address), ("mail_address_again", address)];
    let answer = browser.submit(page, &values).await;
    browser.follow(answer).await
}

async fn at_code(app: &TestApp) -> (Browser, Page) {
    let (browser, page) = at_mail_address(app).await;
    let page = send_to(&browser, &page, ADDRESS).await.expect_screen("BLG095");
    assert_eq!(page.path, "/shirakaba/login/setup/code");
    (browser, page)
}

fn mailed_code(app: &TestApp) -> String {
    let mail = app.last_mail("mail_code");
    let (_, after) = mail.split_once("確認コード: ").unwrap();
    after.chars().take_while(char::is_ascii_digit).collect()
}

fn wrong_codes(right: &str) -> Vec<String> {
    (100_001..100_020).map(|n| n.to_string()).filter(|code| code != right).collect()
}

async fn type_code(browser: &Browser, page: &Page, code: &str) -> Page {
    let answer = browser.submit(page, &[("mail_code", code)]).await;
    browser.follow(answer).await
}

async fn resend(browser: &Browser, page: &Page) -> Page {
    let form = page.form_to("/resend");
    let answer = browser.post(&form.action, &form.hidden).await;
    browser.follow(answer).await
}

#[tokio::test]
async fn new_secrets_and_a_mail_address_make_the_login_complete() {
    let app = TestApp::new();
    let (browser, page) = at_code(&app).await;
    assert!(page.text().contains("12:00") || page.text().contains("12時00分"), "{}", page.text());
    let code = mailed_code(&app);
    assert_eq!(code.len(), 6);
    type_code(&browser, &page, &code).await.expect_screen("BTP001");
    assert_eq!(app.user(YAKUMO, "setup_state"), "done");
    assert_eq!(app.user(YAKUMO, "mail_address"), ADDRESS);
    let told = app.last_mail("mail_address_set");
    assert!(!told.contains(ADDRESS) && told.contains("y*****@example.jp"), "{told}");
    app.logged_in(NEW).await;
    let old = app.enter(&app.browser(), YAKUMO).await;
    assert_eq!((old.status, old.screen().as_str()), (422, "BLG001"));
}

#[tokio::test]
async fn the_initial_password_opens_nothing_else() {
    let app = TestApp::new();
    for flow in ["start", "exchange", "stop"] {
        let shown = app.begin(&app.browser(), flow, YAKUMO).await;
        assert!(!shown.body.contains("name=\"otp\"") && !shown.body.contains("name=\"old_otp\""));
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM flows"), 0);
}

#[tokio::test]
async fn new_secrets_keep_to_the_rules() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.enter(&browser, YAKUMO).await.expect_screen("BLG095");
    let right = [NEW.password, NEW.password, NEW.confirm, NEW.confirm];
    let too_long = "a1".repeat(40);
    let wrong: [(usize, &str); 8] = [
        (0, ""),
        (0, "Short-1"),
        (0, "only-letters-here"),
        (0, "全角は使えません2026"),
        (0, &too_long),
        (1, "Kumo-no-Mine-2027"),
        (2, "short"),
        (3, "kumo-mine-89"),
    ];
    for (place, text) in wrong {
        let mut values = right;
        values[place] = text;
        if text.len() > 1 && place % 2 == 0 {
            values[place + 1] = text;
        }
        let names = ["new_password", "new_password_again", "new_confirm", "new_confirm_again"];
        let filled: Vec<_> = names.into_iter().zip(values).collect();
        let answer = browser.submit(&page, &filled).await;
        answer.clone().expect_status(422).expect_screen("BLG095");
        assert!(!answer.summary().is_empty(), "{text}");
        assert!(!answer.body.contains(NEW.password), "secrets are not sent back");
    }
    assert_eq!(app.user(YAKUMO, "setup_state"), "initial");
}

#[tokio::test]
async fn a_code_has_five_tries() {
    let app = TestApp::new();
    let (browser, page) = at_code(&app).await;
    let code = mailed_code(&app);
    for wrong in &wrong_codes(&code)[..5] {
        type_code(&browser, &page, wrong).await.expect_screen("BLG095");
    }
    let answer = type_code(&browser, &page, &code).await.expect_screen("BLG095");
    assert_eq!(app.user(YAKUMO, "setup_state"), "mail_pending");
    // A new one works.
    let page = resend(&browser, &answer).await.expect_screen("BLG095");
    assert_ne!(mailed_code(&app), code);
    type_code(&browser, &page, &mailed_code(&app)).await.expect_screen("BTP001");
}

#[tokio::test]
async fn parallel_guesses_are_no_more_than_five() {
    let app = TestApp::new();
    let (browser, page) = at_code(&app).await;
    let wrong = wrong_codes(&mailed_code(&app));
    let tries = wrong.iter().map(|code| browser.submit(&page, &[("mail_code", code)]));
    futures_util::future::join_all(tries.collect::<Vec<_>>()).await;
    assert_eq!(app.audited("setup.mail", "wrong code"), 5);
    type_code(&browser, &page, &mailed_code(&app)).await.expect_screen("BLG095");
}

#[tokio::test]
async fn a_code_is_sent_three_times_at_most() {
    let app = TestApp::new();
    let (browser, page) = at_code(&app).await;
    let first = mailed_code(&app);
    let page = resend(&browser, &page).await.expect_screen("BLG095");
    let page = if page.has_form_to("/resend") { resend(&browser, &page).await } else { page };
    assert_eq!(app.mails("mail_code"), 3);
    // Whether the button is gone or not: a fourth is not sent, from the address page either.
    let later = browser.get("/shirakaba/login/setup/mail").await.expect_screen("BLG095");
    send_to(&browser, &later, ADDRESS).await;
    let form = page.form();
    browser.post("/shirakaba/login/setup/resend", &form.hidden).await;
    assert_eq!(app.mails("mail_code"), 3);
    assert_ne!(first, mailed_code(&app));
    let page = browser.get("/shirakaba/login/setup/code").await.expect_screen("BLG095");
    type_code(&browser, &page, &first).await.expect_screen("BLG095");
    type_code(&browser, &page, &mailed_code(&app)).await.expect_screen("BTP001");
}

#[tokio::test]
async fn going_back_and_forth_between_addresses_gains_no_sendings() {
    let app = TestApp::new();
    let (browser, page) = at_mail_address(&app).await;
    for number in 0..10 {
        let address = if number % 2 == 0 { ADDRESS } else { "yakumo2@example.jp" };
        send_to(&browser, &page, address).await.expect_screen("BLG095");
    }
    let sent =
        "SELECT COUNT(*) FROM mails WHERE kind = 'mail_code' AND to_address = 'yakumo@example.jp'";
    assert!(app.number(sent) <= 3, "{}", app.number(sent));
}

#[tokio::test]
async fn a_code_holds_ten_minutes() {
    for (seconds, is_good) in [(599, true), (600, false)] {
        let app = TestApp::new();
        let (browser, page) = at_code(&app).await;
        app.advance(seconds);
        let shown = type_code(&browser, &page, &mailed_code(&app)).await.screen();
        assert_eq!(shown == "BTP001", is_good, "{shown} after {seconds} s");
    }
}

#[tokio::test]
async fn an_address_can_wait() {
    let app = TestApp::new();
    let (browser, page) = at_code(&app).await;
    let later = page.form_to("/later");
    let answer = browser.post(&later.action, &later.hidden).await;
    browser.follow(answer).await.expect_screen("BTP001");
    assert_eq!(app.user(YAKUMO, "mail_address"), "null");
    // And is asked for again at the next login.
    app.enter(&app.browser(), NEW).await.expect_screen("BLG095");
}

#[tokio::test]
async fn addresses_that_cannot_be_are_refused() {
    let app = TestApp::new();
    let (browser, page) = at_mail_address(&app).await;
    let long = format!("{}@example.jp", "a".repeat(300));
    for wrong in [
        "",
        "yakumo",
        "yakumo@",
        "@example.jp",
        "a@b@c",
        "y\r\nBcc: x@example.jp",
        "や@例.jp ",
        &long,
    ] {
        let answer =
            browser.submit(&page, &[("mail_address", wrong), ("mail_address_again", wrong)]).await;
        assert!((400..500).contains(&answer.status), "{wrong:?} {}", answer.status);
    }
    let values = [("mail_address", ADDRESS), ("mail_address_again", "yakumo2@example.jp")];
    browser.submit(&page, &values).await.expect_status(422).expect_screen("BLG095");
    assert_eq!(app.mails("mail_code"), 0);
}

#[tokio::test]
async fn codes_keep_to_the_profile() {
    let policy = "\n[mail_code]\nvalid_minutes = 3\nfailures_max = 1\nsendings_max = 1\n";
    let app = TestApp::with_profile(policy);
    let (browser, page) = at_code(&app).await;
    assert!(!page.has_form_to("/resend"), "one sending is all");
    assert!(page.text().contains("12時03分10秒"), "{}", page.text());
    let later = browser.get("/shirakaba/login/setup/mail").await.expect_screen("BLG095");
    send_to(&browser, &later, ADDRESS).await;
    assert_eq!(app.mails("mail_code"), 1);
    let wrong = &wrong_codes(&mailed_code(&app))[0];
    type_code(&browser, &page, wrong).await.expect_screen("BLG095");
    type_code(&browser, &page, &mailed_code(&app)).await.expect_screen("BLG095");

    let app = TestApp::with_profile(policy);
    let (browser, page) = at_code(&app).await;
    app.advance(180);
    type_code(&browser, &page, &mailed_code(&app)).await.expect_screen("BLG095");
    let app = TestApp::with_profile(policy);
    let (browser, page) = at_code(&app).await;
    app.advance(179);
    type_code(&browser, &page, &mailed_code(&app)).await.expect_screen("BTP001");
}

/// Two sessions of the first setup: the address that one of them has verified is not replaced by
/// the other, which was left open. Only BCI002 changes it, with its proofs and notices.
#[tokio::test]
async fn a_session_left_over_from_the_first_setup_replaces_no_address() {
    let app = TestApp::new();
    let (left, page) = at_mail_address(&app).await;
    let other = app.browser();
    let at_mail = app.enter(&other, NEW).await.expect_screen("BLG095");
    let at_code = send_to(&other, &at_mail, ADDRESS).await;
    type_code(&other, &at_code, &mailed_code(&app)).await.expect_screen("BTP001");
    let thief = send_to(&left, &page, "dorobou@example.jp").await.expect_screen("BLG095");
    let answer = left.submit(&thief, &[("mail_code", &mailed_code(&app))]).await;
    answer.expect_status(422).expect_screen("BLG095");
    assert_eq!(app.user(YAKUMO, "mail_address"), ADDRESS);
    assert_eq!(app.mails("mail_address_set"), 1);
    assert_eq!(app.audited("setup.mail", "has one already"), 1);
}

#[tokio::test]
async fn the_address_can_be_left_for_later_before_any_code_is_sent() {
    let app = TestApp::new();
    let (browser, page) = at_mail_address(&app).await;
    let later = page.form_to("/later");
    let answer = browser.post(&later.action, &later.hidden).await;
    browser.follow(answer).await.expect_screen("BTP001");
    assert_eq!((app.user(YAKUMO, "mail_address"), app.mails("mail_code")), ("null".into(), 0));
}

#[tokio::test]
async fn a_second_sending_is_told() {
    let app = TestApp::new();
    let (browser, page) = at_code(&app).await;
    assert!(!page.text().contains("再送しました"));
    let page = resend(&browser, &page).await.expect_screen("BLG095");
    assert!(page.text().contains("確認コードを再送しました。"), "{}", page.text());
    assert!(app.last_mail("mail_code").contains("0120-000-114（24時間・年中無休）"));
}
