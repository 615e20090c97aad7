//! Client certificates (利用者電子証明書): how one stands, what its user may do about it, and with
//! which ones somebody logs in.
//!
//! A certificate holds for a year. It can be renewed from some days before its end, and after it.
//! The old one stays good until its end or until the new one is first used, whichever comes first:
//! a download that went wrong keeps nobody out. One that was never used can be drawn again.

use chrono::{NaiveDateTime, TimeDelta};

use crate::domain::portal::CertificatePolicy;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AuthorityId, CertificateId, UserId};
use crate::text_enum;

/// How long the proof of BCE002 holds: until then the file may be drawn.
pub const PERMIT_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// An authority signs for that long.
pub const AUTHORITY_LIFETIME: TimeDelta = TimeDelta::days(20 * 365);
/// The second reminder; the first comes when renewal begins.
const LAST_WARNING_DAYS: u32 = 10;

text_enum! {
    /// Why a certificate was revoked.
    CertificateRevocation {
        /// Another one took its place.
        Replaced = "replaced",
        /// By the contract's administrator.
        Administrator = "administrator",
        /// By staff in the console.
        Staff = "staff",
        /// By staff at the command line.
        Command = "command",
        /// The user was deleted.
        Deleted = "deleted",
    }
}

/// A row of `certificate_authorities`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::certificates::certificate_authorities)]
pub struct Authority {
    /// Row id.
    pub id: AuthorityId,
    /// The portal's slug.
    pub portal: String,
    /// Common name.
    pub name: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// Its key, sealed.
    pub key_sealed: Vec<u8>,
    /// By which key.
    pub sealing_key_id: String,
    /// Made.
    pub created_at: NaiveDateTime,
    /// End.
    pub expires_at: NaiveDateTime,
    /// Issues nothing since.
    pub retired_at: Option<NaiveDateTime>,
}

impl Authority {
    /// What the sealed key is bound to.
    #[must_use]
    pub fn sealing_context(portal: &str, name: &str) -> String {
        format!("certificate authority {portal} {name}")
    }
}

/// A row of `certificates`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::certificates::certificates)]
pub struct Certificate {
    /// Row id.
    pub id: CertificateId,
    /// The portal's slug.
    pub portal: String,
    /// Whose it is.
    pub user_id: UserId,
    /// 128 bits in hexadecimal.
    pub serial: String,
    /// SHA-256 of the whole.
    pub fingerprint: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// Which form drew it.
    pub form_digest: Option<String>,
    /// Begin.
    pub issued_at: NaiveDateTime,
    /// End.
    pub expires_at: NaiveDateTime,
    /// The first login with it.
    pub first_used_at: Option<NaiveDateTime>,
    /// Revoked since.
    pub revoked_at: Option<NaiveDateTime>,
    /// Why.
    pub revoke_reason: Option<CertificateRevocation>,
}

/// How a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateState {
    /// Drawn, and nobody has logged in with it yet.
    Unused,
    /// In use.
    Valid,
    /// In use, and near enough its end to be renewed.
    Renewable,
    /// Past its end.
    Expired,
    /// Revoked.
    Revoked,
}

impl CertificateState {
    /// The word shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            CertificateState::Unused => "取得済み（未使用）",
            CertificateState::Valid => "有効",
            CertificateState::Renewable => "更新できます",
            CertificateState::Expired => "期限切れ",
            CertificateState::Revoked => "失効",
        }
    }
}

impl Certificate {
    /// How it stands at `now`.
    #[must_use]
    pub fn state_at(&self, policy: CertificatePolicy, now: UtcTime) -> CertificateState {
        if self.revoked_at.is_some() {
            CertificateState::Revoked
        } else if now >= self.expires_at {
            CertificateState::Expired
        } else if self.first_used_at.is_none() {
            CertificateState::Unused
        } else if now >= self.renewable_from(policy) {
            CertificateState::Renewable
        } else {
            CertificateState::Valid
        }
    }

    /// From when it can be renewed.
    #[must_use]
    pub fn renewable_from(&self, policy: CertificatePolicy) -> UtcTime {
        self.expires_at - TimeDelta::days(i64::from(policy.renewal_days))
    }

