//! 振込・振替: the draft of a transfer, making one at once or for a later day, and its entries.

pub mod make;
pub mod post;

use crate::db::queries::{accounts, payees, payments};
use crate::db::{DbConn, DbError};
use crate::domain::ledger::Account;
use crate::domain::limit::LimitService;
use crate::domain::payee::Destination;
use crate::domain::payment::{Counted, Payment, PaymentKind, PaymentObstacle};
use crate::domain::right::{Rights, UserRight};
use crate::domain::transfer::{ALIKE_MINUTES, TransferDraft, TransferOrder};
use crate::domain::user::User;
use crate::operations::payment::{basis, count};
use crate::operations::{Ctx, right};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;

/// The account of this institution that a destination names, if it is open: one of any of these
/// portals, which are those with the institution's bank code.
///
/// # Errors
/// Whatever the database says.
pub fn find_own(
    conn: &mut DbConn,
    portals: &[String],
    to: &Destination,
) -> Result<Option<Account>, DbError> {
    let Some(own_type) = to.account_type.own() else { return Ok(None) };
    let number = (to.branch_code.as_str(), own_type, to.number.as_str());
    let found = accounts::find_by_number(conn, portals, number)?;
    Ok(found.filter(|account| account.closed_at.is_none()))
}

/// The contract's account from which this user may send, if it is open.
///
/// # Errors
/// Whatever the database says.
pub fn find_from(
    conn: &mut DbConn,
    user: &User,
    rights: &Rights,
    id: AccountId,
) -> Result<Option<Account>, DbError> {
    if !rights.allows_on(UserRight::Transfer, id) {
        return Ok(None);
    }
    let account = accounts::find_of_contract(conn, user.contract_id, id)?;
    Ok(account.filter(|account| account.closed_at.is_none()))
}

/// Notes at a registered payee that something was paid to it.
///
/// # Errors
/// Whatever the database says.
pub fn note_paid(conn: &mut DbConn, ctx: &Ctx, payment: &Payment) -> Result<(), DbError> {
    let Some(to) = Destination::of_payment(payment) else { return Ok(()) };
    let contract_id = payment.contract_id;
    if let Some(payee) = payees::find_by_account(conn, contract_id, &to.account())? {
        payees::update_paid(conn, contract_id, payee.id, ctx.now)?;
    }
    Ok(())
}

/// How a payment counts for the limits; nothing for what stays with the customer.
///
/// # Errors
/// Whatever the database says.
pub fn counted(
    conn: &mut DbConn,
    user: &User,
    draft: &TransferDraft,
    order: &TransferOrder,
) -> Result<Option<Counted>, DbError> {
    if draft.kind() == PaymentKind::OwnTransfer {
        return Ok(None);
    }
    let is_payee_known = payments::is_payee_known(conn, user.contract_id, &draft.to)?;
    Ok(Some(Counted {
        service: LimitService::Transfer,
        amount: order.amount,
        on_day: order.execute_on,
        is_payee_known,
    }))
}

/// What BTR004 tells before anything happens.
#[derive(Debug, Clone)]
pub struct Foreseen {
    /// 出金口座 as it stands.
    pub from: Account,
    /// What the account holds after amount and fee; below nothing where it cannot bear them.
    pub balance_after: Yen,
    /// What would keep it from going out.
    pub obstacle: Option<PaymentObstacle>,
    /// Whether the payee was paid before; yes for own accounts.
    pub is_payee_known: bool,
    /// How much could still go out that day by the limits, this one included.
    pub left: Option<Yen>,
    /// A transfer like it within the last minutes.
    pub alike: Option<Payment>,
    /// Whether this user may see the balance.
    pub is_balance_seen: bool,
    /// Most a day over all services, where there is such a limit (without a token).
    pub total_daily: Option<Yen>,
    /// The end of a hold.
    pub hold_until: Option<UtcTime>,
}

/// Looks at what would happen. Nothing where the account is not this user's any more.
///
/// # Errors
/// Whatever the database says.
pub fn foresee(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    draft: &TransferDraft,
    order: &TransferOrder,
) -> Result<Option<Foreseen>, DbError> {
    let rights = right::of_user(conn, ctx, user)?;
    let Some(from) = find_from(conn, user, &rights, draft.from)? else { return Ok(None) };
    let total = order.amount.0.saturating_add(order.fee_yen).saturating_add(order.tax_yen);
    let balance_after = Yen(from.balance.0.saturating_sub(total));
    let is_short = order.is_at_once && balance_after < from.floor;
    let basis = basis(conn, ctx, user, &rights)?;
    let counted = counted(conn, user, draft, order)?;
    let (obstacle, left) = match counted {
        None => (None, None),
        Some(counted) => match count::foresee(conn, user.contract_id, &basis, &counted)? {
            Ok(left) => (None, left),
            Err(obstacle) => (Some(obstacle), None),
        },
    };
    let funds = is_short.then_some(PaymentObstacle::Funds);
    Ok(Some(Foreseen {
        balance_after,
        obstacle: obstacle.or(funds),
        is_payee_known: counted.is_none_or(|counted| counted.is_payee_known),
        left,
        alike: find_alike(conn, ctx, user, draft, order)?,
        is_balance_seen: rights.allows_on(UserRight::Balance, from.id),
        total_daily: basis.total_daily,
        hold_until: basis.hold.map(|hold| hold.until),
        from,
    }))
}

/// A transfer like this one within the last minutes, if there is one.
///
/// # Errors
/// Whatever the database says.
pub fn find_alike(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    draft: &TransferDraft,
    order: &TransferOrder,
) -> Result<Option<Payment>, DbError> {
    let since = ctx.now - chrono::TimeDelta::minutes(ALIKE_MINUTES);
    let from = (user.contract_id, draft.from);
    payments::find_alike(conn, from, &draft.to, order.amount, since)
}
