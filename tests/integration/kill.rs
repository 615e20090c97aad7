//! `kill -9` at any moment: what a customer was told is done is on disk with its mail, and nothing
//! is half done. The real program, twenty times killed while a customer exchanges one token after
//! the other.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use madoguchi::db::{Db, DbError, DbOptions};
use madoguchi::primitives::clock::{Clock, UtcTime};
use parking_lot::Mutex;

use crate::browser::{Browser, Page};
use crate::codes;
use crate::database::TestDatabase;
use crate::people::{TARO, spare};

const KILLS: u32 = 20;
/// Seconds to wait for the sealer; a lease lasts 30.
const SEAL_TRIES: u32 = 45;
/// Tokens to exchange for until the demo data are loaded again.
const SPARES: i64 = 25;
/// An exchange takes about 100 ms of a test build; kills fall anywhere within the first few.
const LIFE_MIN_MS: u32 = 10;
const LIFE_MAX_MS: u32 = 500;
const STRETCH_MAX: u64 = 16;
const PORT_MIN: u16 = 20_000;
const PORTS: u16 = 10_000;

/// An address for a program that is killed and started again, and that nobody takes meanwhile: the
/// ports that the system hands out by itself, to the other tests too, begin above these.
pub fn lasting_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 100).unwrap() * 100;
    (0..PORTS)
        .map(|_| PORT_MIN + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS)
        .map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
        .find(|address| TcpListener::bind(address).is_ok())
        .unwrap()
}

/// The real program with the demo, in a process that can be killed.
pub struct Server {
    child: Arc<Mutex<Child>>,
    url: String,
}

