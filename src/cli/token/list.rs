//! `token list`.

use std::io::Write;

use crate::cli::token::ListArgs;
use crate::cli::{CommandError, Exit, profile};
use crate::db::queries::tokens;
use crate::operations::Services;
use crate::primitives::clock::jst_iso;

/// Lists a portal's tokens by serial.
///
/// # Errors
/// An unknown portal, the database, or the output.
pub fn list(
    services: &Services,
    args: &ListArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let profile = profile(services, &args.portal)?;
    let failures_max = profile.tokens.throttle.failures_max;
    let failures_max = i32::try_from(failures_max).unwrap_or(i32::MAX);
    let found = services.db.read_blocking(|conn| {
        tokens::list(conn, Some(&args.portal), args.state, i64::from(args.limit))
    })?;
    for token in &found {
        let expires = token.expires_at.map_or_else(|| "-".to_owned(), jst_iso);
        let suspended = if token.is_suspended(failures_max) { "suspended" } else { "-" };
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{expires}\t{suspended}",
            token.serial, token.kind, token.state, token.digits, token.period_seconds
        )?;
    }
    if u32::try_from(found.len()).is_ok_and(|count| count == args.limit) {
        writeln!(out, "... and perhaps more: raise --limit")?;
    }
    Ok(Exit::Done)
}
