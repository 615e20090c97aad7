//! Whole tables of a demo database: emptied, and kept aside under a name to be put back.
//!
//! A saved state is a copy of each table beside it, `demo_states_3_users` of `users`, so it works
//! the same on both databases and costs what the copying costs. The list of them is a table that
//! the first one makes: only demo databases have it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::{DbConn, DbError};

/// Tables that a reset leaves alone: facts about the database itself, and the leases, whose rows
/// are made by the migration and which live in real time.
const KEPT_TABLES: &str = "'__diesel_schema_migrations', 'settings', 'leases'";

/// A trigger and how to make it again, in the database's own words.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Trigger {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its table.
    #[diesel(sql_type = Text)]
    pub table_name: String,
    /// The statement that makes it.
    #[diesel(sql_type = Text)]
    pub definition: String,
}

/// The triggers there are, in order of name.
///
/// # Errors
/// Whatever the database says.
pub fn list_triggers(conn: &mut DbConn) -> Result<Vec<Trigger>, DbError> {
    let ask = match conn {
        DbConn::Sqlite(_) => {
            "SELECT name, tbl_name AS table_name, sql AS definition FROM sqlite_master \
             WHERE type = 'trigger' ORDER BY name"
        }
        DbConn::Postgres(_) => {
            "SELECT t.tgname::text AS name, c.relname::text AS table_name, \
             pg_get_triggerdef(t.oid) AS definition \
             FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE NOT t.tgisinternal AND n.nspname = current_schema() ORDER BY 1"
        }
    };
    Ok(diesel::sql_query(ask).load(conn)?)
}

/// Empties every table of business data. Audit log and ledger refuse that, so their triggers are
/// dropped first and made again from their own definitions, all in the caller's one transaction.
///
/// # Errors
/// Whatever the database says; the caller rolls back, and the triggers stand as before.
pub fn clear(conn: &mut DbConn) -> Result<(), DbError> {
    without_triggers(conn, empty_tables)
}

