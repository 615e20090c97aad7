//! Token custody: what a company wants to know of each of its tokens.

use chrono::NaiveDateTime;

use crate::domain::token::TokenState;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::TokenId;

/// A token of a contract, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct KeptToken {
    /// Row id.
    pub id: TokenId,
    /// シリアル番号.
    pub serial: String,
    /// Where it stands.
    pub state: TokenState,
    /// 有効期限.
    pub expires_at: Option<NaiveDateTime>,
    /// Suspended since.
    pub suspended_at: Option<NaiveDateTime>,
    /// Wrong codes in a row.
    pub failures: i32,
    /// When a code of it was last accepted.
    pub last_used_at: Option<NaiveDateTime>,
    /// From whom.
    pub last_used_by: Option<String>,
}

/// How a token stands, in the order in which it matters to its company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Custody {
    /// 失効・終了: never again.
    Retired,
    /// 停止中.
    Suspended,
    /// 有効期限切れ.
    Expired,
    /// 利用中.
    InUse,
    /// 未登録: sent to the company, and nobody has registered it.
    Unregistered,
}

impl Custody {
    /// The words that users see.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Custody::Retired => "利用終了",
            Custody::Suspended => "停止中",
            Custody::Expired => "有効期限切れ",
            Custody::InUse => "利用中",
            Custody::Unregistered => "未登録",
        }
    }
}

impl KeptToken {
    /// How it stands at `now`.
    #[must_use]
    pub fn custody(&self, failures_max: i32, now: UtcTime) -> Custody {
        let is_suspended = self.suspended_at.is_some() || self.failures >= failures_max;
        let is_expired = self.expires_at.is_some_and(|end| end <= now);
        match self.state {
            TokenState::Retired => Custody::Retired,
            _ if is_suspended => Custody::Suspended,
            _ if is_expired => Custody::Expired,
            TokenState::InUse => Custody::InUse,
            TokenState::Stock | TokenState::Shipped => Custody::Unregistered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(state: TokenState) -> KeptToken {
        KeptToken {
            id: TokenId(1),
            serial: "12345678".to_owned(),
            state,
            expires_at: None,
            suspended_at: None,
            failures: 0,
            last_used_at: None,
            last_used_by: None,
        }
    }

    #[test]
    fn what_stops_a_token_is_told_before_what_it_is_for() {
        let now = NaiveDateTime::default();
        let of = |token: KeptToken| token.custody(5, now);
        assert_eq!(of(token(TokenState::Shipped)), Custody::Unregistered);
        assert_eq!(of(token(TokenState::InUse)), Custody::InUse);
        let used = token(TokenState::InUse);
        assert_eq!(of(KeptToken { failures: 5, ..used.clone() }), Custody::Suspended);
        assert_eq!(of(KeptToken { suspended_at: Some(now), ..used.clone() }), Custody::Suspended);
        assert_eq!(of(KeptToken { expires_at: Some(now), ..used.clone() }), Custody::Expired);
        let retired = KeptToken { suspended_at: Some(now), ..token(TokenState::Retired) };
        assert_eq!(of(retired), Custody::Retired);
    }
}
