//! The people of the demo as written down in `people.toml`, and the Argon2 strings of their
//! secrets.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::contract::TokenMode;
use crate::domain::ledger::AccountType;
use crate::domain::payee::PayeeAccountType;
use crate::domain::right::UserRight;
use crate::domain::staff::StaffRole;
use crate::domain::token::{StoredTokenStatus, TokenKind, TokenState};
use crate::domain::token_order::{OrderItem, OrderReason, OrderState};
use crate::domain::user::{Role, SetupState};
use crate::operations::OperationError;

const PEOPLE: &str = include_str!("people.toml");
const HASHES: &str = include_str!("hashes.toml");

/// A contract of the demo.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoContract {
    /// The portal's slug.
    pub portal: String,
    /// Its number.
    pub number: String,
    /// Its holder.
    pub name: String,
    /// The holder in half-width kana, as accounts carry it.
    pub kana: String,
    /// Where its accounts are kept.
    pub branch: Branch,
    /// ワンタイムパスワード機能申込書 has not come in.
    #[serde(default)]
    pub has_not_applied: bool,
    /// 利用形態, where its administrator has chosen one.
    #[serde(default)]
    pub token_mode: Option<TokenMode>,
    /// Its accounts; money comes in and goes out on the first.
    pub accounts: Vec<DemoAccount>,
    /// What it applied for, where the portal's customers change limits by themselves.
    #[serde(default)]
    pub limits: Option<DemoLimits>,
    /// Its tokens.
    #[serde(default)]
    pub tokens: Vec<DemoToken>,
    /// Further shipped hardware tokens.
    #[serde(default)]
    pub spare: Option<Spare>,
    /// Its orders of tokens and cards.
    #[serde(default)]
    pub orders: Vec<DemoOrder>,
    /// Its payees.
    #[serde(default)]
    pub payees: Vec<DemoPayee>,
    /// Who logs in.
    pub users: Vec<DemoUser>,
}

/// An order of tokens, or of a card.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoOrder {
    /// What; without it, hardware tokens.
    #[serde(default)]
    pub item: Option<OrderItem>,
    /// Why.
    pub reason: OrderReason,
    /// How many.
    pub quantity: u32,
    /// How it stands.
    pub state: OrderState,
    /// When it came in.
    pub days_ago: i64,
    /// Whether it was for the contract's first token.
    #[serde(default)]
    pub is_first: bool,
    /// 申込書番号, where it came in on paper.
    #[serde(default)]
    pub form_number: Option<String>,
    /// What went out for it.
    #[serde(default)]
    pub tokens: Vec<String>,
}

/// A payee of a contract.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoPayee {
    /// The portal whose institution keeps the account.
    pub portal: String,
    /// Where it is kept.
    pub branch: Branch,
    /// 預金種目.
    #[serde(rename = "type")]
    pub account_type: PayeeAccountType,
    /// 口座番号.
    pub number: String,
    /// 受取人名.
    pub kana: String,
    /// 登録名.
    #[serde(default)]
    pub nickname: String,
    /// When something was paid to it last.
    #[serde(default)]
    pub paid_days_ago: Option<i64>,
    /// 事前登録の承認待ち.
    #[serde(default)]
    pub waits: bool,
}

/// A branch of the institution.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// 店番.
    pub code: String,
    /// 店名.
    pub name: String,
}

/// An account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoAccount {
    /// 科目.
    #[serde(rename = "type")]
    pub account_type: AccountType,
    /// 口座番号.
    pub number: String,
}

/// The most a day by the application, and a rise that waits.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoLimits {
    /// Transfers.
    pub transfer_applied_yen: i64,
    /// Pay-easy.
    pub pay_easy_applied_yen: i64,
    /// Transfers shall rise to that; asked for yesterday.
    #[serde(default)]
    pub transfer_rise_yen: Option<i64>,
}

