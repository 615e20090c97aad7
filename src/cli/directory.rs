//! `directory show` and `directory check`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::{CommandError, DatabaseArgs, Exit};
use crate::domain::directory::Directory;

/// Commands on the directory of banks and branches.
#[derive(Debug, Subcommand)]
pub enum DirectoryCommand {
    /// Say which list a server would use, and of which day it is.
    Show(ShowArgs),
    /// Check a list before a server is given it.
    Check(CheckArgs),
}

const SHOW_EXAMPLES: &str = "\
A list of one's own takes the place of the one built in: MADOGUCHI_DIRECTORY, or `directory` in the
settings file. The server reads it at its start.

Example:
  madoguchi directory show --config /etc/madoguchi.toml";

/// `directory show`.
#[derive(Debug, Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub struct ShowArgs {
    /// Settings.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

const CHECK_EXAMPLES: &str = "\
Exit codes: 0 a good list, 1 a mistake (with its line), 2 the file cannot be read.

Example:
  bin/directory --to banks.txt && madoguchi directory check banks.txt";

/// `directory check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// The list.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Says which list is used: that of a file, or the one built in.
///
/// # Errors
/// The output.
pub fn show(
    path: Option<&Path>,
    given: Option<&Directory>,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let source = path.map_or_else(|| "built in".to_owned(), |path| path.display().to_string());
    write_line(&source, given.unwrap_or_else(|| Directory::builtin()), out)?;
    Ok(Exit::Done)
}

/// Checks the list in a file.
///
/// # Errors
/// A file that cannot be read, or the output.
pub fn check(args: &CheckArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let shown = args.file.display().to_string();
    let text = fs::read_to_string(&args.file).map_err(|error| {
        CommandError::Wrong(format!("{shown}: {error}; name a file that bin/directory wrote"))
    })?;
    match Directory::parse(text) {
        Ok(directory) => {
            write_line(&shown, &directory, out)?;
            Ok(Exit::Done)
        }
        Err(error) => {
            writeln!(out, "{shown}: {error}")?;
            Ok(Exit::Findings)
        }
    }
}

fn write_line(
    source: &str,
    directory: &Directory,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let (banks, branches) = (directory.bank_count(), directory.branch_count());
    writeln!(out, "{source}: {banks} banks, {branches} branches, as of {}", directory.as_of())?;
    Ok(())
}
