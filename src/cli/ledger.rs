//! `ledger check` and `ledger reverse`.

use std::io::Write;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit, Operator, ctx};
use crate::operations::Services;
use crate::operations::ledger::check;
use crate::operations::ledger::reverse::{self, ReverseOutcome};
use crate::primitives::ids::EntryId;

/// Commands on the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Recompute every balance from its postings; exit code 1 with everything wrong.
    Check(CheckArgs),
    /// Correct an entry by a new one that takes the same amounts back; once only.
    Reverse(ReverseArgs),
}

/// Longest reason; the audit log keeps it whole.
const REASON_MAX: usize = 200;

const EXAMPLES: &str = "\
Checks on one snapshot, also while the server runs: each entry sums to zero, each balance is the sum
of its postings, each line of a statement follows from the one above, no customer stands below the
floor, and all postings together make zero.

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

const REVERSE_EXAMPLES: &str = "\
Entries are never changed: the correction is an entry of its own, which statements show as 訂正. An
entry is corrected once, and a correction not at all. The fee that was posted with it is corrected
with it, and so is what came back of a bulk file (組戻). Nothing is done where a customer's account
would fall below its floor, or where what came back was corrected before by itself. The audit log
keeps the reason; write no names or numbers into it.
Exit codes: 0 corrected, 1 refused, 2 not done.

Example:
  madoguchi ledger reverse 4711 --reason \"posted twice, form 2026-118\"";

/// `ledger reverse`.
#[derive(Debug, Args)]
#[command(after_help = REVERSE_EXAMPLES)]
pub struct ReverseArgs {
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// The number of the entry.
    pub entry: i64,
    /// Why, for the audit log.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// Corrects an entry.
///
/// # Errors
/// No reason, an unknown portal, the database, or the output.
pub fn reverse(
    services: &Services,
    operator: &Operator,
    args: &ReverseArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let (entry, reason) = (EntryId(args.entry), args.reason.trim());
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        let wrong = format!("--reason: say why in 1 to {REASON_MAX} characters");
        return Err(CommandError::Wrong(wrong));
    }
    let Some(portal) = reverse::portal_of(services, entry)? else {
        writeln!(out, "entry {entry}: there is no such entry")?;
        return Ok(Exit::Findings);
    };
    let ctx = ctx(services, operator, &portal, "ledger reverse")?;
    let line = match reverse::reverse(services, &ctx, entry, reason)? {
        ReverseOutcome::Reversed { by, fee, returned } => {
            writeln!(out, "entry {entry}: corrected by entry {by}")?;
            if let Some(fee) = fee {
                writeln!(out, "its fee: corrected by entry {fee}")?;
            }
            if let Some(returned) = returned {
                writeln!(out, "what came back of it: corrected by entry {returned}")?;
            }
            return Ok(Exit::Done);
        }
        ReverseOutcome::NoSuchEntry => format!("entry {entry}: there is no such entry"),
        ReverseOutcome::IsReversal => {
            format!("entry {entry}: is a correction itself; post what is right as a new entry")
        }
        ReverseOutcome::Already(by) => format!("entry {entry}: was corrected by entry {by}"),
        ReverseOutcome::ReturnCorrected(by) => format!(
            "entry {entry}: what came back of this file was corrected by entry {by}; its money may \
             have gone elsewhere since, so nothing is done"
        ),
        ReverseOutcome::Refused(account) => format!(
            "entry {entry}: refused by account {} {} {} (row {}): {}",
            account.branch_code,
            account.account_type,
            account.number,
            account.id,
            match account.closed_at {
                Some(_) => "it is closed".to_owned(),
                None => format!("{} would fall below {}", account.balance, account.floor),
            }
        ),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
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
