//! The portal profile: everything in which institutions differ, as typed and checked data.
//!
//! A profile is one TOML file. [`Profile::parse`] reads it, section by section, and then checks
//! what types cannot say: ranges, references and contradictions. Whoever holds a [`Profile`] can
//! rely on all of that. `profiles/sample.toml.example` shows every key.

mod check;
mod credentials;
mod error;
mod explain;
mod fees;
mod files;
mod hours;
mod identity;
mod limits;
mod read;
mod screens;
mod services;
mod session;
mod token_kind;
mod token_policy;
mod token_rules;
mod when;
mod words;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::auth_rule::{AuthPolicy, Operation};
use crate::domain::user::Role;
use crate::primitives::clock::UtcTime;

pub use credentials::{
    CharacterClass, Characters, Credentials, IdRule, PasswordProblem, SecretKind, SecretRule,
    SignIn,
};
pub use error::ProfileError;
pub use fees::{Band, Destination, Fee, Fees, TaxRate, TokenFees, TransferFees};
pub use files::{Deadline, FilePolicy};
pub use hours::{Closure, DayHours, Hours, MinuteOfYear};
pub use identity::{BankCode, Contact, Identity, MailSender, Segment, Slug, Theme};
pub use limits::{Hold, Limits, RegisteredPayees, RiseOnStart, ServiceLimits, TransferPolicy};
pub use services::{CertificatePolicy, ClientCertificates, Services, UserAdministration};
pub use session::{MailCodePolicy, SessionPolicy};
pub use token_kind::{ClosedReason, Credential, KindRules, SerialForm, TokenKind};
pub use token_policy::{
    DoneBy, IssuePolicy, Keeper, LoginAnswer, LoginChoice, RegistrationPlace, Sharing, TokenPolicy,
};
pub use token_rules::{
    Digits, Drift, PeriodSeconds, Revocation, Throttle, Validity, ValidityRule, Window,
};
pub use when::{JstDate, JstMoment, TimeOfDay};
pub use words::{Help, Home, Notice, Words};

/// The profiles that ship with the program.
const BUILTIN: &[(&str, &str)] = &[
    ("aoba.toml", include_str!("../../profiles/aoba.toml")),
    ("minori.toml", include_str!("../../profiles/minori.toml")),
    ("kodama.toml", include_str!("../../profiles/kodama.toml")),
    ("shirakaba.toml", include_str!("../../profiles/shirakaba.toml")),
    ("inaho.toml", include_str!("../../profiles/inaho.toml")),
];

/// One institution's service for one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name and face.
    pub portal: Identity,
    /// The block that stands on every page.
    pub contact: Contact,
    /// From whom notices come.
    pub mail: MailSender,
    /// What is offered.
    pub services: Services,
    /// Ids and secrets.
    pub credentials: Credentials,
    /// Sessions.
    pub session: SessionPolicy,
    /// Mailed codes.
    pub mail_code: MailCodePolicy,
    /// Tokens.
    pub tokens: TokenPolicy,
    /// Which act needs which proof.
    pub auth: AuthPolicy,
    /// Limits.
    pub limits: Limits,
    /// Transfers.
    pub transfers: TransferPolicy,
    /// Holds after changes of the token.
    pub hold: Hold,
    /// Fees.
    pub fees: Fees,
    /// File services.
    pub files: FilePolicy,
    /// Client certificates.
    pub certificates: CertificatePolicy,
    /// Service hours.
    pub hours: Hours,
    /// What things are called.
    pub words: Words,
    /// The top page.
    pub home: Home,
    /// Facts for the help pages.
    pub help: Help,
}

impl Profile {
    /// File names and texts of the profiles that ship with the program.
    #[must_use]
    pub fn builtin() -> Vec<(&'static str, &'static str)> {
        BUILTIN.to_vec()
    }

