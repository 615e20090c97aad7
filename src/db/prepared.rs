//! UPDATEs whose prepared statement is kept, as diesel keeps that of every SELECT and INSERT.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// An UPDATE whose text is the same each time that it runs.
///
/// diesel prepares each UPDATE anew, since its SET part may differ from call to call (a changeset
/// leaves out what is `None`). On SQLite that costs more than the UPDATE itself, because the
/// triggers of the table are compiled with it; on PostgreSQL it is a plan more.
#[derive(Debug)]
pub(in crate::db) struct Prepared<Q>(Q);

/// Keeps the prepared statement of `update`. Only for a SET and a WHERE with the same text each
/// time: no changeset with options, no list in the WHERE. Another text would be right as well, but
/// each one would be kept for as long as its connection lives.
pub(in crate::db) fn prepared<Q>(update: Q) -> Prepared<Q> {
    Prepared(update)
}

impl<DB, Q> QueryFragment<DB> for Prepared<Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// It is found by its text, since diesel gives an UPDATE no static name.
impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for Prepared<Q> {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::{InstrumentationEvent, SimpleConnection};

    use super::*;

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
            let stored = prepared(set.returning(rows::amount)).get_result::<i64>(&mut conn);
            assert_eq!(stored, Ok(amount));
        }
        assert_eq!(kept.load(Ordering::Relaxed), 1);
        let all = rows::table.order(rows::id).load::<(i64, i64)>(&mut conn);
        assert_eq!(all, Ok(vec![(1, 6), (2, 7)]));
    }
}
