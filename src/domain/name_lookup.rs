//! The look-up of an account holder's name (口座名義の照会): what can be asked, what can be answered.
//! Accounts of the own institution are looked up in the ledger's accounts; for others somebody
//! outside is asked, through [`NameLookup`].

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::domain::payee::AccountKey;
use crate::primitives::clock::UtcTime;

/// What came of a look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupAnswer {
    /// The holder, in half-width kana.
    Found(String),
    /// There is no such account.
    NotFound,
    /// The account is closed.
    AccountClosed,
    /// Nobody answers at this hour, or nothing came back in time: the name is typed.
    ServiceClosed,
    /// There is no such service here: the name is typed.
    NotOffered,
    /// Whoever asks has asked too often today (`transfers.name_lookups_daily`).
    TooMany,
}

impl LookupAnswer {
    /// As the audit log keeps it, without the name.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            LookupAnswer::Found(_) => "found",
            LookupAnswer::NotFound => "not found",
            LookupAnswer::AccountClosed => "account closed",
            LookupAnswer::ServiceClosed => "service closed",
            LookupAnswer::NotOffered => "not offered",
            LookupAnswer::TooMany => "too many today",
        }
    }
}

/// An answer that is on its way.
pub type LookupFuture<'a> = Pin<Box<dyn Future<Output = LookupAnswer> + Send + 'a>>;

/// Who knows the holders of accounts at other banks. An implementation answers within seconds, and
/// with [`LookupAnswer::ServiceClosed`] where it cannot.
pub trait NameLookup: Send + Sync {
    /// Whose account it is.
    fn look_up<'a>(&'a self, account: &'a AccountKey, now: UtcTime) -> LookupFuture<'a>;
}

impl fmt::Debug for dyn NameLookup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NameLookup")
    }
}
