//! Credentials that the app makes itself.

use serde_json::json;

use super::phone::Phone;
use crate::app::TestApp;
use crate::codes;
use crate::dump::{assert_unchanged, dump};
use crate::people::JIRO;

#[tokio::test]
async fn a_credential_is_made_handed_over_and_registered() {
    let app = TestApp::new();
    let phone = Phone::new(&app.url, 7);
    let credential = phone.make("shirakaba").await.credential();
    let serial = credential["serial"].as_str().unwrap().to_owned();
    assert!(serial.starts_with("MDG") && serial.len() == 12, "{serial}");
    assert_eq!(credential["set_up_at"], "2026-11-24T12:00:10+09:00");
    assert_eq!(credential["expires_at"], json!(null));
    assert_eq!(
        (credential["digits"].clone(), credential["period"].clone(), credential["hash"].clone()),
        (json!(6), json!(30), json!("SHA-1"))
    );
    let secret = phone.secret(&credential);
    assert_eq!(secret.len(), 20);
    assert_eq!(
        (app.token(&serial, "kind"), app.token(&serial, "state")),
        ("app".into(), "shipped".into())
    );
    assert_eq!(app.token(&serial, "contract_id"), "null");
    assert_eq!(app.audited("token.credential", ""), 1);

    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = codes::code_of(&secret, app.step(), 6);
    let values = [
        ("serial", serial.as_str()),
        ("otp", &code),
        ("login_choice", "required"),
        ("confirm", JIRO.confirm),
    ];
    browser.submit(&page, &values).await.expect_status(303);
    assert_eq!(app.token(&serial, "state"), "in_use");
    assert_ne!(app.token(&serial, "contract_id"), "null");
}

#[tokio::test]
async fn each_credential_is_a_new_one_and_opens_with_its_own_key_only() {
    let app = TestApp::new();
    let (phone, other) = (Phone::new(&app.url, 7), Phone::new(&app.url, 8));
    let one = phone.make("shirakaba").await.credential();
    let two = phone.make("shirakaba").await.credential();
    assert_ne!(one["serial"], two["serial"]);
    assert_ne!(phone.secret(&one), phone.secret(&two));
    assert_eq!(other.open(&one, 0, "code"), None);
    assert_eq!(phone.open(&one, 0, "sign"), None);
    let mut moved = one.clone();
    moved["serial"] = two["serial"].clone();
    assert_eq!(phone.open(&moved, 0, "code"), None);
}

#[tokio::test]
async fn the_kinds_days_and_the_portals_hours_hold_for_the_app_too() {
    let app = TestApp::new();
    let phone = Phone::new(&app.url, 7);
    let before = dump(&app);
    let at = |text| madoguchi::primitives::clock::parse_rfc3339(text).unwrap();
    app.set_clock(at("2017-03-12T23:59:59+09:00"));
    assert_eq!(phone.make("shirakaba").await.outcome(), "not_taken");
    app.set_clock(at("2026-12-31T21:00:00+09:00"));
    assert_eq!(phone.make("shirakaba").await.outcome(), "closed");
    assert_unchanged(&before, &dump(&app), "refused credentials");
    app.set_clock(at("2017-03-13T00:00:00+09:00"));
    phone.make("shirakaba").await.credential();
}

#[tokio::test]
async fn what_is_no_request_of_the_app_changes_nothing() {
    let app = TestApp::new();
    let phone = Phone::new(&app.url, 7);
    let before = dump(&app);
    let good = json!({ "portal": "shirakaba", "public_key": phone.public_key() });
    let json_type = ("Content-Type", "application/json");
    type Foreign<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);
    let foreign: [Foreign; 5] = [
        ("another site", &[json_type, ("Origin", "https://evil.example")], 403),
        ("another site", &[json_type, ("Sec-Fetch-Site", "cross-site")], 403),
        ("a form", &[("Content-Type", "application/x-www-form-urlencoded")], 415),
        ("plain text", &[("Content-Type", "text/plain")], 415),
        ("no type", &[], 415),
    ];
    for (what, headers, status) in foreign {
        let answer = phone.post("credentials", headers, good.to_string()).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
    }
    let bad = [
        json!({ "portal": "nobody", "public_key": phone.public_key() }),
        json!({ "portal": "shirakaba", "public_key": "AAAA" }),
        json!({ "portal": "shirakaba", "public_key": "あ".repeat(87) }),
        json!({ "portal": "shirakaba", "public_key": "A".repeat(5_000) }),
        json!({ "portal": "shirakaba", "public_key": phone.public_key(), "more": 1 }),
        json!({ "portal": "shirakaba" }),
        json!([]),
    ];
    for body in bad {
        let answer = phone.post_json("credentials", &body).await;
        assert!((400..500).contains(&answer.status), "{body}: {answer:?}");
        assert!(!answer.text.contains("panicked"), "{answer:?}");
    }
    let headers = [json_type];
    for body in ["", "{", "\u{0}", "null", "{\"portal\":\"shirakaba\",\"portal\":\"shirakaba\"}"] {
        let answer = phone.post("credentials", &headers, body.to_owned()).await;
        assert_eq!(answer.status, 400, "{body:?}: {answer:?}");
    }
    assert_unchanged(&before, &dump(&app), "bad requests");
}
