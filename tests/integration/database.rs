//! A database per test: a SQLite file of its own, or a PostgreSQL database made from a migrated
//! template. `MADOGUCHI_TEST_POSTGRES_URL` decides which; what follows its last `/` is replaced.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;
use madoguchi::db::{DatabaseUrl, migrate};

/// One test's database; gone when this is dropped.
pub struct TestDatabase {
    url: String,
    cleanup: Cleanup,
}

enum Cleanup {
    Folder(tempfile::TempDir),
    Postgres { server: String, name: String },
}

impl TestDatabase {
    /// A migrated, otherwise empty database.
    pub fn migrated() -> TestDatabase {
        match postgres_url() {
            Some(server) => from_template(&server),
            None => copied_file(),
        }
    }

    /// A copy of what `fill` put into a migrated database. It runs once a process; whatever calls
    /// this fills alike.
    pub fn filled(fill: impl FnOnce(&DatabaseUrl)) -> TestDatabase {
        match postgres_url() {
            Some(server) => filled_template(&server, fill),
            None => filled_file(fill),
        }
    }

    /// A database without any table, for programs that migrate themselves.
    pub fn bare() -> TestDatabase {
        match postgres_url() {
            Some(server) => {
                let name = unique_name("bare");
                run(&server, &format!("CREATE DATABASE {name}"));
                TestDatabase::postgres(server, name)
            }
            None => {
                let folder = tempfile::tempdir().unwrap();
                TestDatabase::sqlite(folder)
            }
        }
    }

    /// As `--database` takes it.
    pub fn text(&self) -> &str {
        &self.url
    }

    /// As the database door takes it.
    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url).unwrap()
    }

    fn sqlite(folder: tempfile::TempDir) -> TestDatabase {
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        TestDatabase { url, cleanup: Cleanup::Folder(folder) }
    }

    fn postgres(server: String, name: String) -> TestDatabase {
        TestDatabase { url: named(&server, &name), cleanup: Cleanup::Postgres { server, name } }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.cleanup {
            Cleanup::Folder(folder) => assert!(folder.path().exists()),
            Cleanup::Postgres { server, name } => {
                run(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

fn postgres_url() -> Option<String> {
    std::env::var("MADOGUCHI_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())
}

fn named(server: &str, name: &str) -> String {
    let (host, _) = server.rsplit_once('/').unwrap();
    format!("{host}/{name}")
}

fn unique_name(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("mdg_{what}_{}_{number}", std::process::id())
}

fn run(server: &str, sql: &str) {
    let mut conn = PgConnection::establish(server).unwrap();
    conn.batch_execute(sql).unwrap();
}

fn from_template(server: &str) -> TestDatabase {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let name = unique_name("template");
        run(server, &format!("CREATE DATABASE {name}"));
        migrate(&DatabaseUrl::parse(&named(server, &name)).unwrap()).unwrap();
        name
    });
    copied_database(server, template)
}

fn filled_template(server: &str, fill: impl FnOnce(&DatabaseUrl)) -> TestDatabase {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let name = unique_name("filled");
        run(server, &format!("CREATE DATABASE {name}"));
        let url = DatabaseUrl::parse(&named(server, &name)).unwrap();
        migrate(&url).unwrap();
        fill(&url);
        // Nobody copies a database in which somebody is still connected.
        run(server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        run(
            server,
            &format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ),
        );
        name
    });
    copied_database(server, template)
}

fn copied_database(server: &str, template: &str) -> TestDatabase {
    let name = unique_name("test");
    run(server, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
    TestDatabase::postgres(server.to_owned(), name)
}

fn copied_file() -> TestDatabase {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    written_file(TEMPLATE.get_or_init(|| template_file(|_| ())))
}

fn filled_file(fill: impl FnOnce(&DatabaseUrl)) -> TestDatabase {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    written_file(TEMPLATE.get_or_init(|| template_file(fill)))
}

/// A migrated and filled database as one file.
fn template_file(fill: impl FnOnce(&DatabaseUrl)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.db");
    let url = DatabaseUrl::parse(&format!("sqlite:{}", path.display())).unwrap();
    migrate(&url).unwrap();
    fill(&url);
    let mut conn = SqliteConnection::establish(&path.display().to_string()).unwrap();
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(conn);
    assert!(!has_journal(&path), "the template was closed with everything in its file");
    std::fs::read(&path).unwrap()
}

fn written_file(template: &[u8]) -> TestDatabase {
    let database = TestDatabase::sqlite(tempfile::tempdir().unwrap());
    std::fs::write(database.url().sqlite_path().unwrap(), template).unwrap();
    database
}

fn has_journal(path: &Path) -> bool {
    std::fs::metadata(path.with_extension("db-wal")).is_ok_and(|wal| wal.len() > 0)
}
