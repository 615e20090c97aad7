//! 失効 by staff: what it ends, and from when another token can be registered.

use chrono::TimeDelta;
use madoguchi::domain::token::{ActRefusal, UserTokenStatus};
use madoguchi::operations::token::revoke::{RevokeOutcome, RevokeReason, revoke};
use madoguchi::primitives::clock::{UtcTime, parse_rfc3339};

use crate::app::{TestApp, shirakaba};
use crate::people::{FK1, FK2, FK9, JIRO, TARO, spare};

fn jst(text: &str) -> UtcTime {
    parse_rfc3339(&format!("2026-11-24T{text}+09:00")).unwrap()
}

fn revoked(app: &TestApp, serial: &str) -> RevokeOutcome {
    revoke(&app.services, &app.ctx(), serial, RevokeReason::Lost).unwrap()
}

#[tokio::test]
async fn a_revocation_ends_what_rests_on_the_token() {
    let app = TestApp::new();
    let inside = app.logged_in_with_code(TARO, FK2).await;
    app.advance(30);
    let stopping = app.browser();
    let page = app.begin(&stopping, "stop", TARO).await.expect_screen("BOM122");
    let outcome = revoked(&app, FK2);
    let registrable_from = app.now() + TimeDelta::minutes(30);
    let users = vec![TARO.login_id.to_owned()];
    assert_eq!(outcome, RevokeOutcome::Revoked { users, registrable_from });
    assert_eq!(app.token(FK2, "state"), "retired");
    let columns = ["token_status", "token_id", "login_otp_chosen"].map(|name| app.user(TARO, name));
    assert_eq!(columns[..2], ["revoked".to_owned(), "null".to_owned()]);
    assert_ne!(app.user(TARO, "revoked_at"), "null");
    inside.follow(inside.get("/shirakaba/").await).await.expect_screen("BLG091");
    let code = app.code(FK2);
    let answer = stopping.submit(&page, &[("otp", &code), ("confirm", TARO.confirm)]).await;
    assert_ne!(stopping.follow(answer).await.screen(), "BOM123");
    let open = "SELECT COUNT(*) FROM flows WHERE step NOT IN ('done', 'ended')";
    assert_eq!(app.number(open), 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE ended_at IS NULL"), 0);
    assert_eq!((app.mails("token_revoked"), app.audited("token.revoke", "lost, 1 users")), (1, 1));
    let mail = app.last_mail("token_revoked");
    for part in ["下4桁 6FK2", "2026年11月24日 12:30", "停止コード: "] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
}

#[tokio::test]
async fn a_revoked_customer_waits_and_then_registers_another_token() {
    let app = TestApp::new();
    revoked(&app, FK2);
    let end = app.now() + TimeDelta::minutes(30);
    for at in [app.now(), end - TimeDelta::microseconds(1)] {
        app.set_clock(at);
        let page = app.enter(&app.browser(), TARO).await.expect_screen("BLG013");
        assert!(page.text().contains("2026年11月24日 12:30"), "{}", page.text());
        app.begin(&app.browser(), "start", TARO).await.expect_screen("BLG013");
    }
    app.set_clock(end);
    let browser = app.browser();
    let page = app.begin(&browser, "start", TARO).await.expect_screen("BOM102");
    // The revoked one is nobody's any more.
    let code = app.code(FK2);
    let number = app.hand_out_number(&app.user(TARO, "id"));
    let with = |serial, otp| {
        [
            ("serial", serial),
            ("otp", otp),
            ("registration_number", number.as_str()),
            ("login_choice", "required"),
            ("confirm", TARO.confirm),
        ]
    };
    let refused = browser.submit(&page, &with(FK2, &code)).await.expect_status(422);
    let next = spare(1);
    let code = app.code(&next);
    let answer = browser.submit(&refused, &with(&next, &code)).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BOM103");
    assert_eq!(app.user(TARO, "revoked_at"), "null");
    app.advance(30);
    app.logged_in_with_code(TARO, &next).await;
}

#[tokio::test]
async fn where_the_portal_asks_for_no_number_none_is_typed() {
    let key = "registration_number_after_revoke";
    let profile = shirakaba().replacen(&format!("{key} = true"), &format!("{key} = false"), 1);
    let app = TestApp::with_profiles(&[("shirakaba", profile)]);
    revoked(&app, FK2);
    app.advance(1_800);
    let browser = app.browser();
    let page = app.begin(&browser, "start", TARO).await.expect_screen("BOM102");
    let next = spare(1);
    let code = app.code(&next);
    let values = [
        ("serial", next.as_str()),
        ("otp", &code),
        ("login_choice", "required"),
        ("confirm", TARO.confirm),
    ];
    let answer = browser.submit(&page, &values).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BOM103");
}

#[tokio::test]
async fn around_three_at_night_registration_opens_at_ten_past() {
    let cases = [
        ("02:58:59", "03:28:59"),
        ("02:59:00", "03:10:00"),
        ("03:09:59", "03:10:00"),
        ("03:10:00", "03:40:00"),
    ];
    let app = TestApp::new();
    for (number, (at, opens)) in cases.into_iter().enumerate() {
        let serial = if number == 0 { FK2.to_owned() } else { spare(number as u32) };
        app.set_clock(jst(at));
        if number > 0 {
            // As if the next token had been registered the day before.
            let id = app.token(&serial, "id");
            app.execute(&format!("UPDATE tokens SET state = 'in_use' WHERE id = {id}"));
            app.execute(&format!(
                "UPDATE users SET token_id = {id}, token_status = 'in_use', revoked_at = NULL \
                 WHERE login_id = '{}'",
                TARO.login_id
            ));
        }
        revoked(&app, &serial);
        app.set_clock(jst(opens) - TimeDelta::microseconds(1));
        app.enter(&app.browser(), TARO).await.expect_screen("BLG013");
        app.set_clock(jst(opens));
        app.begin(&app.browser(), "start", TARO).await.expect_screen("BOM102");
    }
}

#[tokio::test]
async fn an_issued_token_is_revoked_with_its_issue() {
    let app = TestApp::new();
    let (user, token) = (app.user(JIRO, "id"), app.token(FK9, "id"));
    app.execute(&format!(
        "UPDATE users SET token_id = {token}, token_status = 'issued' WHERE id = {user}"
    ));
    app.execute(&format!(
        "INSERT INTO token_issues (portal, user_id, token_id, user_number, mail_address, \
         activation_hash, previous_status, issued_at, expires_at) VALUES ('shirakaba', {user}, \
         {token}, '1', 'a@example.jp', 'x', 'unregistered', '2026-11-24 01:00:00', \
         '2026-11-25 01:00:00')"
    ));
    assert!(matches!(revoked(&app, FK9), RevokeOutcome::Revoked { .. }));
    let ended = "SELECT COUNT(*) FROM token_issues \
                 WHERE end_reason = 'revoked' AND ended_at IS NOT NULL";
    assert_eq!(app.number(ended), 1);
    assert_eq!(app.token(FK9, "state"), "retired");
    assert_eq!(app.user(JIRO, "token_status"), "revoked");
}

#[tokio::test]
async fn suspended_and_expired_tokens_are_revoked_and_others_are_not() {
    let app = TestApp::new();
    app.execute(&format!(
        "UPDATE tokens SET suspended_at = '2026-11-24 01:00:00', \
         expires_at = '2026-11-24 02:00:00' WHERE serial = '{FK2}'"
    ));
    assert_eq!(revoked(&app, "2V0716016ZZZ"), RevokeOutcome::NoSuchToken);
    assert_eq!(revoked(&app, FK1), RevokeOutcome::NotInUse, "shipped, not registered");
    assert!(matches!(revoked(&app, FK2), RevokeOutcome::Revoked { .. }));
    assert_eq!(revoked(&app, FK2), RevokeOutcome::NotInUse, "once");
    assert_eq!(app.mails("token_revoked"), 1);
    let id = app.token(FK9, "id");
    app.execute(&format!(
        "UPDATE users SET token_id = {id}, token_status = 'unregistered' \
         WHERE login_id = '{}'",
        JIRO.login_id
    ));
    let refusal = ActRefusal::WrongStatus(UserTokenStatus::Unregistered);
    assert_eq!(revoked(&app, FK9), RevokeOutcome::Refused(refusal));
}
