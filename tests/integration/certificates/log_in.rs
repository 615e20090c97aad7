//! Log-on where certificates are required: through TLS, and through a proxy's header.

use super::curl::{Curl, draws, draws_in, requires};
use crate::aoba::site::{AOBA, Aoba, TANTO_A};
use crate::app::Door;

#[tokio::test]
async fn who_has_none_draws_one_and_sees_nothing_else_before() {
    let app = Aoba::behind(Door::Tls);
    let before = app.logged_in(TANTO_A).await;
    requires(&app, TANTO_A.contract);
    // A login from before is over.
    let sent = before.get("/aoba/").await.expect_status(303);
    assert!(sent.location.unwrap().contains("session-ended"));
    let browser = app.browser();
    let page = app.enter(&browser, TANTO_A).await.expect_screen("BCE001");
    assert!(page.text().contains("ログオンには電子証明書が必要です"), "{}", page.text());
    assert!(!page.body.contains("/aoba/info\""), "the menu shows");
    for path in ["/aoba/", "/aoba/info", "/aoba/activation/result"] {
        let sent = browser.get(path).await.expect_status(303);
        assert_eq!(sent.location.unwrap(), "/aoba/certificate", "{path}");
    }
    let identity = draws_in(&browser, TANTO_A).await;
    // Drawn is not used: it may be drawn again, and opens nothing here.
    browser.follow(browser.get("/aoba/").await).await.expect_screen("BCE001");
    let with = Curl::tls(&app, Some(&identity));
    with.enters(TANTO_A).expect_screen("BTP001");
    // From now on the secret alone leads nowhere, and is still asked first.
    let wrong = crate::aoba::site::Member { password: "Chigau#0000", ..TANTO_A };
    let browser = app.browser();
    app.enter(&browser, wrong).await.expect_status(422).expect_screen("BLG001");
    let page = app.enter(&browser, TANTO_A).await.expect_status(403).expect_screen("BLG016");
    assert!(page.body.contains(app.certificate_url.as_ref().unwrap()), "{}", page.text());
    assert_eq!(app.audited("login.certificate", "needed"), 1);
    // The administrator too.
    app.enter(&app.browser(), AOBA).await.expect_screen("BCE001");
}

#[tokio::test]
async fn a_session_is_tied_to_its_certificate() {
    let app = Aoba::behind(Door::Tls);
    let own = draws(&app, TANTO_A).await;
    let others = draws(&app, AOBA).await;
    requires(&app, TANTO_A.contract);
    let with = Curl::with_file(&app, &own);
    with.enters(TANTO_A).expect_screen("BTP001");
    let thief = with.stolen(Curl::tls(&app, None));
    for path in ["/aoba/", "/aoba/info", "/aoba/certificate"] {
        assert_eq!(thief.get(path).location.unwrap(), "/aoba/login", "{path}");
    }
    let thief = thief.stolen(Curl::tls(&app, Some(&others)));
    assert_eq!(thief.get("/aoba/").location.unwrap(), "/aoba/login");
    let back = thief.stolen(Curl::tls(&app, Some(&own)));
    back.get("/aoba/").expect_screen("BTP001");
}

#[tokio::test]
async fn the_header_counts_from_the_proxy_alone() {
    for (proxy, is_trusted) in [("127.0.0.1", true), ("127.0.0.9", false)] {
        let app = Aoba::behind(Door::Header(proxy));
        let own = draws(&app, TANTO_A).await;
        let others = draws(&app, AOBA).await;
        requires(&app, TANTO_A.contract);
        let screen = if is_trusted { "BTP001" } else { "BCE001" };
        Curl::with_header(&app, &own.header()).enters(TANTO_A).expect_screen(screen);
        let refused = if is_trusted { "BLG016" } else { "BCE001" };
        Curl::with_header(&app, &others.header()).enters(TANTO_A).expect_screen(refused);
        Curl::with_header(&app, "Client-Cert: rubbish").enters(TANTO_A).expect_screen(refused);
    }
}

#[tokio::test]
async fn who_is_kept_out_logs_out_and_comes_back_with_a_certificate() {
    let app = Aoba::behind(Door::Tls);
    requires(&app, TANTO_A.contract);
    let browser = app.browser();
    app.enter(&browser, TANTO_A).await.expect_screen("BCE001");
    let identity = draws_in(&browser, TANTO_A).await;
    // The same cookies at the other port of the host: the login shows, and leads in.
    let with = Curl::tls(&app, Some(&identity));
    with.enters(TANTO_A).expect_screen("BTP001");
    app.execute("UPDATE logins SET certificate_fingerprint = NULL");
    with.get("/aoba/login").expect_status(200).expect_screen("BLG001");
    // Whoever sees the certificate's pages alone can go, too.
    let page = browser.get("/aoba/certificate").await.expect_screen("BCE001");
    let form = page.form_to("/aoba/logout");
    let out = browser.post(&form.action, &form.filled(&[])).await.expect_status(303);
    assert_eq!(out.location.unwrap(), "/aoba/logout");
    let sent = browser.get("/aoba/certificate").await.expect_status(303);
    assert!(sent.location.unwrap().contains("login"));
}

#[tokio::test]
async fn the_tls_listener_is_for_customers_and_believes_no_proxy() {
    let app = Aoba::behind(Door::Tls);
    let curl = Curl::tls(&app, None);
    curl.get("/aoba/login").expect_screen("BLG001");
    for path in ["/aoba/staff/login", "/metrics", "/qa", "/qa/tokens.json"] {
        curl.get(path).expect_status(404);
    }
}
