//! Auth rules: which act needs which proof.
//!
//! The profile of a portal lists rules: operation, method, day and hour from which it holds. Of the
//! rules of one operation the newest whose time has come holds; times are Japan time. One function,
//! [`required_proof`], answers "what must this user prove for this act now?", and every handler
//! that changes something asks it.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::domain::portal::{JstMoment, Profile};
use crate::primitives::clock::UtcTime;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $label:literal;)+) => {
        /// An act that changes something, as the auth rules name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub enum Operation {
            $($(#[$doc])* #[serde(rename = $key)] $name,)+
        }

        impl Operation {
            /// Every operation there is.
            pub const ALL: &'static [Operation] = &[$(Operation::$name,)+];

            /// The name used in profiles and in the audit log, as `transfer.cancel_reservation`.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Operation::$name => $key,)+ }
            }

            /// What users read in tables of acts and proofs.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Operation::$name => $label,)+ }
            }
        }
    };
}

operations! {
    /// Login on a PC or smartphone, after id and password.
    Login = "login", "ログイン";
    /// Login in the feature-phone channel, after id and password.
    MobileLogin = "mobile_login", "携帯電話からのログイン";
    /// The customer asks for a software token.
    OtpIssue = "otp.issue", "トークン発行";
    /// The token app fetches the secret of an issued token.
    OtpSetUp = "otp.set_up", "トークンの初期設定";
    /// A token is registered; serial number and current code are asked beside this.
    OtpStart = "otp.start", "ワンタイムパスワードの利用開始";
    /// Another token replaces the present one; old and new code are asked beside this.
    OtpExchange = "otp.exchange", "トークンの交換";
    /// The use of one-time passwords ends.
    OtpStop = "otp.stop", "ワンタイムパスワードの利用中止";
    /// Correction of a token's clock by two consecutive codes.
    OtpResynchronise = "otp.resynchronise", "時刻補正";
    /// A transfer, at once or on a later day.
    Transfer = "transfer", "振込・振替";
    /// A reserved transfer is taken back.
    CancelReservation = "transfer.cancel_reservation", "予約取消";
    /// Payment of taxes and charges.
    PayEasy = "pay_easy", "税金・各種料金払込み";
    /// A payee is registered, changed or deleted.
    PayeeChange = "payee.change", "振込先の登録・変更・削除";
    /// A limit is changed, or a pending rise is cancelled.
    LimitChange = "limit.change", "限度額変更";
    /// Mail address, telephone number and the like are changed.
    CustomerInfoChange = "customer_info.change", "お客様情報変更";
    /// A password or number of the user's own is changed.
    SecretChange = "secret.change", "パスワード等の変更";
    /// A bulk file is approved.
    BulkApprove = "bulk.approve", "ファイルの承認";
    /// An approved bulk file is sent.
    BulkSend = "bulk.send", "ファイルの送信";
    /// A file made by other software is sent.
    ExternalSend = "external.send", "外部ファイル送信";
    /// A file put out by the institution is fetched.
    ExternalReceive = "external.receive", "外部ファイル受信";
    /// Users are registered, changed, deleted, paused, or get a new password.
    UserManage = "user.manage", "利用者情報の登録・変更・削除";
    /// A suspended token is released.
    TokenRelease = "token.release", "ワンタイムパスワードの利用停止解除";
    /// One of two approves the release of an administrator's token.
    TokenApproveRelease = "token.approve_release", "利用停止解除の承認";
    /// A token is revoked.
    TokenRevoke = "token.revoke", "トークンの失効";
    /// Further tokens are ordered.
    TokenOrder = "token.order", "トークン発行依頼";
    /// The first log-on of a user or administrator.
    UserActivate = "user.activate", "開通確認";
    /// A client certificate is got or renewed.
    CertificateIssue = "certificate.issue", "電子証明書の取得・更新";
    /// Passwords and mail address at the first login.
    FirstSetup = "setup.first", "初回設定";
    /// A draft is made, edited, returned, withdrawn or thrown away.
    DraftEdit = "draft.edit", "作成中の内容の編集";
    /// The user ends a session.
    SessionEnd = "session.end", "ログアウト";
    /// Everything is stopped with the stop code of a notice.
    EmergencyStop = "emergency_stop", "緊急停止";
}

impl Operation {
    /// Whether a user who stopped everything (緊急停止) may still do it: come in and see, set the
    /// first passwords, go out.
    #[must_use]
    pub fn is_open_when_stopped(self) -> bool {
        matches!(
            self,
            Self::Login
                | Self::MobileLogin
                | Self::FirstSetup
                | Self::SessionEnd
                | Self::EmergencyStop
        )
    }
}

