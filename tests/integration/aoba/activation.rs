//! 開通確認: the first log-on of an administrator (BAL010 to 012) and of a user (BAL020 to 022).

use super::site::{AOBA, Aoba, Member, TANTO_A};
use crate::browser::{Browser, Page};

/// Administrator before 開通確認; the number of the application is 4771.
const SHIOKAZE: Member = Member { contract: "9000000003", id: "", password: "4771", confirm: "" };
/// User before 開通確認.
const TANTO_G: Member =
    Member { contract: "9000000002", id: "tantog", password: "TantoG#2026", confirm: "kakunin49" };
const NEW: &str = "Umikaze-no-2026";
const NEW_CONFIRM: &str = "shiokaze-88";

async fn send_number(app: &Aoba, contract: &str, number: &str) -> (Browser, Page) {
    let browser = app.browser();
    let page = browser.get("/aoba/activation").await.expect_screen("BAL010");
    let values = [("login_id", contract), ("registration_number", number)];
    let answer = browser.submit(&page, &values).await;
    (browser, answer)
}

fn secrets<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let new = [
        ("new_password", NEW),
        ("new_password_again", NEW),
        ("new_confirm", NEW_CONFIRM),
        ("new_confirm_again", NEW_CONFIRM),
    ];
    [more, &new].concat()
}

/// Mail address and code; the page after them.
async fn mail(app: &Aoba, browser: &Browser, page: Page, screen: &str) -> Page {
    let page = browser.follow(page).await.expect_screen(screen);
    let address = "new@example.jp";
    let values = [("mail_address", address), ("mail_address_again", address)];
    let answer = browser.submit(&page, &values).await;
    let page = browser.follow(answer).await.expect_screen(screen);
    let mail = app.last_mail("mail_code");
    let (_, after) = mail.split_once("確認コード: ").unwrap();
    let code: String = after.chars().take_while(char::is_ascii_digit).collect();
    let answer = browser.submit(&page, &[("mail_code", &code)]).await;
    browser.follow(answer).await
}

#[tokio::test]
async fn an_administrator_begins_with_the_number_of_the_application() {
    let app = Aoba::new();
    let (browser, answer) = send_number(&app, SHIOKAZE.contract, SHIOKAZE.password).await;
    let page = browser.follow(answer).await.expect_screen("BAL011");
    assert!(page.text().contains("ご契約先確認暗証番号"), "{}", page.text());
    assert!(!page.text().contains("利用者"), "{}", page.text());
    assert!(!page.form().names.contains(&"confirm".to_owned()));
    let answer = browser.submit(&page, &secrets(&[])).await.expect_status(303);
    let result = mail(&app, &browser, answer, "BAL011").await.expect_screen("BAL012");
    assert!(result.fact("受付番号").is_some());
    assert_eq!(app.audited("user.activate", ""), 1);
    let new = Member { password: NEW, confirm: NEW_CONFIRM, ..SHIOKAZE };
    app.logged_in(new).await;
    // The number works once.
    let (_, answer) = send_number(&app, SHIOKAZE.contract, SHIOKAZE.password).await;
    answer.expect_status(422).expect_screen("BAL010");
}

#[tokio::test]
async fn the_number_is_counted_and_locked_as_a_secret_and_alike_for_contracts_nobody_has() {
    let app = Aoba::new();
    for number in 1..=6 {
        let wrong = format!("{:04}", 1000 + number);
        let mut shown = Vec::new();
        for contract in [SHIOKAZE.contract, AOBA.contract, "9999999999"] {
            let (browser, answer) = send_number(&app, contract, &wrong).await;
            let location = answer.location.clone();
            let text = browser.follow(answer).await.text().replace(contract, "ID");
            shown.push((location, text));
        }
        assert_eq!(shown[0], shown[1], "try {number}");
        assert_eq!(shown[0], shown[2], "try {number}");
        assert_eq!(shown[0].0.is_some(), number >= 5, "{:?} after {number}", shown[0].0);
    }
    let (browser, answer) = send_number(&app, SHIOKAZE.contract, SHIOKAZE.password).await;
    browser.follow(answer).await.expect_screen("BLG012");
    // And the form of the log-on has the same counter.
    app.enter(&app.browser(), AOBA).await.expect_screen("BLG012");
}

#[tokio::test]
async fn what_cannot_be_a_number_is_not_counted() {
    let app = Aoba::new();
    for number in ["", "477", "47711", "abcd", "Aoba#2026"] {
        let (_, answer) = send_number(&app, SHIOKAZE.contract, number).await;
        answer.expect_status(422).expect_screen("BAL010");
    }
    assert_eq!(app.user(SHIOKAZE, "login_failures"), "0");
    let users_id = TANTO_G.login_id();
    let (_, answer) = send_number(&app, &users_id, SHIOKAZE.password).await;
    answer.expect_status(422).expect_screen("BAL010");
    assert_eq!(app.user(TANTO_G, "login_failures"), "0");
}

