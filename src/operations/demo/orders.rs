//! Orders of tokens and cards in the demo, each in a state of its own. None of them has a debit
//! behind it: those past 引落済 are free, so that the ledger stays as the movements make it.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::people::{DemoContract, DemoOrder};
use crate::db::queries::demo::{DemoRows, OrderRow, OrderTokenRow};
use crate::db::queries::token_orders::NewTokenOrder;
use crate::domain::ledger::AccountType;
use crate::domain::portal::{Profile, TokenKind};
use crate::domain::token_order::{OrderChannel, OrderItem, OrderState, Wanted, fee};
use crate::operations::OperationError;
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::ids::{AccountId, ContractId, TokenId, TokenOrderId, UserId};
use crate::primitives::yen::Yen;

/// Of all days before the one of loading, so that no receipt of today has it.
const FIRST_RECEIPT_NUMBER: i32 = 3_001;

/// What an order belongs to.
pub(super) struct Holder<'a> {
    /// The contract.
    pub id: ContractId,
    /// Who orders.
    pub user_id: UserId,
    /// In the order of the contract's list.
    pub accounts: &'a [AccountId],
    /// By serial.
    pub tokens: &'a BTreeMap<String, (TokenId, TokenKind)>,
}

/// The orders of a contract.
///
/// # Errors
/// Mistakes in the shipped data.
pub(super) fn fill(
    rows: &mut DemoRows,
    profile: &Profile,
    contract: &DemoContract,
    holder: &Holder<'_>,
    now: UtcTime,
) -> Result<(), OperationError> {
    for order in &contract.orders {
        let place = rows.token_orders.len();
        let id = TokenOrderId(i64::try_from(place).unwrap_or(i64::MAX - 1) + 1);
        let number = FIRST_RECEIPT_NUMBER + i32::try_from(place).unwrap_or(0);
        let order_row = row(profile, contract, holder, (order, number), now)?;
        rows.token_orders.push(OrderRow { id, order: order_row });
        for serial in &order.tokens {
            let missing = OperationError::Corrupt("an order of the demo has an unknown token");
            let (token_id, _) = holder.tokens.get(serial).copied().ok_or(missing)?;
            rows.order_tokens.push(OrderTokenRow { order_id: id, token_id });
        }
    }
    Ok(())
}

fn row(
    profile: &Profile,
    contract: &DemoContract,
    holder: &Holder<'_>,
    (order, receipt_number): (&DemoOrder, i32),
    now: UtcTime,
) -> Result<NewTokenOrder, OperationError> {
    use OrderState as S;
    let requested_at = now - TimeDelta::days(order.days_ago);
    let after = |hours: i64, is_there: bool| {
        is_there.then(|| (requested_at + TimeDelta::hours(hours)).min(now))
    };
    let state = order.state;
    let has_tokens = !order.is_first;
    let item = order.item.unwrap_or(OrderItem::Hardware);
    let impossible = OperationError::Corrupt("an order of the demo cannot be placed");
    let wanted = Wanted::new(item, order.reason, order.quantity).ok_or(impossible)?;
    let cost = fee(&profile.fees, wanted, has_tokens, jst_day(requested_at));
    let is_free = cost.total_yen() == 0;
    if !is_free && matches!(state, S::Debited | S::Shipped | S::Received) {
        return Err(OperationError::Corrupt("an order of the demo has no debit"));
    }
    let is_paper = order.form_number.is_some();
    Ok(NewTokenOrder {
        portal: contract.portal.clone(),
        contract_id: holder.id,
        user_id: holder.user_id,
        channel: if is_paper { OrderChannel::Paper } else { OrderChannel::Portal },
        item,
        reason: order.reason,
        quantity: i32::try_from(order.quantity).unwrap_or(1),
        net_yen: Yen(cost.net_yen),
        tax_yen: Yen(cost.tax_yen),
        account_id: if is_free { None } else { representative(contract, holder.accounts) },
        form_number: order.form_number.clone().unwrap_or_default(),
        receipt_number,
        state,
        requested_at,
        accepted_at: after(
            if is_paper { 0 } else { 3 },
            !matches!(state, S::Requested | S::Withdrawn),
        ),
        debited_at: after(5, matches!(state, S::Debited | S::Shipped | S::Received)),
        shipped_at: after(28, matches!(state, S::Shipped | S::Received)),
        received_at: after(76, state == S::Received),
        withdrawn_at: after(1, state == S::Withdrawn),
    })
}

/// 代表口座 by the rule that orders follow.
fn representative(contract: &DemoContract, ids: &[AccountId]) -> Option<AccountId> {
    let accounts = contract.accounts.iter().zip(ids);
    let mut usual = accounts.filter(|(account, _)| account.account_type != AccountType::Savings);
    usual.next().map(|(_, id)| *id)
}
