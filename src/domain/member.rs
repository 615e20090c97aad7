//! A user of a company as lists of 利用者管理 show them.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::domain::permission::Target;
use crate::domain::permission::users::UserTarget;
use crate::domain::right::Grant;
use crate::domain::token::{StoredTokenStatus, TokenState, UserTokenStatus};
use crate::domain::user::{Role, SetupState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, TokenId, UserId};
use crate::text_enum;

text_enum! {
    /// How a user stands, as lists show and filter it.
    MemberState {
        /// Can log in.
        Active = "active",
        /// Has the initial password still.
        Initial = "initial",
        /// Too many wrong passwords.
        Locked = "locked",
        /// 利用停止中.
        Paused = "paused",
    }
}

impl MemberState {
    /// The words that administrators see.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "利用中",
            Self::Initial => "初回設定前",
            Self::Locked => "パスワード停止中",
            Self::Paused => "利用停止中",
        }
    }
}

/// One line of a list of a contract's users; no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct Member {
    /// Row id.
    pub id: UserId,
    /// ログインID.
    pub login_id: String,
    /// 利用者名.
    pub name: String,
    /// 利用者区分.
    pub role: Role,
    /// First setup.
    pub setup_state: SetupState,
    /// 利用停止 since.
    pub paused_at: Option<NaiveDateTime>,
    /// ワンタイムパスワード状態 as stored.
    pub token_status: StoredTokenStatus,
    /// The token.
    pub token_id: Option<TokenId>,
    /// Its シリアル番号.
    pub serial: Option<String>,
    /// Where it stands.
    pub token_state: Option<TokenState>,
    /// トークン有効期限.
    pub expires_at: Option<NaiveDateTime>,
    /// Suspended since.
    pub suspended_at: Option<NaiveDateTime>,
    /// Wrong codes in a row.
    pub failures: Option<i32>,
    /// The contract.
    pub contract_id: ContractId,
    /// Verified address.
    pub mail_address: Option<String>,
    /// Login locked since.
    pub login_locked_at: Option<NaiveDateTime>,
    /// Confirming secret locked since.
    pub confirm_locked_at: Option<NaiveDateTime>,
    /// Count of changes by administrators.
    pub version: i64,
    /// When the token was revoked, of a revoked user.
    pub revoked_at: Option<NaiveDateTime>,
}

impl Member {
    /// ワンタイムパスワード状態.
    #[must_use]
    pub fn status_at(&self, now: UtcTime) -> UserTokenStatus {
        UserTokenStatus::at(self.token_status, self.expires_at, now)
    }

    /// ワンタイムパスワード認証状態: 停止中 or not.
    #[must_use]
    pub fn is_suspended(&self, failures_max: i32) -> bool {
        self.suspended_at.is_some()
            || self.failures.is_some_and(|failures| failures >= failures_max)
    }

    /// How the user stands.
    #[must_use]
    pub fn state(&self) -> MemberState {
        if self.paused_at.is_some() {
            MemberState::Paused
        } else if self.login_locked_at.is_some() || self.confirm_locked_at.is_some() {
            MemberState::Locked
        } else if self.setup_state == SetupState::Initial {
            MemberState::Initial
        } else {
            MemberState::Active
        }
    }

    /// What the rules about users look at; `master_count` of the contract can log in.
    #[must_use]
    pub fn user_target(&self, master_count: i64) -> UserTarget {
        let is_paused = self.paused_at.is_some();
        UserTarget {
            id: self.id,
            contract_id: self.contract_id,
            role: self.role,
            is_paused,
            is_last_master: self.role == Role::Master && !is_paused && master_count <= 1,
        }
    }

    /// What the rules look at.
    #[must_use]
    pub fn target(&self, failures_max: i32, now: UtcTime) -> Target {
        Target {
            id: self.id,
            token_id: self.token_id,
            status: self.status_at(now),
            is_suspended: self.is_suspended(failures_max),
        }
    }
}

text_enum! {
    /// What a flow of 利用者情報の登録・変更・照会 does.
    MemberAct {
        /// 登録.
        Register = "register",
        /// 変更.
        Change = "change",
        /// 削除.
        Delete = "delete",
    }
}

text_enum! {
    /// How an initial password reaches its user.
    HandOver {
        /// On the result page, to be printed.
        Print = "print",
        /// By mail to the user's address.
        Mail = "mail",
    }
}

/// What was typed so far on BAU031 and BAU032, as the flow keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDraft {
    /// What it leads to.
    pub act: MemberAct,
    /// Whom it is about; nobody yet at a registration.
    pub user_id: Option<UserId>,
    /// The user's count of changes when the flow began.
    pub version: i64,
    /// ログインID.
    pub login_id: String,
    /// 利用者名.
    pub name: String,
    /// 利用者区分.
    pub role: Role,
    /// A new mail address, if one was typed.
    pub address: Option<String>,
    /// How the initial password is handed over, at a registration or where it is drawn anew.
    pub hand_over: HandOver,
    /// Whether a change draws new initial secrets as well.
    #[serde(default)]
    pub resets: bool,
    /// Rights, accounts, limits.
    pub grant: Grant,
}
