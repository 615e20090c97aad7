//! The portal as tests see it: the real server with two workers on a port of its own, a database of
//! its own, a clock that stands still, and SQL for looking behind the pages.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use chrono::TimeDelta;
use diesel::prelude::*;
use madoguchi::db::queries::registration_numbers;
use madoguchi::db::{DatabaseUrl, Db, DbError, DbOptions};
use madoguchi::domain::portal::Profile;
use madoguchi::domain::registration_number::LIFETIME;
use madoguchi::operations::name_lookup::Simulated;
use madoguchi::operations::pay_easy::SimulatedBiller;
use madoguchi::operations::token::registration_number::digest;
use madoguchi::operations::{Actor, Ctx, Services};
use madoguchi::primitives::clock::{Clock, UtcTime, parse_rfc3339};
use madoguchi::primitives::ids::UserId;
use madoguchi::primitives::keys::KeyRing;
use madoguchi::primitives::password::PasswordHasher;
use madoguchi::web::client_certificate::{CertificateDoor, ProxyHeader, tls_config};
use madoguchi::web::{ClientTls, WebApp, WebOptions};
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::browser::{Browser, Page};
use crate::cheap;
use crate::codes;
use crate::database::TestDatabase;
use crate::people::{self, Person, TokenSpec};

/// 32 bytes that only tests use.
pub const KEYS: &str = "test:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
/// A Tuesday at noon in Japan, ten seconds into a step of 30 s and of 60 s.
pub const NOON: &str = "2026-11-24T12:00:10+09:00";

/// How client certificates come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Not at all.
    None,
    /// To a TLS listener of the server.
    Tls,
    /// In the header `Client-Cert` of a proxy with this address.
    Header(&'static str),
}

impl Door {
    fn open(self, url: &str) -> (CertificateDoor, Option<ClientTls>) {
        match self {
            Door::None => (CertificateDoor::default(), None),
            Door::Header(proxy) => {
                let proxies = vec![proxy.parse().unwrap()];
                let header = ProxyHeader { name: "client-cert".to_owned(), proxies };
                (CertificateDoor { url: Some(url.to_owned()), header: Some(header) }, None)
            }
            Door::Tls => {
                let names = vec!["localhost".to_owned()];
                let made = rcgen::generate_simple_self_signed(names).unwrap();
                let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
                let config = tls_config(vec![made.cert.der().clone()], key.into()).unwrap();
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let url = format!("https://{}", listener.local_addr().unwrap());
                let door = CertificateDoor { url: Some(url), header: None };
                (door, Some(ClientTls { listener, config }))
            }
        }
    }
}

/// The portal under test.
pub struct TestApp {
    /// What operations work with.
    pub services: Services,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// Where one logs on with a client certificate.
    pub certificate_url: Option<String>,
    /// The portal that the helpers below go to.
    slug: &'static str,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    // Last: dropped after everything else has let go of it.
    _database: TestDatabase,
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

impl TestApp {
    /// The portal `shirakaba` as it ships.
    pub fn new() -> TestApp {
        TestApp::with_profile("")
    }

    /// The portal with these lines added to its profile.
    pub fn with_profile(more: &str) -> TestApp {
        TestApp::with_profiles(&[("shirakaba", shirakaba() + more)])
    }

    /// These profiles, of which `shirakaba` is filled.
    pub fn with_profiles(texts: &[(&str, String)]) -> TestApp {
        TestApp::start("shirakaba", texts, |_| {}, TestDatabase::migrated(), people::load)
    }

    /// The portal as it ships, with so many tries of one address a minute.
    pub fn with_login_tries(per_minute: u32) -> TestApp {
        let texts = [("shirakaba", shirakaba())];
        let change = |options: &mut WebOptions| options.login_tries_per_minute = per_minute;
        TestApp::start("shirakaba", &texts, change, TestDatabase::migrated(), people::load)
    }

    /// All portals as they ship, with the demo's people; the helpers go to the portal `slug`.
    pub fn demo(slug: &'static str) -> TestApp {
        TestApp::demo_with_door(slug, Door::None)
    }

