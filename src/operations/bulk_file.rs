//! ファイル伝送: how bulk files come to be, are looked at, changed and handed in, and what becomes of
//! them until they are sent or nobody sends them in time. Each change of a file's state is one
//! guarded UPDATE, a line of its history and an audit line, in one transaction.
//!
//! A file is seen by whoever has any right for its kind, on accounts that are theirs; everybody
//! else is told that there is none.

pub mod approve;
mod batch;
mod change;
pub mod check;
pub mod copy;
pub mod csv;
pub mod delete;
pub mod edit;
pub mod expire;
pub mod external;
pub mod from_csv;
pub mod keep;
pub mod look;
pub mod make;
pub mod read;
pub mod return_to_maker;
pub mod review;
mod rewrite;
pub mod search;
pub mod send;
pub mod submit;
pub mod upload;
pub mod withdraw;

use crate::db::queries::bulk_lists::BulkFilter;
use crate::db::queries::{accounts, bulk_files, bulk_lists};
use crate::db::{DbConn, DbError, TransactionError};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::{
    BulkAct, BulkActor, BulkFile, BulkKind, BulkObstacle, BulkService, BulkState, BulkStep,
};
use crate::domain::ledger::Account;
use crate::domain::limit::LimitService;
use crate::domain::payment::{Counted, HoldBasis, LimitBasis, PaymentObstacle};
use crate::domain::right::{Rights, UserRight};
use crate::domain::user::User;
use crate::operations::payment::{PaymentAbort, count};
use crate::operations::{ActAbort, Ctx, audit, right};
use crate::primitives::ids::{AccountId, BulkFileId};
use crate::primitives::yen::Yen;
use crate::zengin::bulk;

pub use batch::{BulkActs, BulkLine, BulkOutcome, BulkReceipt};
pub use change::{BulkChange, ChangeOutcome};

/// The steps for which rights are given.
const STEPS: [BulkStep; 3] = [BulkStep::Make, BulkStep::Approve, BulkStep::Send];

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

    fn may(&self, account_id: AccountId, right: UserRight) -> bool {
        self.rights.allows_on(right, account_id)
    }

    /// The kinds that the user may send straight: it is agreed, and both rights are there.
    #[must_use]
    pub fn external_kinds(&self) -> Vec<BulkKind> {
        let mut kinds = self.kinds(BulkStep::Send);
        let is_agreed = |kind: &BulkKind| self.service(*kind).is_some_and(|of| of.external_send);
        kinds.retain(|kind| is_agreed(kind) && self.rights.allows(UserRight::ExternalSend));
        kinds
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
    STEPS.iter().any(|step| may(rights, file, *step))
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

/// A file as a page showed it: what is done is done to this content, handed in that time, or not at
/// all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFile {
    /// Which file.
    pub id: BulkFileId,
    /// Which time it was handed in.
    pub submission: i32,
    /// Its content.
    pub content_sha256: String,
}

impl SeenFile {
    /// The file as it stands.
    #[must_use]
    pub fn of(file: &BulkFile) -> SeenFile {
        let content_sha256 = file.content_sha256.clone();
        SeenFile { id: file.id, submission: file.submission, content_sha256 }
    }

    /// Whether the file is still what the page showed.
    #[must_use]
    pub fn is_same(&self, file: &BulkFile) -> bool {
        *self == SeenFile::of(file)
    }
}

/// How an act on one file ends early: it is rolled back.
#[derive(Debug, thiserror::Error)]
enum BulkAbort {
    /// It is not possible.
    #[error("the file's act is not done: {0}")]
    Obstacle(BulkObstacle),
    /// Somebody was faster, or the database.
    #[error(transparent)]
    Act(#[from] ActAbort),
}

impl From<BulkObstacle> for BulkAbort {
    fn from(obstacle: BulkObstacle) -> BulkAbort {
        BulkAbort::Obstacle(obstacle)
    }
}

impl From<DbError> for BulkAbort {
    fn from(error: DbError) -> BulkAbort {
        BulkAbort::Act(ActAbort::Db(error))
    }
}

impl TransactionError for BulkAbort {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            BulkAbort::Act(abort) => abort.as_db_error(),
            BulkAbort::Obstacle(_) => None,
        }
    }
}

