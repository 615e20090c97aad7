//! The writer thread and its groups, and the URL.

use std::fs;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use super::super::{insert_or_conflict, savepoint, savepoint_act};
use super::*;

/// Keeps the writer busy until told, so that whatever is queued meanwhile forms one group.
fn hold_writer(db: &Db) -> (mpsc::Sender<()>, thread::JoinHandle<DbResult<()>>) {
    let (release, wait) = mpsc::channel();
    let (started, has_started) = mpsc::channel();
    let db = db.clone();
    let holder = thread::spawn(move || {
        // Only once: a group that fails runs its jobs again.
        let mut hold = Some((started, wait));
        db.write_blocking(move |_| -> DbResult<()> {
            if let Some((started, wait)) = hold.take() {
                started.send(()).unwrap();
                wait.recv_timeout(Duration::from_secs(10)).unwrap();
            }
            Ok(())
        })
    });
    has_started.recv().unwrap();
    (release, holder)
}

/// No group ends because its first write was held.
fn unhurried() -> DbOptions {
    DbOptions { group_time_min: Duration::from_secs(60), ..DbOptions::default() }
}

fn wait_for_queue(db: &Db, length: u64) {
    while db.stats().queue_length < length {
        thread::yield_now();
    }
}

#[test]
fn waiting_writes_share_one_commit() {
    let test = TestDb::sqlite(unhurried());
    let before = test.db.stats();
    let (release, holder) = hold_writer(&test.db);
    thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap());
        }
        wait_for_queue(&test.db, 100);
        release.send(()).unwrap();
    });
    holder.join().unwrap().unwrap();
    assert_eq!(test.amount(1), Some(100));
    assert_eq!(test.db.stats().groups - before.groups, 1);
    assert_eq!(test.db.stats().jobs - before.jobs, 101);
    assert_eq!(test.db.stats().repeated_groups, 0);
}

#[test]
fn a_group_has_a_limit() {
    let test = TestDb::sqlite(DbOptions { group_jobs_max: 10, ..unhurried() });
    let before = test.db.stats();
    let (release, holder) = hold_writer(&test.db);
    thread::scope(|scope| {
        for _ in 0..29 {
            scope.spawn(|| test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap());
        }
        wait_for_queue(&test.db, 29);
        release.send(()).unwrap();
    });
    holder.join().unwrap().unwrap();
    assert_eq!(test.db.stats().groups - before.groups, 3);
}

#[test]
fn in_one_group_refusals_and_panics_undo_themselves_only() {
    let test = TestDb::sqlite(unhurried());
    let groups = test.db.stats().groups;
    let (release, holder) = hold_writer(&test.db);
    let results: Vec<Result<(), ActError>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..30)
            .map(|number| {
                let db = &test.db;
                scope.spawn(move || {
                    db.write_blocking(move |conn| {
                        add(conn, 1, 1)?;
                        match number % 3 {
                            0 => Ok(()),
                            1 => Err(ActError::Refused),
                            _ => panic!("planned by the test"),
                        }
                    })
                })
            })
            .collect();
        wait_for_queue(&test.db, 30);
        release.send(()).unwrap();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    holder.join().unwrap().unwrap();
    for (number, result) in results.iter().enumerate() {
        match number % 3 {
            0 => assert!(result.is_ok()),
            1 => assert!(matches!(result, Err(ActError::Refused))),
            _ => assert!(matches!(result, Err(ActError::Db(DbError::JobPanicked)))),
        }
    }
    assert_eq!(test.amount(1), Some(10));
    assert_eq!(test.db.stats().groups - groups, 1);
    assert_eq!(test.db.stats().repeated_groups, 1);
}

