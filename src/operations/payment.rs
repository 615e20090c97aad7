//! Payments: how much may still go out, the entries of one, reservations that run on their day and
//! that are taken back.

pub mod cancel;
pub mod count;
pub mod post;
pub mod run;

use crate::db::queries::contracts;
use crate::db::{DbConn, DbError, TransactionError};
use crate::domain::payment::{HoldBasis, LimitBasis, Payment, PaymentObstacle};
use crate::domain::right::Rights;
use crate::domain::user::User;
use crate::operations::{ActAbort, Ctx, limit, right};
use crate::primitives::code::last_four;

/// How a payment inside a settled transaction ends early: it is rolled back.
#[derive(Debug, thiserror::Error)]
pub enum PaymentAbort {
    /// It may not go out, or cannot.
    #[error("the payment does not go out: {0}")]
    Obstacle(PaymentObstacle),
    /// Somebody was faster, or the database.
    #[error(transparent)]
    Act(#[from] ActAbort),
}

impl From<DbError> for PaymentAbort {
    fn from(error: DbError) -> PaymentAbort {
        PaymentAbort::Act(ActAbort::Db(error))
    }
}

impl TransactionError for PaymentAbort {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            PaymentAbort::Act(abort) => abort.as_db_error(),
            PaymentAbort::Obstacle(_) => None,
        }
    }
}

/// What decides how much this user may send now. In a company the limits without a token and under
/// a hold are the user's own; the others have theirs.
///
/// # Errors
/// Whatever the database says.
pub fn basis(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    rights: &Rights,
) -> Result<LimitBasis, DbError> {
    let standing = limit::standing(conn, ctx, user)?;
    let hold = HoldBasis::at(&ctx.profile.hold, (user.hold_from, user.hold_until), ctx.now);
    let (total_daily, has_token) = (standing.total_daily, standing.has_token);
    if !ctx.profile.is_corporate() {
        let (contract, company_daily) = (standing.effective, None);
        return Ok(LimitBasis {
            contract,
            user: None,
            total_daily,
            has_token,
            hold,
            company_daily,
        });
    }
    let contract = right::contract_limits(conn, ctx, user.contract_id)?;
    let company_daily = match total_daily.filter(|_| !has_token) {
        Some(most) => {
            let starts_at = contracts::get(conn, user.contract_id)?.otp_starts_at(&ctx.profile);
            starts_at.is_none_or(|start| start > ctx.now).then_some(most)
        }
        None => None,
    };
    let user = Some((user.id, rights.limits(&standing.effective)));
    Ok(LimitBasis { contract, user, total_daily, has_token, hold, company_daily })
}

/// An account as audit lines and mails name it: the last digits of its number.
#[must_use]
pub fn short_number(number: &str) -> String {
    format!("***{}", last_four(number))
}

/// `transfer of 10000 yen, fee 220, to 0984-001 ***4567 on 2026-11-24`.
#[must_use]
pub fn audit_text(payment: &Payment) -> String {
    let Payment { kind, bank_code, branch_code, .. } = payment;
    format!(
        "{kind} of {} yen, fee {}, from account {} to {bank_code}-{branch_code} {} on {}",
        payment.amount_yen.0,
        payment.fee().total_yen(),
        payment.account_id,
        short_number(&payment.number),
        payment.execute_on,
    )
}
