//! UPDATEs whose prepared statement is kept, as diesel keeps that of every SELECT and INSERT.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// An UPDATE with RETURNING whose text is the same each time that it runs, by [`prepared!`].
///
/// diesel prepares each UPDATE anew, since its SET part may differ from call to call (a changeset
/// leaves out what is `None`). On SQLite that costs more than the UPDATE itself, because the
/// triggers of the table are compiled with it; on PostgreSQL it is a plan more.
///
/// It has to be loaded (`get_result`): `execute` hands it on by reference, and diesel does not ask
/// what a reference refers to whether it may be kept.
#[derive(Debug)]
pub(in crate::db) struct Prepared<Name, Q> {
    update: Q,
    name: PhantomData<Name>,
}

impl<Name, Q> Prepared<Name, Q> {
    /// For [`prepared!`]. No two statements may have the same name.
    pub(in crate::db) fn new(update: Q) -> Prepared<Name, Q> {
        Prepared { update, name: PhantomData }
    }
}

/// Keeps the prepared statement of an UPDATE with RETURNING. Only for a SET and a WHERE with the
/// same text each time: no changeset with options, no list in the WHERE, not in a generic function.
/// It is found by the place where this stands, so another text would never run.
macro_rules! prepared {
    ($update:expr) => {{
        enum Name {}
        $crate::db::prepared::Prepared::<Name, _>::new($update)
    }};
}
pub(in crate::db) use prepared;

/// Runs an UPDATE of one row by its prepared statement: true if it found the row and changed it.
macro_rules! update_one {
    ($conn:expr, $update:expr) => {{
        let one = diesel::IntoSql::into_sql::<diesel::sql_types::Integer>(1);
        let update = $crate::db::prepared::prepared!($update.returning(one));
        $crate::db::connection::native!($conn, conn => update.get_result::<i32>(conn).optional())
            .map(|changed| changed.is_some())
    }};
}
pub(in crate::db) use update_one;

impl<DB, Name, Q> QueryFragment<DB> for Prepared<Name, Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.update.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Name: 'static, Q> QueryId for Prepared<Name, Q> {
    type QueryId = Name;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Name, Q: Query> Query for Prepared<Name, Q> {
    type SqlType = Q::SqlType;
}

impl<Name, Q, Conn> RunQueryDsl<Conn> for Prepared<Name, Q> {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::{InstrumentationEvent, SimpleConnection};

    use super::*;
    use crate::db::DbConn;

    diesel::table! {
        rows (id) {
            id -> BigInt,
            amount -> BigInt,
        }
    }

    #[test]
    fn the_statement_is_prepared_once_and_takes_the_values_of_each_call() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute(
            "CREATE TABLE rows (id BIGINT PRIMARY KEY NOT NULL, amount BIGINT NOT NULL); \
             INSERT INTO rows VALUES (1, 0), (2, 0)",
        )
        .unwrap();
        let kept = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&kept);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::CacheQuery { .. } = event {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        for (id, amount) in [(1, 5), (2, 7), (1, 6)] {
            let set = diesel::update(rows::table.find(id)).set(rows::amount.eq(amount));
            let stored = prepared!(set.returning(rows::amount)).get_result::<i64>(&mut conn);
            assert_eq!(stored, Ok(amount));
        }
        assert_eq!(kept.load(Ordering::Relaxed), 1);
        let mut conn = DbConn::Sqlite(conn);
        for (id, is_there) in [(1, true), (3, false), (2, true), (1, true)] {
            let more = rows::amount.eq(rows::amount + 1);
            let changed = update_one!(&mut conn, diesel::update(rows::table.find(id)).set(more));
            assert_eq!(changed, Ok(is_there));
        }
        assert_eq!(kept.load(Ordering::Relaxed), 2);
        let all = rows::table.order(rows::id).load::<(i64, i64)>(&mut conn);
        assert_eq!(all, Ok(vec![(1, 8), (2, 8)]));
    }
}
