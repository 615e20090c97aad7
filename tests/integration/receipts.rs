//! What the customer is told: the result page shows the same receipt again, and the mail tells
//! enough and not too much.

use crate::app::TestApp;
use crate::browser::Page;
use crate::people::{FK2, FK3, FK9, HANAKO, JIRO, TARO};

fn receipt(page: &Page) -> (String, String) {
    let (number, time) = (page.fact("受付番号").unwrap(), page.fact("受付時刻").unwrap());
    assert!(number.len() == 7 && number.chars().all(|c| c.is_ascii_digit()), "{number}");
    (number, time)
}

/// No one-time password is in a mail, and nothing to click but the emergency stop.
fn assert_discreet(app: &TestApp, mail: &str, codes: &[&str]) {
    app.assert_only_stop_link(mail);
    for code in codes {
        assert!(!mail.contains(code), "{mail}");
    }
    assert!(mail.contains("0120-000-104"), "{mail}");
}

#[tokio::test]
async fn a_start_has_one_receipt_on_page_and_mail() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FK9);
    let values =
        [("serial", FK9), ("otp", &code), ("login_choice", "required"), ("confirm", JIRO.confirm)];
    let answer = browser.submit(&page, &values).await;
    let result = browser.follow(answer).await.expect_screen("BOM103");
    let (number, time) = receipt(&result);
    assert_eq!(time, "2026年11月24日 12時00分10秒");
    app.advance(120);
    let again = browser.get(&result.path).await.expect_screen("BOM103");
    assert_eq!(receipt(&again), (number.clone(), time.clone()));
    let mail = app.last_mail("token_started");
    for part in [&number, &time, "6FK9"] {
        assert!(mail.contains(part), "{part} is missing: {mail}");
    }
    assert!(!mail.contains(FK9), "only the end of the serial: {mail}");
    assert_discreet(&app, &mail, &[&code]);
    assert_eq!(app.texts("SELECT to_address AS value FROM mails"), ["1000000003@example.jp"]);
}

#[tokio::test]
async fn an_exchange_names_both_tokens_and_a_stop_the_one() {
    let app = TestApp::new();
    let browser = app.browser();
    let old_code = app.code(FK2);
    let page = app.exchange_to_new(&browser, &old_code).await;
    let code = app.code(FK3);
    let answer = browser.submit(&page, &[("serial", FK3), ("otp", &code)]).await;
    let result = browser.follow(answer).await.expect_screen("BOM114");
    let (number, _) = receipt(&result);
    assert_eq!(receipt(&browser.get(&result.path).await).0, number);
    let mail = app.last_mail("token_exchanged");
    assert!(mail.contains("6FK3") && mail.contains("6FK2") && mail.contains(&number), "{mail}");
    assert_discreet(&app, &mail, &[&code, &old_code]);

    app.advance(30);
    let browser = app.browser();
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    let code = app.code(FK3);
    let answer = browser.submit(&page, &[("otp", &code), ("confirm", TARO.confirm)]).await;
    let result = browser.follow(answer).await.expect_screen("BOM123");
    let (second, _) = receipt(&result);
    assert_ne!(second, number);
    let mail = app.last_mail("token_stopped");
    assert!(mail.contains("6FK3") && mail.contains(&second) && mail.contains("利用中止"), "{mail}");
    assert_discreet(&app, &mail, &[&code]);
}

#[tokio::test]
async fn a_result_is_shown_to_nobody_else() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FK9);
    let values =
        [("serial", FK9), ("otp", &code), ("login_choice", "required"), ("confirm", JIRO.confirm)];
    let answer = browser.submit(&page, &values).await;
    let path = answer.location.clone().unwrap();
    // Nobody, somebody logged in, and the two who come closest: another customer, and the same one
    // once more, in flows of their own.
    let (other, again) = (app.browser(), app.browser());
    app.begin(&other, "start", HANAKO).await.expect_screen("BOM102");
    app.begin(&again, "stop", JIRO).await.expect_screen("BOM122");
    for stranger in [app.browser(), app.logged_in_with_code(TARO, FK2).await, other, again] {
        let shown = stranger.follow(stranger.get(&path).await).await;
        assert_ne!(shown.screen(), "BOM103");
        assert!(!shown.text().contains(FK9));
    }
}

#[tokio::test]
async fn secrets_and_codes_stand_in_no_table() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let (wrong, right) = (app.wrong_codes(FK9, 1).remove(0), app.code(FK9));
    for code in [&wrong, &right] {
        let values = [
            ("serial", FK9),
            ("otp", code),
            ("login_choice", "required"),
            ("confirm", JIRO.confirm),
        ];
        browser.submit(&page, &values).await;
    }
    assert_eq!(app.token(FK9, "state"), "in_use");
    let mut rows = crate::dump::dump(&app);
    let lines =
        app.texts("SELECT operation || ' ' || object || ' ' || details AS value FROM audit_lines");
    rows.insert("audit_lines".to_owned(), lines);
    for (table, rows) in rows {
        for row in rows {
            for text in [wrong.as_str(), &right, JIRO.password, JIRO.confirm] {
                // Digits may stand in ids, times and hashes by chance; as a field of their own not.
                let is_there = row.split([',', '\'', ' ', '"', ':']).any(|part| part == text);
                assert!(!is_there, "{text} in {table}: {row}");
            }
        }
    }
}
