//! What came of the lines, and which line each record is.

use std::collections::BTreeSet;

use crate::zengin::check::{Finding, Report, Severity};

/// What the lines of a CSV file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvReading {
    /// What was found; `record` is the number of a line.
    pub findings: Vec<Finding>,
    /// How many errors; with any, the bytes that were handed out are no file to be used.
    pub errors: u64,
    /// How many warnings.
    pub warnings: u64,
    /// Records that were handed out.
    pub records: u64,
    /// From which record on a record's line is its number and so many more.
    pub(super) lines: Vec<(u64, i64)>,
}

impl CsvReading {
    /// The line of a record that was handed out; nothing where it had none of its own.
    #[must_use]
    pub fn line_of(&self, record: u64) -> Option<u64> {
        let (_, more) = self.lines.iter().rev().find(|(from, _)| *from <= record)?;
        let line = i64::try_from(record).ok()?.checked_add(*more)?;
        u64::try_from(line).ok().filter(|line| *line > 0)
    }

    /// With what the check of the bytes that were handed out has found, by lines. Where a line
    /// could not be read, what is wrong with its record is the same fault and not said again.
    #[must_use]
    pub fn and(mut self, report: &Report) -> CsvReading {
        if self.records == 0 {
            return self;
        }
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        let wrong = self.findings.iter().filter(is_error).map(|finding| finding.record);
        let wrong: BTreeSet<u64> = wrong.collect();
        self.errors += report.errors;
        self.warnings += report.warnings;
        for finding in &report.findings {
            let line = self.line_of(finding.record).unwrap_or(0);
            if line > 0 && wrong.contains(&line) {
                match finding.severity {
                    Severity::Error => self.errors -= 1,
                    Severity::Warning => self.warnings -= 1,
                    Severity::Info => {}
                }
                continue;
            }
            self.findings.push(Finding { record: line, byte: 0, ..finding.clone() });
        }
        self.findings.sort_by_key(|finding| (finding.record, finding.code));
        self
    }
}
