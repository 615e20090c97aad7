//! One connection: opened by the URL's scheme, with its settings and its watch.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::{DbError, DbResult};
use super::options::DbOptions;
use super::stats::Counters;
use super::url::DatabaseUrl;
use super::watch::Watch;

/// A connection to either database. One schema and one set of queries serve both; the few places
/// whose SQL differs `match` on it.
#[derive(diesel::MultiConnection)]
pub enum DbConn {
    /// SQLite.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(PgConnection),
}

/// Runs a query on the connection's own type: `native!(conn, conn => query.first(conn))`.
///
/// Through [`DbConn`] diesel writes a query's text twice for each execution; on its own type the
/// prepared statement is found by the query's type. For the queries of every page, a quarter of
/// whose time that was; the result is the same.
macro_rules! native {
    ($conn:expr, $own:ident => $query:expr) => {
        match $conn {
            $crate::db::DbConn::Sqlite($own) => $query,
            $crate::db::DbConn::Postgres($own) => $query,
        }
    };
}
pub(in crate::db) use native;

/// What a connection is for; PostgreSQL's readers and writers are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// May write. On SQLite there is one, and it makes the file.
    Writer,
    /// SQLite: refuses to write.
    Reader,
    /// Changes tables: no foreign keys meanwhile (a table is rebuilt under its own name), and no
    /// limit on a statement's time.
    Migration,
}

/// Where connections come from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    url: DatabaseUrl,
    role: Role,
    options: DbOptions,
    counters: Option<Arc<Counters>>,
}

impl Source {
    pub(super) fn new(url: &DatabaseUrl, role: Role, options: &DbOptions) -> Self {
        Self { url: url.clone(), role, options: options.clone(), counters: None }
    }

    /// The same, with the statements of its connections counted.
    pub(super) fn counted(self, counters: &Arc<Counters>) -> Self {
        Self { counters: Some(Arc::clone(counters)), ..self }
    }

    /// Opens a connection with its settings.
    pub(super) fn connect(&self) -> DbResult<DbConn> {
        let mut conn = match (self.url.sqlite_path(), self.url.postgres_text()) {
            (Some(path), _) => DbConn::Sqlite(self.connect_sqlite(path)?),
            (_, Some(text)) => DbConn::Postgres(self.connect_postgres(text)?),
            (None, None) => return Err(DbError::Url("the database URL is empty".to_owned())),
        };
        conn.set_instrumentation(Watch::new(self.counters.clone()));
        Ok(conn)
    }

    fn connect_sqlite(&self, path: &Path) -> DbResult<SqliteConnection> {
        let may_create = self.role != Role::Reader && self.options.create_if_missing;
        if may_create {
            create_private_file(path).map_err(|error| cannot_open(path, &error.to_string()))?;
        }
        // mode=rw: the file is there, or it is an error. SQLite itself never makes one.
        let uri = format!("file:{}?mode=rw", encode_path(path)?);
        let mut conn = SqliteConnection::establish(&uri)
            .map_err(|error| cannot_open(path, &error.to_string()))?;
        self.set_up_sqlite(&mut conn).map_err(|error| cannot_open(path, &error.to_string()))?;
        Ok(conn)
    }

    fn set_up_sqlite(&self, conn: &mut SqliteConnection) -> QueryResult<()> {
        // First of all, since the switch to WAL may meet another process.
        conn.batch_execute("PRAGMA busy_timeout = 5000")?;
        if self.role != Role::Reader {
            require_wal(conn)?;
        }
        // No mmap: a failing disk would kill the process by signal instead of failing a query.
        conn.batch_execute(match self.role {
            // 16 MB of cache; a checkpoint every 16 MB of log, and a log file cut to 64 MB.
            Role::Writer => {
                "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; \
                 PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; \
                 PRAGMA journal_size_limit = 67108864"
            }
            Role::Reader => {
                "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
                 PRAGMA cache_size = -4000; PRAGMA query_only = ON"
            }
            Role::Migration => "PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL",
        })
    }

    fn connect_postgres(&self, text: &str) -> DbResult<PgConnection> {
        let url = with_network_limits(text, self.options.connect_timeout.as_secs().max(1));
        let mut conn = PgConnection::establish(&url)
            .map_err(|error| DbError::Unavailable(error.to_string().trim().to_owned()))?;
        let limit_ms = match self.role {
            Role::Migration => 0,
            Role::Writer | Role::Reader => self.options.statement_timeout.as_millis(),
        };
        // An act never waits for a person between two statements: a minute idle is a dead client.
        conn.batch_execute(&format!(
            "SET TIME ZONE 'UTC'; SET statement_timeout = {limit_ms}; \
             SET idle_in_transaction_session_timeout = 60000"
        ))
        .map_err(|error| DbError::Unavailable(error.to_string()))?;
        Ok(conn)
    }
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
}

/// Switches to WAL, which SQLite silently doesn't do on some file systems.
fn require_wal(conn: &mut SqliteConnection) -> QueryResult<()> {
    let answer: JournalMode = diesel::sql_query("PRAGMA journal_mode = WAL").get_result(conn)?;
    if answer.journal_mode == "wal" {
        return Ok(());
    }
    let line = "its file system can't do write-ahead logging: move the file to a local disk";
    Err(diesel::result::Error::QueryBuilderError(line.into()))
}

/// Makes a missing file, readable by its owner only. SQLite's log files take the same rights.
fn create_private_file(path: &Path) -> io::Result<()> {
    let mut create = fs::OpenOptions::new();
    create.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut create, 0o600);
    match create.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// The path in a `file:` URI, where `?`, `#` and `%` would mean something.
fn encode_path(path: &Path) -> DbResult<String> {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');
    let text = path.to_str().ok_or_else(|| cannot_open(path, "its name is not UTF-8"))?;
    // Two slashes at the start would be read as the name of a host.
    let host = if text.starts_with('/') { "//" } else { "" };
    Ok(format!("{host}{}", utf8_percent_encode(text, KEPT)))
}

fn cannot_open(path: &Path, reason: &str) -> DbError {
    DbError::Unavailable(format!("can't open the SQLite file {}: {reason}", path.display()))
}

/// Adds libpq's limits to the URL where it has none of its own: time to connect, and half a minute
/// until a silent connection counts as lost.
fn with_network_limits(text: &str, connect_timeout_s: u64) -> String {
    let limits = [
        ("connect_timeout", connect_timeout_s),
        ("keepalives_idle", 15),
        ("keepalives_interval", 5),
        ("keepalives_count", 3),
        ("tcp_user_timeout", 30_000),
    ];
    let mut url = text.to_owned();
    for (name, value) in limits {
        let query = text.split_once('?').map_or("", |(_, query)| query);
        if query.split('&').any(|pair| pair.split('=').next() == Some(name)) {
            continue;
        }
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&format!("{name}={value}"));
    }
    url
}
