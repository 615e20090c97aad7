//! An issued credential in another maker's app, where the portal allows it.

use super::site::{ACTIVATION, MARI, MenuApp, TARO};
use crate::app::profile_text;
use crate::browser::{Browser, Page};

/// A portal that exports credentials.
fn exporting() -> MenuApp {
    let text = profile_text("minori");
    assert!(!text.contains("otpauth_export"));
    MenuApp::of(text.replacen("[tokens]\n", "[tokens]\notpauth_export = true\n", 1))
}

async fn asks(browser: &Browser, result: &Page, activation: &str) -> Page {
    let form = browser.get(&result.path).await.form_to("/export");
    browser.post(&form.action, &form.filled(&[("activation", activation)])).await
}

fn oathtool(key: &str, app: &MenuApp) -> String {
    let now = app.now().and_utc().format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let output = std::process::Command::new("oathtool")
        .args(["--totp", "--base32", "--digits", "8", "--time-step-size", "60s"])
        .args(["--now", &now, key])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn another_makers_app_takes_the_credential_and_starts_it() {
    let app = exporting();
    let browser = app.logged_in(TARO).await;
    let result = app.issue(&browser, TARO).await.expect_screen("BOT003");
    assert!(!result.body.contains("otpauth://"), "not before the password: {}", result.body);
    let empty = asks(&browser, &result, "").await.expect_status(422).expect_screen("BOT003");
    assert!(empty.summary().contains("利用開始パスワードを入力"), "{}", empty.summary());
    let wrong = asks(&browser, &result, "000000").await.expect_status(422);
    assert!(wrong.summary().contains("利用開始パスワードが違うか"), "{}", wrong.summary());
    assert!(!wrong.body.contains("otpauth://"));
    assert_eq!(
        app.texts("SELECT set_up_at AS value FROM token_issues WHERE set_up_at IS NOT NULL").len(),
        0
    );

    let shown = asks(&browser, &result, ACTIVATION).await.expect_status(200);
    let shown = shown.expect_screen("BOT003");
    let key = shown.fact("キー").unwrap().replace(' ', "");
    let serial = shown.fact("アカウント名").unwrap();
    let url = shown.link("このスマートフォンの認証アプリで開く").unwrap();
    assert!(url.starts_with("otpauth://totp/"), "{url}");
    assert!(url.contains(&format!(":{serial}?secret={key}&issuer=")), "{url}");
    assert!(url.ends_with("&algorithm=SHA1&digits=8&period=60"), "{url}");
    // Reloading the result shows nothing of it.
    let again = browser.get(&result.path).await.expect_screen("BOT003");
    assert!(!again.body.contains(&key));
    // Whose answer was lost asks again; a password is needed each time.
    let second = asks(&browser, &result, ACTIVATION).await.expect_status(200);
    assert_eq!(second.fact("キー").unwrap().replace(' ', ""), key);
    let done = ["", "wrong activation password", "the same app again"];
    assert_eq!(done.map(|details| app.audited("token.set_up", details)), [1, 1, 1]);

    let answer = app.start(&browser, &oathtool(&key, &app)).await;
    browser.follow(answer).await.expect_screen("BOT012");
    assert_eq!(app.user(TARO, "token_status"), "in_use");
    let late = asks(&browser, &result, ACTIVATION).await.expect_status(422);
    assert!(!late.body.contains(&key), "a token that was started is shown to nobody");
}

#[tokio::test]
async fn five_wrong_passwords_end_the_issue_here_too() {
    let app = exporting();
    let browser = app.logged_in(TARO).await;
    let result = app.issue(&browser, TARO).await.expect_screen("BOT003");
    let before = app.user(TARO, "token_status");
    assert_eq!(before, "issued");
    for _ in 0..5 {
        asks(&browser, &result, "000000").await.expect_status(422);
    }
    asks(&browser, &result, ACTIVATION).await.expect_status(422);
    assert_eq!(app.texts("SELECT end_reason AS value FROM token_issues"), ["attempts"]);
    assert_eq!(app.user(TARO, "token_status"), "unregistered");
}

#[tokio::test]
async fn nobody_else_and_no_portal_that_does_not_export_gets_it() {
    let app = exporting();
    let browser = app.logged_in(TARO).await;
    let result = app.issue(&browser, TARO).await.expect_screen("BOT003");
    let form = browser.get(&result.path).await.form_to("/export");
    let other = app.logged_in(MARI).await;
    let own = other.get("/minori/token/menu").await.form_to("/issue");
    let mut fields = form.filled(&[("activation", ACTIVATION)]);
    fields.retain(|(name, _)| name != "csrf_token");
    fields.extend(own.hidden.into_iter().filter(|(name, _)| name == "csrf_token"));
    other.post(&form.action, &fields).await.expect_status(404);

    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let result = app.issue(&browser, TARO).await.expect_screen("BOT003");
    assert!(!result.has_form_to("/export"));
    let path = result.path.replace("/result", "/export");
    let token = browser.get("/minori/token/menu").await.form_to("/issue");
    let mut fields = token.hidden.clone();
    fields.retain(|(name, _)| name == "csrf_token");
    fields.push(("activation".to_owned(), ACTIVATION.to_owned()));
    browser.post(&path, &fields).await.expect_status(404);
}
