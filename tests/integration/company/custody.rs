//! BAU060: who shares which token, who used it last, and whether enough people can release.

use super::site::{Company, HANAKO, IN_HAND, SABURO, SHIRO, YACHIYO};

const LIST: &str = "/inaho/admin/tokens";

#[tokio::test]
async fn each_token_shows_its_users_and_who_used_it_last() {
    let app = Company::new();
    let (_, answer) = app.register(SHIRO, IN_HAND, &app.otp(IN_HAND)).await;
    answer.expect_status(303);
    let browser = app.logged_in(HANAKO).await;
    let page = browser.get(LIST).await.expect_screen("BAU060");
    assert!(page.text().contains("データ花子、データ二郎"), "{}", page.text());
    let found = browser.get("/inaho/admin/tokens?q=45678901").await;
    let text = found.text();
    assert!(text.contains("1件のうち") && text.contains("データ四郎"), "{text}");
    assert!(text.contains("2026年11月24日 12:00") && text.contains("利用中"), "{text}");
    // Another company's serials are not there.
    let none = browser.get("/inaho/admin/tokens?q=56789012").await;
    assert!(none.text().contains("0件"), "{}", none.text());
    let other = app.logged_in(YACHIYO).await.get(LIST).await.expect_screen("BAU060");
    assert!(!other.text().contains(IN_HAND), "{}", other.text());
}

#[tokio::test]
async fn too_few_who_can_release_are_warned_of() {
    let app = Company::new();
    let warning = "ができる方が、いま1名です";
    let browser = app.logged_in(HANAKO).await;
    assert!(browser.get(LIST).await.text().contains(warning), "三郎 is suspended");
    app.release_behind("34567890");
    assert!(!browser.get(LIST).await.text().contains(warning));
    for lost in [
        "UPDATE users SET login_locked_at = created_at WHERE login_id = 'saburodt'",
        "UPDATE users SET login_locked_at = NULL, paused_at = created_at \
         WHERE login_id = 'saburodt'",
        "UPDATE users SET paused_at = NULL, stopped_at = created_at WHERE login_id = 'saburodt'",
        "UPDATE users SET stopped_at = NULL, role = 'general' WHERE login_id = 'saburodt'",
    ] {
        app.execute(lost);
        assert!(browser.get(LIST).await.text().contains(warning), "{lost}");
    }
    app.execute("UPDATE users SET role = 'master' WHERE login_id = 'saburodt'");
    assert!(!browser.get(LIST).await.text().contains(warning));
    app.execute("UPDATE tokens SET expires_at = imported_at WHERE serial = '34567890'");
    assert!(browser.get(LIST).await.text().contains(warning));
    assert_eq!(app.user(SABURO, "role"), "master");
}
