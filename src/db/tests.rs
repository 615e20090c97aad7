//! The door's promises. Those in [`both`] hold on SQLite and on PostgreSQL alike.
//!
//! Parallelism here comes from threads with doors of their own, so nothing rests on a runtime.

mod both;
mod postgres;
mod sqlite;

use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use tempfile::TempDir;

use super::{DatabaseUrl, Db, DbConn, DbError, DbOptions, DbResult, TransactionError};

diesel::table! {
    probe_rows (id) {
        id -> BigInt,
        amount -> BigInt,
    }
}

/// A database of its own for one test, gone afterwards.
struct TestDb {
    db: Db,
    url: DatabaseUrl,
    _gone_later: Gone,
}

#[expect(dead_code, reason = "held for their Drop")]
enum Gone {
    Directory(TempDir),
    Database(DropDatabase),
}

/// Drops a PostgreSQL database at the end, with whoever is still connected.
struct DropDatabase {
    server: String,
    name: String,
}

impl Drop for DropDatabase {
    fn drop(&mut self) {
        let mut conn = PgConnection::establish(&self.server).unwrap();
        conn.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).unwrap();
    }
}

impl TestDb {
    fn sqlite(options: DbOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("odd name %41#.db");
        let url = DatabaseUrl::parse(&format!("sqlite:{}", file.display())).unwrap();
        Self::open(url, options, Gone::Directory(directory))
    }

    fn postgres(options: DbOptions) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("MADOGUCHI_TEST_POSTGRES_URL").expect(
            "set MADOGUCHI_TEST_POSTGRES_URL to a PostgreSQL server where databases may be made, \
             for example postgres:///postgres?host=/run/postgresql&user=postgres",
        );
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("madoguchi_door_{}_{number}", std::process::id());
        let mut conn = PgConnection::establish(&server).unwrap();
        conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
        let (before, parameters) = server.split_once('?').unwrap_or((&server, ""));
        let mark = if parameters.is_empty() { "" } else { "?" };
        let (host, _database) = before.rsplit_once('/').unwrap();
        let url = DatabaseUrl::parse(&format!("{host}/{name}{mark}{parameters}")).unwrap();
        Self::open(url, options, Gone::Database(DropDatabase { server, name }))
    }

    fn open(url: DatabaseUrl, options: DbOptions, gone_later: Gone) -> Self {
        let db = Db::open(&url, options).unwrap();
        db.write_blocking(|conn| {
            conn.batch_execute(
                "CREATE TABLE probe_rows (\
                     id BIGINT PRIMARY KEY NOT NULL, \
                     amount BIGINT NOT NULL CHECK (amount >= 0))",
            )?;
            insert(conn, 1, 0)?;
            insert(conn, 2, 0)
        })
        .unwrap();
        Self { db, url, _gone_later: gone_later }
    }

    fn amount(&self, id: i64) -> Option<i64> {
        self.db
            .read_blocking(|conn| -> DbResult<_> {
                Ok(probe_rows::table.find(id).select(probe_rows::amount).first(conn).optional()?)
            })
            .unwrap()
    }
}

fn insert(conn: &mut DbConn, id: i64, amount: i64) -> DbResult<()> {
    diesel::insert_into(probe_rows::table)
        .values((probe_rows::id.eq(id), probe_rows::amount.eq(amount)))
        .execute(conn)?;
    Ok(())
}

fn add(conn: &mut DbConn, id: i64, amount: i64) -> DbResult<()> {
    diesel::update(probe_rows::table.find(id))
        .set(probe_rows::amount.eq(probe_rows::amount + amount))
        .execute(conn)?;
    Ok(())
}

/// The wrong way to add, safe only because the act runs as if alone.
fn read_then_set(conn: &mut DbConn, id: i64) -> DbResult<()> {
    let now: i64 = probe_rows::table.find(id).select(probe_rows::amount).first(conn)?;
    std::thread::yield_now();
    diesel::update(probe_rows::table.find(id)).set(probe_rows::amount.eq(now + 1)).execute(conn)?;
    Ok(())
}

/// An operation's error.
#[derive(Debug)]
enum ActError {
    Refused,
    Db(DbError),
}

impl From<DbError> for ActError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl TransactionError for ActError {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            Self::Refused => None,
            Self::Db(error) => Some(error),
        }
    }
}
