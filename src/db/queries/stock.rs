//! The stock of tokens as staff look through it.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::token::{TokenKind, TokenState};
use crate::primitives::clock::UtcTime;
use crate::schema::{contracts, tokens};

/// A token as the stock shows it.
#[derive(Debug, Clone)]
pub struct StockRow {
    /// シリアル番号.
    pub serial: String,
    /// Kind.
    pub kind: TokenKind,
    /// Where it stands.
    pub state: TokenState,
    /// 有効期限.
    pub expires_at: Option<UtcTime>,
    /// The contract it belongs to.
    pub contract_number: Option<String>,
}

/// Which tokens of the stock to list.
#[derive(Debug, Clone, Default)]
pub struct StockFilter {
    /// In this state only.
    pub state: Option<TokenState>,
    /// Shipped or in use, and expiring after the first and not after the second time.
    pub expiring: Option<(UtcTime, UtcTime)>,
    /// Begin of the serial: letters and digits.
    pub serial_begin: String,
    /// In order of serial, behind this one.
    pub after: String,
}

type Row = (String, TokenKind, TokenState, Option<UtcTime>, Option<String>);

/// Tokens of a portal in order of serial.
///
/// # Errors
/// Whatever the database says.
pub fn search(
    conn: &mut DbConn,
    portal: &str,
    filter: &StockFilter,
    limit: i64,
) -> Result<Vec<StockRow>, DbError> {
    let mut query = tokens::table
        .left_join(contracts::table.on(contracts::id.nullable().eq(tokens::contract_id)))
        .filter(tokens::portal.eq(portal))
        .filter(tokens::serial.gt(&filter.after))
        .select((
            tokens::serial,
            tokens::kind,
            tokens::state,
            tokens::expires_at,
            contracts::number.nullable(),
        ))
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(tokens::state.eq(state));
    }
    if let Some((from, until)) = filter.expiring {
        query = query
            .filter(tokens::state.eq_any([TokenState::Shipped, TokenState::InUse]))
            .filter(tokens::expires_at.gt(from).assume_not_null())
            .filter(tokens::expires_at.le(until).assume_not_null());
    }
    if !filter.serial_begin.is_empty() {
        let begin = [filter.serial_begin.replace(['%', '_', '\\'], "").as_str(), "%"].concat();
        query = query.filter(tokens::serial.like(begin));
    }
    let rows: Vec<Row> = query.order(tokens::serial).limit(limit).load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(serial, kind, state, expires_at, contract_number)| StockRow {
            serial,
            kind,
            state,
            expires_at,
            contract_number,
        })
        .collect())
}
