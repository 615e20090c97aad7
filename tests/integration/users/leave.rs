//! 退職者の手続き (BAU070, BAU071), and what is asked once more before nobody is left who could
//! release.

use super::site::{Company, HANAKO, JIRO, SABURO, SACHIKO};
use crate::codes;
use crate::people::Person;

const SHARED: &str = "12345678";

#[tokio::test]
async fn leavers_go_in_one_act_and_their_tokens_stay() {
    let app = Company::new();
    let (browser, own) = (app.logged_in(SABURO).await, app.logged_in(SACHIKO).await);
    let list = app.list(&browser, "leave").await.expect_screen("BAU070");
    let both = ["jirodt", "sachikodt"];
    let values = [("confirm", SABURO.confirm)];
    let answer = app.ticks_of(&browser, &list, &both, &values).await;
    // Sent twice, it is done once.
    let again = app.ticks_of(&browser, &list, &both, &values).await;
    assert!(answer.location.is_some() && answer.location == again.location);
    let done = browser.follow(answer).await.expect_screen("BAU071");
    let text = done.text();
    assert!(text.contains("次の2名の登録を削除しました"), "{text}");
    assert!(text.contains("12345678（データ花子が引き続き利用）"), "{text}");
    assert!(text.contains("78100641（未登録に戻りました）"), "{text}");
    own.follow(own.get("/inaho/").await).await.expect_screen("BLG091");
    for (who, login_id) in [(JIRO, "jirodt"), (SACHIKO, "sachikodt")] {
        app.enter(&app.browser(), who).await.expect_screen("BLG001");
        assert_eq!((app.of(login_id, "token_id"), app.rights(login_id)), ("null".into(), vec![]));
        assert_eq!(app.lines("user.delete", login_id), 1);
        assert_eq!(app.mails_to("user_deleted", &format!("{login_id}@example.jp")), 1);
    }
    assert_eq!(app.mails_to("user_deleted", "hanakodt@example.jp"), 1);
    assert_eq!(app.token(SHARED, "state"), "in_use");
    app.logged_in(HANAKO).await;
    // Whoever comes next registers the token that was given back.
    assert_eq!(app.token("78100641", "state"), "shipped");
    let shiro = Person { login_id: "shirodt", password: "Shiro#2026", confirm: "kakunin35" };
    let next = app.browser();
    let page = app.enter(&next, shiro).await.expect_screen("BLG020");
    let code = codes::code("78100641", codes::step_at(app.now(), 60), 6);
    let answer = next.submit(&page, &[("serial", "78100641"), ("otp", &code)]).await;
    answer.expect_status(303);
    let list = app.list(&browser, "leave").await;
    assert!(!list.text().contains("データ二郎"), "{}", list.text());
}

#[tokio::test]
async fn whom_the_rules_spare_stays() {
    let app = Company::new();
    let values = [("confirm", HANAKO.confirm), ("agreed", "yes")];
    let browser = app.logged_in(HANAKO).await;
    for (login_id, status) in [("hanakodt", 409), ("saburodt", 409), ("nanaodt", 404)] {
        let list = app.list(&browser, "leave").await;
        let answer = app.ticks_of(&browser, &list, &[login_id], &values).await;
        answer.expect_status(status);
        assert_eq!(app.of(login_id, "deleted_at"), "null", "{login_id}");
    }
    let list = app.list(&browser, "leave").await;
    app.ticks_of(&browser, &list, &[], &values).await.expect_status(422);
    let wrong = [("confirm", "machigai9")];
    app.ticks_of(&browser, &list, &["jirodt"], &wrong).await.expect_status(422);
    // From a page older than somebody else's change: nobody leaves.
    app.execute("UPDATE users SET version = version + 1 WHERE login_id = 'gorodt'");
    let list_again = app.ticks_of(&browser, &list, &["gorodt", "jirodt"], &values).await;
    list_again.expect_status(409).expect_screen("BAU070");
    assert_eq!(app.of("jirodt", "deleted_at"), "null");
    let general = app.logged_in(JIRO).await;
    general.get("/inaho/admin/leave").await.expect_status(403);
    general.get("/inaho/admin/leave/result/1").await.expect_status(403);
}