/// What the user is to each of these files.
///
/// # Errors
/// Whatever the database says.
pub fn actors(
    conn: &mut DbConn,
    (user, rights): (&User, &Rights),
    services: &[BulkService],
    files: &[BulkFile],
) -> Result<Vec<BulkActor>, DbError> {
    let ids: Vec<BulkFileId> = files.iter().map(|file| file.id).collect();
    let made = bulk_lists::list_made_by(conn, &ids, user.id)?;
    let approved = bulk_lists::list_approved_by(conn, &ids, user.id)?;
    let actor = |file: &BulkFile| {
        let service = services.iter().find(|service| service.kind == file.kind);
        let has_approved = approved.contains(&(file.id, file.submission));
        actor_with((user, rights), service, file, (made.contains(&file.id), has_approved))
    };
    Ok(files.iter().map(actor).collect())
}

/// What the user is to this file, with what was agreed for its kind.
///
/// # Errors
/// Whatever the database says.
pub fn actor(
    conn: &mut DbConn,
    who: (&User, &Rights),
    service: Option<&BulkService>,
    file: &BulkFile,
) -> Result<BulkActor, DbError> {
    let has_made = bulk_files::is_maker(conn, file.id, who.0.id)?;
    let approved = bulk_lists::list_approved_by(conn, &[file.id], who.0.id)?;
    let has_approved = approved.contains(&(file.id, file.submission));
    Ok(actor_with(who, service, file, (has_made, has_approved)))
}

fn actor_with(
    (user, rights): (&User, &Rights),
    service: Option<&BulkService>,
    file: &BulkFile,
    (has_made, has_approved): (bool, bool),
) -> BulkActor {
    BulkActor {
        may_make: may(rights, file, BulkStep::Make),
        may_approve: may(rights, file, BulkStep::Approve),
        may_send: may(rights, file, BulkStep::Send),
        is_maker: file.maker_id == user.id || has_made,
        has_approved,
        maker_may_approve: service.is_some_and(|service| service.maker_may_approve),
    }
}

/// Whether a user with these rights may take this step with the file.
fn may(rights: &Rights, file: &BulkFile, step: BulkStep) -> bool {
    file.account_id.is_some_and(|id| rights.allows_on(file.kind.right(step), id))
}

/// The files that a user with these rights sees, however they stand.
#[must_use]
pub fn seen_by(rights: &Rights) -> BulkFilter {
    let any = |kind: &BulkKind| STEPS.iter().any(|step| rights.allows(kind.right(*step)));
    let kinds = BulkKind::ALL.iter().copied().filter(any).collect();
    BulkFilter { kinds, account_ids: rights.account_ids(), states: Vec::new(), maker: None }
}

/// The files with which such a user may take this step, where they stand so.
#[must_use]
pub fn open_to(rights: &Rights, step: BulkStep, state: BulkState) -> BulkFilter {
    let may = |kind: &BulkKind| rights.allows(kind.right(step));
    let kinds = BulkKind::ALL.iter().copied().filter(may).collect();
    BulkFilter { kinds, account_ids: rights.account_ids(), states: vec![state], maker: None }
}