    /// Whether somebody logged in with it before, and could again.
    fn is_in_use_at(&self, now: UtcTime) -> bool {
        self.revoked_at.is_none() && self.first_used_at.is_some() && now < self.expires_at
    }
}

/// How a login stands to certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The contract lets nobody in without one.
    pub is_required: bool,
    /// The login came with one.
    pub is_bound: bool,
}

impl Standing {
    /// Whether the login opens nothing but the way to a certificate.
    #[must_use]
    pub fn is_kept_out(self) -> bool {
        self.is_required && !self.is_bound
    }
}

/// What a user may do about the own certificate (BCE001).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// 取得: there is none.
    Get,
    /// 取得 again: the last one was never used, so the file may have got lost.
    GetAgain,
    /// 更新.
    Renew,
    /// 期限切れ後更新.
    RenewExpired,
    /// Not before this time.
    NotYet(UtcTime),
    /// There is one in use, and this login came without it.
    LogInWithIt,
    /// It has expired, and the portal does not renew expired ones.
    AskAdministrator,
}

impl Choice {
    /// Whether a certificate may be drawn.
    #[must_use]
    pub fn may_draw(self) -> bool {
        matches!(self, Choice::Get | Choice::GetAgain | Choice::Renew | Choice::RenewExpired)
    }

    /// Whether another one is renewed by it.
    #[must_use]
    pub fn is_renewal(self) -> bool {
        matches!(self, Choice::Renew | Choice::RenewExpired)
    }
}

/// What may be done now; `own` are the user's certificates that are not revoked, newest first.
#[must_use]
pub fn choice(
    policy: CertificatePolicy,
    own: &[Certificate],
    standing: Standing,
    now: UtcTime,
) -> Choice {
    if standing.is_kept_out() && own.iter().any(|one| one.is_in_use_at(now)) {
        return Choice::LogInWithIt;
    }
    let Some(newest) = own.first() else { return Choice::Get };
    match newest.state_at(policy, now) {
        CertificateState::Unused => Choice::GetAgain,
        CertificateState::Valid => Choice::NotYet(newest.renewable_from(policy)),
        CertificateState::Renewable => Choice::Renew,
        CertificateState::Expired if newest.first_used_at.is_none() => Choice::Get,
        CertificateState::Expired if policy.renewal_after_expiry => Choice::RenewExpired,
        CertificateState::Expired => Choice::AskAdministrator,
        CertificateState::Revoked => Choice::Get,
    }
}

/// Why a log-on is refused for its certificate, before the secret is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateRefusal {
    /// This portal never issued it.
    Unknown,
    /// It is somebody else's.
    NotYours,
    /// Revoked.
    Revoked,
    /// Past its end.
    Expired,
    /// None came, and the contract requires one. Told only after the right secret.
    Needed,
}

impl CertificateRefusal {
    /// As the audit log has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CertificateRefusal::Unknown => "not issued here",
            CertificateRefusal::NotYours => "somebody else's",
            CertificateRefusal::Revoked => "revoked",
            CertificateRefusal::Expired => "expired",
            CertificateRefusal::Needed => "needed",
        }
    }
}

/// Whether the user logs in with the certificate that came.
///
/// # Errors
/// Why not.
pub fn decide_log_in(
    certificate: Option<&Certificate>,
    user_id: Option<UserId>,
    now: UtcTime,
) -> Result<(), CertificateRefusal> {
    let certificate = certificate.ok_or(CertificateRefusal::Unknown)?;
    if user_id != Some(certificate.user_id) {
        return Err(CertificateRefusal::NotYours);
    }
    if certificate.revoked_at.is_some() {
        return Err(CertificateRefusal::Revoked);
    }
    if now >= certificate.expires_at {
        return Err(CertificateRefusal::Expired);
    }
    Ok(())
}