fn without_triggers(
    conn: &mut DbConn,
    act: impl FnOnce(&mut DbConn) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let triggers = list_triggers(conn)?;
    for trigger in &triggers {
        let on = match conn {
            DbConn::Sqlite(_) => String::new(),
            DbConn::Postgres(_) => format!(" ON \"{}\"", trigger.table_name),
        };
        conn.batch_execute(&format!("DROP TRIGGER \"{}\"{on}", trigger.name))?;
    }
    act(conn)?;
    for trigger in &triggers {
        conn.batch_execute(&trigger.definition)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The tables of business data, the youngest first: a table is younger than those it refers to.
fn tables(conn: &mut DbConn) -> Result<Vec<String>, DbError> {
    let ask = match conn {
        DbConn::Sqlite(_) => format!(
            "SELECT name FROM sqlite_master WHERE type = 'table' \
             AND substr(name, 1, 7) <> 'sqlite_' AND substr(name, 1, 11) <> 'demo_states' \
             AND name NOT IN ({KEPT_TABLES}) ORDER BY rowid DESC"
        ),
        DbConn::Postgres(_) => format!(
            "SELECT tablename::text AS name FROM pg_tables \
             WHERE schemaname = current_schema() AND substr(tablename, 1, 11) <> 'demo_states' \
             AND tablename NOT IN ({KEPT_TABLES}) ORDER BY 1"
        ),
    };
    let names: Vec<Name> = diesel::sql_query(ask).load(conn)?;
    Ok(names.into_iter().map(|table| table.name).collect())
}

fn empty_tables(conn: &mut DbConn) -> Result<(), DbError> {
    let quoted: Vec<String> = tables(conn)?.iter().map(|name| format!("\"{name}\"")).collect();
    match conn {
        DbConn::Sqlite(conn) => {
            // A table that was rebuilt may stand out of order; all are empty in the end.
            conn.batch_execute("PRAGMA defer_foreign_keys = ON")?;
            for table in &quoted {
                conn.batch_execute(&format!("DELETE FROM {table}"))?;
            }
            conn.batch_execute("PRAGMA defer_foreign_keys = OFF")?;
        }
        // One statement, so that references among them don't matter.
        DbConn::Postgres(conn) => {
            conn.batch_execute(&format!("TRUNCATE {}", quoted.join(", ")))?;
        }
    }
    Ok(())
}

/// A state of the demo that was saved.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SavedState {
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub no: i64,
    /// What the tester calls it.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// RFC 3339, by the machine's clock.
    #[diesel(sql_type = Text)]
    pub saved_at: String,
    /// How the demo's clock stood, as `settings` keeps it.
    #[diesel(sql_type = Text)]
    pub clock: String,
    /// The demo's time when it was saved, RFC 3339.
    #[diesel(sql_type = Text)]
    pub at: String,
    /// The last migration then: after another one the tables are no longer the same.
    #[diesel(sql_type = Text)]
    pub version: String,
}

/// Makes the list where it is not there yet.
fn make_list(conn: &mut DbConn) -> Result<(), DbError> {
    let make = "CREATE TABLE IF NOT EXISTS demo_states (no BIGINT PRIMARY KEY, \
                name TEXT NOT NULL UNIQUE, saved_at TEXT NOT NULL, clock TEXT NOT NULL, \
                at TEXT NOT NULL, version TEXT NOT NULL)";
    Ok(conn.batch_execute(make)?)
}

/// The states that were saved, in order of name.
///
/// # Errors
/// Whatever the database says.
pub fn list_states(conn: &mut DbConn) -> Result<Vec<SavedState>, DbError> {
    make_list(conn)?;
    Ok(diesel::sql_query("SELECT * FROM demo_states ORDER BY name LIMIT 200").load(conn)?)
}

/// The last migration that ran.
///
/// # Errors
/// Whatever the database says.
pub fn schema_version(conn: &mut DbConn) -> Result<String, DbError> {
    let ask = "SELECT MAX(version) AS name FROM __diesel_schema_migrations";
    Ok(diesel::sql_query(ask).get_result::<Name>(conn)?.name)
}

/// Copies every table aside; a state of the same name is replaced.
///
/// # Errors
/// Whatever the database says.
pub fn save_state(conn: &mut DbConn, state: &SavedState) -> Result<(), DbError> {
    let states = list_states(conn)?;
    delete_state(conn, &state.name)?;
    let no = states.iter().map(|known| known.no).max().unwrap_or_default().saturating_add(1);
    let insert = "INSERT INTO demo_states (no, name, saved_at, clock, at, version) VALUES ";
    let values = match conn {
        DbConn::Sqlite(_) => "(?, ?, ?, ?, ?, ?)",
        DbConn::Postgres(_) => "($1, $2, $3, $4, $5, $6)",
    };
    diesel::sql_query(format!("{insert}{values}"))
        .bind::<BigInt, _>(no)
        .bind::<Text, _>(&state.name)
        .bind::<Text, _>(&state.saved_at)
        .bind::<Text, _>(&state.clock)
        .bind::<Text, _>(&state.at)
        .bind::<Text, _>(&state.version)
        .execute(conn)?;
    for table in tables(conn)? {
        let copy = copy_of(no, &table);
        conn.batch_execute(&format!("CREATE TABLE \"{copy}\" AS SELECT * FROM \"{table}\""))?;
    }
    Ok(())
}

/// Takes a saved state away; one that is not there stays so.
///
/// # Errors
/// Whatever the database says.
pub fn delete_state(conn: &mut DbConn, name: &str) -> Result<(), DbError> {
    let Some(state) = list_states(conn)?.into_iter().find(|state| state.name == name) else {
        return Ok(());
    };
    for table in tables(conn)? {
        let copy = copy_of(state.no, &table);
        conn.batch_execute(&format!("DROP TABLE IF EXISTS \"{copy}\""))?;
    }
    conn.batch_execute(&format!("DELETE FROM demo_states WHERE no = {}", state.no))?;
    Ok(())
}

/// Puts every table back as it was saved.
///
/// # Errors
/// Whatever the database says; the caller rolls back.
pub fn load_state(conn: &mut DbConn, no: i64) -> Result<(), DbError> {
    let tables = parents_first(conn)?;
    without_triggers(conn, |conn| {
        empty_tables(conn)?;
        if let DbConn::Sqlite(conn) = conn {
            conn.batch_execute("PRAGMA defer_foreign_keys = ON")?;
        }
        for table in &tables {
            let columns = columns(conn, table)?.join(", ");
            let copy = copy_of(no, table);
            conn.batch_execute(&format!(
                "INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM \"{copy}\""
            ))?;
        }
        if let DbConn::Sqlite(conn) = conn {
            conn.batch_execute("PRAGMA defer_foreign_keys = OFF")?;
        }
        move_sequences(conn, &tables)
    })
}

/// Ends every login, of customers and of staff.
///
/// # Errors
/// Whatever the database says.
pub fn end_sessions(conn: &mut DbConn) -> Result<(), DbError> {
    Ok(conn.batch_execute("DELETE FROM web_sessions; DELETE FROM staff_sessions")?)
}

/// No name of a table is as long as PostgreSQL allows, so the copy's fits too.
fn copy_of(no: i64, table: &str) -> String {
    format!("demo_states_{no}_{table}")
}

/// The columns that are stored and not reckoned from others.
fn columns(conn: &mut DbConn, table: &str) -> Result<Vec<String>, DbError> {
    let ask = match conn {
        DbConn::Sqlite(_) => {
            format!("SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden = 0 ORDER BY cid")
        }
        DbConn::Postgres(_) => format!(
            "SELECT column_name::text AS name FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}' \
             AND is_generated = 'NEVER' ORDER BY ordinal_position"
        ),
    };
    let names: Vec<Name> = diesel::sql_query(ask).load(conn)?;
    Ok(names.into_iter().map(|column| format!("\"{}\"", column.name)).collect())
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
}

/// The tables, each after those that it refers to. SQLite looks at references in the end only.
fn parents_first(conn: &mut DbConn) -> Result<Vec<String>, DbError> {
    let mut all = tables(conn)?;
    all.reverse();
    if matches!(conn, DbConn::Sqlite(_)) {
        return Ok(all);
    }
    let ask = "SELECT c.relname::text AS child, p.relname::text AS parent FROM pg_constraint f \
               JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid \
               WHERE f.contype = 'f' AND c.oid <> p.oid";
    let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in diesel::sql_query(ask).load::<Reference>(conn)? {
        parents.entry(found.child).or_default().insert(found.parent);
    }
    let mut ordered: Vec<String> = Vec::new();
    while !all.is_empty() {
        let waits = |table: &String| {
            parents.get(table).is_some_and(|of| of.iter().any(|one| all.contains(one)))
        };
        let (later, now): (Vec<String>, Vec<String>) = all.iter().cloned().partition(waits);
        if now.is_empty() {
            let text = format!("tables refer to each other in a circle: {}", later.join(", "));
            return Err(DbError::Unavailable(text));
        }
        ordered.extend(now);
        all = later;
    }
    Ok(ordered)
}

/// PostgreSQL does not see ids that were given; SQLite does.
fn move_sequences(conn: &mut DbConn, tables: &[String]) -> Result<(), DbError> {
    if matches!(conn, DbConn::Sqlite(_)) {
        return Ok(());
    }
    for table in tables {
        if !columns(conn, table)?.iter().any(|column| column == "\"id\"") {
            continue;
        }
        // No sequence: nothing happens.
        conn.batch_execute(&format!(
            "SELECT setval(s.name, GREATEST(nextval(s.name), \
             (SELECT COALESCE(MAX(id::text::numeric), 1) FROM \"{table}\")::bigint)) \
             FROM (SELECT pg_get_serial_sequence('{table}', 'id') AS name) s \
             WHERE s.name IS NOT NULL"
        ))?;
    }
    Ok(())
}
