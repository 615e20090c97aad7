//! What can go wrong at the door, sorted by what the caller can do about it.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

/// Result of queries and doors.
pub type DbResult<T> = Result<T, DbError>;

/// A failure of the database, as opposed to a refusal by a business rule.
///
/// The texts are for the log; pages show their own.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A statement failed. Rolled back.
    #[error("a query failed: {0}")]
    Query(#[source] QueryError),
    /// No connection became free in time. Nothing was done.
    #[error("no database connection became free in time: {0}")]
    Pool(String),
    /// Every try lost its race against other transactions. Nothing was stored.
    #[error("the act lost every race against other transactions; nothing was stored")]
    Busy,
    /// Too many writes are waiting. Nothing was done.
    #[error("too many writes are waiting for the database; nothing was stored")]
    QueueFull,
    /// The write waited too long and was not started.
    #[error("the write waited too long in the queue and was not started")]
    Deadline,
    /// The connection or the disk failed during the COMMIT: the act may be stored or not. Look its
    /// one-time key up on a new connection before answering.
    #[error("the commit failed half-way, its outcome is unknown: {0}")]
    OutcomeUnknown(String),
    /// The database can't be reached, or its disk fails. Nothing was stored.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database URL can't be used; the text says what to write.
    #[error("{0}")]
    Url(String),
    /// A migration failed and was rolled back.
    #[error("the migration failed: {0}")]
    Migration(String),
    /// The body panicked. Rolled back; other bodies are not touched.
    #[error("a database body panicked and was rolled back")]
    JobPanicked,
    /// The body ignored a failed statement or left a savepoint open, and was rolled back.
    #[error("a database body ignored a failed statement or left a savepoint open; rolled back")]
    Swallowed,
    /// A body opened a second door. Nothing was done.
    #[error("a database body opened a second door")]
    Nested,
}

/// How badly the database failed, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Fault {
    /// Nothing but the statement itself (a constraint, a mistake).
    #[default]
    None,
    /// A lost race: the whole transaction has to run again.
    Conflict,
    /// The disk, the file, the memory or somebody's lock: the connection is not to be trusted any
    /// more.
    Storage,
    /// The connection is gone.
    Closed,
}

/// SQLite's texts for errors that are not the statement's fault (`sqlite3ErrStr`, compared as a
/// whole, so that no constraint or trigger text can be mistaken for one). diesel gives no code.
const SQLITE_STORAGE_TEXTS: [&str; 10] = [
    "attempt to write a readonly database",
    "database disk image is malformed",
    "database is locked",
    "database or disk is full",
    "database table is locked",
    "disk I/O error",
    "file is not a database",
    "locking protocol",
    "out of memory",
    "unable to open database file",
];

/// PostgreSQL's texts for a deadlock (40P01), which diesel hands on without its code; servers
/// that speak Japanese have the second.
const DEADLOCK_TEXTS: [&str; 2] = ["deadlock detected", "デッドロックを検出しました"];

/// PostgreSQL's texts for a statement that was cut off because it took or waited too long (57014,
/// 55P03), in English and Japanese: another moment may be better.
const CUT_OFF_TEXTS: [&str; 6] = [
    "canceling statement due to statement timeout",
    "canceling statement due to lock timeout",
    "canceling statement due to user request",
    "ステートメントのタイムアウトのためステートメントをキャンセルしています",
    "ロックのタイムアウトのためステートメントをキャンセルしています",
    "ユーザーからの要求により文をキャンセルしています",
];

/// libpq's texts for a connection that is gone, which it gives at times without marking the
/// connection as bad (the statement could not be written).
const CLOSED_TEXTS: [&str; 4] = [
    "server closed the connection",
    "terminating connection",
    "could not receive data from server",
    "could not send data to server",
];

/// Judges a statement's error.
pub(super) fn fault_of(error: &QueryError) -> Fault {
    match error {
        QueryError::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::SerializationFailure => Fault::Conflict,
            // Not only too many parameters: libpq also says so on a dead connection.
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Fault::Closed
            }
            DatabaseErrorKind::Unknown => fault_of_text(info.message()),
            _ => Fault::None,
        },
        QueryError::BrokenTransactionManager => Fault::Closed,
        QueryError::RollbackErrorOnCommit { commit_error, rollback_error } => {
            fault_of(commit_error).max(fault_of(rollback_error))
        }
        _ => Fault::None,
    }
}

fn fault_of_text(text: &str) -> Fault {
    if SQLITE_STORAGE_TEXTS.contains(&text) || CUT_OFF_TEXTS.contains(&text) {
        Fault::Storage
    } else if DEADLOCK_TEXTS.iter().any(|deadlock| text.contains(deadlock)) {
        Fault::Conflict
    } else if CLOSED_TEXTS.iter().any(|closed| text.starts_with(closed)) {
        Fault::Closed
    } else {
        Fault::None
    }
}

impl DbError {
    /// True if nothing was stored and the same act may well succeed in a moment.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy
            | Self::QueueFull
            | Self::Deadline
            | Self::Pool(_)
            | Self::Unavailable(_) => true,
            Self::Query(error) => fault_of(error) != Fault::None,
            Self::OutcomeUnknown(_)
            | Self::Url(_)
            | Self::Migration(_)
            | Self::JobPanicked
            | Self::Swallowed
            | Self::Nested => false,
        }
    }

    /// True if a UNIQUE constraint or primary key refused the statement.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(
            self,
            Self::Query(QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
        )
    }

    pub(super) fn fault(&self) -> Fault {
        match self {
            Self::Query(error) => fault_of(error),
            _ => Fault::None,
        }
    }

    /// A hop to a blocking thread that gave no answer.
    pub(super) fn from_hop(broken: &tokio::task::JoinError) -> Self {
        if broken.is_cancelled() {
            Self::Unavailable("the program is stopping".to_owned())
        } else {
            Self::OutcomeUnknown("the database door itself panicked".to_owned())
        }
    }
}

impl From<QueryError> for DbError {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

/// Errors that a body may return: it must be possible to see the database's failure in them, so
/// that a lost race is tried again and never shown as a refusal.
pub trait TransactionError: From<DbError> + Send + 'static {
    /// The database failure inside, if it is one.
    fn as_db_error(&self) -> Option<&DbError>;
}

impl TransactionError for DbError {
    fn as_db_error(&self) -> Option<&DbError> {
        Some(self)
    }
}
