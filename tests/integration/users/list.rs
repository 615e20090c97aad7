//! BAU030 with five users and with five thousand: search, filters, order, pages, and as many
//! statements for the one as for the other.

use super::site::{Company, HANAKO};

impl Company {
    /// Statements so far.
    fn statements(&self) -> u64 {
        self.services.db.stats().statements
    }

    /// So many more general users, with names against the order of their ids.
    pub fn fill(&self, count: i64) {
        self.execute(&format!(
            "WITH RECURSIVE numbers (n) AS \
             (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
             INSERT INTO users (portal, contract_id, login_id, role, name, login_secret_hash, \
             confirm_secret_hash, setup_state, token_status, login_otp_chosen, created_at) \
             SELECT 'inaho', contract_id, 'many' || (100000 + n), 'general', \
             '多数' || (900000 - n), '', '', 'done', 'unregistered', login_otp_chosen, created_at \
             FROM users, numbers WHERE login_id = 'hanakodt'"
        ));
    }
}

#[tokio::test]
async fn the_page_costs_the_same_with_five_thousand_users() {
    let mut counts = Vec::new();
    for more in [1, 5_000] {
        let app = Company::new();
        app.fill(more);
        let browser = app.logged_in(HANAKO).await;
        let mut counted = Vec::new();
        for path in ["members", "members?q=%E5%A4%9A&sort=name&page=2", "pause", "reset", "leave"] {
            let url = format!("/inaho/admin/{path}");
            browser.get(&url).await.expect_status(200);
            let before = app.statements();
            browser.get(&url).await.expect_status(200);
            counted.push(app.statements() - before);
        }
        counts.push(counted);
    }
    assert!(counts[0].iter().all(|count| (2..12).contains(count)), "{counts:?}");
    assert_eq!(counts[0], counts[1]);
}

#[tokio::test]
async fn search_filters_order_and_pages() {
    let app = Company::new();
    app.fill(120);
    let browser = app.logged_in(HANAKO).await;
    let text = |page: crate::browser::Page| page.expect_screen("BAU030").text();
    let first = text(browser.get("/inaho/admin/members").await);
    assert!(first.contains("129件のうち 1〜50件目") && first.contains("次の50件"), "{first}");
    let last = text(browser.get("/inaho/admin/members?page=3").await);
    assert!(last.contains("129件のうち 101〜129件目") && !last.contains("次の50件"), "{last}");
    // From the first of three pages to the last one, and back from behind the end.
    let links = |page: &str| page.split("件目").last().unwrap_or_default().contains("最後");
    assert!(links(&first) && !links(&last), "{first}");
    let behind = text(browser.get("/inaho/admin/members?page=9").await);
    assert!(behind.contains("当てはまる利用者はいません") && behind.contains("最初"), "{behind}");
    let by_name = text(browser.get("/inaho/admin/members?q=many&sort=name").await);
    let place = |id: &str| by_name.find(id);
    assert!(place("many100120") < place("many100119") && place("many100120").is_some());
    let masters = text(browser.get("/inaho/admin/members?role=master").await);
    assert!(masters.contains("saburodt") && masters.contains("1件のうち"), "{masters}");
    let found = text(browser.get("/inaho/admin/members?q=%E8%8A%B1%E5%AD%90").await);
    assert!(found.contains("hanakodt") && found.contains("1件のうち"), "{found}");
    // Nothing of another company, and wildcards stand for themselves.
    for query in ["q=nanaodt", "q=%25", "q=_"] {
        let none = text(browser.get(&format!("/inaho/admin/members?{query}")).await);
        assert!(none.contains("当てはまる利用者はいません"), "{query}: {none}");
    }
    let page = browser.get("/inaho/admin/members?role=general&sort=name&page=2").await;
    assert!(page.body.contains("role=general&#38;sort=name"), "{}", page.body);
}
