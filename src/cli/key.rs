//! `key reseal`.

use std::io::Write;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit, Operator, ctx};
use crate::operations::Services;
use crate::operations::key::reseal;

/// Commands on the sealing keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Seal with the first key what older keys sealed: tokens' secrets, picture cards, secrets and
    /// letters of staff, and the keys of certificate authorities.
    #[command(after_help = RESEAL_EXAMPLES)]
    Reseal(ResealArgs),
}

const RESEAL_EXAMPLES: &str = "\
To rotate the key: put the new one in front in MADOGUCHI_KEYS (`k2:...,k1:...`), restart every
server, then run this with the same keys. It may run beside the servers, and again at any time.
Exit codes: 0 all is sealed with the first key, 1 something is left, 2 not done.

Example:
  madoguchi key reseal --config /etc/madoguchi.toml";

/// `key reseal`.
#[derive(Debug, Args)]
pub struct ResealArgs {
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Seals anew in every portal.
///
/// # Errors
/// The database, no randomness, or the output.
pub fn reseal(
    services: &Services,
    operator: &Operator,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    for portal in services.profiles.keys() {
        let ctx = ctx(services, operator, portal, "key reseal")?;
        let done = reseal::reseal(services, &ctx)?;
        let (tokens, cards, staff) = (done.tokens, done.picture_cards, done.staff);
        let authorities = done.authorities;
        writeln!(
            out,
            "{portal}: sealed anew: {} token secrets, {} picture cards, {} staff secrets, \
             {} certificate authorities; cannot be opened: {}, {}, {}, {}",
            tokens.resealed,
            cards.resealed,
            staff.resealed,
            authorities.resealed,
            tokens.unopened,
            cards.unopened,
            staff.unopened,
            authorities.unopened
        )?;
    }
    let (left, key_id) = (reseal::remaining(services)?, services.keys.sealing_key_id());
    let secrets = [left.tokens, left.picture_cards, left.staff, left.authorities];
    if secrets.iter().all(|count| *count == 0) {
        writeln!(out, "everything is sealed with the key {key_id}")?;
        return Ok(Exit::Done);
    }
    writeln!(
        out,
        "still sealed with other keys than {key_id}: {} token secrets, {} picture cards, {} staff \
         secrets, {} certificate authorities; keep those keys in MADOGUCHI_KEYS, add missing ones \
         behind the first, restart servers with another first key, and run this again",
        left.tokens, left.picture_cards, left.staff, left.authorities
    )?;
    Ok(Exit::Findings)
}
