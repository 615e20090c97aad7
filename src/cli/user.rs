//! `user release` and `user unlock`.

use std::io::Write;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit, Operator, ctx};
use crate::domain::token::TokenActor;
use crate::operations::Services;
use crate::operations::token::release::{self, ReleaseOutcome};
use crate::operations::user::unlock::{self, UnlockOutcome};

/// Commands on users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Release the suspension (利用停止解除) of a user's token, for every user of that token.
    #[command(after_help = RELEASE_EXAMPLES)]
    Release(UserArgs),
    /// Unlock login, confirming secret and picture card of a user, and clear their counters.
    #[command(after_help = UNLOCK_EXAMPLES)]
    Unlock(UserArgs),
}

const RELEASE_EXAMPLES: &str = "\
On the customer's written form. The users concerned get a mail.
Exit codes: 0 released, 1 nothing to release, 2 not done.

Example:
  madoguchi user release --portal PORTAL 1000000006";

const UNLOCK_EXAMPLES: &str = "\
Exit codes: 0 unlocked, 1 nothing was locked or there is no such user, 2 not done.

Example:
  madoguchi user unlock --portal PORTAL 1000000007";

/// `user release` and `user unlock`.
#[derive(Debug, Args)]
pub struct UserArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// What the user types to log in.
    #[arg(value_name = "LOGIN_ID")]
    pub login_id: String,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Releases a suspension.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn release(
    services: &Services,
    operator: &Operator,
    args: &UserArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "user release")?;
    let login_id = &args.login_id;
    let line = match release::release(services, &ctx, login_id, TokenActor::Staff)? {
        ReleaseOutcome::Released(users) => {
            writeln!(out, "released: {}", users.join(", "))?;
            return Ok(Exit::Done);
        }
        ReleaseOutcome::NoSuchUser => no_such_user(args),
        ReleaseOutcome::NoToken => format!("{login_id} has no token; nothing to release"),
        ReleaseOutcome::NotSuspended => format!("the token of {login_id} is not suspended"),
        ReleaseOutcome::Refused(refusal) => format!("{login_id}: refused: {refusal:?}"),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}

/// Unlocks a user.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn unlock(
    services: &Services,
    operator: &Operator,
    args: &UserArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "user unlock")?;
    let line = match unlock::unlock(services, &ctx, &args.login_id)? {
        UnlockOutcome::Unlocked => {
            writeln!(out, "unlocked: {}", args.login_id)?;
            return Ok(Exit::Done);
        }
        UnlockOutcome::NoSuchUser => no_such_user(args),
        UnlockOutcome::NothingLocked => format!("nothing of {} is locked", args.login_id),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}

fn no_such_user(args: &UserArgs) -> String {
    format!("the portal {} has no user {}; check the login id", args.portal, args.login_id)
}
