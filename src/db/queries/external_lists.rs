//! What staff see of files: what came in, and whose.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFile, BulkOrigin, BulkState};
use crate::domain::contract::Contract;
use crate::primitives::ids::{BulkFileId, ContractId};
use crate::schema::{bulk_files, contracts};

/// Which files that came in are listed.
#[derive(Debug, Clone)]
pub struct IncomingFilter {
    /// Those that stand so.
    pub states: Vec<BulkState>,
    /// Before this one in the list.
    pub before: Option<BulkFileId>,
}

/// Files of a portal's contracts that were uploaded or sent straight, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_incoming(
    conn: &mut DbConn,
    portal: &str,
    filter: &IncomingFilter,
    limit: i64,
) -> Result<Vec<BulkFile>, DbError> {
    let mut found = bulk_files::table
        .filter(bulk_files::portal.eq(portal))
        .filter(bulk_files::origin.eq_any([BulkOrigin::External, BulkOrigin::Upload]))
        .filter(bulk_files::state.eq_any(filter.states.clone()))
        .into_boxed();
    if let Some(before) = filter.before {
        found = found.filter(bulk_files::id.lt(before));
    }
    Ok(found.select(BulkFile::as_select()).order(bulk_files::id.desc()).limit(limit).load(conn)?)
}

/// These contracts.
///
/// # Errors
/// Whatever the database says.
pub fn list_contracts(conn: &mut DbConn, ids: &[ContractId]) -> Result<Vec<Contract>, DbError> {
    Ok(contracts::table
        .filter(contracts::id.eq_any(ids.to_vec()))
        .select(Contract::as_select())
        .load(conn)?)
}
