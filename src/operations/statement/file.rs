//! A statement as a file, made slice by slice: lines never change, so slices read one after the
//! other belong together, and a long file needs no more memory than a short one.

use chrono::NaiveDate;

use crate::db::queries::statements::{self, Lines};
use crate::db::{DbConn, DbError, TransactionError};
use crate::domain::ledger::Account;
use crate::domain::portal::Profile;
use crate::domain::statement::Movement;
use crate::operations::statement::csv::{CsvCharset, CsvFile};
use crate::operations::statement::zengin;
use crate::primitives::ids::AccountId;
use crate::zengin::layout::LineEnd;
use crate::zengin::record::FieldError;
use crate::zengin::statement::StatementFile;

/// Lines of a slice.
const SLICE: i64 = 1_000;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// For spreadsheets.
    Csv(CsvCharset),
    /// 全銀 入出金取引明細.
    Zengin(LineEnd),
}

/// Why a file ends in the middle.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Something does not fit the format.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl TransactionError for FileError {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            FileError::Db(error) => Some(error),
            FileError::Field(_) => None,
        }
    }
}

/// What a file is about.
#[derive(Debug, Clone, Copy)]
pub struct FileSubject<'a> {
    /// The portal.
    pub profile: &'a Profile,
    /// The account.
    pub account: &'a Account,
    /// Today.
    pub today: NaiveDate,
    /// The lines.
    pub lines: Lines,
}

#[derive(Debug, Clone)]
enum Writer {
    Csv(CsvFile),
    Zengin(StatementFile),
}

/// A file in the making.
#[derive(Debug, Clone)]
pub struct FileMaker {
    account_id: AccountId,
    writer: Writer,
    next: i64,
    last: i64,
}

impl FileMaker {
    /// Begins a file: what stands before the first line.
    ///
    /// Permission: the caller's; whoever may see the account's statement.
    ///
    /// # Errors
    /// The database, or what does not fit the format.
    pub fn begin(
        conn: &mut DbConn,
        format: FileFormat,
        subject: FileSubject<'_>,
    ) -> Result<(FileMaker, Vec<u8>), FileError> {
        let FileSubject { profile, account, today, lines } = subject;
        let (writer, bytes) = match format {
            FileFormat::Csv(charset) => {
                let (file, bytes) = CsvFile::begin(charset, account_text(account));
                (Writer::Csv(file), bytes)
            }
            FileFormat::Zengin(end) => {
                let oldest = statements::list_oldest(conn, account.id, lines, 1)?;
                let newest = statements::list_newest(conn, account.id, lines, 1)?;
                let day = |of: &[Movement]| of.first().map_or(today, |line| line.booked_on);
                let days = (day(&oldest), day(&newest));
                let first = oldest.first();
                let before = first.map_or(0, |line| line.balance_after.0 - line.amount.0);
                let header = zengin::header(profile, account, today, days, before);
                let (file, bytes) = StatementFile::begin(&header, end)?;
                (Writer::Zengin(file), bytes)
            }
        };
        Ok((FileMaker { account_id: account.id, writer, next: lines.0, last: lines.1 }, bytes))
    }

    /// Whether lines are left.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.next <= self.last
    }

    /// The next lines.
    ///
    /// # Errors
    /// The database, or what does not fit the format.
    pub fn slice(&mut self, conn: &mut DbConn) -> Result<Vec<u8>, FileError> {
        let lines = (self.next, self.last);
        let movements = statements::list_oldest(conn, self.account_id, lines, SLICE)?;
        self.next = movements.last().map_or(self.last, |movement| movement.line_no) + 1;
        let mut bytes = Vec::new();
        for movement in &movements {
            bytes.extend(match &mut self.writer {
                Writer::Csv(file) => file.line(movement),
                Writer::Zengin(file) => file.line(&zengin::line(movement))?,
            });
        }
        Ok(bytes)
    }

    /// What stands after the last line.
    ///
    /// # Errors
    /// Sums that do not fit the format.
    pub fn finish(self) -> Result<Vec<u8>, FileError> {
        match self.writer {
            Writer::Csv(_) => Ok(Vec::new()),
            Writer::Zengin(file) => Ok(file.finish()?),
        }
    }
}

/// An account in one text, as `本店営業部 普通 1234567`.
#[must_use]
pub fn account_text(account: &Account) -> String {
    format!("{} {} {}", account.branch_name, account.account_type.label(), account.number)
}
