//! `zengin check`, `show` and `convert`: files in the banks' fixed-length formats, without a
//! database.

mod check;
mod convert;
mod show;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

pub use self::check::check;
pub use self::convert::{ConvertArgs, convert};
pub use self::show::show;
use crate::cli::CommandError;
use crate::zengin::check::{Checker, Expected, RecordRef, Report, Settings};

/// Commands on files in the banks' fixed-length formats (全銀協規定形式).
#[derive(Debug, Subcommand)]
pub enum ZenginCommand {
    /// Say everything that is wrong with a file.
    Check(CheckArgs),
    /// Show the records of a file, field by field.
    Show(ShowArgs),
    /// Turn a file into CSV, or CSV into a file.
    Convert(Box<ConvertArgs>),
}

const CHECK_EXAMPLES: &str = "\
Reads the file in pieces, whatever its size. Bank and branch codes are looked up in the directory
that is built in; because a list of this kind is never quite new, an unknown code is a warning.
docs/zengin.md lists the formats, the checks and their codes.
Exit codes: 0 no errors, 1 errors, 2 not a file of these formats, or it cannot be read.

Examples:
  madoguchi zengin check furikomi.txt
  madoguchi zengin check --type 11 --format json - < kyuyo.txt";

/// `zengin check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// What the report looks like.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// 種別コード that the file has to have, as 21; may be given several times [default: any].
    #[arg(long = "type", value_name = "CODE")]
    pub business_types: Vec<String>,
    /// Take a 91 for a result (処理結果明細), not for a request.
    #[arg(long)]
    pub result: bool,
    /// Look no bank and branch codes up.
    #[arg(long)]
    pub no_directory: bool,
    /// The file; - is the standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// What a report looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Lines for people, in Japanese.
    Text,
    /// One JSON object.
    Json,
}

const SHOW_EXAMPLES: &str = "\
Shows the records as they stand in the file, also those with mistakes; a record of a wrong length is
left out. `zengin check` says what is wrong.
Exit codes: 0 shown, 1 there is no such record, 2 the file cannot be read.

Examples:
  madoguchi zengin show furikomi.txt
  madoguchi zengin show --record 12 furikomi.txt";

/// `zengin show`.
#[derive(Debug, Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub struct ShowArgs {
    /// Show this record only, by its number from 1.
    #[arg(long, value_name = "NUMBER")]
    pub record: Option<u64>,
    /// The file; - is the standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Puts a file through the checker.
fn run(
    file: &Path,
    settings: Settings,
    expected: Expected<'_>,
    sink: &mut dyn FnMut(RecordRef<'_>),
) -> Result<Report, CommandError> {
    let mut checker = Checker::new(settings, expected);
    each_piece(file, &mut |piece| checker.feed(piece, sink))?;
    Ok(checker.finish(sink))
}

/// Reads a file piece by piece; - is the standard input.
fn each_piece(file: &Path, take: &mut dyn FnMut(&[u8])) -> Result<(), CommandError> {
    let wrong = |error: std::io::Error| {
        let shown = file.display();
        CommandError::Wrong(format!("{shown}: {error}; name a file that can be read, or -"))
    };
    let mut input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(wrong)?)
    };
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => take(piece.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(wrong(error)),
        }
    }
}
