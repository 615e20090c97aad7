//! How records follow each other: `( header data* trailer )+ end`.

use crate::zengin::check::Core;
use crate::zengin::check::code::Code;
use crate::zengin::check::finding::Finding;
use crate::zengin::check::framing::{Framing, LineEnds, holds_utf8_kana};
use crate::zengin::check::plan::LENGTH_MAX;
use crate::zengin::check::show::show;
use crate::zengin::check::trailer::TrailerRecord;
use crate::zengin::layout::{Format, RecordKind};

/// What the last record was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Begin,
    Header,
    Data,
    Trailer,
    End,
}

/// What is known of the records from a header to its trailer.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Whether its header was there, so that its records can be read.
    pub has_header: bool,
    /// The format that the caller expects where the header says another one.
    pub other_format: Option<&'static Format>,
    /// Data records before the trailer.
    pub count: u64,
    /// Data records behind the trailer.
    pub late: u64,
    /// Records that may be data records or not.
    pub wild: u64,
    /// Data records whose amounts cannot be read.
    pub unread: u64,
    /// What the readable amounts sum up to, those behind the trailer aside.
    pub amount: u64,
    pub late_amount: u64,
    /// What 03, 01 and the result of 91 count apart.
    pub parts: [Part; 2],
    /// Whether a data record's part is not known.
    pub has_unknown_part: bool,
    /// The trailer, judged when the group ends.
    pub trailer: Option<TrailerRecord>,
}

/// Records that are counted apart: in and out, done and failed, all and cancelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub count: u64,
    pub amount: u64,
}

