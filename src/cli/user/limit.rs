//! `user limit`.

use std::io::Write;

use clap::Args;

use crate::cli::user::{UserArgs, no_such_user};
use crate::cli::{CommandError, Exit, Operator, ctx};
use crate::domain::limit::LimitService;
use crate::operations::Services;
use crate::operations::limit::applied::{AppliedOutcome, set};
use crate::primitives::yen::Yen;

/// More than any customer applies for; a slip of the keyboard shows.
const YEN_MAX: i64 = 100_000_000_000;

pub(super) const EXAMPLES: &str = "\
What the customer applied for on paper, a day: no limit is above it, and no rise leads beyond it. A
lower amount holds at once. Without one the most that the profile lets customers ask for holds.
Exit codes: 0 written down, 1 nothing to change, no such user or no such service, 2 not done.

Example:
  madoguchi user limit --portal PORTAL --service transfer --yen 3000000 1000000002";

/// `user limit`.
#[derive(Debug, Args)]
pub struct LimitArgs {
    /// For what.
    #[arg(long, value_parser = service, value_name = "transfer|pay_easy|files")]
    pub service: LimitService,
    /// The most a day.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=YEN_MAX), value_name = "YEN")]
    pub yen: i64,
    /// Who.
    #[command(flatten)]
    pub user: UserArgs,
}

fn service(text: &str) -> Result<LimitService, String> {
    LimitService::from_text(text).ok_or_else(|| "write transfer, pay_easy or files".to_owned())
}

/// Writes down what a customer applied for.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn limit(
    services: &Services,
    operator: &Operator,
    args: &LimitArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let (login_id, service, yen) = (&args.user.login_id, args.service, Yen(args.yen));
    let ctx = ctx(services, operator, &args.user.portal, "user limit")?;
    let line = match set(services, &ctx, login_id, service, yen)? {
        AppliedOutcome::Changed => {
            writeln!(out, "{login_id}: {service} at most {} yen a day", yen.0)?;
            return Ok(Exit::Done);
        }
        AppliedOutcome::NotOffered => format!("the portal has no {service}"),
        AppliedOutcome::NoSuchUser => no_such_user(&args.user),
        AppliedOutcome::Same => format!("{login_id}: that is written down already"),
        AppliedOutcome::Stale => {
            format!("{login_id}: the limits have just changed; run the command again")
        }
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}
