//! Tokens and the life cycle of a user's token.
//!
//! Two state machines stand beside each other. The *token* (a thing with a serial and a secret) is
//! in stock, shipped to a contract, in use or retired. The *user's status* says how the user stands
//! to one-time passwords at all: unregistered, issued, in use, revoked, expired. Suspension (too
//! many wrong codes) belongs to the token and therefore to every user of that serial.

use chrono::NaiveDateTime;

use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, TokenId};
use crate::text_enum;

text_enum! {
    /// Where a token's secret comes from.
    TokenKind {
        /// A device whose secret is in the maker's key file.
        Hardware = "hardware",
        /// A credential of the token app.
        App = "app",
        /// A program on a PC.
        Desktop = "desktop",
        /// A third-party authenticator's credential.
        VendorApp = "vendor_app",
    }
}

text_enum! {
    /// Where a token stands in its own life.
    TokenState {
        /// Imported, not handed to anybody.
        Stock = "stock",
        /// Handed to one contract (a vendor app's credential: open to whoever holds it).
        Shipped = "shipped",
        /// Registered by at least one user.
        InUse = "in_use",
        /// Exchanged away, lost or broken; never used again.
        Retired = "retired",
    }
}

text_enum! {
    /// The hash of RFC 6238 (HMAC-SHA-1, -256 or -512).
    OtpAlgorithm {
        /// HMAC-SHA-1, what most devices have.
        Sha1 = "sha1",
        /// HMAC-SHA-256.
        Sha256 = "sha256",
        /// HMAC-SHA-512.
        Sha512 = "sha512",
    }
}

text_enum! {
    /// ワンタイムパスワード状態 as stored; [`UserTokenStatus`] adds what the clock makes of it.
    StoredTokenStatus {
        /// 未登録.
        Unregistered = "unregistered",
        /// トークン発行済み.
        Issued = "issued",
        /// サービス利用中.
        InUse = "in_use",
        /// 失効中.
        Revoked = "revoked",
    }
}

text_enum! {
    /// ワンタイムパスワード状態, as lists and rules see it.
    UserTokenStatus {
        /// 未登録: no token.
        Unregistered = "unregistered",
        /// トークン発行済み: issued or shipped by name, not registered yet.
        Issued = "issued",
        /// サービス利用中.
        InUse = "in_use",
        /// 失効中.
        Revoked = "revoked",
        /// トークン有効期限切れ: in use, but past the token's expiry.
        Expired = "expired",
    }
}

impl Default for OtpAlgorithm {
    /// What RFC 6238 names first and devices have.
    fn default() -> Self {
        OtpAlgorithm::Sha1
    }
}

impl UserTokenStatus {
    /// The status at `now`: a token in use becomes expired by the clock alone.
    pub fn at(stored: StoredTokenStatus, expires_at: Option<UtcTime>, now: UtcTime) -> Self {
        match stored {
            StoredTokenStatus::Unregistered => UserTokenStatus::Unregistered,
            StoredTokenStatus::Issued => UserTokenStatus::Issued,
            StoredTokenStatus::Revoked => UserTokenStatus::Revoked,
            StoredTokenStatus::InUse if expires_at.is_some_and(|end| end <= now) => {
                UserTokenStatus::Expired
            }
            StoredTokenStatus::InUse => UserTokenStatus::InUse,
        }
    }

    /// The words that customers see.
    pub fn label(self) -> &'static str {
        match self {
            UserTokenStatus::Unregistered => "未登録",
            UserTokenStatus::Issued => "トークン発行済み",
            UserTokenStatus::InUse => "サービス利用中",
            UserTokenStatus::Revoked => "失効中",
            UserTokenStatus::Expired => "トークン有効期限切れ",
        }
    }
}

text_enum! {
    /// What can be done with a user's token.
    TokenAct {
        /// 発行: a credential is made for the user.
        Issue = "issue",
        /// 利用開始: the user proves possession and registers the token.
        Start = "start",
        /// 交換: a new token takes the old one's place.
        Exchange = "exchange",
        /// 利用中止.
        Stop = "stop",
        /// Too many wrong codes.
        Suspend = "suspend",
        /// 利用停止解除.
        Release = "release",
        /// 失効.
        Revoke = "revoke",
        /// 時刻補正.
        Resynchronise = "resynchronise",
    }
}

