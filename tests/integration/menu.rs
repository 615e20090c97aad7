//! Software tokens in the menu after login: issue, start, stop; what an issue leaves behind; flows
//! that outlive their session; customers who may see the menu alone.

mod export;
mod intercepted;
mod site;

use crate::browser::Browser;
pub use site::{ACTIVATION, CONFIRM, MenuApp, TARO};
use site::{MARI, PHONE, pick};

#[tokio::test]
async fn a_token_is_issued_set_up_started_asked_for_and_stopped() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let top = browser.get("/minori/").await.expect_screen("BTP001");
    assert!(top.text().contains("200,000円"), "{}", top.text());
    let result = app.issue(&browser, TARO).await.expect_screen("BOT003");
    assert_eq!(result.fact("サービスID").as_deref(), Some("30000001"));
    let user_number = result.fact("ユーザID").unwrap();
    assert_eq!((user_number.len(), result.fact("受付番号").unwrap().len()), (12, 7));
    let held = "2026年11月25日 12:00 まで、お振込を制限しています。";
    assert!(result.text().contains(held), "{}", result.text());
    let again = browser.get(&result.path).await;
    assert_eq!(again.fact("受付番号"), result.fact("受付番号"));

    let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
    assert!(overview.text().contains("トークン発行済み") && overview.text().contains(&user_number));
    assert!(pick(&overview, "start").is_none(), "not before the set-up");
    app.set_up(TARO);
    let code = app.code(TARO, 0);
    let answer = app.start(&browser, &code).await;
    let started = browser.follow(answer).await.expect_screen("BOT012");
    assert!(started.text().contains(held), "{}", started.text());
    let token = app.texts(
        "SELECT state || ' ' || digits || ' ' || period_seconds AS value FROM tokens \
         WHERE portal = 'minori'",
    );
    assert_eq!(token, ["in_use 8 60"]);
    assert_eq!(app.texts("SELECT end_reason AS value FROM token_issues"), ["started"]);
    assert_eq!(app.user(TARO, "token_status"), "in_use");
    assert_ne!(app.user(TARO, "hold_until"), "null");

    app.advance(60);
    let browser = app.browser();
    let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
    let answer = browser.submit(&page, &[("otp", &app.code(TARO, 0))]).await;
    browser.follow(answer).await.expect_screen("BTP001");
    app.advance(60);
    let page = app.begin(&browser, "stop").await.expect_screen("BOS001");
    let falls = "1日の限度額は、すべてのサービスを合わせて200,000円までになります。";
    assert!(page.text().contains(falls), "{}", page.text());
    let answer = app.stop(&browser, &app.code(TARO, 0), CONFIRM).await;
    browser.follow(answer).await.expect_screen("BOS002");
    assert_eq!(app.texts("SELECT state AS value FROM tokens WHERE portal = 'minori'"), ["retired"]);
    assert_eq!(app.user(TARO, "token_status"), "unregistered");
    app.logged_in(TARO).await;
}

#[tokio::test]
async fn the_mails_of_an_issue_carry_ids_but_no_secret() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let result = app.issue(&browser, TARO).await.expect_screen("BOT003");
    let guide = app.last_mail("token_issue_guide");
    let address =
        app.texts("SELECT to_address AS value FROM mails WHERE kind = 'token_issue_guide'");
    assert_eq!(address, [PHONE]);
    for part in ["30000001", &result.fact("ユーザID").unwrap(), &format!("{}/token/", app.url)] {
        assert!(guide.contains(part), "{part}: {guide}");
    }
    let serial = app.texts("SELECT serial AS value FROM tokens WHERE portal = 'minori'").remove(0);
    assert!(!guide.contains(site::ACTIVATION) && !guide.contains("/login"), "{guide}");
    assert!(!guide.contains(&serial), "{guide}");
    let notice = app.last_mail("token_issued");
    assert!(notice.contains(&serial[5..]) && !notice.contains("/login"), "{notice}");
    assert!(notice.contains(&result.fact("受付番号").unwrap()), "{notice}");
    for mail in [&guide, &app.last_mail("token_issue_code")] {
        assert!(mail.contains("0120-000-112（24時間・年中無休）"), "{mail}");
        assert!(!mail.contains("停止コード"), "{mail}");
    }
    let hash = app.texts("SELECT activation_hash AS value FROM token_issues").remove(0);
    assert!(hash.starts_with("$argon2id$"), "{hash}");
}

