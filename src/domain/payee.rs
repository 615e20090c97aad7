//! Payees (振込先): accounts that a contract has registered for its transfers.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::domain::ledger::AccountType;
use crate::domain::portal::{Profile, RegisteredPayees};
use crate::primitives::ids::{ContractId, PayeeId, UserId};
use crate::text_enum;

/// Most payees of a contract.
pub const PAYEES_MAX: i64 = 500;
/// Longest 登録名, in characters.
pub const NICKNAME_MAX: usize = 30;
/// Digits of an account number.
pub const NUMBER_DIGITS: usize = 7;

text_enum! {
    /// 預金種目 of an account to which money is sent.
    PayeeAccountType {
        /// 普通.
        Ordinary = "ordinary",
        /// 当座.
        Checking = "checking",
        /// 貯蓄.
        Savings = "savings",
        /// その他.
        Other = "other",
    }
}

impl PayeeAccountType {
    /// The word that customers see.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ordinary => "普通",
            Self::Checking => "当座",
            Self::Savings => "貯蓄",
            Self::Other => "その他",
        }
    }

    /// The digit in the Zengin formats.
    #[must_use]
    pub fn zengin_digit(self) -> u8 {
        match self {
            Self::Ordinary => 1,
            Self::Checking => 2,
            Self::Savings => 4,
            Self::Other => 9,
        }
    }

    /// The kind of an account of this institution.
    #[must_use]
    pub fn of_own(kind: AccountType) -> PayeeAccountType {
        match kind {
            AccountType::Ordinary => Self::Ordinary,
            AccountType::Checking => Self::Checking,
            AccountType::Savings => Self::Savings,
            AccountType::Internal => Self::Other,
        }
    }

    /// The kind of an own account; the ledger has none that is other.
    #[must_use]
    pub fn own(self) -> Option<AccountType> {
        match self {
            Self::Ordinary => Some(AccountType::Ordinary),
            Self::Checking => Some(AccountType::Checking),
            Self::Savings => Some(AccountType::Savings),
            Self::Other => None,
        }
    }
}

/// What tells one account from all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountKey {
    /// 金融機関コード.
    pub bank_code: String,
    /// 店番.
    pub branch_code: String,
    /// 預金種目.
    pub account_type: PayeeAccountType,
    /// 口座番号, 7 digits.
    pub number: String,
}

/// Where money goes: everything that a transfer says about its payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// 金融機関コード.
    pub bank_code: String,
    /// 金融機関名 as of the registration.
    pub bank_name: String,
    /// 店番.
    pub branch_code: String,
    /// 支店名 as of the registration.
    pub branch_name: String,
    /// 預金種目.
    pub account_type: PayeeAccountType,
    /// 口座番号, 7 digits.
    pub number: String,
    /// 受取人名, half-width kana as it is sent.
    pub holder_kana: String,
}

impl Destination {
    /// The account, without names.
    #[must_use]
    pub fn account(&self) -> AccountKey {
        AccountKey {
            bank_code: self.bank_code.clone(),
            branch_code: self.branch_code.clone(),
            account_type: self.account_type,
            number: self.number.clone(),
        }
    }
}

text_enum! {
    /// How a payee stands.
    PayeeState {
        /// 承認待ち: staff have to record the customer's form before it is a registered payee
        /// (事前登録先). Transfers to it are possible, as to any other account.
        Waiting = "waiting",
        /// 登録済み.
        Registered = "registered",
    }
}

impl PayeeState {
    /// How a payee stands that was registered, or whose account was changed, just now.
    #[must_use]
    pub fn first(profile: &Profile) -> PayeeState {
        match profile.transfers.registered_payees {
            RegisteredPayees::StaffForm if profile.is_corporate() => PayeeState::Waiting,
            _ => PayeeState::Registered,
        }
    }

    /// The word that customers see.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            PayeeState::Waiting => "事前登録の承認待ち",
            PayeeState::Registered => "登録済み",
        }
    }
}

