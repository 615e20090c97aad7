//! Promises that hold on both databases; every function here runs twice.

use std::thread;

use super::super::{insert_or_conflict, migrate, pending_migrations, savepoint, savepoint_act};
use super::*;
use crate::primitives::ids::ContractId;

macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $name() { super::$name(&super::TestDb::sqlite(Default::default())); })+
        }
        mod on_postgres {
            $(#[test] fn $name() { super::$name(&super::TestDb::postgres(Default::default())); })+
        }
    };
}

on_both_databases!(
    acts_that_read_and_then_write_lose_no_update,
    acts_on_one_contract_follow_each_other,
    a_guarded_update_lets_exactly_its_limit_pass,
    an_error_rolls_back_its_own_act_only,
    a_panic_takes_nobody_down,
    a_panic_in_a_savepoint_takes_nobody_down,
    the_read_door_refuses_to_write,
    a_read_sees_one_snapshot,
    an_ignored_failure_is_not_committed,
    a_failure_in_a_savepoint_is_undone_alone,
    a_refused_act_keeps_what_stood_before_it,
    an_expected_conflict_is_an_answer,
    a_body_opens_no_second_door,
    the_async_doors_do_the_same,
    migrations_run_once,
    counters_count,
);

fn acts_that_read_and_then_write_lose_no_update(test: &TestDb) {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    test.db.write_blocking(|conn| read_then_set(conn, 1)).unwrap();
                }
            });
        }
    });
    assert_eq!(test.amount(1), Some(40));
}

fn acts_on_one_contract_follow_each_other(test: &TestDb) {
    let contract = |conn: &mut DbConn| -> DbResult<()> {
        let rows = "CREATE TABLE contracts (id BIGINT PRIMARY KEY NOT NULL); \
                    INSERT INTO contracts (id) VALUES (7)";
        Ok(conn.batch_execute(rows)?)
    };
    test.db.write_blocking(contract).unwrap();
    let add_once = || {
        test.db.write_locked_blocking(ContractId(7), |conn| {
            let now: i64 = probe_rows::table.find(1).select(probe_rows::amount).first(conn)?;
            // Whoever has the row too reads the same amount meanwhile.
            thread::sleep(std::time::Duration::from_millis(2));
            let add = diesel::update(probe_rows::table.find(1));
            add.set(probe_rows::amount.eq(now + 1)).execute(conn)?;
            Ok::<_, DbError>(())
        })
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| add_once().unwrap()));
        }
    });
    assert_eq!(test.amount(1), Some(20));
    assert_eq!(test.db.stats().retries, 0, "nobody loses a race, everybody waits");
}

