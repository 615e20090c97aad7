//! Customers as staff look for them.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::token::Token;
use crate::domain::user::User;
use crate::primitives::ids::{ContractId, UserId};
use crate::schema::{contracts, tokens, users};

/// A user with the contract and, where there is one, the token.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The user.
    pub user: User,
    /// The contract's number.
    pub contract_number: String,
    /// The contract's holder.
    pub contract_name: String,
    /// The token.
    pub token: Option<Token>,
}

type Row = (User, String, String, Option<Token>);

impl From<Row> for Customer {
    fn from((user, contract_number, contract_name, token): Row) -> Customer {
        Customer { user, contract_number, contract_name, token }
    }
}

/// What staff look for; empty: everybody.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// A login id, a contract's number or a serial, in full.
    pub exact: String,
    /// A part of a name.
    pub name_part: String,
    /// In order of login id, behind this one.
    pub after: String,
}

/// Users of a portal by login id, contract number, serial (registered, or shipped to their
/// contract) or a part of the name, in order of login id.
///
/// # Errors
/// Whatever the database says.
pub fn search(
    conn: &mut DbConn,
    portal: &str,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Customer>, DbError> {
    let mut query = users::table
        .inner_join(contracts::table)
        .left_join(tokens::table.on(tokens::id.nullable().eq(users::token_id)))
        .filter(users::portal.eq(portal))
        .filter(users::login_id.gt(&wanted.after))
        .select((
            User::as_select(),
            contracts::number,
            contracts::name,
            Option::<Token>::as_select(),
        ))
        .into_boxed();
    if !wanted.exact.is_empty() {
        let shipped = diesel::alias!(tokens as shipped);
        let by_serial = shipped
            .filter(shipped.field(tokens::portal).eq(portal.to_owned()))
            .filter(shipped.field(tokens::serial).eq(wanted.exact.to_uppercase()))
            .filter(shipped.field(tokens::contract_id).is_not_null())
            .select(shipped.field(tokens::contract_id).assume_not_null());
        query = query.filter(
            users::login_id
                .eq(wanted.exact.clone())
                .or(contracts::number.eq(wanted.exact.clone()))
                .or(users::contract_id.eq_any(by_serial))
                .or(users::name.like(part_pattern(&wanted.name_part)).escape('\\')),
        );
    }
    let rows: Vec<Row> = query.order(users::login_id).limit(limit).load(conn)?;
    Ok(rows.into_iter().map(Customer::from).collect())
}

/// `%` and `_` stand for themselves.
fn part_pattern(part: &str) -> String {
    let escaped = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    ["%", &escaped, "%"].concat()
}

/// The users of a contract in order of login id, behind the one called `after`; those who are there
/// no more, too.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    after: &str,
    limit: i64,
) -> Result<Vec<Customer>, DbError> {
    let rows: Vec<Row> = users::table
        .inner_join(contracts::table)
        .left_join(tokens::table.on(tokens::id.nullable().eq(users::token_id)))
        .filter(users::contract_id.eq(contract_id))
        .filter(users::login_id.gt(after))
        .select((
            User::as_select(),
            contracts::number,
            contracts::name,
            Option::<Token>::as_select(),
        ))
        .order(users::login_id)
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(Customer::from).collect())
}

/// The first user of a contract who is there.
///
/// # Errors
/// Whatever the database says.
pub fn first_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
) -> Result<Option<User>, DbError> {
    Ok(users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .select(User::as_select())
        .order(users::id)
        .first(conn)
        .optional()?)
}

/// The portal's user with this id.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, portal: &str, id: UserId) -> Result<Option<Customer>, DbError> {
    let row: Option<Row> = users::table
        .inner_join(contracts::table)
        .left_join(tokens::table.on(tokens::id.nullable().eq(users::token_id)))
        .filter(users::portal.eq(portal))
        .filter(users::id.eq(id))
        .select((
            User::as_select(),
            contracts::number,
            contracts::name,
            Option::<Token>::as_select(),
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(Customer::from))
}
