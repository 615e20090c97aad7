//! Loading and resetting, on both databases (PostgreSQL where MADOGUCHI_TEST_POSTGRES_URL is set).

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use include_dir::{Dir, include_dir};

use super::clock::{ClockMove, ClockRun, set_clock};
use super::wall::WallState;
use super::*;
use crate::db::queries::{accounts, contracts, demo_tables, tokens, users};
use crate::db::{DatabaseUrl, Db, DbOptions, migrate};
use crate::domain::portal::Profile;
use crate::domain::token::{StoredTokenStatus, TokenState, UserTokenStatus};
use crate::domain::user::SetupState;
use crate::operations::ledger::check::check;
use crate::operations::name_lookup::Simulated;
use crate::operations::pay_easy::SimulatedBiller;
use crate::operations::statement::zengin::summary_of;
use crate::primitives::clock::Clock;
use crate::primitives::keys::KeyRing;
use crate::primitives::password::PasswordHasher;
use crate::schema::{audit_lines, ledger_entries, logins, mails};

struct Portal {
    services: Services,
    /// Dropped last.
    _folder: Option<tempfile::TempDir>,
    _database: Option<DropDatabase>,
}

struct DropDatabase(String, String);

impl Drop for DropDatabase {
    fn drop(&mut self) {
        let mut conn = PgConnection::establish(&self.0).unwrap();
        conn.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.1)).unwrap();
    }
}

fn services(url: &DatabaseUrl) -> Services {
    migrate(url).unwrap();
    let profiles = Profile::parse_all(&Profile::builtin()).unwrap();
    let key = "demo:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let db = Db::open(url, DbOptions::default()).unwrap();
    Services {
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
    }
}

fn on_sqlite() -> Portal {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.db");
    let url = DatabaseUrl::parse(&format!("sqlite:{}", file.display())).unwrap();
    Portal { services: services(&url), _folder: Some(folder), _database: None }
}

fn on_postgres() -> Option<Portal> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("MADOGUCHI_TEST_POSTGRES_URL").ok()?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("madoguchi_demo_{}_{number}", std::process::id());
    let mut conn = PgConnection::establish(&server).unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
    let (before, parameters) = server.split_once('?').unwrap_or((&server, ""));
    let mark = if parameters.is_empty() { "" } else { "?" };
    let (host, _database) = before.rsplit_once('/').unwrap();
    let url = DatabaseUrl::parse(&format!("{host}/{name}{mark}{parameters}")).unwrap();
    let services = services(&url);
    Some(Portal { services, _folder: None, _database: Some(DropDatabase(server, name)) })
}

fn on_each(test: impl Fn(&Services)) {
    test(&on_sqlite().services);
    if let Some(portal) = on_postgres() {
        test(&portal.services);
    }
}

fn at(text: &str) -> UtcTime {
    parse_rfc3339(text).unwrap()
}

fn user(services: &Services, portal: &str, login_id: &str) -> crate::domain::user::User {
    let find = |conn: &mut DbConn| users::find_by_login_id(conn, portal, login_id);
    services.db.read_blocking(find).unwrap().unwrap()
}

fn assert_ledger_is_clean(services: &Services) {
    let report = check(services).unwrap();
    assert_eq!(report.findings, []);
    assert!(report.entries > 5_000, "{report:?}");
    let future = services.clock.now();
    let late: i64 = services
        .db
        .read_blocking(|conn| -> Result<i64, DbError> {
            let late = ledger_entries::table.filter(ledger_entries::posted_at.gt(future));
            Ok(late.count().get_result(conn)?)
        })
        .unwrap();
    assert_eq!(late, 0, "nothing is posted in the future");
}

#[test]
fn the_demo_loads_once_and_its_ledger_is_clean() {
    on_each(|services| {
        assert!(!is_demo(services).unwrap());
        assert!(reset(services).is_err(), "nothing else is ever reset");
        let loaded = load(services).unwrap();
        assert!(loaded.is_new && is_demo(services).unwrap());
        assert_ledger_is_clean(services);
        assert!(!load(services).unwrap().is_new);
    });
}