/// What a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Method {
    /// Nothing beyond the session or the fields of the screen.
    #[serde(rename = "none")]
    None,
    /// The confirming secret, or the picture card where the customer has one.
    #[serde(rename = "confirm")]
    Confirm,
    /// A one-time password.
    #[serde(rename = "otp")]
    Otp,
    /// A one-time password and the confirming secret.
    #[serde(rename = "otp+confirm")]
    OtpAndConfirm,
    /// A one-time password if a token is in use, else the confirming secret.
    #[serde(rename = "otp|confirm")]
    OtpOrConfirm,
    /// A code just mailed, and the confirming secret.
    #[serde(rename = "mail+confirm")]
    MailAndConfirm,
    /// A code bound to the act (OCRA, RFC 6287).
    #[serde(rename = "signed")]
    Signed,
    /// A code bound to the act, and the confirming secret.
    #[serde(rename = "signed+confirm")]
    SignedAndConfirm,
    /// A code bound to the act if a token is in use, else the confirming secret.
    #[serde(rename = "signed|confirm")]
    SignedOrConfirm,
}

impl Method {
    /// The code of a token that the method may ask for.
    #[must_use]
    pub fn token_code(self) -> Option<CodeProof> {
        match self {
            Self::Otp | Self::OtpAndConfirm | Self::OtpOrConfirm => Some(CodeProof::Otp),
            Self::Signed | Self::SignedAndConfirm | Self::SignedOrConfirm => {
                Some(CodeProof::Signed)
            }
            Self::None | Self::Confirm | Self::MailAndConfirm => None,
        }
    }

    /// Whether a user without a token has another way given by the method itself.
    #[must_use]
    pub fn falls_back_to_confirm(self) -> bool {
        matches!(self, Self::OtpOrConfirm | Self::SignedOrConfirm)
    }

    /// Whether the confirming secret is asked beside a code.
    #[must_use]
    pub fn asks_confirm_too(self) -> bool {
        matches!(self, Self::OtpAndConfirm | Self::SignedAndConfirm | Self::MailAndConfirm)
    }
}

/// What a user without a token meets where a code is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutToken {
    /// The confirming secret instead; limits without a token apply.
    Confirm,
    /// The act is refused, and the screen says why and what to do.
    Refuse,
}

/// At which users a rule aims; the others need no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Users with a token in use.
    InUse,
    /// Users with a token in use who chose to be asked at login.
    Chosen,
}

/// A case in which the confirming secret is enough, with or without a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exception {
    /// The payee was registered beforehand.
    RegisteredPayee,
}

/// What users of the token app give in place of a one-time password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppProof {
    /// A code bound to the act.
    Signed,
}

/// One rule of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthRule {
    /// The act.
    pub operation: Operation,
    /// The proof.
    pub method: Method,
    /// Japan time from which the rule holds; without it, always.
    #[serde(default)]
    pub from: Option<JstMoment>,
    /// The case in which the confirming secret is enough.
    #[serde(default)]
    pub except: Option<Exception>,
    /// For users without a token; refused if not given.
    #[serde(default)]
    pub without_token: Option<WithoutToken>,
    /// What the token app gives in place of a one-time password; the same as other tokens if not
    /// given.
    #[serde(default)]
    pub app: Option<AppProof>,
    /// At which users the rule aims; all if not given.
    #[serde(default)]
    pub when: Option<When>,
    /// Why no proof is needed, or what else is to be known.
    #[serde(default)]
    pub reason: Option<String>,
}

impl AuthRule {
    /// The code that the rule may ask for, of a token that signs or of one that does not.
    #[must_use]
    pub fn token_code(&self, token_signs: bool) -> Option<CodeProof> {
        let code = self.method.token_code();
        let is_signed = token_signs && self.app == Some(AppProof::Signed);
        if is_signed && code == Some(CodeProof::Otp) { Some(CodeProof::Signed) } else { code }
    }

    fn has_come(&self, now: UtcTime) -> bool {
        self.from.is_none_or(|from| from.to_utc() <= now)
    }
}

/// The auth rules of a portal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthPolicy {
    /// All rules, those of the past and of the future too.
    pub rules: Vec<AuthRule>,
    /// Days for which the home page shows a coming change beforehand.
    #[serde(default = "notice_days_default")]
    pub notice_days: u32,
}

fn notice_days_default() -> u32 {
    30
}

impl AuthPolicy {
    /// The newest rule of the operation whose time has come.
    #[must_use]
    pub fn rule_in_force(&self, operation: Operation, now: UtcTime) -> Option<&AuthRule> {
        self.rules
            .iter()
            .filter(|rule| rule.operation == operation && rule.has_come(now))
            .max_by_key(|rule| rule.from)
    }

    /// All rules of the operation, oldest first.
    #[must_use]
    pub fn rules_of(&self, operation: Operation) -> Vec<&AuthRule> {
        let mut rules: Vec<_> =
            self.rules.iter().filter(|rule| rule.operation == operation).collect();
        rules.sort_by_key(|rule| rule.from);
        rules
    }

