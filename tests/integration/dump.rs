//! Every row of the database as text, to show that something changed nothing.

use std::collections::BTreeMap;

use diesel::prelude::*;
use madoguchi::db::{DbConn, DbError, DbResult};

use crate::app::TestApp;

/// Lines are written for refusals too, sessions come with the first page, and the leases belong to
/// jobs.
const APART: [&str; 7] = [
    "audit_lines",
    "audit_seals",
    "audit_heads",
    "web_sessions",
    "staff_sessions",
    "leases",
    "__diesel_schema_migrations",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

/// The rows of each table, in order.
pub fn dump(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    app.services
        .db
        .read_blocking(|conn| {
            let mut dump = BTreeMap::new();
            for table in tables(conn)? {
                let rows = rows(conn, &table)?;
                dump.insert(table, rows);
            }
            Ok::<_, DbError>(dump)
        })
        .unwrap()
}

/// Fails and names the rows that differ.
#[track_caller]
pub fn assert_unchanged(
    before: &BTreeMap<String, Vec<String>>,
    after: &BTreeMap<String, Vec<String>>,
    what: &str,
) {
    for (table, rows) in after {
        let earlier = before.get(table).map(Vec::as_slice).unwrap_or_default();
        let changed: Vec<_> = rows.iter().filter(|row| !earlier.contains(row)).collect();
        assert!(rows == earlier, "{what} changed {table}: {changed:#?}");
    }
}

fn tables(conn: &mut DbConn) -> DbResult<Vec<String>> {
    let sql = match conn {
        DbConn::Sqlite(_) => {
            "SELECT name AS value FROM sqlite_master \
             WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        DbConn::Postgres(_) => {
            "SELECT tablename::text AS value FROM pg_tables \
             WHERE schemaname = 'public' ORDER BY tablename"
        }
    };
    let names = texts(conn, sql)?;
    Ok(names.into_iter().filter(|name| !APART.contains(&name.as_str())).collect())
}

fn rows(conn: &mut DbConn, table: &str) -> DbResult<Vec<String>> {
    let is_sqlite = matches!(conn, DbConn::Sqlite(_));
    let row = if is_sqlite {
        let columns = format!("SELECT name AS value FROM pragma_table_info('{table}')");
        let columns = texts(conn, &columns)?;
        let quoted: Vec<_> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
        quoted.join(" || ',' || ")
    } else {
        "t::text".to_owned()
    };
    texts(conn, &format!("SELECT {row} AS value FROM {table} t ORDER BY 1"))
}

fn texts(conn: &mut DbConn, sql: &str) -> DbResult<Vec<String>> {
    let lines = diesel::sql_query(sql.to_owned()).load::<Line>(conn)?;
    Ok(lines.into_iter().map(|line| line.value).collect())
}