/// A token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoToken {
    /// Upper case.
    pub serial: String,
    /// Hardware unless it says otherwise.
    #[serde(default = "hardware")]
    pub kind: TokenKind,
    /// Shipped unless it says otherwise.
    #[serde(default = "shipped")]
    pub state: TokenState,
    /// Belongs to no contract yet: the credential of whoever holds it.
    #[serde(default)]
    pub is_free: bool,
    /// Suspended after too many wrong codes.
    #[serde(default)]
    pub is_suspended: bool,
    /// The day printed on it, counted from the day of loading.
    #[serde(default)]
    pub ends_in_days: Option<i64>,
}

fn hardware() -> TokenKind {
    TokenKind::Hardware
}

fn shipped() -> TokenState {
    TokenState::Shipped
}

/// Numbered tokens in reserve.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spare {
    /// What their serials begin with; two digits follow.
    pub prefix: String,
    /// How many.
    pub count: u32,
}

/// Somebody who logs in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoUser {
    /// Typed at login.
    pub login_id: String,
    /// A private customer unless it says otherwise.
    #[serde(default = "customer")]
    pub role: Role,
    /// Name.
    pub name: String,
    /// The login secret in clear.
    pub password: String,
    /// The confirming secret in clear; some have none yet.
    #[serde(default)]
    pub confirm: Option<String>,
    /// First setup: done unless it says otherwise.
    #[serde(default = "done")]
    pub setup: SetupState,
    /// Serial of the token.
    #[serde(default)]
    pub token: Option<String>,
    /// In use where there is a token, unless it says otherwise.
    #[serde(default)]
    pub token_status: Option<StoredTokenStatus>,
    /// The code is asked at login.
    #[serde(default)]
    pub asks_at_login: bool,
    /// Login is locked.
    #[serde(default)]
    pub is_locked: bool,
    /// The token was revoked that long ago.
    #[serde(default)]
    pub revoked_minutes_ago: Option<i64>,
    /// ユーザID of the token, where the portal issued it; its app is set up.
    #[serde(default)]
    pub issued_as: Option<String>,
    /// The picture card, where there is one.
    #[serde(default)]
    pub picture_card: Option<CardState>,
    /// The services of a company's user: all unless it says otherwise, none for administrators.
    #[serde(default)]
    pub rights: Option<Vec<UserRight>>,
    /// The numbers of the accounts of a company's user: all unless it says otherwise.
    #[serde(default)]
    pub accounts: Option<Vec<String>>,
    /// A company's user sends so much at once and a day, and no more.
    #[serde(default)]
    pub transfer_limits: Option<[i64; 2]>,
    /// The client certificate ends in so many days, where there is one.
    #[serde(default)]
    pub certificate_ends_in_days: Option<i64>,
    /// What testers should know, in Japanese.
    pub note: String,
}

fn customer() -> Role {
    Role::Customer
}

fn done() -> SetupState {
    SetupState::Done
}

/// How a picture card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// Usable.
    Open,
    /// Locked after too many wrong answers.
    Locked,
}

impl DemoContract {
    /// All tokens, those in reserve too.
    pub fn all_tokens(&self) -> Vec<DemoToken> {
        let spare = self.spare.iter().flat_map(|spare| {
            (1..=spare.count).map(|number| DemoToken {
                serial: format!("{}{number:02}", spare.prefix),
                kind: hardware(),
                state: shipped(),
                is_free: false,
                is_suspended: false,
                ends_in_days: None,
            })
        });
        self.tokens.iter().cloned().chain(spare).collect()
    }
}

impl DemoUser {
    /// The status of the token as stored.
    pub fn stored_status(&self) -> StoredTokenStatus {
        match (self.token_status, &self.token, self.revoked_minutes_ago) {
            (Some(status), _, _) => status,
            (None, _, Some(_)) => StoredTokenStatus::Revoked,
            (None, Some(_), None) => StoredTokenStatus::InUse,
            (None, None, None) => StoredTokenStatus::Unregistered,
        }
    }