text_enum! {
    /// Who does it.
    TokenActor {
        /// The customer or corporate user whose token it is.
        Owner = "owner",
        /// An administrator or master user of the same contract.
        Administrator = "administrator",
        /// The institution's staff.
        Staff = "staff",
        /// The rules themselves (counters, clock).
        System = "system",
    }
}

/// Why an act on a user's token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActRefusal {
    /// The user's status does not allow it.
    WrongStatus(UserTokenStatus),
    /// The token is suspended; only release, revoke and exchange by others are left.
    Suspended,
    /// Nothing is suspended, so nothing can be released.
    NotSuspended,
    /// This actor never does that.
    NotAllowed,
    /// The user stopped everything (緊急停止); asked beside the life cycle itself.
    Stopped,
}

/// What an act makes of the user's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActOutcome {
    /// The status afterwards.
    pub status: UserTokenStatus,
    /// Whether the user's token is suspended afterwards.
    pub is_suspended: bool,
}

/// The whole life cycle: may `actor` do `act` in this status, and what comes of it?
///
/// A suspended user's token allows only release, revoke, and exchange by administrator or staff.
/// Nobody but the rules suspends; nobody releases without a suspension.
///
/// # Errors
/// [`ActRefusal`], actor before status before suspension.
pub fn decide(
    status: UserTokenStatus,
    is_suspended: bool,
    act: TokenAct,
    actor: TokenActor,
) -> Result<ActOutcome, ActRefusal> {
    use {TokenAct as A, UserTokenStatus as S};
    if !may_ever(act, actor) {
        return Err(ActRefusal::NotAllowed);
    }
    let next = match (act, status) {
        (A::Issue, S::Unregistered | S::Issued | S::Expired | S::Revoked) => S::Issued,
        (A::Start, S::Unregistered | S::Issued | S::Expired | S::Revoked) => S::InUse,
        (A::Exchange, S::InUse) => S::InUse,
        (A::Stop, S::InUse) => S::Unregistered,
        (A::Suspend | A::Resynchronise, S::InUse) => S::InUse,
        (A::Release, _) => status,
        (A::Revoke, S::Issued | S::InUse | S::Expired) => S::Revoked,
        _ => return Err(ActRefusal::WrongStatus(status)),
    };
    match (is_suspended, act) {
        (false, A::Release) => Err(ActRefusal::NotSuspended),
        (_, A::Release | A::Revoke) => Ok(ActOutcome { status: next, is_suspended: false }),
        (true, A::Exchange) if actor != TokenActor::Owner => {
            Ok(ActOutcome { status: next, is_suspended: false })
        }
        (true, _) => Err(ActRefusal::Suspended),
        (false, A::Suspend) => Ok(ActOutcome { status: next, is_suspended: true }),
        (false, _) => Ok(ActOutcome { status: next, is_suspended: false }),
    }
}

/// Which acts an actor has at all; the profile and the permissions may take more away.
fn may_ever(act: TokenAct, actor: TokenActor) -> bool {
    use {TokenAct as A, TokenActor as W};
    match act {
        A::Issue | A::Start | A::Stop | A::Exchange => actor != W::System,
        A::Suspend => actor == W::System,
        A::Release | A::Revoke => matches!(actor, W::Administrator | W::Staff),
        A::Resynchronise => actor == W::Staff,
    }
}

/// A token as the database keeps it; the secret stays sealed.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::tokens)]
pub struct Token {
    /// Row id.
    pub id: TokenId,
    /// The portal's slug.
    pub portal: String,
    /// シリアル番号, upper case.
    pub serial: String,
    /// Where its secret comes from.
    pub kind: TokenKind,
    /// Where it stands.
    pub state: TokenState,
    /// The contract it was shipped to.
    pub contract_id: Option<ContractId>,
    /// Hash of RFC 6238.
    pub algorithm: OtpAlgorithm,
    /// 6 or 8.
    pub digits: i32,
    /// 30 or 60.
    pub period_seconds: i32,
    /// Sealed secret; opened only to verify.
    pub secret_sealed: Vec<u8>,
    /// Which key opens it.
    pub sealing_key_id: String,
    /// How many steps the token's clock is ahead of ours, as learnt.
    pub drift_steps: i32,
    /// The drift at registration or the last resynchronisation, from which learning is bounded.
    pub drift_base_steps: i32,
    /// The newest step accepted; a later code must have a greater one.
    pub last_accepted_step: Option<i64>,
    /// Wrong codes in a row.
    pub failures: i32,
    /// When the last of them came.
    pub last_failure_at: Option<NaiveDateTime>,
    /// Keyed digest of the last code submitted.
    pub last_code_digest: Option<String>,
    /// When it was submitted.
    pub last_code_at: Option<NaiveDateTime>,
    /// Suspended since.
    pub suspended_at: Option<NaiveDateTime>,
    /// 有効期限.
    pub expires_at: Option<NaiveDateTime>,
    /// The maker's first moment of use; before it the token cannot be registered.
    pub valid_from: Option<NaiveDateTime>,
}

