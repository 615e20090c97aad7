//! `certificate ca`, `certificate list`, `certificate require` and `certificate revoke`.

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::{CommandError, DatabaseArgs, Exit, Operator, ctx};
use crate::db::queries::certificates;
use crate::operations::Services;
use crate::operations::certificate::require::{self, RequireOutcome};
use crate::operations::certificate::{authority, is_offered, revoke};
use crate::primitives::client_certificate::pem;
use crate::primitives::clock::jst_iso;

/// Certificates listed at most.
const LISTED_MAX: i64 = 10_000;

/// Commands on client certificates.
#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Print the certificate of the portal's own authority, made at the first need.
    #[command(after_help = CA_EXAMPLES)]
    Ca(CaArgs),
    /// List the portal's client certificates, newest first.
    List(PortalArgs),
    /// Let nobody of a contract log in without a client certificate, or lift that.
    #[command(after_help = REQUIRE_EXAMPLES)]
    Require(RequireArgs),
    /// Revoke the client certificates of a user.
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke(RevokeArgs),
}

const CA_EXAMPLES: &str = "\
A proxy that checks client certificates itself needs this certificate. With --new a new authority
issues from now on; what the earlier one issued stays good until its end.
Exit codes: 0 printed, 2 not done.

Examples:
  madoguchi certificate ca --portal PORTAL > client-ca.pem
  madoguchi certificate ca --portal PORTAL --new > client-ca-2.pem";

const REQUIRE_EXAMPLES: &str = "\
First set how certificates come in (MADOGUCHI_TLS_CLIENT_LISTEN, or the header of a proxy), or
nobody of the contract can log in. Logins without a certificate end at once; whoever has none draws
one at the next login.
Exit codes: 0 changed, 1 nothing to change or there is no such contract, 2 not done.

Examples:
  madoguchi certificate require --portal PORTAL 9000000001 on
  madoguchi certificate require --portal PORTAL 9000000001 off";

const REVOKE_EXAMPLES: &str = "\
The user can draw another one at the login page. User and administrators get a mail.
Exit codes: 0 revoked, 1 nothing to revoke or there is no such user, 2 not done.

Example:
  madoguchi certificate revoke --portal PORTAL 9000000001/tantoa";

/// `certificate ca`.
#[derive(Debug, Args)]
pub struct CaArgs {
    /// Make a new authority, and let the present one issue no more.
    #[arg(long)]
    pub new: bool,
    /// Where.
    #[command(flatten)]
    pub portal: PortalArgs,
}

/// Which portal.
#[derive(Debug, Args)]
pub struct PortalArgs {
    /// The portal's slug.
    #[arg(long, value_name = "SLUG")]
    pub portal: String,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Whether certificates are required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Required.
    On,
    /// Not required.
    Off,
}

/// `certificate require`.
#[derive(Debug, Args)]
pub struct RequireArgs {
    /// The contract's number.
    #[arg(value_name = "CONTRACT")]
    pub contract: String,
    /// Whether it requires certificates.
    pub switch: Switch,
    /// Where.
    #[command(flatten)]
    pub portal: PortalArgs,
}

/// `certificate revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The user's login id; in a contract with users of its own, CONTRACT/USER.
    #[arg(value_name = "LOGIN_ID")]
    pub login_id: String,
    /// Where.
    #[command(flatten)]
    pub portal: PortalArgs,
}

/// Prints the authority's certificate.
///
/// # Errors
/// An unknown portal, one without certificates, the database, or the output.
pub fn ca(
    services: &Services,
    operator: &Operator,
    args: &CaArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal.portal, "certificate ca")?;
    if !is_offered(&ctx.profile) {
        return Err(not_offered(&args.portal));
    }
    let authority = authority::issuing(services, &ctx, args.new)?;
    write!(out, "{}", pem(&authority.certificate))?;
    Ok(Exit::Done)
}

/// Lists certificates.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn list(
    services: &Services,
    operator: &Operator,
    args: &PortalArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "certificate list")?;
    let listed = services
        .db
        .read_blocking(|conn| certificates::list_of_portal(conn, &args.portal, LISTED_MAX))?;
    for (one, login_id) in listed {
        let state = match one.revoke_reason {
            Some(reason) => format!("revoked ({reason})"),
            None if ctx.now >= one.expires_at => "expired".to_owned(),
            None if one.first_used_at.is_none() => "not used yet".to_owned(),
            None => "in use".to_owned(),
        };
        let until = jst_iso(one.expires_at);
        writeln!(out, "{login_id}\t{}\tuntil {until}\t{state}", one.serial)?;
    }
    Ok(Exit::Done)
}

/// Sets whether a contract requires certificates.
///
/// # Errors
/// An unknown portal, one without certificates, the database, or the output.
pub fn require(
    services: &Services,
    operator: &Operator,
    args: &RequireArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal.portal, "certificate require")?;
    let is_required = args.switch == Switch::On;
    let (number, is_now) = (&args.contract, if is_required { "required" } else { "not required" });
    let line = match require::set(services, &ctx, number, is_required)? {
        RequireOutcome::Changed => {
            writeln!(out, "{number}: client certificates are {is_now} now")?;
            return Ok(Exit::Done);
        }
        RequireOutcome::Same => format!("{number}: client certificates are {is_now} already"),
        RequireOutcome::NoSuchContract => {
            format!("the portal {} has no open contract {number}", args.portal.portal)
        }
        RequireOutcome::NotOffered => return Err(not_offered(&args.portal)),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}

/// Revokes a user's certificates.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn revoke(
    services: &Services,
    operator: &Operator,
    args: &RevokeArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let portal = &args.portal.portal;
    let ctx = ctx(services, operator, portal, "certificate revoke")?;
    let login_id = &args.login_id;
    let line = match revoke::revoke_of(services, &ctx, login_id)? {
        Some(true) => {
            writeln!(out, "revoked: {login_id}")?;
            return Ok(Exit::Done);
        }
        Some(false) => format!("{login_id} has no client certificate; nothing to revoke"),
        None => format!("the portal {portal} has no user {login_id}; check the login id"),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}

fn not_offered(args: &PortalArgs) -> CommandError {
    CommandError::Wrong(format!(
        "--portal: the portal {} has no client certificates; set client_certificates in its \
         profile first",
        args.portal
    ))
}
