//! The first login of a registered user: first setup, mail address, token.

use super::site::{Company, HANAKO, NewUser, SHINJIN};
use crate::browser::{Browser, Page};
use crate::codes;
use crate::people::Person;

const PASSWORD: &str = "Atarashii-2026";
const CONFIRM: &str = "kakunin-shin";

async fn register(app: &Company, new: NewUser<'_>) -> Person {
    let browser = app.logged_in(HANAKO).await;
    let page = app.to_confirm(&browser, new).await;
    let done = app.confirms(&browser, &page, HANAKO).await.expect_screen("BAU034");
    let password = done.fact("初期パスワード").unwrap().leak();
    Person { login_id: "shinjin01", password, confirm: CONFIRM }
}

async fn sets_passwords(browser: &Browser, page: &Page) -> Page {
    let values = [
        ("new_password", PASSWORD),
        ("new_password_again", PASSWORD),
        ("new_confirm", CONFIRM),
        ("new_confirm_again", CONFIRM),
    ];
    let answer = browser.submit(page, &values).await;
    browser.follow(answer).await
}

#[tokio::test]
async fn the_address_of_the_administrator_is_proven_at_the_first_setup() {
    let app = Company::new();
    let who = register(&app, NewUser { address: "shinjin@example.jp", ..SHINJIN }).await;
    let browser = app.browser();
    let page = app.enter(&browser, who).await.expect_screen("BLG095");
    let page = sets_passwords(&browser, &page).await.expect_screen("BLG095");
    assert!(page.body.contains("shinjin@example.jp"), "{}", page.body);
    let values =
        [("mail_address", "shinjin@example.jp"), ("mail_address_again", "shinjin@example.jp")];
    let page = browser.follow(browser.submit(&page, &values).await).await.expect_screen("BLG095");
    let mail = app.last_mail("mail_code");
    let (_, rest) = mail.split_once("確認コード: ").unwrap();
    let code = &rest[..6];
    let page = browser.follow(browser.submit(&page, &[("mail_code", code)]).await).await;
    // Then the company's token is asked for.
    let page = page.expect_screen("BLG020");
    assert_eq!(app.of("shinjin01", "mail_address"), "shinjin@example.jp");
    assert_eq!(app.number("SELECT COUNT(*) FROM unverified_addresses"), 0);
    let otp = codes::code("45678901", codes::step_at(app.now(), 60), 6);
    let page = browser.submit(&page, &[("serial", "45678901"), ("otp", &otp)]).await;
    let top = browser.follow(page).await.expect_screen("BTP001");
    assert!(top.text().contains("7010045") && !top.text().contains("7010046"));
}
