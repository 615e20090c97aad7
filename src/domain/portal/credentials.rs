//! Ids and secrets: labels, lengths, characters, locks.

use std::fmt;

use serde::Deserialize;

/// Which fields the login form has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// One id and a password.
    OneId,
    /// Users: contract id, user id and password; the administrator: contract id and password.
    ContractAndUser,
}

/// Characters that an id or secret may consist of; always half-width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Characters {
    /// 0 to 9.
    Digits,
    /// A to Z, a to z, 0 to 9.
    LettersAndDigits,
    /// All visible characters of ASCII; no space.
    VisibleAscii,
}

impl Characters {
    /// Whether `c` may be used.
    #[must_use]
    pub fn allows(self, c: char) -> bool {
        match self {
            Self::Digits => c.is_ascii_digit(),
            Self::LettersAndDigits => c.is_ascii_alphanumeric(),
            Self::VisibleAscii => c.is_ascii_graphic(),
        }
    }

    /// The words users read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Digits => "半角数字",
            Self::LettersAndDigits => "半角英数字",
            Self::VisibleAscii => "半角の英字・数字・記号",
        }
    }
}

/// A class of characters of which a secret must hold at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CharacterClass {
    /// A to Z, a to z.
    Letter,
    /// 0 to 9.
    Digit,
    /// Anything else that can be seen.
    Symbol,
}

impl CharacterClass {
    /// Whether `c` belongs to the class.
    #[must_use]
    pub fn holds(self, c: char) -> bool {
        match self {
            Self::Letter => c.is_ascii_alphabetic(),
            Self::Digit => c.is_ascii_digit(),
            Self::Symbol => c.is_ascii_punctuation(),
        }
    }

    /// The word users read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Letter => "英字",
            Self::Digit => "数字",
            Self::Symbol => "記号",
        }
    }
}

/// An id that users type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdRule {
    /// The field's label.
    pub label: String,
    /// Where the user finds it.
    #[serde(default)]
    pub hint: Option<String>,
    /// Fewest characters.
    pub length_min: u32,
    /// Most characters.
    pub length_max: u32,
    /// Characters it consists of.
    pub characters: Characters,
}

impl IdRule {
    /// Why `text` cannot become such an id, in words.
    #[must_use]
    pub fn problem(&self, text: &str) -> Option<String> {
        let label = &self.label;
        let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        if text.is_empty() {
            return Some(format!("{label}を入力してください。"));
        }
        if !text.chars().all(|c| self.characters.allows(c)) {
            return Some(format!("{label}は{}で入力してください。", self.characters.label()));
        }
        (!(self.length_min..=self.length_max).contains(&length)).then(|| {
            format!(
                "{label}は{}文字以上{}文字以内で入力してください。",
                self.length_min, self.length_max
            )
        })
    }
}

/// A secret that users know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretRule {
    /// The field's label.
    pub label: String,
    /// A second name under which customers know it.
    #[serde(default)]
    pub also_called: Option<String>,
    /// Fewest characters.
    pub length_min: u32,
    /// Most characters.
    pub length_max: u32,
    /// Characters it may consist of.
    pub characters: Characters,
    /// Classes of which it must hold at least one character each.
    #[serde(default)]
    pub needs: Vec<CharacterClass>,
}

impl SecretRule {
    /// One line under the field, as 半角英数字6〜12文字.
    #[must_use]
    pub fn hint(&self) -> String {
        let length = if self.length_min == self.length_max {
            self.length_min.to_string()
        } else {
            format!("{}〜{}", self.length_min, self.length_max)
        };
        let mut hint = format!("{}{length}文字", self.characters.label());
        if !self.needs.is_empty() {
            let needs: Vec<_> = self.needs.iter().map(|class| class.label()).collect();
            hint = format!("{hint}（{}をそれぞれ1文字以上）", needs.join("・"));
        }
        hint
    }

    /// Why `text` cannot become this secret.
    #[must_use]
    pub fn problem(&self, text: &str, forbidden_parts: &[String]) -> Option<PasswordProblem> {
        let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        if !text.chars().all(|c| self.characters.allows(c)) {
            return Some(PasswordProblem::WrongCharacters { allowed: self.characters });
        }
        if length < self.length_min {
            return Some(PasswordProblem::TooShort { length_min: self.length_min });
        }
        if length > self.length_max {
            return Some(PasswordProblem::TooLong { length_max: self.length_max });
        }
        let lacking = self.needs.iter().find(|class| !text.chars().any(|c| class.holds(c)));
        if let Some(class) = lacking {
            return Some(PasswordProblem::Lacks(*class));
        }
        let lower = text.to_ascii_lowercase();
        let part = forbidden_parts.iter().find(|part| lower.contains(&part.to_ascii_lowercase()));
        part.map(|part| PasswordProblem::TooCommon { part: part.clone() })
    }
}

