//! The institution's staff: who may do what, and how they log in.

use chrono::NaiveDateTime;

use crate::domain::login::{EndReason, LoginTimes, SessionLimits};
use crate::domain::otp::OtpParameters;
use crate::domain::token::OtpAlgorithm;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::StaffId;
use crate::text_enum;

text_enum! {
    /// What a member of staff may do.
    StaffRole {
        /// 受付: makes.
        Clerk = "clerk",
        /// 承認: makes, and decides what others asked for.
        Checker = "checker",
        /// 監査: reads only.
        Auditor = "auditor",
    }
}

impl StaffRole {
    /// The word shown.
    pub fn label(self) -> &'static str {
        match self {
            StaffRole::Clerk => "受付",
            StaffRole::Checker => "承認",
            StaffRole::Auditor => "監査",
        }
    }

    /// Whether the role acts at all.
    pub fn may_make(self) -> bool {
        self != StaffRole::Auditor
    }

    /// Whether the role decides requests of others.
    pub fn may_decide(self) -> bool {
        self == StaffRole::Checker
    }
}

text_enum! {
    /// How far a login of staff has come.
    StaffStage {
        /// Id and password were right, the one-time password is still to come.
        OtpPending = "otp_pending",
        /// The first login: the authenticator is to be set up.
        Enrolment = "enrolment",
        /// Logged in.
        Complete = "complete",
    }
}

/// A row of `staff_members`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::staff_members)]
pub struct StaffMember {
    /// Row id.
    pub id: StaffId,
    /// The portal's slug.
    pub portal: String,
    /// Typed at login.
    pub staff_id: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: StaffRole,
    /// Argon2id.
    pub password_hash: String,
    /// Wrong passwords in a row.
    pub password_failures: i32,
    /// Wrong codes in a row.
    pub otp_failures: i32,
    /// Locked since.
    pub locked_at: Option<NaiveDateTime>,
    /// The authenticator's number.
    pub token_serial: Option<String>,
    /// Its sealed secret.
    pub secret_sealed: Option<Vec<u8>>,
    /// Which key opens it.
    pub sealing_key_id: Option<String>,
    /// Codes up to here are spent.
    pub last_accepted_step: Option<i64>,
    /// The last wrong code.
    pub last_failure_at: Option<NaiveDateTime>,
    /// Keyed digest of the code last typed.
    pub last_code_digest: Option<String>,
    /// When that was.
    pub last_code_at: Option<NaiveDateTime>,
    /// Since when the authenticator holds.
    pub enrolled_at: Option<NaiveDateTime>,
    /// Last complete login.
    pub last_login_at: Option<NaiveDateTime>,
}

impl StaffMember {
    /// What the secret is sealed for.
    pub fn sealing_context(portal: &str, staff_id: &str) -> String {
        format!("staff {portal} {staff_id}")
    }

    /// Locked, or about to be: the limit of either run is reached.
    pub fn is_locked(&self, password_failures_max: i32, otp_failures_max: i32) -> bool {
        self.locked_at.is_some()
            || self.password_failures >= password_failures_max
            || self.otp_failures >= otp_failures_max
    }
}

/// A row of `staff_logins`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::staff_logins)]
pub struct StaffLogin {
    /// Unguessable id.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Whose it is.
    pub member_id: StaffId,
    /// How far it has come.
    pub stage: StaffStage,
    /// Key of the form tokens of this login.
    pub csrf_secret: String,
    /// Begin.
    pub created_at: NaiveDateTime,
    /// Last use, stored at most once a minute.
    pub last_use_at: NaiveDateTime,
    /// End.
    pub ended_at: Option<NaiveDateTime>,
    /// Why.
    pub end_reason: Option<EndReason>,
}

impl StaffLogin {
    fn times(&self) -> LoginTimes {
        LoginTimes {
            created_at: self.created_at,
            last_use_at: self.last_use_at,
            ended_at: self.ended_at,
            end_reason: self.end_reason,
        }
    }

    /// Why the login is over at `now`, if it is.
    pub fn end_at(&self, now: UtcTime, limits: SessionLimits) -> Option<EndReason> {
        self.times().end_at(now, limits)
    }

    /// Whether the last use is old enough to be stored again.
    pub fn should_store_use(&self, now: UtcTime) -> bool {
        self.times().should_store_use(now)
    }
}

/// What every RFC 6238 app can: six digits, 30 s, SHA-1.
pub const STAFF_OTP: OtpParameters =
    OtpParameters { algorithm: OtpAlgorithm::Sha1, digits: 6, period_seconds: 30 };
/// Steps on either side of the present one.
pub const STAFF_OTP_WINDOW: i64 = 1;
/// Bytes of the secret: as long as the hash.
pub const STAFF_SECRET_BYTES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_reads_and_only_a_checker_decides() {
        let table: Vec<_> = StaffRole::ALL.iter().map(|r| (r.may_make(), r.may_decide())).collect();
        assert_eq!(table, [(true, false), (true, true), (false, false)]);
    }
}
