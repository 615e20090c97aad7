//! What is refused changes nothing but the counter that it belongs to.

use super::site::{
    NEW, NEW_PASSWORD, NUMBER, input, mailed_code, press, send, to_confirm, wrong_codes,
};
use crate::app::TestApp;
use crate::dump::{assert_unchanged, dump};
use crate::people::{APP, FK2, HANAKO, JIRO, SHIRO, TARO, pictures_for};

/// Takes back what a refusal counts.
fn forget_counts(app: &TestApp) {
    for sql in [
        "UPDATE users SET confirm_failures = 0, login_failures = 0, failures_since_login = 0",
        "UPDATE tokens SET failures = 0, last_failure_at = NULL, last_code_digest = NULL, \
         last_code_at = NULL",
        "UPDATE mail_codes SET tries = 0",
        "UPDATE picture_cards SET failures = 0",
        "DELETE FROM otp_failures",
    ] {
        app.execute(sql);
    }
}

#[tokio::test]
async fn a_refused_change_leaves_nothing_behind() {
    let app = TestApp::new();
    let (jiro, hanako, shiro) =
        (app.logged_in(JIRO).await, app.logged_in(HANAKO).await, app.logged_in(SHIRO).await);
    let mail = to_confirm(&jiro, "shirakaba", "mail_address", NEW).await;
    let number = to_confirm(&hanako, "shirakaba", "telephone", NUMBER).await;
    let by_code = to_confirm(&shiro, "shirakaba", "telephone", NUMBER).await;
    let code = mailed_code(&app);
    let wrong = wrong_codes(&code, 1).remove(0);
    let wrong_otp = app.wrong_codes(APP, 1).remove(0);
    let mut pictures = pictures_for("A1,C2,E4");
    pictures.swap(0, 1);
    forget_counts(&app);
    let before = dump(&app);
    for (browser, page, values) in [
        (&jiro, &mail, vec![("mail_code", wrong.as_str()), ("confirm", JIRO.confirm)]),
        (&jiro, &mail, vec![("mail_code", code.as_str()), ("confirm", "kakunin99")]),
        (&jiro, &mail, vec![("mail_code", "12345"), ("confirm", JIRO.confirm)]),
        (&jiro, &mail, vec![("mail_code", code.as_str()), ("confirm", "")]),
        (&jiro, &mail, vec![("mail_code", code.as_str())]),
        (&jiro, &mail, vec![("confirm", JIRO.confirm)]),
        (
            &hanako,
            &number,
            vec![
                ("picture_1", pictures[0]),
                ("picture_2", pictures[1]),
                ("picture_3", pictures[2]),
            ],
        ),
        // The other proof is not taken for the one that is asked.
        (&hanako, &number, vec![("confirm", HANAKO.confirm)]),
        (&shiro, &by_code, vec![("otp", wrong_otp.as_str())]),
        (&shiro, &by_code, vec![("confirm", SHIRO.confirm)]),
        (&shiro, &by_code, vec![("otp", "12a456")]),
        (&shiro, &by_code, vec![]),
    ] {
        let answer = browser.submit(page, &values).await.expect_status(422);
        let answer = answer.expect_screen("BCI002");
        assert!(!answer.summary().is_empty(), "{values:?}");
        forget_counts(&app);
        assert_unchanged(&before, &dump(&app), &format!("{values:?}"));
    }
    for (name, details) in [("confirm.check", "wrong"), ("mail_code.check", "wrong")] {
        assert_eq!(app.audited(name, details), 1, "{name}");
    }
    assert_eq!((app.audited("picture.check", "wrong"), app.audited("otp.check", "wrong")), (1, 1));
}

#[tokio::test]
async fn wrong_proofs_count_as_everywhere() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let mut page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    for _ in 0..5 {
        page = send(&browser, &page, &[("confirm", "kakunin99")]).await.expect_status(422);
    }
    assert!(page.summary().contains("停止しています"), "{}", page.summary());
    send(&browser, &page, &[("confirm", JIRO.confirm)]).await.expect_status(422);
    assert_eq!(app.audited("confirm.lock", ""), 1);

    let browser = app.logged_in(SHIRO).await;
    let page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    for (at, code) in app.wrong_codes(APP, 5).iter().enumerate() {
        let answer = browser.submit(&page, &[("otp", code)]).await;
        if at == 4 {
            browser.follow(answer).await.expect_screen("BLG011");
        } else {
            answer.expect_status(422).expect_screen("BCI002");
        }
        app.advance(60);
    }
    assert!(app.is_suspended(APP));
    browser.follow(browser.get(&page.path).await).await.expect_screen("BLG011");
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE telephone IS NOT NULL"), 0);
}

