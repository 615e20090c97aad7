//! CSV where a file in the banks' format is expected: it becomes one while it comes, and what is
//! found is told by its lines.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::domain::bulk_file::report::{CheckReport, ReportLine};
use crate::domain::bulk_file::{BulkKind, BulkStep};
use crate::operations::Ctx;
use crate::operations::bulk_file::Desk;
use crate::operations::bulk_file::check::{kept, line};
use crate::operations::bulk_file::make;
use crate::primitives::ids::AccountId;
use crate::zengin::check::{Report, Severity};
use crate::zengin::csv::{CsvGiven, CsvReader, CsvReading};
use crate::zengin::layout::LineEnd;

/// Digits with which every header begins: データ区分, 種別コード, コード区分.
const HEADER_DIGITS: usize = 4;

/// Whether a file that begins so is CSV: it has commas, and does not begin as headers do.
#[must_use]
pub fn is_csv(head: &[u8]) -> bool {
    let begins_as_header =
        head.len() >= HEADER_DIGITS && head.iter().take(HEADER_DIGITS).all(u8::is_ascii_digit);
    head.contains(&b',') && !begins_as_header
}

/// What the agreement and the form say beside CSV: the header for lists that have none, where
/// account and day are chosen.
pub(super) fn given(
    ctx: &Ctx,
    desk: &Desk,
    kind: BulkKind,
    (account, on): (Option<AccountId>, Option<NaiveDate>),
) -> CsvGiven {
    let own = desk.accounts(kind, BulkStep::Make);
    let chosen = match account {
        Some(id) => own.iter().find(|known| known.id == id),
        None => own.first().filter(|_| own.len() == 1),
    };
    let service = desk.service(kind);
    let header = service.zip(chosen).zip(on);
    CsvGiven {
        header: header.map(|((service, account), on)| make::header(ctx, service, account, on)),
        business_type: service.map(|service| service.business_type.clone()),
        is_result: false,
        line_end: LineEnd::CrLf,
    }
}

/// A file on its way in, as it is or out of CSV.
pub(super) enum Intake {
    /// As it is.
    Plain,
    /// Out of CSV.
    Csv(Box<CsvReader>),
}

impl Intake {
    /// The bytes of the file that this piece is.
    pub(super) fn take<'a>(&mut self, piece: &'a [u8]) -> Cow<'a, [u8]> {
        match self {
            Intake::Plain => piece.into(),
            Intake::Csv(reader) => {
                let mut bytes = Vec::new();
                reader.feed(piece, &mut |record| bytes.extend_from_slice(record));
                bytes.into()
            }
        }
    }

    /// The last bytes, and of CSV what was found in its lines.
    pub(super) fn end(self) -> (Vec<u8>, Option<CsvReading>) {
        let mut bytes = Vec::new();
        match self {
            Intake::Plain => (bytes, None),
            Intake::Csv(reader) => {
                let reading = reader.finish(&mut |record| bytes.extend_from_slice(record));
                (bytes, Some(reading))
            }
        }
    }
}

/// The report as it is kept and shown: of CSV by its lines.
pub(super) fn kept_of(report: &Report, reading: Option<CsvReading>) -> CheckReport {
    let kept = kept(report);
    let Some(reading) = reading else { return kept };
    let all = reading.and(report);
    let told = all.findings.iter().filter(|finding| finding.severity != Severity::Info);
    let lines: Vec<ReportLine> = told.take(super::check::LINES_MAX).map(line).collect();
    CheckReport { errors: all.errors, warnings: all.warnings, lines, is_by_lines: true, ..kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_commas_is_csv_unless_it_begins_as_a_header() {
        for (head, expected) in [
            (&b"12100000012345ABC"[..], false),
            (b"1210,", false),
            ("データ区分,種別コード".as_bytes(), true),
            (b"1,21,0,", true),
            (b"\"1\",\"21\"", true),
            (b"hello", false),
            (b"", false),
        ] {
            assert_eq!(is_csv(head), expected, "{head:?}");
        }
    }
}
