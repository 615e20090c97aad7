//! Rows become records, in the order that a file has.

use crate::zengin::bulk::{BulkHeader, BulkKind, BulkTrailer, end_record};
use crate::zengin::check::{Code, Finding, Findings, Severity, class_in_words};
use crate::zengin::csv::cells::{Misfit, columns, is_code, is_edi, is_flag, put};
use crate::zengin::csv::headings::{RECORD_TYPE, assign, is_record_type};
use crate::zengin::csv::read::ByteSink;
use crate::zengin::csv::reading::CsvReading;
use crate::zengin::layout::{Field, FieldKind, LineEnd, RecordKind};
use crate::zengin::layouts::{EDI, EDI_FLAG};
use crate::zengin::record::{Record, digits_of};
use crate::zengin::text::TextClass;

/// Findings of each severity that are kept.
const FINDINGS_MAX: usize = 1_000;
/// Places where lines and records go apart that are kept.
const SHIFTS_MAX: usize = 10_000;

/// What is known beside the lines.
#[derive(Debug, Clone, Default)]
pub struct CsvGiven {
    /// The header of lines that have none.
    pub header: Option<BulkHeader>,
    /// 種別コード that a header line may leave out, and may not contradict.
    pub business_type: Option<String>,
    /// Whether totals that are not given are those of the result of a 預金口座振替.
    pub is_result: bool,
    /// What stands behind each record.
    pub line_end: LineEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    /// Each line begins with its データ区分.
    Records,
    /// Each line is a data record.
    Items,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Begin,
    /// Behind a header.
    Open(BulkKind),
    /// Behind a trailer.
    Closed(BulkKind),
    Ended,
}

/// A kind of record of a kind of file.
type What = (BulkKind, RecordKind);

/// Which cell is which column's, for one kind of record.
#[derive(Debug)]
struct Assigned {
    what: What,
    columns: Vec<&'static Field>,
    cells: Vec<Option<usize>>,
}

pub(super) struct Maker {
    given: CsvGiven,
    form: Form,
    headings: Option<Vec<String>>,
    heading_line: u64,
    assigned: Option<Assigned>,
    place: Place,
    totals: BulkTrailer,
    findings: Findings,
    records: u64,
    lines: Vec<(u64, i64)>,
    /// Nothing more can be made.
    is_dead: bool,
    is_said_after_end: bool,
}

impl Maker {
    pub(super) fn new(given: CsvGiven) -> Maker {
        Maker {
            given,
            form: Form::Unknown,
            headings: None,
            heading_line: 0,
            assigned: None,
            place: Place::Begin,
            totals: BulkTrailer::default(),
            findings: Findings::new(FINDINGS_MAX),
            records: 0,
            lines: Vec::new(),
            is_dead: false,
            is_said_after_end: false,
        }
    }

    /// Says what is wrong, and makes nothing more.
    pub(super) fn fail(&mut self, finding: Finding) {
        if !self.is_dead {
            self.is_dead = true;
            self.findings.add(finding);
        }
    }

    pub(super) fn finish(mut self, sink: &mut ByteSink<'_>) -> CsvReading {
        if !self.is_dead && self.place == Place::Begin && self.errors() == 0 {
            let finding = Finding::new(Code::NoData, 0).found("0件");
            self.findings.add(finding.expected("1件以上"));
        }
        if !self.is_dead {
            self.close_group(sink);
            if let Place::Closed(kind) = self.place {
                self.emit(None, end_record(kind), sink);
            }
        }
        let [errors, warnings, _] = self.findings.counts();
        let (records, lines) = (self.records, self.lines);
        CsvReading { findings: self.findings.into_kept(), errors, warnings, records, lines }
    }

    fn errors(&self) -> u64 {
        let [errors, _, _] = self.findings.counts();
        errors
    }

    /// Takes a line.
    pub(super) fn row(&mut self, line: u64, cells: &[&str], sink: &mut ByteSink<'_>) {
        let first = cells.first().copied().unwrap_or_default();
        if self.is_dead || cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        if self.form == Form::Unknown {
            let is_record = is_record_type(first) || kind_of(first) != RecordKind::Unknown;
            self.form = if is_record { Form::Records } else { Form::Items };
        }
        let is_first_item = self.form == Form::Items && self.headings.is_none();
        if is_first_item || self.form == Form::Records && is_record_type(first) {
            let headings = cells.iter().map(|cell| cell.trim().to_owned());
            self.headings = Some(headings.collect());
            self.heading_line = line;
            self.assigned = None;
            return;
        }
        match self.form {
            Form::Items => self.data(line, cells, sink),
            _ => self.record(line, kind_of(first), cells, sink),
        }
    }

