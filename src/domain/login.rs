//! Logins: what a browser session is to the portal, and when it ends.

use chrono::{NaiveDateTime, TimeDelta};

use crate::domain::user::Channel;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{TokenId, UserId};
use crate::text_enum;

text_enum! {
    /// How far a login has come.
    LoginStage {
        /// Id and password were right, the one-time password is still to come (BLG010).
        OtpPending = "otp_pending",
        /// The first setup is running (BLG095).
        Setup = "setup",
        /// Logged in.
        Complete = "complete",
        /// Identified for one flow from the login page only (BOM screens).
        TokenFlow = "token_flow",
    }
}

text_enum! {
    /// Why a login ended.
    EndReason {
        /// ログアウト.
        Logout = "logout",
        /// Ten minutes without use.
        Idle = "idle",
        /// Eight hours.
        Absolute = "absolute",
        /// A later stage or a new login took its place.
        Replaced = "replaced",
        /// The token was suspended.
        Suspended = "suspended",
        /// The token it rests on was exchanged or stopped.
        TokenChanged = "token_changed",
        /// A password was changed on another device.
        SecretChanged = "secret_changed",
        /// Staff, or an administrator of the company, ended it.
        Staff = "staff",
        /// The flow it was for is done.
        Completed = "completed",
        /// Too many tries within it.
        Attempts = "attempts",
        /// Demo data were reloaded.
        Reset = "reset",
    }
}

/// A row of `logins`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::logins)]
pub struct Login {
    /// Unguessable id.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Whose it is.
    pub user_id: UserId,
    /// How far it has come.
    pub stage: LoginStage,
    /// The token it rests on.
    pub token_id: Option<TokenId>,
    /// Key of the form tokens of this login.
    pub csrf_secret: String,
    /// Channel.
    pub channel: Channel,
    /// The login before this one, as the top page shows it.
    pub previous_login_at: Option<NaiveDateTime>,
    /// Its channel.
    pub previous_login_channel: Option<Channel>,
    /// Failures between that one and this one.
    pub previous_failures: i32,
    /// Begin.
    pub created_at: NaiveDateTime,
    /// Last use, stored at most once a minute.
    pub last_use_at: NaiveDateTime,
    /// End.
    pub ended_at: Option<NaiveDateTime>,
    /// Why.
    pub end_reason: Option<EndReason>,
    /// The client certificate it came with; none of its pages opens without that.
    pub certificate_fingerprint: Option<String>,
}

/// How long logins live; profile data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Idle end.
    pub idle: TimeDelta,
    /// Absolute end.
    pub absolute: TimeDelta,
}

/// The last use is stored at most once in this time, so the idle end allows as much more.
pub const LAST_USE_GRAIN: TimeDelta = TimeDelta::seconds(60);

impl Login {
    /// Why the login is over at `now`, if it is.
    pub fn end_at(&self, now: UtcTime, limits: SessionLimits) -> Option<EndReason> {
        self.times().end_at(now, limits)
    }

    /// Whether the last use is old enough to be stored again.
    pub fn should_store_use(&self, now: UtcTime) -> bool {
        self.times().should_store_use(now)
    }

    fn times(&self) -> LoginTimes {
        LoginTimes {
            created_at: self.created_at,
            last_use_at: self.last_use_at,
            ended_at: self.ended_at,
            end_reason: self.end_reason,
        }
    }
}

/// What decides whether a login is over, a customer's or one of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginTimes {
    /// Begin.
    pub created_at: NaiveDateTime,
    /// Last use, stored at most once a minute.
    pub last_use_at: NaiveDateTime,
    /// End.
    pub ended_at: Option<NaiveDateTime>,
    /// Why.
    pub end_reason: Option<EndReason>,
}

impl LoginTimes {
    /// Why the login is over at `now`, if it is.
    pub fn end_at(&self, now: UtcTime, limits: SessionLimits) -> Option<EndReason> {
        if self.ended_at.is_some() {
            return Some(self.end_reason.unwrap_or(EndReason::Replaced));
        }
        if now >= self.created_at + limits.absolute {
            return Some(EndReason::Absolute);
        }
        (now >= self.last_use_at + limits.idle + LAST_USE_GRAIN).then_some(EndReason::Idle)
    }

    /// Whether the last use is old enough to be stored again.
    pub fn should_store_use(&self, now: UtcTime) -> bool {
        now >= self.last_use_at + LAST_USE_GRAIN
    }
}