#[tokio::test]
async fn neither_the_mailed_code_nor_the_confirming_secret_alone_is_enough() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.to_confirm(&browser).await;
    let code = app.mailed_code();
    let wrong = if code == "000000" { "111111" } else { "000000" };
    for (mail_code, confirm) in [(wrong, CONFIRM), (code.as_str(), "kakunin99")] {
        let again = browser.submit(&page, &[("mail_code", mail_code), ("confirm", confirm)]).await;
        let again = again.expect_status(422).expect_screen("BOT002");
        assert!(!again.summary().is_empty() && !again.body.contains(confirm));
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM token_issues"), 0);
    assert_eq!(app.audited("mail_code.check", "wrong"), 1);
    let page = browser.get(&page.path).await;
    let answer = browser.submit(&page, &[("mail_code", &code), ("confirm", CONFIRM)]).await;
    browser.follow(answer).await.expect_screen("BOT003");
}

#[tokio::test]
async fn a_mailed_code_has_five_tries_ten_minutes_and_is_sent_again_three_times() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.to_confirm(&browser).await;
    let first = app.mailed_code();
    let wrong = if first == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        let values = [("mail_code", wrong), ("confirm", CONFIRM)];
        browser.submit(&page, &values).await.expect_status(422);
    }
    let values = [("mail_code", first.as_str()), ("confirm", CONFIRM)];
    let refused = browser.submit(&page, &values).await.expect_status(422);
    assert!(refused.summary().contains("再送"), "{}", refused.summary());
    let resend = page.form_to("/resend");
    for _ in 0..3 {
        browser.post(&resend.action, &resend.hidden).await.expect_status(303);
    }
    assert_eq!(app.mails("token_issue_code"), 4);
    browser.post(&resend.action, &resend.hidden).await.expect_status(422);
    assert_eq!(app.mails("token_issue_code"), 4);
    app.advance(599);
    let page = browser.get(&page.path).await.expect_screen("BOT002");
    assert!(!page.has_form_to("/resend"));
    let code = app.mailed_code();
    app.advance(1);
    let values = [("mail_code", code.as_str()), ("confirm", CONFIRM)];
    browser.submit(&page, &values).await.expect_status(422);
    assert_eq!(app.number("SELECT COUNT(*) FROM token_issues"), 0);
}

#[tokio::test]
async fn a_code_of_the_first_setup_opens_no_issue() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.to_confirm(&browser).await;
    app.execute("UPDATE mail_codes SET purpose = 'first_setup'");
    let code = app.mailed_code();
    let values = [("mail_code", code.as_str()), ("confirm", CONFIRM)];
    browser.submit(&page, &values).await.expect_status(422);
    assert_eq!(app.number("SELECT COUNT(*) FROM token_issues"), 0);
}

#[tokio::test]
async fn back_keeps_the_address_and_no_secret_and_giving_up_changes_nothing() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.to_confirm(&browser).await;
    assert_eq!(page.fact("携帯メールアドレス").as_deref(), Some(PHONE));
    let back = page.form_to("/back");
    let answer = browser.post(&back.action, &back.hidden).await.expect_status(303);
    let input = browser.follow(answer).await.expect_screen("BOT001");
    assert!(input.body.contains(PHONE) && !input.body.contains(site::ACTIVATION));
    let draft = app.texts("SELECT draft AS value FROM flows").remove(0);
    assert!(!draft.contains("argon2"), "{draft}");
    // The step behind is not to be had by its address.
    browser.follow(browser.get(&page.path).await).await.expect_screen("BOT001");
    let answer = browser.submit(&input, &site::input(PHONE)).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BOT002");
    assert_eq!(app.mails("token_issue_code"), 1, "the code sent before still holds");
    let cancel = page.form_to("/cancel");
    let answer = browser.post(&cancel.action, &cancel.hidden).await;
    browser.follow(answer).await.expect_screen("BOT000");
    let over = browser.follow(browser.get(&page.path).await).await.expect_screen("BOT000");
    assert!(over.path.ends_with("?lost=1"));
    assert_eq!(app.number("SELECT COUNT(*) FROM token_issues"), 0);
    assert_eq!(app.user(TARO, "token_status"), "unregistered");
}

