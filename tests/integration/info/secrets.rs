//! Passwords.

use super::site::{NEW_CONFIRM, NEW_PASSWORD, last_mail_id, mails_after, press, send, to_confirm};
use crate::app::TestApp;
use crate::people::{HANAKO, JIRO, Person, pictures_for};

const RENEWED: Person = Person { password: NEW_PASSWORD, ..JIRO };

#[tokio::test]
async fn a_new_login_password_ends_every_other_login() {
    let app = TestApp::new();
    let (browser, other) = (app.logged_in(JIRO).await, app.logged_in(JIRO).await);
    let in_flow = app.browser();
    let start = app.begin(&in_flow, "start", JIRO).await.expect_screen("BOM102");
    let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    assert_eq!(page.form().names, ["current_password", "confirm"]);
    assert!(!page.body.contains(NEW_PASSWORD));
    let draft = app.texts("SELECT draft AS value FROM flows WHERE operation = 'secret_change'");
    assert!(draft[0].contains("$argon2id$") && !draft[0].contains(NEW_PASSWORD), "{draft:?}");
    let (before, hash) = (last_mail_id(&app), app.user(JIRO, "login_secret_hash"));
    let values = [("current_password", JIRO.password), ("confirm", JIRO.confirm)];
    let result = send(&browser, &page, &values).await.expect_screen("BCI003");
    assert_eq!(result.fact("変更したもの").as_deref(), Some("ログインパスワード"));
    assert_eq!(result.fact("変更後"), None);
    assert_ne!(app.user(JIRO, "login_secret_hash"), hash);
    assert!(app.user(JIRO, "login_secret_changed_at").starts_with("2026-11-24 03:00:10"));
    assert_eq!(mails_after(&app, before), ["secret_changed 1000000003@example.jp"]);
    let mail = app.last_mail("secret_changed");
    for part in ["ログインパスワード", &result.fact("受付番号").unwrap(), "停止コード: "]
    {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert!(!mail.contains(NEW_PASSWORD) && !mail.contains(JIRO.password), "{mail}");
    assert_eq!(app.audited("secret.change", "login_secret"), 1);
    assert_eq!(app.user(JIRO, "login_failures"), "0");
    assert_eq!(app.user(JIRO, "hold_until"), "null");

    browser.get("/shirakaba/").await.expect_screen("BTP001");
    browser.get(&result.path).await.expect_screen("BCI003");
    other.follow(other.get("/shirakaba/").await).await.expect_screen("BLG091");
    in_flow.follow(in_flow.get(&start.path).await).await.expect_screen("BOM101");
    let refused = app.enter(&app.browser(), JIRO).await;
    assert_eq!((refused.status, refused.screen().as_str()), (422, "BLG001"));
    let overview = app.logged_in(RENEWED).await.get("/shirakaba/info").await;
    assert!(overview.text().contains("前回の変更: 2026年11月24日"), "{}", overview.text());
}

#[tokio::test]
async fn a_new_confirming_password_asks_for_the_present_one() {
    let app = TestApp::new();
    let (browser, other) = (app.logged_in(JIRO).await, app.logged_in(JIRO).await);
    let page = to_confirm(&browser, "shirakaba", "confirm_secret", NEW_CONFIRM).await;
    assert_eq!(page.form().names, ["confirm"]);
    assert!(page.text().contains("今の確認用パスワード"), "{}", page.text());
    send(&browser, &page, &[("confirm", JIRO.confirm)]).await.expect_screen("BCI003");
    assert!(app.user(JIRO, "confirm_secret_changed_at").starts_with("2026-11-24 03:00:10"));
    assert_eq!(app.user(JIRO, "login_secret_changed_at"), "null");
    assert_eq!(app.audited("secret.change", "confirm_secret"), 1);
    other.follow(other.get("/shirakaba/").await).await.expect_screen("BLG091");
    let page = to_confirm(&browser, "shirakaba", "telephone", "090-0000-0001").await;
    let old = send(&browser, &page, &[("confirm", JIRO.confirm)]).await.expect_status(422);
    assert!(old.summary().contains("確認用パスワードが違います"), "{}", old.summary());
    send(&browser, &old, &[("confirm", NEW_CONFIRM)]).await.expect_screen("BCI003");
}

#[tokio::test]
async fn who_has_a_picture_card_changes_the_login_password_by_both() {
    let app = TestApp::new();
    let browser = app.logged_in(HANAKO).await;
    let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    let pictures = pictures_for("A1,C2,E4");
    let mut values = vec![
        ("current_password", "Hanako#2027"),
        ("picture_1", pictures[0]),
        ("picture_2", pictures[1]),
        ("picture_3", pictures[2]),
    ];
    let page = send(&browser, &page, &values).await.expect_status(422).expect_screen("BCI002");
    assert_eq!(app.user(HANAKO, "login_failures"), "1");
    // The card was answered rightly, so it asks for other cells now.
    let challenge = app.texts("SELECT challenge AS value FROM picture_cards").remove(0);
    let pictures = pictures_for(&challenge);
    for (place, picture) in pictures.iter().enumerate() {
        values[place + 1].1 = picture;
    }
    values[0].1 = HANAKO.password;
    send(&browser, &page, &values).await.expect_screen("BCI003");
    app.logged_in(Person { password: NEW_PASSWORD, ..HANAKO }).await;
}

#[tokio::test]
async fn a_secret_in_use_is_told_only_to_who_knows_the_present_ones() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    // As guesses at an open session: BCI001 answers alike, right or wrong.
    for (item, guess) in [
        ("login_secret", "Ziro#20260-Ziro"),
        ("confirm_secret", "kakunin03"),
        ("confirm_secret", "kakunin99"),
        ("login_secret", "kakunin03-2026"),
    ] {
        to_confirm(&browser, "shirakaba", item, guess).await;
    }
    let page = to_confirm(&browser, "shirakaba", "confirm_secret", JIRO.confirm).await;
    assert!(page.summary().is_empty());
    let wrong = send(&browser, &page, &[("confirm", "kakunin99")]).await.expect_status(422);
    assert!(!wrong.summary().contains("同じ"), "{}", wrong.summary());
    assert_eq!(app.user(JIRO, "confirm_failures"), "1");
    let told = send(&browser, &wrong, &[("confirm", JIRO.confirm)]).await.expect_status(422);
    assert!(told.summary().contains("今のものと同じ"), "{}", told.summary());
    assert_eq!(app.user(JIRO, "confirm_failures"), "0");
    assert_eq!(app.audited("secret.change", "a secret in use"), 1);
    assert_eq!(app.mails("secret_changed"), 0);
    // The way out that the words name.
    let back = told.form_to("/back");
    let answer = browser.post(&back.action, &back.hidden).await;
    let input = browser.follow(answer).await.expect_screen("BCI001");
    let values = [("new_secret", NEW_CONFIRM), ("new_secret_again", NEW_CONFIRM)];
    let page = send(&browser, &input, &values).await.expect_screen("BCI002");
    send(&browser, &page, &[("confirm", JIRO.confirm)]).await.expect_screen("BCI003");
}

