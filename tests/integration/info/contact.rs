//! Mail address and telephone number.

use super::site::{NEW, NUMBER, last_mail_id, mailed_code, mails_after, press, send, to_confirm};
use crate::app::TestApp;
use crate::people::{APP, HANAKO, JIRO, SHIRO, pictures_for};

const OLD: &str = "1000000003@example.jp";

#[tokio::test]
async fn a_new_mail_address_is_told_to_both_and_opens_a_hold() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let overview = browser.get("/shirakaba/info").await.expect_screen("BCI001");
    assert!(overview.text().contains("1*****@example.jp"), "{}", overview.text());
    assert!(!overview.body.contains(OLD), "{}", overview.text());
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    assert_eq!(page.fact("変更後").as_deref(), Some(NEW));
    assert_eq!(page.fact("送信日時").as_deref(), Some("2026年11月24日 12時00分10秒"));
    assert_eq!(app.user(JIRO, "mail_address"), OLD, "not before the code was right");
    let before = last_mail_id(&app);
    let sent = app.texts("SELECT to_address AS value FROM mails WHERE kind = 'mail_code'");
    assert_eq!(sent, [NEW]);

    let code = mailed_code(&app);
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    let result = send(&browser, &page, &values).await.expect_screen("BCI003");
    assert_eq!(result.fact("変更後").as_deref(), Some(NEW));
    let told = "1*****@example.jp、a*****@example.jp";
    assert_eq!(result.fact("お知らせの送信先").as_deref(), Some(told));
    let until = "2026年11月25日 12時00分10秒 まで";
    assert_eq!(result.fact("お振込の制限").as_deref(), Some(until));
    let number = result.fact("受付番号").unwrap();
    let again = browser.get(&result.path).await.expect_screen("BCI003");
    assert_eq!(again.fact("受付番号").as_ref(), Some(&number));
    assert_eq!(again.fact("受付時刻"), result.fact("受付時刻"));

    assert_eq!(app.user(JIRO, "mail_address"), NEW);
    let expected = [format!("mail_address_changed {OLD}"), format!("mail_address_taken {NEW}")];
    assert_eq!(mails_after(&app, before), expected);
    let held = app.user(JIRO, "hold_until");
    assert!(held.starts_with("2026-11-25 03:00:10"), "{held}");
    let (old, new) = (app.last_mail("mail_address_changed"), app.last_mail("mail_address_taken"));
    for mail in [&old, &new] {
        assert!(mail.contains(&number) && mail.contains("a*****@example.jp"), "{mail}");
        assert!(!mail.contains(NEW) && !mail.contains(&code), "{mail}");
    }
    assert!(old.contains("停止コード: ") && !new.contains("停止コード"), "{old} {new}");
    assert!(old.contains("2026年11月25日 12時00分10秒まで"), "{old}");
    app.assert_only_stop_link(&old);
    assert!(!new.contains("http"), "{new}");
    assert_eq!(app.audited("customer_info.change", "mail_address"), 1);
    let top = browser.get("/shirakaba/").await.expect_screen("BTP001");
    assert!(top.text().contains("2026年11月25日 12:00 まで"), "{}", top.text());
}

#[tokio::test]
async fn a_hold_ends_to_the_second_and_a_longer_one_stays() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    let code = mailed_code(&app);
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    app.advance(24 * 3600 - 1);
    let top = app.logged_in(JIRO).await.get("/shirakaba/").await;
    assert!(top.text().contains("お振込を制限しています"), "{}", top.text());
    app.advance(1);
    let top = app.logged_in(JIRO).await.get("/shirakaba/").await;
    assert!(!top.text().contains("お振込を制限しています"), "{}", top.text());

    app.execute("UPDATE users SET hold_until = '2026-12-24 00:00:00'");
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", "mada@example.jp").await;
    let code = mailed_code(&app);
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    let result = send(&browser, &page, &values).await.expect_screen("BCI003");
    let until = "2026年12月24日 09時00分00秒 まで";
    assert_eq!(result.fact("お振込の制限").as_deref(), Some(until));
    assert!(app.user(JIRO, "hold_until").starts_with("2026-12-24 00:00:00"));
}