fn a_guarded_update_lets_exactly_its_limit_pass(test: &TestDb) {
    let passed = thread::scope(|scope| {
        let threads: Vec<_> = (0..50)
            .map(|_| {
                scope.spawn(|| {
                    test.db.claim_blocking(|conn| -> DbResult<bool> {
                        let below = probe_rows::table.find(1).filter(probe_rows::amount.lt(20));
                        let rows = diesel::update(below)
                            .set(probe_rows::amount.eq(probe_rows::amount + 1))
                            .execute(conn)?;
                        Ok(rows == 1)
                    })
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).filter(|ok| *ok).count()
    });
    assert_eq!(passed, 20);
    assert_eq!(test.amount(1), Some(20));
}

fn an_error_rolls_back_its_own_act_only(test: &TestDb) {
    let refused = test.db.write_blocking(|conn| -> Result<(), ActError> {
        add(conn, 1, 5)?;
        Err(ActError::Refused)
    });
    assert!(matches!(refused, Err(ActError::Refused)));
    test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap();
    assert_eq!(test.amount(1), Some(1));
}

fn a_panic_takes_nobody_down(test: &TestDb) {
    let panicked = test.db.write_blocking(|conn| -> DbResult<()> {
        add(conn, 1, 5)?;
        panic!("planned by the test");
    });
    assert!(matches!(panicked, Err(DbError::JobPanicked)));
    let panicked = test.db.read_blocking(|_| -> DbResult<()> { panic!("planned by the test") });
    assert!(matches!(panicked, Err(DbError::JobPanicked)));
    test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap();
    assert_eq!(test.amount(1), Some(1));
    assert_eq!(test.db.stats().panics, 2);
}

fn a_panic_in_a_savepoint_takes_nobody_down(test: &TestDb) {
    let panicked = test.db.write_blocking(|conn| -> DbResult<()> {
        add(conn, 1, 5)?;
        savepoint(conn, |conn| savepoint(conn, |_| panic!("planned by the test")))?;
        Ok(())
    });
    assert!(matches!(panicked, Err(DbError::JobPanicked)));
    test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap();
    assert_eq!(test.amount(1), Some(1));
}

fn the_read_door_refuses_to_write(test: &TestDb) {
    let refused = test.db.read_blocking(|conn| add(conn, 1, 1));
    assert!(matches!(refused, Err(DbError::Query(_))), "{refused:?}");
    assert_eq!(test.amount(1), Some(0));
}

fn a_read_sees_one_snapshot(test: &TestDb) {
    let (before, after) = test
        .db
        .read_blocking(|conn| -> DbResult<(i64, i64)> {
            let query = || probe_rows::table.find(1).select(probe_rows::amount);
            let before = query().first(conn)?;
            thread::scope(|scope| {
                scope.spawn(|| test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap());
            });
            Ok((before, query().first(conn)?))
        })
        .unwrap();
    assert_eq!((before, after), (0, 0));
    assert_eq!(test.amount(1), Some(1));
}

fn an_ignored_failure_is_not_committed(test: &TestDb) {
    let ignored = test.db.write_blocking(|conn| -> DbResult<()> {
        add(conn, 1, 5)?;
        let _ = insert(conn, 2, 0);
        Ok(())
    });
    assert!(matches!(ignored, Err(DbError::Swallowed)), "{ignored:?}");
    assert_eq!(test.amount(1), Some(0));
}

fn a_failure_in_a_savepoint_is_undone_alone(test: &TestDb) {
    test.db
        .write_blocking(|conn| -> DbResult<()> {
            add(conn, 1, 5)?;
            let failed = savepoint(conn, |conn| {
                diesel::delete(probe_rows::table.find(1)).execute(conn)?;
                diesel::update(probe_rows::table.find(2))
                    .set(probe_rows::amount.eq(-1))
                    .execute(conn)
            });
            assert!(failed.is_err());
            add(conn, 2, 7)
        })
        .unwrap();
    assert_eq!((test.amount(1), test.amount(2)), (Some(5), Some(7)));
}

fn a_refused_act_keeps_what_stood_before_it(test: &TestDb) {
    let outcome = test.db.write_blocking(|conn| -> Result<&str, ActError> {
        add(conn, 1, 1)?;
        let act = savepoint_act(conn, |conn| {
            add(conn, 2, 1)?;
            Err::<(), _>(ActError::Refused)
        });
        match act {
            Err(ActError::Refused) => Ok("refused"),
            other => other.map(|()| "done"),
        }
    });
    assert_eq!(outcome.unwrap(), "refused");
    assert_eq!((test.amount(1), test.amount(2)), (Some(1), Some(0)));
}

fn an_expected_conflict_is_an_answer(test: &TestDb) {
    let answers = test.db.write_blocking(|conn| -> DbResult<_> {
        let new = insert_or_conflict(conn, |conn| insert(conn, 3, 1))?;
        let again = insert_or_conflict(conn, |conn| {
            diesel::insert_into(probe_rows::table)
                .values((probe_rows::id.eq(3), probe_rows::amount.eq(2)))
                .execute(conn)
        })?;
        add(conn, 3, 10)?;
        Ok((new, again))
    });
    assert_eq!(answers.unwrap(), (true, false));
    assert_eq!(test.amount(3), Some(11));
    let check = test.db.write_blocking(|conn| insert_or_conflict(conn, |c| insert(c, 4, -1)));
    assert!(matches!(check, Err(DbError::Query(_))), "a CHECK is no conflict: {check:?}");
}

fn a_body_opens_no_second_door(test: &TestDb) {
    let db = test.db.clone();
    let nested = test.db.write_blocking(move |_| db.write_blocking(|conn| add(conn, 1, 1)));
    assert!(matches!(nested, Err(DbError::Nested)));
    let nested = test.db.read_blocking(|_| test.db.read_blocking(|_| Ok::<_, DbError>(())));
    assert!(matches!(nested, Err(DbError::Nested)));
}

fn the_async_doors_do_the_same(test: &TestDb) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let writes: Vec<_> = (0..20)
            .map(|number| {
                let db = test.db.clone();
                tokio::spawn(async move {
                    if number % 2 == 0 {
                        db.write(|conn| read_then_set(conn, 1)).await
                    } else {
                        db.claim(|conn| add(conn, 2, 1)).await
                    }
                })
            })
            .collect();
        for write in writes {
            write.await.unwrap().unwrap();
        }
        let panicked = test.db.write(|_| -> DbResult<()> { panic!("planned by the test") }).await;
        assert!(matches!(panicked, Err(DbError::JobPanicked)));
        let rows = test
            .db
            .read(|conn| -> DbResult<i64> { Ok(probe_rows::table.count().get_result(conn)?) });
        assert_eq!(rows.await.unwrap(), 2);
        // The blocking doors may be used on a runtime's thread too, if somebody must.
        test.db.write_blocking(|conn| add(conn, 1, 0)).unwrap();
    });
    assert_eq!((test.amount(1), test.amount(2)), (Some(10), Some(10)));
}

fn migrations_run_once(test: &TestDb) {
    test.db
        .write_blocking(|conn| -> DbResult<()> { Ok(conn.batch_execute("DROP TABLE probe_rows")?) })
        .unwrap();
    let pending = pending_migrations(&test.db).unwrap();
    assert!(!pending.is_empty());
    let both = thread::scope(|scope| {
        [(); 2].map(|()| scope.spawn(|| migrate(&test.url).unwrap())).map(|t| t.join().unwrap())
    });
    assert_eq!(both.concat(), pending, "each migration ran in exactly one of the two");
    assert!(pending_migrations(&test.db).unwrap().is_empty());
}

fn counters_count(test: &TestDb) {
    test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap();
    let _ = test.db.write_blocking(|_| Err::<(), _>(ActError::Refused));
    let stats = test.db.stats();
    assert_eq!((stats.jobs, stats.rolled_back, stats.refused), (2, 1, 0));
    assert!(stats.connections >= 1);
}