#[tokio::test]
async fn a_code_used_at_login_is_refused_here() {
    let app = TestApp::new();
    let browser = app.logged_in_with_code(TARO, FK2).await;
    let used = app.code(FK2);
    let page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    let page = send(&browser, &page, &[("otp", &used)]).await.expect_status(422);
    assert!(page.summary().contains("次に表示される数字"), "{}", page.summary());
    assert_eq!(app.user(TARO, "telephone"), "null");
    app.advance(30);
    send(&browser, &page, &[("otp", &app.code(FK2))]).await.expect_screen("BCI003");
    // And the code of this act confirms no other.
    let again = app.code(FK2);
    let page = to_confirm(&browser, "shirakaba", "telephone", "090-0000-8888").await;
    send(&browser, &page, &[("otp", &again)]).await.expect_status(422);
    assert_eq!(app.user(TARO, "telephone"), NUMBER);
}

#[tokio::test]
async fn what_is_typed_wrong_is_named_and_changes_nothing() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    app.execute("UPDATE users SET telephone = '090-0000-0003'");
    let long = format!("{}@example.jp", "a".repeat(240));
    for (item, wrong) in [
        ("mail_address", ""),
        ("mail_address", "atarashii"),
        ("mail_address", "a@b@c"),
        ("mail_address", "a\r\nBcc: x@example.jp"),
        ("mail_address", "や@例.jp"),
        ("mail_address", "1000000003@EXAMPLE.jp"),
        ("mail_address", long.as_str()),
        ("telephone", ""),
        ("telephone", "110"),
        ("telephone", "090-0000-000"),
        ("telephone", "090-0000-00001"),
        ("telephone", "+81 90 0000 0001"),
        ("telephone", "でんわ"),
        ("telephone", "０９０００００００００３"),
        ("telephone", "090-0000-0001'; DROP TABLE users --"),
        ("telephone", "<script>alert(1)</script>"),
    ] {
        let page = press(&browser, "shirakaba", item).await.expect_screen("BCI001");
        let before = dump(&app);
        let answer = browser.submit(&page, &input(item, wrong)).await;
        let answer = answer.expect_status(422).expect_screen("BCI001");
        assert!(!answer.summary().is_empty() && !answer.body.contains("<script>"), "{wrong}");
        assert_unchanged(&before, &dump(&app), wrong);
    }
    let page = press(&browser, "shirakaba", "mail_address").await;
    let values = [("mail_address", NEW), ("mail_address_again", "other@example.jp")];
    let answer = browser.submit(&page, &values).await.expect_status(422);
    assert!(answer.summary().contains("上の欄と同じ"), "{}", answer.summary());
    assert_eq!(app.mails("mail_code"), 0);
}

#[tokio::test]
async fn forms_that_are_not_ours_are_refused() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let overview = browser.get("/shirakaba/info").await.expect_screen("BCI001");
    let form = overview.form_to("/info");
    let token = form.hidden("csrf_token").unwrap().to_owned();
    for (item, status) in [("name", 400), ("", 400), (&*"x".repeat(40), 400)] {
        let fields =
            vec![("item".to_owned(), item.to_owned()), ("csrf_token".to_owned(), token.clone())];
        browser.post("/shirakaba/info", &fields).await.expect_status(status);
    }
    let fields = vec![("item".to_owned(), "telephone".to_owned())];
    browser.post("/shirakaba/info", &fields).await.expect_status(403);
    assert_eq!(app.number("SELECT COUNT(*) FROM flows"), 0);
    let page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    let before = dump(&app);
    let form = page.form();
    for more in [("telephone", "090-0000-8888"), ("user_id", "1"), ("confirm", JIRO.confirm)] {
        let values = [("confirm", JIRO.confirm), more];
        browser.post(&form.action, &form.filled(&values)).await.expect_status(400);
    }
    let long = "9".repeat(300);
    browser.post(&form.action, &form.filled(&[("confirm", &long)])).await.expect_status(400);
    assert_unchanged(&before, &dump(&app), "forged fields");
}

