//! 利用者の削除: the row stays, the login is refused like an unknown id, the token finds its way.

use super::site::{Company as App, Company, HANAKO, JIRO, SACHIKO, SHINJIN};
use crate::browser::{Browser, Page};

async fn deletes(app: &App, browser: &Browser, login_id: &str) -> Page {
    let page = app.begins(browser, login_id, "delete").await.expect_screen("BAU033");
    assert!(page.text().contains("元に戻せません"), "{}", page.text());
    app.confirms(browser, &page, HANAKO).await
}

#[tokio::test]
async fn an_unshared_token_goes_back_to_the_contract() {
    let app = Company::new();
    app.execute("UPDATE tokens SET suspended_at = '2026-11-01 00:00:00' WHERE serial = '78100641'");
    app.execute("UPDATE tokens SET suspended_at = NULL WHERE serial = '78100641'");
    let (browser, own) = (app.logged_in(HANAKO).await, app.logged_in(SACHIKO).await);
    deletes(&app, &browser, "sachikodt").await.expect_screen("BAU034");
    assert_ne!(app.of("sachikodt", "deleted_at"), "null");
    assert_eq!(app.of("sachikodt", "token_id"), "null");
    assert_eq!(app.token("78100641", "state"), "shipped");
    assert!(app.rights("sachikodt").is_empty() && app.accounts("sachikodt").is_empty());
    assert_eq!(app.lines("user.delete", "sachikodt"), 1);
    assert_eq!(app.mails_to("user_deleted", "sachikodt@example.jp"), 1);
    assert_eq!(app.mails_to("user_deleted", "saburodt@example.jp"), 1);
    // The session is over, and the login reads as for an id that nobody has.
    own.follow(own.get("/inaho/").await).await.expect_screen("BLG091");
    let page = app.enter(&app.browser(), SACHIKO).await.expect_status(422);
    let unknown = crate::people::Person { login_id: "dareka99", ..SACHIKO };
    let other = app.enter(&app.browser(), unknown).await.expect_status(422);
    assert_eq!(page.summary(), other.summary());
    // No list has her any more, and the id stays taken.
    let list = browser.get("/inaho/admin/members?q=sachiko").await.expect_screen("BAU030");
    assert!(list.text().contains("当てはまる利用者はいません"), "{}", list.text());
    browser.get(&format!("/inaho/admin/members/{}", app.id("sachikodt"))).await.expect_status(404);
    let page = app.registers(&browser).await;
    let taken = super::site::NewUser { login_id: "sachikodt", ..SHINJIN };
    app.types(&browser, &page, taken).await.expect_status(422);
}

#[tokio::test]
async fn a_shared_token_stays_with_the_others() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let before = app.of("hanakodt", "token_id");
    deletes(&app, &browser, "jirodt").await.expect_screen("BAU034");
    assert_eq!(app.token("12345678", "state"), "in_use");
    assert_eq!(
        (app.of("jirodt", "token_id"), app.of("hanakodt", "token_id")),
        ("null".into(), before)
    );
    app.enter(&app.browser(), JIRO).await.expect_status(422);
    app.logged_in(HANAKO).await;
}

#[tokio::test]
async fn a_suspended_token_comes_back_usable() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    assert!(app.is_suspended("23456789"));
    deletes(&app, &browser, "ichirodt").await.expect_screen("BAU034");
    assert_eq!(app.token("23456789", "state"), "shipped");
    assert!(!app.is_suspended("23456789"));
}

#[tokio::test]
async fn nobody_deletes_themself() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    app.begins(&browser, "hanakodt", "delete").await.expect_status(403);
    assert_eq!(app.of("hanakodt", "deleted_at"), "null");
}
