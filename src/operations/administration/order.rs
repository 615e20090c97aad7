//! トークン発行依頼 (BAU110 to BAU112): an administrator orders further tokens or a new customer card,
//! withdraws an order that staff have not accepted yet, and confirms that what was ordered came in.
//!
//! Rule: `token.order` of the auth rules. The fee by item, number and reason, and the account that
//! will be debited, have to be those that the administrator saw and agreed to.

use serde::{Deserialize, Serialize};

use crate::db::queries::{accounts, contracts, one_time_keys, token_orders, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::ledger::Account;
use crate::domain::mail::MailKind;
use crate::domain::permission::may_administer;
use crate::domain::portal::{Fee, Profile, TokenKind};
use crate::domain::token_order::{
    OrderAct, OrderActor, OrderChannel, OrderState, TokenOrder, Wanted, fee,
};
use crate::domain::user::User;
use crate::operations::administration::{MembersAct, MembersOutcome, prove_and_act};
use crate::operations::notice::order::tell_of_order;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard, receipt};
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::ids::{AccountId, ContractId, TokenOrderId};
use crate::primitives::yen::Yen;

/// The name of an order in receipts and in the audit log: that of its auth rule.
pub const NAME: &str = "token.order";

/// What an order would cost now, and who pays.
#[derive(Debug, Clone)]
pub struct Quote {
    /// Fee and tax.
    pub fee: Fee,
    /// Whether the contract's first token is among them.
    pub is_first: bool,
    /// 代表口座.
    pub account: Option<Account>,
}

/// What the administrator agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Fee and tax.
    pub total: Yen,
    /// The account to be debited.
    pub account_id: Option<AccountId>,
}

impl Quote {
    /// What somebody who sees it agrees to.
    #[must_use]
    pub fn agreed(&self) -> Agreed {
        let total = Yen(self.fee.total_yen());
        let account_id = self.account.as_ref().map(|account| account.id);
        Agreed { total, account_id: account_id.filter(|_| total != Yen(0)) }
    }
}

/// The kind of token that companies order.
#[must_use]
pub fn kind_of(profile: &Profile) -> TokenKind {
    let kinds = &profile.tokens.kinds;
    kinds.first().map_or(TokenKind::Hardware, |rules| rules.kind)
}

/// What `wanted` costs the contract on the day of `now`.
///
/// # Errors
/// Whatever the database says.
pub fn quote(
    conn: &mut DbConn,
    profile: &Profile,
    contract_id: ContractId,
    wanted: Wanted,
    now: UtcTime,
) -> Result<Quote, DbError> {
    let has_tokens = match wanted.item.kind() {
        Some(kind) => token_orders::has_tokens(conn, contract_id, kind)?,
        None => true,
    };
    Ok(Quote {
        fee: fee(&profile.fees, wanted, has_tokens, jst_day(now)),
        is_first: !has_tokens,
        account: accounts::find_representative(conn, contract_id)?,
    })
}

/// What the receipt of an order keeps.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OrderReceipt {
    #[serde(flatten)]
    wanted: Wanted,
    total_yen: i64,
}

/// Orders tokens, or a card.
///
/// Permission: administrators of the contract.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn place(
    services: &Services,
    ctx: &Ctx,
    input: MembersAct,
    (wanted, agreed): (Wanted, Agreed),
) -> Result<MembersOutcome, OperationError> {
    let form = input.clone();
    let act = move |conn: &mut DbConn, ctx: &Ctx| place_in_tx(conn, ctx, &form, wanted, agreed);
    prove_and_act(services, ctx, &input, act).await
}

fn place_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MembersAct,
    wanted: Wanted,
    agreed: Agreed,
) -> Result<String, ActAbort> {
    let actor = administrator(conn, ctx, input)?;
    let quote = quote(conn, &ctx.profile, actor.contract_id, wanted, ctx.now)?;
    guard(quote.agreed() == agreed)?;
    guard(agreed.total == Yen(0) || agreed.account_id.is_some())?;
    let Wanted { item, reason, quantity } = wanted;
    let details = OrderReceipt { wanted, total_yen: agreed.total.0 };
    let (_, receipt_number) = receipt::write_in_tx(conn, ctx, actor.id, NAME, &details)?;
    let new = token_orders::NewTokenOrder {
        portal: ctx.portal_slug().to_owned(),
        contract_id: actor.contract_id,
        user_id: actor.id,
        channel: OrderChannel::Portal,
        item,
        reason,
        quantity: i32::try_from(quantity).unwrap_or(i32::MAX),
        net_yen: Yen(quote.fee.net_yen),
        tax_yen: Yen(quote.fee.tax_yen),
        account_id: agreed.account_id,
        form_number: String::new(),
        receipt_number,
        state: OrderState::Requested,
        requested_at: ctx.now,
        accepted_at: None,
        debited_at: None,
        shipped_at: None,
        received_at: None,
        withdrawn_at: None,
    };
    let id = token_orders::insert(conn, new)?;
    let order = token_orders::find_of_contract(conn, actor.contract_id, id)?;
    let order = order.ok_or(ActAbort::Stale)?;
    tell_of_order(conn, ctx, &order, MailKind::OrderRequested, &[])?;
    let (object, details) = (format!("order {id}"), audit_text(&order));
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, &details)?;
    finish(conn, input, id)
}

/// Withdraws an order, or confirms its receipt.
///
/// Permission: administrators of the contract.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn settle(
    services: &Services,
    ctx: &Ctx,
    input: MembersAct,
    (id, act): (TokenOrderId, OrderAct),
) -> Result<MembersOutcome, OperationError> {
    let form = input.clone();
    let settle = move |conn: &mut DbConn, ctx: &Ctx| settle_in_tx(conn, ctx, &form, id, act);
    prove_and_act(services, ctx, &input, settle).await
}

fn settle_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MembersAct,
    id: TokenOrderId,
    act: OrderAct,
) -> Result<String, ActAbort> {
    let actor = administrator(conn, ctx, input)?;
    let order = token_orders::find_of_contract(conn, actor.contract_id, id)?;
    let order = order.ok_or(ActAbort::Stale)?;
    let decided = order.decide(act, OrderActor::Administrator);
    let to = decided.map_err(|_| ActAbort::Stale)?;
    guard(token_orders::advance(conn, id, (order.state, to), ctx.now)?)?;
    if act == OrderAct::Withdraw {
        tell_of_order(conn, ctx, &order, MailKind::OrderWithdrawn, &[])?;
    }
    let (object, details) = (format!("order {id}"), format!("{} to {to}", order.state));
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, &details)?;
    finish(conn, input, id)
}

/// The actor as of now, who still administers an open contract.
fn administrator(conn: &mut DbConn, ctx: &Ctx, input: &MembersAct) -> Result<User, ActAbort> {
    let actor = users::get(conn, input.actor.id)?;
    guard(may_administer(&ctx.profile, &actor) && ctx.profile.services.token_orders)?;
    guard(contracts::get(conn, actor.contract_id)?.closed_at.is_none())?;
    Ok(actor)
}

fn finish(conn: &mut DbConn, input: &MembersAct, id: TokenOrderId) -> Result<String, ActAbort> {
    let url = format!("{}/{id}", input.results_url);
    guard(one_time_keys::finish(conn, &input.key.key, &url)?)?;
    Ok(url)
}

/// `hardware further 2, 2000 and 200 yen`.
pub(in crate::operations) fn audit_text(order: &TokenOrder) -> String {
    let TokenOrder { item, reason, quantity, net_yen, tax_yen, .. } = order;
    format!("{item} {reason} {quantity}, {} and {} yen", net_yen.0, tax_yen.0)
}
