//! `zengin convert`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::zengin::check::write_finding;
use crate::cli::zengin::{each_piece, run};
use crate::cli::{CommandError, Exit};
use crate::domain::directory::{Catalogue, Directory};
use crate::operations::offices::Offices;
use crate::primitives::clock::{UtcTime, jst_day};
use crate::zengin::bulk::{BulkHeader, BulkKind};
use crate::zengin::check::{Checker, DebitStage, Expected, Settings};
use crate::zengin::csv::{CsvCharset, CsvGiven, CsvReader, CsvReading, CsvWriter};
use crate::zengin::layout::LineEnd;
use crate::zengin::text::{TextClass, fold};

const EXAMPLES: &str = "\
CSV has one line for each record. Lines that begin with データ区分 are headings; every other line
begins with its データ区分: 1 header, 2 data, 8 totals, 9 end. Totals and end may be missing. CSV is
read in UTF-8 and Shift_JIS. Where no line is a header, each line is a payment, the first line has
the fields' names, and the header comes from the options. docs/zengin.md says more.
What is converted is checked; what is wrong is said on the standard error, by lines of the CSV.
Exit codes: 0 no errors, 1 errors, 2 not such a file, or it cannot be read. A file named with
--output is written whole or not at all; what went to the standard output with errors is no file.

Examples:
  madoguchi zengin convert --to csv --output furikomi.csv furikomi.txt
  madoguchi zengin convert --to zengin --output furikomi.txt furikomi.csv
  madoguchi zengin convert --to zengin --kind 21 --originator-code 12345 \\
    --originator-name 'ｶ)ｱｵﾊﾞ' --date 1126 --bank 1999 --branch 001 \\
    --account-type 1 --account-no 1234567 - < payments.csv > furikomi.txt";

/// `zengin convert`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ConvertArgs {
    /// What it becomes.
    #[arg(long, value_enum)]
    pub to: ConvertTo,
    /// 種別コード of the file that is made: 21, 11, 12, 71, 72 or 91 [default: as the CSV says].
    #[arg(long, alias = "type", value_name = "CODE")]
    pub kind: Option<String>,
    /// Character set of the CSV that is made.
    #[arg(long, value_enum, default_value_t = Charset::Utf8)]
    pub charset: Charset,
    /// What stands behind each record of the file that is made.
    #[arg(long, value_enum, default_value_t = End::Crlf)]
    pub line_end: End,
    /// Take a 91 for a result (処理結果明細), not for a request.
    #[arg(long)]
    pub result: bool,
    /// Look no bank and branch codes up.
    #[arg(long)]
    pub no_directory: bool,
    /// The header of CSV that has none.
    #[command(flatten)]
    pub header: HeaderArgs,
    /// Where the result is written; - is the standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// The file; - is the standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// What a header says, for CSV without one.
#[derive(Debug, Clone, Default, Args)]
pub struct HeaderArgs {
    /// 委託者コード, ten digits.
    #[arg(long, value_name = "DIGITS")]
    pub originator_code: Option<String>,
    /// 依頼人名, 会社名 or 委託者名.
    #[arg(long, value_name = "NAME")]
    pub originator_name: Option<String>,
    /// 取組日, 振込指定日 or 引落日 as MMDD.
    #[arg(long, value_name = "MMDD")]
    pub date: Option<String>,
    /// 仕向銀行番号 or 取引銀行番号.
    #[arg(long, value_name = "DIGITS")]
    pub bank: Option<String>,
    /// Its name.
    #[arg(long, value_name = "NAME")]
    pub bank_name: Option<String>,
    /// 仕向支店番号 or 取引支店番号.
    #[arg(long, value_name = "DIGITS")]
    pub branch: Option<String>,
    /// Its name.
    #[arg(long, value_name = "NAME")]
    pub branch_name: Option<String>,
    /// 預金種目 of the own account: 1, 2 or 9.
    #[arg(long, value_name = "DIGIT")]
    pub account_type: Option<u8>,
    /// 口座番号 of the own account.
    #[arg(long, value_name = "DIGITS")]
    pub account_no: Option<String>,
}

/// What a file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConvertTo {
    /// A table.
    Csv,
    /// A file in the banks' format.
    Zengin,
}

