//! Migrations, built into the program: `migrations/sqlite` and `migrations/postgres`.

use std::collections::HashSet;

use diesel::backend::Backend;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Db;
use super::connection::{DbConn, Role, Source};
use super::error::{DbError, DbResult};
use super::options::DbOptions;
use super::url::DatabaseUrl;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number will do, as long as every version of the program takes the same ("mado").
const POSTGRES_LOCK: i64 = 0x6d61_646f;

type Failure = Box<dyn std::error::Error + Send + Sync>;

diesel::table! {
    /// Kept by diesel: one row per migration that was run.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Runs the migrations that are pending, on a connection of its own, and returns their versions.
///
/// Two programs that start at once wait for each other. On SQLite all pending migrations are one
/// transaction, with foreign keys off while they run and checked before the commit.
///
/// # Errors
/// [`DbError::Migration`] with the database's own words; that migration is rolled back.
/// [`DbError::Unavailable`] without a connection.
pub fn migrate(url: &DatabaseUrl) -> DbResult<Vec<String>> {
    let mut conn = Source::new(url, Role::Migration, &DbOptions::default()).connect()?;
    let run = match &mut conn {
        DbConn::Sqlite(conn) => migrate_sqlite(conn),
        DbConn::Postgres(conn) => migrate_postgres(conn),
    };
    run.map_err(|error| DbError::Migration(error.to_string()))
}

fn migrate_sqlite(conn: &mut SqliteConnection) -> Result<Vec<String>, Failure> {
    // IMMEDIATE: a second program sees the list of migrations only after the first has committed.
    AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?;
    let run = run_pending(conn, SQLITE).and_then(|versions| {
        check_foreign_keys(conn)?;
        Ok(versions)
    });
    match run {
        Ok(versions) => {
            AnsiTransactionManager::commit_transaction(conn)?;
            Ok(versions)
        }
        Err(error) => {
            // Closing the connection ends the transaction if this can't.
            let _ = AnsiTransactionManager::rollback_transaction(conn);
            Err(error)
        }
    }
}

fn migrate_postgres(conn: &mut PgConnection) -> Result<Vec<String>, Failure> {
    // Held until the connection closes.
    conn.batch_execute(&format!("SELECT pg_advisory_lock({POSTGRES_LOCK})"))?;
    run_pending(conn, POSTGRES)
}

fn run_pending<C, B>(conn: &mut C, source: EmbeddedMigrations) -> Result<Vec<String>, Failure>
where
    B: Backend,
    C: MigrationHarness<B>,
{
    let versions = conn.run_pending_migrations(source)?;
    Ok(versions.iter().map(MigrationVersion::to_string).collect())
}

#[derive(QueryableByName)]
struct BrokenKey {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table: String,
}

fn check_foreign_keys(conn: &mut SqliteConnection) -> Result<(), Failure> {
    let broken: Vec<BrokenKey> = diesel::sql_query("PRAGMA foreign_key_check").load(conn)?;
    match broken.first() {
        None => Ok(()),
        Some(first) => {
            Err(format!("{} rows break a foreign key, the first in {}", broken.len(), first.table)
                .into())
        }
    }
}

/// The versions that [`migrate`] would run. Only reads.
///
/// # Errors
/// As [`Db::read_blocking`]; [`DbError::Migration`] if the built-in migrations can't be read.
pub fn pending_migrations(db: &Db) -> DbResult<Vec<String>> {
    let (applied, is_sqlite) = db.read_blocking(|conn| {
        Ok::<_, DbError>((applied(conn)?, matches!(conn, DbConn::Sqlite(_))))
    })?;
    let known = if is_sqlite { versions::<Sqlite>(&SQLITE) } else { versions::<Pg>(&POSTGRES) };
    let known = known.map_err(|error| DbError::Migration(error.to_string()))?;
    Ok(known.into_iter().filter(|version| !applied.contains(version)).collect())
}

fn versions<B: Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, Failure>
where
    EmbeddedMigrations: MigrationSource<B>,
{
    let migrations = MigrationSource::<B>::migrations(source)?;
    let mut versions: Vec<_> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort_unstable();
    Ok(versions)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    found: i64,
}

/// Asks for the table first: a database without it is an empty one, not a broken one.
fn applied(conn: &mut DbConn) -> DbResult<HashSet<String>> {
    let ask = match conn {
        DbConn::Sqlite(_) => {
            "SELECT COUNT(*) AS found FROM sqlite_master \
             WHERE type = 'table' AND name = '__diesel_schema_migrations'"
        }
        DbConn::Postgres(_) => "SELECT COUNT(to_regclass('__diesel_schema_migrations')) AS found",
    };
    let answer: Found = diesel::sql_query(ask).get_result(conn)?;
    if answer.found == 0 {
        return Ok(HashSet::new());
    }
    let versions = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load::<String>(conn)?;
    Ok(versions.into_iter().collect())
}
