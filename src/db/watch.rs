//! Sees every failed statement of a connection, also those a body ignored or renamed, and whether a
//! savepoint that was left out would have been needed.

use std::sync::Arc;

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;

use super::connection::DbConn;
use super::error::{Fault, fault_of};
use super::stats::{Counters, count};
use super::transaction;

/// Rides in the connection as its instrumentation.
///
/// A body may map a lost race to a refusal of its own, or drop an error. Neither may be committed
/// or shown, so the door asks the watch and not only the body's result. (Errors while SQLite steps
/// through the rows of a load don't pass here; for them the door looks at the body's error too.)
#[derive(Debug, Default)]
pub(super) struct Watch {
    fault: Fault,
    /// Open transactions and savepoints.
    depth: u32,
    /// The savepoint in which a statement failed, until that savepoint is rolled back.
    failed_at: Option<u32>,
    savepoints: Savepoints,
    counters: Option<Arc<Counters>>,
}

/// Whether a body's acts get the savepoints that they ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Savepoints {
    #[default]
    Made,
    /// None is made: should one be needed, everything is undone and the body runs again.
    LeftOut,
    /// One was needed: what the body has done since, and says, counts for nothing.
    Missed,
}

impl Watch {
    /// Counts the statements too, where there is somebody to count for.
    pub(super) fn new(counters: Option<Arc<Counters>>) -> Watch {
        Watch { counters, ..Watch::default() }
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => {
                if let Some(counters) = &self.counters {
                    count(&counters.statements);
                }
            }
            InstrumentationEvent::FinishQuery { error: Some(error), .. } => {
                self.fault = self.fault.max(fault_of(error));
                if self.depth > 0 {
                    let depth = self.failed_at.map_or(self.depth, |at| at.min(self.depth));
                    self.failed_at = Some(depth);
                }
            }
            InstrumentationEvent::BeginTransaction { depth, .. } => self.depth = depth.get(),
            InstrumentationEvent::CommitTransaction { depth, .. } => {
                self.depth = depth.get() - 1;
            }
            InstrumentationEvent::RollbackTransaction { depth, .. } => {
                self.depth = depth.get() - 1;
                if self.failed_at.is_some_and(|at| at >= depth.get()) {
                    self.failed_at = None;
                }
            }
            _ => {}
        }
    }
}

/// Forgets what happened in the transaction before.
pub(super) fn reset(conn: &mut DbConn) {
    if let Some(watch) = conn.instrumentation().downcast_mut::<Watch>() {
        watch.fault = Fault::None;
        watch.failed_at = None;
        watch.savepoints = Savepoints::Made;
    }
}

/// Where a statement failed that nothing has undone yet, for [`forgive`].
pub(super) fn failure(conn: &mut DbConn) -> Option<u32> {
    conn.instrumentation().downcast_ref::<Watch>().and_then(|watch| watch.failed_at)
}

/// Forgets failures since [`failure`] was `before`: the database itself has undone the statement.
pub(super) fn forgive(conn: &mut DbConn, before: Option<u32>) {
    if let Some(watch) = conn.instrumentation().downcast_mut::<Watch>() {
        watch.failed_at = before;
    }
}

/// Until the next [`reset`] no act gets a savepoint.
pub(super) fn leave_out_savepoints(conn: &mut DbConn) {
    if let Some(watch) = conn.instrumentation().downcast_mut::<Watch>() {
        watch.savepoints = Savepoints::LeftOut;
    }
}

/// True if no savepoint is made.
pub(super) fn are_savepoints_left_out(conn: &mut DbConn) -> bool {
    savepoints(conn) != Savepoints::Made
}

/// What ran without its savepoint has to be undone.
pub(super) fn miss_savepoint(conn: &mut DbConn) {
    if let Some(watch) = conn.instrumentation().downcast_mut::<Watch>() {
        watch.savepoints = Savepoints::Missed;
    }
}

/// True after [`miss_savepoint`].
pub(super) fn is_savepoint_missed(conn: &mut DbConn) -> bool {
    savepoints(conn) == Savepoints::Missed
}

fn savepoints(conn: &mut DbConn) -> Savepoints {
    let watch = conn.instrumentation().downcast_ref::<Watch>();
    watch.map_or(Savepoints::Made, |watch| watch.savepoints)
}

/// The worst fault since the last [`reset`].
pub(super) fn fault(conn: &mut DbConn) -> Fault {
    // Lost at a statement that gave an error of no particular kind.
    if transaction::depth(conn).is_err() {
        return Fault::Closed;
    }
    // Without its watch nothing is known of the connection: don't keep it.
    conn.instrumentation().downcast_ref::<Watch>().map_or(Fault::Closed, |watch| watch.fault)
}

/// [`fault`] after a BEGIN, COMMIT or ROLLBACK that failed. libpq may give such an error before it
/// knows that the connection is gone; the next statement tells.
pub(super) fn fault_after_probe(conn: &mut DbConn) -> Fault {
    if fault(conn) == Fault::None {
        // The watch sees the answer.
        let _ = conn.ping();
    }
    fault(conn)
}

/// True if a statement failed and no rollback to a savepoint has undone it.
pub(super) fn has_ignored_failure(conn: &mut DbConn) -> bool {
    conn.instrumentation().downcast_ref::<Watch>().is_none_or(|watch| watch.failed_at.is_some())
}
