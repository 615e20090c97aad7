//! The console of the real program: states that come back, recordings that are replayed, screens at
//! a click.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use chrono::TimeDelta;
use madoguchi::db::{Db, DbOptions};
use madoguchi::primitives::clock::{UtcTime, parse_rfc3339};
use serde_json::Value;

use crate::browser::{Browser, Fields, Page};
use crate::bulk_files;
use crate::codes;
use crate::database::TestDatabase;
use crate::kill::{Server, lasting_address, number, run, strings};
use crate::pay_easy::site::{CAR, types};
use crate::people::{FK2, TARO};

/// A Tuesday morning.
const NOW: &str = "2026-11-24T10:00:00+09:00";

/// The program with the demo, and a view of its database.
struct Demo {
    server: Server,
    db: Db,
    database: TestDatabase,
}

impl Demo {
    async fn start() -> Demo {
        let database = TestDatabase::bare();
        let server = Server::start(&database, lasting_address()).await;
        let db = Db::open(&database.url(), DbOptions::default()).unwrap();
        let demo = Demo { server, db, database };
        demo.server.set_clock(now() + TimeDelta::days(30)).await.unwrap();
        // Backwards: the data are made anew as of then.
        demo.server.set_clock(now()).await.unwrap();
        demo
    }

    fn browser(&self) -> Browser {
        Browser::new(self.server.url())
    }

    async fn console(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.browser().post(path, &pairs(fields)).await
    }

    /// From now on nothing moves but by the test: the worker has done what was due, and is off.
    async fn keeps_still(&self) {
        self.console("/qa/faults", &[("worker", "on")]).await.expect_status(200);
        // Waits for what is running.
        self.server.post("/qa/worker/run", &[]).await.unwrap();
    }

    /// How many rows each table has, and what the accounts hold.
    fn census(&self) -> BTreeMap<String, i64> {
        let tables = [
            "users",
            "tokens",
            "accounts",
            "ledger_entries",
            "postings",
            "payments",
            "mails",
            "receipts",
            "bulk_files",
            "bulk_chunks",
            "one_time_keys",
            "flows",
        ];
        let mut census: BTreeMap<String, i64> = tables
            .iter()
            .map(|table| {
                let sql = format!("SELECT COUNT(*) FROM {table}");
                ((*table).to_owned(), number(&self.db, &sql))
            })
            .collect();
        for (name, sql) in [
            ("balances", "SELECT SUM(balance * (id % 97)) FROM accounts"),
            ("failures", "SELECT SUM(failures) FROM tokens"),
            ("in use", "SELECT SUM(id) FROM tokens WHERE state = 'in_use'"),
        ] {
            census.insert(name.to_owned(), number(&self.db, sql));
        }
        census
    }
}

fn now() -> UtcTime {
    parse_rfc3339(NOW).unwrap()
}

fn pairs(fields: &[(&str, &str)]) -> Fields {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|error| panic!("{error}: {}", page.body))
}

/// 太郎 logs in with a code of the token in the hand.
async fn log_in(browser: &Browser, at: UtcTime) -> Page {
    let page = browser.get("/shirakaba/login").await.expect_screen("BLG001");
    let values = [("login_id", TARO.login_id), ("password", TARO.password)];
    let page = browser.submit(&page, &values).await;
    let page = browser.follow(page).await.expect_screen("BLG010");
    let code = codes::code(FK2, codes::step_at(at, 30), 6);
    let page = browser.submit(&page, &[("otp", &code)]).await;
    browser.follow(page).await.expect_screen("BTP001")
}

