//! The same screens in every portal served, by its own rules and words.

use super::site::{NEW, NEW_CONFIRM, NEW_PASSWORD, NUMBER, mailed_code, send, to_confirm};
use crate::app::{TestApp, shirakaba};
use crate::codes;
use crate::people::{FK2, JIRO, Person, SHIRO};

const NATSUKO: Person =
    Person { login_id: "minori04", password: "Natsuko#2026", confirm: "kakunin24" };
const NATSUKOS: &str = "300000004";
const FUTABA: Person =
    Person { login_id: "2000000002", password: "Futaba#2026", confirm: "kakunin12" };

fn long_code(app: &TestApp) -> String {
    codes::code(NATSUKOS, codes::step_at(app.now(), 60), 8)
}

#[tokio::test]
async fn minori_asks_for_the_token_in_use() {
    let app = TestApp::demo("minori");
    let browser = app.browser();
    let page = app.enter(&browser, NATSUKO).await.expect_screen("BLG010");
    let answer = browser.submit(&page, &[("otp", &long_code(&app))]).await;
    browser.follow(answer).await.expect_screen("BTP001");
    let page = to_confirm(&browser, "minori", "mail_address", NEW).await;
    assert_eq!(page.form().names, ["mail_code", "otp"]);
    let (code, used) = (mailed_code(&app), long_code(&app));
    let values = [("mail_code", code.as_str()), ("otp", used.as_str())];
    let page = send(&browser, &page, &values).await.expect_status(422);
    app.advance(60);
    let otp = long_code(&app);
    let values = [("mail_code", code.as_str()), ("otp", otp.as_str())];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    assert_eq!(app.user(NATSUKO, "mail_address"), NEW);
    // A password asks for the confirming one, by a rule of its own.
    let page = to_confirm(&browser, "minori", "confirm_secret", NEW_CONFIRM).await;
    assert_eq!(page.form().names, ["confirm"]);
    send(&browser, &page, &[("confirm", NATSUKO.confirm)]).await.expect_screen("BCI003");
}

#[tokio::test]
async fn who_has_to_register_a_token_in_minori_changes_nothing_meanwhile() {
    let app = TestApp::demo("minori");
    let browser = app.browser();
    let page = app.enter(&browser, NATSUKO).await.expect_screen("BLG010");
    let answer = browser.submit(&page, &[("otp", &long_code(&app))]).await;
    browser.follow(answer).await.expect_screen("BTP001");
    let page = to_confirm(&browser, "minori", "telephone", NUMBER).await;
    app.execute("UPDATE users SET token_status = 'revoked' WHERE login_id = 'minori04'");
    browser.follow(browser.get("/minori/info").await).await.expect_screen("BOT000");
    let before = app.user(NATSUKO, "telephone");
    let form = page.form();
    let fields = form.filled(&[("confirm", NATSUKO.confirm)]);
    browser.post(&form.action, &fields).await.expect_status(404);
    assert_eq!(app.user(NATSUKO, "telephone"), before);
}

#[tokio::test]
async fn kodama_asks_for_the_confirming_password() {
    let app = TestApp::demo("kodama");
    let browser = app.browser();
    let page = app.enter(&browser, FUTABA).await.expect_screen("BLG010");
    let code = codes::code("VSST10000002", codes::step_at(app.now(), 30), 6);
    let answer = browser.submit(&page, &[("otp", &code)]).await;
    browser.follow(answer).await.expect_screen("BTP001");
    let page = to_confirm(&browser, "kodama", "telephone", NUMBER).await;
    assert_eq!(page.form().names, ["confirm"]);
    send(&browser, &page, &[("confirm", FUTABA.confirm)]).await.expect_screen("BCI003");
    assert_eq!(app.user(FUTABA, "telephone"), NUMBER);
    let page = to_confirm(&browser, "kodama", "login_secret", NEW_PASSWORD).await;
    let values = [("current_password", FUTABA.password), ("confirm", FUTABA.confirm)];
    send(&browser, &page, &values).await.expect_screen("BCI003");
}

#[tokio::test]
async fn labels_come_from_the_profile() {
    let mut text = shirakaba();
    for (from, to) in [
        ("label = \"ログインパスワード\"", "label = \"暗証番号\""),
        ("label = \"確認用パスワード\"", "label = \"確認番号\""),
    ] {
        text = text.replacen(from, to, 1);
    }
    let app = TestApp::with_profiles(&[("shirakaba", text)]);
    let browser = app.logged_in(JIRO).await;
    let overview = browser.get("/shirakaba/info").await.expect_screen("BCI001");
    for words in ["暗証番号を変更する", "確認番号を変更する"] {
        assert!(overview.text().contains(words), "{}", overview.text());
    }
    let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    assert!(page.text().contains("今の暗証番号"), "{}", page.text());
    let values = [("current_password", JIRO.password), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    let subject = app.texts("SELECT subject AS value FROM mails WHERE kind = 'secret_changed'");
    assert_eq!(subject, ["【しらかば信用金庫】暗証番号を変更しました"]);
}

#[tokio::test]
async fn a_rule_that_needs_a_token_is_told_before() {
    let text = shirakaba().replacen(
        "operation = \"customer_info.change\", method = \"otp|confirm\"",
        "operation = \"customer_info.change\", method = \"otp\", without_token = \"refuse\"",
        1,
    );
    let app = TestApp::with_profiles(&[("shirakaba", text)]);
    let browser = app.logged_in(JIRO).await;
    let overview = browser.get("/shirakaba/info").await.expect_screen("BCI001");
    assert!(overview.text().contains("先に「利用開始」"), "{}", overview.text());
    assert!(overview.body.contains("<button disabled aria-describedby=\"telephone-text\">"));
    assert!(!overview.body.contains("<button disabled aria-describedby=\"login_secret-text\">"));
    let refused = super::site::press(&browser, "shirakaba", "telephone").await;
    refused.expect_status(403).expect_screen("BER403");
    let browser = app.logged_in(SHIRO).await;
    to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
}

#[tokio::test]
async fn the_link_stands_in_the_navigation_of_whoever_is_logged_in() {
    let app = TestApp::demo("shirakaba");
    let link = "href=\"/shirakaba/info\"";
    assert!(!app.browser().get("/shirakaba/login").await.body.contains(link));
    let browser = app.logged_in(JIRO).await;
    assert!(browser.get("/shirakaba/").await.body.contains(link));
    let overview = browser.get("/shirakaba/info").await.expect_screen("BCI001");
    assert!(overview.body.contains(&format!("{link} aria-current=\"page\"")));
    // The demo's people have a number, and passwords of some age.
    assert!(overview.text().contains("***-****-00"), "{}", overview.text());
    assert!(overview.text().contains("前回の変更: "), "{}", overview.text());
    app.browser().follow(app.browser().get("/shirakaba/info").await).await.expect_screen("BLG001");
    let taro = app.logged_in_with_code(crate::people::TARO, FK2).await;
    taro.get("/shirakaba/info").await.expect_screen("BCI001");
}