#[tokio::test]
async fn what_is_typed_wrong_is_named() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.begin(&browser, "issue").await.expect_screen("BOT001");
    for activation in ["123", "123456789", "12a4", ""] {
        let mut values = site::input(PHONE).to_vec();
        values[2].1 = activation;
        values[3].1 = activation;
        let again = browser.submit(&page, &values).await.expect_status(422);
        assert!(again.summary().contains("利用開始パスワード"), "{activation}");
    }
    let mut values = site::input(PHONE).to_vec();
    values[1].1 = "other@example.jp";
    browser.submit(&page, &values).await.expect_status(422);
    assert_eq!(app.mails("token_issue_code"), 0);
}

#[tokio::test]
async fn a_second_issue_takes_the_place_of_the_first() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    app.issue(&browser, TARO).await.expect_screen("BOT003");
    app.issue(&browser, TARO).await.expect_screen("BOT003");
    let states = app.texts("SELECT state AS value FROM tokens WHERE portal = 'minori' ORDER BY id");
    assert_eq!(states, ["retired", "shipped"]);
    let ends = app.texts(
        "SELECT COALESCE(end_reason, 'open') || ' ' || previous_status AS value \
         FROM token_issues ORDER BY id",
    );
    assert_eq!(ends, ["replaced unregistered", "open unregistered"]);
}

#[tokio::test]
async fn an_issue_not_set_up_in_time_leaves_things_as_they_were() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    app.issue(&browser, TARO).await.expect_screen("BOT003");
    app.advance(24 * 3600 - 1);
    assert_eq!(app.end_due(), 0);
    app.advance(1);
    assert_eq!((app.end_due(), app.end_due()), (1, 0));
    assert_eq!(app.user(TARO, "token_status"), "unregistered");
    assert_eq!(app.user(TARO, "token_id"), "null");
    assert_eq!(app.texts("SELECT state AS value FROM tokens WHERE portal = 'minori'"), ["retired"]);
    assert_eq!(app.audited("token.issue_end", "expired"), 1);
    // What is set up stays.
    let browser = app.logged_in(TARO).await;
    app.issue(&browser, TARO).await.expect_screen("BOT003");
    app.set_up(TARO);
    app.advance(48 * 3600);
    assert_eq!(app.end_due(), 0);
}

#[tokio::test]
async fn wrong_codes_at_the_start_suspend_the_token() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    app.issue(&browser, TARO).await.expect_screen("BOT003");
    app.set_up(TARO);
    for (at, code) in app.wrong_codes(TARO, 5).iter().enumerate() {
        let answer = app.start(&browser, code).await;
        if at < 4 {
            answer.expect_status(422).expect_screen("BOT011");
        } else {
            browser.follow(answer).await.expect_screen("BLG011");
        }
        app.advance(60);
    }
    app.enter(&app.browser(), TARO).await.expect_screen("BLG011");
}

#[tokio::test]
async fn a_form_sent_twice_issues_once() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.to_confirm(&browser).await;
    let code = app.mailed_code();
    let values = [("mail_code", code.as_str()), ("confirm", CONFIRM)];
    let (one, two) = tokio::join!(browser.submit(&page, &values), browser.submit(&page, &values));
    assert!(one.is_done() && two.is_done(), "{:?} {:?}", one.location, two.location);
    assert_eq!(app.number("SELECT COUNT(*) FROM token_issues"), 1);
    assert_eq!(app.mails("token_issued"), 1);
}

#[tokio::test]
async fn after_an_idle_end_a_new_login_carries_the_flow_on() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.to_confirm(&browser).await;
    app.advance(700);
    browser.follow(browser.get(&page.path).await).await.expect_screen("BLG091");
    // Somebody else does not get there.
    let other = app.logged_in(MARI).await;
    other.get(&page.path).await.expect_status(404);
    let again = app.browser();
    let resumed = app.enter(&again, TARO).await.expect_screen("BOT002");
    assert_eq!(
        (&resumed.path, resumed.fact("携帯メールアドレス").as_deref()),
        (&page.path, Some(PHONE))
    );
    let back = resumed.form_to("/back");
    let answer = again.post(&back.action, &back.hidden).await;
    let input = again.follow(answer).await.expect_screen("BOT001");
    // Nobody came back this time before the next login.
    app.advance(700);
    let third = app.browser();
    let resumed = app.enter(&third, TARO).await.expect_screen("BOT001");
    assert_eq!(resumed.path, input.path);
    assert!(resumed.body.contains(PHONE));
    app.advance(3600 + 700);
    app.enter(&app.browser(), TARO).await.expect_screen("BTP001");
}

