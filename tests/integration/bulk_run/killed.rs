//! `kill -9` while files are executed: each is done whole and once, or not at all.

use std::time::Duration;

use madoguchi::db::{Db, DbOptions};
use madoguchi::primitives::clock::{UtcTime, parse_rfc3339};

use crate::database::TestDatabase;
use crate::kill::{Server, end_leases, lasting_address, number, run};

const KILLS: u64 = 12;
/// The day of the demo's files, counted from the day of loading.
const LOADED: &str = "2026-11-24T12:00:00+09:00";
const DUE: &str = "2026-11-27T09:00:00+09:00";
const LATER: &str = "2027-03-01T12:00:00+09:00";
/// What waits for that day: one payment and one debit in each of two portals.
const WAITING: i64 = 4;

fn at(text: &str) -> UtcTime {
    parse_rfc3339(text).unwrap()
}

/// How many files were executed after loading; fails if one of them lacks a part.
fn whole(db: &Db) -> i64 {
    let after = "happened_at > '2026-11-24 12:00:00'";
    let count = |sql: &str| number(db, &format!("SELECT COUNT(*) FROM {sql}"));
    let events =
        count(&format!("bulk_events WHERE act IN ('execute', 'execute_partly') AND {after}"));
    for part in [
        "bulk_results WHERE executed_at > '2026-11-24 12:00:00'",
        "ledger_entries WHERE posted_at > '2026-11-24 12:00:00' \
         AND idempotency_key LIKE 'bulk file of receipt %' \
         AND idempotency_key NOT LIKE '% return'",
        "audit_lines WHERE operation = 'bulk.execute'",
    ] {
        assert_eq!(count(part), events, "{part}");
    }
    let stands = "bulk_files WHERE (state IN ('done', 'partly_failed')) <> \
                  (id IN (SELECT file_id FROM bulk_results))";
    assert_eq!(count(stands), 0);
    events
}

#[tokio::test]
async fn a_killed_worker_leaves_each_file_done_once_or_not_at_all() {
    let database = TestDatabase::bare();
    let address = lasting_address();
    let mut found = Vec::new();
    for round in 0..KILLS {
        let server = Server::start(&database, address).await;
        let db = Db::open(&database.url(), DbOptions::default()).unwrap();
        end_leases(&db);
        // Backwards loads the demo anew.
        server.set_clock(at(LATER)).await.unwrap();
        server.set_clock(at(LOADED)).await.unwrap();
        let killer = server.kill_after(Duration::from_millis(60 + round * 12));
        let acted = async {
            server.set_clock(at(DUE)).await?;
            server.post("/qa/worker/run", &[]).await
        };
        let _ = acted.await;
        killer.join().unwrap();
        found.push(whole(&db));
        let (code, said) = run(&database, &["ledger", "check"]);
        assert_eq!(code, Some(0), "round {round}: {said}");
    }
    let server = Server::start(&database, address).await;
    let db = Db::open(&database.url(), DbOptions::default()).unwrap();
    end_leases(&db);
    server.set_clock(at(DUE)).await.unwrap();
    server.post("/qa/worker/run", &[]).await.unwrap();
    assert_eq!(whole(&db), WAITING, "before: {found:?}");
    drop(server);
    assert_eq!(run(&database, &["ledger", "check"]).0, Some(0));
    println!("executed before each kill: {found:?}");
}
