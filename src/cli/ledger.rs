//! `ledger check`.

use std::io::Write;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit};
use crate::operations::Services;
use crate::operations::ledger::check;

/// Commands on the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Recompute every balance from its postings; exit code 1 with everything wrong.
    Check(CheckArgs),
}

const EXAMPLES: &str = "\
Checks on one snapshot, also while the server runs: each entry sums to zero, each balance is the sum
of its postings, no customer stands below the floor, and all postings together make zero.

Example:
  madoguchi ledger check --database sqlite:/var/lib/madoguchi/bank.db";

/// `ledger check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Checks the whole ledger.
///
/// # Errors
/// The database, or the output.
pub fn check(services: &Services, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let report = check::check(services)?;
    let (entries, accounts) = (report.entries, report.accounts);
    if report.findings.is_empty() {
        writeln!(out, "the ledger balances: {entries} entries, {accounts} accounts")?;
        return Ok(Exit::Done);
    }
    for finding in &report.findings {
        writeln!(out, "{finding}")?;
    }
    let count = report.findings.len();
    writeln!(
        out,
        "the ledger does NOT balance: {count} findings in {entries} entries, {accounts} accounts"
    )?;
    Ok(Exit::Findings)
}
