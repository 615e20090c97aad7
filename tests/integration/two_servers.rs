//! Several servers on one database: what begins at one goes on at the other, and what may happen
//! once happens once, whichever of them is asked. On SQLite, whose file belongs to one process, the
//! same is asked of one server.

use chrono::TimeDelta;
use futures_util::future::join_all;
use madoguchi::db::{Db, DbOptions};
use madoguchi::primitives::clock::{UtcTime, parse_rfc3339};

use crate::browser::{Browser, Form, Page};
use crate::codes;
use crate::database::TestDatabase;
use crate::kill::{Server, lasting_address, number, run};
use crate::people::{FK2, TARO, spare};

/// Below what an address may try in a minute at one server.
const MANY: usize = 24;

struct Servers {
    all: Vec<Server>,
    db: Db,
    database: TestDatabase,
}

impl Servers {
    async fn start() -> Servers {
        let database = TestDatabase::bare();
        let mut all = vec![Server::start(&database, lasting_address()).await];
        let db = Db::open(&database.url(), DbOptions::default()).unwrap();
        if !db.is_sqlite() {
            all.push(Server::start(&database, lasting_address()).await);
        }
        let servers = Servers { all, db, database };
        // The worker would seal and mail while rows are counted.
        servers.all[0].post("/qa/faults", &[("worker", "on")]).await.unwrap();
        servers.all[0].set_clock(now()).await.unwrap();
        servers.all[0].post("/qa/reset", &[]).await.unwrap();
        servers
    }

    /// Each one in turn.
    fn url(&self, turn: usize) -> &str {
        self.all[turn % self.all.len()].url()
    }

    fn browser(&self, turn: usize) -> Browser {
        Browser::new(self.url(turn))
    }

    /// The same person's browser, sent to another server by the proxy.
    fn moved(&self, browser: &Browser, turn: usize) -> Browser {
        let other = self.browser(turn);
        other.set_cookies(browser.cookies());
        other
    }

    fn count(&self, sql: &str) -> i64 {
        number(&self.db, sql)
    }
}

fn now() -> UtcTime {
    parse_rfc3339("2026-11-24T10:00:00+09:00").unwrap()
}

fn code_at(at: UtcTime, serial: &str) -> String {
    codes::code(serial, codes::step_at(at, 30), 6)
}

/// Id and password; the page that asks for a code.
async fn to_code(browser: &Browser) -> Page {
    let page = browser.get("/shirakaba/login").await.expect_screen("BLG001");
    let values = [("login_id", TARO.login_id), ("password", TARO.password)];
    let page = browser.submit(&page, &values).await;
    browser.follow(page).await.expect_screen("BLG010")
}

/// The same form from one person through all servers at once.
async fn at_once(
    servers: &Servers,
    browser: &Browser,
    form: &Form,
    values: &[(&str, &str)],
) -> Vec<Page> {
    let fields = form.filled(values);
    let browsers: Vec<Browser> = (0..MANY).map(|turn| servers.moved(browser, turn)).collect();
    join_all(browsers.iter().map(|browser| browser.post(&form.action, &fields))).await
}

#[tokio::test]
async fn a_login_begun_at_one_server_goes_on_at_the_other() {
    let servers = Servers::start().await;
    let first = servers.browser(0);
    let page = to_code(&first).await;
    let second = servers.moved(&first, 1);
    let answer = second.submit(&page, &[("otp", &code_at(now(), FK2))]).await;
    second.follow(answer).await.expect_screen("BTP001");
    for turn in 0..4 {
        let browser = servers.moved(&second, turn);
        browser.get("/shirakaba/accounts").await.expect_screen("BAC001");
    }
    // The clock of the demo is one, too: through the first server an hour passes for both.
    servers.all[0].set_clock(now() + TimeDelta::hours(1)).await.unwrap();
    let second = servers.moved(&second, 1);
    let page = second.get("/shirakaba/accounts").await;
    second.follow(page).await.expect_screen("BLG091");
}

#[tokio::test]
async fn one_right_code_logs_in_once_at_whichever_server() {
    let servers = Servers::start().await;
    let browsers: Vec<Browser> = (0..MANY).map(|turn| servers.browser(turn)).collect();
    let mut pages = Vec::new();
    for browser in &browsers {
        pages.push(to_code(browser).await);
    }
    let code = code_at(now(), FK2);
    let sent = browsers.iter().zip(&pages);
    let answers =
        join_all(sent.map(|(browser, page)| browser.submit(page, &[("otp", &code)]))).await;
    let inside =
        answers.iter().filter(|page| page.location.as_deref() == Some("/shirakaba/")).count();
    assert_eq!(inside, 1);
    assert_eq!(servers.count("SELECT COUNT(*) FROM logins WHERE stage = 'complete'"), 1);
}

#[tokio::test]
async fn wrong_codes_at_all_servers_are_counted_together() {
    let servers = Servers::start().await;
    let browser = servers.browser(0);
    let form = to_code(&browser).await.form();
    let right: Vec<String> =
        (-10..=10).map(|n| code_at(now() + TimeDelta::seconds(30 * n), FK2)).collect();
    let wrong: Vec<String> = (100_000..)
        .map(|n: u32| n.to_string())
        .filter(|code| !right.contains(code))
        .take(MANY)
        .collect();
    let browsers: Vec<Browser> = (0..MANY).map(|turn| servers.moved(&browser, turn)).collect();
    let forms: Vec<_> = wrong.iter().map(|code| form.filled(&[("otp", code)])).collect();
    let sent = browsers.iter().zip(&forms);
    let tries = sent.map(|(browser, fields)| browser.post(&form.action, fields));
    let answers = join_all(tries).await;
    assert!(answers.iter().all(|page| page.location.as_deref() != Some("/shirakaba/")));
    // After three in a row whoever tries has to wait, and is not looked at meanwhile.
    let failures = format!("SELECT failures FROM tokens WHERE serial = '{FK2}'");
    assert_eq!(servers.count(&failures), 3);
}

#[tokio::test]
async fn a_form_sent_to_all_servers_at_once_acts_once() {
    let servers = Servers::start().await;
    let browser = servers.browser(0);
    let page = browser.get("/shirakaba/token/exchange").await;
    let values = [("login_id", TARO.login_id), ("password", TARO.password)];
    let page = browser.submit(&page, &values).await;
    let page = browser.follow(page).await;
    let page = browser.submit(&page, &[("old_otp", &code_at(now(), FK2))]).await;
    let form = browser.follow(page).await.form();
    let (next, mails) = (spare(1), "SELECT COUNT(*) FROM mails WHERE kind = 'token_exchanged'");
    let values = [("serial", next.as_str()), ("otp", &code_at(now(), &next))];
    let receipts = "SELECT COUNT(*) FROM receipts WHERE operation = 'token.exchange'";
    let (before, receipts_before) = (servers.count(mails), servers.count(receipts));
    let answers = at_once(&servers, &browser, &form, &values).await;
    assert!(answers.iter().any(Page::is_done), "{:?}", answers[0].text());
    let results: Vec<_> = answers.iter().filter_map(|page| page.location.clone()).collect();
    assert!(results.iter().all(|place| *place == results[0]), "{results:?}");
    assert_eq!(servers.count(mails) - before, 1);
    assert_eq!(servers.count(receipts) - receipts_before, 1);
    drop(servers.all);
    let (code, said) = run(&servers.database, &["audit", "verify"]);
    assert_eq!(code, Some(0), "{said}");
}