#[test]
fn customers_stand_as_the_table_says() {
    on_each(|services| {
        services.clock.freeze(at("2026-10-05T10:00:15+09:00"));
        load(services).unwrap();
        let hanako = user(services, "shirakaba", "1000000001");
        assert_eq!(hanako.token_status, StoredTokenStatus::Unregistered);
        assert_eq!(hanako.mail_address.as_deref(), Some("1000000001@example.jp"));
        let taro = user(services, "shirakaba", "1000000002");
        assert!(taro.login_otp_chosen && taro.token_status == StoredTokenStatus::InUse);
        assert!(user(services, "shirakaba", "1000000007").login_locked_at.is_some());
        let yakumo = user(services, "shirakaba", "1000000008");
        assert_eq!((yakumo.setup_state, yakumo.mail_address), (SetupState::Initial, None));
        let goro = user(services, "inaho", "gorodt");
        let ten_minutes = TimeDelta::minutes(10);
        assert_eq!(goro.revoked_at, Some(services.clock.now() - ten_minutes));
        let shared = user(services, "inaho", "jirodt").token_id;
        assert_eq!(shared, user(services, "inaho", "hanakodt").token_id);
        let tanto = user(services, "aoba", "9000000001/tantoa");
        assert_eq!(tanto.mail_address.as_deref(), Some("tantoa@example.jp"));
        for (portal, login_id) in [("shirakaba", "1000000010"), ("inaho", "tarodt")] {
            let expired = user(services, portal, login_id);
            let token = services
                .db
                .read_blocking(|conn| tokens::get(conn, expired.token_id.unwrap()))
                .unwrap();
            let now = services.clock.now();
            let status = UserTokenStatus::at(expired.token_status, token.expires_at, now);
            assert_eq!(status, UserTokenStatus::Expired, "{login_id}");
        }
    });
}

#[test]
fn customers_have_accounts_with_money_and_two_years_of_movements() {
    let portal = on_sqlite();
    let services = &portal.services;
    load(services).unwrap();
    for contract in people::contracts().unwrap() {
        let held = services
            .db
            .read_blocking(|conn| {
                let id = contracts::find_by_number(conn, &contract.portal, &contract.number)?;
                accounts::list_by_contract(conn, id.unwrap())
            })
            .unwrap();
        assert_eq!(held.len(), contract.accounts.len());
        assert!(held.iter().all(|account| account.balance.0 >= 20_000), "{held:?}");
    }
}

#[test]
fn all_that_moved_can_be_written_in_the_banks_format() {
    let portal = on_sqlite();
    let services = &portal.services;
    load(services).unwrap();
    let texts = services
        .db
        .read_blocking(|conn| -> Result<Vec<String>, DbError> {
            Ok(ledger_entries::table.select(ledger_entries::description).load(conn)?)
        })
        .unwrap();
    let texts: BTreeSet<String> = texts.into_iter().collect();
    let unread: Vec<&String> = texts.iter().filter(|text| summary_of(text).contains('?')).collect();
    assert!(texts.len() > 20 && unread.is_empty(), "{unread:?}");
}

#[test]
fn serials_have_the_form_of_their_kind() {
    let portal = on_sqlite();
    load(&portal.services).unwrap();
    let all = portal.services.db.read_blocking(|conn| tokens::list(conn, None, None, 500)).unwrap();
    assert_eq!(all.iter().filter(|t| t.serial.starts_with("2V07160170")).count(), 25);
    for token in all {
        let rules = portal.services.profiles[&token.portal].token_kind(token.kind).unwrap();
        assert!(rules.accepts_serial(&token.serial), "{} {}", token.portal, token.serial);
    }
}

#[test]
fn any_time_since_2016_will_do() {
    let portal = on_sqlite();
    let services = &portal.services;
    services.clock.freeze(at("2016-01-01T00:00:00+09:00"));
    load(services).unwrap();
    for time in ["2016-02-29T12:00:00+09:00", "2017-07-24T06:59:00+09:00", "2099-12-31T23:59:59Z"] {
        services.clock.freeze(at(time));
        reset(services).unwrap();
        assert_ledger_is_clean(services);
    }
}

fn all_triggers(services: &Services) -> Vec<demo_tables::Trigger> {
    services.db.read_blocking(demo_tables::list_triggers).unwrap()
}

fn counts(services: &Services) -> (i64, i64, i64) {
    services
        .db
        .read_blocking(|conn| -> Result<_, DbError> {
            Ok((
                logins::table.count().get_result(conn)?,
                audit_lines::table.count().get_result(conn)?,
                mails::table.count().get_result(conn)?,
            ))
        })
        .unwrap()
}