/// A character set of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Charset {
    /// With the mark by which spreadsheets know it.
    Utf8,
    /// As older programs expect.
    ShiftJis,
}

/// What stands behind each record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum End {
    /// CR and LF.
    Crlf,
    /// Nothing.
    None,
}

/// Standard output and standard error.
type Outputs<'a> = (&'a mut dyn Write, &'a mut dyn Write);

/// Converts a file, as of `now`.
///
/// # Errors
/// A file that cannot be read, header options that make no header, or the output.
pub fn convert(
    args: &ConvertArgs,
    now: UtcTime,
    (out, errors): Outputs<'_>,
) -> Result<Exit, CommandError> {
    let part = part_of(&args.output);
    let ended = match &part {
        None => convert_to(args, now, (out, errors)),
        Some(part) => {
            let unwritable = |error: std::io::Error| {
                let shown = args.output.display();
                CommandError::Wrong(format!("{shown}: {error}; name a file that can be written"))
            };
            let mut file = BufWriter::new(File::create(part).map_err(unwritable)?);
            let ended = convert_to(args, now, (&mut file, errors));
            let ended = ended.and_then(|exit| Ok(file.flush().map(|()| exit)?));
            match ended {
                Ok(exit)
                    if exit == Exit::Done
                        || args.to == ConvertTo::Csv && exit == Exit::Findings =>
                {
                    std::fs::rename(part, &args.output).map_err(unwritable).map(|()| exit)
                }
                other => other,
            }
        }
    };
    if let Some(part) = part.filter(|part| part.exists()) {
        std::fs::remove_file(part)?;
    }
    ended
}

/// The file beside the output that is written until all is well.
fn part_of(output: &Path) -> Option<PathBuf> {
    if output == Path::new("-") {
        return None;
    }
    let mut name = output.as_os_str().to_owned();
    name.push(".part");
    Some(PathBuf::from(name))
}

fn convert_to(
    args: &ConvertArgs,
    now: UtcTime,
    outputs: Outputs<'_>,
) -> Result<Exit, CommandError> {
    let debit_stage = if args.result { DebitStage::Result } else { DebitStage::Request };
    let settings = Settings { debit_stage, ..Settings::default() };
    let catalogue = Catalogue { directory: Directory::builtin(), own: &[] };
    let offices = Offices::of_any_age(catalogue);
    let expected = Expected {
        today: Some(jst_day(now)),
        directory: if args.no_directory { None } else { Some(&offices) },
        ..Expected::default()
    };
    match args.to {
        ConvertTo::Csv => to_csv(args, (settings, expected), outputs),
        ConvertTo::Zengin => to_zengin(args, (settings, expected), outputs),
    }
}

/// Bytes on their way out; what cannot be written is kept for the end.
struct Output<'a> {
    out: &'a mut dyn Write,
    trouble: Option<std::io::Error>,
}

impl Output<'_> {
    fn write(&mut self, bytes: &[u8]) {
        if self.trouble.is_none() {
            self.trouble = self.out.write_all(bytes).err();
        }
    }

    fn end(self) -> std::io::Result<()> {
        self.trouble.map_or(Ok(()), Err)?;
        self.out.flush()
    }
}

/// Lines that are written at once.
const PIECE: usize = 64 * 1024;

