//! `audit verify`.

use std::io::Write;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit};
use crate::operations::Services;
use crate::operations::audit::verify;

/// Commands on the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute the hash chain and check the signatures; exit code 1 with the first thing wrong.
    Verify(VerifyArgs),
}

const EXAMPLES: &str = "\
Prints one line. Lines not sealed yet are no finding unless they are older than five minutes, which
says that no worker runs. Signatures need every key of MADOGUCHI_KEYS that ever signed.

Example:
  madoguchi audit verify --config /etc/madoguchi.toml && echo intact";

/// `audit verify`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct VerifyArgs {
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Verifies the whole log.
///
/// # Errors
/// The database, or the output.
pub fn verify(services: &Services, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let report = verify::verify(services)?;
    let (sealed, heads, unsealed) = (report.sealed, report.heads, report.unsealed);
    match report.finding {
        None => {
            writeln!(
                out,
                "the audit log is intact: {sealed} lines sealed, {heads} signed heads, \
                 {unsealed} lines not sealed yet"
            )?;
            Ok(Exit::Done)
        }
        Some(finding) => {
            writeln!(out, "the audit log is NOT intact, after {sealed} good lines: {finding}")?;
            Ok(Exit::Findings)
        }
    }
}