    fn record(&mut self, line: u64, kind: RecordKind, cells: &[&str], sink: &mut ByteSink<'_>) {
        if self.place == Place::Ended {
            if !self.is_said_after_end {
                self.is_said_after_end = true;
                self.findings.add(Finding::new(Code::AfterEnd, line).found(row_text(cells)));
            }
            return;
        }
        match kind {
            RecordKind::Header => self.header(line, cells, sink),
            RecordKind::Data => self.data(line, cells, sink),
            RecordKind::Trailer => self.trailer(line, cells, sink),
            RecordKind::End => self.end(line, cells, sink),
            RecordKind::Unknown => {
                let finding = Finding::new(Code::CsvLine, line).of(RECORD_TYPE);
                let found = cells.first().copied().unwrap_or_default();
                self.findings.add(finding.found(found).expected("1、2、8、9のいずれか"));
            }
        }
    }

    fn header(&mut self, line: u64, cells: &[&str], sink: &mut ByteSink<'_>) {
        self.close_group(sink);
        let Some(code) = self.business_type(line, cells) else { return };
        let Some(kind) = BulkKind::of(&code) else {
            let finding = Finding::new(Code::BusinessType, line).of("種別コード").found(code);
            self.fail(finding.expected("21、11、12、71、72、91のいずれか"));
            return;
        };
        let mut base = Record::new(kind.format().header).finish(LineEnd::None);
        set(&mut base, 2, code.as_bytes());
        self.place = Place::Open(kind);
        self.totals = BulkTrailer::default();
        if let Some(record) = self.filled(line, (kind, RecordKind::Header), cells, base) {
            self.emit(Some(line), record, sink);
        }
    }

    /// 種別コード of a header line, or the one that is given.
    fn business_type(&mut self, line: u64, cells: &[&str]) -> Option<String> {
        let key = "business_type";
        let field = BulkKind::GeneralTransfer.format().header.field(key)?;
        let is_its = |heading: &String| {
            assign(&[field], std::slice::from_ref(heading), false).is_ok() && !heading.is_empty()
        };
        let at = match (&self.headings, &self.assigned) {
            (Some(headings), _) => headings.iter().position(is_its),
            (None, Some(known)) if known.what.1 == RecordKind::Header => {
                let at = known.columns.iter().position(|column| column.key == key);
                at.and_then(|at| known.cells.get(at).copied().flatten())
            }
            (None, _) => Some(1),
        };
        let cell = at.and_then(|at| cells.get(at)).map(|cell| cell.trim_matches([' ', '\'']));
        let said = cell.filter(|cell| !cell.is_empty()).map(|cell| format!("{cell:0>2}"));
        let given = self.given.business_type.clone();
        if let (Some(said), Some(given)) = (&said, &given)
            && said != given
        {
            let finding = Finding::new(Code::BusinessType, line).of("種別コード");
            self.fail(finding.found(said.as_str()).expected(given.as_str()));
            return None;
        }
        Some(said.or(given).unwrap_or_default())
    }

    /// Begins with the header that is given.
    fn begin(&mut self, line: u64, sink: &mut ByteSink<'_>) -> Option<BulkKind> {
        let written = self.given.header.as_ref().map(|header| {
            let kind = BulkKind::of(&header.business_type);
            (kind, header.write().map_err(|error| error.to_string()))
        });
        match written {
            Some((Some(kind), Ok(record))) => {
                self.place = Place::Open(kind);
                self.totals = BulkTrailer::default();
                self.emit(None, record, sink);
                Some(kind)
            }
            Some((_, Err(error))) => {
                self.fail(Finding::new(Code::CsvHeader, 0).found(error));
                None
            }
            _ => {
                let finding = Finding::new(Code::CsvHeader, line).found("ヘッダの行がありません");
                self.fail(finding.expected("データ区分1の行、または指定されたヘッダ"));
                None
            }
        }
    }