#[derive(QueryableByName)]
struct CountedUsers {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    kept: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    counted: i64,
}

/// The number of users that each contract keeps, beside the users.
fn assert_users_are_counted(services: &Services) {
    let ask = "SELECT user_count AS kept, (SELECT COUNT(*) FROM users \
               WHERE contract_id = contracts.id AND deleted_at IS NULL) AS counted FROM contracts";
    let rows: Vec<CountedUsers> = services
        .db
        .read_blocking(|conn| Ok::<_, DbError>(diesel::sql_query(ask).load(conn)?))
        .unwrap();
    assert!(rows.iter().any(|row| row.kept > 5));
    assert!(rows.iter().all(|row| row.kept == row.counted));
}

/// What customers leave behind: logins, audit lines, mails.
fn leave_traces(services: &Services) {
    services
        .db
        .write_blocking(|conn| -> Result<(), DbError> {
            let at = "2026-01-01 00:00:00";
            let user = "(SELECT MIN(id) FROM users)";
            let id = "a".repeat(43);
            Ok(conn.batch_execute(&format!(
                "INSERT INTO logins (id, portal, user_id, stage, csrf_secret, channel, created_at, \
                 last_use_at) VALUES ('{id}', 'p', {user}, 'complete', '{id}', 'web', '{at}', \
                 '{at}');
                 INSERT INTO web_sessions VALUES ('{id}', '{id}', '{at}');
                 INSERT INTO audit_lines (happened_at, portal, actor_kind, actor, source, \
                 operation, object, result, details, request_id) \
                 VALUES ('{at}', 'p', 'system', '', '', 'x', '', 'done', '', '');
                 INSERT INTO mails (portal, user_id, kind, to_address, from_address, subject, \
                 body, state, created_at, next_attempt_at) VALUES ('p', {user}, \
                 'login_locked', 'a', 'b', 'c', 'd', 'waiting', '{at}', '{at}')"
            ))?)
        })
        .unwrap();
}

#[test]
fn a_reset_forgets_everything_and_puts_the_triggers_back() {
    on_each(|services| {
        load(services).unwrap();
        let triggers = all_triggers(services);
        assert!(triggers.len() >= 10);
        let wall: Vec<_> = token_wall(services).unwrap().into_iter().map(|t| t.serial).collect();
        for _ in 0..2 {
            leave_traces(services);
            assert_eq!(counts(services), (1, 1, 1));
            let again = reset(services).unwrap();
            assert!(again.is_new);
            assert_eq!(counts(services), (0, 0, 0));
            assert_eq!(all_triggers(services), triggers);
            assert_users_are_counted(services);
            assert_ledger_is_clean(services);
        }
        let now: Vec<_> = token_wall(services).unwrap().into_iter().map(|t| t.serial).collect();
        assert_eq!(now, wall);
        leave_traces(services);
        for change in ["DELETE FROM audit_lines", "UPDATE ledger_entries SET description = 'x'"] {
            let refused = services
                .db
                .write_blocking(|conn| -> Result<(), DbError> { Ok(conn.batch_execute(change)?) });
            assert!(refused.is_err(), "{change}");
        }
    });
}

#[test]
fn the_triggers_are_those_of_the_migrations() {
    static SQLITE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/migrations/sqlite");
    static POSTGRES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/migrations/postgres");
    let text_of = |folder: &Dir<'_>| -> String {
        let files =
            folder.dirs().filter_map(|version| version.get_file(version.path().join("up.sql")));
        files.map(|file| file.contents_utf8().unwrap()).collect()
    };
    let migrations = [text_of(&SQLITE), text_of(&POSTGRES)];
    on_each(|services| {
        load(services).unwrap();
        reset(services).unwrap();
        let migration = &migrations[usize::from(!services.db.is_sqlite())];
        // One that a later migration makes again is one.
        let made = migration.split("CREATE TRIGGER ").skip(1);
        let made: BTreeSet<&str> = made.filter_map(|text| text.split(' ').next()).collect();
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for trigger in all_triggers(services) {
            assert!(made.contains(trigger.name.as_str()), "{trigger:?}");
            if services.db.is_sqlite() {
                assert!(squeeze(migration).contains(&squeeze(&trigger.definition)));
            }
        }
        assert!(all_triggers(services).len() >= made.len());
    });
}

