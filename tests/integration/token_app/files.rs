//! The page, its files and its service worker.

use crate::app::TestApp;
use crate::browser::Page;

fn header<'a>(page: &'a Page, name: &str) -> &'a str {
    page.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

#[tokio::test]
async fn the_worker_keeps_files_that_are_all_there_and_nothing_of_the_server() {
    let app = TestApp::new();
    let browser = app.browser();
    let worker = browser.get("/token/sw.js").await.expect_status(200);
    assert_eq!(header(&worker, "cache-control"), "no-cache");
    assert!(header(&worker, "content-type").starts_with("text/javascript"));
    assert!(header(&worker, "content-security-policy").contains("default-src 'none'"));
    assert!(!worker.body.contains('@'), "{}", worker.body);
    let list = worker.body.split('\'').find(|text| text.starts_with("/token/ ")).unwrap();
    let kept: Vec<&str> = list.split(' ').collect();
    assert!(kept.len() > 8 && !kept.iter().any(|url| url.contains("/api/")), "{kept:?}");
    let mut bytes = worker.body.len();
    for url in kept {
        bytes += browser.get(url).await.expect_status(200).body.len();
    }
    assert!(bytes < 60 * 1024, "{bytes} bytes");
}

#[tokio::test]
async fn the_page_has_a_policy_of_its_own_and_is_asked_for_again_only_if_changed() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = browser.get("/token/").await.expect_screen("TOK000");
    let policy = header(&page, "content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'none'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header(&page, "cache-control"), "no-cache");
    assert!(browser.cookies().is_empty(), "the app needs no cookie");
    assert_eq!(browser.get("/token").await.location.as_deref(), Some("/token/"));
    let tag = header(&page, "etag").to_owned();
    for (path, tag) in [("/token/", tag), ("/token/app.js", String::new())] {
        let tag =
            if tag.is_empty() { header(&browser.get(path).await, "etag").to_owned() } else { tag };
        let again = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = again.get(format!("{}{path}", app.url)).header("If-None-Match", &tag);
        assert_eq!(request.send().await.unwrap().status(), 304, "{path} {tag}");
    }
    for path in ["/token/nowhere", "/token/../static", "/token/api/nowhere"] {
        browser.get(path).await.expect_status(404);
    }
}
