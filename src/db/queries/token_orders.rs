//! Orders of further tokens and new cards. A move names the state that the order leaves.

use diesel::dsl::sum;
use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::portal::TokenKind;
use crate::domain::token::TokenState;
use crate::domain::token_order::{OrderChannel, OrderItem, OrderReason, OrderState, TokenOrder};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, ContractId, EntryId, TokenId, TokenOrderId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::{contracts, token_order_tokens, token_orders, tokens};

/// An order to be written down.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = token_orders, treat_none_as_default_value = false)]
pub struct NewTokenOrder {
    /// The portal's slug.
    pub portal: String,
    /// For which contract.
    pub contract_id: ContractId,
    /// Who ordered, or for whom the form came in.
    pub user_id: UserId,
    /// How it came in.
    pub channel: OrderChannel,
    /// What is ordered.
    pub item: OrderItem,
    /// Why.
    pub reason: OrderReason,
    /// How many.
    pub quantity: i32,
    /// The fee without tax.
    pub net_yen: Yen,
    /// The tax.
    pub tax_yen: Yen,
    /// 代表口座, where there is a fee.
    pub account_id: Option<AccountId>,
    /// 申込書番号.
    pub form_number: String,
    /// 受付番号.
    pub receipt_number: i32,
    /// How it stands.
    pub state: OrderState,
    /// 依頼.
    pub requested_at: UtcTime,
    /// 受付.
    pub accepted_at: Option<UtcTime>,
    /// 引落済.
    pub debited_at: Option<UtcTime>,
    /// 発送済.
    pub shipped_at: Option<UtcTime>,
    /// 受領.
    pub received_at: Option<UtcTime>,
    /// 取下げ.
    pub withdrawn_at: Option<UtcTime>,
}

/// An order with its contract.
#[derive(Debug, Clone)]
pub struct ListedOrder {
    /// The order.
    pub order: TokenOrder,
    /// The contract's number.
    pub contract_number: String,
    /// Its holder.
    pub contract_name: String,
}

type Row = (TokenOrder, String, String);

impl From<Row> for ListedOrder {
    fn from((order, contract_number, contract_name): Row) -> ListedOrder {
        ListedOrder { order, contract_number, contract_name }
    }
}

/// Which orders staff look for.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// In this state only.
    pub state: Option<OrderState>,
    /// Begin of the contract's number, or the number of the order's receipt.
    pub number: String,
    /// Older than this one.
    pub before: Option<TokenOrderId>,
}

/// Writes an order down.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, order: NewTokenOrder) -> Result<TokenOrderId, DbError> {
    Ok(diesel::insert_into(token_orders::table)
        .values(order)
        .returning(token_orders::id)
        .get_result(conn)?)
}

/// The contract's order with this id.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    id: TokenOrderId,
) -> Result<Option<TokenOrder>, DbError> {
    Ok(token_orders::table
        .find(id)
        .filter(token_orders::contract_id.eq(contract_id))
        .select(TokenOrder::as_select())
        .first(conn)
        .optional()?)
}

/// The portal's order with this id.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_portal(
    conn: &mut DbConn,
    portal: &str,
    id: TokenOrderId,
) -> Result<Option<ListedOrder>, DbError> {
    let row: Option<Row> = token_orders::table
        .inner_join(contracts::table)
        .filter(token_orders::id.eq(id))
        .filter(token_orders::portal.eq(portal))
        .select((TokenOrder::as_select(), contracts::number, contracts::name))
        .first(conn)
        .optional()?;
    Ok(row.map(ListedOrder::from))
}