    /// As [`TestApp::demo`], with these lines added to the portal's profile.
    pub fn demo_with(slug: &'static str, more: &str) -> TestApp {
        TestApp::demo_of(slug, &(profile_text(slug) + more))
    }

    /// As [`TestApp::demo`], where client certificates come in this way.
    pub fn demo_with_door(slug: &'static str, door: Door) -> TestApp {
        let texts = demo_texts(slug, &profile_text(slug));
        // Loading takes longer than copying what was loaded.
        let database = TestDatabase::filled(|url| load_demo(&services(url, &texts, None)));
        TestApp::start_behind(slug, &texts, |_| {}, (database, door), |_| ())
    }

    /// As [`TestApp::demo`], with this text as the portal's profile.
    pub fn demo_of(slug: &'static str, text: &str) -> TestApp {
        let texts = demo_texts(slug, text);
        TestApp::start(slug, &texts, |_| {}, TestDatabase::migrated(), load_demo)
    }

    /// As [`TestApp::demo`], on a machine without the font of letters.
    pub fn demo_without_font(slug: &'static str) -> TestApp {
        let texts = demo_texts(slug, &profile_text(slug));
        let change = |options: &mut WebOptions| options.letter_font = "/nowhere/font.ttc".into();
        TestApp::start(slug, &texts, change, TestDatabase::migrated(), load_demo)
    }

    fn start(
        slug: &'static str,
        texts: &[(&str, String)],
        change: impl FnOnce(&mut WebOptions),
        database: TestDatabase,
        fill: impl FnOnce(&Services),
    ) -> TestApp {
        let behind = (database, Door::None);
        TestApp::start_behind(slug, texts, change, behind, fill)
    }

    fn start_behind(
        slug: &'static str,
        texts: &[(&str, String)],
        change: impl FnOnce(&mut WebOptions),
        (database, door): (TestDatabase, Door),
        fill: impl FnOnce(&Services),
    ) -> TestApp {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let services = services(&database.url(), texts, Some(&url));
        let served = services.profiles.keys().cloned().collect();
        fill(&services);
        let (certificates, client_tls) = door.open(&url);
        let certificate_url = certificates.url.clone();
        let mut options = WebOptions {
            public_url: url.clone(),
            is_https: false,
            login_tries_per_minute: 0,
            trusts_forwarded_for: false,
            certificates,
            served,
            letter_font: madoguchi::letter::FONT_DEFAULT.into(),
        };
        change(&mut options);
        let web = WebApp::new(services.clone(), options, None);
        let (handle, thread) = serve(web, listener, client_tls);
        TestApp {
            services,
            url,
            certificate_url,
            slug,
            handle,
            thread: Some(thread),
            _database: database,
        }
    }

    /// As staff at the command line.
    pub fn ctx(&self) -> Ctx {
        self.ctx_of(self.slug)
    }

