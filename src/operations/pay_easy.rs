//! 税金・各種料金払込み (Pay-easy): a bill is looked up at its biller, paid, and the biller told.

pub mod look_up;
pub mod pay;
pub mod settle;
mod simulated;

pub use self::simulated::SimulatedBiller;
use crate::db::queries::{accounts, payments};
use crate::db::{DbConn, DbError};
use crate::domain::bill::{Bill, BillNumbers, BillPlace, BillRefusal, Biller, BillerFuture, Told};
use crate::domain::ledger::Account;
use crate::domain::limit::LimitService;
use crate::domain::payment::{Counted, PaymentObstacle};
use crate::domain::right::{Rights, UserRight};
use crate::domain::user::User;
use crate::operations::payment::{basis, count};
use crate::operations::{Ctx, right};
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;

/// There is nobody to ask: nothing can be paid.
#[derive(Debug, Clone, Copy)]
pub struct NoBiller;

impl Biller for NoBiller {
    fn look_up<'a>(
        &'a self,
        _: &'a BillNumbers,
        _: UtcTime,
    ) -> BillerFuture<'a, Result<Bill, BillRefusal>> {
        Box::pin(std::future::ready(Err(BillRefusal::Unavailable)))
    }

    fn claim<'a>(
        &'a self,
        _: &'a Bill,
        _: &'a str,
        _: UtcTime,
    ) -> BillerFuture<'a, Result<(), BillRefusal>> {
        Box::pin(std::future::ready(Err(BillRefusal::Unavailable)))
    }

    fn settle<'a>(&'a self, _: &'a BillPlace, _: &'a str, _: UtcTime) -> BillerFuture<'a, Told> {
        Box::pin(std::future::ready(Told::Unavailable))
    }

    fn release<'a>(&'a self, _: &'a BillPlace, _: &'a str) -> BillerFuture<'a, Told> {
        Box::pin(std::future::ready(Told::Unavailable))
    }
}

/// The contract's account from which this user may pay bills, if it is open.
///
/// # Errors
/// Whatever the database says.
pub fn find_from(
    conn: &mut DbConn,
    user: &User,
    rights: &Rights,
    id: AccountId,
) -> Result<Option<Account>, DbError> {
    if !rights.allows_on(UserRight::PayEasy, id) {
        return Ok(None);
    }
    let account = accounts::find_of_contract(conn, user.contract_id, id)?;
    Ok(account.filter(|account| account.closed_at.is_none()))
}

/// How a bill counts for the limits of today. A hold asks whether the biller was paid before,
/// because whoever can bill can also be paid by a thief.
///
/// # Errors
/// Whatever the database says.
pub fn counted(conn: &mut DbConn, ctx: &Ctx, user: &User, bill: &Bill) -> Result<Counted, DbError> {
    Ok(Counted {
        service: LimitService::PayEasy,
        amount: bill.total(),
        on_day: jst_day(ctx.now),
        is_payee_known: payments::is_biller_known(conn, user.contract_id, &bill.agency)?,
    })
}

/// What BPE003 tells before anything happens.
#[derive(Debug, Clone)]
pub struct Foreseen {
    /// 出金口座 as it stands.
    pub from: Account,
    /// What the account holds afterwards; below nothing where it cannot bear it.
    pub balance_after: Yen,
    /// What would keep it from going out.
    pub obstacle: Option<PaymentObstacle>,
    /// How much could still go out today by the limits, this one included.
    pub left: Option<Yen>,
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
    bill: &Bill,
    from: AccountId,
) -> Result<Option<Foreseen>, DbError> {
    let rights = right::of_user(conn, ctx, user)?;
    let Some(from) = find_from(conn, user, &rights, from)? else { return Ok(None) };
    let balance_after = Yen(from.balance.0.saturating_sub(bill.total().0));
    let basis = basis(conn, ctx, user, &rights)?;
    let counted = counted(conn, ctx, user, bill)?;
    let (obstacle, left) = match count::foresee(conn, user.contract_id, &basis, &counted)? {
        Ok(left) => (None, left),
        Err(obstacle) => (Some(obstacle), None),
    };
    let funds = (balance_after < from.floor).then_some(PaymentObstacle::Funds);
    Ok(Some(Foreseen {
        balance_after,
        obstacle: obstacle.or(funds),
        left,
        is_balance_seen: rights.allows_on(UserRight::Balance, from.id),
        total_daily: basis.total_daily,
        hold_until: basis.hold.map(|hold| hold.until),
        from,
    }))
}
