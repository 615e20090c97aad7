//! Counters of the database door, for the metrics page.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::error::DbError;

/// Counters since the database was opened, and lengths at this moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DbStats {
    /// SQLite: groups committed (one fsync each).
    pub groups: u64,
    /// Acts and claims that committed.
    pub jobs: u64,
    /// Acts and claims whose body returned an error, and were rolled back.
    pub rolled_back: u64,
    /// PostgreSQL: tries repeated after a lost race.
    pub retries: u64,
    /// Connections found dead, or given up after a failure of the disk.
    pub lost_connections: u64,
    /// SQLite: groups that failed as a whole and were run one by one.
    pub failed_groups: u64,
    /// SQLite: groups run again with savepoints, since one of their writes had to be undone.
    pub repeated_groups: u64,
    /// Bodies that panicked.
    pub panics: u64,
    /// Writes refused: `Busy`, `QueueFull`, `Deadline`, `Pool` or `Unavailable`.
    pub refused: u64,
    /// Commits whose outcome is unknown.
    pub outcomes_unknown: u64,
    /// Statements sent, whatever became of them.
    pub statements: u64,
    /// SQLite: writes waiting now.
    pub queue_length: u64,
    /// Pooled connections now (SQLite: readers).
    pub connections: u32,
    /// Of these, idle.
    pub connections_idle: u32,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) groups: AtomicU64,
    pub(super) jobs: AtomicU64,
    pub(super) rolled_back: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) lost_connections: AtomicU64,
    pub(super) failed_groups: AtomicU64,
    pub(super) repeated_groups: AtomicU64,
    pub(super) panics: AtomicU64,
    pub(super) statements: AtomicU64,
    refused: AtomicU64,
    outcomes_unknown: AtomicU64,
}

/// Adds one. The counters stand alone, so no ordering between them is needed.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl Counters {
    pub(super) fn note_refusal(&self, error: Option<&DbError>) {
        match error {
            Some(DbError::OutcomeUnknown(_)) => count(&self.outcomes_unknown),
            Some(error) if error.is_transient() => count(&self.refused),
            _ => {}
        }
    }

    pub(super) fn snapshot(&self, queue_length: usize, pool: &r2d2::State) -> DbStats {
        DbStats {
            groups: self.groups.load(Relaxed),
            jobs: self.jobs.load(Relaxed),
            rolled_back: self.rolled_back.load(Relaxed),
            retries: self.retries.load(Relaxed),
            lost_connections: self.lost_connections.load(Relaxed),
            failed_groups: self.failed_groups.load(Relaxed),
            repeated_groups: self.repeated_groups.load(Relaxed),
            panics: self.panics.load(Relaxed),
            refused: self.refused.load(Relaxed),
            outcomes_unknown: self.outcomes_unknown.load(Relaxed),
            statements: self.statements.load(Relaxed),
            queue_length: u64::try_from(queue_length).unwrap_or(u64::MAX),
            connections: pool.connections,
            connections_idle: pool.idle_connections,
        }
    }
}
