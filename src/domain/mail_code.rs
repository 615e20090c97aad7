//! Six-digit codes sent by mail: to verify the address (BLG095, BCI002), to confirm an issue
//! (BOT002). How long and how often is said by the profile's `mail_code`.

use chrono::{NaiveDateTime, TimeDelta};

use crate::domain::portal::MailCodePolicy;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;
use crate::text_enum;

text_enum! {
    /// What a code is for; one opens nothing else.
    MailCodePurpose {
        /// Verifies the address at the first login (BLG095).
        FirstSetup = "first_setup",
        /// メール通知パスワード of an issue (BOT002).
        TokenIssue = "token_issue",
        /// Verifies a new address (BCI002), to which it is sent.
        MailAddress = "mail_address",
    }
}

/// Sendings are counted over this time, also those of codes that were replaced meanwhile.
pub const SENDINGS_COUNTED_FOR: TimeDelta = TimeDelta::days(1);

/// The same for codes of an issue, which are used more than once in a life.
pub const ISSUE_SENDINGS_COUNTED_FOR: TimeDelta = TimeDelta::hours(1);

/// A user whose address is used up may go on with others, but not with more than so many in that
/// time: the portal would write to strangers.
pub const ADDRESSES_MAX: i32 = 5;

impl MailCodePurpose {
    /// How long a sending counts.
    #[must_use]
    pub fn sendings_counted_for(self) -> TimeDelta {
        match self {
            Self::FirstSetup | Self::MailAddress => SENDINGS_COUNTED_FOR,
            Self::TokenIssue => ISSUE_SENDINGS_COUNTED_FOR,
        }
    }

    /// The portal's rules for it, from what the profile says.
    #[must_use]
    pub fn policy(self, policy: MailCodePolicy) -> MailCodePolicy {
        match self {
            Self::FirstSetup | Self::MailAddress => policy,
            Self::TokenIssue => policy.of_act(),
        }
    }
}

/// A row of `mail_codes`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::mail_codes)]
pub struct MailCode {
    /// Row id.
    pub id: i64,
    /// Whose address.
    pub user_id: UserId,
    /// The address that was written to.
    pub address: String,
    /// Keyed digest of the code.
    pub code_digest: String,
    /// Tries so far.
    pub tries: i32,
    /// Sendings so far.
    pub sendings: i32,
    /// 送信日時.
    pub sent_at: NaiveDateTime,
    /// End.
    pub expires_at: NaiveDateTime,
    /// Used, replaced or given up.
    pub closed_at: Option<NaiveDateTime>,
    /// What it is for.
    pub purpose: MailCodePurpose,
}

impl MailCode {
    /// Whether it can still be typed in, with so many wrong tries at most.
    pub fn is_usable_at(&self, failures_max: i32, now: UtcTime) -> bool {
        self.closed_at.is_none() && now < self.expires_at && self.tries < failures_max
    }
}