    /// The same in another portal.
    pub fn ctx_of(&self, portal: &str) -> Ctx {
        Ctx {
            profile: self.services.profiles[portal].clone(),
            actor: Actor::command("test"),
            source: "test".to_owned(),
            request_id: "test".to_owned(),
            now: self.now(),
            keys: self.services.keys.clone(),
            public_url: self.services.public_url.clone(),
        }
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// What the portal's clock shows.
    pub fn now(&self) -> UtcTime {
        self.services.clock.now()
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        self.set_clock(self.now() + TimeDelta::seconds(seconds));
    }

    /// Sets the clock.
    pub fn set_clock(&self, at: UtcTime) {
        self.services.clock.freeze(at);
    }

    /// The present step of a token of 30 s.
    pub fn step(&self) -> i64 {
        codes::step_at(self.now(), 30)
    }

    /// What a token of six digits and 30 s shows now.
    pub fn code(&self, serial: &str) -> String {
        self.code_in(serial, 0)
    }

    /// What it shows so many steps from now.
    pub fn code_in(&self, serial: &str, steps: i64) -> String {
        codes::code(serial, self.step() + steps, 6)
    }

    /// Different wrong codes.
    pub fn wrong_codes(&self, serial: &str, count: usize) -> Vec<String> {
        codes::wrong_codes(serial, self.step(), count)
    }

    /// 登録番号 of a customer whose token was revoked, as staff hand one out.
    pub fn hand_out_number(&self, user_id: &str) -> String {
        let (number, id) = ("40719263".to_owned(), UserId(user_id.parse().unwrap()));
        let digest = digest(&self.services.keys, id, &number);
        let times = (self.now(), self.now() + LIFETIME);
        let made = self
            .services
            .db
            .write_blocking(move |conn| registration_numbers::replace(conn, id, &digest, times));
        made.unwrap();
        number
    }

    /// Puts one more token into the portal.
    pub fn add_token(&self, spec: TokenSpec) {
        let (keys, now) = (self.services.keys.clone(), self.now());
        let added = self.services.db.write_blocking(move |conn| {
            people::add_token(conn, &keys, &spec, now);
            Ok::<_, DbError>(())
        });
        added.unwrap();
    }

    /// A number from the database, as `SELECT COUNT(*) …`.
    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        let sql = format!("SELECT CAST(({sql}) AS BIGINT) AS value");
        self.services
            .db
            .read_blocking(|conn| {
                Ok::<_, DbError>(diesel::sql_query(sql).get_result::<Number>(conn)?.value)
            })
            .unwrap()
    }

    /// Texts from the database: one column called `value`.
    #[track_caller]
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let sql = sql.to_owned();
        let rows = self
            .services
            .db
            .read_blocking(|conn| Ok::<_, DbError>(diesel::sql_query(sql).load::<Line>(conn)?));
        rows.unwrap().into_iter().map(|row| row.value).collect()
    }

    /// Changes rows behind the portal's back.
    #[track_caller]
    pub fn execute(&self, sql: &str) {
        let sql = sql.to_owned();
        let done = self.services.db.write_blocking(move |conn| {
            Ok::<_, DbError>(diesel::sql_query(sql.clone()).execute(conn)?)
        });
        done.unwrap();
    }

    /// How many lines of the audit log have this operation and these details.
    pub fn audited(&self, operation: &str, details: &str) -> i64 {
        self.number(&format!(
            "SELECT COUNT(*) FROM audit_lines \
             WHERE operation = '{operation}' AND details = '{details}'"
        ))
    }

    /// How many mails of this kind are in the out-box.
    pub fn mails(&self, kind: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM mails WHERE kind = '{kind}'"))
    }

    /// The newest mail of this kind.
    #[track_caller]
    pub fn last_mail(&self, kind: &str) -> String {
        let sql = format!("SELECT body AS value FROM mails WHERE kind = '{kind}' ORDER BY id DESC");
        self.texts(&sql).into_iter().next().expect("a mail of this kind")
    }

    /// Fails if a mail has a link to anything but 緊急停止.
    #[track_caller]
    pub fn assert_only_stop_link(&self, mail: &str) {
        let stop = format!("{}/shirakaba/stop\n", self.url);
        let rest = mail.replacen(&stop, "", 1);
        assert!(!rest.contains("http") && !rest.contains("://"), "{mail}");
    }

    /// A column of a token's row, as text.
    pub fn token(&self, serial: &str, column: &str) -> String {
        self.column("tokens", "serial", serial, column)
    }

    /// A column of a customer's row, as text.
    pub fn user(&self, who: Person, column: &str) -> String {
        self.column("users", "login_id", who.login_id, column)
    }

    /// Whether the token is marked suspended.
    pub fn is_suspended(&self, serial: &str) -> bool {
        self.token(serial, "suspended_at") != "null"
    }

    fn column(&self, table: &str, key: &str, value: &str, column: &str) -> String {
        let sql = format!(
            "SELECT COALESCE(CAST({column} AS TEXT), 'null') AS value FROM {table} \
             WHERE {key} = '{value}' AND portal = '{}'",
            self.slug
        );
        self.texts(&sql).remove(0)
    }

    /// Id and password on BLG001, wherever that leads.
    pub async fn enter(&self, browser: &Browser, who: Person) -> Page {
        let page = browser.get(&format!("/{}/login", self.slug)).await.expect_screen("BLG001");
        let values = [("login_id", who.login_id), ("password", who.password)];
        let answer = browser.submit(&page, &values).await;
        browser.follow(answer).await
    }