    /// The changes that the home page announces now: those of the next `notice_days` days, the
    /// nearest first.
    #[must_use]
    pub fn upcoming_changes(&self, now: UtcTime) -> Vec<RuleChange<'_>> {
        let horizon = now
            .checked_add_signed(TimeDelta::days(i64::from(self.notice_days)))
            .unwrap_or(UtcTime::MAX);
        let mut changes: Vec<_> = self
            .rules
            .iter()
            .filter_map(|after| {
                let at = after.from?.to_utc();
                let is_near = at > now && at <= horizon;
                let just_before = at.checked_sub_signed(TimeDelta::microseconds(1))?;
                let before = self.rule_in_force(after.operation, just_before);
                is_near.then_some(RuleChange { at, before, after })
            })
            .collect();
        changes.sort_by_key(|change| (change.at, change.after.operation));
        changes
    }
}

/// A rule that will take the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleChange<'a> {
    /// When it changes.
    pub at: UtcTime,
    /// The rule until then.
    pub before: Option<&'a AuthRule>,
    /// The rule from then on.
    pub after: &'a AuthRule,
}

/// What is known of the user and the act when the proof is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// The time of the act.
    pub now: UtcTime,
    /// Whether the user has a token in use.
    pub token_in_use: bool,
    /// Whether that token makes codes bound to an act, as the token app does.
    pub token_signs: bool,
    /// Whether the user chose to be asked for a code at login.
    pub login_choice: bool,
    /// Whether the payee was registered beforehand; false for acts without a payee.
    pub payee_registered: bool,
    /// Whether the customer confirms by picture card.
    pub has_picture_card: bool,
}

/// The code a user has to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeProof {
    /// The one-time password of the token in use.
    Otp,
    /// The code the token makes for this very act.
    Signed,
    /// The code just mailed.
    Mail,
}

/// How a user confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfirmBy {
    /// By the confirming secret.
    Secret,
    /// By the pictures of the card.
    PictureCard,
}

/// What a user must prove; both parts are asked where both stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Proof {
    /// The code, if one is asked.
    pub code: Option<CodeProof>,
    /// The confirmation, if one is asked.
    pub confirm: Option<ConfirmBy>,
}

impl Proof {
    /// Nothing to prove.
    pub const NOTHING: Proof = Proof { code: None, confirm: None };
}

/// Why an act cannot be done, whatever is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The act needs a token, and the user has none in use.
    NoToken,
    /// The portal does not have this act.
    NotOffered,
    /// The first rule of this act holds only from this time on.
    NotYet(UtcTime),
}

/// The answer to "what must this user prove for this act now?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Required {
    /// The act may be done with this proof.
    Proof(Proof),
    /// The act is refused.
    Refused(Refusal),
}

/// What this user must prove for this act now.
///
/// Where the profile says that a token is mandatory, a user without one makes no payments at all:
/// neither transfers nor Pay-easy, which share one limit.
#[must_use]
pub fn required_proof(profile: &Profile, operation: Operation, situation: Situation) -> Required {
    let Some(rule) = profile.auth.rule_in_force(operation, situation.now) else {
        let first = profile.auth.rules_of(operation).first().and_then(|rule| rule.from);
        let why = first.map_or(Refusal::NotOffered, |from| Refusal::NotYet(from.to_utc()));
        return Required::Refused(why);
    };
    let is_payment = matches!(operation, Operation::Transfer | Operation::PayEasy);
    if is_payment && profile.tokens.token_mandatory && !situation.token_in_use {
        return Required::Refused(Refusal::NoToken);
    }
    let by_card = profile.credentials.picture_card && situation.has_picture_card;
    resolve(rule, situation, if by_card { ConfirmBy::PictureCard } else { ConfirmBy::Secret })
}

fn resolve(rule: &AuthRule, situation: Situation, confirm_by: ConfirmBy) -> Required {
    let confirm = Proof { code: None, confirm: Some(confirm_by) };
    let is_aimed_at = match rule.when {
        None => true,
        Some(When::InUse) => situation.token_in_use,
        Some(When::Chosen) => situation.token_in_use && situation.login_choice,
    };
    if !is_aimed_at {
        return Required::Proof(Proof::NOTHING);
    }
    if rule.except == Some(Exception::RegisteredPayee) && situation.payee_registered {
        return Required::Proof(confirm);
    }
    let beside = rule.method.asks_confirm_too().then_some(confirm_by);
    match (rule.method, rule.token_code(situation.token_signs)) {
        (Method::None, _) => Required::Proof(Proof::NOTHING),
        (Method::MailAndConfirm, _) => {
            Required::Proof(Proof { code: Some(CodeProof::Mail), confirm: beside })
        }
        (_, None) => Required::Proof(confirm),
        // Nothing less will do for whoever has a token that cannot sign.
        (_, Some(CodeProof::Signed)) if situation.token_in_use && !situation.token_signs => {
            Required::Refused(Refusal::NoToken)
        }
        (_, code) if situation.token_in_use => Required::Proof(Proof { code, confirm: beside }),
        (method, _) if method.falls_back_to_confirm() => Required::Proof(confirm),
        _ if rule.without_token == Some(WithoutToken::Confirm) => Required::Proof(confirm),
        _ => Required::Refused(Refusal::NoToken),
    }
}

#[cfg(test)]
mod tests;