#[tokio::test]
async fn a_user_proves_the_initial_confirming_secret_and_sets_own_ones() {
    let app = Aoba::new();
    let browser = app.browser();
    let page = app.enter(&browser, TANTO_G).await.expect_screen("BAL020");
    let text = page.text();
    assert!(text.contains("はじめの利用者確認暗証番号") && !text.contains("ご契約先"), "{text}");
    // Neither the first setup nor the administrator's address is a way around the proof.
    for around in ["/aoba/login/setup", "/aoba/activation/administrator"] {
        let fields = page.form().filled(&secrets(&[]));
        let answer = browser.post(around, &fields).await.expect_status(303);
        assert_eq!(answer.location.as_deref(), Some("/aoba/activation/user"));
    }
    let answer = browser.submit(&page, &secrets(&[])).await.expect_status(422);
    assert!(answer.summary().contains("利用者確認暗証番号を入力してください"));
    let answer = browser.submit(&page, &secrets(&[("confirm", "chigau99")])).await;
    let answer = answer.expect_status(422);
    assert!(answer.summary().contains("利用者確認暗証番号が違います"), "{}", answer.summary());
    assert_eq!(app.user(TANTO_G, "confirm_failures"), "1");
    assert_eq!(app.user(TANTO_G, "setup_state"), "initial");
    let right = secrets(&[("confirm", TANTO_G.confirm)]);
    let answer = browser.submit(&answer, &right).await.expect_status(303);
    let result = mail(&app, &browser, answer, "BAL021").await.expect_screen("BAL022");
    assert!(result.text().contains("管理者にお申し出ください"), "{}", result.text());
    assert_eq!(app.user(TANTO_G, "confirm_failures"), "0");
    app.logged_in(Member { password: NEW, ..TANTO_G }).await;
    let old = app.enter(&app.browser(), TANTO_G).await;
    assert_eq!((old.status, old.screen().as_str()), (422, "BLG001"));
}

#[tokio::test]
async fn five_wrong_initial_confirming_secrets_lock_it() {
    let app = Aoba::new();
    let browser = app.browser();
    let page = app.enter(&browser, TANTO_G).await.expect_screen("BAL020");
    for _ in 0..5 {
        let answer = browser.submit(&page, &secrets(&[("confirm", "chigau99")])).await;
        answer.expect_status(422);
    }
    let answer = browser.submit(&page, &secrets(&[("confirm", TANTO_G.confirm)])).await;
    assert!(answer.expect_status(422).summary().contains("停止しています"));
    assert_eq!(app.user(TANTO_G, "setup_state"), "initial");
}

#[tokio::test]
async fn of_two_browsers_one_sets_the_secrets() {
    let app = Aoba::new();
    let mut pages = Vec::new();
    for _ in 0..2 {
        let browser = app.browser();
        let page = app.enter(&browser, TANTO_G).await.expect_screen("BAL020");
        pages.push((browser, page));
    }
    let values = secrets(&[("confirm", TANTO_G.confirm)]);
    let sent = pages.iter().map(|(browser, page)| browser.submit(page, &values));
    futures_util::future::join_all(sent.collect::<Vec<_>>()).await;
    assert_eq!(app.audited("user.activate", ""), 1);
}

#[tokio::test]
async fn new_secrets_differ_from_the_initial_ones_and_from_the_ids() {
    let app = Aoba::new();
    let browser = app.browser();
    let page = app.enter(&browser, TANTO_G).await.expect_screen("BAL020");
    for (place, text) in [
        ("new_password", "TantoG#2026"),
        ("new_password", "short-1"),
        ("new_password", "tantog-no-2026-desu"),
        ("new_password", "9000000002-aaaaa"),
        ("new_confirm", TANTO_G.confirm),
    ] {
        let mut values = secrets(&[("confirm", TANTO_G.confirm)]);
        for (name, value) in &mut values {
            if name.starts_with(place) {
                *value = text;
            }
        }
        let answer = browser.submit(&page, &values).await.expect_status(422);
        assert!(!answer.summary().is_empty() && !answer.body.contains(text), "{text}");
    }
    assert_eq!(app.user(TANTO_G, "setup_state"), "initial");
}

#[tokio::test]
async fn the_result_is_for_whoever_came_through_and_other_portals_have_none() {
    let app = Aoba::new();
    let browser = app.logged_in(TANTO_A).await;
    let answer = browser.get("/aoba/activation/result").await.expect_status(303);
    assert_eq!(answer.location.as_deref(), Some("/aoba/"));
    app.browser().get("/inaho/activation").await.expect_status(404);
}
