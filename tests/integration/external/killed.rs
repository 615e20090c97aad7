//! `kill -9` while files are put out: each is there whole and once in the end.

use std::time::Duration;

use madoguchi::db::{Db, DbOptions};
use madoguchi::primitives::clock::{UtcTime, parse_rfc3339};

use crate::database::TestDatabase;
use crate::kill::{Server, end_leases, lasting_address, number};

const KILLS: u64 = 8;
const LOADED: &str = "2026-11-24T12:00:00+09:00";
const DUE: &str = "2026-11-27T09:00:00+09:00";
const LATER: &str = "2027-03-01T12:00:00+09:00";

fn at(text: &str) -> UtcTime {
    parse_rfc3339(text).unwrap()
}

/// Nothing that can be fetched lacks a piece, and no source was put out twice.
fn assert_whole(db: &Db) {
    let lacking = "SELECT COUNT(*) FROM external_files WHERE state = 'ready' AND byte_count <> \
                   (SELECT COALESCE(SUM(LENGTH(bytes)), 0) FROM external_chunks \
                   WHERE file_id = external_files.id)";
    assert_eq!(number(db, lacking), 0);
    let without = "SELECT COUNT(*) FROM bulk_results WHERE executed_at > '2026-11-24 12:00:00' \
                   AND file_id NOT IN (SELECT bulk_file_id FROM external_files \
                   WHERE bulk_file_id IS NOT NULL)";
    assert_eq!(number(db, without), 0, "begun with the execution");
}

#[tokio::test]
async fn a_killed_worker_leaves_nothing_half_to_fetch() {
    let database = TestDatabase::bare();
    let address = lasting_address();
    for round in 0..KILLS {
        let server = Server::start(&database, address).await;
        let db = Db::open(&database.url(), DbOptions::default()).unwrap();
        end_leases(&db);
        // Backwards loads the demo anew.
        server.set_clock(at(LATER)).await.unwrap();
        server.set_clock(at(LOADED)).await.unwrap();
        let killer = server.kill_after(Duration::from_millis(80 + round * 20));
        let acted = async {
            server.set_clock(at(DUE)).await?;
            server.post("/qa/worker/run", &[]).await
        };
        let _ = acted.await;
        killer.join().unwrap();
        assert_whole(&db);
    }
    let server = Server::start(&database, address).await;
    let db = Db::open(&database.url(), DbOptions::default()).unwrap();
    end_leases(&db);
    server.set_clock(at(DUE)).await.unwrap();
    server.post("/qa/worker/run", &[]).await.unwrap();
    assert_whole(&db);
    assert_eq!(number(&db, "SELECT COUNT(*) FROM external_files WHERE state = 'due'"), 0);
    let results = "SELECT COUNT(*) FROM external_files WHERE bulk_file_id IS NOT NULL \
                   AND state = 'ready' AND ready_at > '2026-11-24 12:00:00'";
    let executed = "SELECT COUNT(*) FROM bulk_results WHERE executed_at > '2026-11-24 12:00:00'";
    assert_eq!(number(&db, results), number(&db, executed));
    drop(server);
}
