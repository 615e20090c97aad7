//! The limits of the database door.

use std::time::Duration;

/// Limits of the pools, the queue and the waits. Every wait has one.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// SQLite: reader connections at most.
    pub readers_max: u32,
    /// PostgreSQL: connections at most. Keep it at two or more above the blocking threads.
    pub pool_max: u32,
    /// SQLite: writes that may wait; the next one gets `QueueFull`.
    pub write_queue_max: usize,
    /// SQLite: how long a write may wait before it starts; afterwards it gets `Deadline`.
    pub write_queue_wait: Duration,
    /// SQLite: jobs in one commit at most.
    pub group_jobs_max: usize,
    /// SQLite: a commit takes further jobs at least until its jobs have run for so long; and longer
    /// where the commits before took long.
    pub group_time_min: Duration,
    /// SQLite: a commit takes no further job once its jobs have run for so long. So a write of
    /// seconds stands in no group with those that came meanwhile, and is not undone with them.
    pub group_time_max: Duration,
    /// How long to wait for a free or new connection.
    pub connect_timeout: Duration,
    /// PostgreSQL: how long one statement may run.
    pub statement_timeout: Duration,
    /// PostgreSQL: tries of one act before `Busy`.
    pub tries_max: u32,
    /// SQLite: whether a missing file is made. Its directory has to exist in any case.
    pub create_if_missing: bool,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            readers_max: 8,
            pool_max: 16,
            write_queue_max: 1024,
            write_queue_wait: Duration::from_secs(5),
            group_jobs_max: 256,
            group_time_min: Duration::from_millis(2),
            group_time_max: Duration::from_millis(100),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            tries_max: 10,
            create_if_missing: true,
        }
    }
}
