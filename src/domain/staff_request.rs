//! What staff do for customers: which acts wait for a second person, how a request stands, and why
//! an act is not possible.

use chrono::NaiveDateTime;

use crate::primitives::ids::{StaffId, StaffRequestId, TokenId, UserId};
use crate::text_enum;

text_enum! {
    /// An act of staff, named as in the audit log.
    StaffAct {
        /// 利用停止解除.
        Release = "token.release",
        /// Login, confirming secret and picture card work again.
        Unlock = "user.unlock",
        /// A new initial password, by letter.
        ResetPassword = "user.reset_password",
        /// The first initial password of a user who was opened, by letter.
        IssuePassword = "user.issue_password",
        /// 解約: nobody of the contract logs in any more.
        CloseContract = "contract.close",
        /// The hold on transfers ends.
        LiftHold = "user.hold",
        /// 緊急停止の解除.
        LiftStop = "user.lift_stop",
        /// 失効, at once.
        Revoke = "token.revoke",
        /// 時刻補正.
        Resynchronise = "token.resynchronise",
        /// A token from stock goes to a contract.
        Ship = "token.ship",
        /// A key file becomes stock.
        Import = "token.import",
        /// The most a day by application.
        Limit = "limit.applied",
        /// Whether a contract requires client certificates.
        RequireCertificate = "certificate.require",
        /// 失効 of a client certificate.
        RevokeCertificate = "certificate.revoke",
        /// An application for tokens on paper is written down.
        OrderRecord = "order.record",
        /// 受付 of an order of tokens.
        OrderAccept = "order.accept",
        /// Its fee is debited.
        OrderDebit = "order.debit",
        /// Its tokens are shipped.
        OrderShip = "order.ship",
        /// 受領 of tokens that were ordered on paper.
        OrderReceive = "order.receive",
        /// 取消 of an order for which nothing is paid.
        OrderCancel = "order.cancel",
        /// A contract with its first user.
        OpenContract = "contract.open",
        /// One more account of a contract.
        AddAccount = "account.open",
        /// ワンタイムパスワード機能申込書 of a contract that has not applied yet.
        RecordApplication = "contract.otp_applied",
        /// One more master user of a contract.
        AddUser = "user.open",
        /// 登録番号 after a revocation.
        RegistrationNumber = "token.registration_number",
        /// 事前登録先の承認 by the customer's form.
        ApprovePayee = "payee.approve",
        /// What is agreed with a contract for a kind of bulk file.
        BulkService = "bulk.service",
        /// Of which accounts a contract gets daily files.
        ExternalAccounts = "external.accounts",
        /// A file is put out for a contract by hand.
        ExternalPut = "external.put_by_hand",
    }
}

impl StaffAct {
    /// Whether a second person has to approve it.
    pub fn needs_approval(self) -> bool {
        use StaffAct as A;
        match self {
            A::Release | A::Unlock | A::ResetPassword | A::LiftHold | A::LiftStop => true,
            A::IssuePassword | A::CloseContract => true,
            A::Revoke | A::Resynchronise | A::Ship | A::Import | A::Limit => false,
            A::RequireCertificate | A::RevokeCertificate => false,
            A::OrderRecord | A::OrderAccept | A::OrderDebit => false,
            A::OrderShip | A::OrderReceive | A::OrderCancel => false,
            A::OpenContract | A::AddAccount | A::AddUser | A::RegistrationNumber => false,
            A::ApprovePayee | A::BulkService => false,
            A::ExternalAccounts | A::ExternalPut => false,
            A::RecordApplication => false,
        }
    }

    /// Whether it draws an initial password, which is told by letter.
    pub fn draws_password(self) -> bool {
        matches!(self, StaffAct::ResetPassword | StaffAct::IssuePassword)
    }
}

text_enum! {
    /// How a request stands.
    RequestState {
        /// 承認待ち.
        Waiting = "waiting",
        /// Approved, and done in the same moment.
        Approved = "approved",
        /// Refused by the second person, or because its object had changed.
        Refused = "refused",
        /// Taken back by whoever made it.
        Withdrawn = "withdrawn",
        /// An act that needs nobody else.
        Done = "done",
    }
}

impl RequestState {
    /// The word shown.
    pub fn label(self) -> &'static str {
        match self {
            RequestState::Waiting => "承認待ち",
            RequestState::Approved => "承認済み",
            RequestState::Refused => "却下",
            RequestState::Withdrawn => "取下げ",
            RequestState::Done => "実行済み",
        }
    }
}

text_enum! {
    /// Why an act is not possible as things stand.
    Blocked {
        /// The user has no token.
        NoToken = "no token",
        /// Nothing is suspended.
        NotSuspended = "not suspended",
        /// Neither locked nor counted.
        NotLocked = "not locked",
        /// There is no hold.
        NoHold = "no hold",
        /// Nothing was stopped.
        NotStopped = "not stopped",
        /// The user's status does not allow it.
        WrongStatus = "wrong status",
        /// A token that is suspended has to be released first.
        Suspended = "suspended",
        /// Their own masters or administrators do that.
        NotByStaff = "not by staff",
        /// The portal has a contract of this number.
        NumberTaken = "number taken",
        /// Somebody has this login id, or had it.
        IdTaken = "login id taken",
        /// The account is somebody's already.
        AccountTaken = "account taken",
        /// The branch's number goes by another name.
        BranchNamed = "branch of another name",
        /// The contract is closed.
        Closed = "contract closed",
        /// The user has set passwords of their own.
        SetUp = "set up",
        /// Somebody who has the token stopped everything; that is lifted first.
        StopFirst = "emergency stop first",
        /// The portal has no such serial.
        NoSuchToken = "no such token",
        /// The portal has no such open contract.
        NoSuchContract = "no such contract",
        /// The token is not in stock.
        NotInStock = "not in stock",
        /// The user has no client certificate.
        NoCertificate = "no certificate",
        /// The token is of another kind than the one ordered, or has expired.
        WrongToken = "wrong token",
        /// 代表口座 does not hold the fee.
        Balance = "balance too low",
        /// The contract has no account that could be debited.
        NoAccount = "no account",
        /// Tokens are paid for and not shipped yet.
        PaidOrder = "paid order",
        /// It stands so already.
        Same = "no change",
        /// Somebody was faster.
        Changed = "changed meanwhile",
    }
}

/// A row of `staff_requests`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::staff_requests)]
pub struct StaffRequest {
    /// Row id.
    pub id: StaffRequestId,
    /// The portal's slug.
    pub portal: String,
    /// Which act.
    pub kind: StaffAct,
    /// On whom.
    pub user_id: Option<UserId>,
    /// On which token.
    pub token_id: Option<TokenId>,
    /// Form number or reason.
    pub note: String,
    /// What else the act needs.
    pub payload: String,
    /// Keyed digest of the form.
    pub payload_digest: String,
    /// Who made it.
    pub maker_id: StaffId,
    /// When.
    pub made_at: NaiveDateTime,
    /// How it stands.
    pub state: RequestState,
    /// Who decided.
    pub decider_id: Option<StaffId>,
    /// When.
    pub decided_at: Option<NaiveDateTime>,
    /// What came of it.
    pub result: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_starred_or_not_as_specified() {
        let starred: Vec<&str> =
            StaffAct::ALL.iter().filter(|a| a.needs_approval()).map(|a| a.as_str()).collect();
        let expected = [
            "token.release",
            "user.unlock",
            "user.reset_password",
            "user.issue_password",
            "contract.close",
            "user.hold",
            "user.lift_stop",
        ];
        assert_eq!(starred, expected);
    }
}
