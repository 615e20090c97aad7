//! 利用停止・再開 (BAU040, BAU041).

use super::site::{Company, HANAKO, JIRO, SABURO, SACHIKO};

#[tokio::test]
async fn a_paused_user_is_sent_to_the_administrator() {
    let app = Company::new();
    let (browser, own) = (app.logged_in(HANAKO).await, app.logged_in(SACHIKO).await);
    let done = app.pauses(&browser, HANAKO, "pause", "sachikodt").await.expect_screen("BAU041");
    assert!(done.text().contains("次の1名の利用を停止しました"), "{}", done.text());
    let again = browser.get(&done.path).await.expect_screen("BAU041");
    assert_eq!(again.fact("受付番号"), done.fact("受付番号"));
    own.follow(own.get("/inaho/").await).await.expect_screen("BLG091");
    let page = app.enter(&app.browser(), SACHIKO).await.expect_status(403);
    let page = page.expect_screen("BLG015");
    assert!(page.text().contains("管理者の方"), "{}", page.text());
    // A wrong password says nothing of it.
    let wrong = crate::people::Person { password: "Machigai#2026", ..SACHIKO };
    app.enter(&app.browser(), wrong).await.expect_screen("BLG001");
    assert_eq!(app.lines("user.pause", "sachikodt"), 1);
    assert_eq!(app.mails_to("user_paused", "sachikodt@example.jp"), 1);
    assert_eq!(app.mails_to("user_paused", "saburodt@example.jp"), 1);
    let listed = browser.get("/inaho/admin/members?state=paused").await;
    assert!(listed.text().contains("sachikodt") && listed.text().contains("1件のうち"));
    app.pauses(&browser, HANAKO, "resume", "sachikodt").await.expect_screen("BAU041");
    assert_eq!(app.mails_to("user_resumed", "sachikodt@example.jp"), 1);
    app.logged_in(SACHIKO).await;
}

#[tokio::test]
async fn several_at_once_all_or_none() {
    let app = Company::new();
    let browser = app.logged_in(SABURO).await;
    let list = app.list(&browser, "pause").await.expect_screen("BAU040");
    // With 花子 gone, only 三郎 could release: that is agreed to.
    let values = [("act", "pause"), ("confirm", SABURO.confirm), ("agreed", "yes")];
    let both = ["jirodt", "hanakodt"];
    let answer = app.ticks_of(&browser, &list, &both, &values).await;
    let done = browser.follow(answer).await.expect_screen("BAU041");
    assert!(done.text().contains("次の2名"), "{}", done.text());
    for who in [JIRO, HANAKO] {
        app.enter(&app.browser(), who).await.expect_screen("BLG015");
    }
    // One of these two is paused already: the page says which.
    let list = app.list(&browser, "pause").await;
    let answer = app.ticks_of(&browser, &list, &["jirodt", "sachikodt"], &values).await;
    let answer = answer.expect_status(422);
    assert!(answer.summary().contains("データ二郎は、すでに利用停止中"), "{}", answer.summary());
    // From a page that is older than the change, it is a 409 and none is paused.
    app.execute("UPDATE users SET version = version + 1 WHERE login_id = 'gorodt'");
    let answer = app.ticks_of(&browser, &list, &["gorodt", "sachikodt"], &values).await;
    answer.expect_status(409).expect_screen("BAU040");
    assert_eq!(
        (app.of("gorodt", "paused_at"), app.of("sachikodt", "paused_at")),
        ("null".into(), "null".into())
    );
}

#[tokio::test]
async fn whom_the_rules_spare_has_no_box_and_no_forged_one_either() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let list = app.list(&browser, "pause").await;
    for login_id in ["hanakodt", "saburodt"] {
        assert!(!list.body.contains(&format!("user_{}.", app.id(login_id))), "{login_id}");
    }
    let values = [("act", "pause"), ("confirm", HANAKO.confirm), ("agreed", "yes")];
    // Oneself, a master user; a user of another company is not there at all.
    for (login_id, status) in [("hanakodt", 409), ("saburodt", 409), ("nanaodt", 404)] {
        let list = app.list(&browser, "pause").await;
        let answer = app.ticks_of(&browser, &list, &[login_id], &values).await;
        answer.expect_status(status);
        assert_eq!(app.of(login_id, "paused_at"), "null");
    }
    let list = app.list(&browser, "pause").await;
    app.ticks_of(&browser, &list, &[], &values).await.expect_status(422);
    let no_proof = [("act", "pause"), ("confirm", "")];
    app.ticks_of(&browser, &list, &["jirodt"], &no_proof).await.expect_status(422);
    app.ticks_of(&browser, &list, &["jirodt"], &[("act", "x")]).await.expect_status(400);
    let general = app.logged_in(JIRO).await;
    general.get("/inaho/admin/pause").await.expect_status(403);
    general.get("/inaho/admin/reset").await.expect_status(403);
}
