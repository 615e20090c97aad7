//! ファイル伝送 (BFT screens): a bulk file from its draft to its result.
//!
//! [`decide`] is the whole life of a file: which act leads from which state to which, and for whom.
//! Everything that depends on rows (who made it, how many approvals there are, the deadline) is
//! given as facts; the guarded UPDATE of each act asks the same of the row itself.

pub mod content;
pub mod day;
pub mod fee;
pub mod obstacle;
pub mod outcome;
pub mod report;
pub mod row;

use crate::domain::portal::{Deadline, FilePolicy};
use crate::domain::right::UserRight;
use crate::text_enum;

pub use obstacle::{BulkObstacle, BulkRules};
pub use outcome::{BulkReason, RecordFailure};
pub use row::{BulkApproval, BulkEvent, BulkFailure, BulkFile, BulkResult, BulkService};

text_enum! {
    /// What kind of file.
    BulkKind {
        /// 総合振込.
        GeneralTransfer = "general_transfer",
        /// 給与振込.
        Salary = "salary",
        /// 賞与振込.
        Bonus = "bonus",
        /// 預金口座振替.
        DirectDebit = "direct_debit",
    }
}

impl BulkKind {
    /// The word shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::GeneralTransfer => "総合振込",
            Self::Salary => "給与振込",
            Self::Bonus => "賞与振込",
            Self::DirectDebit => "預金口座振替",
        }
    }

    /// The kind of a 種別コード; nothing for formats that no company sends.
    #[must_use]
    pub fn of_business_type(business_type: &str) -> Option<BulkKind> {
        match business_type {
            "21" => Some(Self::GeneralTransfer),
            "11" | "71" => Some(Self::Salary),
            "12" | "72" => Some(Self::Bonus),
            "91" => Some(Self::DirectDebit),
            _ => None,
        }
    }

    /// Until when a file of this kind must be sent.
    #[must_use]
    pub fn deadline(self, policy: &FilePolicy) -> Deadline {
        match self {
            Self::GeneralTransfer => policy.general_transfer,
            Self::Salary => policy.salary,
            Self::Bonus => policy.bonus,
            Self::DirectDebit => policy.direct_debit,
        }
    }

    /// Whether money leaves the company with it; a direct debit collects.
    #[must_use]
    pub fn is_outgoing(self) -> bool {
        self != Self::DirectDebit
    }

    /// The right that a user needs for a step of its life.
    #[must_use]
    pub fn right(self, step: BulkStep) -> UserRight {
        use {BulkStep as S, UserRight as R};
        match (self, step) {
            (Self::GeneralTransfer, S::Make) => R::BulkMakeTransfer,
            (Self::GeneralTransfer, S::Approve) => R::BulkApproveTransfer,
            (Self::GeneralTransfer, S::Send) => R::BulkSendTransfer,
            (Self::Salary | Self::Bonus, S::Make) => R::BulkMakePayroll,
            (Self::Salary | Self::Bonus, S::Approve) => R::BulkApprovePayroll,
            (Self::Salary | Self::Bonus, S::Send) => R::BulkSendPayroll,
            (Self::DirectDebit, S::Make) => R::BulkMakeDebit,
            (Self::DirectDebit, S::Approve) => R::BulkApproveDebit,
            (Self::DirectDebit, S::Send) => R::BulkSendDebit,
        }
    }
}

/// The three things that rights are given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkStep {
    /// 作成: making, changing, handing in.
    Make,
    /// 承認.
    Approve,
    /// 送信.
    Send,
}

text_enum! {
    /// How a file stands.
    BulkState {
        /// Its bytes are on their way; nobody sees it but whoever uploads.
        Uploading = "uploading",
        /// 作成中.
        Draft = "draft",
        /// 承認待ち.
        Waiting = "waiting",
        /// 差戻し by an approver: a draft again, with a comment.
        Returned = "returned",
        /// 引戻し by its maker or an approver: a draft again.
        Withdrawn = "withdrawn",
        /// 承認済み・送信待ち.
        Approved = "approved",
        /// 送信済み.
        Sent = "sent",
        /// 受付済み; nobody is credited yet.
        Accepted = "accepted",
        /// 処理済み.
        Done = "done",
        /// 一部不能.
        PartlyFailed = "partly_failed",
        /// 受付エラー.
        Rejected = "rejected",
        /// 期限切れ: its deadline passed before it was sent.
        Expired = "expired",
        /// Deleted by its maker; only its history is left.
        Deleted = "deleted",
    }
}

impl BulkState {
    /// The word shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Uploading => "アップロード中",
            Self::Draft => "作成中",
            Self::Waiting => "承認待ち",
            Self::Returned => "差戻し",
            Self::Withdrawn => "引戻し",
            Self::Approved => "承認済み・送信待ち",
            Self::Sent => "送信済み",
            Self::Accepted => "受付済み",
            Self::Done => "処理済み",
            Self::PartlyFailed => "一部不能",
            Self::Rejected => "受付エラー",
            Self::Expired => "期限切れ",
            Self::Deleted => "削除済み",
        }
    }

    /// Whether it can be changed and handed in.
    #[must_use]
    pub fn is_draft(self) -> bool {
        matches!(self, Self::Draft | Self::Returned | Self::Withdrawn)
    }

    /// Whether nothing will happen to it any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::PartlyFailed | Self::Rejected | Self::Deleted)
    }
}

text_enum! {
    /// How a file came.
    BulkOrigin {
        /// 新規作成 on the screen (BFT010).
        Screen = "screen",
        /// アップロード (BFT011).
        Upload = "upload",
        /// 過去データの利用 (BFT013).
        Copy = "copy",
        /// 外部ファイル送信 (BEF001): sent as it came.
        External = "external",
    }
}

