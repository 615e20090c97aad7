//! ファイル伝送: how bulk files come to be, are looked at, changed and handed in.
//!
//! A file is seen by whoever has any right for its kind, on accounts that are theirs; everybody
//! else is told that there is none.

pub mod check;
pub mod copy;
pub mod edit;
mod keep;
pub mod make;
pub mod read;
mod rewrite;
pub mod submit;
pub mod upload;

use crate::db::queries::{accounts, bulk_files};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkActor, BulkFile, BulkKind, BulkService, BulkStep};
use crate::domain::ledger::Account;
use crate::domain::right::Rights;
use crate::domain::user::User;
use crate::operations::{Ctx, right};
use crate::primitives::ids::{AccountId, BulkFileId};
use crate::zengin::bulk;

/// The kind as the banks' formats have it.
#[must_use]
pub fn codec_kind(kind: BulkKind) -> bulk::BulkKind {
    match kind {
        BulkKind::GeneralTransfer => bulk::BulkKind::GeneralTransfer,
        BulkKind::Salary => bulk::BulkKind::Payroll,
        BulkKind::Bonus => bulk::BulkKind::Bonus,
        BulkKind::DirectDebit => bulk::BulkKind::DirectDebit,
    }
}

/// What a user can do with files: what was agreed with the contract, the open accounts, the rights.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Kind by kind.
    pub services: Vec<BulkService>,
    /// Of the contract.
    pub accounts: Vec<Account>,
    /// Of the user.
    pub rights: Rights,
}

impl Desk {
    /// Reads it; nothing is agreed where the portal has no files.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn of_user(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Desk, DbError> {
        let services = match ctx.profile.services.bulk_files {
            true => bulk_files::list_services(conn, user.contract_id)?,
            false => Vec::new(),
        };
        Ok(Desk {
            services,
            accounts: accounts::list_by_contract(conn, user.contract_id)?,
            rights: right::of_user(conn, ctx, user)?,
        })
    }

    /// What was agreed for this kind.
    #[must_use]
    pub fn service(&self, kind: BulkKind) -> Option<&BulkService> {
        self.services.iter().find(|service| service.kind == kind)
    }

    /// The accounts with which the user may do this step for files of this kind; none where it was
    /// not agreed.
    #[must_use]
    pub fn accounts(&self, kind: BulkKind, step: BulkStep) -> Vec<&Account> {
        let right = kind.right(step);
        let is_agreed = self.service(kind).is_some();
        let own = self.accounts.iter().filter(|account| is_agreed && self.may(account.id, right));
        own.collect()
    }

    fn may(&self, account_id: AccountId, right: crate::domain::right::UserRight) -> bool {
        self.rights.allows_on(right, account_id)
    }

    /// The kinds for which the user may do this step with some account.
    #[must_use]
    pub fn kinds(&self, step: BulkStep) -> Vec<BulkKind> {
        let all = BulkKind::ALL.iter().copied();
        all.filter(|kind| !self.accounts(*kind, step).is_empty()).collect()
    }
}

/// Whether a user with these rights sees the file.
#[must_use]
pub fn is_visible(rights: &Rights, file: &BulkFile) -> bool {
    let steps = [BulkStep::Make, BulkStep::Approve, BulkStep::Send];
    let is_of_account = |account_id| {
        steps.iter().any(|step| rights.allows_on(file.kind.right(*step), account_id))
    };
    file.account_id.is_some_and(is_of_account)
}

/// The file with this id, if the user sees it.
///
/// # Errors
/// Whatever the database says.
pub fn find_visible(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    id: BulkFileId,
) -> Result<Option<(BulkFile, Rights)>, DbError> {
    if !ctx.profile.services.bulk_files {
        return Ok(None);
    }
    let Some(file) = bulk_files::find_of_contract(conn, user.contract_id, id)? else {
        return Ok(None);
    };
    let rights = right::of_user(conn, ctx, user)?;
    Ok(is_visible(&rights, &file).then_some((file, rights)))
}

/// Who the user is, seen from the file; `has_approved` says whether they approved what is handed in.
///
/// # Errors
/// Whatever the database says.
pub fn actor(
    conn: &mut DbConn,
    (user, rights): (&User, &Rights),
    file: &BulkFile,
    has_approved: bool,
) -> Result<BulkActor, DbError> {
    let service = bulk_files::find_service(conn, file.contract_id, file.kind)?;
    let may = |step| {
        let right = file.kind.right(step);
        file.account_id.is_some_and(|account_id| rights.allows_on(right, account_id))
    };
    Ok(BulkActor {
        may_make: may(BulkStep::Make),
        may_approve: may(BulkStep::Approve),
        may_send: may(BulkStep::Send),
        is_maker: bulk_files::is_maker(conn, file.id, user.id)?,
        has_approved,
        maker_may_approve: service.is_some_and(|service| service.maker_may_approve),
    })
}
