//! `profile check`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit};
use crate::domain::portal::Profile;

/// Commands on portal profiles.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Check profiles and say in plain English what they mean.
    Check(CheckArgs),
}

const EXAMPLES: &str = "\
Without a FILE it checks the profiles that serve would use. Files given together are also checked
against each other: two portals cannot have one slug.
Exit codes: 0 all good, 1 mistakes found (one line each), 2 a file cannot be read.

Examples:
  madoguchi profile check profiles/*.toml
  madoguchi profile check --quiet --profiles /etc/madoguchi/profiles";

/// `profile check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Profiles (TOML).
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Say only which portals there are.
    #[arg(long, short)]
    pub quiet: bool,
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Names and texts of the files given.
///
/// # Errors
/// A file that cannot be read.
pub fn read_files(args: &CheckArgs) -> Result<BTreeMap<String, String>, CommandError> {
    let read = |path: &PathBuf| {
        let shown = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Ok((shown, text)),
            Err(error) => {
                Err(CommandError::Wrong(format!("{shown}: {error}; name readable files")))
            }
        }
    };
    args.files.iter().map(read).collect()
}

/// Checks profiles, by name and text, and says what they mean or every mistake in them.
///
/// # Errors
/// The output.
pub fn check(
    files: &BTreeMap<String, String>,
    is_quiet: bool,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let texts: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    match Profile::parse_all(&texts) {
        Ok(profiles) => {
            for profile in &profiles {
                show(profile, is_quiet, out)?;
            }
            Ok(Exit::Done)
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                writeln!(out, "{mistake}")?;
            }
            Ok(Exit::Findings)
        }
    }
}

fn show(profile: &Profile, is_quiet: bool, out: &mut dyn Write) -> Result<(), CommandError> {
    writeln!(out, "{}: {}", profile.slug(), profile.display_name())?;
    if !is_quiet {
        writeln!(out, "{}", profile.explain().trim_end())?;
        writeln!(out)?;
    }
    Ok(())
}
