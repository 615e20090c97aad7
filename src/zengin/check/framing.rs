//! Where records begin and end: line ends or none, records that are too short or too long, and
//! files that are in another encoding altogether.
//!
//! The bytes come in pieces. A cut is made when enough of them are there to decide it the same way
//! however they were split: what is decided early depends on those bytes only, all else waits for
//! [`NEED`] bytes or for the end of the file.

mod encoding;
mod lines;
mod plain;

use serde::Serialize;

pub(super) use self::encoding::holds_utf8_kana;
use crate::zengin::check::code::Code;
use crate::zengin::check::plan::Plan;
use crate::zengin::layout::RecordKind;
use crate::zengin::layouts;
use crate::zengin::text::decode;

/// So many bytes decide every cut: three of the longest records, and some.
pub(super) const NEED: usize = 1024;
/// A record with no more misfits than this is one.
const GOOD: usize = 3;
/// Bytes by which a record is short or long when somebody mistyped it.
const NEAR: usize = 16;
/// What a text editor or an old program puts at the end of a file.
const END_MARK: u8 = 0x1A;

/// What stands after a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnds {
    /// Nothing.
    None,
    /// CR and LF.
    CrLf,
    /// LF alone.
    Lf,
    /// CR alone.
    Cr,
    /// Not the same everywhere.
    Mixed,
}

impl LineEnds {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            LineEnds::None => "改行なし",
            LineEnds::CrLf => "CR LF",
            LineEnds::Lf => "LF",
            LineEnds::Cr => "CR",
            LineEnds::Mixed => "混在",
        }
    }
}

/// How the bytes of a file make records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Framing {
    /// Bytes of a record; nothing where no record could be made out.
    pub record_length: Option<usize>,
    /// What stands after each record.
    pub line_ends: LineEnds,
    /// Whether 0x1A stands at the end.
    pub has_end_mark: bool,
    /// Whether a byte order mark stands at the beginning.
    pub has_bom: bool,
}

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A record of the right length.
    Record(&'a [u8]),
    /// The same, known to be clean.
    Clean(&'a [u8]),
    /// Something of another length.
    WrongLength {
        /// What there is of it; not always all.
        bytes: &'a [u8],
        /// How long it is.
        length: usize,
        /// Whether a line end stands within it.
        is_broken: bool,
    },
    /// The whole file is something else.
    Unreadable(Code),
    /// A byte order mark.
    Bom,
    /// Bytes behind the last record that mean nothing.
    Nothing,
}

/// A cut: a piece, the line end behind it, and how many bytes both are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut<'a> {
    pub piece: Piece<'a>,
    /// Nothing where the file ends without one.
    pub end: Option<LineEnds>,
    pub used: usize,
}

impl<'a> Cut<'a> {
    fn new(piece: Piece<'a>, end: Option<LineEnds>, used: usize) -> Cut<'a> {
        Cut { piece, end, used }
    }

    fn wrong(bytes: &'a [u8], end: Option<LineEnds>, used: usize) -> Cut<'a> {
        let piece = Piece::WrongLength { bytes, length: bytes.len(), is_broken: false };
        Cut { piece, end, used }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing is known yet.
    Begin,
    Lines,
    Plain,
    /// The rest is not read.
    Stopped,
}

/// Cuts a file into pieces.
#[derive(Debug)]
pub(super) struct Framer {
    mode: Mode,
    pub framing: Framing,
    /// Of the format that the caller expects; decides where nothing else does.
    expected_length: Option<usize>,
    length: usize,
    /// Bytes of a line without end that were passed over.
    passed: usize,
    /// Whether the next record is known to be clean.
    is_next_clean: bool,
}

impl Framer {
    pub(super) fn new(expected_length: Option<usize>) -> Framer {
        let framing = Framing {
            record_length: None,
            line_ends: LineEnds::None,
            has_end_mark: false,
            has_bom: false,
        };
        let (mode, length) = (Mode::Begin, 0);
        Framer { mode, framing, expected_length, length, passed: 0, is_next_clean: false }
    }

    /// Reads nothing more.
    pub(super) fn stop(&mut self) {
        self.mode = Mode::Stopped;
    }

    /// The next cut of what is left; nothing: more bytes are needed, or all is done.
    pub(super) fn cut<'a>(
        &mut self,
        window: &'a [u8],
        is_last: bool,
        plan: Option<&Plan>,
    ) -> Option<Cut<'a>> {
        match self.mode {
            Mode::Begin if window.len() < NEED && !is_last => None,
            Mode::Begin if window.is_empty() => None,
            Mode::Begin => Some(self.begin(window.get(..NEED).unwrap_or(window))),
            Mode::Lines => self.cut_line(window, is_last, plan),
            Mode::Plain => self.cut_plain(window, is_last, plan),
            Mode::Stopped if window.is_empty() => None,
            Mode::Stopped => Some(Cut::new(Piece::Nothing, None, window.len())),
        }
    }

    /// Looks at the first bytes: what they are, and how long records are.
    fn begin<'a>(&mut self, window: &'a [u8]) -> Cut<'a> {
        if window.starts_with(&encoding::BOM) {
            self.framing.has_bom = true;
            return Cut::new(Piece::Bom, None, encoding::BOM.len());
        }
        let unreadable = encoding::other_than_jis(window);
        let Some((mode, length)) = self.modes(window).filter(|_| unreadable.is_none()) else {
            self.stop();
            let code = unreadable.unwrap_or(Code::NotZengin);
            return Cut::new(Piece::Unreadable(code), None, window.len());
        };
        self.mode = mode;
        self.length = length;
        self.framing.record_length = Some(length);
        if mode == Mode::Lines {
            self.framing.line_ends = usual_line_end(window);
        }
        Cut::new(Piece::Nothing, None, 0)
    }

    /// Lines or none, and the length of records: what most of the first bytes say.
    fn modes(&self, window: &[u8]) -> Option<(Mode, usize)> {
        let by_type = length_by_type(window);
        let likely = by_type.or(self.expected_length).unwrap_or(120);
        let other = if likely == 120 { 200 } else { 120 };
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let lines = |length: usize| {
            let lines = window.split(is_end).filter(|line| line.len() == length);
            lines.filter(|line| looks_good(line)).count()
        };
        let plain =
            |length: usize| window.chunks_exact(length).filter(|record| looks_good(record)).count();
        // Of any length some chunks begin with a digit that a record could begin with.
        let mut best = (0, None);
        for (count, mode, length) in [
            (lines(likely), Mode::Lines, likely),
            (plain(likely), Mode::Plain, likely),
            (lines(other), Mode::Lines, other),
            (plain(other).saturating_sub(2), Mode::Plain, other),
        ] {
            if count > best.0 {
                best = (count, Some((mode, length)));
            }
        }
        // Nothing looks good, but it begins as a header does, or a record begins where the second
        // would if the first had a character more or less: it is a file with many faults.
        let is_long_enough = window.len() >= likely / 2;
        let is_header = by_type.is_some() && window.first() == Some(&b'1');
        let starts = |at: usize| {
            let record = window.get(at..).and_then(|rest| rest.get(..likely));
            record.is_some_and(looks_good)
        };
        let is_second_near = (1..=NEAR).any(|by| starts(likely - by) || starts(likely + by));
        let has_lines = window.split(is_end).count() > 2;
        let mode = if has_lines { Mode::Lines } else { Mode::Plain };
        let is_faulty = is_long_enough && (is_header || is_second_near);
        best.1.or(is_faulty.then_some((mode, likely)))
    }

    /// Bytes at the end of a file that may stand behind its last record: 0x1A and a line end.
    fn tail<'a>(&mut self, window: &'a [u8], is_last: bool) -> Option<Cut<'a>> {
        if !is_last || window.is_empty() || !is_tail(window) {
            return None;
        }
        self.framing.has_end_mark |= window.contains(&END_MARK);
        Some(Cut::new(Piece::Nothing, None, window.len()))
    }
}

