//! Records with line ends. A record of a wrong length ends where its line ends, so that the next
//! one is read again.

use crate::zengin::check::framing::{Cut, Framer, GOOD, LineEnds, NEED, Piece, line_end, misfits};
use crate::zengin::check::plan::Plan;

const CR_LF: &[u8] = b"\r\n";

impl Framer {
    pub(super) fn cut_line<'a>(
        &mut self,
        window: &'a [u8],
        is_last: bool,
        plan: Option<&Plan>,
    ) -> Option<Cut<'a>> {
        let length = self.length;
        if self.passed == 0
            && let Some((record, rest)) = window.split_at_checked(length)
            && rest.starts_with(CR_LF)
            && plan.is_some_and(|plan| plan.is_clean(record))
        {
            let used = length + CR_LF.len();
            return Some(Cut::new(Piece::Clean(record), Some(LineEnds::CrLf), used));
        }
        if window.is_empty() || window.len() < NEED && !is_last {
            return None;
        }
        if let Some(tail) = self.tail(window, is_last) {
            return Some(tail);
        }
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        match window.iter().take(NEED - 1).position(is_end) {
            Some(at) => Some(self.line(window, at, is_last, plan)),
            None => Some(self.without_end(window, is_last, plan)),
        }
    }

    /// A line whose end stands at `at`.
    fn line<'a>(
        &mut self,
        window: &'a [u8],
        at: usize,
        is_last: bool,
        plan: Option<&Plan>,
    ) -> Cut<'a> {
        let (line, rest) = window.split_at(at);
        let (end, end_length) = line_end(rest).unwrap_or((LineEnds::None, 0));
        let used = at + end_length;
        if self.passed > 0 {
            let length = std::mem::take(&mut self.passed) + at;
            let piece = Piece::WrongLength { bytes: line, length, is_broken: false };
            return Cut::new(piece, Some(end), used);
        }
        if at == self.length {
            return Cut::new(Piece::Record(line), Some(end), used);
        }
        if let Some((&super::END_MARK, record)) = line.split_last()
            && record.len() == self.length
            && is_last
            && used == window.len()
        {
            self.framing.has_end_mark = true;
            return Cut::new(Piece::Record(record), None, used);
        }
        if at < self.length {
            return self.short_line(window, line, (end, used), plan);
        }
        // Several records in one line: their line ends are missing.
        let mut records = line.chunks(self.length);
        if records.all(|record| record.len() == self.length && misfits(record, plan) <= GOOD) {
            let record = line.get(..self.length).unwrap_or_default();
            return Cut::new(Piece::Record(record), Some(LineEnds::None), self.length);
        }
        Cut::wrong(line, Some(end), used)
    }

    /// A line that is too short: a character is missing, or is a line end.
    fn short_line<'a>(
        &self,
        window: &'a [u8],
        line: &'a [u8],
        (end, used): (LineEnds, usize),
        plan: Option<&Plan>,
    ) -> Cut<'a> {
        let length = self.length;
        // A line end in the place of another character: the record has its length.
        if used <= length
            && let Some((record, rest)) = window.split_at_checked(length)
            && let Some((next, next_length)) = line_end(rest)
            && misfits(record, plan) <= GOOD
        {
            return Cut::new(Piece::Record(record), Some(next), length + next_length);
        }
        // A line end too many: both parts together have the length.
        let rest = window.get(used..).unwrap_or_default();
        let missing = length - line.len();
        if !line.is_empty()
            && let Some((part, rest)) = rest.split_at_checked(missing)
            && !part.iter().any(|byte| matches!(byte, b'\r' | b'\n'))
            && let Some((next, next_length)) = line_end(rest)
            && misfits(&[line, part].concat(), plan) <= GOOD
        {
            let used = used + missing + next_length;
            let piece = Piece::WrongLength { bytes: line, length: line.len(), is_broken: true };
            return Cut::new(piece, Some(next), used);
        }
        Cut::wrong(line, Some(end), used)
    }

    /// No line end near: the last line, or records whose line ends are missing.
    fn without_end<'a>(&mut self, window: &'a [u8], is_last: bool, plan: Option<&Plan>) -> Cut<'a> {
        let length = self.length;
        if self.passed == 0
            && let Some((record, rest)) = window.split_at_checked(length)
            && misfits(record, plan) <= GOOD
            && !rest.is_empty()
        {
            // What follows may be 0x1A only.
            let end = if is_last && super::is_tail(rest) { None } else { Some(LineEnds::None) };
            return Cut::new(Piece::Record(record), end, length);
        }
        if !is_last {
            self.passed += NEED - 1;
            return Cut::new(Piece::Nothing, None, NEED - 1);
        }
        let passed = std::mem::take(&mut self.passed);
        let bytes = match window.split_last() {
            Some((&super::END_MARK, rest)) => {
                self.framing.has_end_mark = true;
                rest
            }
            _ => window,
        };
        let all = passed + bytes.len();
        if all == length {
            return Cut::new(Piece::Record(bytes), None, window.len());
        }
        let piece = Piece::WrongLength { bytes, length: all, is_broken: false };
        Cut::new(piece, None, window.len())
    }
}
