//! Limits of companies: whoever administers a contract changes its limits, with the proof of the
//! portal's rules; its other users read what holds for them.

use crate::aoba::site::{AOBA, Aoba, TANTO_A, TANTO_D};
use crate::app::{TestApp, profile_text};
use crate::company::site::{Company, HANAKO, JIRO, PERIOD, SHARED, YACHIYO, address};

use super::site::values;

const WANTED: [&str; 4] = ["3000000", "5,000,000", "1000000", "2000000"];

/// The form with these amounts, and those of files as they are.
fn wanted(amounts: [&'static str; 4]) -> Vec<(&'static str, &'static str)> {
    let files = [("files_per_transaction", "100000000"), ("files_daily", "300000000")];
    values(amounts).into_iter().chain(files).collect()
}

fn daily_of(app: &TestApp, contract: &str) -> Vec<String> {
    app.texts(&format!(
        "SELECT CAST(transfer_daily_yen AS TEXT) AS value FROM limits WHERE contract_id = \
         (SELECT id FROM contracts WHERE number = '{contract}')"
    ))
}

#[tokio::test]
async fn an_administrator_changes_the_contracts_limits_with_a_code() {
    let app = Company::new();
    let user = app.id_of(JIRO);
    app.execute(&format!("DELETE FROM user_limits WHERE user_id = {user}"));
    let browser = app.logged_in(HANAKO).await;
    app.advance(PERIOD);
    let page = browser.get("/inaho/limits").await.expect_screen("BLM001");
    let text = page.text();
    assert!(text.contains("ご契約の限度額") && text.contains("ご自身の限度額"), "{text}");
    let form = page.form_to("/limits");
    let answer = browser.post(&form.action, &form.filled(&wanted(WANTED))).await;
    let page = browser.follow(answer.expect_status(303)).await.expect_screen("BLM002");
    assert_eq!(page.form().names, ["otp"]);
    let answer = browser.submit(&page, &[("otp", "000000")]).await;
    let page = answer.expect_status(422).expect_screen("BLM002");
    assert_eq!(daily_of(&app, "4000000001"), Vec::<String>::new(), "a wrong code changes nothing");
    let answer = browser.submit(&page, &[("otp", &app.otp(SHARED))]).await;
    let done = browser.follow(answer).await.expect_screen("BLM003");
    assert!(done.text().contains("ただいまから"), "{}", done.text());
    assert_eq!(daily_of(&app, "4000000001"), ["5000000"]);
    // Every administrator hears of it, the suspended master user too.
    let told = app.told("limit_changed");
    assert_eq!(told.len(), 2, "{told:?}");

    // 二郎 reads it and changes nothing, by hand neither.
    let browser = app.logged_in(JIRO).await;
    let page = browser.get("/inaho/limits").await.expect_screen("BLM001");
    let text = page.text();
    assert!(
        text.matches("5,000,000円").count() == 2 && text.contains("管理者にお申し出"),
        "{text}"
    );
    assert!(!page.has_form_to("/limits"));
    let mut fields = page.form_to("/logout").hidden;
    let typed = wanted(WANTED).into_iter();
    fields.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    browser.post("/inaho/limits", &fields).await.expect_status(403);
}

/// Own limits of 花子, below those that she asks for.
fn limit_hanako(app: &Company) {
    let user = app.id_of(HANAKO);
    for service in ["transfer", "pay_easy"] {
        app.execute(&format!("INSERT INTO user_limits VALUES ({user}, '{service}', 1000, 1000)"));
    }
}

#[tokio::test]
async fn an_administrator_who_pays_does_not_raise_the_own_limits() {
    let app = Company::new();
    app.execute(&format!("DELETE FROM user_limits WHERE user_id = {}", app.id_of(HANAKO)));
    let browser = app.logged_in(HANAKO).await;
    app.advance(PERIOD);
    let raised = wanted(["10000000", "40000000", "10000000", "30000000"]);
    let form = browser.get("/inaho/limits").await.expect_screen("BLM001").form_to("/limits");
    let page = browser.post(&form.action, &form.filled(&raised)).await;
    let page = page.expect_status(422).expect_screen("BLM001");
    assert!(page.summary().contains("ほかの管理者"), "{}", page.summary());
    // With limits of her own, which the rise does not move, she may.
    limit_hanako(&app);
    let answer = browser.post(&form.action, &form.filled(&raised)).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BLM002");
    // They are gone by the time of the proof: nothing is raised.
    app.execute(&format!("DELETE FROM user_limits WHERE user_id = {}", app.id_of(HANAKO)));
    let answer = browser.submit(&page, &[("otp", &app.otp(SHARED))]).await;
    assert!(!answer.is_done(), "{answer:?}");
    assert_eq!(daily_of(&app, "4000000001"), Vec::<String>::new());
}

#[tokio::test]
async fn an_emergency_stop_of_who_asked_leaves_no_rise_waiting() {
    let text = profile_text("inaho").replace("rise_after_days = 0", "rise_after_days = 3");
    let app = Company::of(&text);
    limit_hanako(&app);
    let browser = app.logged_in(HANAKO).await;
    app.advance(PERIOD);
    let raised = wanted(["10000000", "40000000", "10000000", "30000000"]);
    let form = browser.get("/inaho/limits").await.expect_screen("BLM001").form_to("/limits");
    let answer = browser.post(&form.action, &form.filled(&raised)).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BLM002");
    let answer = browser.submit(&page, &[("otp", &app.otp(SHARED))]).await;
    browser.follow(answer).await.expect_screen("BLM003");
    let waiting =
        || app.number("SELECT COUNT(*) FROM limits WHERE rise_at IS NOT NULL AND portal = 'inaho'");
    assert_eq!(waiting(), 1);
    let mail = app.texts(&format!(
        "SELECT body AS value FROM mails WHERE kind = 'limit_rise_requested' AND to_address = '{}'",
        address(HANAKO)
    ));
    let code = crate::emergency_stop::code_in(&mail[0]);
    let browser = app.browser();
    let page = browser.get("/inaho/stop").await.expect_screen("BSP001");
    let values = [("login_id", HANAKO.login_id), ("stop_code", &*code)];
    let answer = browser.submit(&page, &values).await;
    browser.follow(answer).await.expect_screen("BSP002");
    assert_eq!(waiting(), 0);
    assert_eq!(app.told("limit_rise_cancelled").len(), 2, "every administrator hears of it");
}

#[tokio::test]
async fn without_a_token_the_way_to_a_change_is_shown_before_anything_is_typed() {
    let app = Company::new();
    let browser = app.logged_in(YACHIYO).await;
    let page = browser.get("/inaho/limits").await.expect_screen("BLM001");
    let text = page.text();
    assert!(text.contains("まだご利用になれません") && text.contains("200,000円"), "{text}");
    assert!(text.contains("ご契約の口座のあいだの振替には、限度額はありません。"), "{text}");
    assert!(!page.has_form_to("/limits"));
}

#[tokio::test]
async fn the_one_administrator_confirms_with_the_secret_and_sees_no_limits_of_a_user() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let page = browser.get("/aoba/limits").await.expect_screen("BLM001");
    let text = page.text();
    assert!(text.contains("30,000,000円") && !text.contains("ご自身の限度額"), "{text}");
    let form = page.form_to("/limits");
    let answer = browser.post(&form.action, &form.filled(&wanted(WANTED))).await;
    let page = browser.follow(answer.expect_status(303)).await.expect_screen("BLM002");
    assert_eq!(page.form().names, ["confirm"]);
    let answer = browser.submit(&page, &[("confirm", AOBA.confirm)]).await;
    browser.follow(answer).await.expect_screen("BLM003");
    assert_eq!(daily_of(&app, AOBA.contract), ["5000000"]);
    // What a user may send follows: with a token the contract's, without one nothing.
    for (who, rows) in [(TANTO_D, "30,000,000円"), (TANTO_A, "0円")] {
        let browser = app.logged_in(who).await;
        let page = browser.get("/aoba/limits").await.expect_screen("BLM001");
        assert!(page.text().contains(rows), "{}", page.text());
        assert!(!page.has_form_to("/limits"));
    }
}