/// The secrets a portal may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The password of the login.
    Login,
    /// The secret asked again for sensitive acts.
    Confirm,
    /// The administrator's password of the login.
    AdministratorLogin,
    /// The administrator's confirming secret.
    AdministratorConfirm,
    /// The number of the application form with which an administrator begins.
    RegistrationNumber,
    /// The password with which the token app fetches an issued token.
    Activation,
}

/// Why a new secret cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// The portal has no such secret.
    NotUsedHere,
    /// A character that is not allowed.
    WrongCharacters {
        /// Those that are.
        allowed: Characters,
    },
    /// Too few characters.
    TooShort {
        /// Fewest characters.
        length_min: u32,
    },
    /// Too many characters.
    TooLong {
        /// Most characters.
        length_max: u32,
    },
    /// No character of this class.
    Lacks(CharacterClass),
    /// A part that everybody guesses.
    TooCommon {
        /// That part.
        part: String,
    },
}

impl PasswordProblem {
    /// What to tell the user; `label` is the field's.
    #[must_use]
    pub fn message(&self, label: &str) -> String {
        match self {
            Self::NotUsedHere => format!("{label}はこのサービスでは使いません。"),
            Self::WrongCharacters { allowed } => {
                format!("{label}は{}で入力してください。", allowed.label())
            }
            Self::TooShort { length_min } => {
                format!("{label}は{length_min}文字以上で入力してください。")
            }
            Self::TooLong { length_max } => {
                format!("{label}は{length_max}文字以内で入力してください。")
            }
            Self::Lacks(class) => {
                format!("{label}には{}を1文字以上入れてください。", class.label())
            }
            Self::TooCommon { .. } => {
                format!("{label}に推測されやすい語が含まれています。別の文字列にしてください。")
            }
        }
    }
}

impl fmt::Display for PasswordProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUsedHere => write!(f, "this portal has no such secret"),
            Self::WrongCharacters { .. } => write!(f, "a character that is not allowed"),
            Self::TooShort { length_min } => write!(f, "shorter than {length_min} characters"),
            Self::TooLong { length_max } => write!(f, "longer than {length_max} characters"),
            Self::Lacks(class) => write!(f, "no character of the class {class:?}"),
            Self::TooCommon { .. } => write!(f, "a part that everybody guesses"),
        }
    }
}

/// Section `credentials`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Fields of the login form.
    pub sign_in: SignIn,
    /// Whether the institution hands out picture cards.
    #[serde(default)]
    pub picture_card: bool,
    /// Wrong login secrets in a row that lock the login.
    #[serde(default = "five")]
    pub login_failures_max: u32,
    /// Wrong confirming secrets in a row that lock it.
    #[serde(default = "five")]
    pub confirm_failures_max: u32,
    /// Wrong answers in a row that lock a picture card.
    #[serde(default = "five")]
    pub picture_card_failures_max: u32,
    /// Parts that no new login or confirming secret may hold, in any case.
    #[serde(default = "forbidden_parts_default")]
    pub forbidden_parts: Vec<String>,
    /// The one id, or the contract's.
    pub id: IdRule,
    /// The user's id within a contract.
    #[serde(default)]
    pub user_id: Option<IdRule>,
    /// The password of the login.
    pub login: SecretRule,
    /// The confirming secret.
    pub confirm: SecretRule,
    /// The administrator's password of the login.
    #[serde(default)]
    pub administrator_login: Option<SecretRule>,
    /// The administrator's confirming secret.
    #[serde(default)]
    pub administrator_confirm: Option<SecretRule>,
    /// The number of the application form with which an administrator begins.
    #[serde(default)]
    pub registration_number: Option<SecretRule>,
}

fn five() -> u32 {
    5
}

fn forbidden_parts_default() -> Vec<String> {
    ["12345678", "87654321", "abcdefgh", "qwertyui"].map(str::to_owned).to_vec()
}

impl Credentials {
    /// The rule of a secret; activation passwords stand with the token policy.
    #[must_use]
    pub fn secret_rule(&self, kind: SecretKind) -> Option<&SecretRule> {
        match kind {
            SecretKind::Login => Some(&self.login),
            SecretKind::Confirm => Some(&self.confirm),
            SecretKind::AdministratorLogin => self.administrator_login.as_ref(),
            SecretKind::AdministratorConfirm => self.administrator_confirm.as_ref(),
            SecretKind::RegistrationNumber => self.registration_number.as_ref(),
            SecretKind::Activation => None,
        }
    }
}