/// Days before the end at which the user is reminded, the longest first.
#[must_use]
pub fn warning_days(policy: CertificatePolicy) -> Vec<u32> {
    let mut days = vec![policy.renewal_days, LAST_WARNING_DAYS];
    days.retain(|days| *days <= policy.renewal_days);
    days.dedup();
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::clock::parse_rfc3339;

    const POLICY: CertificatePolicy =
        CertificatePolicy { valid_days: 365, renewal_days: 40, renewal_after_expiry: true };

    fn now() -> UtcTime {
        parse_rfc3339("2026-11-24T12:00:00+09:00").unwrap()
    }

    /// Ends in so many days; used before or not.
    fn certificate(ends_in_days: i64, is_used: bool) -> Certificate {
        let expires_at = now() + TimeDelta::days(ends_in_days);
        let issued_at = expires_at - TimeDelta::days(365);
        Certificate {
            id: CertificateId(1),
            portal: "x".to_owned(),
            user_id: UserId(7),
            serial: String::new(),
            fingerprint: String::new(),
            certificate: Vec::new(),
            form_digest: None,
            issued_at,
            expires_at,
            first_used_at: is_used.then_some(issued_at),
            revoked_at: None,
            revoke_reason: None,
        }
    }

    #[test]
    fn what_a_user_may_do_about_the_certificate() {
        let from = |days| Choice::NotYet(now() + TimeDelta::days(days));
        // Newest first: (ends in days, used); not required or bound; required and not bound.
        type Held = &'static [(i64, bool)];
        let table: [(Held, Choice, Choice); 10] = [
            (&[], Choice::Get, Choice::Get),
            (&[(300, false)], Choice::GetAgain, Choice::GetAgain),
            (&[(300, true)], from(260), Choice::LogInWithIt),
            (&[(41, true)], from(1), Choice::LogInWithIt),
            (&[(40, true)], Choice::Renew, Choice::LogInWithIt),
            (&[(365, false), (30, true)], Choice::GetAgain, Choice::LogInWithIt),
            (&[(365, false), (0, true)], Choice::GetAgain, Choice::GetAgain),
            (&[(0, true)], Choice::RenewExpired, Choice::RenewExpired),
            (&[(-900, true)], Choice::RenewExpired, Choice::RenewExpired),
            (&[(-1, false)], Choice::Get, Choice::Get),
        ];
        for (own, usual, kept_out) in table {
            let own: Vec<Certificate> = own.iter().map(|one| certificate(one.0, one.1)).collect();
            for is_required in [false, true] {
                for is_bound in [false, true] {
                    let standing = Standing { is_required, is_bound };
                    let expected = if is_required && !is_bound { kept_out } else { usual };
                    assert_eq!(choice(POLICY, &own, standing, now()), expected, "{own:?}");
                }
            }
        }
        let never = CertificatePolicy { renewal_after_expiry: false, ..POLICY };
        let standing = Standing { is_required: true, is_bound: false };
        let found = choice(never, &[certificate(-1, true)], standing, now());
        assert_eq!(found, Choice::AskAdministrator);
    }

    #[test]
    fn with_which_certificate_a_user_logs_in() {
        let own = Some(UserId(7));
        let decide =
            |certificate: &Certificate, user| decide_log_in(Some(certificate), user, now());
        assert_eq!(decide_log_in(None, own, now()), Err(CertificateRefusal::Unknown));
        let good = certificate(1, false);
        assert_eq!(decide(&good, own), Ok(()));
        for other in [None, Some(UserId(8))] {
            assert_eq!(decide(&good, other), Err(CertificateRefusal::NotYours));
        }
        let revoked = Certificate { revoked_at: Some(now()), ..good };
        assert_eq!(decide(&revoked, own), Err(CertificateRefusal::Revoked));
        assert_eq!(decide(&certificate(0, true), own), Err(CertificateRefusal::Expired));
    }

    #[test]
    fn reminders_come_when_renewal_begins_and_once_more() {
        assert_eq!(warning_days(POLICY), [40, 10]);
        assert_eq!(warning_days(CertificatePolicy { renewal_days: 7, ..POLICY }), [7]);
        assert_eq!(warning_days(CertificatePolicy { renewal_days: 10, ..POLICY }), [10]);
    }
}
