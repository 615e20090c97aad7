//! Who is let in, and what the console makes of what it is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::App;
use actix_web::test::{
    TestRequest, call_and_read_body, call_and_read_body_json, call_service, init_service,
    read_body, read_body_json,
};
use actix_web::web::Data;
use serde_json::Value;

use super::clock::clock_move;
use super::mails::links;
use super::{is_loopback, wants_json};
use crate::db::{DatabaseUrl, Db, DbOptions, migrate};
use crate::domain::job::JobRun;
use crate::domain::portal::Profile;
use crate::operations::demo::clock::ClockRun;
use crate::operations::name_lookup::Simulated;
use crate::operations::pay_easy::SimulatedBiller;
use crate::operations::{Services, demo};
use crate::primitives::clock::{Clock, ClockMode, parse_rfc3339};
use crate::primitives::keys::KeyRing;
use crate::primitives::password::PasswordHasher;
use crate::web::{DemoConsole, Recording, WebApp, WebOptions};

#[test]
fn only_loopback_names_are_let_in() {
    for host in ["127.0.0.1:8080", "127.0.0.1", "localhost", "LOCALHOST:1", "[::1]:80", "[::1]"] {
        assert!(is_loopback(host), "{host}");
    }
    for host in ["", "example.jp", "localhost.example.jp", "127.0.0.1.example.jp:80", "10.0.0.1"] {
        assert!(!is_loopback(host), "{host}");
    }
}

#[test]
fn scripts_get_json_and_browsers_get_pages() {
    let asks = |request: TestRequest| wants_json(&request.to_http_request());
    let page = ("accept", "text/html,application/xhtml+xml");
    assert!(asks(TestRequest::get().uri("/qa/mails.json").insert_header(page)));
    assert!(!asks(TestRequest::get().uri("/qa/mails")));
    assert!(asks(TestRequest::post().uri("/qa/reset").insert_header(("accept", "*/*"))));
    assert!(!asks(TestRequest::post().uri("/qa/reset").insert_header(page)));
}

