//! The database URL: `sqlite:PATH` or `postgres://...`, and nothing else.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::{DbError, DbResult};

const HELP: &str = "write sqlite:PATH (for example sqlite:/var/lib/madoguchi/madoguchi.db) \
                    or postgres://USER:PASSWORD@HOST/DATABASE";

/// A parsed database URL. Its `Debug` and `Display` never show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Sqlite(PathBuf),
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads a URL. The scheme alone decides: a mistyped one is refused here instead of becoming
    /// a new SQLite file of that name.
    ///
    /// # Errors
    /// [`DbError::Url`] with one line that says what to write. The line repeats no part of the
    /// input but a short scheme, since the rest may hold a password.
    pub fn parse(text: &str) -> DbResult<Self> {
        let (scheme, rest) = text
            .trim()
            .split_once(':')
            .ok_or_else(|| DbError::Url(format!("the database URL has no scheme: {HELP}")))?;
        match scheme {
            "sqlite" => sqlite_path(rest).map(|path| Self(Kind::Sqlite(path))),
            "postgres" | "postgresql" => {
                check_postgres(rest)?;
                Ok(Self(Kind::Postgres(text.trim().to_owned())))
            }
            _ => Err(DbError::Url(format!("the scheme of the database URL is not known: {HELP}"))),
        }
    }

    /// True for `sqlite:PATH`.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Kind::Sqlite(_))
    }

    /// The file of a SQLite URL.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Sqlite(path) => Some(path),
            Kind::Postgres(_) => None,
        }
    }

    /// The connection string of a PostgreSQL URL; holds the password.
    pub(super) fn postgres_text(&self) -> Option<&str> {
        match &self.0 {
            Kind::Sqlite(_) => None,
            Kind::Postgres(text) => Some(text),
        }
    }
}

fn sqlite_path(rest: &str) -> DbResult<PathBuf> {
    // sqlite:///abs is a common spelling; sqlite://name would silently mean /name.
    let path = match rest.strip_prefix("//") {
        Some(absolute) if absolute.starts_with('/') => absolute,
        Some(_) => {
            let line = "write sqlite:PATH without the two slashes (or three for an absolute path)";
            return Err(DbError::Url(line.to_owned()));
        }
        None => rest,
    };
    if path.is_empty() {
        return Err(DbError::Url(format!("the SQLite URL names no file: {HELP}")));
    }
    if path.starts_with(":memory:") || path.starts_with("file:") || path.contains(['?', '\0']) {
        let line = "the SQLite URL takes a plain file name: no :memory:, file: or ?parameters";
        return Err(DbError::Url(line.to_owned()));
    }
    Ok(PathBuf::from(path))
}

fn check_postgres(rest: &str) -> DbResult<()> {
    let Some(after) = rest.strip_prefix("//") else {
        return Err(DbError::Url(format!("the PostgreSQL URL lacks //: {HELP}")));
    };
    let authority = after.split(['/', '?']).next().unwrap_or(after);
    // libpq would take a part of the password for the host and print it in its error.
    if authority.matches('@').count() > 1 || after.contains(['#', '\0', ' ']) {
        let line = "the PostgreSQL URL has unescaped characters: write @ # / ? and space in the \
                    password as %40 %23 %2F %3F %20";
        return Err(DbError::Url(line.to_owned()));
    }
    Ok(())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Kind::Postgres(text) => {
                let bare = text.split('?').next().unwrap_or_default();
                let host = bare.rsplit_once('@').map_or_else(
                    || bare.split_once("//").map_or("", |(_, host)| host),
                    |(_, host)| host,
                );
                write!(f, "postgres://{host}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
