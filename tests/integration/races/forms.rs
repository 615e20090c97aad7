//! Forms sent twice, and two tabs that want the same.

use futures_util::future::join_all;

use super::few_at_a_time;
use crate::app::TestApp;
use crate::browser::Page;
use crate::people::{FK2, FK3, FK9, HANAKO, JIRO, TARO, TokenSpec, spare};

fn start_values<'a>(serial: &'a str, code: &'a str) -> [(&'a str, &'a str); 4] {
    [("serial", serial), ("otp", code), ("login_choice", "required"), ("confirm", JIRO.confirm)]
}

/// One acted, the other was told that it came too late.
#[track_caller]
fn expect_one_winner(answers: [&Page; 2]) {
    let done = answers.iter().filter(|page| page.is_done()).count();
    let late = answers.iter().filter(|page| page.is_too_late()).count();
    assert_eq!((done, late), (1, 1), "{answers:?}");
}

#[tokio::test]
async fn a_form_sent_twice_at_once_acts_once_and_shows_one_result() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FK9);
    let values = start_values(FK9, &code);
    let answers = join_all((0..2).map(|_| browser.submit(&page, &values))).await;
    let result = format!("{}/result", page.path);
    for answer in &answers {
        assert_eq!((answer.status, answer.location.as_deref()), (303, Some(result.as_str())));
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'token.start'"), 1);
    assert_eq!(app.mails("token_started"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM otp_failures"), 0);
    let number = browser.get(&result).await.expect_screen("BOM103").fact("受付番号").unwrap();
    // Once more after it is done: the retry of a lost answer.
    let again = browser.submit(&page, &values).await;
    assert_eq!((again.status, again.location.as_deref()), (303, Some(result.as_str())));
    assert_eq!(browser.get(&result).await.fact("受付番号").unwrap(), number);
    assert_eq!(app.mails("token_started"), 1);
}

#[tokio::test]
async fn fifty_copies_of_the_exchange_form_exchange_once() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.exchange_to_new(&browser, &app.code(FK2)).await;
    let code = app.code(FK3);
    let values = [("serial", FK3), ("otp", code.as_str())];
    let answers = join_all((0..50).map(|_| browser.submit(&page, &values))).await;
    let done = answers.iter().filter(|page| page.is_done()).count();
    assert_eq!(done, 50, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
    assert_eq!(app.mails("token_exchanged"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'token.exchange'"), 1);
    assert_eq!(
        (app.token(FK2, "state"), app.token(FK3, "state")),
        ("retired".into(), "in_use".into())
    );
}

#[tokio::test]
async fn one_key_with_another_content_is_a_conflict() {
    let app = TestApp::new();
    let browser = app.browser();
    app.add_token(TokenSpec::app("MDG6C7K2P9QC", None));
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let (first, second) = (app.code(FK9), app.code("MDG6C7K2P9QC"));
    let answers = tokio::join!(
        browser.submit(&page, &start_values(FK9, &first)),
        browser.submit(&page, &start_values("MDG6C7K2P9QC", &second)),
    );
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(app.number("SELECT COUNT(*) FROM tokens WHERE state = 'in_use'"), 3);
    assert_eq!(app.mails("token_started"), 1);
}

#[tokio::test]
async fn one_key_with_another_content_is_a_conflict_after_the_act_too() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let (first, second) = (app.code(FK9), app.code_in(FK9, 1));
    browser.submit(&page, &start_values(FK9, &first)).await.expect_status(303);
    let answer = browser.submit(&page, &start_values(FK9, &second)).await;
    answer.expect_status(409).expect_screen("BER409");
}

#[tokio::test]
async fn a_stop_sent_again_shows_the_same_result() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    let code = app.code(FK2);
    let values = [("otp", code.as_str()), ("confirm", TARO.confirm)];
    let first = browser.submit(&page, &values).await.expect_status(303);
    let second = browser.submit(&page, &values).await.expect_status(303);
    assert_eq!(first.location, second.location);
    browser.follow(second).await.expect_screen("BOM123");
    assert_eq!(app.mails("token_stopped"), 1);
}

#[tokio::test]
async fn a_key_of_another_customer_is_a_conflict() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FK9);
    browser.submit(&page, &start_values(FK9, &code)).await.expect_status(303);
    let key = page.form().hidden("request_key").unwrap().to_owned();
    let other = app.browser();
    let stop = app.begin(&other, "stop", TARO).await.expect_screen("BOM122");
    let form = stop.form();
    let code = app.code(FK2);
    let mut fields = form.filled(&[("otp", code.as_str()), ("confirm", TARO.confirm)]);
    for (name, value) in &mut fields {
        if name == "request_key" {
            value.clone_from(&key);
        }
    }
    other.post(&form.action, &fields).await.expect_status(409).expect_screen("BER409");
    assert_eq!(app.token(FK2, "state"), "in_use");
}