#[tokio::test]
async fn a_saved_state_comes_back_whole() {
    let demo = Demo::start().await;
    demo.console("/qa/states/load", &[("name", "none")]).await.expect_status(404);
    for wrong in ["", " ", "x\ny", &"あ".repeat(41)] {
        demo.console("/qa/states/save", &[("name", wrong)]).await.expect_status(400);
    }
    demo.keeps_still().await;
    let browser = demo.browser();
    log_in(&browser, now()).await;
    let later = now() + TimeDelta::hours(2);
    demo.server.set_clock(later).await.unwrap();
    demo.server.post("/qa/worker/run", &[]).await.unwrap();
    demo.console("/qa/states/save", &[("name", "朝の 状態")]).await.expect_status(200);
    let saved = demo.census();
    let audit = number(&demo.db, "SELECT COUNT(*) FROM audit_lines");
    // Days pass, money moves, and everything is made anew.
    demo.server.set_clock(later + TimeDelta::days(9)).await.unwrap();
    demo.server.post("/qa/worker/run", &[]).await.unwrap();
    assert_ne!(demo.census(), saved, "nine days that change nothing show nothing");
    demo.server.post("/qa/reset", &[]).await.unwrap();
    for _ in 0..2 {
        demo.console("/qa/states/load", &[("name", "朝の 状態")]).await.expect_status(200);
        assert_eq!(demo.census(), saved);
        assert!(number(&demo.db, "SELECT COUNT(*) FROM audit_lines") >= audit);
        let clock = json(&demo.browser().get("/qa/clock.json").await);
        assert_eq!(clock["now"], "2026-11-24T12:00:00+09:00");
        // Nobody is logged in, and whoever logs in finds the demo working.
        browser.get("/shirakaba/").await.expect_status(303);
        log_in(&demo.browser(), later).await;
    }
    // Rows that come later have numbers of their own.
    demo.server.set_clock(later + TimeDelta::days(2)).await.unwrap();
    demo.server.post("/qa/worker/run", &[]).await.unwrap();
    let list = json(&demo.browser().get("/qa/states.json").await);
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list[0]["name"], "朝の 状態");
    demo.console("/qa/states/delete", &[("name", "朝の 状態")]).await.expect_status(200);
    assert_eq!(json(&demo.browser().get("/qa/states.json").await).as_array().unwrap().len(), 0);
    let copies = strings(
        &demo.db,
        match demo.db.is_sqlite() {
            true => "SELECT name AS value FROM sqlite_master WHERE name LIKE 'demo_states_%'",
            false => {
                "SELECT tablename::text AS value FROM pg_tables \
                  WHERE tablename LIKE 'demo_states_%'"
            }
        },
    );
    assert_eq!(copies.iter().filter(|name| name.contains("_users")).count(), 0, "{copies:?}");
    drop(demo.server);
    for command in [["audit", "verify"], ["ledger", "check"]] {
        let (code, said) = run(&demo.database, &command);
        assert_eq!(code, Some(0), "{command:?}: {said}");
    }
}

