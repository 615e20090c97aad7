//! Who may release and revoke whom: every actor and target of the company, by what the server says
//! to the form and not by what the list offers.

use std::collections::BTreeMap;

use super::site::{
    Company, GORO, HANAKO, ICHIRO, JIRO, NANAO, RIKKA, SABURO, SACHIKO, SHIRO, TARO, YACHIYO,
};
use crate::people::Person;

const TARGETS: [Person; 11] =
    [HANAKO, ICHIRO, JIRO, SABURO, SHIRO, SACHIKO, TARO, GORO, RIKKA, NANAO, YACHIYO];

/// Whether the list offers the act on each target, and what the server answers to a forged form.
async fn answers(app: &Company, actor: Person, list: &str) -> BTreeMap<&'static str, (bool, u16)> {
    let mut found = BTreeMap::new();
    let browser = app.logged_in(actor).await;
    for target in TARGETS {
        let page = browser.get(list).await;
        if page.status == 403 {
            found.insert(target.login_id, (false, 403));
            continue;
        }
        let offered = page.keyed_form().names.contains(&app.tick(target));
        // A wrong confirming secret: what is refused for another reason never gets that far.
        let answer = app
            .send(&browser, &page, &[target], &[("confirm", actor.confirm), ("agreed", "yes")])
            .await;
        let status = answer.status;
        if matches!(status, 200 | 303) {
            panic!("{} did it to {}: take it out of the table", actor.login_id, target.login_id);
        }
        found.insert(target.login_id, (offered, status));
    }
    found
}

#[tokio::test]
async fn what_no_administrator_may_do_the_server_refuses() {
    let app = Company::new();
    // 花子 may release 一郎 and 三郎 only, which other tests do: here they stand released.
    app.release_behind("23456789");
    app.release_behind("34567890");
    for actor in [HANAKO, SABURO] {
        let found = answers(&app, actor, "/inaho/admin/release").await;
        for target in TARGETS {
            let is_foreign = [NANAO.login_id, YACHIYO.login_id].contains(&target.login_id);
            let expected = (false, if is_foreign { 404 } else { 409 });
            assert_eq!(found[target.login_id], expected, "{} {}", actor.login_id, target.login_id);
        }
    }
    assert_eq!(app.told("token_released"), Vec::<String>::new());
}

#[tokio::test]
async fn nobody_releases_themself_or_whom_they_share_the_token_with() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = browser.get("/inaho/admin/release").await.expect_screen("BAU010");
    // Suspended behind the back of the open login, which a suspension would have ended.
    app.suspend_behind("12345678");
    for target in [HANAKO, JIRO] {
        let confirm = [("confirm", HANAKO.confirm)];
        let answer = app.send(&browser, &page, &[target], &confirm).await;
        answer.expect_status(409).expect_screen("BAU010");
    }
    assert!(app.is_suspended("12345678"));
    let list = browser.get("/inaho/admin/release").await;
    let names = list.keyed_form().names;
    assert!(!names.contains(&app.tick(HANAKO)) && !names.contains(&app.tick(JIRO)));
    assert!(names.contains(&app.tick(ICHIRO)) && names.contains(&app.tick(SABURO)));
}

#[tokio::test]
async fn nothing_is_revoked_from_users_without_a_token() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    for target in [SHIRO, GORO] {
        let page = browser.get("/inaho/admin/revoke").await.expect_screen("BAU020");
        assert!(!page.keyed_form().names.contains(&app.tick(target)));
        let answer = app.send(&browser, &page, &[target], &[("confirm", HANAKO.confirm)]).await;
        answer.expect_status(409).expect_screen("BAU020");
    }
    let page = browser.get("/inaho/admin/revoke").await;
    for target in [HANAKO, ICHIRO, JIRO, SABURO, SACHIKO, TARO, RIKKA] {
        assert!(page.keyed_form().names.contains(&app.tick(target)), "{}", target.login_id);
    }
    // All or none: with one who cannot be revoked, nobody is.
    let answer = app.send(&browser, &page, &[SACHIKO, SHIRO], &[("confirm", HANAKO.confirm)]).await;
    answer.expect_status(409);
    assert_eq!(app.user(SACHIKO, "token_status"), "in_use");
}

#[tokio::test]
async fn general_users_and_other_portals_have_no_administration() {
    let app = Company::new();
    let browser = app.logged_in(SACHIKO).await;
    let top = browser.get("/inaho/").await.expect_screen("BTP001");
    assert!(!top.body.contains("/inaho/admin"), "no menu");
    for path in ["admin", "admin/users", "admin/release", "admin/revoke", "admin/revoke/result/1"] {
        browser.get(&format!("/inaho/{path}")).await.expect_status(403).expect_screen("BER403");
        let shown = app.browser().get(&format!("/shirakaba/{path}")).await;
        assert_eq!(shown.status, 404, "{path}");
    }
    for path in ["admin/release", "admin/revoke"] {
        // With the form of an administrator's page, even.
        let page = app.logged_in(HANAKO).await.get(&format!("/inaho/{path}")).await;
        let form = page.keyed_form();
        let mut fields = form.filled(&[("confirm", SACHIKO.confirm)]);
        fields.push((app.tick(ICHIRO), "on".to_owned()));
        browser.post(&form.action, &fields).await.expect_status(403);
    }
    assert!(app.is_suspended("23456789"));
    // Of another contract: an administrator there, who sees the own users only.
    let other = app.logged_in(YACHIYO).await;
    let list = other.get("/inaho/admin/revoke").await.expect_screen("BAU020");
    assert!(!list.text().contains("hanakodt"), "{}", list.text());
}

#[tokio::test]
async fn an_administrator_who_was_paused_meanwhile_does_nothing() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = browser.get("/inaho/admin/release").await;
    let now = app.now();
    app.execute(&format!("UPDATE users SET paused_at = '{now}' WHERE login_id = 'hanakodt'"));
    let answer = app.send(&browser, &page, &[ICHIRO], &[("confirm", HANAKO.confirm)]).await;
    answer.expect_status(403);
    assert!(app.is_suspended("23456789"));
}

#[tokio::test]
async fn what_an_emergency_stop_suspended_only_staff_release() {
    let app = Company::new();
    app.release_behind("34567890");
    let browser = app.logged_in(SABURO).await;
    let page = browser.get("/inaho/admin/release").await.expect_screen("BAU010");
    app.suspend_behind("12345678");
    let now = app.now();
    app.execute(&format!("UPDATE users SET stopped_at = '{now}' WHERE login_id = 'jirodt'"));
    for target in [HANAKO, JIRO] {
        let confirm = [("confirm", SABURO.confirm)];
        let answer = app.send(&browser, &page, &[target], &confirm).await;
        let list = answer.expect_status(409).expect_screen("BAU010");
        assert!(!list.keyed_form().names.contains(&app.tick(target)), "{}", target.login_id);
        assert!(list.text().contains("緊急停止中"), "{}", list.text());
    }
    assert!(app.is_suspended("12345678"));
}
