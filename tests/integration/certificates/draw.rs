//! BCE001 to BCE003: who draws when, what the file holds, and that nothing of it stays behind.

use chrono::TimeDelta;
use madoguchi::operations::certificate::expiry::warn_batch;
use madoguchi::primitives::ids::CertificateId;

use super::curl::{Curl, Identity, downloads, draws, draws_in, pass_phrase, requires, to_file};
use crate::aoba::site::{AOBA, Aoba, Member, TANTO_A, TANTO_D};
use crate::app::Door;

/// His certificate has expired.
const TANTO_E: Member =
    Member { id: "tantoe", password: "TantoE#2026", confirm: "kakunin47", ..TANTO_D };

#[tokio::test]
async fn the_file_opens_with_its_pass_phrase_and_its_chain_verifies() {
    let app = Aoba::new();
    let browser = app.logged_in(TANTO_A).await;
    let page = browser.get("/aoba/certificate").await.expect_screen("BCE001");
    assert_eq!(page.fact("状態").unwrap(), "取得していません");
    let page = browser.get("/aoba/certificate/proof").await;
    let form = page.form_having("confirm");
    for (confirm, status) in [("", 422), ("chigau99", 422)] {
        let fields = form.filled(&[("confirm", confirm)]);
        browser.post(&form.action, &fields).await.expect_status(status).expect_screen("BCE002");
    }
    assert_eq!(app.user(TANTO_A, "confirm_failures"), "1");

    let page = to_file(&browser, TANTO_A).await;
    assert_eq!(app.user(TANTO_A, "confirm_failures"), "0");
    assert_eq!(app.number("SELECT COUNT(*) FROM certificates WHERE form_digest IS NOT NULL"), 0);
    let phrase = pass_phrase(&page);
    let identity = Identity::of_file(downloads(&browser, &page).await, &phrase);
    assert!(!identity.opens("another-phrase", "-info").status.success());
    let shown = identity.opens(&phrase, "-info");
    let told = String::from_utf8_lossy(&shown.stderr).into_owned();
    assert!(told.contains("AES-256-CBC") && told.contains("sha256"), "{told}");
    let says = identity.certificate();
    for part in ["TLS Web Client Authentication", "CN = 9000000001/tantoa", "CA:FALSE"] {
        assert!(says.contains(part), "{part}: {says}");
    }
    assert!(says.contains("prime256v1") && !says.contains("担当者"), "{says}");
    assert!(identity.is_verified(&app));
    let serial = app.texts("SELECT serial AS value FROM certificates ORDER BY id DESC").remove(0);
    assert_eq!(app.audited("certificate.issue", &format!("serial {serial}")), 1);
    // To the user and to the administrator.
    assert_eq!(app.mails("certificate_issued"), 2);
    let mail = app.last_mail("certificate_issued");
    assert!(!mail.contains(&phrase) && mail.contains("2027年11月24日"), "{mail}");
}

#[tokio::test]
async fn the_same_form_gets_the_same_file_and_another_takes_its_place() {
    let app = Aoba::new();
    let browser = app.logged_in(TANTO_A).await;
    let page = to_file(&browser, TANTO_A).await;
    let phrase = pass_phrase(&page);
    let (one, two) = tokio::join!(downloads(&browser, &page), downloads(&browser, &page));
    let [one, two] = [one, two].map(|file| Identity::of_file(file, &phrase));
    let keys = |identity: &Identity| std::fs::read(identity.path("key.pem")).unwrap();
    assert_eq!(one.certificate(), two.certificate());
    assert_eq!(keys(&one).len(), keys(&two).len());
    assert_eq!(app.mails("certificate_issued"), 2);
    // The page opened again has another pass phrase, and makes another certificate.
    let again = browser.get(&page.path).await.expect_screen("BCE003");
    assert_ne!(pass_phrase(&again), phrase);
    assert!(again.text().contains("すでにファイルを発行しています"));
    let second = Identity::of_file(downloads(&browser, &again).await, &pass_phrase(&again));
    assert_ne!(one.certificate(), second.certificate());
    let live = "SELECT COUNT(*) FROM certificates c JOIN users u ON u.id = c.user_id \
                WHERE c.revoked_at IS NULL AND u.login_id = '9000000001/tantoa'";
    assert_eq!(app.number(live), 1);
    // What the first form drew is no more.
    let form = page.keyed_form();
    browser.post(&form.action, &form.filled(&[])).await.expect_status(409);
    // Another login, another user, and ten minutes later.
    for who in [TANTO_A, AOBA] {
        let other = app.logged_in(who).await;
        other.get(&page.path).await.expect_status(404);
    }
    app.advance(600);
    let late = browser.post(&form.action, &form.filled(&[])).await.expect_status(303);
    assert_eq!(late.location.unwrap(), "/aoba/certificate");
    // Portals without certificates have no such page.
    app.browser().get("/inaho/certificate").await.expect_status(404);
}