#[test]
fn a_refused_act_in_a_group_is_undone_alone() {
    let test = TestDb::sqlite(unhurried());
    let groups = test.db.stats().groups;
    let (release, holder) = hold_writer(&test.db);
    let runs: Vec<u32> = thread::scope(|scope| {
        let threads: Vec<_> = (0..10)
            .map(|number| {
                let db = &test.db;
                scope.spawn(move || {
                    let mut runs = 0;
                    db.write_blocking(move |conn| {
                        runs += 1;
                        add(conn, 1, 1)?;
                        let act = savepoint_act(conn, |conn| {
                            add(conn, 2, 1)?;
                            if number == 5 { Err(ActError::Refused) } else { Ok(()) }
                        });
                        assert_eq!(act.is_err(), number == 5);
                        Ok::<_, ActError>(runs)
                    })
                    .unwrap()
                })
            })
            .collect();
        wait_for_queue(&test.db, 10);
        release.send(()).unwrap();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    holder.join().unwrap().unwrap();
    assert_eq!((test.amount(1), test.amount(2)), (Some(10), Some(9)));
    assert_eq!(test.db.stats().groups - groups, 1);
    assert_eq!(test.db.stats().repeated_groups, 1);
    assert_eq!(runs.get(5), Some(&2));
    assert!(runs.iter().all(|runs| (1..=2).contains(runs)), "{runs:?}");
}

#[test]
fn who_is_refused_alone_is_not_repeated() {
    let test = TestDb::sqlite(DbOptions::default());
    let runs = Arc::new(AtomicU32::new(0));
    for _ in 0..3 {
        let counter = Arc::clone(&runs);
        let refused = test.db.write_blocking(move |conn| {
            counter.fetch_add(1, Ordering::Relaxed);
            add(conn, 1, 5)?;
            Err::<(), _>(ActError::Refused)
        });
        assert!(matches!(refused, Err(ActError::Refused)));
        test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap();
    }
    assert_eq!(test.amount(1), Some(3));
    assert_eq!(test.db.stats().repeated_groups, 0);
    assert_eq!(runs.load(Ordering::Relaxed), 3);
}

#[test]
fn a_long_write_shares_its_commit_with_none_that_came_meanwhile() {
    let test = TestDb::sqlite(DbOptions::default());
    let groups = test.db.stats().groups;
    let (release, holder) = hold_writer(&test.db);
    let refused = thread::scope(|scope| {
        let write = scope.spawn(|| {
            test.db.write_blocking(|conn| {
                add(conn, 1, 1)?;
                Err::<(), _>(ActError::Refused)
            })
        });
        wait_for_queue(&test.db, 1);
        thread::sleep(DbOptions::default().group_time_max);
        release.send(()).unwrap();
        write.join().unwrap()
    });
    holder.join().unwrap().unwrap();
    assert!(matches!(refused, Err(ActError::Refused)));
    assert_eq!(test.db.stats().groups - groups, 2);
    assert_eq!(test.db.stats().repeated_groups, 0);
}

#[test]
fn with_savepoints_too_a_panic_takes_nobody_down() {
    let test = TestDb::sqlite(DbOptions::default());
    // From here on savepoints are made.
    let act = |conn: &mut DbConn| {
        let refused = savepoint_act(conn, |_| Err::<(), _>(ActError::Refused));
        assert!(refused.is_err());
        Ok::<_, DbError>(())
    };
    test.db.write_blocking(act).unwrap();
    for _ in 0..2 {
        let panicked = test.db.write_blocking(|conn| -> DbResult<()> {
            add(conn, 1, 5)?;
            savepoint(conn, |conn| savepoint(conn, |_| panic!("planned by the test")))?;
            Ok(())
        });
        assert!(matches!(panicked, Err(DbError::JobPanicked)));
        test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap();
    }
    assert_eq!(test.amount(1), Some(2));
    assert_eq!(test.db.stats().repeated_groups, 1);
}

#[test]
fn a_conflict_of_an_insert_repeats_nothing() {
    let test = TestDb::sqlite(unhurried());
    let (release, holder) = hold_writer(&test.db);
    let new = thread::scope(|scope| {
        let threads: Vec<_> = (0..10)
            .map(|_| {
                let claim = |conn: &mut DbConn| insert_or_conflict(conn, |conn| insert(conn, 3, 1));
                let db = &test.db;
                scope.spawn(move || db.write_blocking(claim).unwrap())
            })
            .collect();
        wait_for_queue(&test.db, 10);
        release.send(()).unwrap();
        threads.into_iter().filter_map(|thread| thread.join().unwrap().then_some(())).count()
    });
    holder.join().unwrap().unwrap();
    assert_eq!((new, test.amount(3)), (1, Some(1)));
    assert_eq!(test.db.stats().repeated_groups, 0);
}

#[test]
fn whoever_ran_in_a_transaction_that_ended_unseen_is_told_so() {
    let test = TestDb::sqlite(DbOptions::default());
    let unknown = test.db.write_blocking(|conn| -> DbResult<()> {
        conn.batch_execute("ROLLBACK")?;
        add(conn, 1, 1)
    });
    assert!(matches!(unknown, Err(DbError::OutcomeUnknown(_))), "{unknown:?}");
    // It ran once, and was stored by itself.
    assert_eq!(test.amount(1), Some(1));
    test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap();
    assert_eq!(test.amount(1), Some(2));
}

#[test]
fn while_acts_are_refused_savepoints_are_made_at_once() {
    let test = TestDb::sqlite(DbOptions::default());
    let refuse = || {
        let act = |conn: &mut DbConn| {
            let refused = savepoint_act(conn, |_| Err::<(), _>(ActError::Refused));
            assert!(refused.is_err());
            Ok::<_, DbError>(())
        };
        test.db.write_blocking(act).unwrap();
    };
    (0..10).for_each(|_| refuse());
    assert_eq!(test.db.stats().repeated_groups, 1);
    (0..100).for_each(|_| test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap());
    refuse();
    assert_eq!(test.db.stats().repeated_groups, 2);
    assert_eq!(test.amount(1), Some(100));
}

/// Fills the file up to its limit, which is a setting of the connection.
fn overflow(conn: &mut DbConn) -> DbResult<()> {
    add(conn, 1, 1000)?;
    conn.batch_execute("PRAGMA max_page_count = 1; CREATE TABLE big (x BLOB)")?;
    conn.batch_execute("INSERT INTO big VALUES (zeroblob(1000000))")?;
    Ok(())
}

#[test]
fn a_full_disk_fails_the_write_that_fills_it_and_no_other() {
    let test = TestDb::sqlite(unhurried());
    let (release, holder) = hold_writer(&test.db);
    let results: Vec<DbResult<()>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..9)
            .map(|number| {
                let db = &test.db;
                let thread =
                    scope.spawn(move || {
                        db.write_blocking(move |conn| {
                            if number == 4 { overflow(conn) } else { add(conn, 1, 1) }
                        })
                    });
                wait_for_queue(db, number + 1);
                thread
            })
            .collect();
        release.send(()).unwrap();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    holder.join().unwrap().unwrap();
    for (number, result) in results.iter().enumerate() {
        match result {
            Err(error) => assert!(number == 4 && error.is_transient(), "{number}: {error}"),
            Ok(()) => assert_ne!(number, 4),
        }
    }
    assert_eq!(test.amount(1), Some(8));
    assert_eq!(test.db.stats().failed_groups, 1);
    test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap();
}

#[test]
fn a_full_disk_that_a_body_hides_is_not_committed() {
    let test = TestDb::sqlite(DbOptions::default());
    let hidden = test.db.write_blocking(|conn| {
        let _ = overflow(conn);
        Ok::<_, ActError>(())
    });
    assert!(matches!(hidden, Err(ActError::Db(DbError::Unavailable(_)))), "{hidden:?}");
    assert_eq!(test.amount(1), Some(0));
}

#[test]
fn a_write_that_waited_too_long_is_not_started() {
    let wait = Duration::from_millis(50);
    let test = TestDb::sqlite(DbOptions { write_queue_wait: wait, ..DbOptions::default() });
    let (release, holder) = hold_writer(&test.db);
    let late = thread::scope(|scope| {
        let late = scope.spawn(|| test.db.write_blocking(|conn| add(conn, 1, 1)));
        wait_for_queue(&test.db, 1);
        thread::sleep(wait * 2);
        release.send(()).unwrap();
        late.join().unwrap()
    });
    assert!(matches!(late, Err(DbError::Deadline)));
    holder.join().unwrap().expect("a write that has started is never late");
    assert_eq!(test.amount(1), Some(0));
    assert_eq!(test.db.stats().refused, 1);
}

#[test]
fn a_write_that_runs_again_is_not_late() {
    let wait = Duration::from_millis(500);
    let test = TestDb::sqlite(DbOptions { write_queue_wait: wait, ..DbOptions::default() });
    let slow = test.db.write_blocking(move |conn| {
        add(conn, 1, 1)?;
        thread::sleep(wait * 2);
        let act = savepoint_act(conn, |_| Err::<(), _>(ActError::Refused));
        assert!(act.is_err());
        Ok::<_, DbError>(())
    });
    assert!(slow.is_ok(), "{slow:?}");
    assert_eq!(test.amount(1), Some(1));
    assert_eq!(test.db.stats().repeated_groups, 1);
}

#[test]
fn a_full_queue_says_so() {
    let test = TestDb::sqlite(DbOptions { write_queue_max: 1, ..DbOptions::default() });
    let (release, holder) = hold_writer(&test.db);
    thread::scope(|scope| {
        scope.spawn(|| test.db.write_blocking(|conn| add(conn, 1, 1)).unwrap());
        wait_for_queue(&test.db, 1);
        let refused = test.db.write_blocking(|conn| add(conn, 1, 1));
        assert!(matches!(refused, Err(DbError::QueueFull)));
        release.send(()).unwrap();
    });
    holder.join().unwrap().unwrap();
    assert_eq!(test.amount(1), Some(1));
}

#[test]
fn another_process_that_writes_is_waited_for() {
    let test = TestDb::sqlite(DbOptions::default());
    let other = test.url.sqlite_path().unwrap().to_str().unwrap();
    let mut other = SqliteConnection::establish(other).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    thread::scope(|scope| {
        let write = scope.spawn(|| test.db.write_blocking(|conn| add(conn, 1, 1)));
        thread::sleep(Duration::from_millis(100));
        other.batch_execute("COMMIT").unwrap();
        write.join().unwrap().unwrap();
    });
    assert_eq!(test.amount(1), Some(1));
}

#[test]
fn the_last_handle_stores_what_waits_and_leaves_no_log() {
    let TestDb { db, url, _gone_later } = TestDb::sqlite(DbOptions::default());
    let (release, holder) = hold_writer(&db);
    let last = db.clone();
    let write = thread::spawn(move || last.write_blocking(|conn| add(conn, 1, 1)));
    wait_for_queue(&db, 1);
    drop(db);
    release.send(()).unwrap();
    write.join().unwrap().unwrap();
    holder.join().unwrap().unwrap();
    let path = url.sqlite_path().unwrap();
    assert!(path.exists());
    assert!(!path.with_extension("db-wal").exists(), "the log was not folded into the file");
}

#[cfg(unix)]
#[test]
fn a_new_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let test = TestDb::sqlite(DbOptions::default());
    let mode = fs::metadata(test.url.sqlite_path().unwrap()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_mistyped_url_is_refused_and_makes_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let dir = directory.path().display();
    for text in [
        format!("{dir}/a.db"),
        format!("sqlit:{dir}/a.db"),
        format!("SQLITE:{dir}/a.db"),
        format!("file:{dir}/a.db"),
        format!("postgre://{dir}/a.db"),
        format!("sqlite:file:{dir}/a.db"),
        format!("sqlite:{dir}/a.db?mode=ro"),
        "sqlite://a.db".to_owned(),
        "sqlite::memory:".to_owned(),
        "sqlite:".to_owned(),
        "postgres:host/db".to_owned(),
        "mysql://localhost/db".to_owned(),
        String::new(),
    ] {
        let refused = DatabaseUrl::parse(&text);
        let Err(DbError::Url(line)) = refused else { panic!("{text} was accepted") };
        assert!(line.contains("write ") || line.contains("takes a plain"), "{line}");
        assert!(!line.contains('\n'));
    }
    let url = DatabaseUrl::parse(&format!("sqlite:{dir}/missing.db")).unwrap();
    let options = DbOptions { create_if_missing: false, ..DbOptions::default() };
    assert!(matches!(Db::open(&url, options), Err(DbError::Unavailable(_))));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_url_never_shows_its_password() {
    let url =
        DatabaseUrl::parse("postgres://taro:hi%40mitsu@db.example/bank?password=kagi").unwrap();
    assert_eq!(
        format!("{url} {url:?}"),
        "postgres://db.example/bank DatabaseUrl(postgres://db.example/bank)"
    );
    let odd = DatabaseUrl::parse("postgres://taro:hi@mitsu@db.example/bank").unwrap_err();
    assert!(!odd.to_string().contains("mitsu"));
    assert_eq!(DatabaseUrl::parse("sqlite:///a/b.db").unwrap().to_string(), "sqlite:/a/b.db");
}