    /// A browser in which the customer, who is asked for no code, is logged in.
    pub async fn logged_in(&self, who: Person) -> Browser {
        let browser = self.browser();
        self.enter(&browser, who).await.expect_screen("BTP001");
        browser
    }

    /// A browser in which 太郎 is logged in with the present code of `serial`.
    pub async fn logged_in_with_code(&self, who: Person, serial: &str) -> Browser {
        let browser = self.browser();
        let page = self.enter(&browser, who).await.expect_screen("BLG010");
        let answer = browser.submit(&page, &[("otp", &self.code(serial))]).await;
        browser.follow(answer).await.expect_screen("BTP001");
        browser
    }

    /// Identifies the customer for a flow (`start`, `exchange` or `stop`); its first step, or why
    /// there is none.
    pub async fn begin(&self, browser: &Browser, flow: &str, who: Person) -> Page {
        let page = browser.get(&format!("/{}/token/{flow}", self.slug)).await.expect_status(200);
        let values = [("login_id", who.login_id), ("password", who.password)];
        let answer = browser.submit(&page, &values).await;
        browser.follow(answer).await
    }

    /// 太郎's exchange up to BOM113, the old token proven with this code.
    pub async fn exchange_to_new(&self, browser: &Browser, old_code: &str) -> Page {
        let page = self.begin(browser, "exchange", people::TARO).await.expect_screen("BOM112");
        let answer = browser.submit(&page, &[("old_otp", old_code)]).await.expect_status(303);
        browser.follow(answer).await.expect_screen("BOM113")
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

/// The parts of a portal at noon, on this database.
fn services(url: &DatabaseUrl, texts: &[(&str, String)], public_url: Option<&str>) -> Services {
    let read = |slug: &str, text: &str| Profile::parse(&format!("{slug}.toml"), text).unwrap();
    let profiles: BTreeMap<String, Arc<Profile>> =
        texts.iter().map(|(slug, text)| ((*slug).to_owned(), Arc::new(read(slug, text)))).collect();
    let db = Db::open(url, DbOptions::default()).unwrap();
    let services = Services {
        db: db.clone(),
        clock: Clock::new(),
        keys: Arc::new(KeyRing::parse(KEYS).unwrap()),
        hasher: PasswordHasher::start_at(cheap::COST, 2, 256),
        profiles: Arc::new(profiles),
        public_url: public_url.map(Into::into),
        directory: None,
        name_lookup: Arc::new(Simulated),
        biller: Arc::new(SimulatedBiller::new(db)),
    };
    services.clock.freeze(parse_rfc3339(NOON).unwrap());
    services
}

fn load_demo(services: &Services) {
    madoguchi::operations::demo::load(services).unwrap();
    cheap::rewrite(services);
    // Loading may have let the clock go.
    services.clock.freeze(parse_rfc3339(NOON).unwrap());
}

/// All portals as they ship, but for this text of `slug`.
fn demo_texts(slug: &str, text: &str) -> Vec<(&'static str, String)> {
    let of = |(file, builtin): (&'static str, &str)| {
        let other = file.trim_end_matches(".toml");
        (other, if other == slug { text.to_owned() } else { builtin.to_owned() })
    };
    Profile::builtin().into_iter().map(of).collect()
}

/// The text of the profile `shirakaba` as it ships.
pub fn shirakaba() -> String {
    profile_text("shirakaba")
}

/// The text of a profile as it ships.
pub fn profile_text(slug: &str) -> String {
    let all = Profile::builtin();
    all.into_iter().find(|(name, _)| *name == format!("{slug}.toml")).unwrap().1.to_owned()
}

fn serve(
    web: WebApp,
    listener: TcpListener,
    client_tls: Option<ClientTls>,
) -> (ServerHandle, JoinHandle<()>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = madoguchi::web::server(web, listener, client_tls, 2).unwrap();
            sender.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (receiver.recv().unwrap(), thread)
}
