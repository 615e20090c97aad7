//! Lines become records: bytes in, rows of cells out to [`Maker`].

use csv_core::ReadRecordResult;

use crate::zengin::check::{Code, Finding};
use crate::zengin::csv::charset::TextDecoder;
use crate::zengin::csv::make::{CsvGiven, Maker};
use crate::zengin::csv::reading::CsvReading;

/// Most bytes of a line: more is a quotation mark that was never closed.
const LINE_MAX: usize = 64 * 1024;
/// Most cells of a line.
const CELLS_MAX: usize = 256;

/// Who is given the records, each with its line end.
pub type ByteSink<'s> = dyn FnMut(&[u8]) + 's;

/// Reads CSV in pieces and hands out the bytes of the file that it is.
pub struct CsvReader {
    decoder: TextDecoder,
    core: csv_core::Reader,
    text: String,
    cells: Vec<u8>,
    used: usize,
    ends: Vec<usize>,
    count: usize,
    /// Line ends so far.
    line: u64,
    /// The line on which the row began; nothing between rows.
    begun: Option<u64>,
    maker: Maker,
    is_stopped: bool,
}

impl CsvReader {
    /// Begins a file.
    #[must_use]
    pub fn new(given: CsvGiven) -> CsvReader {
        CsvReader {
            decoder: TextDecoder::new(),
            core: csv_core::Reader::new(),
            text: String::new(),
            cells: vec![0; 1_024],
            used: 0,
            ends: vec![0; 64],
            count: 0,
            line: 0,
            begun: None,
            maker: Maker::new(given),
            is_stopped: false,
        }
    }

    /// Takes the next bytes, as many as there are.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut ByteSink<'_>) {
        self.take(bytes, false, sink);
    }

    /// Ends the file.
    #[must_use]
    pub fn finish(mut self, sink: &mut ByteSink<'_>) -> CsvReading {
        self.take(&[], true, sink);
        if !self.is_stopped && self.begun.is_some() {
            self.read_rows(&[], sink);
        }
        self.maker.finish(sink)
    }

    fn take(&mut self, bytes: &[u8], is_last: bool, sink: &mut ByteSink<'_>) {
        if self.is_stopped {
            return;
        }
        let mut text = std::mem::take(&mut self.text);
        self.decoder.feed(bytes, is_last, &mut text);
        if !text.is_empty() {
            self.read_rows(text.as_bytes(), sink);
        }
        text.clear();
        self.text = text;
        if self.decoder.is_broken() {
            self.stop(Code::CsvCharset, "UTF-8でもShift_JISでもない文字");
        }
    }

    fn stop(&mut self, code: Code, found: &str) {
        if !self.is_stopped {
            self.is_stopped = true;
            let finding = Finding::new(code, self.begun.unwrap_or(self.line + 1)).found(found);
            self.maker.fail(finding);
        }
    }

    /// Reads the rows that are complete with this text; no text is the end of the file.
    fn read_rows(&mut self, text: &[u8], sink: &mut ByteSink<'_>) {
        let mut rest = text;
        let is_last = text.is_empty();
        while !self.is_stopped && (is_last || !rest.is_empty()) {
            if self.begun.is_none() {
                rest = self.skip_line_ends(rest);
                if rest.is_empty() {
                    return;
                }
                self.begun = Some(self.line + 1);
            }
            let cells = self.cells.get_mut(self.used..).unwrap_or_default();
            let ends = self.ends.get_mut(self.count..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(rest, cells, ends);
            let (now, later) = rest.split_at(read.min(rest.len()));
            self.count_lines(now);
            rest = later;
            self.used += written;
            self.count += ended;
            match result {
                ReadRecordResult::InputEmpty if is_last => return,
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow_cells(),
                ReadRecordResult::OutputEndsFull => self.grow_ends(),
                ReadRecordResult::Record => self.row(sink),
                ReadRecordResult::End => return,
            }
        }
    }

    /// Line ends between rows, and those of empty lines.
    fn skip_line_ends<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let count = text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (ends, rest) = text.split_at(count);
        self.count_lines(ends);
        rest
    }

    fn count_lines(&mut self, text: &[u8]) {
        let ends = text.iter().filter(|byte| **byte == b'\n').count();
        self.line += u64::try_from(ends).unwrap_or_default();
    }

    fn grow_cells(&mut self) {
        if self.cells.len() >= LINE_MAX {
            self.stop(Code::CsvLine, "長すぎる行（閉じていない引用符など）");
        }
        self.cells.resize((self.cells.len() * 2).min(LINE_MAX), 0);
    }

    fn grow_ends(&mut self) {
        if self.ends.len() >= CELLS_MAX {
            self.stop(Code::CsvLine, "項目が多すぎる行");
        }
        self.ends.resize((self.ends.len() * 2).min(CELLS_MAX), 0);
    }

    fn row(&mut self, sink: &mut ByteSink<'_>) {
        let line = self.begun.take().unwrap_or(self.line);
        let mut from = 0;
        let mut row = Vec::with_capacity(self.count);
        for to in self.ends.iter().take(self.count) {
            let cell = self.cells.get(from..*to).unwrap_or_default();
            // It was text, and is cut where ASCII stands.
            row.push(std::str::from_utf8(cell).unwrap_or_default());
            from = *to;
        }
        self.maker.row(line, &row, sink);
        (self.used, self.count) = (0, 0);
    }
}
