//! What customers change themselves (お客様情報変更, BCI001 to 003): one thing at a time.

use serde::{Deserialize, Serialize};

use crate::domain::flow::FlowOperation;
use crate::domain::mail_code::MailCodePurpose;
use crate::domain::portal::SecretKind;
use crate::primitives::code::to_half_width;
use crate::text_enum;

text_enum! {
    /// What is changed.
    InfoItem {
        /// メールアドレス.
        MailAddress = "mail_address",
        /// 電話番号.
        Telephone = "telephone",
        /// The login secret.
        LoginSecret = "login_secret",
        /// The confirming secret.
        ConfirmSecret = "confirm_secret",
    }
}

impl InfoItem {
    /// The flow that changes it, which also says which auth rule is asked.
    #[must_use]
    pub fn operation(self) -> FlowOperation {
        match self {
            Self::MailAddress | Self::Telephone => FlowOperation::CustomerInfoChange,
            Self::LoginSecret | Self::ConfirmSecret => FlowOperation::SecretChange,
        }
    }

    /// Which secret it is, if it is one.
    #[must_use]
    pub fn secret(self) -> Option<SecretKind> {
        match self {
            Self::MailAddress | Self::Telephone => None,
            Self::LoginSecret => Some(SecretKind::Login),
            Self::ConfirmSecret => Some(SecretKind::Confirm),
        }
    }
}

/// Why a new secret cannot be taken, though it keeps to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretClash {
    /// It is the present one.
    SameAsBefore,
    /// It is the user's other secret.
    SameAsOther,
}

/// What was typed on BCI001, as the flow keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfoDraft {
    /// What is changed.
    pub item: InfoItem,
    /// The new mail address or telephone number; empty for secrets.
    #[serde(default)]
    pub value: String,
    /// What stood when the new one was typed, and has to stand still when it is changed.
    #[serde(default)]
    pub before: Option<String>,
    /// Argon2id of the new secret.
    #[serde(default)]
    pub secret_hash: Option<String>,
    /// Told only to whoever proves to know the present secrets: said before, it would let anybody
    /// at an open session guess them without being counted.
    #[serde(default)]
    pub clash: Option<SecretClash>,
}

impl InfoDraft {
    /// The draft of a flow that has just begun.
    #[must_use]
    pub fn new(item: InfoItem) -> InfoDraft {
        InfoDraft { item, value: String::new(), before: None, secret_hash: None, clash: None }
    }
}

/// The code that a new mail address is proven with opens nothing else.
pub const CODE_PURPOSE: MailCodePurpose = MailCodePurpose::MailAddress;

/// A telephone number as people write it, in groups where it came in groups or where its kind has
/// always the same ones: full width, spaces, brackets and dashes are taken. `None`: no number of
/// Japan.
#[must_use]
pub fn parse_telephone(typed: &str) -> Option<String> {
    const DASHES: &str = "-‐‑–—−ー()\t ";
    let half = to_half_width(typed);
    let groups: Vec<&str> =
        half.split(|c| DASHES.contains(c)).filter(|group| !group.is_empty()).collect();
    let digits = groups.concat();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !is_number(&digits) {
        return None;
    }
    if groups.len() == 3 {
        return Some(groups.join("-"));
    }
    match (digits.len(), digits.get(..3), digits.get(3..7), digits.get(7..)) {
        (11, Some(kind), Some(middle), Some(end)) => Some(format!("{kind}-{middle}-{end}")),
        _ => Some(digits),
    }
}

/// Ten digits of a fixed line, eleven of a mobile telephone or one over the internet (050 to 090).
fn is_number(digits: &str) -> bool {
    let Some([b'0', second, third]) = digits.as_bytes().first_chunk::<3>() else { return false };
    let is_mobile = (b'5'..=b'9').contains(second) && *third == b'0';
    match digits.len() {
        10 => !is_mobile && *second != b'0',
        11 => is_mobile,
        _ => false,
    }
}

/// Whether two numbers are the same, however they are grouped.
#[must_use]
pub fn is_same_telephone(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    digits(one) == digits(other)
}

/// `***-****-0001`: enough to recognise the own number.
#[must_use]
pub fn masked_telephone(number: &str) -> String {
    let shown_from = number.chars().count().saturating_sub(4);
    let mask = |(place, c): (usize, char)| if place < shown_from && c != '-' { '*' } else { c };
    number.chars().enumerate().map(mask).collect()
}

/// `h*****@example.jp`: enough to recognise the own address.
#[must_use]
pub fn masked_address(address: &str) -> String {
    let (name, domain) = address.split_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}*****@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_are_taken_as_people_write_them() {
        for (typed, kept) in [
            ("090-0000-0001", "090-0000-0001"),
            ("09000000001", "090-0000-0001"),
            ("０９０－００００－０００１", "090-0000-0001"),
            ("０９０ ００００ ０００１", "090-0000-0001"),
            (" 090ー0000ー0001 ", "090-0000-0001"),
            ("050-0000-0001", "050-0000-0001"),
            ("(03)0000-0001", "03-0000-0001"),
            ("0466-00-0001", "0466-00-0001"),
            ("0300000001", "0300000001"),
            ("03-00000001", "0300000001"),
        ] {
            assert_eq!(parse_telephone(typed).as_deref(), Some(kept), "{typed}");
        }
        for wrong in [
            "",
            "-",
            "090-0000-000",
            "090-0000-00012",
            "9000000001",
            "0000000000",
            "01100000001",
            "09100000001",
            "+81-90-0000-0001",
            "090-0000-000x",
            "090-0000-000一",
            "090.0000.0001",
            "٠٩٠٠٠٠٠٠٠٠١",
        ] {
            assert_eq!(parse_telephone(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_and_addresses_are_masked() {
        assert_eq!(masked_telephone("090-0000-0001"), "***-****-0001");
        assert_eq!(masked_telephone("0300000001"), "******0001");
        assert_eq!(masked_telephone("12"), "12");
        assert_eq!(masked_address("hanako@example.jp"), "h*****@example.jp");
        assert!(is_same_telephone("03-0000-0001", "0300000001"));
        assert!(!is_same_telephone("03-0000-0001", "0300000002"));
    }
}