    /// `{login id or user id}@example.jp`; an address that is still to be verified is no address.
    pub fn mail_address(&self) -> Option<String> {
        let name = self.login_id.rsplit('/').next().unwrap_or_default();
        (self.setup == SetupState::Done).then(|| format!("{name}@example.jp"))
    }
}

/// A member of staff, the same in every portal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoStaff {
    /// Typed at login.
    pub staff_id: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: StaffRole,
    /// The password in clear.
    pub password: String,
    /// The authenticator's number; none where it is still to be set up.
    #[serde(default)]
    pub serial: Option<String>,
    /// What testers should know, in Japanese.
    pub note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    contracts: Vec<DemoContract>,
    staff: Vec<DemoStaff>,
}

/// Everybody.
///
/// # Errors
/// [`OperationError::Corrupt`] for a mistake in the file; a test reads it.
pub fn contracts() -> Result<Vec<DemoContract>, OperationError> {
    Ok(read()?.contracts)
}

/// The staff of each portal.
///
/// # Errors
/// As [`contracts`].
pub fn staff() -> Result<Vec<DemoStaff>, OperationError> {
    Ok(read()?.staff)
}

fn read() -> Result<People, OperationError> {
    toml::from_str(PEOPLE).map_err(|error| {
        tracing::error!(%error, "people.toml");
        OperationError::Corrupt("the demo's list of people")
    })
}

/// Argon2 strings by secret. They are shipped, so that loading takes milliseconds.
///
/// # Errors
/// As [`contracts`].
pub fn hashes() -> Result<BTreeMap<String, String>, OperationError> {
    toml::from_str(HASHES).map_err(|_| OperationError::Corrupt("the demo's password hashes"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use super::*;
    use crate::primitives::password::{hash_blocking, verify_blocking};

    fn secrets() -> BTreeSet<String> {
        let contracts = contracts().unwrap();
        let users = contracts.iter().flat_map(|contract| &contract.users);
        users
            .flat_map(|user| [Some(user.password.clone()), user.confirm.clone()])
            .flatten()
            .chain(staff().unwrap().into_iter().map(|member| member.password))
            .collect()
    }

    /// With `MADOGUCHI_TEST_WRITE_HASHES` set, the file is written anew instead
    /// (docs/development.md, Tests); run it again without to see that it fits.
    #[test]
    fn each_secret_of_the_demo_has_a_hash_that_fits() {
        if std::env::var_os("MADOGUCHI_TEST_WRITE_HASHES").is_some() {
            return write_hashes();
        }
        let hashes = hashes().unwrap();
        assert_eq!(hashes.keys().cloned().collect::<BTreeSet<_>>(), secrets());
        for (secret, hash) in &hashes {
            assert!(verify_blocking(hash, secret), "{secret}");
        }
    }

    fn write_hashes() {
        let mut text = "# Argon2id of the secrets in people.toml; docs/development.md says how \
                        they are made (Tests).\n"
            .to_owned();
        for secret in secrets() {
            writeln!(text, "{secret:?} = {:?}", hash_blocking(&secret).unwrap()).unwrap();
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/operations/demo/hashes.toml");
        std::fs::write(file, text).unwrap();
    }

    #[test]
    fn login_ids_serials_and_account_numbers_are_unique_in_a_portal() {
        let contracts = contracts().unwrap();
        let mut seen = BTreeSet::new();
        for contract in &contracts {
            let portal = &contract.portal;
            for user in &contract.users {
                assert!(seen.insert(format!("{portal} user {}", user.login_id)), "{user:?}");
            }
            for token in contract.all_tokens() {
                assert!(seen.insert(format!("{portal} token {}", token.serial)), "{token:?}");
            }
            for account in &contract.accounts {
                assert!(seen.insert(format!("{portal} account {}", account.number)), "{account:?}");
            }
        }
    }
}
