//! The way through the screens, in any portal.

use crate::app::TestApp;
use crate::browser::{Browser, Page};

/// A new mail address.
pub const NEW: &str = "atarashii@example.jp";
/// A new telephone number.
pub const NUMBER: &str = "090-0000-7777";
/// A new login password.
pub const NEW_PASSWORD: &str = "Shin-Pass-2026";
/// A new confirming password.
pub const NEW_CONFIRM: &str = "atarashii77";

/// Values of a form.
pub type Values<'a> = Vec<(&'a str, &'a str)>;

/// Presses an item's button on BCI001.
pub async fn press(browser: &Browser, slug: &str, item: &str) -> Page {
    let overview = browser.get(&format!("/{slug}/info")).await.expect_screen("BCI001");
    let mut form = overview.form_to("/info");
    for (name, value) in &mut form.hidden {
        if name == "item" {
            item.clone_into(value);
        }
    }
    let answer = browser.post(&form.action, &form.hidden).await;
    browser.follow(answer).await
}

/// What BCI001 takes for an item.
pub fn input<'a>(item: &str, value: &'a str) -> Values<'a> {
    match item {
        "mail_address" => vec![("mail_address", value), ("mail_address_again", value)],
        "telephone" => vec![("telephone", value)],
        _ => vec![("new_secret", value), ("new_secret_again", value)],
    }
}

/// From the choice to BCI002.
pub async fn to_confirm(browser: &Browser, slug: &str, item: &str, value: &str) -> Page {
    let page = press(browser, slug, item).await.expect_screen("BCI001");
    let answer = browser.submit(&page, &input(item, value)).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BCI002")
}

/// Sends BCI002 and looks at what comes.
pub async fn send(browser: &Browser, page: &Page, values: &[(&str, &str)]) -> Page {
    let answer = browser.submit(page, values).await;
    browser.follow(answer).await
}

/// The code mailed last.
pub fn mailed_code(app: &TestApp) -> String {
    let mail = app.last_mail("mail_code");
    let (_, after) = mail.split_once("確認コード: ").unwrap();
    after.chars().take_while(char::is_ascii_digit).collect()
}

/// Codes that were not mailed.
pub fn wrong_codes(right: &str, count: usize) -> Vec<String> {
    (100_001..).map(|n: u32| n.to_string()).filter(|code| code != right).take(count).collect()
}

/// Recipients and kinds of the mails after `id`, in order.
pub fn mails_after(app: &TestApp, id: i64) -> Vec<String> {
    app.texts(&format!(
        "SELECT kind || ' ' || to_address AS value FROM mails WHERE id > {id} ORDER BY id"
    ))
}

/// The newest mail's id.
pub fn last_mail_id(app: &TestApp) -> i64 {
    app.number("SELECT COALESCE(MAX(id), 0) FROM mails")
}
