//! BAU020 and BAU021: who loses a token and who keeps it; from when the next can be registered.

use chrono::TimeDelta;
use madoguchi::primitives::clock::parse_rfc3339;

use super::site::{Company, HANAKO, ICHIRO, JIRO, RIKKA, SABURO, SACHIKO, SHARED, SHIRO, address};

const LIST: &str = "/inaho/admin/revoke";

#[tokio::test]
async fn only_the_ticked_users_lose_a_shared_token() {
    let app = Company::new();
    let jiro = app.logged_in(JIRO).await;
    let browser = app.logged_in(HANAKO).await;
    let page = browser.get(LIST).await.expect_screen("BAU020");
    assert!(page.text().contains("2026年11月24日 12:30 から"), "{}", page.text());
    let answer = app.send(&browser, &page, &[JIRO], &[("confirm", HANAKO.confirm)]).await;
    let result = browser.follow(answer.expect_status(303)).await.expect_screen("BAU021");
    for part in ["データ二郎", SHARED, "失効中", "データ花子が引き続き使います", "年"]
    {
        assert!(result.text().contains(part), "{part}: {}", result.text());
    }
    assert_eq!(app.token(SHARED, "state"), "in_use");
    assert_eq!((app.user(JIRO, "token_status"), app.user(JIRO, "token_id")), pair("revoked"));
    jiro.follow(jiro.get("/inaho/").await).await.expect_screen("BLG091");
    app.enter(&app.browser(), JIRO).await.expect_screen("BLG013");
    app.logged_in(HANAKO).await;
    let mut told = vec![address(HANAKO), address(JIRO), address(SABURO)];
    told.sort();
    assert_eq!(app.told("token_revoked"), told);
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'token.revoke'"), 1);
    // The list shows a dash for what is gone.
    let list = browser.get("/inaho/admin/revoke?q=jirodt").await;
    assert!(list.text().contains("失効中") && !list.text().contains(SHARED), "{}", list.text());
}

fn pair(status: &str) -> (String, String) {
    (status.to_owned(), "null".to_owned())
}

#[tokio::test]
async fn a_token_that_nobody_keeps_retires() {
    let app = Company::new();
    app.release_behind("34567890");
    let browser = app.logged_in(SABURO).await;
    let page = browser.get(LIST).await;
    let ticked = [HANAKO, JIRO, RIKKA];
    // With 花子's token gone, only 三郎 could release: that is agreed to.
    let agreed = [("confirm", SABURO.confirm), ("agreed", "yes")];
    let answer = app.send(&browser, &page, &ticked, &agreed).await;
    let result = browser.follow(answer.expect_status(303)).await.expect_screen("BAU021");
    assert!(result.text().contains("次の3名") && !result.text().contains("引き続き使います"));
    assert_eq!(app.token(SHARED, "state"), "retired");
    assert_eq!(app.token("78100644", "state"), "retired");
    // One notice a token to each of the administrators and to whom it was about.
    assert_eq!(app.told("token_revoked").len(), 3 + 3);
}

#[tokio::test]
async fn the_own_token_is_asked_about_once_more_and_ends_the_login() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = browser.get(LIST).await;
    let confirm = [("confirm", HANAKO.confirm)];
    let asked = app.send(&browser, &page, &[HANAKO], &confirm).await.expect_status(422);
    assert!(asked.summary().contains("ご自身のトークン"), "{}", asked.summary());
    assert_eq!(app.user(HANAKO, "token_status"), "in_use");
    let agreed = [("confirm", HANAKO.confirm), ("agreed", "yes")];
    let result = app.send(&browser, &asked, &[HANAKO], &agreed).await;
    let result = result.expect_status(200).expect_screen("BAU021");
    assert!(result.text().contains("ログアウトしました"), "{}", result.text());
    browser.follow(browser.get("/inaho/admin").await).await.expect_screen("BLG001");
    app.enter(&app.browser(), HANAKO).await.expect_screen("BLG013");
    assert_eq!(app.token(SHARED, "state"), "in_use");
}

#[tokio::test]
async fn of_two_revocations_at_once_one_is_done() {
    let app = Company::new();
    app.release_behind("34567890");
    let (one, two) = (app.logged_in(HANAKO).await, app.logged_in(SABURO).await);
    let (first, second) = (one.get(LIST).await, two.get(LIST).await);
    let (first, second) = futures_util::join!(
        app.send(&one, &first, &[SACHIKO], &[("confirm", HANAKO.confirm)]),
        app.send(&two, &second, &[SACHIKO], &[("confirm", SABURO.confirm)]),
    );
    let mut states = [first.status, second.status];
    states.sort_unstable();
    assert_eq!(states, [303, 409]);
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'token.revoke'"), 1);
    assert_eq!(app.told("token_revoked").len(), 3);
}

#[tokio::test]
async fn registration_is_possible_again_after_half_an_hour_or_at_ten_past_three() {
    let app = Company::new();
    let cases = [
        (SACHIKO, "02:58:59", "03:28:59"),
        (RIKKA, "02:59:00", "03:10:00"),
        (JIRO, "03:09:59", "03:10:00"),
        (ICHIRO, "03:10:00", "03:40:00"),
    ];
    let at = |time: &str| parse_rfc3339(&format!("2026-11-25T{time}+09:00")).unwrap();
    for (who, revoked_at, from) in cases {
        app.set_clock(at(revoked_at));
        let browser = app.logged_in(HANAKO).await;
        let page = browser.get(LIST).await;
        let answer = app.send(&browser, &page, &[who], &[("confirm", HANAKO.confirm)]).await;
        browser.follow(answer.expect_status(303)).await.expect_screen("BAU021");
        app.set_clock(at(from) - TimeDelta::seconds(1));
        app.enter(&app.browser(), who).await.expect_screen("BLG013");
        app.set_clock(at(from));
        app.enter(&app.browser(), who).await.expect_screen("BLG020");
    }
    // What one of them lost, the others register; what is retired nobody.
    let (_, refused) = app.register(SACHIKO, "78100641", &app.otp("78100641")).await;
    refused.expect_status(422);
    let (browser, answer) = app.register(JIRO, SHARED, &app.otp(SHARED)).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTP001");
    app.enter(&app.browser(), SHIRO).await.expect_screen("BLG020");
}
