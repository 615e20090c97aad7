//! Who the portal is: name, colour, contact, mail sender.

use std::fmt;

use serde::Deserialize;

/// First part of a portal's addresses, as `aoba` in `/aoba/login`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(String);

impl Slug {
    /// Addresses that the server needs for itself.
    pub const RESERVED: &'static [&'static str] =
        &["qa", "token", "static", "healthz", "readyz", "metrics"];

    /// The slug as it stands in addresses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Slug {
    type Error = String;

    fn try_from(slug: String) -> Result<Self, String> {
        let has_form = slug.starts_with(|c: char| c.is_ascii_lowercase())
            && (2..=32).contains(&slug.len())
            && slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !has_form {
            return Err(format!(
                "`{slug}` cannot stand in addresses; \
                 write 2 to 32 of a-z, 0-9 and -, a letter first"
            ));
        }
        if Self::RESERVED.contains(&slug.as_str()) {
            return Err(format!("`{slug}` is reserved by the server; choose another word"));
        }
        Ok(Self(slug))
    }
}

/// Whom the portal serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Private customers (個人).
    Retail,
    /// Companies with several users (法人).
    Corporate,
}

impl Segment {
    /// The word users read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Retail => "個人",
            Self::Corporate => "法人",
        }
    }
}

/// The colour of a portal's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Blue.
    Blue,
    /// Blue-green.
    Teal,
    /// Green.
    Green,
    /// Orange.
    Orange,
    /// Red.
    Red,
    /// Purple.
    Purple,
}

impl Theme {
    /// The name that style sheets use, as in `data-theme="green"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Teal => "teal",
            Self::Green => "green",
            Self::Orange => "orange",
            Self::Red => "red",
            Self::Purple => "purple",
        }
    }
}

/// A bank code of the Zengin system: four digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct BankCode(String);

impl BankCode {
    /// The four digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BankCode {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        if code.len() == 4 && code.chars().all(|c| c.is_ascii_digit()) {
            Ok(Self(code))
        } else {
            Err(format!("`{code}` is no bank code; write four digits in quotation marks"))
        }
    }
}

/// Section `portal`: name and face.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// First part of the addresses; also the file's name.
    pub slug: Slug,
    /// The institution, as あおば信用金庫.
    pub institution: String,
    /// The service, as 法人インターネットバンキング.
    pub service: String,
    /// Whom it serves.
    pub segment: Segment,
    /// Colour of the pages.
    pub theme: Theme,
    /// The institution's bank code.
    pub bank_code: BankCode,
    /// The institution's name in the half-width kana of Zengin files, 15 characters at most.
    pub bank_name_kana: String,
}

/// Section `contact`: the block that stands on every page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Who answers.
    pub department: String,
    /// Telephone number: digits and hyphens.
    pub telephone: String,
    /// When somebody answers.
    pub hours: String,
    /// Number for lost tokens and theft, where it is another one.
    #[serde(default)]
    pub lost_telephone: Option<String>,
    /// When somebody answers there.
    #[serde(default)]
    pub lost_hours: Option<String>,
}

impl Contact {
    /// The number to call about a lost token or a theft.
    #[must_use]
    pub fn telephone_for_losses(&self) -> &str {
        self.lost_telephone.as_deref().unwrap_or(&self.telephone)
    }
}

/// Section `mail`: from whom notices come.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSender {
    /// The sender's address.
    pub sender_address: String,
    /// The sender's name.
    pub sender_name: String,
}

impl MailSender {
    /// The domain that a customer's spam filter must let through (BOT001 names it).
    #[must_use]
    pub fn domain(&self) -> &str {
        self.sender_address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}