/// What limits the files of this user: the contract's limits and the own ones. Whether a token is
/// needed is for the auth rules to say, so the limit of users without one does not hold here; a
/// hold lets little through on its days.
fn limit_basis(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<LimitBasis, DbError> {
    let contract = right::contract_limits(conn, ctx, user.contract_id)?;
    let own = right::of_user(conn, ctx, user)?.limits(&contract);
    let hold = HoldBasis::at(&ctx.profile.hold, (user.hold_from, user.hold_until), ctx.now);
    let user = Some((user.id, own));
    let (has_token, total_daily, company_daily) = (true, None, None);
    Ok(LimitBasis { contract, user, total_daily, has_token, hold, company_daily })
}

/// Most that this user may approve or send in one file.
///
/// # Errors
/// Whatever the database says.
pub fn own_most(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Option<Yen>, DbError> {
    let basis = limit_basis(conn, ctx, user)?;
    let own = basis.user.and_then(|(_, own)| own.get(&LimitService::Files).copied());
    Ok(own.map(|own| own.per_transaction))
}

/// Counts what a file sends for the limits of its day.
fn count_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    file: &BulkFile,
) -> Result<(), BulkAbort> {
    let Some(on_day) = file.value_date.filter(|_| file.kind.is_outgoing()) else { return Ok(()) };
    let basis = limit_basis(conn, ctx, user)?;
    let (service, amount) = (LimitService::Files, file.total_yen);
    let counted = Counted { service, amount, on_day, is_payee_known: true };
    match count::count_in_tx(conn, file.contract_id, &basis, &counted, false) {
        Ok(()) => Ok(()),
        Err(PaymentAbort::Obstacle(why)) => Err(limit_obstacle(why).into()),
        Err(PaymentAbort::Act(abort)) => Err(abort.into()),
    }
}

fn limit_obstacle(why: PaymentObstacle) -> BulkObstacle {
    match why {
        PaymentObstacle::PerTransaction => BulkObstacle::OwnLimit,
        PaymentObstacle::Daily => BulkObstacle::DayLimit,
        PaymentObstacle::HoldDaily | PaymentObstacle::HoldPayee => BulkObstacle::Hold,
        _ => BulkObstacle::OwnDayLimit,
    }
}

/// What a sent file counted for the limits of its day is free again: it was rejected.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn give_back_in_tx(conn: &mut DbConn, file: &BulkFile) -> Result<(), DbError> {
    let Some(on_day) = file.value_date.filter(|_| file.kind.is_outgoing()) else { return Ok(()) };
    let counted = (LimitService::Files, on_day, file.total_yen);
    count::give_back_of(conn, file.contract_id, counted, file.sender_id)
}

/// What was done to a file, for its history and the audit log.
struct Done<'a> {
    /// By whom; nobody: by the institution.
    user: Option<&'a User>,
    act: BulkAct,
    to: BulkState,
    /// The proof, by the name of its method.
    proof: &'a str,
    comment: &'a str,
}

/// The audit log's word for an act on a bulk file.
fn audited_as(act: BulkAct) -> &'static str {
    match act {
        BulkAct::Approve | BulkAct::ApproveLast => "bulk.approve",
        BulkAct::Return => "bulk.return",
        BulkAct::Withdraw => "bulk.withdraw",
        BulkAct::Send => "bulk.send",
        BulkAct::Delete => "bulk.delete",
        BulkAct::Expire => "bulk.expire",
        _ => "bulk.change",
    }
}

/// Writes the line of the history and the audit line.
fn note(conn: &mut DbConn, ctx: &Ctx, file: &BulkFile, done: &Done<'_>) -> Result<(), DbError> {
    let institution = ctx.profile.portal.institution.as_str();
    let event = bulk_files::NewBulkEvent {
        user_id: done.user.map(|user| user.id),
        actor_name: done.user.map_or(institution, |user| user.name.as_str()),
        act: done.act,
        state: done.to,
        proof: done.proof,
        comment: done.comment,
        content_sha256: &file.content_sha256,
    };
    bulk_files::insert_event(conn, file.id, &event, ctx.now)?;
    let name = audited_as(done.act);
    audit::write(conn, ctx, name, &object(file.id), AuditResult::Done, &audit_text(file, done.to))
}

fn object(id: BulkFileId) -> String {
    format!("bulk file {id}")
}

/// `general_transfer of 3 records, 10000 yen, on 2026-11-30, now approved, content 0123456789ab`.
fn audit_text(file: &BulkFile, to: BulkState) -> String {
    let content: String = file.content_sha256.chars().take(12).collect();
    let on = file.value_date.map_or_else(String::new, |day| day.to_string());
    format!(
        "{} of {} records, {} yen, on {on}, now {to}, content {content}",
        file.kind, file.item_count, file.total_yen.0
    )
}