impl Core<'_> {
    /// A record of the right length; what it is, unless nothing is read any more.
    pub(super) fn take_record(&mut self, record: &[u8], is_clean: bool) -> Option<RecordKind> {
        if !is_clean && holds_utf8_kana(record) {
            self.unreadable(Code::Utf8);
            return None;
        }
        self.records += 1;
        let no = self.records;
        let said = RecordKind::of(record.first().copied().unwrap_or_default());
        if self.state == State::End {
            self.after_end(no, record);
            return Some(said);
        }
        let kind = match &self.plan {
            Some(plan) if !is_clean => plan.believed(record),
            _ => said,
        };
        if kind != said || kind == RecordKind::Unknown {
            self.wrong_type(no, kind, record);
        }
        // Nearly all records follow one of their own kind.
        if self.state != State::Data || kind != RecordKind::Data {
            self.enter(no, kind);
        }
        match kind {
            RecordKind::Header => self.check_header(no, record),
            RecordKind::Data => self.check_data(no, record, is_clean),
            RecordKind::Trailer => self.check_trailer(no, record),
            RecordKind::End => self.check_end(no, record),
            RecordKind::Unknown => self.group.wild += 1,
        }
        Some(kind)
    }

    fn wrong_type(&mut self, no: u64, kind: RecordKind, record: &[u8]) {
        let expected = match kind.digit() {
            Some(digit) => format!("{digit}（{}）", kind.label()),
            None => "1、2、8、9のいずれか".to_owned(),
        };
        let found = show(record.get(..1).unwrap_or_default());
        let finding = Finding::new(Code::RecordType, no).at(1).of("データ区分");
        self.findings.add(finding.found(found).expected(expected));
    }

    /// Something of another length than records have.
    pub(super) fn take_wrong_length(
        &mut self,
        bytes: &[u8],
        length: usize,
        right: usize,
        is_broken: bool,
    ) {
        if holds_utf8_kana(bytes) {
            self.unreadable(Code::Utf8);
            return;
        }
        self.records += 1;
        let no = self.records;
        if self.state == State::End {
            self.after_end(no, bytes);
            return;
        }
        let found = if is_broken {
            format!("{length}バイト目のあとに改行があります")
        } else if length == 0 {
            "空の行".to_owned()
        } else {
            format!("{length}バイト")
        };
        self.said.wrong_length = true;
        let at = if length < right { length + 1 } else { right + 1 };
        let finding = Finding::new(Code::RecordLength, no).at(at).found(found);
        self.findings.add(finding.expected(format!("{right}バイト")));
        if length == 0 {
            return;
        }
        let is_whole = bytes.len() == length && length < LENGTH_MAX * 2;
        let kind = match &self.plan {
            Some(plan) if is_whole => plan.believed_shifted(bytes),
            _ => RecordKind::of(bytes.first().copied().unwrap_or_default()),
        };
        self.enter(no, kind);
        match kind {
            RecordKind::Header => self.group.has_header = self.plan.is_some(),
            RecordKind::Data => {
                self.count_data(no);
                self.group.unread += 1;
                self.group.has_unknown_part = true;
            }
            RecordKind::Unknown => self.group.wild += 1,
            RecordKind::Trailer | RecordKind::End => {}
        }
    }

    fn after_end(&mut self, no: u64, bytes: &[u8]) {
        if !self.said.after_end {
            self.said.after_end = true;
            let finding = Finding::new(Code::AfterEnd, no).at(1).found(show(bytes));
            self.findings.add(finding.expected("ファイルの終わり"));
        }
    }

    /// The whole file is something else: nothing more is said.
    pub(super) fn unreadable(&mut self, code: Code) {
        if !self.said.is_unreadable {
            self.said.is_unreadable = true;
            // Of a file that began well, the record at which reading ends is one of its records.
            let is_begun = code == Code::Utf8 && self.records > 0;
            self.records += u64::from(is_begun);
            let record = if is_begun { self.records } else { 0 };
            self.findings.add(Finding::new(code, record).expected("JIS（Shift_JISの1バイト文字）"));
        }
    }

    /// The line end behind a record that is not where the others have one, or is another one.
    pub(super) fn take_line_end(&mut self, end: LineEnds, framing: &mut Framing) {
        // Behind the last record of a file without line ends one may stand.
        let is_tail = self.state == State::End && framing.line_ends == LineEnds::None;
        if end == framing.line_ends || self.said.line_ends || self.said.after_end || is_tail {
            return;
        }
        self.said.line_ends = true;
        let at = framing.record_length.unwrap_or_default() + 1;
        let finding = Finding::new(Code::MixedLineEnds, self.records).at(at);
        let finding = finding.found(end.label()).expected(framing.line_ends.label());
        self.findings.add(finding);
        framing.line_ends = LineEnds::Mixed;
    }

    /// Whether a record of this kind may stand here.
    fn enter(&mut self, no: u64, kind: RecordKind) {
        let is_wild = self.group.wild > 0;
        let next = match kind {
            RecordKind::Header => State::Header,
            RecordKind::Data if self.state == State::Trailer => State::Trailer,
            RecordKind::Data => State::Data,
            RecordKind::Trailer => State::Trailer,
            RecordKind::End => State::End,
            RecordKind::Unknown => return,
        };
        match (self.state, kind) {
            (State::Begin, RecordKind::Header) => {}
            (State::Begin, _) if !is_wild => self.missing(no, kind, RecordKind::Header),
            (State::Header, RecordKind::Header) => self.disorder(no, RecordKind::Data),
            (State::Data, RecordKind::Header) | (State::Header | State::Data, RecordKind::End)
                if !is_wild =>
            {
                self.missing(no, kind, RecordKind::Trailer);
            }
            (State::Trailer, RecordKind::Trailer) if !is_wild => self.disorder(no, RecordKind::End),
            (State::Trailer, RecordKind::Data) if self.group.late == 0 => {
                self.disorder(no, RecordKind::End);
            }
            _ => {}
        }
        // A header given twice begins one group.
        let is_again = self.state == State::Header && kind == RecordKind::Header;
        if matches!(kind, RecordKind::Header | RecordKind::End) && !is_again {
            self.close_group(no);
        }
        if kind == RecordKind::Header && !is_again {
            self.begin_group(no);
        }
        self.state = next;
    }

    fn begin_group(&mut self, no: u64) {
        self.groups += 1;
        if self.groups == 2 && !self.settings.several_groups {
            let finding = Finding::new(Code::SeveralGroups, no).at(1).of("データ区分");
            let end = RecordKind::End.label();
            self.findings.add(finding.found("2組目のヘッダレコード").expected(end));
        }
    }

    fn missing(&mut self, no: u64, found: RecordKind, expected: RecordKind) {
        let finding = Finding::new(Code::MissingRecord, no).found(found.label());
        self.findings.add(finding.expected(format!("この前に{}", expected.label())));
    }

    fn disorder(&mut self, no: u64, expected: RecordKind) {
        let finding = Finding::new(Code::Order, no).at(1).of("データ区分");
        let found = match expected {
            RecordKind::Data => "ヘッダレコードの直後のヘッダレコード",
            _ if self.group.trailer.is_some() => "トレーラレコードのあとのレコード",
            _ => "順序の異なるレコード",
        };
        self.findings.add(finding.found(found).expected(expected.label()));
    }

    /// Counts a data record.
    #[inline]
    pub(super) fn count_data(&mut self, no: u64) {
        self.items += 1;
        if self.state == State::Trailer {
            self.group.late += 1;
        } else {
            self.group.count += 1;
        }
        if self.items > self.settings.records_max && !self.said.too_many {
            self.said.too_many = true;
            let most = self.settings.records_max;
            let finding =
                Finding::new(Code::TooManyRecords, no).found(format!("{}件目", self.items));
            self.findings.add(finding.expected(format!("{most}件まで")));
        }
    }

    /// Judges a group when the next begins, or the file ends.
    fn close_group(&mut self, no: u64) {
        let group = std::mem::take(&mut self.group);
        if self.state == State::Begin {
            // What stood before the first header is no group, but may have been one.
            self.group.wild = group.wild;
            return;
        }
        if group.count + group.late + group.wild == 0 {
            let at = group.trailer.as_ref().map_or(no, |trailer| trailer.no);
            let finding = Finding::new(Code::NoData, at).found("0件").expected("1件以上");
            self.findings.add(finding);
        }
        self.judge_totals(&group);
    }

    /// What is missing at the end of the file.
    pub(super) fn close_file(&mut self) {
        if self.said.is_unreadable {
            return;
        }
        if self.records == 0 {
            self.findings.add(Finding::new(Code::EmptyFile, 0));
            return;
        }
        let is_wild = self.group.wild > 0;
        let missing = match self.state {
            State::End => return,
            State::Trailer => "エンドレコード",
            State::Header | State::Data => "トレーラレコードとエンドレコード",
            State::Begin => "ヘッダレコード、データレコード、トレーラレコード、エンドレコード",
        };
        if self.state == State::Begin && is_wild {
            return;
        }
        if !is_wild {
            let finding = Finding::new(Code::MissingRecord, self.records);
            let finding = finding.found("ファイルの終わり");
            self.findings.add(finding.expected(format!("このあとに{missing}")));
        }
        let is_cut_off = matches!(self.state, State::Header | State::Data);
        if !is_cut_off {
            self.close_group(self.records);
        }
    }
}