/// Orders of a contract, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    before: Option<TokenOrderId>,
    limit: i64,
) -> Result<Vec<TokenOrder>, DbError> {
    let before = before.unwrap_or(TokenOrderId(i64::MAX));
    Ok(token_orders::table
        .filter(token_orders::contract_id.eq(contract_id))
        .filter(token_orders::id.lt(before))
        .select(TokenOrder::as_select())
        .order(token_orders::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// Orders of a portal, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    portal: &str,
    filter: &OrderFilter,
    limit: i64,
) -> Result<Vec<ListedOrder>, DbError> {
    let mut query = token_orders::table
        .inner_join(contracts::table)
        .filter(token_orders::portal.eq(portal))
        .filter(token_orders::id.lt(filter.before.unwrap_or(TokenOrderId(i64::MAX))))
        .select((TokenOrder::as_select(), contracts::number, contracts::name))
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(token_orders::state.eq(state));
    }
    if !filter.number.is_empty() {
        let begin = [filter.number.replace(['%', '_', '\\'], "").as_str(), "%"].concat();
        let receipt = filter.number.parse::<i32>().unwrap_or(-1);
        query = query
            .filter(contracts::number.like(begin).or(token_orders::receipt_number.eq(receipt)));
    }
    let rows: Vec<Row> = query.order(token_orders::id.desc()).limit(limit).load(conn)?;
    Ok(rows.into_iter().map(ListedOrder::from).collect())
}

/// How many orders of a portal stand in each state.
///
/// # Errors
/// Whatever the database says.
pub fn count_by_state(conn: &mut DbConn, portal: &str) -> Result<Vec<(OrderState, i64)>, DbError> {
    Ok(token_orders::table
        .filter(token_orders::portal.eq(portal))
        .group_by(token_orders::state)
        .select((token_orders::state, diesel::dsl::count_star()))
        .order(token_orders::state)
        .load(conn)?)
}

/// Whether the contract has ever had a token of this kind, or has one on order.
///
/// # Errors
/// Whatever the database says.
pub fn has_tokens(
    conn: &mut DbConn,
    contract_id: ContractId,
    kind: TokenKind,
) -> Result<bool, DbError> {
    let had: i64 = tokens::table
        .filter(tokens::contract_id.eq(contract_id))
        .filter(tokens::kind.eq(kind))
        .count()
        .get_result(conn)?;
    let ordered: Option<i64> = token_orders::table
        .filter(token_orders::contract_id.eq(contract_id))
        .filter(token_orders::item.eq(OrderItem::from(kind)))
        .filter(token_orders::state.ne(OrderState::Withdrawn))
        .select(sum(token_orders::quantity))
        .first(conn)?;
    Ok(had > 0 || ordered.unwrap_or(0) > 0)
}

/// Moves an order from one state to another; false if it does not stand there any more.
///
/// # Errors
/// Whatever the database says.
pub fn advance(
    conn: &mut DbConn,
    id: TokenOrderId,
    (from, to): (OrderState, OrderState),
    now: UtcTime,
) -> Result<bool, DbError> {
    use OrderState as S;
    let guarded = token_orders::table.find(id).filter(token_orders::state.eq(from));
    let state = token_orders::state.eq(to);
    let update = diesel::update(guarded);
    let moved = match (from, to) {
        (_, S::Accepted) => update.set((state, token_orders::accepted_at.eq(now))).execute(conn)?,
        (S::Requested, S::Debited) => {
            let both = (token_orders::accepted_at.eq(now), token_orders::debited_at.eq(now));
            update.set((state, both)).execute(conn)?
        }
        (_, S::Debited) => update.set((state, token_orders::debited_at.eq(now))).execute(conn)?,
        (_, S::Shipped) => update.set((state, token_orders::shipped_at.eq(now))).execute(conn)?,
        (_, S::Received) => update.set((state, token_orders::received_at.eq(now))).execute(conn)?,
        (_, S::Withdrawn) => {
            update.set((state, token_orders::withdrawn_at.eq(now))).execute(conn)?
        }
        (_, S::Requested) => 0,
    };
    Ok(moved == 1)
}

/// Keeps everybody else from an accepted order until the end of the transaction; false if it does
/// not stand at 受付 any more.
///
/// # Errors
/// Whatever the database says.
pub fn hold_accepted(conn: &mut DbConn, id: TokenOrderId) -> Result<bool, DbError> {
    let accepted =
        token_orders::table.find(id).filter(token_orders::state.eq(OrderState::Accepted));
    let held = diesel::update(accepted).set(token_orders::state.eq(OrderState::Accepted));
    Ok(held.execute(conn)? == 1)
}

/// Moves an accepted order to 引落済 with the entry that debited its fee; false if it does not stand
/// at 受付 any more.
///
/// # Errors
/// Whatever the database says.
pub fn set_debited(
    conn: &mut DbConn,
    id: TokenOrderId,
    entry_id: EntryId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let accepted =
        token_orders::table.find(id).filter(token_orders::state.eq(OrderState::Accepted));
    let set = (
        token_orders::state.eq(OrderState::Debited),
        token_orders::debited_at.eq(now),
        token_orders::entry_id.eq(entry_id),
    );
    Ok(diesel::update(accepted).set(set).execute(conn)? == 1)
}

/// Writes down that a token went out for an order.
///
/// # Errors
/// Whatever the database says, a token of another order too.
pub fn insert_token(
    conn: &mut DbConn,
    order_id: TokenOrderId,
    token_id: TokenId,
) -> Result<(), DbError> {
    diesel::insert_into(token_order_tokens::table)
        .values((
            token_order_tokens::order_id.eq(order_id),
            token_order_tokens::token_id.eq(token_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// The serials that went out for an order, in order.
///
/// # Errors
/// Whatever the database says.
pub fn list_serials(conn: &mut DbConn, id: TokenOrderId) -> Result<Vec<String>, DbError> {
    Ok(token_order_tokens::table
        .inner_join(tokens::table)
        .filter(token_order_tokens::order_id.eq(id))
        .select(tokens::serial)
        .order(tokens::serial)
        .limit(100)
        .load(conn)?)
}

/// Serials of tokens in stock that can go out, in order.
///
/// # Errors
/// Whatever the database says.
pub fn list_stock(
    conn: &mut DbConn,
    portal: &str,
    kind: TokenKind,
    now: UtcTime,
    limit: i64,
) -> Result<Vec<String>, DbError> {
    let lives = tokens::expires_at.is_null().or(tokens::expires_at.gt(now));
    Ok(tokens::table
        .filter(tokens::portal.eq(portal))
        .filter(tokens::state.eq(TokenState::Stock))
        .filter(tokens::kind.eq(kind))
        .filter(lives.assume_not_null())
        .select(tokens::serial)
        .order(tokens::serial)
        .limit(limit)
        .load(conn)?)
}