#[tokio::test]
async fn before_fewer_than_two_could_release_it_is_asked_once_more() {
    let app = Company::new();
    let browser = app.logged_in(SABURO).await;
    let confirm = ("confirm", SABURO.confirm);
    for (act, extra) in [("leave", ("agreed", "")), ("pause", ("act", "pause"))] {
        let list = app.list(&browser, act).await;
        let answer = app.ticks_of(&browser, &list, &["hanakodt"], &[confirm, extra]).await;
        let asked = answer.expect_status(422);
        let words = asked.summary();
        assert!(words.contains("利用停止解除ができる方は1名になります"), "{act}: {words}");
        assert!(asked.body.contains("name=\"agreed\""), "{act}");
    }
    // BAU033: a deletion, and a change that takes the role away; both know from the start whom they
    // are about, so the box is there before anything is sent.
    let page = app.begins(&browser, "hanakodt", "change").await.expect_screen("BAU031");
    let values =
        [("name", "データ花子"), ("role", "general"), ("mail_address", "hanakodt@example.jp")];
    let page = browser.follow(browser.submit(&page, &values).await).await.expect_screen("BAU032");
    let none = ["", "", "", ""];
    let lowered = app.ticks(&browser, &page, &["balance"], &["7010045"], none).await;
    let deletes = app.begins(&browser, "hanakodt", "delete").await;
    app.execute("UPDATE flows SET step = 'confirm' WHERE step = 'ended'");
    for page in [lowered, deletes] {
        let page = page.expect_screen("BAU033");
        assert!(page.body.contains("name=\"agreed\""), "{}", page.body);
        let asked = browser.submit(&page, &[confirm]).await.expect_status(422);
        assert!(asked.summary().contains("1名になります"), "{}", asked.summary());
        let wrong = [("confirm", "machigai9"), ("agreed", "yes")];
        let agreed = browser.submit(&asked, &wrong).await.expect_status(422);
        assert!(!agreed.summary().contains("1名になります"), "{}", agreed.summary());
    }
    assert_eq!(
        (app.of("hanakodt", "role"), app.of("hanakodt", "version")),
        ("administrator".into(), "0".into())
    );
    let list = app.list(&browser, "revoke").await;
    let form = list.keyed_form();
    let tick = format!("user_{}", app.id("hanakodt"));
    let answer = browser.post(&form.action, &form.filled(&[confirm, (&tick, "on")])).await;
    assert!(answer.expect_status(422).summary().contains("1名になります"));
    assert_eq!(app.of("hanakodt", "token_status"), "in_use");
    // A general user's leave asks nothing, and neither does what was agreed to.
    let list = app.list(&browser, "leave").await;
    let agreed = [confirm, ("agreed", "yes")];
    let answer = app.ticks_of(&browser, &list, &["hanakodt"], &agreed).await;
    let done = browser.follow(answer).await.expect_screen("BAU071");
    assert!(done.text().contains("12345678（データ二郎が引き続き利用）"), "{}", done.text());
}

#[tokio::test]
async fn who_stopped_everything_leaves_with_whom_the_token_is_shared() {
    for stopped in ["jirodt", "hanakodt"] {
        let app = Company::new();
        app.execute(&format!(
            "UPDATE users SET stopped_at = created_at WHERE login_id = '{stopped}'"
        ));
        let browser = app.logged_in(SABURO).await;
        let list = app.list(&browser, "leave").await;
        let values = [("confirm", SABURO.confirm), ("agreed", "yes")];
        let both = ["jirodt", "hanakodt"];
        let answer = app.ticks_of(&browser, &list, &both, &values).await;
        let done = browser.follow(answer).await.expect_screen("BAU071");
        assert!(done.text().contains("12345678（もう使えません）"), "{stopped}: {}", done.text());
        assert_eq!(app.token(SHARED, "state"), "retired");
    }
}