#[test]
fn a_database_with_other_data_is_left_alone() {
    on_each(|services| {
        let now = services.clock.now();
        services
            .db
            .write_blocking(move |conn| contracts::insert(conn, "p", "1", "somebody", now))
            .unwrap();
        assert!(load(services).is_err());
        assert!(!is_demo(services).unwrap());
        assert!(token_wall(services).is_err() && picture_cards(services).is_err());
    });
}

#[test]
fn rows_can_be_added_after_a_load() {
    on_each(|services| {
        load(services).unwrap();
        reset(services).unwrap();
        let now = services.clock.now();
        services
            .db
            .write_blocking(move |conn| contracts::insert(conn, "p", "1", "somebody", now))
            .unwrap();
    });
}

#[test]
fn the_wall_shows_what_oathtool_shows() {
    let portal = on_sqlite();
    let services = &portal.services;
    services.clock.freeze(at("2026-10-05T10:00:15+09:00"));
    load(services).unwrap();
    let wall = token_wall(services).unwrap();
    for serial in ["2V0716016FK1", "300000004", "12345678"] {
        let token = wall.iter().find(|token| token.serial == serial).unwrap();
        let secret = secret::demo_secret(serial);
        let hex: String = secret.expose().iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = Command::new("oathtool")
            .args(["--totp", "--now=2026-10-05 01:00:15 UTC"])
            .arg(format!("--digits={}", token.digits))
            .arg(format!("--time-step-size={}s", token.period_seconds))
            .arg(hex)
            .output();
        let Ok(shown) = shown else { return };
        assert_eq!(String::from_utf8_lossy(&shown.stdout).trim(), token.code, "{serial}");
    }
    let of = |serial: &str| wall.iter().find(|token| token.serial == serial).unwrap();
    assert_eq!((of("2V0716016FK1").seconds_left, of("12345678").seconds_left), (15, 45));
    assert_eq!(of("2V0716016FK6").state, WallState::Suspended);
    assert_eq!(of("2V0716016F10").state, WallState::Expired);
    assert_eq!(of("12345678").owners.len(), 2);
    let url = &of("2V0716016FK1").otpauth_url;
    assert!(url.starts_with("otpauth://totp/%E3%81%97") && url.ends_with("&digits=6&period=30"));
}

#[test]
fn cards_are_shown_in_clear() {
    let portal = on_sqlite();
    load(&portal.services).unwrap();
    let cards = picture_cards(&portal.services).unwrap();
    let locked: Vec<bool> = cards.iter().map(|card| card.is_locked).collect();
    assert_eq!(locked, [false, true]);
    assert_eq!(cards[0].cells, secret::demo_cells("1000000001"));
}

#[test]
fn the_clock_reloads_only_backwards_and_on_jumps() {
    let portal = on_sqlite();
    let services = &portal.services;
    services.clock.freeze(at("2026-10-05T10:00:15+09:00"));
    load(services).unwrap();
    let to = |text: &str, is_jump| ClockMove { at: Some(at(text)), run: ClockRun::Freeze, is_jump };
    for (wanted, is_reload) in [
        (to("2026-10-05T10:00:15+09:00", false), false),
        (to("2026-10-06T10:00:15+09:00", false), false),
        (to("2026-10-06T10:00:14+09:00", false), true),
        (to("2026-12-06T10:00:14+09:00", true), true),
        (ClockMove { at: None, run: ClockRun::Run, is_jump: false }, false),
        (ClockMove { at: None, run: ClockRun::Real, is_jump: false }, {
            Clock::real_now() < at("2026-12-06T10:00:14+09:00")
        }),
    ] {
        let moved = set_clock(services, wanted).unwrap();
        assert_eq!(moved.reloaded.is_some(), is_reload, "{wanted:?}");
    }
}

#[test]
fn a_restart_goes_on_in_the_demos_own_time() {
    let portal = on_sqlite();
    let services = &portal.services;
    load(services).unwrap();
    let then = at("2016-02-29T00:00:00+09:00");
    let wanted = ClockMove { at: Some(then), run: ClockRun::Freeze, is_jump: true };
    set_clock(services, wanted).unwrap();
    services.clock.follow_real();
    assert!(!load(services).unwrap().is_new);
    assert_eq!(services.clock.now(), then);
    let in_use = services
        .db
        .read_blocking(|conn| tokens::list(conn, Some("shirakaba"), Some(TokenState::InUse), 99))
        .unwrap();
    assert!(in_use.len() >= 5);
}