impl Server {
    /// Starts it and waits until it answers.
    pub async fn start(database: &TestDatabase, address: SocketAddr) -> Server {
        let mut command = program(database);
        command.args(["demo", "--listen", &address.to_string()]);
        command.args(["--tls-client-listen", "127.0.0.1:0"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let child = Arc::new(Mutex::new(child));
        let server = Server { child, url: format!("http://{address}") };
        let browser = Browser::new(&server.url);
        for _ in 0..600 {
            if browser.try_get("/readyz").await.is_some_and(|page| page.status == 200) {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not come up within 30 s");
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// SIGKILL after a while, whatever goes on: no handler runs.
    pub fn kill_after(&self, life: Duration) -> JoinHandle<()> {
        let child = Arc::clone(&self.child);
        std::thread::spawn(move || {
            std::thread::sleep(life);
            let mut child = child.lock();
            child.kill().unwrap();
            child.wait().unwrap();
        })
    }

    /// None: the server has died.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Option<()> {
        let fields = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let page = Browser::new(&self.url).try_post(path, &fields).await?;
        assert!(page.status < 400, "{path}: {} {}", page.status, page.body);
        Some(())
    }

    /// Freezes its clock; none: it has died.
    pub async fn set_clock(&self, at: UtcTime) -> Option<()> {
        let at = format!("{}Z", at.format("%Y-%m-%dT%H:%M:%S"));
        self.post("/qa/clock", &[("at", &at), ("mode", "freeze")]).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut child = self.child.lock();
        // Killed before, in most cases.
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn program(database: &TestDatabase) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    command.env("MADOGUCHI_DATABASE_URL", database.text());
    command
}

/// Runs a command to its end; its exit code and what it said.
pub fn run(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, String) {
    let output = program(database).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// One exchange; `Some` only if the customer saw that it is done.
async fn exchange(server: &Server, now: UtcTime, old: &str, new: &str) -> Option<()> {
    let browser = Browser::new(&server.url);
    let code = |serial: &str, steps: i64| codes::code(serial, codes::step_at(now, 30) + steps, 6);
    let page = browser.try_get("/shirakaba/token/exchange").await?;
    let values = [("login_id", TARO.login_id), ("password", TARO.password)];
    let page = send(&browser, &page, &values).await?;
    let page = send(&browser, &page, &[("old_otp", &code(old, 0))]).await?;
    let form = page.form();
    let answer = browser
        .try_post(&form.action, &form.filled(&[("serial", new), ("otp", &code(new, 0))]))
        .await?;
    assert!(answer.is_done(), "{old} to {new}: {} {}", answer.status, answer.text());
    Some(())
}

async fn send(browser: &Browser, page: &Page, values: &[(&str, &str)]) -> Option<Page> {
    let form = page.form();
    let answer = browser.try_post(&form.action, &form.filled(values)).await?;
    let location = answer.location.clone().unwrap_or_else(|| panic!("{}", answer.text()));
    browser.try_get(&location).await
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

/// A number from the database.
pub fn number(db: &Db, sql: &str) -> i64 {
    let sql = format!("SELECT CAST(({sql}) AS BIGINT) AS value");
    let row = db
        .read_blocking(|conn| Ok::<_, DbError>(diesel::sql_query(sql).get_result::<Number>(conn)?));
    row.unwrap().value
}

/// Texts from the database, from a column called `value`.
pub fn strings(db: &Db, sql: &str) -> Vec<String> {
    let rows =
        db.read_blocking(|conn| Ok::<_, DbError>(diesel::sql_query(sql).load::<Line>(conn)?));
    rows.unwrap().into_iter().map(|row| row.value).collect()
}

/// Changes the database behind the program's back.
pub fn execute(db: &Db, sql: &str) {
    execute_all(db, &[sql.to_owned()]);
}

/// The same with several statements, between which the program changes nothing.
pub fn execute_all(db: &Db, statements: &[String]) {
    let statements = statements.to_vec();
    let done = db.write_blocking(move |conn| {
        for sql in &statements {
            diesel::sql_query(sql.clone()).execute(conn)?;
        }
        Ok::<_, DbError>(())
    });
    done.unwrap();
}

/// A killed process gives no lease back; nobody shall wait for its end.
pub fn end_leases(db: &Db) {
    execute(db, "UPDATE leases SET held_until = '2000-01-01 00:00:00'");
}

/// The serial of 太郎's token.
fn held(db: &Db) -> String {
    let sql = format!(
        "SELECT serial AS value FROM tokens JOIN users ON users.token_id = tokens.id \
         WHERE users.portal = 'shirakaba' AND users.login_id = '{}'",
        TARO.login_id
    );
    strings(db, &sql).remove(0)
}

/// How many exchanges are on disk; fails if one of them lacks a part.
fn whole_exchanges(db: &Db) -> i64 {
    let of_taro = format!(
        "(SELECT id FROM users WHERE portal = 'shirakaba' AND login_id = '{}')",
        TARO.login_id
    );
    let contract = format!("(SELECT contract_id FROM users WHERE id = {of_taro})");
    let count = |sql: &str| number(db, &format!("SELECT COUNT(*) FROM {sql}"));
    let receipts =
        count(&format!("receipts WHERE operation = 'token.exchange' AND user_id = {of_taro}"));
    let parts = [
        format!("mails WHERE kind = 'token_exchanged' AND user_id = {of_taro}"),
        "audit_lines WHERE operation = 'token.exchange' AND details LIKE 'instead of %'".to_owned(),
        format!("tokens WHERE state = 'retired' AND contract_id = {contract}"),
        format!(
            "flows WHERE operation = 'token_exchange' AND step = 'done' \
             AND receipt_id IS NOT NULL AND user_id = {of_taro}"
        ),
        format!("one_time_keys WHERE state = 'done' AND user_id = {of_taro}"),
    ];
    for part in parts {
        assert_eq!(count(&part), receipts, "{part}");
    }
    assert_eq!(count(&format!("tokens WHERE state = 'in_use' AND contract_id = {contract}")), 1);
    receipts
}

/// Exchanges one token after the other until the server dies; how many it has acknowledged.
async fn exchange_until_death(server: &Server, db: &Db, on_disk: i64, begin: UtcTime) -> i64 {
    for done in 0.. {
        let now = begin + TimeDelta::seconds(90 * done);
        let number = on_disk + done + 1;
        let old = held(db);
        let acted = async {
            server.set_clock(now).await?;
            if number > SPARES {
                return Some(());
            }
            let new = spare(u32::try_from(number).unwrap());
            exchange(server, now, &old, &new).await
        };
        if acted.await.is_none() {
            return done.min(SPARES - on_disk);
        }
    }
    unreachable!("the server dies before the numbers end")
}

#[tokio::test]
async fn what_was_acknowledged_survives_and_nothing_is_half_done() {
    let database = TestDatabase::bare();
    let address = lasting_address();
    let mut now = Clock::real_now() + TimeDelta::minutes(5);
    let (mut acknowledged, mut unanswered, mut total) = (0, 0, 0);
    // Lives grow until one is long enough for an exchange: a busy machine is several times slower.
    let mut stretch = 1;
    for round in 0..KILLS {
        let server = Server::start(&database, address).await;
        let db = Db::open(&database.url(), DbOptions::default()).unwrap();
        let on_disk = whole_exchanges(&db);
        let extra = on_disk - acknowledged;
        assert!((0..=1).contains(&extra), "round {round}: {on_disk} on disk of {acknowledged}");
        unanswered += extra;
        if on_disk >= SPARES / 2 {
            server.post("/qa/reset", &[]).await.unwrap();
        }
        let on_disk = whole_exchanges(&db);
        // Lives of different lengths, so that kills fall on every step; short ones stand between
        // long ones, because a try that is killed stays counted and several in a row lock.
        let turn = round * 7 % KILLS;
        let life = u64::from(LIFE_MIN_MS + turn * (LIFE_MAX_MS - LIFE_MIN_MS) / KILLS) * stretch;
        let killer = server.kill_after(Duration::from_millis(life));
        now += TimeDelta::minutes(30);
        let done = exchange_until_death(&server, &db, on_disk, now).await;
        killer.join().unwrap();
        // On a slow machine many tries in a row may be killed; staff then help the customer.
        let unlock = ["user", "unlock", "--portal", "shirakaba", TARO.login_id];
        let (code, said) = run(&database, &unlock);
        assert!(code == Some(0) || said.starts_with("nothing of"), "{said}");
        acknowledged = on_disk + done;
        total += done;
        if total == 0 && turn * 2 > KILLS {
            stretch = (stretch * 2).min(STRETCH_MAX);
        }
    }
    let server = Server::start(&database, address).await;
    let db = Db::open(&database.url(), DbOptions::default()).unwrap();
    assert!(whole_exchanges(&db) >= acknowledged);
    // The sealer's lease of the server killed last has to run out first.
    for _ in 0..SEAL_TRIES {
        server.post("/qa/worker/run", &[]).await.unwrap();
        if run(&database, &["audit", "verify"]).0 == Some(0) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    drop(server);
    for arguments in [["audit", "verify"], ["ledger", "check"]] {
        let (code, said) = run(&database, &arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
    println!("{total} exchanges acknowledged, {unanswered} done without an answer");
    assert!(total > 0, "the server never lived long enough for an exchange");
}