#[tokio::test]
async fn renewal_begins_forty_days_before_the_end_and_goes_on_after_it() {
    let app = Aoba::behind(Door::Tls);
    let old = draws(&app, TANTO_A).await;
    requires(&app, TANTO_A.contract);
    let with_old = Curl::tls(&app, Some(&old));
    with_old.enters(TANTO_A).expect_screen("BTP001");
    let end = app.now() + TimeDelta::days(365);
    app.set_clock(end - TimeDelta::days(40) - TimeDelta::seconds(1));
    with_old.enters(TANTO_A).expect_screen("BTP001");
    let page = with_old.get("/aoba/certificate").expect_screen("BCE001");
    assert!(page.text().contains("から更新できます"), "{}", page.text());
    assert_eq!(with_old.get("/aoba/certificate/proof").status, 303);
    app.advance(1);
    let page = with_old.get("/aoba/certificate").expect_screen("BCE001");
    assert!(page.text().contains("あと40日"), "{}", page.text());
    let page = with_old.get("/aoba/certificate/proof").expect_screen("BCE002");
    let answer = with_old.post(&page.form_having("confirm"), &[("confirm", TANTO_A.confirm)]);
    let page = with_old.follow(answer).expect_screen("BCE003");
    let phrase = pass_phrase(&page);
    with_old.post(&page.keyed_form(), &[]).expect_status(200);
    let file = with_old.last_bytes();
    let new = Identity::of_file(file, &phrase);
    assert_eq!(app.mails("certificate_renewed"), 2);
    // Until the first log-on with the new one both are good; then the old one and its login end.
    with_old.enters(TANTO_A).expect_screen("BTP001");
    let with_new = Curl::with_file(&app, &new);
    with_new.enters(TANTO_A).expect_screen("BTP001");
    assert_eq!(with_old.get("/aoba/").status, 303);
    with_old.sends_login("/aoba/login", TANTO_A).expect_status(403).expect_screen("BLG016");
    with_new.get("/aoba/").expect_screen("BTP001");

    // After its end it opens the renewal and nothing else: shown, or not.
    app.set_clock(end + TimeDelta::days(400));
    let shown = Curl::tls(&app, Some(&new));
    shown.sends_login("/aoba/login", TANTO_A).expect_screen("BLG016");
    let answer = shown.sends_login("/aoba/login?renew=1", TANTO_A);
    let page = shown.follow(answer).expect_screen("BCE001");
    assert!(page.text().contains("有効期限が切れています"), "{}", page.text());
    shown.follow(shown.get("/aoba/info")).expect_screen("BCE001");
    let newest = draws(&app, TANTO_A).await;
    Curl::tls(&app, Some(&newest)).enters(TANTO_A).expect_screen("BTP001");
}

#[tokio::test]
async fn the_demo_shows_one_near_its_end_and_one_after_it_and_both_are_reminded_of() {
    let app = Aoba::new();
    for (who, state) in [(TANTO_D, "更新できます"), (TANTO_E, "期限切れ")] {
        let browser = app.logged_in(who).await;
        let page = browser.get("/aoba/certificate").await.expect_screen("BCE001");
        assert_eq!(page.fact("状態").unwrap(), state);
        draws_in(&browser, who).await;
        let page = browser.get("/aoba/certificate").await;
        assert_eq!(page.fact("状態").unwrap(), "取得済み（未使用）");
    }
    app.execute("DELETE FROM certificates WHERE form_digest IS NOT NULL");
    // To the user and the administrator: at forty days and at ten, each once.
    for (days, mails) in [(0, 2), (0, 2), (19, 2), (1, 4), (1, 4), (10, 4)] {
        app.advance(days * 86_400);
        warn_batch(&app.services, &app.ctx(), CertificateId(0)).unwrap();
        assert_eq!(app.mails("certificate_expiring"), mails, "{days}");
    }
}