#[tokio::test]
async fn the_other_secret_is_not_taken() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    // A login password long enough by the rules, so that it can be typed as the confirming one.
    let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    let values = [("current_password", JIRO.password), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    let page = to_confirm(&browser, "shirakaba", "confirm_secret", NEW_PASSWORD).await;
    let told = send(&browser, &page, &[("confirm", JIRO.confirm)]).await.expect_status(422);
    assert!(told.summary().contains("ログインパスワードと同じ"), "{}", told.summary());
    let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    let values = [("current_password", NEW_PASSWORD), ("confirm", JIRO.confirm)];
    let told = send(&browser, &page, &values).await.expect_status(422);
    assert!(told.summary().contains("今のものと同じ"), "{}", told.summary());
    assert_eq!(app.mails("secret_changed"), 1);
}

#[tokio::test]
async fn five_wrong_login_passwords_lock_the_login() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let mut page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    for at in 1..=5 {
        let values = [("current_password", "Jiro#20261"), ("confirm", JIRO.confirm)];
        page = send(&browser, &page, &values).await.expect_status(422).expect_screen("BCI002");
        assert_eq!(app.user(JIRO, "login_failures"), at.to_string());
        assert_eq!(app.user(JIRO, "confirm_failures"), "0", "it was right and is given back");
    }
    assert!(page.summary().contains("停止しています"), "{}", page.summary());
    assert_eq!((app.audited("login.lock", ""), app.mails("login_locked")), (1, 1));
    let values = [("current_password", JIRO.password), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_status(422);
    assert_eq!(app.mails("secret_changed"), 0);
    app.enter(&app.browser(), JIRO).await.expect_screen("BLG012");
}

#[tokio::test]
async fn new_passwords_keep_to_the_rules_of_the_first_setup() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let too_long = "a1".repeat(40);
    for (item, first, second) in [
        ("login_secret", "", ""),
        ("login_secret", "Short-1", "Short-1"),
        ("login_secret", "only-letters-here", "only-letters-here"),
        ("login_secret", "全角は使えません2026", "全角は使えません2026"),
        ("login_secret", too_long.as_str(), too_long.as_str()),
        ("login_secret", "abcdefgh-2026-x", "abcdefgh-2026-x"),
        ("login_secret", "x-1000000003-x", "x-1000000003-x"),
        ("login_secret", NEW_PASSWORD, "Shin-Pass-2027"),
        ("login_secret", NEW_PASSWORD, ""),
        ("confirm_secret", "short", "short"),
        ("confirm_secret", "a b c d e f g", "a b c d e f g"),
        ("confirm_secret", NEW_CONFIRM, "atarashii78"),
    ] {
        let page = press(&browser, "shirakaba", item).await.expect_screen("BCI001");
        let values = [("new_secret", first), ("new_secret_again", second)];
        let answer = browser.submit(&page, &values).await.expect_status(422);
        let answer = answer.expect_screen("BCI001");
        assert!(!answer.summary().is_empty(), "{first}");
        assert!(!answer.body.contains(NEW_PASSWORD), "secrets are not sent back");
    }
    let kept = app.number("SELECT COUNT(*) FROM flows WHERE draft LIKE '%argon2%'");
    assert_eq!(kept, 0);
}