fn to_csv(
    args: &ConvertArgs,
    (settings, expected): (Settings, Expected<'_>),
    (out, errors): Outputs<'_>,
) -> Result<Exit, CommandError> {
    let charset = match args.charset {
        Charset::Utf8 => CsvCharset::Utf8,
        Charset::ShiftJis => CsvCharset::ShiftJis,
    };
    let mut output = Output { out, trouble: None };
    let mut writer = CsvWriter::new(charset);
    let mut lines = Vec::with_capacity(PIECE + PIECE / 4);
    let report = run(&args.file, settings, expected, &mut |record| {
        writer.take(record, &mut lines);
        if lines.len() >= PIECE {
            output.write(&lines);
            lines.clear();
        }
    })?;
    output.write(&lines);
    output.end()?;
    let shown = args.file.display();
    if let Some(first) = report.findings.first().filter(|_| !report.is_readable) {
        writeln!(errors, "{shown}: {} {}。{}", first.code, first.title(), first.fix)?;
        return Ok(Exit::Refused);
    }
    let lost = writer.lost();
    if lost > 0 {
        writeln!(errors, "{shown}: 文字でないバイトが{lost}個あり、〓に置き換えました。")?;
    }
    if report.errors > 0 {
        let count = report.errors;
        writeln!(errors, "{shown}: エラーが{count}件あります。zengin check で確認できます。")?;
    }
    Ok(if report.is_clean() && lost == 0 { Exit::Done } else { Exit::Findings })
}

fn to_zengin(
    args: &ConvertArgs,
    (settings, expected): (Settings, Expected<'_>),
    (out, errors): Outputs<'_>,
) -> Result<Exit, CommandError> {
    let given = given(args)?;
    let mut output = Output { out: &mut BufWriter::with_capacity(PIECE, out), trouble: None };
    let mut checker = Checker::new(settings, expected);
    let mut reader = CsvReader::new(given);
    let mut sink = |record: &[u8]| {
        checker.feed(record, &mut |_| {});
        output.write(record);
    };
    each_piece(&args.file, &mut |piece| reader.feed(piece, &mut sink))?;
    let reading = reader.finish(&mut sink);
    output.end()?;
    let all = reading.and(&checker.finish(&mut |_| {}));
    say(&all, &args.file.display().to_string(), errors)?;
    Ok(match (all.errors, all.records) {
        (0, _) => Exit::Done,
        (_, 0) => Exit::Refused,
        _ => Exit::Findings,
    })
}

/// What was found, by lines of the CSV.
fn say(all: &CsvReading, file: &str, errors: &mut dyn Write) -> std::io::Result<()> {
    if all.findings.is_empty() {
        return Ok(());
    }
    for finding in &all.findings {
        let place = match finding.record {
            0 => "ファイル全体".to_owned(),
            line => format!("{line}行目"),
        };
        write_finding(place, finding, errors)?;
    }
    writeln!(errors, "{file}: エラー{}件、注意{}件", all.errors, all.warnings)
}

/// What the options say beside the CSV.
fn given(args: &ConvertArgs) -> Result<CsvGiven, CommandError> {
    let kind = args.kind.as_deref();
    if let Some(wrong) = kind.filter(|code| BulkKind::of(code).is_none()) {
        let text = format!("{wrong} is no kind of file; --kind takes 21, 11, 12, 71, 72 or 91");
        return Err(CommandError::Wrong(text));
    }
    let line_end = match args.line_end {
        End::Crlf => LineEnd::CrLf,
        End::None => LineEnd::None,
    };
    Ok(CsvGiven {
        header: header(&args.header, kind)?,
        business_type: args.kind.clone(),
        is_result: args.result,
        line_end,
    })
}

fn header(given: &HeaderArgs, kind: Option<&str>) -> Result<Option<BulkHeader>, CommandError> {
    let texts = [
        &given.originator_code,
        &given.originator_name,
        &given.date,
        &given.bank,
        &given.bank_name,
        &given.branch,
        &given.branch_name,
        &given.account_no,
    ];
    if texts.into_iter().all(Option::is_none) && given.account_type.is_none() {
        return Ok(None);
    }
    let Some(kind) = kind else {
        let text = "a header needs its 種別コード; add --kind 21, 11, 12, 71, 72 or 91";
        return Err(CommandError::Wrong(text.to_owned()));
    };
    let plain = |text: &Option<String>| text.clone().unwrap_or_default();
    Ok(Some(BulkHeader {
        business_type: kind.to_owned(),
        originator_code: plain(&given.originator_code),
        originator_name: name(&plain(&given.originator_name), TextClass::Party)?,
        value_date_mmdd: plain(&given.date),
        own_bank_code: plain(&given.bank),
        own_bank_name: name(&plain(&given.bank_name), TextClass::Office)?,
        own_branch_code: plain(&given.branch),
        own_branch_name: name(&plain(&given.branch_name), TextClass::Office)?,
        own_account_type: given.account_type,
        own_account_no: plain(&given.account_no),
    }))
}

/// A name in the characters of its field.
fn name(typed: &str, class: TextClass) -> Result<String, CommandError> {
    let folded = fold(typed, class);
    if folded.replaced == 0 {
        return Ok(folded.text);
    }
    let text = format!("{typed} has characters that the field has not; write it in kana");
    Err(CommandError::Wrong(text))
}
