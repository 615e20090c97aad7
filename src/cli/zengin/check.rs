//! `zengin check`.

use std::io::Write;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::zengin::{CheckArgs, ReportFormat, each_piece};
use crate::cli::{CommandError, Exit};
use crate::domain::audit::hex;
use crate::domain::directory::{Catalogue, Directory};
use crate::operations::offices::Offices;
use crate::primitives::clock::{UtcTime, jst_day};
use crate::zengin::check::{Checker, DebitStage, Expected, Finding, Report, Settings};

/// Checks a file, as of `now`.
///
/// # Errors
/// A file that cannot be read, or the output.
pub fn check(args: &CheckArgs, now: UtcTime, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let debit_stage = if args.result { DebitStage::Result } else { DebitStage::Request };
    let settings = Settings { debit_stage, ..Settings::default() };
    let types: Vec<&str> = args.business_types.iter().map(String::as_str).collect();
    let catalogue = Catalogue { directory: Directory::builtin(), own: &[] };
    let offices = Offices::of_any_age(catalogue);
    let expected = Expected {
        business_types: (!types.is_empty()).then_some(types.as_slice()),
        today: Some(jst_day(now)),
        directory: if args.no_directory { None } else { Some(&offices) },
        ..Expected::default()
    };
    let mut checker = Checker::new(settings, expected);
    // By it people tell whether two files are the same, here and on the page of an upload.
    let mut sha256 = Sha256::new();
    each_piece(&args.file, &mut |piece| {
        sha256.update(piece);
        checker.feed(piece, &mut |_| {});
    })?;
    let (report, sha256) = (checker.finish(&mut |_| {}), hex(&sha256.finalize()));
    match args.format {
        ReportFormat::Text => write_text(&args.file.display().to_string(), &report, &sha256, out)?,
        ReportFormat::Json => write_json(&report, &sha256, out)?,
    }
    Ok(match (report.is_readable, report.is_clean()) {
        (false, _) => Exit::Refused,
        (true, false) => Exit::Findings,
        (true, true) => Exit::Done,
    })
}

/// The report with the file's digest and the findings' titles, as one object.
fn write_json(report: &Report, sha256: &str, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut value = serde_json::to_value(report).map_err(std::io::Error::from)?;
    if let Value::Object(fields) = &mut value {
        fields.insert("sha256".to_owned(), json!(sha256));
    }
    if let Some(Value::Array(findings)) = value.get_mut("findings") {
        for (written, finding) in findings.iter_mut().zip(&report.findings) {
            if let Value::Object(fields) = written {
                fields.insert("title".to_owned(), json!(finding.title()));
            }
        }
    }
    let text = serde_json::to_string_pretty(&value).map_err(std::io::Error::from)?;
    writeln!(out, "{text}")?;
    Ok(())
}

fn write_text(
    file: &str,
    report: &Report,
    sha256: &str,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let format = report.format.unwrap_or("不明な形式");
    let code = report.business_type.as_deref().unwrap_or("なし");
    writeln!(out, "{file}: {format}（種別コード {code}）")?;
    if let Some(length) = report.framing.record_length {
        let line_ends = report.framing.line_ends.label();
        let (records, items) = (report.records, report.item_count);
        writeln!(out, "{length}バイト、{line_ends}、{records}レコード、データ{items}件")?;
    }
    if let Some(header) = &report.header {
        let day = report.value_date.map(|day| format!("（{day}）")).unwrap_or_default();
        writeln!(
            out,
            "{} {}、日付 {}{day}、合計 {}円",
            header.originator_code,
            header.originator_name,
            header.value_date_mmdd,
            report.total_amount
        )?;
    }
    writeln!(out, "SHA-256 {sha256}")?;
    for finding in &report.findings {
        let place = match finding.record {
            0 => "ファイル全体".to_owned(),
            record => format!("レコード{record}"),
        };
        write_finding(place, finding, out)?;
    }
    let (errors, warnings, infos) = (report.errors, report.warnings, report.infos);
    let all = errors + warnings + infos;
    let shown = u64::try_from(report.findings.len()).unwrap_or(all);
    if shown < all {
        writeln!(out, "ほかに{}件あります。", all - shown)?;
    }
    writeln!(out, "エラー{errors}件、注意{warnings}件、参考{infos}件")?;
    Ok(())
}

/// One finding at its place, in a line.
pub(super) fn write_finding(
    mut place: String,
    finding: &Finding,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    if finding.byte > 0 {
        place.push_str(&format!(" {}バイト目", finding.byte));
    }
    if let Some(field) = finding.field {
        place.push_str(&format!(" {field}"));
    }
    let (severity, code, title) = (finding.severity.label(), finding.code, finding.title());
    write!(out, "{severity} {code} {place}: {title}。")?;
    if !finding.found.is_empty() {
        write!(out, "内容: {}。", finding.found)?;
    }
    if !finding.expected.is_empty() {
        write!(out, "正しい内容: {}。", finding.expected)?;
    }
    writeln!(out, "{}", finding.fix)
}
