//! Findings, and the heap that keeps the first of them and counts all.

use std::borrow::Cow;

use serde::Serialize;

use crate::zengin::check::code::{Code, Severity};

/// Something found: where, what, and how it is mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The record, from 1, all records counted; 0: the file as a whole.
    pub record: u64,
    /// The byte in its record, from 1; 0: the record as a whole.
    pub byte: u32,
    /// The field's name in the standard.
    pub field: Option<&'static str>,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
    /// How it is mended.
    pub fix: Cow<'static, str>,
}

impl Finding {
    /// A finding about a record, with what is usual for its code.
    #[must_use]
    pub fn new(code: Code, record: u64) -> Finding {
        Finding {
            code,
            severity: code.severity(),
            record,
            byte: 0,
            field: None,
            found: String::new(),
            expected: String::new(),
            fix: Cow::Borrowed(code.fix()),
        }
    }

    /// What it says, short and in Japanese.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.code.title()
    }

    pub(crate) fn at(self, byte: usize) -> Finding {
        Finding { byte: u32::try_from(byte).unwrap_or(u32::MAX), ..self }
    }

    pub(crate) fn of(self, field: &'static str) -> Finding {
        Finding { field: Some(field), ..self }
    }

    pub(crate) fn found(self, found: impl Into<String>) -> Finding {
        Finding { found: found.into(), ..self }
    }

    pub(crate) fn expected(self, expected: impl Into<String>) -> Finding {
        Finding { expected: expected.into(), ..self }
    }

    pub(crate) fn mended(self, fix: impl Into<Cow<'static, str>>) -> Finding {
        Finding { fix: fix.into(), ..self }
    }

    pub(crate) fn graded(self, severity: Severity) -> Finding {
        Finding { severity, ..self }
    }
}

/// What was found so far: the first of each severity, and how many there were.
#[derive(Debug)]
pub(crate) struct Findings {
    kept_max: usize,
    kept: Vec<Finding>,
    counts: [u64; 3],
}

impl Findings {
    pub(crate) fn new(kept_max: usize) -> Findings {
        Findings { kept_max, kept: Vec::new(), counts: [0; 3] }
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let is_wanted = self.wants(finding.severity);
        *self.count(finding.severity) += 1;
        if is_wanted {
            self.kept.push(finding);
        }
    }

    /// Whether one more of this severity would be kept: where not, it need not be put in words.
    pub(crate) fn wants(&mut self, severity: Severity) -> bool {
        let kept_max = self.kept_max;
        usize::try_from(*self.count(severity)).is_ok_and(|count| count < kept_max)
    }

    /// Counts one that is not kept.
    pub(crate) fn count_only(&mut self, severity: Severity) {
        *self.count(severity) += 1;
    }

    fn count(&mut self, severity: Severity) -> &mut u64 {
        let [errors, warnings, infos] = &mut self.counts;
        match severity {
            Severity::Error => errors,
            Severity::Warning => warnings,
            Severity::Info => infos,
        }
    }

    /// Errors, warnings and infos that were found.
    pub(crate) fn counts(&self) -> [u64; 3] {
        self.counts
    }

    /// What was kept, no more than the limit altogether, errors before others; in the file's order.
    pub(crate) fn into_kept(mut self) -> Vec<Finding> {
        if self.kept.len() > self.kept_max {
            self.kept.sort_by_key(|finding| finding.severity);
            self.kept.truncate(self.kept_max);
        }
        self.kept.sort_by_key(|finding| (finding.record, finding.byte, finding.code));
        self.kept
    }
}
