//! A migrated database of its own for one test: on the PostgreSQL server of
//! `MADOGUCHI_TEST_POSTGRES_URL` where that is set, else a SQLite file.

use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use madoguchi::config::Settings;
use madoguchi::db::DatabaseUrl;
use madoguchi::operations::Services;
use madoguchi::startup;
use tempfile::TempDir;

/// One key of 32 bytes.
pub const KEYS: &str = "test:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// The database; dropped, it goes away.
pub struct TestDatabase {
    /// Its URL.
    pub url: String,
    folder: TempDir,
    server: Option<(String, String)>,
}

impl TestDatabase {
    /// A database without tables.
    pub fn empty() -> TestDatabase {
        let folder = tempfile::tempdir().unwrap();
        match std::env::var("MADOGUCHI_TEST_POSTGRES_URL") {
            Ok(server) => postgres(server, folder),
            Err(_) => {
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                TestDatabase { url, folder, server: None }
            }
        }
    }

    /// A migrated database.
    pub fn new() -> TestDatabase {
        let database = TestDatabase::empty();
        startup::migrate(&database.settings()).unwrap();
        database
    }

    /// A folder for the test's files.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Settings with a key of their own.
    pub fn settings(&self) -> Settings {
        Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: self.url.clone(),
            keys: Some(KEYS.to_owned().into()),
            ..Settings::default()
        }
    }

    /// What operations work with.
    pub fn services(&self) -> Services {
        startup::command_services(&self.settings()).unwrap()
    }

    /// Runs statements on a connection of their own.
    pub fn execute(&self, sqlite: &str, postgres: &str) {
        if DatabaseUrl::parse(&self.url).unwrap().is_sqlite() {
            let path = self.url.trim_start_matches("sqlite:");
            let mut conn = SqliteConnection::establish(path).unwrap();
            conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            conn.batch_execute(sqlite).unwrap();
        } else {
            PgConnection::establish(&self.url).unwrap().batch_execute(postgres).unwrap();
        }
    }
}

fn postgres(server: String, folder: TempDir) -> TestDatabase {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("madoguchi_test_{}_{number}", std::process::id());
    let mut conn = PgConnection::establish(&server).unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
    let (before, parameters) = server.split_once('?').unwrap_or((&server, ""));
    let (host, _database) = before.rsplit_once('/').unwrap();
    let url = match parameters {
        "" => format!("{host}/{name}"),
        parameters => format!("{host}/{name}?{parameters}"),
    };
    TestDatabase { url, folder, server: Some((server, name)) }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some((server, name)) = &self.server else { return };
        let mut conn = PgConnection::establish(server).unwrap();
        conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
}
