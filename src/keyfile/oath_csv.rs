//! The makers' comma-separated list: `serial,secret,type,digits,period`, one token a line.
//!
//! Fields may be quoted, lines may end in CR LF, blank lines are skipped, the columns may stand in
//! any order. The file is always plain. The CSV reader's own buffer can't be wiped.

use csv::{ByteRecord, ReaderBuilder};

use crate::keyfile::error::{KeyFileError, RowProblem};
use crate::keyfile::token_row::{RawToken, mark_twice, shorten};
use crate::keyfile::{HashAlgorithm, ImportedToken, KeyRow, ROWS_MAX, encoding};

const COLUMNS: [&str; 5] = ["serial", "secret", "type", "digits", "period"];
const FIELD_BYTES_MAX: usize = 1_024;

/// How the secrets of a list are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretEncoding {
    /// Found out from all secrets of the file together.
    Detect,
    /// Hexadecimal.
    Hex,
    /// Base32, RFC 4648.
    Base32,
}

/// Reads a list into rows for the stock.
///
/// # Errors
///
/// A [`KeyFileError`] if the file as a whole must be refused: no UTF-8, another header, or secrets
/// whose encoding can't be told.
pub fn parse_oath_csv(bytes: &[u8], encoding: SecretEncoding) -> Result<Vec<KeyRow>, KeyFileError> {
    let text = crate::keyfile::utf8_text(bytes)?;
    let mut lines = LineCounter { text: text.as_bytes(), offset: 0, line: 1 };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = ByteRecord::new();
    let mut columns = None;
    let mut fields = Vec::new();
    while reader.read_byte_record(&mut record).map_err(|_| KeyFileError::NotUtf8)? {
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            columns = Some(Columns::read(&record)?);
            continue;
        };
        let line = lines.line_at(record.position().map_or(0, csv::Position::byte));
        fields.push(Fields::read(&record, columns, line));
        if fields.len() > ROWS_MAX {
            return Err(KeyFileError::TooManyRows);
        }
    }
    if columns.is_none() {
        return Err(KeyFileError::WrongHeader);
    }
    let encoding = match encoding {
        SecretEncoding::Detect => detect(&fields)?,
        declared => declared,
    };
    let rows = fields.into_iter().map(|fields| fields.into_row(encoding)).collect();
    Ok(mark_twice(rows))
}

/// Where each of [`COLUMNS`] stands.
struct Columns([usize; 5]);

impl Columns {
    fn read(header: &ByteRecord) -> Result<Columns, KeyFileError> {
        let mut positions = [usize::MAX; 5];
        for (column, position) in COLUMNS.iter().zip(&mut positions) {
            let is_column =
                |field: &[u8]| field.trim_ascii().eq_ignore_ascii_case(column.as_bytes());
            *position = header.iter().position(is_column).ok_or(KeyFileError::WrongHeader)?;
        }
        if header.len() == COLUMNS.len() {
            Ok(Columns(positions))
        } else {
            Err(KeyFileError::WrongHeader)
        }
    }
}

/// The fields of one line in the order of [`COLUMNS`].
struct Fields {
    line: usize,
    serial: String,
    values: Result<Values, RowProblem>,
}

struct Values {
    secret: zeroize::Zeroizing<String>,
    kind: String,
    digits: String,
    period: String,
}

impl Fields {
    fn read(record: &ByteRecord, columns: &Columns, line: usize) -> Fields {
        let field = |column: usize| -> Option<&str> {
            let field = record.get(*columns.0.get(column)?)?.trim_ascii();
            // The file is UTF-8 as a whole, and the CSV syntax cuts it at ASCII characters only.
            std::str::from_utf8(field).ok().filter(|field| field.len() <= FIELD_BYTES_MAX)
        };
        let is_count_right = record.len() == COLUMNS.len();
        let values = match (field(1), field(2), field(3), field(4)) {
            _ if !is_count_right => Err(RowProblem::FieldCount { found: record.len() }),
            (Some(secret), Some(kind), Some(digits), Some(period)) => Ok(Values {
                secret: secret.to_owned().into(),
                kind: kind.to_owned(),
                digits: digits.to_owned(),
                period: period.to_owned(),
            }),
            (secret, ..) => Err(RowProblem::NotReadable {
                name: if secret.is_none() { "secret" } else { "type" },
            }),
        };
        Fields { line, serial: field(0).unwrap_or_default().to_owned(), values }
    }

    fn into_row(self, encoding: SecretEncoding) -> KeyRow {
        let serial = self.serial;
        let shown = shorten(&serial);
        let outcome = self.values.and_then(|values| values.into_token(serial, encoding));
        KeyRow { line_or_index: self.line, serial: shown, outcome }
    }
}

impl Values {
    fn into_token(
        self,
        serial: String,
        encoding: SecretEncoding,
    ) -> Result<ImportedToken, RowProblem> {
        if !self.kind.eq_ignore_ascii_case("totp") {
            return Err(RowProblem::KindNotSupported { kind: shorten(&self.kind) });
        }
        if self.secret.is_empty() {
            return Err(RowProblem::SecretMissing);
        }
        let secret = match encoding {
            SecretEncoding::Base32 => encoding::decode_base32(&self.secret),
            SecretEncoding::Hex | SecretEncoding::Detect => encoding::decode_hex(&self.secret),
        };
        RawToken {
            serial,
            secret: Some(secret.ok_or(RowProblem::NotReadable { name: "secret" })?),
            algorithm: HashAlgorithm::Sha1,
            digits: self.digits.parse().ok(),
            period_seconds: self.period.parse().ok(),
            drift_steps: 0,
            starts_at: None,
            expires_at: None,
            manufacturer: None,
        }
        .check()
    }
}

/// Finds the encoding that the file's secrets have in common. One that could be both says
/// nothing; if all could be both, or some must be the one and some the other, people must say.
fn detect(rows: &[Fields]) -> Result<SecretEncoding, KeyFileError> {
    let mut must_be_hex = false;
    let mut must_be_base32 = false;
    let mut could_be_both = false;
    for values in rows.iter().filter_map(|row| row.values.as_ref().ok()) {
        let is_hex = encoding::decode_hex(&values.secret).is_some();
        let is_base32 = encoding::decode_base32(&values.secret).is_some();
        must_be_hex |= is_hex && !is_base32;
        must_be_base32 |= is_base32 && !is_hex;
        could_be_both |= is_hex && is_base32;
    }
    match (must_be_hex, must_be_base32) {
        (true, true) => Err(KeyFileError::EncodingUnclear),
        (false, true) => Ok(SecretEncoding::Base32),
        (true, false) => Ok(SecretEncoding::Hex),
        (false, false) if could_be_both => Err(KeyFileError::EncodingUnclear),
        // No secret is readable at all: each row says so.
        (false, false) => Ok(SecretEncoding::Hex),
    }
}

/// Counts lines as an editor does; the CSV reader's own count is off after blank lines.
struct LineCounter<'a> {
    text: &'a [u8],
    offset: usize,
    line: usize,
}

impl LineCounter<'_> {
    /// The line on which the record that was read from byte `start` on has its first field.
    /// `start` must not go backwards.
    fn line_at(&mut self, start: u64) -> usize {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.offset) {
            let is_line_end = matches!(byte, b'\r' | b'\n');
            if self.offset >= start && !is_line_end {
                break;
            }
            let is_half_of_crlf = *byte == b'\r' && self.text.get(self.offset + 1) == Some(&b'\n');
            if is_line_end && !is_half_of_crlf {
                self.line += 1;
            }
            self.offset += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests;
