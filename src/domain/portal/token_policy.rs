//! Tokens of a portal: who registers, exchanges, stops, releases and revokes them, and where.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::domain::token::OtpAlgorithm;

use super::credentials::SecretRule;
use super::token_kind::{ClosedReason, KindRules, TokenKind};
use super::token_rules::{Digits, Drift, PeriodSeconds, Revocation, Throttle, Validity, Window};
use super::when::JstDate;

/// Where a token is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationPlace {
    /// By the contract's administrator, in the menu (BAU100-104).
    AdministratorMenu,
    /// By the customer in the menu after login, beginning with the issue (BOT000-012).
    MenuAfterLogin,
    /// In a panel under the login form: start, exchange, stop (BOM101-123).
    LoginPagePanel,
    /// Behind links under the login form: registration and stop (BOR001-013).
    LoginPageLinks,
    /// At login, before any other page, once the service has started (BLG020).
    ForcedAtLogin,
}

/// Who exchanges or stops a token; staff always can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoneBy {
    /// Nobody but staff.
    None,
    /// The customer.
    Customer,
    /// The contract's administrator.
    Administrator,
}

/// Who releases suspended tokens and revokes tokens beside staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeper {
    /// Only staff.
    Staff,
    /// The contract's administrator, and staff.
    Administrator,
    /// Master and administrator users, and staff where nobody else can.
    MasterAndAdministrators,
}

/// Whether users share a token; never across contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// A token belongs to one user.
    None,
    /// Users of a contract who register the same serial share it.
    SameSerial,
    /// The administrator says who shares.
    ByAdministrator,
}

/// Whether customers choose to be asked for a code at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginChoice {
    /// They choose at the start.
    Offered,
    /// The portal has the choice, but does not show it; the preset is recorded.
    Hidden,
    /// There is no such choice.
    Absent,
}

/// The answer to the choice at the start (ログイン時のワンタイムパスワード認証要否).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginAnswer {
    /// 認証する.
    Required,
    /// 認証しない.
    #[default]
    NotRequired,
}

/// Section `tokens.issue`: software tokens that customers ask for in the portal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuePolicy {
    /// サービスID: 8 digits, the portal's.
    pub service_id: String,
    /// Digits of the ユーザID, the credential's.
    #[serde(default = "user_id_digits_default")]
    pub user_id_digits: u32,
    /// Hours in which the app must be set up.
    #[serde(default = "set_up_hours_default")]
    pub set_up_hours: u32,
    /// Wrong tries that end the issue.
    #[serde(default = "set_up_failures_default")]
    pub set_up_failures_max: u32,
    /// 利用開始パスワード.
    pub activation_password: SecretRule,
}

fn user_id_digits_default() -> u32 {
    12
}

fn set_up_hours_default() -> u32 {
    24
}

fn set_up_failures_default() -> u32 {
    5
}

fn attempt_failures_default() -> u32 {
    5
}

fn exchange_proof_minutes_default() -> u32 {
    10
}

fn expiry_warning_days_default() -> Vec<u32> {
    vec![60, 30, 7]
}

/// Section `tokens`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPolicy {
    /// Where tokens are registered.
    pub registration: RegistrationPlace,
    /// Who exchanges a token.
    pub exchange: DoneBy,
    /// Who stops the use of a token.
    pub stop: DoneBy,
    /// Who releases a suspension.
    pub released_by: Keeper,
    /// Who revokes a token.
    pub revoked_by: Keeper,
    /// Whether users share a token.
    pub sharing: Sharing,
    /// The choice of being asked at login.
    pub login_choice: LoginChoice,
    /// The answer that is ticked beforehand, and recorded where the choice is hidden.
    #[serde(default)]
    pub login_choice_preset: LoginAnswer,
    /// Whether payments need a token.
    #[serde(default)]
    pub token_mandatory: bool,
    /// Digits of a one-time password.
    pub digits: Digits,
    /// Seconds for which a one-time password shows.
    pub period_seconds: PeriodSeconds,
    /// Hash function.
    #[serde(default)]
    pub algorithm: OtpAlgorithm,
    /// Steps accepted on either side of the present one.
    #[serde(default)]
    pub window_steps: Window,
    /// Wrong serials or codes that end one attempt at registration.
    #[serde(default = "attempt_failures_default")]
    pub attempt_failures_max: u32,
    /// Minutes for which the old token's code counts in an exchange.
    #[serde(default = "exchange_proof_minutes_default")]
    pub exchange_proof_minutes: u32,
    /// Days before the expiry on which a warning goes out.
    #[serde(default = "expiry_warning_days_default")]
    pub expiry_warning_days: Vec<u32>,
    /// Whether staff hand out a registration number after a revocation.
    #[serde(default)]
    pub registration_number_after_revoke: bool,
    /// Whether the issue screen shows the credential to other makers' apps as `otpauth://`.
    #[serde(default)]
    pub otpauth_export: bool,
    /// Day from which users of a contract must register, where staff set no other.
    #[serde(default)]
    pub service_starts_on: Option<JstDate>,
    /// Drift of the tokens' clocks.
    #[serde(default)]
    pub drift: Drift,
    /// Waits and suspension after wrong codes.
    #[serde(default)]
    pub throttle: Throttle,
    /// Until when a token works.
    pub validity: Validity,
    /// When registration is possible again after a revocation.
    #[serde(default)]
    pub revocation: Revocation,
    /// Software tokens that customers ask for.
    #[serde(default)]
    pub issue: Option<IssuePolicy>,
    /// The kinds of token that the portal takes or took.
    pub kinds: Vec<KindRules>,
}

impl TokenPolicy {
    /// The rules of a kind, if the portal takes or took it.
    #[must_use]
    pub fn kind(&self, kind: TokenKind) -> Option<&KindRules> {
        self.kinds.iter().find(|rules| rules.kind == kind)
    }

    /// Whether a token of this kind can be registered on this day of Japan.
    ///
    /// # Errors
    ///
    /// Why it cannot.
    pub fn kind_open_for_registration(
        &self,
        kind: TokenKind,
        today: NaiveDate,
    ) -> Result<(), ClosedReason> {
        self.kind(kind).map_or(Err(ClosedReason::NotTaken), |rules| rules.open_on(today))
    }

    /// The kinds that can be registered on this day of Japan.
    pub fn open_kinds(&self, today: NaiveDate) -> impl Iterator<Item = &KindRules> {
        self.kinds.iter().filter(move |rules| rules.open_on(today).is_ok())
    }

    /// Whether the service has begun; before that no page links to it.
    #[must_use]
    pub fn has_begun(&self, today: NaiveDate) -> bool {
        let is_announced_only =
            |rules: &KindRules| matches!(rules.open_on(today), Err(ClosedReason::NotYet(_)));
        !self.kinds.iter().all(is_announced_only)
    }
}