/// A row of `payees`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::payees)]
pub struct Payee {
    /// Row id.
    pub id: PayeeId,
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub contract_id: ContractId,
    /// Who registered it, or changed it last.
    pub user_id: UserId,
    /// 金融機関コード.
    pub bank_code: String,
    /// 金融機関名.
    pub bank_name: String,
    /// 店番.
    pub branch_code: String,
    /// 支店名.
    pub branch_name: String,
    /// 預金種目.
    pub account_type: PayeeAccountType,
    /// 口座番号.
    pub number: String,
    /// 受取人名.
    pub holder_kana: String,
    /// 登録名, by which the customer calls it; may be empty.
    pub nickname: String,
    /// How it stands.
    pub state: PayeeState,
    /// When it was registered.
    pub registered_at: NaiveDateTime,
    /// When something was paid to this account last; nothing: it is new.
    pub last_paid_at: Option<NaiveDateTime>,
    /// Counts changes, so that nobody changes what they have not seen.
    pub version: i64,
    /// Deleted since.
    pub deleted_at: Option<NaiveDateTime>,
}

impl Payee {
    /// Where money goes.
    #[must_use]
    pub fn destination(&self) -> Destination {
        Destination {
            bank_code: self.bank_code.clone(),
            bank_name: self.bank_name.clone(),
            branch_code: self.branch_code.clone(),
            branch_name: self.branch_name.clone(),
            account_type: self.account_type,
            number: self.number.clone(),
            holder_kana: self.holder_kana.clone(),
        }
    }

    /// By which name the customer finds it.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        if self.nickname.is_empty() { &self.holder_kana } else { &self.nickname }
    }

    /// Whether it was registered beforehand (事前登録先), for which the auth rules may ask less.
    #[must_use]
    pub fn is_registered_beforehand(&self, profile: &Profile) -> bool {
        profile.is_corporate()
            && profile.transfers.registered_payees != RegisteredPayees::None
            && self.state == PayeeState::Registered
            && self.deleted_at.is_none()
    }

    /// Whether nothing was paid to it before: a hold lets nothing go there.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.last_paid_at.is_none()
    }
}

text_enum! {
    /// What a customer does with a payee.
    PayeeAct {
        /// 登録.
        Register = "register",
        /// 変更.
        Change = "change",
        /// 削除.
        Delete = "delete",
    }
}

impl PayeeAct {
    /// The word that customers see.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            PayeeAct::Register => "登録",
            PayeeAct::Change => "変更",
            PayeeAct::Delete => "削除",
        }
    }
}

/// What was typed so far, or what is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayeeDraft {
    /// What is to be done.
    pub act: PayeeAct,
    /// With which payee, and as of which version; nothing for a registration.
    pub payee: Option<(PayeeId, i64)>,
    /// The account, with the name that is sent.
    pub destination: Destination,
    /// 登録名.
    pub nickname: String,
    /// 受取人名 as typed.
    pub typed_holder: String,
    /// Whether the name comes from a look-up.
    pub is_found: bool,
}

/// What the result page shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayeeReceipt {
    /// What was done.
    pub act: PayeeAct,
    /// The account.
    pub destination: Destination,
    /// 登録名.
    pub nickname: String,
    /// How it stands now.
    pub state: PayeeState,
}

/// An account number as typed, with zeros in front where digits are missing; nothing for what is
/// none.
#[must_use]
pub fn padded_number(digits: &str) -> Option<String> {
    let is_number = (1..=NUMBER_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.bytes().any(|byte| byte != b'0');
    is_number.then(|| format!("{digits:0>NUMBER_DIGITS$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(slug: &str) -> Profile {
        let file = format!("{slug}.toml");
        let (_, text) = Profile::builtin().into_iter().find(|(name, _)| *name == file).unwrap();
        Profile::parse(&file, text).unwrap()
    }

    #[test]
    fn numbers_are_filled_up_to_seven_digits() {
        assert_eq!(padded_number("123").as_deref(), Some("0000123"));
        assert_eq!(padded_number("1234567").as_deref(), Some("1234567"));
        for wrong in ["", "0", "0000000", "12345678", "12a", "-1", "１２３"] {
            assert_eq!(padded_number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_profile_says_who_approves_a_registered_payee() {
        for (slug, first) in [
            ("inaho", PayeeState::Waiting),
            ("aoba", PayeeState::Registered),
            ("shirakaba", PayeeState::Registered),
        ] {
            assert_eq!(PayeeState::first(&profile(slug)), first, "{slug}");
        }
    }
}