/// Record length by 種別コード of the first header.
fn length_by_type(window: &[u8]) -> Option<usize> {
    let code = std::str::from_utf8(window.get(1..3)?).ok()?;
    layouts::find(code).map(|format| format.length())
}

/// Whether this may be a record of some format.
fn looks_good(record: &[u8]) -> bool {
    let kind = RecordKind::of(record.first().copied().unwrap_or_default());
    kind != RecordKind::Unknown && record.iter().all(|byte| decode(*byte).is_some())
}

/// The line end that most of the first lines have.
fn usual_line_end(window: &[u8]) -> LineEnds {
    let mut counts = [(0, LineEnds::CrLf), (0, LineEnds::Lf), (0, LineEnds::Cr)];
    let mut rest = window;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        rest = rest.get(at..).unwrap_or_default();
        let Some((end, length)) = line_end(rest) else { break };
        for (count, _) in counts.iter_mut().filter(|(_, of)| *of == end) {
            *count += 1;
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    // Of kinds that are as frequent, the first.
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counts.first().map_or(LineEnds::CrLf, |(_, end)| *end)
}

/// One 0x1A, one line end, or both.
fn is_tail(bytes: &[u8]) -> bool {
    let mark = |bytes: &[u8]| bytes == [END_MARK];
    match bytes.split_first() {
        None => true,
        Some((&END_MARK, rest)) => rest.is_empty() || is_line_end(rest),
        Some(_) => match line_end(bytes) {
            Some((_, length)) => {
                let rest = bytes.get(length..).unwrap_or_default();
                rest.is_empty() || mark(rest)
            }
            None => false,
        },
    }
}

fn is_line_end(bytes: &[u8]) -> bool {
    line_end(bytes).is_some_and(|(_, length)| length == bytes.len())
}

/// The line end with which this begins, and how long it is.
fn line_end(bytes: &[u8]) -> Option<(LineEnds, usize)> {
    match bytes {
        [b'\r', b'\n', ..] => Some((LineEnds::CrLf, 2)),
        [b'\n', ..] => Some((LineEnds::Lf, 1)),
        [b'\r', ..] => Some((LineEnds::Cr, 1)),
        _ => None,
    }
}

/// How many bytes do not fit a record, by the kind that its first byte says.
fn misfits(record: &[u8], plan: Option<&Plan>) -> usize {
    let limit = GOOD + 1;
    let kind = RecordKind::of(record.first().copied().unwrap_or_default());
    match plan {
        _ if kind == RecordKind::Unknown => limit,
        Some(plan) => plan.misfits(kind, record, limit),
        None => {
            let wrong = |byte: &&u8| decode(**byte).is_none();
            record.iter().filter(wrong).take(limit).count()
        }
    }
}