#[tokio::test]
async fn what_goes_wrong_is_felt_and_lifted() {
    let demo = Demo::start().await;
    demo.console("/qa/faults", &[("mail", "sideways")]).await.expect_status(400);
    let all = [("mail", "failing"), ("biller", "on"), ("worker", "on")];
    let set = json(&demo.console("/qa/faults", &all).await.expect_status(200));
    assert_eq!(set, json(&demo.browser().get("/qa/faults.json").await));
    let count = |sql: &str| number(&demo.db, &format!("SELECT COUNT(*) FROM {sql}"));
    let browser = demo.browser();
    log_in(&browser, now()).await;
    let page = types(&browser, "shirakaba", CAR).await.expect_status(422);
    assert!(page.summary().contains("返事がなかった"), "{}", page.summary());
    let (receipts, mails) = (count("receipts"), count("mails"));
    demo.server.set_clock(now() + TimeDelta::days(9)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!((count("receipts"), count("mails")), (receipts, mails), "the worker is off");
    // By its button it runs once, and the mail server takes nothing.
    demo.server.post("/qa/worker/run", &[]).await.unwrap();
    assert!(count("mails") > mails, "nine days bring no mail");
    assert_eq!(count("mails WHERE state = 'sent'"), 0);
    assert!(count("mails WHERE attempts > 0") > 0);
    demo.console("/qa/faults", &[]).await.expect_status(200);
    let browser = demo.browser();
    log_in(&browser, now() + TimeDelta::days(9)).await;
    types(&browser, "shirakaba", CAR).await.expect_screen("BPE002");
    for _ in 0..100 {
        if count("mails WHERE state = 'sent'") > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("no mail goes out by itself");
}

#[tokio::test]
async fn a_worker_that_was_turned_off_has_ended_what_it_did() {
    let demo = Demo::start().await;
    demo.keeps_still().await;
    demo.server.set_clock(now() + TimeDelta::days(9)).await.unwrap();
    let count = |state: &str| {
        number(&demo.db, &format!("SELECT COUNT(*) FROM mails WHERE state = '{state}'"))
    };
    let before = count("sent");
    // The nine days bring mails, of which each takes three seconds now.
    demo.console("/qa/faults", &[("mail", "slow")]).await.expect_status(200);
    for _ in 0..1_200 {
        if count("sent") > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The first is sent, so the second is under way.
    assert!(count("sent") > before, "no mail goes out");
    tokio::time::sleep(Duration::from_millis(500)).await;
    demo.console("/qa/faults", &[("mail", "slow"), ("worker", "on")]).await.expect_status(200);
    let sent = count("sent");
    assert!(count("waiting") > 0, "nothing was left to send");
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(count("sent"), sent, "the worker is off");
}

#[tokio::test]
async fn another_versions_state_is_not_loaded() {
    let demo = Demo::start().await;
    demo.keeps_still().await;
    demo.console("/qa/states/save", &[("name", "old")]).await.expect_status(200);
    crate::kill::execute(&demo.db, "UPDATE demo_states SET version = '20200101000000'");
    let before = demo.census();
    let page = demo.console("/qa/states/load", &[("name", "old")]).await.expect_status(409);
    assert!(page.text().contains("別の版"), "{}", page.text());
    assert_eq!(demo.census(), before);
}

#[tokio::test]
async fn a_recording_is_replayed_and_a_changed_label_is_found() {
    let demo = Demo::start().await;
    demo.browser().get("/qa/record.json").await.expect_status(404);
    demo.console("/qa/record/start", &[("name", "")]).await.expect_status(422);
    demo.console("/qa/record/start", &[("name", "太郎のログイン")]).await.expect_status(303);
    let browser = demo.browser();
    log_in(&browser, now()).await;
    browser.get("/shirakaba/accounts").await.expect_screen("BAC001");
    demo.server.post("/qa/clock", &[("forward_seconds", "60")]).await.unwrap();
    browser.get("/shirakaba/").await.expect_screen("BTP001");
    demo.console("/qa/record/stop", &[]).await.expect_status(303);
    browser.get("/shirakaba/").await.expect_screen("BTP001");
    let saved = demo.browser().get("/qa/record.json").await.expect_status(200).body;
    assert!(saved.contains("{code:2V0716016FK2}"), "{saved}");
    assert!(!saved.contains("csrf"), "{saved}");
    let scenario: Value = serde_json::from_str(&saved).unwrap();
    let steps = scenario["steps"].as_array().unwrap();
    let screens: Vec<&str> =
        steps.iter().filter_map(|step| step["expect"]["screen"].as_str()).collect();
    assert_eq!(screens[..4], ["BLG001", "BLG010", "BTP001", "BAC001"], "{saved}");
    let page = demo.browser().get("/qa/record").await.expect_screen("QAC060");
    assert!(page.text().contains("太郎のログイン"), "{}", page.text());
    drop(demo.server);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.json");
    fs::write(&file, &saved).unwrap();
    let path = file.to_str().unwrap();
    let (code, said) = run(&demo.database, &["qa", "replay", path]);
    assert_eq!(code, Some(0), "{said}");
    // As if it had been recorded when a button and a line read otherwise.
    let other = saved.replace("\"ワンタイムパスワード認証\"", "\"パスワードの確認\"");
    assert_ne!(other, saved);
    fs::write(&file, &other).unwrap();
    let (code, said) = run(&demo.database, &["qa", "replay", path]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("- パスワードの確認"), "{said}");
    assert!(said.contains("+ ワンタイムパスワード認証"), "{said}");
    // What shows now is taken for right.
    let (code, said) = run(&demo.database, &["qa", "replay", "--accept", path]);
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = run(&demo.database, &["qa", "replay", path]);
    assert_eq!(code, Some(0), "{said}");
    let gone = saved.replace("\"button\":\"ログイン\"", "\"button\":\"入る\"");
    assert_ne!(gone, saved);
    fs::write(&file, &gone).unwrap();
    let (code, said) = run(&demo.database, &["qa", "replay", path]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cannot be done") && said.contains("入る"), "{said}");
    fs::write(&file, "{}").unwrap();
    let (code, said) = run(&demo.database, &["qa", "replay", path]);
    assert_eq!(code, Some(2), "{said}");
}

#[tokio::test]
async fn a_file_in_a_recording_is_uploaded_again() {
    let demo = Demo::start().await;
    let browser = demo.browser();
    let (status, _, file) = browser.get_bytes("/qa/files/aoba/21-good.txt").await;
    assert_eq!(status, 200);
    demo.console("/qa/record/start", &[("name", "総合振込の登録")]).await.expect_status(303);
    let form = browser.get("/aoba/login").await.form_having("user_id");
    let who =
        [("contract_id", "9000000001"), ("user_id", "tantoa"), ("user_password", "TantoA#2026")];
    let page = browser.post(&form.action, &form.filled(&who)).await;
    browser.follow(page).await.expect_status(200);
    let page = bulk_files::site::send(&browser, &[("kind", ""), ("account", "")], &file).await;
    browser.follow(page.expect_status(303)).await.expect_screen("BFT012");
    demo.console("/qa/record/stop", &[]).await.expect_status(303);
    let saved = browser.get("/qa/record.json").await.expect_status(200).body;
    assert!(saved.contains("\"file_name\":\"furikomi.txt\""), "{saved}");
    drop(demo.server);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenario.json");
    fs::write(&path, &saved).unwrap();
    let (code, said) = run(&demo.database, &["qa", "replay", path.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    // Without the file nothing is registered.
    let mut scenario: Value = serde_json::from_str(&saved).unwrap();
    for step in scenario["steps"].as_array_mut().unwrap() {
        if let Some(fields) = step.get_mut("fields").and_then(Value::as_object_mut) {
            fields.remove("file");
        }
    }
    fs::write(&path, scenario.to_string()).unwrap();
    let (code, said) = run(&demo.database, &["qa", "replay", path.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("BFT011"), "{said}");
}

#[tokio::test]
async fn the_first_way_of_each_screen_leads_there() {
    let demo = Demo::start().await;
    let ways = json(&demo.browser().get("/qa/screens/ways.json").await);
    // The first way of each screen, whichever portal has it; bin/screens opens all of them. On
    // PostgreSQL some: what differs there is the database, not the way.
    let mut seen = BTreeSet::new();
    let is_first = |way: &&Value| seen.insert(way["screen"].as_str().unwrap().to_owned());
    let each = if demo.db.is_sqlite() { 1 } else { 12 };
    let ways: Vec<Value> =
        ways.as_array().unwrap().iter().filter(is_first).step_by(each).cloned().collect();
    let mut wrong = Vec::new();
    for way in &ways {
        let (portal, key) = (way["portal"].as_str().unwrap(), way["key"].as_str().unwrap());
        let browser = demo.browser();
        let fields = pairs(&[("portal", portal), ("key", key)]);
        let mut page = browser.try_post("/qa/screens/open", &fields).await.unwrap();
        // The button's browser is logged in and shows the screen, which may say that it is closed.
        while let Some(location) = page.location.clone() {
            page = browser.try_get(&location).await.unwrap();
        }
        let screen = page.screen();
        if Some(screen.as_str()) != way["screen"].as_str() {
            wrong.push(format!("{portal} {key}: {} {screen} {}", page.status, page.text()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), ways.len());
    demo.console("/qa/screens/open", &[("portal", "shirakaba"), ("key", "x")])
        .await
        .expect_status(404);
}
