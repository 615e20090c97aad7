//! `staff add`, `staff list` and `staff change`.

use std::io::Write;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit, Operator, ctx};
use crate::domain::staff::StaffRole;
use crate::operations::Services;
use crate::operations::staff::members::{self, MemberChange, MemberOutcome};
use crate::primitives::clock::jst_iso;

/// Longest id and name that the table takes.
const ID_MAX: usize = 32;
const NAME_MAX: usize = 100;

/// Commands on the institution's staff.
#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Add a member of staff; prints the first password, once.
    #[command(after_help = ADD_EXAMPLES)]
    Add(AddArgs),
    /// List the members of staff of a portal.
    List(ListArgs),
    /// Lock a member out, let one in again, or give another password or authenticator.
    #[command(after_help = CHANGE_EXAMPLES)]
    Change(ChangeArgs),
}

const ADD_EXAMPLES: &str = "\
Roles: clerk (受付) makes, checker (承認) makes and decides what others asked for, auditor (監査) reads.
Hand the password over in person; the first login sets the authenticator up.
Exit codes: 0 added, 1 the portal has this id already, 2 not done.

Example:
  madoguchi staff add --portal PORTAL --role clerk --name '窓口 受子' clerk01";

const CHANGE_EXAMPLES: &str = "\
Changes: lock, unlock, new-authenticator, new-password. All but unlock end the member's open logins.
Exit codes: 0 changed, 1 nothing to change or no such member, 2 not done.

Examples:
  madoguchi staff change --portal PORTAL unlock clerk01
  madoguchi staff change --portal PORTAL new-authenticator clerk01";

/// `staff add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// clerk, checker or auditor.
    #[arg(long, value_parser = role)]
    pub role: StaffRole,
    /// The name, as lists show it.
    #[arg(long)]
    pub name: String,
    /// What the member types to log in.
    #[arg(value_name = "STAFF_ID")]
    pub staff_id: String,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// `staff list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// `staff change`.
#[derive(Debug, Args)]
pub struct ChangeArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// lock, unlock, new-authenticator or new-password.
    #[arg(value_parser = change_of)]
    pub change: MemberChange,
    /// Who.
    #[arg(value_name = "STAFF_ID")]
    pub staff_id: String,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

fn role(text: &str) -> Result<StaffRole, String> {
    StaffRole::from_text(text).ok_or_else(|| "write clerk, checker or auditor".to_owned())
}

fn change_of(text: &str) -> Result<MemberChange, String> {
    MemberChange::from_text(text)
        .ok_or_else(|| "write lock, unlock, new-authenticator or new-password".to_owned())
}

/// Adds a member.
///
/// # Errors
/// An unknown portal, an id or name that cannot be one, the database, or the output.
pub fn add(
    services: &Services,
    operator: &Operator,
    args: &AddArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "staff add")?;
    let (staff_id, name) = (args.staff_id.as_str(), args.name.trim());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if staff_id.is_empty() || staff_id.len() > ID_MAX || !staff_id.chars().all(is_plain) {
        return Err(CommandError::Wrong(format!(
            "{staff_id}: an id has up to {ID_MAX} letters, digits, dots, hyphens and underscores"
        )));
    }
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(CommandError::Wrong(format!("--name: give 1 to {NAME_MAX} characters")));
    }
    match members::add(services, &ctx, (staff_id, name), args.role)? {
        MemberOutcome::Done(password) => {
            let password = password.as_ref().map_or("", |password| password.as_str());
            writeln!(out, "added: {staff_id} ({}); first password: {password}", args.role)?;
            Ok(Exit::Done)
        }
        MemberOutcome::Same | MemberOutcome::NoSuchMember => {
            writeln!(
                out,
                "the portal {} has {staff_id} already; nothing was changed",
                args.portal
            )?;
            Ok(Exit::Findings)
        }
    }
}

/// Lists the members.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn list(
    services: &Services,
    operator: &Operator,
    args: &ListArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "staff list")?;
    for member in members::list(services, &ctx)? {
        let state = match (member.locked_at, member.enrolled_at) {
            (Some(at), _) => format!("locked since {}", jst_iso(at)),
            (None, None) => "first login to come".to_owned(),
            (None, Some(_)) => "open".to_owned(),
        };
        writeln!(out, "{}\t{}\t{}\t{state}", member.staff_id, member.role, member.name)?;
    }
    Ok(Exit::Done)
}

/// Changes a member.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn change(
    services: &Services,
    operator: &Operator,
    args: &ChangeArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "staff change")?;
    let staff_id = &args.staff_id;
    let line = match members::change(services, &ctx, staff_id, args.change)? {
        MemberOutcome::Done(password) => {
            let told = password.map_or_else(String::new, |p| format!("; password: {}", p.as_str()));
            writeln!(out, "{}: {staff_id}{told}", args.change)?;
            return Ok(Exit::Done);
        }
        MemberOutcome::NoSuchMember => {
            format!("the portal {} has no member of staff {staff_id}; check the id", args.portal)
        }
        MemberOutcome::Same => format!("{staff_id} stands so already"),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}
