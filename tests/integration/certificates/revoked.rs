//! Who revokes certificates, and who sets that a contract requires them.

use super::curl::{Curl, draws};
use crate::aoba::site::{AOBA, Aoba, TANTO_A, TANTO_D, WAKABA};
use crate::app::Door;
use crate::browser::{Browser, Page};
use crate::staff::support::{AUDITOR, CLERK, logged_in};

const BAU115: &str = "/aoba/administrator/certificates";

fn box_of(app: &Aoba, login_id: &str) -> String {
    let id = app.number(&format!("SELECT id FROM users WHERE login_id = '{login_id}'"));
    format!("user_{id}")
}

async fn revokes(browser: &Browser, tick: &str, confirm: &str) -> Page {
    let form = browser.get(BAU115).await.expect_screen("BAU115").form_having("confirm");
    browser.post(&form.action, &form.filled(&[(tick, "on"), ("confirm", confirm)])).await
}

#[tokio::test]
async fn an_administrator_revokes_the_certificates_of_the_own_users() {
    let app = Aoba::behind(Door::Tls);
    let own = draws(&app, TANTO_A).await;
    let with = Curl::tls(&app, Some(&own));
    with.enters(TANTO_A).expect_screen("BTP001");
    // Who: page and answer.
    let user = app.logged_in(TANTO_A).await;
    user.get(BAU115).await.expect_status(403);
    let stranger = app.logged_in(WAKABA).await;
    let tick = box_of(&app, &TANTO_A.login_id());
    revokes(&stranger, &tick, WAKABA.confirm).await.expect_status(404);
    let browser = app.logged_in(AOBA).await;
    let theirs = box_of(&app, &TANTO_D.login_id());
    revokes(&browser, &theirs, AOBA.confirm).await.expect_status(404);
    // Not the own one, and nobody without one.
    for none in [box_of(&app, AOBA.contract), box_of(&app, "9000000001/tantob")] {
        revokes(&browser, &none, AOBA.confirm).await.expect_status(409).expect_screen("BAU115");
    }
    let page = revokes(&browser, "agreed", AOBA.confirm).await.expect_status(422);
    assert!(page.summary().contains("利用者を選んでください"));
    revokes(&browser, &tick, "chigau99").await.expect_status(422).expect_screen("BAU115");
    assert_eq!(with.get("/aoba/").screen(), "BTP001");

    // Two at once: one acts, the other sees how it stands now.
    let second = app.logged_in(AOBA).await;
    let (one, two) =
        tokio::join!(revokes(&browser, &tick, AOBA.confirm), revokes(&second, &tick, AOBA.confirm));
    let (done, late) = if one.status == 303 { (one, two) } else { (two, one) };
    late.expect_status(409).expect_screen("BAU115");
    let actor = &browser;
    let result = actor.follow(done.expect_status(303)).await.expect_screen("BAU116");
    assert!(result.text().contains("担当者A"));
    assert_eq!(app.mails("certificate_revoked"), 2);
    assert_eq!(with.get("/aoba/").status, 303);
    with.sends_login("/aoba/login", TANTO_A).expect_screen("BLG016");
    draws(&app, TANTO_A).await;
}

#[tokio::test]
async fn staff_set_that_a_contract_requires_them_and_revoke() {
    for door in [Door::None, Door::Tls] {
        let app = Aoba::behind(door);
        let id =
            app.number(&format!("SELECT id FROM users WHERE login_id = '{}'", TANTO_D.login_id()));
        let path = format!("/aoba/staff/customers/{id}");
        let clerk = logged_in(&app, "aoba", CLERK).await;
        let page = clerk.get(&path).await.expect_screen("STF012");
        assert!(page.text().contains("証明書は不要"), "{}", page.text());
        let requires = async |value: &str, note: &str| {
            let page = clerk.get(&format!("{path}/certificate")).await.expect_screen("STF023");
            clerk.submit(&page, &[("required", value), ("note", note)]).await
        };
        requires("", "K-1").await.expect_status(422);
        requires("yes", "").await.expect_status(422);
        let answer = requires("yes", "K-1").await;
        if door == Door::None {
            // Nobody could log in any more.
            let page = answer.expect_status(422);
            assert!(page.text().contains("設定がありません"), "{}", page.text());
            requires("no", "K-1").await.expect_status(422);
            continue;
        }
        clerk.follow(answer.expect_status(303)).await.expect_screen("STF002");
        requires("yes", "K-1").await.expect_status(422);
        assert_eq!(app.audited("certificate.require", "required"), 1);
        let page = clerk.get(&path).await;
        assert!(page.text().contains("証明書が必要"), "{}", page.text());
        let revoke = format!("{path}/certificate/revoke");
        for status in [303, 422] {
            let page = clerk.get(&revoke).await.expect_screen("STF023");
            clerk.submit(&page, &[("note", "紛失")]).await.expect_status(status);
        }
        assert_eq!(app.mails("certificate_revoked"), 2);
        let auditor = logged_in(&app, "aoba", AUDITOR).await;
        for address in [format!("{path}/certificate"), revoke] {
            auditor.get(&address).await.expect_status(403);
            clerk.get(&address.replace("/aoba/", "/inaho/")).await.expect_status(303);
        }
        app.enter(&app.browser(), TANTO_D).await.expect_screen("BCE001");
    }
}
