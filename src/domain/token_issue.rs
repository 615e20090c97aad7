//! Issued software tokens: from the issue (BOT003) over the set-up in the token app (TOK001) to the
//! start (BOT012).
//!
//! An issue ends when its token is started, when another issue replaces it, after too many wrong
//! activation passwords, or when the time for the set-up is over; the last two bring the user back
//! to the state before the issue.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::domain::token::StoredTokenStatus;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{TokenId, UserId};
use crate::text_enum;

text_enum! {
    /// Why an issue is over.
    IssueEnd {
        /// A newer issue took its place.
        Replaced = "replaced",
        /// Too many wrong activation passwords.
        Attempts = "attempts",
        /// Not set up in time.
        Expired = "expired",
        /// The token is in use.
        Started = "started",
        /// Revoked by staff.
        Revoked = "revoked",
    }
}

/// A row of `token_issues`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::token_issues)]
pub struct TokenIssue {
    /// Row id.
    pub id: i64,
    /// The portal's slug.
    pub portal: String,
    /// To whom.
    pub user_id: UserId,
    /// The credential.
    pub token_id: TokenId,
    /// ユーザID of the credential, typed in the app (12 digits by default).
    pub user_number: String,
    /// 携帯メールアドレス, to which the app's address was sent.
    pub mail_address: String,
    /// Argon2id of the activation password (利用開始パスワード).
    pub activation_hash: String,
    /// Wrong activation passwords so far.
    pub failures: i32,
    /// The user's status before the issue.
    pub previous_status: StoredTokenStatus,
    /// The user's token before the issue.
    pub previous_token_id: Option<TokenId>,
    /// When.
    pub issued_at: NaiveDateTime,
    /// Until when the app may be set up.
    pub expires_at: NaiveDateTime,
    /// When the app got the secret.
    pub set_up_at: Option<NaiveDateTime>,
    /// Hash of the app's public key: the same app may ask again when the answer was lost.
    pub set_up_key_digest: Option<String>,
    /// When it ended.
    pub ended_at: Option<NaiveDateTime>,
    /// Why.
    pub end_reason: Option<IssueEnd>,
}

impl TokenIssue {
    /// Whether the time for the set-up has passed without one; the worker ends such an issue.
    pub fn is_too_late_at(&self, now: UtcTime) -> bool {
        self.set_up_at.is_none() && self.expires_at <= now
    }
}

/// What BOT001 took and BOT002 shows: the flow's draft. The activation password is kept as its hash
/// only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IssueDraft {
    /// 携帯メールアドレス.
    pub mail_address: String,
    /// Argon2id of 利用開始パスワード; none while it is still to be typed.
    pub activation_hash: Option<String>,
    /// Keyed digest of the proven 登録番号, where one is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_digest: Option<String>,
}