    /// Reads and checks one profile.
    ///
    /// # Errors
    ///
    /// All mistakes found. Where a section cannot be read, its first mistake is named, and what
    /// needs the whole profile is checked only once every section can be read.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, Vec<ProfileError>> {
        let profile = Self::read(file_name, text)?;
        let errors = check::check(file_name, &profile);
        if errors.is_empty() { Ok(profile) } else { Err(errors) }
    }

    /// Reads and checks the profiles of one server, given as file names and texts; they must
    /// differ in their addresses.
    ///
    /// # Errors
    ///
    /// All mistakes of all files.
    pub fn parse_all(files: &[(&str, &str)]) -> Result<Vec<Self>, Vec<ProfileError>> {
        let mut profiles: Vec<(&str, Self)> = Vec::new();
        let mut errors = Vec::new();
        for (file, text) in files {
            match Self::parse(file, text) {
                Ok(profile) => {
                    errors.extend(check::check_together(file, &profile, &profiles));
                    profiles.push((file, profile));
                }
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() {
            Ok(profiles.into_iter().map(|(_, profile)| profile).collect())
        } else {
            Err(errors)
        }
    }

    fn read(file: &str, text: &str) -> Result<Self, Vec<ProfileError>> {
        let mut reader = read::Reader::new(file, text)?;
        let portal = reader.required("portal");
        let contact = reader.required("contact");
        let mail = reader.required("mail");
        let services = reader.required("services");
        let credentials = reader.required("credentials");
        let session = reader.with_default("session");
        let mail_code = reader.with_default("mail_code");
        let tokens = reader.required("tokens");
        let auth = reader.required("auth");
        let limits = reader.required("limits");
        let transfers = reader.with_default("transfers");
        let hold = reader.with_default("hold");
        let fees = reader.required("fees");
        let files = reader.with_default("files");
        let certificates = reader.with_default("certificates");
        let hours = reader.with_default("hours");
        let words = reader.with_default("words");
        let home = reader.with_default("home");
        let help = reader.required("help");
        // A section is missing here exactly if an error stands for it.
        let whole = || {
            Some(Self {
                portal: portal?,
                contact: contact?,
                mail: mail?,
                services: services?,
                credentials: credentials?,
                session: session?,
                mail_code: mail_code?,
                tokens: tokens?,
                auth: auth?,
                limits: limits?,
                transfers: transfers?,
                hold: hold?,
                fees: fees?,
                files: files?,
                certificates: certificates?,
                hours: hours?,
                words: words?,
                home: home?,
                help: help?,
            })
        };
        match (whole(), reader.finish()) {
            (Some(profile), errors) if errors.is_empty() => Ok(profile),
            (_, errors) => Err(errors),
        }
    }

    /// First part of the portal's addresses.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.portal.slug.as_str()
    }

    /// Institution and service, as pages and mails show them.
    #[must_use]
    pub fn display_name(&self) -> String {
        [self.portal.institution.as_str(), " ", &self.portal.service].concat()
    }

    /// Whether the portal serves companies.
    #[must_use]
    pub fn is_corporate(&self) -> bool {
        self.portal.segment == Segment::Corporate
    }

    /// The rules of a kind of token, if the portal takes or took it.
    #[must_use]
    pub fn token_kind(&self, kind: TokenKind) -> Option<&KindRules> {
        self.tokens.kind(kind)
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
        self.tokens.kind_open_for_registration(kind, today)
    }

    /// From when on a token can be registered after a revocation.
    #[must_use]
    pub fn revocation_wait_until(&self, revoked_at: UtcTime) -> UtcTime {
        self.tokens.revocation.wait_until(revoked_at)
    }

    /// The rule of a secret, if the portal knows it.
    #[must_use]
    pub fn secret_rule(&self, kind: SecretKind) -> Option<&SecretRule> {
        match kind {
            SecretKind::Activation => {
                self.tokens.issue.as_ref().map(|issue| &issue.activation_password)
            }
            _ => self.credentials.secret_rule(kind),
        }
    }

    /// Which secret a user of this role has in the place of `kind`: a contract's administrator has
    /// others where the portal names them.
    #[must_use]
    pub fn secret_of(&self, kind: SecretKind, role: Role) -> SecretKind {
        let own = match (kind, role) {
            (SecretKind::Login, Role::Administrator) => SecretKind::AdministratorLogin,
            (SecretKind::Confirm, Role::Administrator) => SecretKind::AdministratorConfirm,
            _ => kind,
        };
        if self.secret_rule(own).is_some() { own } else { kind }
    }

    /// What users of this role call the secret.
    #[must_use]
    pub fn secret_label(&self, kind: SecretKind, role: Role) -> &str {
        self.secret_rule(self.secret_of(kind, role)).map_or("", |rule| rule.label.as_str())
    }

    /// Whether users log in with their contract's id and one of their own, and the contract's
    /// administrator with the contract's id alone.
    #[must_use]
    pub fn signs_in_by_contract(&self) -> bool {
        self.credentials.sign_in == SignIn::ContractAndUser
    }

    /// Why `text` cannot become such a secret; `None` if it can.
    #[must_use]
    pub fn password_problem(&self, kind: SecretKind, text: &str) -> Option<PasswordProblem> {
        let forbidden: &[String] = match kind {
            // Short numbers for one use: words say nothing about them.
            SecretKind::Activation | SecretKind::RegistrationNumber => &[],
            _ => &self.credentials.forbidden_parts,
        };
        self.secret_rule(kind)
            .map_or(Some(PasswordProblem::NotUsedHere), |rule| rule.problem(text, forbidden))
    }

    /// Whether the portal is open at this time of Japan.
    #[must_use]
    pub fn is_open_at(&self, jst: NaiveDateTime) -> bool {
        self.hours.is_open_at(jst)
    }

    /// Whether a code may be asked after id and password (BLG010).
    #[must_use]
    pub fn asks_code_at_login(&self) -> bool {
        let rules = self.auth.rules_of(Operation::Login);
        rules.iter().any(|rule| rule.method.token_code().is_some())
    }

    /// The ids of the screens that the portal has, each once.
    #[must_use]
    pub fn screens(&self) -> Vec<&'static str> {
        screens::of(self)
    }

    /// Whether its tokens come as things that are sent out.
    #[must_use]
    pub fn sends_tokens(&self) -> bool {
        self.tokens.kinds.iter().any(|rules| rules.kind == TokenKind::Hardware)
    }

    /// Whether the portal has this screen.
    #[must_use]
    pub fn has_screen(&self, id: &str) -> bool {
        self.screens().contains(&id)
    }

    /// The profile in plain English, for `profile check`.
    #[must_use]
    pub fn explain(&self) -> String {
        explain::explain(self)
    }
}

#[cfg(test)]
mod tests;
