//! Lost races, lost connections and lost commits.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use super::*;

/// Two transactions that both have read before either writes: on the first try one has to lose.
fn race_two<E>(
    test: &TestDb,
    map: impl Fn(DbError) -> E + Send + Sync + Copy + 'static,
) -> Vec<Result<(), E>>
where
    E: TransactionError,
{
    let both_have_read = Arc::new(Barrier::new(2));
    thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let barrier = Arc::clone(&both_have_read);
                let mut first = true;
                scope.spawn(move || {
                    test.db.write_blocking(move |conn| -> Result<(), E> {
                        let query = probe_rows::table.find(1).select(probe_rows::amount);
                        let now: i64 = query.first(conn).map_err(|e| map(e.into()))?;
                        if std::mem::take(&mut first) {
                            barrier.wait();
                        }
                        diesel::update(probe_rows::table.find(1))
                            .set(probe_rows::amount.eq(now + 1))
                            .execute(conn)
                            .map_err(|e| map(e.into()))?;
                        Ok(())
                    })
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn a_lost_race_runs_again() {
    let test = TestDb::postgres(DbOptions::default());
    let results = race_two(&test, |error| error);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(test.amount(1), Some(2));
    assert!(test.db.stats().retries >= 1);
}

#[test]
fn a_lost_race_runs_again_even_if_the_body_calls_it_a_refusal() {
    let test = TestDb::postgres(DbOptions::default());
    let results = race_two(&test, |_| ActError::Refused);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(test.amount(1), Some(2));
}

#[test]
fn after_the_last_try_the_act_is_busy() {
    let test = TestDb::postgres(DbOptions { tries_max: 1, ..DbOptions::default() });
    let results = race_two(&test, |error| error);
    let busy = results.iter().filter(|result| matches!(result, Err(DbError::Busy))).count();
    assert_eq!(busy, 1, "{results:?}");
    assert_eq!(test.amount(1), Some(1));
    assert_eq!(test.db.stats().refused, 1);
}

#[test]
fn a_deadlock_of_two_claims_runs_again() {
    let test = TestDb::postgres(DbOptions::default());
    let both_hold_one = Arc::new(Barrier::new(2));
    thread::scope(|scope| {
        for (one, other) in [(1, 2), (2, 1)] {
            let barrier = Arc::clone(&both_hold_one);
            let db = &test.db;
            let mut first = true;
            scope.spawn(move || {
                db.claim_blocking(move |conn| {
                    add(conn, one, 1)?;
                    if std::mem::take(&mut first) {
                        barrier.wait();
                    }
                    add(conn, other, 1)
                })
                .unwrap();
            });
        }
    });
    assert_eq!((test.amount(1), test.amount(2)), (Some(2), Some(2)));
    // On a busy machine the one that runs again may meet the other a second time.
    let retries = test.db.stats().retries;
    assert!((1..=2).contains(&retries), "{retries} retries");
}

/// What a restart of the server does to its clients.
fn cut_all_connections(test: &TestDb) {
    let mut outside = PgConnection::establish(test.url.postgres_text().unwrap()).unwrap();
    outside
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .unwrap();
    // Told, but not gone yet.
    thread::sleep(std::time::Duration::from_millis(200));
}

#[test]
fn dead_connections_are_replaced_unseen() {
    let test = TestDb::postgres(DbOptions::default());
    for door in 0..3 {
        // Several connections in the pool, all of them dead.
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| test.db.claim_blocking(|conn| add(conn, 2, 1)).unwrap());
            }
        });
        cut_all_connections(&test);
        match door {
            0 => assert_eq!(test.amount(1), Some(0)),
            1 => test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap(),
            _ => test.db.claim_blocking(|conn| add(conn, 1, 1)).unwrap(),
        }
    }
    assert_eq!(test.amount(1), Some(2));
    assert!(test.db.stats().lost_connections >= 3);
}

#[test]
fn a_connection_lost_before_the_commit_runs_again() {
    let test = TestDb::postgres(DbOptions::default());
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let suicide = move |conn: &mut DbConn| -> DbResult<()> {
        add(conn, 1, 1)?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            conn.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())")?;
        }
        Ok(())
    };
    test.db.write_blocking(suicide).unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(test.amount(1), Some(1));
}

#[test]
fn a_connection_lost_during_the_commit_leaves_the_outcome_unknown() {
    let test = TestDb::postgres(DbOptions::default());
    test.db
        .write_blocking(|conn| -> DbResult<()> {
            Ok(conn.batch_execute(
                "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'; \
                 CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON probe_rows \
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()",
            )?)
        })
        .unwrap();
    let lost = test.db.write_blocking(|conn| add(conn, 1, 1));
    assert!(matches!(lost, Err(DbError::OutcomeUnknown(_))), "{lost:?}");
    assert!(!lost.unwrap_err().is_transient());
    assert_eq!(test.db.stats().outcomes_unknown, 1);
    assert_eq!(test.amount(1), Some(0), "a new connection can tell");
}

#[test]
fn a_statement_that_is_cut_off_may_be_tried_in_a_moment() {
    let statement_timeout = Duration::from_millis(300);
    let test = TestDb::postgres(DbOptions { statement_timeout, ..DbOptions::default() });
    let cut_off = test.db.write_blocking(|conn| -> DbResult<()> {
        diesel::update(probe_rows::table.find(1)).set(probe_rows::amount.eq(7)).execute(conn)?;
        diesel::sql_query("SELECT pg_sleep(20)").execute(conn)?;
        Ok(())
    });
    let error = cut_off.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(test.amount(1), Some(0), "and nothing is stored");
}

#[test]
fn sessions_speak_utc() {
    let test = TestDb::postgres(DbOptions::default());
    let zone = test.db.read_blocking(|conn| -> DbResult<String> {
        Ok(diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(
            "current_setting('TimeZone')",
        ))
        .get_result(conn)?)
    });
    assert_eq!(zone.unwrap(), "UTC");
}

#[test]
fn a_server_that_is_not_there_is_said_at_once() {
    let url = DatabaseUrl::parse("postgres://u:himitsu@127.0.0.1:1/x").unwrap();
    let Err(error) = Db::open(&url, DbOptions::default()) else { panic!("opened") };
    assert!(matches!(error, DbError::Unavailable(_)));
    assert!(!error.to_string().contains("himitsu"));
}
