//! Whatever arrives: a clear answer in the portal's design, quickly, and nothing changed.

mod forms;

use std::time::Duration;

use reqwest::Method;

use crate::app::TestApp;
use crate::browser::Page;
use crate::dump::{assert_unchanged, dump};
use crate::people::{FK2, TARO};

/// Generous, for machines that run other things as well.
const QUICK: Duration = Duration::from_secs(5);

#[track_caller]
fn assert_clear(page: &Page, what: &str) {
    assert!((400..500).contains(&page.status), "{what}: {} {:?}", page.status, page.location);
    let screen = page.screen();
    assert!(screen.starts_with('B'), "{what}: no page of ours: {screen} {}", page.body);
    assert!(page.body.contains("<h1"), "{what}: no heading");
    assert!(page.took < QUICK, "{what} took {:?}", page.took);
    for inside in ["panicked", "src/", "diesel", "SELECT ", "actix"] {
        assert!(!page.body.contains(inside), "{what} shows {inside}: {}", page.body);
    }
}

#[tokio::test]
async fn odd_addresses_are_answered_in_the_design() {
    let app = TestApp::new();
    let before = dump(&app);
    let long = format!("/shirakaba/{}", "a".repeat(4_000));
    let paths = [
        "/shirakaba/nothing",
        "/shirakaba/%00",
        "/shirakaba/%FF%FE",
        "/shirakaba/..%2f..%2fetc%2fpasswd",
        "/shirakaba/login/",
        "/shirakaba/login//otp",
        "/SHIRAKABA/login",
        "/nowhere/login",
        "//shirakaba/login",
        "/shirakaba/token/start/%3Cscript%3E",
        "/shirakaba/token/start/a/b/c",
        "/shirakaba/token/start/%E3%81%82/cancel",
        "/shirakaba/login?a=%ff",
        "/static/nothing.css",
        "/static/..%2f..%2fCargo.toml",
        "/%E7%AA%93%E5%8F%A3",
        &long,
    ];
    for path in paths {
        let page = app.browser().get(path).await;
        if page.status == 303 || page.status == 200 {
            // A flow without a session begins anew; an unknown query is ignored.
            assert!(path.contains("token/start") || path.contains('?'), "{path}: {}", page.status);
            continue;
        }
        assert_clear(&page, path);
        assert!(!page.body.contains("<script>"), "{path}");
    }
    assert_unchanged(&before, &dump(&app), "odd addresses");
}

#[tokio::test]
async fn wrong_methods_are_refused() {
    let app = TestApp::new();
    let before = dump(&app);
    for path in ["/shirakaba/login", "/shirakaba/", "/shirakaba/token/stop", "/"] {
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let page = app.browser().call(method.clone(), path).await;
            assert_clear(&page, &format!("{method} {path}"));
        }
    }
    for path in ["/shirakaba/logout", "/shirakaba/login/setup/resend"] {
        let page = app.browser().post(path, &Vec::new()).await;
        assert!(page.status < 500 && page.status != 200, "{path} {}", page.status);
    }
    for path in ["/shirakaba/login", "/shirakaba/nothing", "/", "/shirakaba/"] {
        let page = app.browser().call(Method::HEAD, path).await;
        assert!(page.status < 500, "HEAD {path} {}", page.status);
        assert!(page.body.is_empty(), "HEAD {path} has a body");
    }
    assert_unchanged(&before, &dump(&app), "wrong methods");
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let app = TestApp::new();
    let browser = app.browser();
    let stop = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122").path;
    browser.get("/shirakaba/login").await;
    let before = dump(&app);
    const FORM: &str = "application/x-www-form-urlencoded";
    for path in ["/shirakaba/login", "/shirakaba/token/start", &stop] {
        let bodies: Vec<(&str, Vec<u8>)> = vec![
            (FORM, vec![]),
            (FORM, b"\xff\xfe\x00".to_vec()),
            (FORM, b"login_id=%FF&password=%FE".to_vec()),
            (FORM, b"%".to_vec()),
            (FORM, b"&&&===&&".to_vec()),
            (FORM, b"login_id=%00&password=x".to_vec()),
            (FORM, "login_id=あ&password=い".as_bytes().to_vec()),
            ("application/x-www-form-urlencoded; charset=Shift_JIS", b"login_id=\x82\xa0".to_vec()),
            ("application/json", b"{\"login_id\": \"1\"}".to_vec()),
            ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--".to_vec()),
            ("text/plain", b"login_id=1".to_vec()),
            ("", vec![0; 100]),
        ];
        for (number, (content_type, body)) in bodies.into_iter().enumerate() {
            let page = browser.post_bytes(path, content_type, body).await;
            assert_clear(&page, &format!("body {number} to {path}"));
        }
    }
    assert_unchanged(&before, &dump(&app), "no form");
}

#[tokio::test]
async fn ten_megabytes_are_refused_with_a_page() {
    let app = TestApp::new();
    let browser = app.browser();
    let stop = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122").path;
    let before = dump(&app);
    for path in ["/shirakaba/login", &stop] {
        for size in [70_000, 10_000_000] {
            let body = [b"login_id=".to_vec(), vec![b'1'; size]].concat();
            let form = "application/x-www-form-urlencoded";
            let page = browser.post_bytes(path, form, body).await;
            assert_clear(&page, &format!("{size} bytes to {path}"));
            assert_eq!(page.status, 413);
        }
    }
    assert_unchanged(&before, &dump(&app), "a big body");
}

#[tokio::test]
async fn odd_cookies_are_no_session() {
    let app = TestApp::new();
    let inside = app.logged_in_with_code(TARO, FK2).await;
    let real = inside.cookies();
    let before = dump(&app);
    let values = ["", "x", "a.b.c", &"A".repeat(4_000), "%00%ff", "../../../"];
    for name in real.keys() {
        for value in values {
            let browser = app.browser();
            let mut cookies = real.clone();
            cookies.insert(name.clone(), value.to_owned());
            browser.set_cookies(cookies);
            let top = browser.get("/shirakaba/").await;
            assert!(name.contains("form") || top.status != 200, "{name}={value}");
            browser.get("/shirakaba/login").await;
        }
        // One character of the sealed value changed.
        let changed: String = real[name]
            .chars()
            .rev()
            .enumerate()
            .map(|(place, c)| if place == 5 { if c == 'A' { 'B' } else { 'A' } } else { c })
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let browser = app.browser();
        let mut cookies = real.clone();
        cookies.insert(name.clone(), changed);
        browser.set_cookies(cookies);
        let top = browser.get("/shirakaba/").await;
        assert!(name.contains("form") || top.status != 200, "{name} with one character changed");
    }
    assert_unchanged(&before, &dump(&app), "odd cookies");
}