#[tokio::test]
async fn a_flow_in_a_session_that_goes_on_stays_there() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.to_confirm(&browser).await;
    app.logged_in(TARO).await;
    browser.get(&page.path).await.expect_screen("BOT002");
    let form = browser.get("/minori/").await.form_to("/logout");
    browser.post(&form.action, &form.hidden).await;
    app.enter(&app.browser(), TARO).await.expect_screen("BTP001");
}

#[tokio::test]
async fn whoever_has_an_expired_or_revoked_token_sees_the_menu_alone() {
    for state in ["expired", "revoked"] {
        let app = MenuApp::new();
        let browser = app.logged_in(TARO).await;
        app.issue(&browser, TARO).await.expect_screen("BOT003");
        app.set_up(TARO);
        let answer = app.start(&browser, &app.code(TARO, 0)).await;
        browser.follow(answer).await.expect_screen("BOT012");
        let browser = app.browser();
        if state == "expired" {
            app.execute(
                "UPDATE tokens SET expires_at = '2026-11-24 02:00:00' WHERE portal = 'minori'",
            );
            app.enter(&browser, TARO).await.expect_screen("BLG014");
        } else {
            app.execute(
                "UPDATE users SET token_status = 'revoked', revoked_at = '2026-11-24 03:00:00' \
                 WHERE portal = 'minori'",
            );
            app.enter(&browser, TARO).await.expect_screen("BLG013");
            app.advance(1800);
            app.enter(&browser, TARO).await.expect_screen("BOT000");
        }
        browser.follow(browser.get("/minori/").await).await.expect_screen("BOT000");
        let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
        assert!(pick(&overview, "start").is_none() && pick(&overview, "stop").is_none());
        app.issue(&browser, TARO).await.expect_screen("BOT003");
        browser.follow(browser.get("/minori/").await).await.expect_screen("BOT000");
        app.set_up(TARO);
        let answer = app.start(&browser, &app.code(TARO, 0)).await;
        browser.follow(answer).await.expect_screen("BOT012");
        browser.get("/minori/").await.expect_screen("BTP001");
        let states =
            app.texts("SELECT state AS value FROM tokens WHERE portal = 'minori' ORDER BY id");
        assert_eq!(states, ["retired", "in_use"], "{state}");
    }
}

#[tokio::test]
async fn flows_of_the_login_page_have_no_address_here_nor_the_menu_there() {
    let app = MenuApp::new();
    for path in ["token/start", "token/stop", "token/exchange"] {
        app.browser().get(&format!("/minori/{path}")).await.expect_status(404);
    }
    let other = crate::app::TestApp::new();
    other.browser().get("/shirakaba/token/menu").await.expect_status(404);
}

#[tokio::test]
async fn somebody_elses_flow_is_not_found() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    let page = app.to_confirm(&browser).await;
    let other: Browser = app.logged_in(MARI).await;
    other.get(&page.path).await.expect_status(404);
}

/// A token revoked by staff, the next one issued: once that is suspended too, login is refused
/// until staff release it, as for anybody else.
#[tokio::test]
async fn after_a_revocation_a_suspended_next_token_refuses_the_login() {
    let app = MenuApp::new();
    let browser = app.logged_in(TARO).await;
    app.issue(&browser, TARO).await.expect_screen("BOT003");
    // As if the one before had been revoked an hour ago.
    app.execute("UPDATE users SET revoked_at = '2026-11-24 02:00:00' WHERE login_id = 'minori01'");
    app.enter(&app.browser(), TARO).await.expect_screen("BTP001");
    let suspend = |at: &str| {
        app.execute(&format!(
            "UPDATE tokens SET suspended_at = {at} WHERE id = {}",
            app.user(TARO, "token_id")
        ));
    };
    suspend("'2026-11-24 02:30:00'");
    let refused = app.browser();
    app.enter(&refused, TARO).await.expect_screen("BLG011");
    assert_eq!(app.audited("login.password", "token suspended"), 1);
    suspend("NULL");
    app.enter(&app.browser(), TARO).await.expect_screen("BTP001");
}
