//! STF010 and STF012: whom staff find, and what they see.

use super::support::{AUDITOR, CLERK, customer_path, logged_in};
use crate::app::TestApp;

fn found(page: &crate::browser::Page) -> Vec<String> {
    let text = page.text();
    let ids =
        text.lines().filter(|line| line.len() == 10 && line.bytes().all(|b| b.is_ascii_digit()));
    ids.map(str::to_owned).collect()
}

#[tokio::test]
async fn customers_are_found_by_id_name_and_serial() {
    let app = TestApp::demo("shirakaba");
    let browser = logged_in(&app, "shirakaba", AUDITOR).await;
    let rows = [
        ("1000000002", vec!["1000000002"]),
        ("１００００００００２", vec!["1000000002"]),
        ("花子", vec!["1000000001"]),
        ("2v0716016fk6", vec!["1000000006"]),
        // Shipped to the contract, not registered.
        ("2V0716016FK3", vec!["1000000002"]),
        ("100%", vec![]),
        ("_", vec![]),
        ("minori01", vec![]),
    ];
    for (q, expected) in rows {
        let q = percent_encoding::utf8_percent_encode(q, percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/shirakaba/staff/customers?q={q}");
        let page = browser.get(&path).await.expect_screen("STF010");
        assert_eq!(found(&page), expected, "{q}");
    }
}

#[tokio::test]
async fn many_customers_come_page_by_page() {
    let app = TestApp::demo("shirakaba");
    for n in 0..120 {
        let id = 5_000_000_000_i64 + n;
        app.execute(&format!(
            "INSERT INTO users (portal, contract_id, login_id, role, name, login_secret_hash, \
             confirm_secret_hash, setup_state, token_status, login_otp_chosen, created_at) \
             SELECT portal, contract_id, '{id}', role, '大勢 {n}', login_secret_hash, \
             confirm_secret_hash, setup_state, 'unregistered', login_otp_chosen, created_at \
             FROM users WHERE login_id = '1000000001'"
        ));
    }
    let browser = logged_in(&app, "shirakaba", CLERK).await;
    let mut path = "/shirakaba/staff/customers?q=%E5%A4%A7%E5%8B%A2".to_owned();
    let mut seen = Vec::new();
    for expected in [50, 50, 20] {
        let page = browser.get(&path).await;
        let ids = found(&page);
        assert_eq!(ids.len(), expected);
        seen.extend(ids);
        if let Some(at) = page.body.find("after=") {
            let start = page.body[..at].rfind("href=\"").unwrap() + 6;
            let end = at + page.body[at..].find('"').unwrap();
            path = page.body[start..end].replace("&amp;", "&").replace("&#38;", "&");
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}

#[tokio::test]
async fn an_auditor_sees_a_customer_without_the_acts() {
    let app = TestApp::demo("shirakaba");
    let path = customer_path(&app, "1000000006", "");
    let auditor = logged_in(&app, "shirakaba", AUDITOR).await;
    let page = auditor.get(&path).await.expect_screen("STF012");
    assert!(page.text().contains("停止中") && !page.text().contains("利用停止を解除する"));
    auditor.get(&format!("{path}/token")).await.expect_screen("STF022");
    auditor.get(&format!("{path}/release")).await.expect_status(403);
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    assert!(clerk.get(&path).await.text().contains("利用停止を解除する"));
}

#[tokio::test]
async fn acts_that_cannot_be_done_now_are_no_buttons_but_say_why() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let is_button = |page: &crate::browser::Page, path: &str, act: &str| {
        page.body.contains(&format!("class=\"button slim\" href=\"{path}/{act}\""))
    };
    let suspended = customer_path(&app, "1000000006", "");
    let page = clerk.get(&suspended).await.expect_screen("STF012");
    assert!(is_button(&page, &suspended, "release") && !is_button(&page, &suspended, "unlock"));
    assert!(page.text().contains("今は行えない手続き"), "{}", page.text());
    let locked = customer_path(&app, "1000000007", "");
    let page = clerk.get(&locked).await.expect_screen("STF012");
    assert!(is_button(&page, &locked, "unlock") && !is_button(&page, &locked, "release"));
    assert!(page.body.contains(&format!("<a href=\"{locked}/release\">")), "{}", page.body);
    let page = clerk.get(&format!("{locked}/release")).await.expect_screen("STF020");
    assert!(page.text().contains("トークンの登録がありません"), "{}", page.text());
}
