//! `token import`.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::token::ImportArgs;
use crate::cli::{CommandError, Exit, Operator, ctx};
use crate::domain::portal::{Credential, KindRules, Profile};
use crate::keyfile::error::KeyFileError;
use crate::keyfile::{FILE_BYTES_MAX, KeyFileKey, KeyRow, parse_key_file};
use crate::operations::Services;
use crate::operations::token::import::{self, ImportRow, RowFault, RowOutcome, sort_out};
use crate::primitives::secret::Secret;

/// Keys and passwords are short; more than this is the wrong file.
const KEY_BYTES_MAX: u64 = 4096;

/// What is said about a row.
enum Report {
    Imported,
    Refused(String),
}

/// Imports a key file and reports each row.
///
/// # Errors
/// An unknown portal, an unreadable file, the database, or the output. A refused file is no error
/// but [`Exit::Refused`].
pub fn import(
    services: &Services,
    operator: &Operator,
    args: &ImportArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let ctx = ctx(services, operator, &args.portal, "token import")?;
    let kind = rules_of_kind(&ctx.profile, args)?;
    let key = match key(args)? {
        Ok(key) => key,
        Err(error) => return refuse_file(args, &error, out),
    };
    let bytes = read_file(&args.file)?;
    let rows = match parse_key_file(args.format.into(), &bytes, &key) {
        Ok(rows) => rows,
        Err(error) => return refuse_file(args, &error, out),
    };
    if rows.is_empty() {
        writeln!(out, "{}: there is no token in this file", args.file.display())?;
        return Ok(Exit::Refused);
    }
    let (mut reports, good) = reports(&rows, kind);
    let outcomes = import::import(services, &ctx, args.kind, &good)?;
    let slots = reports.iter_mut().filter(|report| report.is_none());
    for (slot, outcome) in slots.zip(outcomes) {
        *slot = Some(match outcome {
            RowOutcome::Imported => Report::Imported,
            RowOutcome::Exists => Report::Refused("the portal has this serial already".to_owned()),
        });
    }
    write_reports(&rows, &reports, out)
}

/// The portal's rules of the kind; only kinds whose secrets come from a file can be imported.
fn rules_of_kind<'a>(
    profile: &'a Profile,
    args: &ImportArgs,
) -> Result<&'a KindRules, CommandError> {
    let from_file = |rules: &&KindRules| rules.credential == Credential::Stock;
    profile.token_kind(args.kind).filter(from_file).ok_or_else(|| {
        let kinds: Vec<&str> =
            profile.tokens.kinds.iter().filter(from_file).map(|r| r.kind.as_str()).collect();
        let kinds = if kinds.is_empty() { "no kind".to_owned() } else { kinds.join(", ") };
        CommandError::Wrong(format!(
            "--kind: the portal {} imports no tokens of kind {}; it imports {kinds}",
            args.portal, args.kind
        ))
    })
}

/// Rows that are bad by themselves get their report, the others are to be imported.
fn reports(rows: &[KeyRow], kind: &KindRules) -> (Vec<Option<Report>>, Vec<ImportRow>) {
    let mut good = Vec::new();
    let mut reports = Vec::with_capacity(rows.len());
    for row in sort_out(rows, kind) {
        reports.push(match row {
            Ok(row) => {
                good.push(row);
                None
            }
            Err(RowFault::Problem(problem)) => Some(Report::Refused(problem.to_string())),
            Err(RowFault::Serial { min, max }) => Some(Report::Refused(format!(
                "customers could not type this serial: the portal's {} has {min} to {max} \
                 characters",
                kind.label
            ))),
        });
    }
    (reports, good)
}

fn write_reports(
    rows: &[KeyRow],
    reports: &[Option<Report>],
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let mut refused = 0_usize;
    for (row, report) in rows.iter().zip(reports) {
        let serial = if row.serial.is_empty() { "(no serial)" } else { &row.serial };
        match report {
            Some(Report::Refused(why)) => {
                refused += 1;
                writeln!(out, "{}\t{serial}\trefused: {why}", row.line_or_index)?;
            }
            Some(Report::Imported) | None => {
                writeln!(out, "{}\t{serial}\timported", row.line_or_index)?;
            }
        }
    }
    writeln!(out, "{} imported, {refused} refused", rows.len() - refused)?;
    Ok(if refused == 0 { Exit::Done } else { Exit::Findings })
}

fn refuse_file(
    args: &ImportArgs,
    error: &KeyFileError,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    writeln!(
        out,
        "{} was refused, nothing was imported: {error} ({})",
        args.file.display(),
        error.message()
    )?;
    Ok(Exit::Refused)
}

fn key(args: &ImportArgs) -> Result<Result<KeyFileKey, KeyFileError>, CommandError> {
    if let Some(path) = &args.key_file {
        let text = read_secret(path, "--key-file")?;
        return Ok(KeyFileKey::pre_shared_from_hex(text.trim()));
    }
    let Some(path) = &args.password_file else { return Ok(Ok(KeyFileKey::None)) };
    let text = read_secret(path, "--password-file")?;
    let password = text.lines().next().unwrap_or_default();
    Ok(Ok(KeyFileKey::Password(Secret::new(password.as_bytes().to_vec()))))
}

fn read_secret(path: &Path, flag: &str) -> Result<Zeroizing<String>, CommandError> {
    let trouble = |error: std::io::Error| {
        CommandError::Wrong(format!("{flag} {}: {error}; name a text file", path.display()))
    };
    let mut text = Zeroizing::new(String::new());
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).map_err(trouble)?)
    };
    reader.take(KEY_BYTES_MAX).read_to_string(&mut text).map_err(trouble)?;
    Ok(text)
}

/// The file's bytes, wiped after use: it may hold plain secrets. One byte more than allowed is
/// enough to know that it is too large.
fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    let trouble = |error: std::io::Error| {
        CommandError::Wrong(format!("{}: {error}; name a readable file", path.display()))
    };
    let mut bytes = Zeroizing::new(Vec::new());
    let most = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(trouble)?.take(most).read_to_end(&mut bytes).map_err(trouble)?;
    Ok(bytes)
}