#[tokio::test]
async fn somebody_elses_change_is_not_found() {
    let app = TestApp::new();
    let (browser, other) = (app.logged_in(JIRO).await, app.logged_in(HANAKO).await);
    let page = to_confirm(&browser, "shirakaba", "mail_address", NEW).await;
    let base = page.path.trim_end_matches("/confirm").to_owned();
    let before = dump(&app);
    let own = other.get("/shirakaba/info").await.form_to("/info").hidden;
    for step in ["", "/confirm", "/back", "/resend", "/cancel", "/result"] {
        let path = format!("{base}{step}");
        if !["/back", "/resend", "/cancel"].contains(&step) {
            other.get(&path).await.expect_status(404);
        }
        if step != "/result" {
            other.post(&path, &own).await.expect_status(404);
        }
    }
    // Not even for another login of the same customer.
    let second = app.logged_in(JIRO).await;
    second.get(&page.path).await.expect_status(404);
    assert_eq!(app.user(JIRO, "mail_address"), "1000000003@example.jp");
    drop(before);
}

#[tokio::test]
async fn a_change_has_its_own_address_and_so_its_own_rule() {
    // Where passwords ask for another proof than the rest, neither is had for the other's.
    let app = TestApp::new();
    let browser = app.logged_in(SHIRO).await;
    let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    assert_eq!(page.form().names, ["current_password", "confirm"]);
    let foreign = page.path.replacen("/info/secret/", "/info/contact/", 1);
    assert_ne!(foreign, page.path);
    browser.get(&foreign).await.expect_status(404);
    let form = page.form();
    let fields = form.filled(&[("otp", &app.code(APP)), ("current_password", SHIRO.password)]);
    browser.post(&foreign, &fields).await.expect_status(404);
    let page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    let foreign = page.path.replacen("/info/contact/", "/info/secret/", 1);
    let fields = page.form().filled(&[("confirm", SHIRO.confirm)]);
    browser.post(&foreign, &fields).await.expect_status(404);
    assert_eq!(app.user(SHIRO, "telephone"), "null");
}

#[tokio::test]
async fn after_an_emergency_stop_nothing_is_changed() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    app.execute("UPDATE users SET stopped_at = '2026-11-24 03:00:00'");
    let told = browser.get("/shirakaba/info").await.expect_status(403).expect_screen("BER403");
    assert!(told.text().contains("緊急停止中です"), "{}", told.text());
    let form = page.form();
    let fields = form.filled(&[("confirm", JIRO.confirm)]);
    browser.post(&form.action, &fields).await.expect_status(403);
    assert_eq!(app.user(JIRO, "telephone"), "null");
}

#[tokio::test]
async fn giving_up_changes_nothing_and_steps_are_not_had_out_of_order() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let input_page = press(&browser, "shirakaba", "telephone").await.expect_screen("BCI001");
    for step in ["/confirm", "/result"] {
        let page = browser.get(&format!("{}{step}", input_page.path)).await;
        let due = browser.follow(page).await.expect_screen("BCI001");
        assert_eq!(due.path, input_page.path);
    }
    let page = to_confirm(&browser, "shirakaba", "telephone", NUMBER).await;
    let cancel = page.form_to("/cancel");
    let answer = browser.post(&cancel.action, &cancel.hidden).await;
    let over = browser.follow(answer).await.expect_screen("BCI001");
    assert_eq!(over.path, "/shirakaba/info");
    let late = browser.follow(browser.get(&page.path).await).await.expect_screen("BCI001");
    assert!(late.text().contains("すでに終わっています"), "{}", late.text());
    browser.get("/shirakaba/").await.expect_screen("BTP001");
    assert_eq!(app.user(JIRO, "telephone"), "null");
}

/// A locked secret is not looked at, but the try is on record.
#[tokio::test]
async fn a_try_at_a_locked_login_secret_is_written_down() {
    let app = TestApp::new();
    let browser = app.logged_in(JIRO).await;
    let page = to_confirm(&browser, "shirakaba", "login_secret", NEW_PASSWORD).await;
    app.execute(&format!(
        "UPDATE users SET login_failures = 5, login_locked_at = '2026-11-24 02:00:00' \
         WHERE login_id = '{}'",
        JIRO.login_id
    ));
    let values = [("current_password", JIRO.password), ("confirm", JIRO.confirm)];
    let refused = send(&browser, &page, &values).await;
    assert_ne!(refused.screen(), "BCI003");
    assert_eq!((app.audited("login.check", "locked"), app.audited("login.check", "wrong")), (1, 0));
}