impl Token {
    /// Whether its maker lets it be used at `now`: begun and not expired.
    pub fn is_valid_at(&self, now: UtcTime) -> bool {
        self.valid_from.is_none_or(|start| start <= now)
            && self.expires_at.is_none_or(|end| end > now)
    }

    /// Whether it makes codes bound to an act: only the token app has a key for that.
    pub fn signs(&self) -> bool {
        self.kind == TokenKind::App
    }

    /// Suspended: marked so, or stopped between the last count and its outcome.
    pub fn is_suspended(&self, failures_max: i32) -> bool {
        self.suspended_at.is_some() || self.failures >= failures_max
    }

    /// What a sealed secret is bound to, so that it opens in no other row.
    pub fn sealing_context(portal: &str, serial: &str) -> String {
        format!("token secret {portal} {serial}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use {ActRefusal as R, TokenAct as A, TokenActor as W, UserTokenStatus as S};

    /// Every cell of status x suspended x act x actor, written down a second time in another shape:
    /// for each act who may do it, from which status, to which.
    #[test]
    fn every_cell_of_the_life_cycle_is_decided() {
        const EVERYONE: &[W] = &[W::Owner, W::Administrator, W::Staff];
        const OTHERS: &[W] = &[W::Administrator, W::Staff];
        const NOT_IN_USE: &[S] = &[S::Unregistered, S::Issued, S::Expired, S::Revoked];
        type Rule = (A, &'static [W], &'static [S], Option<S>);
        let rules: [Rule; 8] = [
            (A::Issue, EVERYONE, NOT_IN_USE, Some(S::Issued)),
            (A::Start, EVERYONE, NOT_IN_USE, Some(S::InUse)),
            (A::Exchange, EVERYONE, &[S::InUse], Some(S::InUse)),
            (A::Stop, EVERYONE, &[S::InUse], Some(S::Unregistered)),
            (A::Suspend, &[W::System], &[S::InUse], Some(S::InUse)),
            (A::Release, OTHERS, S::ALL, None),
            (A::Revoke, OTHERS, &[S::Issued, S::InUse, S::Expired], Some(S::Revoked)),
            (A::Resynchronise, &[W::Staff], &[S::InUse], Some(S::InUse)),
        ];
        assert_eq!(rules.len(), A::ALL.len());
        let mut cells = 0;
        for (act, actors, from, to) in rules {
            for &status in S::ALL {
                for is_suspended in [false, true] {
                    for &actor in W::ALL {
                        cells += 1;
                        let expected = if !actors.contains(&actor) {
                            Err(R::NotAllowed)
                        } else if !from.contains(&status) {
                            Err(R::WrongStatus(status))
                        } else if act == A::Release && !is_suspended {
                            Err(R::NotSuspended)
                        } else if is_suspended
                            && !(act == A::Release
                                || act == A::Revoke
                                || (act == A::Exchange && actor != W::Owner))
                        {
                            Err(R::Suspended)
                        } else {
                            Ok(ActOutcome {
                                status: to.unwrap_or(status),
                                is_suspended: act == A::Suspend,
                            })
                        };
                        let found = decide(status, is_suspended, act, actor);
                        assert_eq!(found, expected, "{status} {is_suspended} {act} {actor}");
                    }
                }
            }
        }
        assert_eq!(cells, 8 * 5 * 2 * 4);
    }

    #[test]
    fn a_token_expires_by_the_clock_alone() {
        let end = crate::primitives::clock::parse_rfc3339("2026-01-31T09:00:00+09:00").unwrap();
        let before = end - chrono::TimeDelta::microseconds(1);
        let status = |now| UserTokenStatus::at(StoredTokenStatus::InUse, Some(end), now);
        assert_eq!((status(before), status(end)), (S::InUse, S::Expired));
        assert_eq!(UserTokenStatus::at(StoredTokenStatus::InUse, None, end), S::InUse);
    }
}