#[tokio::test]
async fn a_first_mail_address_is_registered_the_same_way() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    app.execute("UPDATE users SET mail_address = NULL, setup_state = 'mail_pending'");
    let top = browser.get("/shirakaba/").await.expect_screen("BTP001");
    assert!(top.text().contains("「お客様情報変更」から登録できます"), "{}", top.text());
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    assert_eq!(page.fact("変更前").as_deref(), Some("登録されていません"));
    let (before, code) = (last_mail_id(&app), mailed_code(&app));
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    assert_eq!(mails_after(&app, before), [format!("mail_address_set {NEW}")]);
    assert_eq!(app.user(JIRO, "setup_state"), "done");
}

#[tokio::test]
async fn codes_under_way_to_the_old_address_end_with_it() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    app.execute(
        "INSERT INTO mail_codes (user_id, address, code_digest, sent_at, expires_at, purpose) \
         SELECT user_id, 'x@example.jp', code_digest, sent_at, expires_at, 'token_issue' \
         FROM mail_codes",
    );
    let code = mailed_code(&app);
    let values = [("mail_code", code.as_str()), ("confirm", JIRO.confirm)];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    assert_eq!(app.number("SELECT COUNT(*) FROM mail_codes WHERE closed_at IS NULL"), 0);
}

#[tokio::test]
async fn a_telephone_number_is_changed_with_a_code_of_the_token() {
    let app = TestApp::new();
    let browser = app.logged_in(SHIRO).await;
    let page = to_confirm(&browser, "shirakaba", "telephone", "０９０００００７７７７").await;
    assert_eq!(page.fact("変更後").as_deref(), Some(NUMBER));
    assert_eq!(page.fact("変更前").as_deref(), Some("登録されていません"));
    assert_eq!(page.form().names, ["otp"], "no confirming password beside the code");
    let before = last_mail_id(&app);
    let result = send(&browser, &page, &[("otp", &app.code(APP))]).await.expect_screen("BCI003");
    assert_eq!(app.user(SHIRO, "telephone"), NUMBER);
    assert_eq!(mails_after(&app, before), ["telephone_changed 1000000004@example.jp"]);
    let mail = app.last_mail("telephone_changed");
    assert!(mail.contains(&result.fact("受付番号").unwrap()) && !mail.contains(NUMBER), "{mail}");
    assert!(mail.contains("停止コード: "), "{mail}");
    assert_eq!(app.user(SHIRO, "hold_until"), "null");
    assert_eq!(app.audited("customer_info.change", "telephone"), 1);
    let overview = browser.get("/shirakaba/info").await.expect_screen("BCI001");
    assert!(overview.text().contains("***-****-7777"), "{}", overview.text());
    assert!(!overview.body.contains(NUMBER));
}

#[tokio::test]
async fn who_has_a_picture_card_confirms_by_it_and_has_no_confirming_password_to_change() {
    let app = TestApp::new();
    let browser = app.logged_in(HANAKO).await;
    let overview = browser.get("/shirakaba/info").await.expect_screen("BCI001");
    assert!(!overview.text().contains("確認用パスワードを変更する"), "{}", overview.text());
    press(&browser, "shirakaba", "confirm_secret").await.expect_status(404);
    let page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    assert_eq!(page.form().names, ["picture_1", "picture_2", "picture_3"]);
    let pictures = pictures_for("A1,C2,E4");
    let values =
        [("picture_1", pictures[0]), ("picture_2", pictures[1]), ("picture_3", pictures[2])];
    send(&browser, &page, &values).await.expect_screen("BCI003");
    assert_eq!(app.user(HANAKO, "telephone"), NUMBER);
    let challenge = app.texts("SELECT challenge AS value FROM picture_cards").remove(0);
    assert_ne!(challenge, "A1,C2,E4", "the answer is good once");
}
