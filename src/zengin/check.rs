//! Says everything that is wrong with a file, in one pass, whatever its size.
//!
//! Bytes are pushed in as they come ([`Checker::feed`]) and records handed out in their order; at
//! the end stands a [`Report`]. Memory does not grow with the file, but for the table that finds
//! payments given twice, which is bounded ([`seen`]).
//!
//! One fault is one finding, at the record, byte and field where it is, and never a finding
//! elsewhere too: an amount that cannot be read does not make the total wrong, a record whose first
//! byte is wrong is still the record that its other bytes show, and behind a record of a wrong
//! length the next ones are found again. A total is wrong only where it is known to be, whatever
//! stands in what cannot be read.

mod again;
mod begin;
mod code;
mod data;
mod day;
mod digits;
mod expected;
mod fields;
mod finding;
mod framing;
mod header;
mod keyed;
mod offices;
mod plan;
mod quick;
mod received;
mod report;
mod seen;
mod settings;
mod show;
mod structure;
#[cfg(test)]
mod tests;
mod text;
mod trailer;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use self::again::Found;
pub use self::code::{Code, Severity};
pub use self::expected::{
    BankDirectory, DayRule, DayVerdict, Expected, Office, OwnAccount, RegisteredPayees, SentFiles,
    Totals,
};
pub use self::finding::Finding;
pub(crate) use self::finding::Findings;
use self::framing::{Cut, Framer, NEED, Piece};
pub use self::framing::{Framing, LineEnds};
use self::offices::Offices;
use self::plan::Plan;
pub use self::report::Report;
pub use self::settings::{Choice, DebitSigns, DebitStage, Settings};
use self::structure::{Group, State};
pub(crate) use self::text::class_in_words;
use crate::zengin::bulk::BulkHeader;
pub use crate::zengin::layout::RecordKind;

/// A record as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRef<'a> {
    /// Its number, from 1, all records counted.
    pub no: u64,
    /// What it is, or was meant to be.
    pub kind: RecordKind,
    /// Its bytes without the line end.
    pub bytes: &'a [u8],
}

/// Who is given the records.
pub type Sink<'s> = dyn FnMut(RecordRef<'_>) + 's;

/// Checks one file.
#[derive(Debug)]
pub struct Checker<'a> {
    framer: Framer,
    core: Core<'a>,
    /// What was fed and is not yet cut: less than [`NEED`] bytes.
    rest: Vec<u8>,
    /// Only where files sent before are known: it takes a third of the time of a check.
    sha256: Option<Sha256>,
}

/// What is known of the file so far.
#[derive(Debug)]
struct Core<'a> {
    settings: Settings,
    expected: Expected<'a>,
    findings: Found,
    plan: Option<Plan>,
    state: State,
    group: Group,
    groups: u64,
    records: u64,
    items: u64,
    amount: u64,
    /// 種別コード of the first header.
    business_type: Option<String>,
    /// The first header, where it is one of a bulk file.
    header: Option<BulkHeader>,
    value_date: Option<NaiveDate>,
    /// The header of this group, byte by byte.
    header_bytes: Vec<u8>,
    offices: Offices,
    said: Said,
}

/// What is said once only.
#[derive(Debug, Default)]
struct Said {
    after_end: bool,
    too_many: bool,
    line_ends: bool,
    is_unreadable: bool,
    wrong_length: bool,
}

impl<'a> Checker<'a> {
    /// Begins a file.
    #[must_use]
    pub fn new(settings: Settings, expected: Expected<'a>) -> Checker<'a> {
        let core = Core::new(settings, expected);
        let framer = Framer::new(core.expected_format().map(|format| format.length()));
        let sha256 = core.expected.sent.map(|_| Sha256::new());
        Checker { framer, core, rest: Vec::with_capacity(NEED * 3), sha256 }
    }

    /// Takes the next bytes, as many as there are, and hands out every record of the right length
    /// that is complete with them, in order, whatever is wrong with it.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
        let mut bytes = bytes;
        if !self.rest.is_empty() {
            // The rest is cut together with the beginning of the new bytes, until it is used up.
            let before = self.rest.len();
            let (first, _) = bytes.split_at(bytes.len().min(NEED * 2));
            let mut joined = std::mem::take(&mut self.rest);
            joined.extend_from_slice(first);
            let used = self.cut_all(&joined, false, sink);
            match used.checked_sub(before) {
                Some(from_new) => {
                    joined.clear();
                    bytes = bytes.get(from_new..).unwrap_or_default();
                }
                None => {
                    joined.drain(..used);
                    bytes = &[];
                }
            }
            self.rest = joined;
        }
        let used = self.cut_all(bytes, false, sink);
        self.rest.extend_from_slice(bytes.get(used..).unwrap_or_default());
    }

    /// Ends the file; the last records are handed out, too.
    #[must_use]
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Report {
        let rest = std::mem::take(&mut self.rest);
        self.cut_all(&rest, true, sink);
        let framing = self.framer.framing;
        self.core.report(framing, self.sha256.map(|sha256| sha256.finalize().into()))
    }

    /// Makes all cuts that can be made; how many bytes they are.
    fn cut_all(&mut self, bytes: &[u8], is_last: bool, sink: &mut Sink<'_>) -> usize {
        let mut window = bytes;
        loop {
            let Some(cut) = self.framer.cut(window, is_last, self.core.plan.as_ref()) else {
                return bytes.len() - window.len();
            };
            if cut.used == 0 {
                // The framing is known from here on; the cuts ask for the format, too.
                self.core.plan_ahead(window, self.framer.framing.record_length);
            }
            window = window.get(cut.used..).unwrap_or_default();
            self.take(cut, sink);
        }
    }

    fn take_record(&mut self, bytes: &[u8], is_clean: bool, sink: &mut Sink<'_>) {
        if let Some(kind) = self.core.take_record(bytes, is_clean) {
            sink(RecordRef { no: self.core.records, kind, bytes });
        }
    }

    fn take(&mut self, cut: Cut<'_>, sink: &mut Sink<'_>) {
        match cut.piece {
            Piece::Record(bytes) => {
                let is_clean = self.core.plan.as_ref().is_some_and(|plan| plan.is_clean(bytes));
                self.take_record(bytes, is_clean, sink);
            }
            Piece::Clean(bytes) => self.take_record(bytes, true, sink),
            Piece::WrongLength { bytes, length, is_broken } => {
                let right = self.framer.framing.record_length.unwrap_or_default();
                self.core.take_wrong_length(bytes, length, right, is_broken);
            }
            Piece::Unreadable(code) => self.core.unreadable(code),
            Piece::Bom => {
                let finding = Finding::new(Code::Bom, 0).found("EF BB BF（UTF-8の印）");
                self.core.findings.add(finding.expected("JIS（Shift_JISの1バイト文字）"));
            }
            Piece::Nothing => return,
        }
        if self.core.said.is_unreadable {
            self.framer.stop();
        } else if let Some(end) = cut.end {
            self.core.take_line_end(end, &mut self.framer.framing);
        }
    }
}
