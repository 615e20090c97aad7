//! 登録番号 after staff revoked a private customer's token: who is asked, and what counts.

use madoguchi::operations::token::revoke::{RevokeReason, revoke};

use super::support::{CHECKER, CLERK, customer_path, logged_in, read_pdf, sends};
use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::{FK2, JIRO, TARO, spare};

const FIELD: &str = "name=\"registration_number\"";

async fn sent(app: &TestApp, browser: &Browser, page: &Page, number: &str) -> Page {
    let serial = spare(1);
    let code = app.code(&serial);
    let values = [
        ("serial", serial.as_str()),
        ("otp", code.as_str()),
        ("registration_number", number),
        ("login_choice", "not_required"),
        ("confirm", TARO.confirm),
    ];
    browser.submit(page, &values).await
}

/// Handed out by the clerk, and shown once.
async fn handed_out(app: &TestApp, clerk: &Browser) -> String {
    let path = customer_path(app, TARO.login_id, "/token/number");
    let receipt = sends(clerk, &path, &[("note", "12時に電話")]).await.expect_status(303);
    let page = clerk.follow(receipt).await;
    let form = page.form_to("/letter");
    let shown = clerk.post(&form.action, &form.filled(&[])).await.expect_screen("STF022");
    clerk.post(&form.action, &form.filled(&[])).await.expect_status(409);
    shown.fact("登録番号").unwrap()
}

#[tokio::test]
async fn after_a_revocation_the_next_token_needs_the_number() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    // Nobody needs one before: neither the form nor the act is there.
    let page = app.begin(&app.browser(), "start", JIRO).await.expect_screen("BOM102");
    assert!(!page.body.contains(FIELD));
    let path = customer_path(&app, TARO.login_id, "/token/number");
    let page = clerk.get(&path).await.expect_screen("STF022");
    assert!(page.text().contains("ほかの方には要りません"), "{}", page.text());
    let token_page = customer_path(&app, TARO.login_id, "/token");
    assert!(!clerk.get(&token_page).await.body.contains("/token/number"));

    revoke(&app.services, &app.ctx(), FK2, RevokeReason::Lost).unwrap();
    assert!(clerk.get(&token_page).await.body.contains("/token/number"));
    app.advance(1_800);
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    // Before id and password nothing tells; wrong ones read as ever.
    let start = app.browser().get("/shirakaba/token/start").await;
    assert!(!start.body.contains(FIELD));
    let browser = app.browser();
    let page = app.begin(&browser, "start", TARO).await.expect_screen("BOM102");
    assert!(page.body.contains(FIELD));
    // What is no number is not tried; none handed out reads like a wrong one.
    sent(&app, &browser, &page, "12").await.expect_status(422);
    assert_eq!(app.number("SELECT MAX(failures) FROM flows"), 0);
    let none = sent(&app, &browser, &page, "12345678").await.expect_status(422);
    let number = handed_out(&app, &clerk).await;
    let wrong = if number.starts_with('9') { "12345678" } else { "98765432" };
    let refused = sent(&app, &browser, &page, wrong).await.expect_status(422);
    assert_eq!(none.summary(), refused.summary());
    assert!(refused.summary().contains("登録番号を確認できませんでした"), "{}", refused.summary());
    assert!(!refused.body.contains(wrong), "never sent back");
    assert_eq!(app.number("SELECT MAX(failures) FROM flows"), 2);
    assert_eq!(app.number("SELECT failures FROM registration_numbers"), 1);
    assert_eq!(app.token(&spare(1), "failures"), "0", "the code was not looked at");

    // A new number takes the place of the one before.
    let newer = handed_out(&app, &clerk).await;
    assert_ne!(number, newer);
    sent(&app, &browser, &page, &number).await.expect_status(422);
    app.advance(30);
    let done = sent(&app, &browser, &page, &newer).await.expect_status(303);
    browser.follow(done).await.expect_screen("BOM103");
    assert_eq!(app.user(TARO, "revoked_at"), "null");
    assert_eq!(app.number("SELECT COUNT(*) FROM registration_numbers"), 0, "spent");
    let audited = "SELECT COUNT(*) FROM audit_lines \
                   WHERE operation = 'token.registration_number' AND result = 'refused'";
    assert_eq!(app.number(audited), 3);
    let everything = format!("{:?}", crate::dump::dump(&app));
    assert!(!everything.contains(&newer.replace(' ', "")));
}

#[tokio::test]
async fn a_number_ends_with_its_tries_its_time_and_the_next_revocation() {
    let app = TestApp::demo("shirakaba");
    revoke(&app.services, &app.ctx(), FK2, RevokeReason::Lost).unwrap();
    app.advance(1_800);
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let number = handed_out(&app, &clerk).await;
    // Five wrong ones at once: the attempt is over, and so is the number, also for a new attempt.
    let browser = app.browser();
    let page = app.begin(&browser, "start", TARO).await.expect_screen("BOM102");
    for _ in 0..5 {
        sent(&app, &browser, &page, "00000000").await;
    }
    assert_eq!(app.number("SELECT failures FROM registration_numbers"), 5);
    let browser = app.browser();
    let page = app.begin(&browser, "start", TARO).await.expect_screen("BOM102");
    app.advance(30);
    sent(&app, &browser, &page, &number).await.expect_status(422);
    // Ended: two weeks later.
    let number = handed_out(&app, &clerk).await;
    app.execute("UPDATE registration_numbers SET expires_at = made_at");
    sent(&app, &browser, &page, &number).await.expect_status(422);
    // Parallel guesses are never more than five.
    let number = handed_out(&app, &clerk).await;
    app.execute("UPDATE flows SET failures = 0 WHERE step = 'input'");
    let tries = (0..8).map(|n| {
        let (app, browser, page) = (&app, &browser, &page);
        async move {
            let fresh = browser.get(&page.path).await;
            if fresh.status != 200 {
                return;
            }
            sent(app, browser, &fresh, &format!("1000000{n}")).await;
        }
    });
    futures_util::future::join_all(tries).await;
    assert!(app.number("SELECT failures FROM registration_numbers") <= 5);
    drop(number);
    assert_eq!(app.user(TARO, "token_status"), "revoked");
}

#[tokio::test]
async fn the_number_can_be_posted_and_only_its_maker_prints_it() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    revoke(&app.services, &app.ctx(), FK2, RevokeReason::Lost).unwrap();
    let path = customer_path(&app, TARO.login_id, "/token/number");
    let form = clerk.get(&path).await.expect_screen("STF022").form();
    let fields = form.filled(&[("note", "郵送")]);
    let (a, b) = tokio::join!(clerk.post(&path, &fields), clerk.post(&path, &fields));
    assert_eq!((a.status, b.status, a.location.clone()), (303, 303, b.location.clone()));
    assert_eq!(app.number("SELECT COUNT(*) FROM staff_letters"), 1);
    let request = a.location.unwrap();
    let token = checker.get(&request).await.form_to("/staff/logout").filled(&[]);
    checker.post(&format!("{request}/letter.pdf"), &token).await.expect_status(403);
    let form = clerk.get(&request).await.form_to("/letter.pdf");
    let letter = clerk.post(&form.action, &form.filled(&[])).await.expect_status(200);
    let text = read_pdf("pdftotext", &letter);
    for part in ["登録番号のお知らせ", "白樺 太郎 様", "2026年12月8日"] {
        assert!(text.contains(part) || text.contains("2026年12月08日"), "{part}: {text}");
    }
}
