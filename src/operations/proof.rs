//! Proofs: one-time password, signed code, mailed code, confirming secret, picture card, and the
//! login secret where it is to be changed.
//!
//! All go the same way, so that any number of parallel guesses is never more than the limit:
//! the attempt is *claimed* by a guarded update that commits on its own, then the answer is
//! *compared*, then the outcome is *settled* in the transaction of the act it belongs to. A failed
//! proof stays counted although its act is refused.

pub mod act;
pub mod confirm;
pub mod login_secret;
pub mod mail;
pub(in crate::operations) mod once;
pub mod otp;
pub mod picture;
pub mod signed;

use crate::primitives::clock::UtcTime;

/// Why a proof failed; the page says so in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofRefusal {
    /// Wrong or used already: to the user both read alike. Tells the tries left once few are.
    OtpWrong {
        /// Tries left, when told.
        remaining: Option<u32>,
        /// From when the next try is looked at, where it has to wait.
        until: Option<UtcTime>,
    },
    /// Too soon after the last failure; not looked at, not counted.
    OtpWaiting {
        /// From when to try again.
        until: UtcTime,
    },
    /// The same digits again within a minute; not looked at, not counted.
    OtpRepeated,
    /// The code was signed for what is not to be done any more: too late, used, or for a page that
    /// was not up to date.
    SignedOld,
    /// The code was signed for something else than was sent: an alarm.
    SignedChanged,
    /// The token is suspended, or became so with this failure.
    Suspended,
    /// The confirming secret is wrong.
    ConfirmWrong {
        /// Tries left, when told.
        remaining: Option<u32>,
    },
    /// The confirming secret is locked.
    ConfirmLocked,
    /// The present login secret is wrong.
    LoginSecretWrong {
        /// Tries left, when told.
        remaining: Option<u32>,
    },
    /// The login is locked.
    LoginSecretLocked,
    /// The pictures are wrong.
    PicturesWrong {
        /// Tries left, when told.
        remaining: Option<u32>,
    },
    /// The picture card is locked.
    PictureCardLocked,
    /// The mailed code is wrong.
    MailCodeWrong,
    /// 登録番号 is wrong, used up, over, or was never handed out.
    RegistrationNumberWrong,
    /// The mailed code is too old, was tried too often, or was never sent: another has to be sent.
    MailCodeUsedUp,
}

/// Tells how many tries are left once two or fewer are.
pub(crate) fn remaining_to_tell(failures: i32, failures_max: u32) -> Option<u32> {
    let remaining = failures_max.saturating_sub(u32::try_from(failures).unwrap_or(0));
    (1..=2).contains(&remaining).then_some(remaining)
}