impl BulkOrigin {
    /// The word that staff read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Screen => "画面入力",
            Self::Upload => "アップロード",
            Self::Copy => "過去データ",
            Self::External => "外部ファイル",
        }
    }
}

text_enum! {
    /// What is done to a file.
    BulkAct {
        /// It is there.
        Create = "create",
        /// Its content, name or date is changed: a draft again, whatever was approved.
        Edit = "edit",
        /// 承認依頼.
        Submit = "submit",
        /// 承認, not the last one that is needed.
        Approve = "approve",
        /// The last 承認 that is needed.
        ApproveLast = "approve_last",
        /// 差戻し.
        Return = "return",
        /// 引戻し.
        Withdraw = "withdraw",
        /// 送信.
        Send = "send",
        /// Its maker deletes it.
        Delete = "delete",
        /// The institution accepts what was sent.
        Accept = "accept",
        /// The institution cannot take it.
        Reject = "reject",
        /// The day came: every record is done.
        Execute = "execute",
        /// The day came: some records could not be done.
        ExecutePartly = "execute_partly",
        /// The deadline passed.
        Expire = "expire",
    }
}

impl BulkAct {
    /// The word of the history.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Create => "作成",
            Self::Edit => "変更",
            Self::Submit => "承認依頼",
            Self::Approve | Self::ApproveLast => "承認",
            Self::Return => "差戻し",
            Self::Withdraw => "引戻し",
            Self::Send => "送信",
            Self::Delete => "削除",
            Self::Accept => "受付",
            Self::Reject => "受付エラー",
            Self::Execute => "処理",
            Self::ExecutePartly => "処理（一部不能）",
            Self::Expire => "期限切れ",
        }
    }
}

/// Who does it, seen from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkActor {
    /// May make files of the kind on its account.
    pub may_make: bool,
    /// May approve them.
    pub may_approve: bool,
    /// May send them.
    pub may_send: bool,
    /// Began it or changed its content.
    pub is_maker: bool,
    /// Approved what was handed in now.
    pub has_approved: bool,
    /// The contract lets makers approve.
    pub maker_may_approve: bool,
}

impl BulkActor {
    /// The institution's own worker.
    pub const WORKER: Option<BulkActor> = None;
}

/// Why an act is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkRefusal {
    /// The user has not the right for it.
    NotAllowed,
    /// Maker and approver are different persons, and so are two approvers.
    OtherPerson,
    /// The file does not stand so that it could be.
    WrongState(BulkState),
}

/// The state after `act`, for a user (nobody: the institution's worker).
///
/// # Errors
/// Why it is not possible.
pub fn decide(
    state: BulkState,
    act: BulkAct,
    actor: Option<BulkActor>,
) -> Result<BulkState, BulkRefusal> {
    use {BulkAct as A, BulkState as S};
    may(act, state, actor)?;
    let is_unsent = state.is_draft() || matches!(state, S::Waiting | S::Approved | S::Expired);
    match (act, state) {
        (A::Create, S::Uploading) => Ok(S::Draft),
        (A::Edit, _) if is_unsent => Ok(S::Draft),
        (A::Submit, _) if state.is_draft() => Ok(S::Waiting),
        (A::Approve, S::Waiting) => Ok(S::Waiting),
        (A::ApproveLast, S::Waiting) => Ok(S::Approved),
        (A::Return, S::Waiting) => Ok(S::Returned),
        (A::Withdraw, S::Waiting | S::Approved) => Ok(S::Withdrawn),
        (A::Send, S::Approved) => Ok(S::Sent),
        (A::Delete, S::Expired) => Ok(S::Deleted),
        (A::Delete, _) if state.is_draft() => Ok(S::Deleted),
        (A::Accept, S::Sent) => Ok(S::Accepted),
        (A::Reject, S::Sent | S::Accepted) => Ok(S::Rejected),
        (A::Execute, S::Accepted) => Ok(S::Done),
        (A::ExecutePartly, S::Accepted) => Ok(S::PartlyFailed),
        (A::Expire, S::Waiting | S::Approved) => Ok(S::Expired),
        _ => Err(BulkRefusal::WrongState(state)),
    }
}

/// Whether this actor may do such a thing to a file that stands so.
fn may(act: BulkAct, state: BulkState, actor: Option<BulkActor>) -> Result<(), BulkRefusal> {
    use BulkAct as A;
    let is_workers =
        matches!(act, A::Accept | A::Reject | A::Execute | A::ExecutePartly | A::Expire);
    let Some(actor) = actor else {
        return if is_workers { Ok(()) } else { Err(BulkRefusal::NotAllowed) };
    };
    let is_right = match act {
        A::Create | A::Edit | A::Submit => actor.may_make,
        A::Delete => actor.may_make && actor.is_maker,
        A::Approve | A::ApproveLast | A::Return => actor.may_approve,
        // By its maker while it waits, by an approver until it is sent.
        A::Withdraw => {
            actor.may_approve || (actor.may_make && actor.is_maker && state == BulkState::Waiting)
        }
        A::Send => actor.may_send,
        A::Accept | A::Reject | A::Execute | A::ExecutePartly | A::Expire => false,
    };
    if !is_right {
        return Err(BulkRefusal::NotAllowed);
    }
    let is_approval = matches!(act, A::Approve | A::ApproveLast);
    let is_own = actor.is_maker && !actor.maker_may_approve;
    if is_approval && (is_own || actor.has_approved) {
        return Err(BulkRefusal::OtherPerson);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