    fn data(&mut self, line: u64, cells: &[&str], sink: &mut ByteSink<'_>) {
        let kind = match self.place {
            Place::Open(kind) => Some(kind),
            Place::Begin => self.begin(line, sink),
            Place::Closed(_) | Place::Ended => {
                let finding = Finding::new(Code::Order, line).of(RECORD_TYPE);
                self.findings.add(finding.found("データの行").expected("データ区分1か9の行"));
                None
            }
        };
        let Some(kind) = kind else { return };
        let layout = kind.format().data;
        let base = Record::new(layout).finish(LineEnd::None);
        let Some(record) = self.filled(line, (kind, RecordKind::Data), cells, base) else {
            return;
        };
        let value = |key| layout.field(key).and_then(|field| digits_of(field.of(&record)));
        let amount = value("amount").unwrap_or_default();
        let totals = &mut self.totals;
        totals.total_count += 1;
        totals.total_amount = totals.total_amount.saturating_add(amount);
        if self.given.is_result && kind == BulkKind::DirectDebit {
            let (count, sum) = match value("result_code") {
                Some(0) => (&mut totals.done_count, &mut totals.done_amount),
                _ => (&mut totals.failed_count, &mut totals.failed_amount),
            };
            *count += 1;
            *sum = sum.saturating_add(amount);
        }
        self.emit(Some(line), record, sink);
    }

    fn trailer(&mut self, line: u64, cells: &[&str], sink: &mut ByteSink<'_>) {
        let Place::Open(kind) = self.place else {
            let finding = Finding::new(Code::Order, line).of(RECORD_TYPE).found("合計の行");
            self.findings.add(finding.expected("ヘッダとデータの行のあと"));
            return;
        };
        let Some(base) = self.totals_record(kind) else { return };
        let filled = self.filled(line, (kind, RecordKind::Trailer), cells, base.clone());
        // Lines that could not be read are not in the sums: those of the others are right.
        let record = if self.errors() > 0 { base } else { filled.unwrap_or(base) };
        self.place = Place::Closed(kind);
        self.emit(Some(line), record, sink);
    }

    fn end(&mut self, line: u64, cells: &[&str], sink: &mut ByteSink<'_>) {
        self.close_group(sink);
        let Place::Closed(kind) = self.place else {
            let finding = Finding::new(Code::Order, line).of(RECORD_TYPE).found("終わりの行");
            self.findings.add(finding.expected("ヘッダの行"));
            return;
        };
        self.place = Place::Ended;
        let base = end_record(kind);
        if let Some(record) = self.filled(line, (kind, RecordKind::End), cells, base) {
            self.emit(Some(line), record, sink);
        }
    }

    /// Ends a group that has no line of totals.
    fn close_group(&mut self, sink: &mut ByteSink<'_>) {
        let Place::Open(kind) = self.place else { return };
        self.place = Place::Closed(kind);
        if let Some(record) = self.totals_record(kind) {
            self.emit(None, record, sink);
        }
    }

    fn totals_record(&mut self, kind: BulkKind) -> Option<Vec<u8>> {
        match self.totals.write(kind) {
            Ok(record) => Some(record),
            Err(error) => {
                self.fail(Finding::new(Code::TotalOverflow, 0).found(error.to_string()));
                None
            }
        }
    }

    fn emit(&mut self, line: Option<u64>, record: Vec<u8>, sink: &mut ByteSink<'_>) {
        self.records += 1;
        let number = |of: u64| i64::try_from(of).unwrap_or(i64::MAX);
        let no = number(self.records);
        // A record without a line is on line 0 or before it.
        let more = line.map_or(-no, |line| number(line) - no);
        let is_shifted = self.lines.last().is_none_or(|(_, last)| *last != more);
        if is_shifted && self.lines.len() < SHIFTS_MAX {
            self.lines.push((self.records, more));
        }
        let mut record = record;
        record.extend_from_slice(self.given.line_end.bytes());
        sink(&record);
    }

    /// The record with what the cells say; nothing where nobody knows whose they are.
    fn filled(&mut self, line: u64, what: What, cells: &[&str], base: Vec<u8>) -> Option<Vec<u8>> {
        if self.assigned.as_ref().is_none_or(|known| known.what != what) {
            self.assign(what)?;
        }
        let assigned = self.assigned.take()?;
        let filled = self.fill(line, &assigned, cells, base);
        self.assigned = Some(assigned);
        Some(filled)
    }

    /// Finds the columns of this kind of record. Headings are for the kind of records that follows
    /// them; others stand in the order of the standard.
    fn assign(&mut self, what: What) -> Option<()> {
        let (kind, of) = what;
        let columns = columns(kind.format().layout(of)?);
        let in_order = || (0..columns.len()).map(Some).collect();
        let cells = match self.headings.take() {
            None => in_order(),
            Some(headings) => match assign(&columns, &headings, of == RecordKind::Data) {
                Ok(cells) => cells,
                Err(unknown) => {
                    let names: Vec<&str> = columns.iter().map(|field| field.label).collect();
                    let finding = Finding::new(Code::CsvHeading, self.heading_line).found(unknown);
                    self.fail(finding.expected(names.join("、")));
                    return None;
                }
            },
        };
        if self.form == Form::Items {
            // They stay for all lines; that they were seen has to be known.
            self.headings = Some(Vec::new());
        }
        self.assigned = Some(Assigned { what, columns, cells });
        Some(())
    }

