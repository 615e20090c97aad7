//! `token revoke`.

use std::io::Write;

use crate::cli::token::RevokeArgs;
use crate::cli::{CommandError, Exit, Operator, ctx};
use crate::operations::Services;
use crate::operations::token::revoke::{self, RevokeOutcome};
use crate::primitives::clock::jst_iso;
use crate::primitives::code::normalise_serial;

/// Revokes one token.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn revoke(
    services: &Services,
    operator: &Operator,
    args: &RevokeArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "token revoke")?;
    let serial = normalise_serial(&args.serial);
    let line = match revoke::revoke(services, &ctx, &serial, args.reason)? {
        RevokeOutcome::Revoked { users, registrable_from } => {
            let (users, from) = (users.join(", "), jst_iso(registrable_from));
            writeln!(out, "{serial}: revoked for {users}; the next can be registered from {from}")?;
            return Ok(Exit::Done);
        }
        RevokeOutcome::NoSuchToken => format!("{serial}: the portal has no such token"),
        RevokeOutcome::NotInUse => format!("{serial}: nobody uses it; nothing to revoke"),
        RevokeOutcome::Refused(refusal) => format!("{serial}: refused: {refusal:?}"),
    };
    writeln!(out, "{line}")?;
    Ok(Exit::Findings)
}