#[test]
fn links_end_where_addresses_end() {
    let text = "本文 https://a.example.jp/x?y=1\n(http://b.example.jp/)、httpではない";
    assert_eq!(links(text), ["https://a.example.jp/x?y=1", "http://b.example.jp/"]);
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn the_clock_takes_times_with_and_without_offset() {
    let now = parse_rfc3339("2026-10-05T10:00:15+09:00").unwrap();
    let read = |pairs: &[(&str, &str)], mode| clock_move(&fields(pairs), now, mode);
    for text in ["2026-10-05T01:00:15.000Z", "2026-10-05T10:00:15+09:00", "2026-10-05T10:00:15"] {
        let wanted = read(&[("at", text), ("mode", "freeze")], ClockMode::Real).unwrap();
        assert_eq!((wanted.at, wanted.run, wanted.is_jump), (Some(now), ClockRun::Freeze, false));
    }
    let frozen = ClockMode::Frozen(now);
    let wanted = read(&[("forward_seconds", "30"), ("jump", "1")], frozen).unwrap();
    assert_eq!(wanted.at, parse_rfc3339("2026-10-05T10:00:45+09:00"));
    assert!(wanted.is_jump && wanted.run == ClockRun::Freeze);
    assert_eq!(read(&[("mode", "real")], frozen).unwrap().run, ClockRun::Real);
    for wrong in [
        vec![("at", "tomorrow")],
        vec![("at", "1999-01-01T00:00:00Z")],
        vec![("mode", "backwards")],
        vec![("forward_seconds", "-1")],
        vec![("at", "2026-10-05T10:00"), ("forward_seconds", "1")],
        vec![("speed", "2")],
        vec![],
    ] {
        assert!(read(&wrong, frozen).is_none(), "{wrong:?}");
    }
}

/// The console over fresh demo data.
fn console(folder: &tempfile::TempDir, is_demo: bool) -> WebApp {
    let file = folder.path().join("demo.db");
    let url = DatabaseUrl::parse(&format!("sqlite:{}", file.display())).unwrap();
    migrate(&url).unwrap();
    let profiles = Profile::parse_all(&Profile::builtin()).unwrap();
    let key = "demo:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let db = Db::open(&url, DbOptions::default()).unwrap();
    let services = Services {
        db: db.clone(),
        clock: Clock::new(),
        keys: Arc::new(KeyRing::parse(key).unwrap()),
        hasher: PasswordHasher::start(1, 4),
        profiles: Arc::new(
            profiles.into_iter().map(|p| (p.slug().to_owned(), Arc::new(p))).collect(),
        ),
        public_url: None,
        directory: None,
        name_lookup: Arc::new(Simulated),
        biller: Arc::new(SimulatedBiller::new(db)),
    };
    demo::load(&services).unwrap();
    let options = WebOptions {
        public_url: "http://127.0.0.1:8080".to_owned(),
        is_https: false,
        login_tries_per_minute: 10,
        trusts_forwarded_for: false,
        certificates: crate::web::client_certificate::CertificateDoor::default(),
        served: vec!["shirakaba".to_owned()],
        letter_font: crate::letter::FONT_DEFAULT.into(),
    };
    let run_jobs = || vec![JobRun { name: "mailer", did: "nothing".to_owned() }];
    let demo = is_demo.then(|| DemoConsole {
        run_jobs: Arc::new(run_jobs),
        wait_for_rest: Arc::new(|| {}),
        base_url: String::new(),
        pictures: None,
        recording: Recording::default(),
    });
    WebApp::new(services, options, demo)
}

macro_rules! site {
    ($app:expr) => {
        init_service(App::new().app_data(Data::new($app)).configure(super::configure)).await
    };
}

#[actix_web::test]
async fn foreign_pages_and_names_are_refused_before_anything_happens() {
    let folder = tempfile::tempdir().unwrap();
    let site = site!(console(&folder, true));
    let own = ("host", "127.0.0.1:8080");
    for (header, status) in [
        (("accept", "*/*"), 200),
        (("origin", "http://127.0.0.1:8080"), 200),
        (("origin", "http://127.0.0.1:9090"), 403),
        (("origin", "https://evil.example"), 403),
        (("origin", "null"), 403),
        (("sec-fetch-site", "cross-site"), 403),
        (("sec-fetch-site", "same-site"), 403),
        (("sec-fetch-site", "same-origin"), 200),
        (("host", "evil.example"), 403),
    ] {
        for request in [TestRequest::post().uri("/qa/reset"), TestRequest::get().uri("/qa/mails")] {
            let request = request.insert_header(own).insert_header(header).to_request();
            assert_eq!(call_service(&site, request).await.status().as_u16(), status, "{header:?}");
        }
    }
    let from_a_form = TestRequest::post()
        .uri("/qa/reset")
        .insert_header(own)
        .insert_header(("origin", "null"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header(("accept", "text/html"));
    assert_eq!(call_service(&site, from_a_form.to_request()).await.status().as_u16(), 303);
}

#[actix_web::test]
async fn there_is_no_console_without_demo_mode() {
    let folder = tempfile::tempdir().unwrap();
    let site = site!(console(&folder, false));
    for path in ["/qa", "/qa/tokens.json", "/qa/screens"] {
        let request = TestRequest::get().uri(path).insert_header(("host", "localhost"));
        assert_eq!(call_service(&site, request.to_request()).await.status().as_u16(), 404);
    }
}

#[actix_web::test]
async fn scripts_move_the_clock_reset_and_run_the_worker() {
    let folder = tempfile::tempdir().unwrap();
    let site = site!(console(&folder, true));
    let host = ("host", "[::1]:8080");
    let at = serde_json::json!({"at": "2016-02-29T00:00:00+09:00", "mode": "freeze"});
    let set = || TestRequest::post().uri("/qa/clock").insert_header(host).set_json(&at);
    let moved: Value = call_and_read_body_json(&site, set().to_request()).await;
    assert_eq!(moved["now"], "2016-02-29T00:00:00+09:00");
    assert_eq!((&moved["mode"], &moved["reloaded"]), (&Value::from("freeze"), &Value::from(true)));
    let again: Value = call_and_read_body_json(&site, set().to_request()).await;
    assert_eq!(again["reloaded"], false);
    let wall = TestRequest::get().uri("/qa/tokens.json").insert_header(host);
    let wall: Value = call_and_read_body_json(&site, wall.to_request()).await;
    // Those of customers, and three of staff in each of five portals.
    assert_eq!(wall["tokens"].as_array().unwrap().len(), 67 + 3 * 5);
    assert_eq!(wall["picture_cards"][0]["cells"].as_array().unwrap().len(), 20);
    let post = |path| TestRequest::post().uri(path).insert_header(host).to_request();
    let reset: Value = call_and_read_body_json(&site, post("/qa/reset")).await;
    assert_eq!(reset["as_of"], "2016-02-29T00:00:00+09:00");
    let worker: Value = call_and_read_body_json(&site, post("/qa/worker/run")).await;
    assert_eq!(worker["jobs"][0]["name"], "mailer");
    let wrong = TestRequest::post().uri("/qa/clock").insert_header(host).set_json("now");
    let answer = call_service(&site, wrong.to_request()).await;
    assert_eq!(answer.status().as_u16(), 400);
    let error: Value = read_body_json(answer).await;
    assert!(error["error"].as_str().unwrap().contains("RFC 3339"));
}

#[actix_web::test]
async fn sample_files_are_listed_and_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let app = console(&folder, true);
    let all = demo::samples::samples(&app.services).unwrap();
    let site = site!(app);
    let get =
        |path: &str| TestRequest::get().uri(path).insert_header(("host", "localhost")).to_request();
    let page = call_service(&site, get("/qa/files")).await;
    assert_eq!(page.status().as_u16(), 200);
    let page = String::from_utf8(read_body(page).await.to_vec()).unwrap();
    assert!(page.contains("9000000001/tantoa"), "{page}");
    for sample in all.iter().take(3) {
        let path = format!("/qa/files/{}/{}", sample.portal, sample.name);
        assert!(page.contains(&path), "{path}");
        assert_eq!(call_and_read_body(&site, get(&path)).await, sample.bytes);
    }
    let nothing = call_service(&site, get("/qa/files/aoba/nothing.txt")).await;
    assert_eq!(nothing.status().as_u16(), 404);
}