#[tokio::test]
async fn of_two_tabs_that_exchange_at_once_one_wins() {
    for _ in 0..3 {
        let app = TestApp::new();
        let (one, other) = (app.browser(), app.browser());
        let first = app.exchange_to_new(&one, &app.code(FK2)).await;
        let second = app.exchange_to_new(&other, &app.code_in(FK2, 1)).await;
        let new = spare(1);
        let (code, other_code) = (app.code(FK3), app.code(&new));
        let first_values = [("serial", FK3), ("otp", code.as_str())];
        let second_values = [("serial", new.as_str()), ("otp", other_code.as_str())];
        let answers =
            tokio::join!(one.submit(&first, &first_values), other.submit(&second, &second_values));
        expect_one_winner([&answers.0, &answers.1]);
        let (winner, loser) = if answers.0.is_done() { (FK3, &*new) } else { (&*new, FK3) };
        let states = [FK2, winner, loser].map(|serial| app.token(serial, "state"));
        assert_eq!(states, ["retired", "in_use", "shipped"]);
        assert_eq!(app.mails("token_exchanged"), 1);
        assert_eq!(app.number("SELECT COUNT(*) FROM receipts"), 1);
        let held = format!("SELECT id FROM tokens WHERE serial = '{winner}'");
        assert_eq!(app.user(TARO, "token_id"), app.number(&held).to_string());
    }
}

#[tokio::test]
async fn one_step_is_passed_once_with_two_right_codes() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "exchange", TARO).await.expect_screen("BOM112");
    let codes = [app.code(FK2), app.code_in(FK2, 1)];
    let answers =
        join_all(codes.iter().map(|code| browser.submit(&page, &[("old_otp", code)]))).await;
    assert!(answers.iter().any(|answer| answer.status == 303));
    assert_eq!(app.audited("token.exchange", "old token proven"), 1);
    assert_eq!(app.texts("SELECT step AS value FROM flows"), ["new_token"]);
}

#[tokio::test]
async fn a_customer_starts_one_token_from_two_tabs() {
    let app = TestApp::new();
    app.add_token(TokenSpec::app("MDG6C7K2P9QC", None));
    let (one, other) = (app.browser(), app.browser());
    let first = app.begin(&one, "start", JIRO).await.expect_screen("BOM102");
    let second = app.begin(&other, "start", JIRO).await.expect_screen("BOM102");
    let (code, other_code) = (app.code(FK9), app.code("MDG6C7K2P9QC"));
    let first_values = start_values(FK9, &code);
    let second_values = start_values("MDG6C7K2P9QC", &other_code);
    let answers =
        tokio::join!(one.submit(&first, &first_values), other.submit(&second, &second_values));
    expect_one_winner([&answers.0, &answers.1]);
    assert_eq!(app.number("SELECT COUNT(*) FROM tokens WHERE state = 'in_use'"), 3);
    assert_eq!(app.mails("token_started"), 1);
}

#[tokio::test]
async fn two_customers_who_register_one_credential_end_up_with_one_owner() {
    let app = TestApp::new();
    app.execute("DELETE FROM picture_cards");
    // A few rounds: the narrow moment is the one between a claim and its outcome.
    for round in 0..12 {
        let serial = format!("MDG6C7K2P9{round:02}");
        app.add_token(TokenSpec::app(&serial, None));
        let (one, other) = (app.browser(), app.browser());
        let first = app.begin(&one, "start", JIRO).await.expect_screen("BOM102");
        let second = app.begin(&other, "start", HANAKO).await.expect_screen("BOM102");
        // Different codes: the same digits twice would be refused before any other guard is asked.
        let (code, other_code) = (app.code(&serial), app.code_in(&serial, 1));
        let first_values = start_values(&serial, &code);
        let mut second_values = start_values(&serial, &other_code);
        second_values[3].1 = HANAKO.confirm;
        let answers =
            tokio::join!(one.submit(&first, &first_values), other.submit(&second, &second_values));
        let done = [&answers.0, &answers.1].into_iter().filter(|page| page.is_done()).count();
        let holders = format!(
            "SELECT COUNT(*) FROM users JOIN tokens ON tokens.id = users.token_id \
             WHERE tokens.serial = '{serial}'"
        );
        assert_eq!((done, app.number(&holders)), (1, 1), "round {round}");
        app.execute(&format!(
            "UPDATE users SET token_id = NULL, token_status = 'unregistered' \
             WHERE login_id IN ('{}', '{}')",
            JIRO.login_id, HANAKO.login_id
        ));
    }
}

#[tokio::test]
async fn foreign_serials_sent_at_once_count_together() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let pages = few_at_a_time(30, |_| browser.get(&page.path)).await;
    join_all(pages.iter().map(|page| async {
        // The confirming secret has a counter of its own, which is not what is looked at here.
        browser.submit(page, &start_values(FK1_OF_HANAKO, "123456")).await
    }))
    .await;
    assert!(app.number("SELECT MAX(failures) FROM flows") <= 5);
    assert_eq!(app.token(FK1_OF_HANAKO, "failures"), "0", "a foreign token is never counted on");
}

const FK1_OF_HANAKO: &str = crate::people::FK1;
