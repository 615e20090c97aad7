//! Why an act on a bulk file is not done, as its user reads it.

use super::{BulkAct, BulkActor, BulkFile, BulkRefusal, BulkService, BulkState, decide};
use crate::primitives::clock::UtcTime;
use crate::primitives::yen::Yen;
use crate::text_enum;

text_enum! {
    /// Why an act on a bulk file is not done.
    BulkObstacle {
        /// Its content is not what the page showed, or it was handed in anew.
        Changed = "changed",
        /// It does not stand so that it could be.
        State = "state",
        /// The user has not the right.
        NotAllowed = "not_allowed",
        /// Maker and approver are different persons, and so are two approvers.
        OtherPerson = "other_person",
        /// The institution does not offer the kind to the contract.
        NotOffered = "not_offered",
        /// It can't be sent in time any more.
        Deadline = "deadline",
        /// The file is above what the contract may send in one.
        FileLimit = "file_limit",
        /// The file is above what the user may approve or send at once.
        OwnLimit = "own_limit",
        /// The contract's limit of the day.
        DayLimit = "day_limit",
        /// The user's own limit of the day.
        OwnDayLimit = "own_day_limit",
        /// A hold lets less through.
        Hold = "hold",
        /// The account is closed.
        Account = "account",
        /// Two people must approve a file of this sum, so it cannot be sent straight.
        TwoApprovals = "two_approvals",
    }
}

impl BulkObstacle {
    /// Why, and what to do next.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Changed => {
                "画面を開いたあとで内容が変わりました。今の内容を、もう一度お確かめください。"
            }
            Self::State => "ほかの方のお手続きで状態が変わりました。今の状態をお確かめください。",
            Self::NotAllowed => "この操作の権限がありません。ご契約先の管理者にお申し出ください。",
            Self::OtherPerson => {
                "作成した方や、すでに承認した方は承認できません。ほかの方にご依頼ください。"
            }
            Self::NotOffered => {
                "このサービスのお申し込みがありません。画面下のお問い合わせ先へお電話ください。"
            }
            Self::Deadline => "送信の締切を過ぎました。新しい指定日で作り直してください。",
            Self::FileLimit => {
                "1ファイルの上限額を超えています。差し戻して、ファイルを分けるようご依頼ください。"
            }
            Self::OwnLimit => {
                "あなたの1回あたりの限度額を超えています。限度額の大きい方にご依頼ください。"
            }
            Self::DayLimit => {
                "指定日のご契約の限度額を超えます。別の指定日にするか、限度額をご確認ください。"
            }
            Self::OwnDayLimit => {
                "指定日のあなたの限度額を超えます。限度額の大きい方にご依頼ください。"
            }
            Self::Hold => {
                "安全のため、お取引を制限しています。ほかの方にご依頼いただくか、制限が終わってからお手続きください。"
            }
            Self::TwoApprovals => {
                "2人の承認が必要な合計金額です。「アップロード」から取り込み、承認を依頼してください。"
            }
            Self::Account => "口座が解約されています。引き戻して、別の口座で作り直してください。",
        }
    }

    /// In a few words, for a line of a list.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Changed | Self::State => "状態が変更",
            Self::NotAllowed => "権限なし",
            Self::OtherPerson => "ほかの方が承認",
            Self::NotOffered => "お申し込みなし",
            Self::Deadline => "締切を経過",
            Self::FileLimit | Self::OwnLimit | Self::DayLimit | Self::OwnDayLimit => "限度額超過",
            Self::Hold => "取引を制限中",
            Self::Account => "口座解約",
            Self::TwoApprovals => "2人の承認が必要",
        }
    }
}

impl From<BulkRefusal> for BulkObstacle {
    fn from(refusal: BulkRefusal) -> BulkObstacle {
        match refusal {
            BulkRefusal::NotAllowed => BulkObstacle::NotAllowed,
            BulkRefusal::OtherPerson => BulkObstacle::OtherPerson,
            BulkRefusal::WrongState(BulkState::Expired) => BulkObstacle::Deadline,
            BulkRefusal::WrongState(_) => BulkObstacle::State,
        }
    }
}

/// What approving and sending look at beside the life of a file.
#[derive(Debug, Clone, Copy)]
pub struct BulkRules<'a> {
    /// What the institution agreed with the contract for the kind.
    pub service: Option<&'a BulkService>,
    /// Most that the user may approve or send at once.
    pub own_most: Option<Yen>,
    /// Now.
    pub now: UtcTime,
}

impl BulkRules<'_> {
    /// What an approval by this user would be, and where the file would stand then.
    ///
    /// # Errors
    /// Why there is none.
    pub fn approve(
        self,
        file: &BulkFile,
        actor: BulkActor,
    ) -> Result<(BulkAct, BulkState), BulkObstacle> {
        let is_last = file.approvals_given + 1 >= file.approvals_needed;
        let act = if is_last { BulkAct::ApproveLast } else { BulkAct::Approve };
        let to = decide(file.state, act, Some(actor))?;
        self.check(file)?;
        Ok((act, to))
    }

    /// Whether this user may send the file.
    ///
    /// # Errors
    /// Why not.
    pub fn send(self, file: &BulkFile, actor: BulkActor) -> Result<BulkState, BulkObstacle> {
        let to = decide(file.state, BulkAct::Send, Some(actor))?;
        self.check(file)?;
        Ok(to)
    }

    /// Whether this user may send a file straight, whose proof it waits for.
    ///
    /// Rule: the institution has agreed with the contract that files of the kind come approved by
    /// the company's own software (STF013), which stands for one approval. Where two people must
    /// approve, it does not.
    ///
    /// # Errors
    /// Why not.
    pub fn send_straight(self, file: &BulkFile, may_send: bool) -> Result<(), BulkObstacle> {
        if !may_send {
            return Err(BulkObstacle::NotAllowed);
        }
        let service = self.service.filter(|service| service.external_send);
        let service = service.ok_or(BulkObstacle::NotOffered)?;
        if service.approvals_needed(file.total_yen) > 1 {
            return Err(BulkObstacle::TwoApprovals);
        }
        self.check(file)
    }

    /// Agreement, deadline and limits, which hold for both.
    fn check(self, file: &BulkFile) -> Result<(), BulkObstacle> {
        let service = self.service.ok_or(BulkObstacle::NotOffered)?;
        if file.is_late_at(self.now) {
            return Err(BulkObstacle::Deadline);
        }
        if file.total_yen > service.file_limit_yen {
            return Err(BulkObstacle::FileLimit);
        }
        let is_own_above = self.own_most.is_some_and(|most| file.total_yen > most);
        if file.kind.is_outgoing() && is_own_above {
            return Err(BulkObstacle::OwnLimit);
        }
        Ok(())
    }
}
