//! `token import`, `token list`, `token ship` and `token revoke`.

mod import;
mod list;
mod revoke;
mod ship;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::DatabaseArgs;
use crate::domain::token::{TokenKind, TokenState};
use crate::keyfile::KeyFileFormat;
use crate::operations::token::revoke::RevokeReason;

pub use import::import;
pub use list::list;
pub use revoke::revoke;
pub use ship::ship;

/// Commands on tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Take the tokens of a maker's key file into a portal's stock.
    Import(ImportArgs),
    /// List a portal's tokens.
    List(ListArgs),
    /// Note that a token from stock goes to a contract.
    Ship(ShipArgs),
    /// Revoke (失効) a token for every user of it.
    Revoke(RevokeArgs),
}

const IMPORT_EXAMPLES: &str = "\
Each row of the file is reported: imported, or refused and why. A file that cannot be opened, was
altered, or needs another key gives no row at all and changes nothing.
Exit codes: 0 all rows imported, 1 some rows refused, 2 the file was refused.

A CSV has the header serial,secret,type,digits,period; secrets are hexadecimal or Base32.
A key or password is read from a file (- is standard input), never from the command line.

Examples:
  madoguchi token import --portal PORTAL --kind hardware --format csv tokens.csv
  madoguchi token import --portal PORTAL --kind hardware --format pskc --key-file psk.hex seeds.xml
  pass show maker | madoguchi token import --portal PORTAL --kind hardware --format pskc \\
      --password-file - seeds.xml";

/// `token import`.
#[derive(Debug, Args)]
#[command(after_help = IMPORT_EXAMPLES)]
pub struct ImportArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// Where the secrets come from.
    #[arg(long, value_parser = token_kind, value_name = "hardware|vendor_app|app|desktop")]
    pub kind: TokenKind,
    /// The file's form.
    #[arg(long)]
    pub format: Format,
    /// PSKC: file with the pre-shared key in hexadecimal, as the maker's letter has it.
    #[arg(long, value_name = "FILE", conflicts_with = "password_file")]
    pub key_file: Option<PathBuf>,
    /// PSKC: file with the password on its first line.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// The maker's key file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Forms of key files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Portable Symmetric Key Container (RFC 6030, XML).
    Pskc,
    /// serial,secret,type,digits,period.
    Csv,
}

impl From<Format> for KeyFileFormat {
    fn from(format: Format) -> KeyFileFormat {
        match format {
            Format::Pskc => KeyFileFormat::Pskc,
            Format::Csv => KeyFileFormat::OathCsv,
        }
    }
}

const LIST_EXAMPLES: &str = "\
Columns, with tabs between them: serial, kind, state, digits, period in seconds, end of validity
(Japan time), suspended. Secrets are never shown.

Example:
  madoguchi token list --portal PORTAL --state stock";

/// `token list`.
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub struct ListArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// Only tokens in this state.
    #[arg(long, value_parser = token_state, value_name = "stock|shipped|in_use|retired")]
    pub state: Option<TokenState>,
    /// At most so many.
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000)]
    pub limit: u32,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

const SHIP_EXAMPLES: &str = "\
From then on only users of that contract can register the token.
Exit codes: 0 shipped, 1 not shipped (the line says why), 2 not done.

Example:
  madoguchi token ship --portal PORTAL 2V0716016FK1 1000000001";

/// `token ship`.
#[derive(Debug, Args)]
#[command(after_help = SHIP_EXAMPLES)]
pub struct ShipArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// What is printed on the token's back.
    #[arg(value_name = "SERIAL")]
    pub serial: String,
    /// The contract's number.
    #[arg(value_name = "CONTRACT")]
    pub contract: String,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

const REVOKE_EXAMPLES: &str = "\
The token is of no use to anybody from then on; its users' sessions end, and they get a mail. They
can register another token once the wait of the profile is over.
Exit codes: 0 revoked, 1 not revoked (the line says why), 2 not done.

Example:
  madoguchi token revoke --portal PORTAL 2V0716016FK2 --reason lost";

/// `token revoke`.
#[derive(Debug, Args)]
#[command(after_help = REVOKE_EXAMPLES)]
pub struct RevokeArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// Why, for the audit log.
    #[arg(long, value_parser = revoke_reason, value_name = "lost|uninstalled|other")]
    pub reason: RevokeReason,
    /// What is printed on the token's back, or shown by the app.
    #[arg(value_name = "SERIAL")]
    pub serial: String,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

fn revoke_reason(text: &str) -> Result<RevokeReason, String> {
    let known = || one_of(RevokeReason::ALL.iter().map(|reason| reason.as_str()));
    RevokeReason::from_text(text).ok_or_else(known)
}

fn token_kind(text: &str) -> Result<TokenKind, String> {
    TokenKind::from_text(text).ok_or_else(|| one_of(TokenKind::ALL.iter().map(|k| k.as_str())))
}

fn token_state(text: &str) -> Result<TokenState, String> {
    TokenState::from_text(text).ok_or_else(|| one_of(TokenState::ALL.iter().map(|s| s.as_str())))
}

fn one_of<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("write one of: {}", texts.collect::<Vec<_>>().join(", "))
}
