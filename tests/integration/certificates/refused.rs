//! A certificate that is not good is refused before the secret is looked at.

use chrono::TimeDelta;
use madoguchi::operations::certificate::revoke::revoke_of;

use super::curl::{Curl, Identity, draws, requires};
use crate::aoba::site::{AOBA, Aoba, Member, TANTO_A, TANTO_D};
use crate::app::Door;

fn wrong(who: Member) -> Member {
    Member { password: "Chigau#000000", ..who }
}

/// The same page whatever the secret, and nothing counted on it.
#[track_caller]
fn assert_refused(app: &Aoba, what: &str, identity: &Identity, who: Member, words: &str) {
    let with = Curl::tls(app, Some(identity));
    let lines =
        app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'login.certificate'");
    let looks = "SELECT COUNT(*) FROM audit_lines WHERE operation = 'login.identify'";
    let looked = app.number(looks);
    let answer =
        |who| with.sends_login("/aoba/login", who).expect_status(403).expect_screen("BLG016");
    let [right, wrong] = [who, wrong(who)].map(answer);
    assert_eq!(right.body, wrong.body, "{what}");
    assert!(right.text().contains(words), "{what}: {}", right.text());
    assert_eq!(app.user(who, "login_failures"), "0", "{what}");
    assert_eq!(app.number(looks), looked, "{what}: the secret was looked at");
    let now = app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'login.certificate'");
    assert_eq!(now, lines + 2, "{what}");
    assert_eq!(with.get("/aoba/").location.unwrap(), "/aoba/login", "{what}");
}

#[tokio::test]
async fn revoked_expired_and_foreign_ones_are_refused_before_the_secret() {
    let app = Aoba::behind(Door::Tls);
    let nobodys = Identity::foreign(&TANTO_A.login_id());
    let colleagues = draws(&app, AOBA).await;
    let other_contracts = draws(&app, TANTO_D).await;
    let revoked = draws(&app, TANTO_A).await;
    assert_eq!(revoke_of(&app.services, &app.ctx(), &TANTO_A.login_id()).unwrap(), Some(true));
    let good = draws(&app, TANTO_A).await;
    requires(&app, TANTO_A.contract);
    let not_yours = "この電子証明書ではログオンできません";
    assert_refused(&app, "another authority's", &nobodys, TANTO_A, not_yours);
    assert_refused(&app, "a colleague's", &colleagues, TANTO_A, not_yours);
    assert_refused(&app, "another contract's", &other_contracts, TANTO_A, not_yours);
    assert_refused(&app, "revoked", &revoked, TANTO_A, "失効しています");
    // Also where the contract requires none: what comes has to be the user's own.
    assert_refused(&app, "another contract's", &good, TANTO_D, not_yours);
    // Nobody's id reads as somebody else's.
    let nobody = Member { id: "tantoz", ..TANTO_A };
    let page = Curl::tls(&app, Some(&good)).sends_login("/aoba/login", nobody);
    assert!(page.expect_screen("BLG016").text().contains(not_yours));
    Curl::tls(&app, Some(&good)).enters(TANTO_A).expect_screen("BTP001");
    app.set_clock(app.now() + TimeDelta::days(365));
    assert_refused(&app, "expired", &good, TANTO_A, "有効期限が切れています");
    // For the renewal of an expired one the secret counts as ever, and a foreign one still not.
    let with = Curl::tls(&app, Some(&good));
    with.sends_login("/aoba/login?renew=1", wrong(TANTO_A)).expect_status(422);
    assert_eq!(app.user(TANTO_A, "login_failures"), "1");
    let with = Curl::tls(&app, Some(&colleagues));
    with.sends_login("/aoba/login?renew=1", TANTO_A).expect_screen("BLG016");
}

#[tokio::test]
async fn a_paused_or_deleted_user_does_not_log_in_with_a_certificate() {
    let app = Aoba::behind(Door::Tls);
    let own = draws(&app, TANTO_A).await;
    requires(&app, TANTO_A.contract);
    let with = Curl::tls(&app, Some(&own));
    for (column, screen) in [("paused_at", "BLG015"), ("deleted_at", "BLG016")] {
        let set = |to: &str| {
            let id = TANTO_A.login_id();
            app.execute(&format!("UPDATE users SET {column} = {to} WHERE login_id = '{id}'"));
        };
        set("'2026-11-01 00:00:00'");
        with.enters(TANTO_A).expect_screen(screen);
        set("NULL");
    }
    with.enters(TANTO_A).expect_screen("BTP001");
}
