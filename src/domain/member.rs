//! A user of a company as lists of 利用者管理 show them.

use chrono::NaiveDateTime;

use crate::domain::permission::Target;
use crate::domain::token::{StoredTokenStatus, TokenState, UserTokenStatus};
use crate::domain::user::{Role, SetupState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{TokenId, UserId};

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
