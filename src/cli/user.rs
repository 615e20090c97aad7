//! `user release`, `user unlock`, `user hold`, `user limit` and `user lift-stop`.

pub mod limit;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit, Operator, ctx};
use crate::domain::token::TokenActor;
use crate::operations::Services;
use crate::operations::token::release::{self, ReleaseOutcome};
use crate::operations::user::hold::{self, HoldChange, HoldOutcome};
use crate::operations::user::lift_stop::{self, LiftOutcome};
use crate::operations::user::unlock::{self, UnlockOutcome};
use crate::primitives::clock::{UtcTime, jst_iso, parse_rfc3339};

/// Commands on users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Release the suspension (利用停止解除) of a user's token, for every user of that token.
    #[command(after_help = RELEASE_EXAMPLES)]
    Release(UserArgs),
    /// Unlock login, confirming secret and picture card of a user, and clear their counters.
    #[command(after_help = UNLOCK_EXAMPLES)]
    Unlock(UserArgs),
    /// End the hold on a user's transfers now, or give it a later end.
    #[command(after_help = HOLD_EXAMPLES)]
    Hold(HoldArgs),
    /// Write down the most a day that a customer applied for (限度額).
    #[command(after_help = limit::EXAMPLES)]
    Limit(limit::LimitArgs),
    /// Lift the emergency stop (緊急停止) of a user. A suspended token stays suspended.
    #[command(after_help = LIFT_STOP_EXAMPLES)]
    LiftStop(UserArgs),
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

const HOLD_EXAMPLES: &str = "\
A start, an exchange and the like open a hold: for some hours no transfers to new payees, and little
to others. The user gets a mail.
Exit codes: 0 changed, 1 nothing to change or there is no such user, 2 not done.

Examples:
  madoguchi user hold --portal PORTAL --lift 1000000002
  madoguchi user hold --portal PORTAL --until 2026-12-01T09:00:00+09:00 1000000002";

const LIFT_STOP_EXAMPLES: &str = "\
Be sure who asks. The user gets a mail. Whether the token was the user's own is another question:
`madoguchi user release` releases it, `madoguchi token revoke` takes it away for good.
Exit codes: 0 lifted, 1 nothing was stopped or there is no such user, 2 not done.

Example:
  madoguchi user lift-stop --portal PORTAL 1000000002";

/// `user hold`.
#[derive(Debug, Args)]
pub struct HoldArgs {
    /// End the hold now.
    #[arg(long, conflicts_with = "until", required_unless_present = "until")]
    pub lift: bool,
    /// The new, later end.
    #[arg(long, value_parser = time, value_name = "RFC3339")]
    pub until: Option<UtcTime>,
    /// Who.
    #[command(flatten)]
    pub user: UserArgs,
}

fn time(text: &str) -> Result<UtcTime, String> {
    parse_rfc3339(text).ok_or_else(|| "write it as 2026-12-01T09:00:00+09:00".to_owned())
}

/// Which user: for most commands all there is to say.
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

/// Changes a hold.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn hold(
    services: &Services,
    operator: &Operator,
    args: &HoldArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let login_id = &args.user.login_id;
    let ctx = ctx(services, operator, &args.user.portal, "user hold")?;
    let to = args.until.map_or(HoldChange::Lift, HoldChange::Until);
    let line = match hold::change(services, &ctx, login_id, to)? {
        HoldOutcome::Changed => {
            let did = args.until.map_or("lifted".to_owned(), |at| format!("until {}", jst_iso(at)));
            writeln!(out, "hold of {login_id}: {did}")?;
            return Ok(Exit::Done);
        }
        HoldOutcome::NoSuchUser => no_such_user(&args.user),
        HoldOutcome::NoHold => format!("{login_id} has no hold"),
        HoldOutcome::Past => "--until has passed already; give a later time".to_owned(),
        HoldOutcome::LastsLonger(until) => format!(
            "the hold of {login_id} lasts until {} already; give a later time, or lift it first",
            jst_iso(until)
        ),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}

/// Lifts an emergency stop.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn lift_stop(
    services: &Services,
    operator: &Operator,
    args: &UserArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "user lift-stop")?;
    let (portal, login_id) = (&args.portal, &args.login_id);
    let line = match lift_stop::lift(services, &ctx, login_id)? {
        LiftOutcome::Lifted { suspended_serial } => {
            writeln!(out, "emergency stop lifted: {login_id}")?;
            if let Some(serial) = suspended_serial {
                writeln!(
                    out,
                    "its token {serial} stays suspended; if it is in the right hands: madoguchi \
                     user release --portal {portal} {login_id}; if not: madoguchi token revoke \
                     --portal {portal} {serial} --reason lost"
                )?;
            }
            return Ok(Exit::Done);
        }
        LiftOutcome::NoSuchUser => no_such_user(args),
        LiftOutcome::NotStopped => format!("nothing of {login_id} is stopped"),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}

fn no_such_user(args: &UserArgs) -> String {
    format!("the portal {} has no user {}; check the login id", args.portal, args.login_id)
}
