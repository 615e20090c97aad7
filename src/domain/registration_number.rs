//! 登録番号: what staff hand out after they revoked a private customer's token, and what the next
//! token cannot be registered without. Eight digits, good for one token, two weeks at most.

use chrono::TimeDelta;

use crate::domain::portal::Profile;
use crate::domain::user::User;

/// How long a number holds: long enough for a letter.
pub const LIFETIME: TimeDelta = TimeDelta::days(14);
/// Wrong tries after which a number is of no use any more, whoever made them.
pub const FAILURES_MAX: i32 = 5;
/// Digits of a number.
pub const DIGITS: u32 = 8;

/// Whether the user's next token needs a number: the portal asks for one, the token before was
/// revoked by staff, and none has been started since. In companies a colleague revokes, and asks
/// for no number.
#[must_use]
pub fn is_needed(profile: &Profile, user: &User) -> bool {
    let is_asked = profile.tokens.registration_number_after_revoke && !profile.is_corporate();
    is_asked && user.revoked_at.is_some()
}

/// Why a text cannot be a number at all.
#[must_use]
pub fn problem(number: &str) -> Option<&'static str> {
    let is_form = number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_digit());
    match (number.is_empty(), is_form) {
        (true, _) => Some("登録番号を入力してください。"),
        (false, false) => Some("登録番号は8桁の数字で入力してください。"),
        (false, true) => None,
    }
}

/// The number as people read it, in two groups.
#[must_use]
pub fn grouped(number: &str) -> String {
    let (first, second) = number.split_at_checked(4).unwrap_or((number, ""));
    format!("{first} {second}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_eight_digits() {
        assert_eq!(problem("12345678"), None);
        for bad in ["", "1234567", "123456789", "1234567a", "１２３４５６７８"] {
            assert!(problem(bad).is_some(), "{bad}");
        }
        assert_eq!(grouped("12345678"), "1234 5678");
    }
}
