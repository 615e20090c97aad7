//! The guarded moves of the institution, asked with what is no longer so.

use madoguchi::db::DbError;
use madoguchi::db::queries::{bulk_files, bulk_runs};
use madoguchi::domain::bulk_file::{BulkReason, BulkState};
use madoguchi::primitives::ids::BulkFileId;

use super::site::Files;

#[tokio::test]
async fn bulk_guards_let_one_of_two_move_a_file() {
    let files = Files::new();
    let (id, now) = (BulkFileId(files.id("外注費")), files.now());
    let moved = files.services.db.write_blocking(move |conn| {
        let seen = bulk_files::get(conn, id)?;
        let first = bulk_files::move_state(conn, &seen, BulkState::Done, now)?;
        let again = bulk_files::move_state(conn, &seen, BulkState::PartlyFailed, now)?;
        let rejected = bulk_runs::reject(conn, &seen, BulkReason::Funds, now)?;
        Ok::<_, DbError>((first, again, rejected, bulk_files::get(conn, id)?.state))
    });
    assert_eq!(moved.unwrap(), (true, false, false, BulkState::Done));
}