    /// A cell that does not fit is said, and its field stays as it was.
    fn fill(
        &mut self,
        line: u64,
        assigned: &Assigned,
        cells: &[&str],
        mut record: Vec<u8>,
    ) -> Vec<u8> {
        let known = assigned.cells.iter().flatten().max().map_or(0, |last| last + 1);
        self.check_rest(line, cells.get(known..).unwrap_or_default());
        let mut edi = None;
        let (mut has_codes, mut has_flag) = (false, false);
        for (field, at) in assigned.columns.iter().zip(&assigned.cells) {
            let cell = at.and_then(|at| cells.get(at)).copied().unwrap_or_default();
            let is_first = field.from == 1;
            let put = match put(field, if is_first { cell.trim() } else { cell }) {
                Ok(put) => put,
                Err(misfit) => {
                    self.misfit(line, field, misfit, cell);
                    continue;
                }
            };
            let Some(put) = put else { continue };
            if let Some(folded) = put.folded {
                self.folded(line, field, cell, &folded);
            }
            has_codes |= is_code(field);
            has_flag |= is_flag(field) && put.bytes == [EDI_FLAG];
            match is_edi(field) {
                true => edi = Some(put.bytes),
                false => set(&mut record, field.from, &put.bytes),
            }
        }
        if edi.is_some() && has_codes {
            let finding = Finding::new(Code::CsvLine, line).of(EDI.label);
            let found = "EDI情報と顧客コードの両方";
            self.findings.add(finding.found(found).expected("EDI情報か顧客コードのどちらか"));
        } else if edi.is_some() || has_flag && !has_codes {
            set(&mut record, EDI.from, &edi.unwrap_or_else(|| vec![b' '; EDI.length]));
            // Between both stands 振込指定区分.
            set(&mut record, EDI.to() + 2, &[EDI_FLAG]);
        }
        record
    }

    /// Nothing may stand behind the columns that are known.
    fn check_rest(&mut self, line: u64, rest: &[&str]) {
        if let Some(cell) = rest.iter().find(|cell| !cell.trim().is_empty()) {
            let finding = Finding::new(Code::CsvLine, line);
            let finding = finding.found(format!("余分な項目「{}」", short(cell)));
            self.findings.add(finding.expected("見出しにある項目だけ"));
        }
    }

    fn misfit(&mut self, line: u64, field: &Field, misfit: Misfit, cell: &str) {
        if !self.findings.wants(Severity::Error) {
            self.findings.count_only(Severity::Error);
            return;
        }
        let length = field.length;
        let (code, found, expected) = match misfit {
            Misfit::Length(needed) => {
                let found = format!("「{}」（{needed}文字）", short(cell));
                (Code::CellLength, found, format!("{length}文字まで（濁点・半濁点は別に数えます）"))
            }
            Misfit::Character(c) => {
                let class = match field.kind {
                    FieldKind::Text(class) => class,
                    _ => TextClass::Union,
                };
                (Code::NotAllowed, format!("「{c}」"), class_in_words(class).to_owned())
            }
        };
        let finding = Finding::new(code, line).of(field.label).found(found).expected(expected);
        self.findings.add(finding);
    }

    fn folded(&mut self, line: u64, field: &Field, cell: &str, folded: &str) {
        let finding = Finding::new(Code::CellFolded, line).of(field.label);
        let found = format!("「{}」を「{folded}」にしました", short(cell));
        self.findings.add(finding.found(found));
    }
}

fn kind_of(cell: &str) -> RecordKind {
    match cell.trim().trim_start_matches('\'').as_bytes() {
        [byte] => RecordKind::of(*byte),
        _ => RecordKind::Unknown,
    }
}

/// Puts bytes at a place of a record, from 1.
fn set(record: &mut [u8], from: usize, bytes: &[u8]) {
    for (place, byte) in record.iter_mut().skip(from - 1).zip(bytes) {
        *place = *byte;
    }
}

fn short(cell: &str) -> String {
    match cell.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()),
        None => cell.to_owned(),
    }
}

fn row_text(cells: &[&str]) -> String {
    short(&cells.join(","))
}
