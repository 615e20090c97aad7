//! What was paid and what is reserved: 予約一覧 (BTR030), 予約取消 (BTR031), the details of one
//! (BTR032), 取引履歴 (BTR040).

pub mod cancel;
pub mod detail;
pub mod history;
pub mod reservations;
pub mod words;

use crate::db::queries::payments::PaymentSight;
use crate::db::{DbConn, DbError};
use crate::domain::payment::{Payment, PaymentKind};
use crate::domain::right::{Rights, UserRight};
use crate::domain::user::User;
use crate::operations::{Ctx, right};
use crate::primitives::ids::AccountId;

/// BTR040's address below the portal.
pub const HISTORY: &str = "history";

/// What a user may see of payments.
#[derive(Debug, Clone)]
pub(in crate::web) struct Sight {
    rights: Rights,
}

impl Sight {
    /// The accounts whose payments this user sees; none: all of the contract.
    pub(in crate::web) fn of_payments(&self) -> Option<PaymentSight> {
        let transfers = self.account_ids()?;
        Some(PaymentSight { transfers, pay_easy: self.allowed(UserRight::PayEasy) })
    }

    /// The same for transfers alone.
    fn account_ids(&self) -> Option<Vec<AccountId>> {
        (!self.rights.is_full()).then(|| self.allowed(UserRight::Transfer))
    }

    fn allowed(&self, right: UserRight) -> Vec<AccountId> {
        // Those that were granted, and not those that are open: what was paid from an account stays
        // to be seen once it is closed.
        let granted = self.rights.account_ids().unwrap_or_default().into_iter();
        granted.filter(|id| self.rights.allows_on(right, *id)).collect()
    }

    /// Whether this user may pay in that way from the account, and so sees what was paid.
    fn sees(&self, payment: &Payment) -> bool {
        let right = match payment.kind {
            PaymentKind::PayEasy => UserRight::PayEasy,
            PaymentKind::Transfer | PaymentKind::OwnTransfer => UserRight::Transfer,
        };
        self.rights.allows_on(right, payment.account_id)
    }
}

/// What this user may see of payments.
///
/// # Errors
/// Whatever the database says.
pub(in crate::web) fn sight(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Sight, DbError> {
    Ok(Sight { rights: right::of_user(conn, ctx, user)? })
}
