//! Lines of statements, always by the account's line numbers: a page costs the same however many
//! lines there are.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::queries::ledger::shown_text;
use crate::db::{DbConn, DbError};
use crate::domain::statement::Movement;
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;
use crate::schema::{ledger_entries, postings};

diesel::define_sql_function! {
    /// Lower case.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// In how many spellings a text is searched for.
pub const SEARCH_TEXTS: usize = 3;

/// Line numbers from the first to the last.
pub type Lines = (i64, i64);

/// The lines booked from one day to another, or to the last there is; none where there is no movement.
///
/// # Errors
/// Whatever the database says.
pub fn find_lines(
    conn: &mut DbConn,
    account_id: AccountId,
    (from, to): (NaiveDate, Option<NaiveDate>),
) -> Result<Option<Lines>, DbError> {
    let of_account = postings::table.filter(postings::account_id.eq(account_id));
    let first: Option<Option<i64>> = of_account
        .filter(postings::booked_on.ge(from))
        .select(postings::line_no)
        .order((postings::booked_on, postings::line_no))
        .first(conn)
        .optional()?;
    let newest_first = (postings::booked_on.desc(), postings::line_no.desc());
    let last = of_account.select(postings::line_no).order(newest_first);
    let last: Option<Option<i64>> = match to {
        Some(to) => last.filter(postings::booked_on.le(to)).first(conn).optional()?,
        None => last.first(conn).optional()?,
    };
    let lines = first.flatten().zip(last.flatten());
    Ok(lines.filter(|(first, last)| first <= last))
}

type Row = (Option<i64>, NaiveDate, String, String, Yen, Option<Yen>);

fn movement(row: Row) -> Option<Movement> {
    let (line_no, booked_on, kind, description, amount, balance_after) = row;
    let (line_no, balance_after) = (line_no?, balance_after?);
    Some(Movement { line_no, booked_on, kind, description, amount, balance_after })
}

macro_rules! movements {
    ($account_id:expr, $lines:expr) => {
        postings::table
            .inner_join(ledger_entries::table)
            .filter(postings::account_id.eq($account_id))
            .filter(postings::line_no.between($lines.0, $lines.1))
            .select((
                postings::line_no,
                postings::booked_on,
                ledger_entries::kind,
                shown_text!(),
                postings::amount,
                postings::balance_after,
            ))
    };
}

/// The newest of these lines, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_newest(
    conn: &mut DbConn,
    account_id: AccountId,
    lines: Lines,
    limit: i64,
) -> Result<Vec<Movement>, DbError> {
    let rows: Vec<Row> =
        movements!(account_id, lines).order(postings::line_no.desc()).limit(limit).load(conn)?;
    Ok(rows.into_iter().filter_map(movement).collect())
}

/// The oldest of these lines, oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_oldest(
    conn: &mut DbConn,
    account_id: AccountId,
    lines: Lines,
    limit: i64,
) -> Result<Vec<Movement>, DbError> {
    let rows: Vec<Row> =
        movements!(account_id, lines).order(postings::line_no).limit(limit).load(conn)?;
    Ok(rows.into_iter().filter_map(movement).collect())
}

/// The newest of these lines in whose 摘要 one of the texts stands, newest first. All of the lines
/// are looked at, so the caller bounds them.
///
/// # Errors
/// Whatever the database says.
pub fn search(
    conn: &mut DbConn,
    account_id: AccountId,
    lines: Lines,
    texts: [String; SEARCH_TEXTS],
    limit: i64,
) -> Result<Vec<Movement>, DbError> {
    let [one, two, three] = texts.map(|text| format!("%{}%", escaped(&text)));
    let has = lower(shown_text!()).like(lower(one)).escape('\\');
    let has = has.or(lower(shown_text!()).like(lower(two)).escape('\\'));
    let has = has.or(lower(shown_text!()).like(lower(three)).escape('\\'));
    let rows: Vec<Row> = movements!(account_id, lines)
        .filter(has)
        .order(postings::line_no.desc())
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().filter_map(movement).collect())
}

/// The wildcards of LIKE stand for themselves.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
