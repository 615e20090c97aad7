//! One record, filled field by field.

use chrono::NaiveDate;

use crate::zengin::era::era_digits;
use crate::zengin::layout::{Field, FieldKind, LineEnd, RecordLayout};
use crate::zengin::text::encode;

/// Why a value cannot stand in a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The record has no such field for such a value.
    #[error("the record has no field {0} for this kind of value")]
    NoField(&'static str),
    /// More characters than the field has bytes.
    #[error("{field} has {length} bytes, the value needs {needed}")]
    TooLong {
        /// The field's name in the standard.
        field: &'static str,
        /// How long it is.
        length: usize,
        /// How long the value is.
        needed: usize,
    },
    /// A character that the field may not hold.
    #[error("{field} cannot hold {found:?}")]
    NotAllowed {
        /// The field's name in the standard.
        field: &'static str,
        /// The first such character.
        found: char,
    },
    /// A day that no era of the format has.
    #[error("{field} cannot hold the day {day}")]
    NoSuchDay {
        /// The field's name in the standard.
        field: &'static str,
        /// The day.
        day: NaiveDate,
    },
}

/// A record with its constants, zeros and spaces, and what was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    layout: RecordLayout,
    bytes: Vec<u8>,
}

impl Record {
    /// A record in which nothing is set.
    #[must_use]
    pub fn new(layout: RecordLayout) -> Record {
        let mut bytes = Vec::with_capacity(layout.length);
        for field in layout.fields {
            match field.kind {
                FieldKind::Constant(content) => bytes.extend_from_slice(content.as_bytes()),
                FieldKind::Number => bytes.resize(bytes.len() + field.length, b'0'),
                FieldKind::Text(_) | FieldKind::Filler => {
                    bytes.resize(bytes.len() + field.length, b' ');
                }
            }
        }
        Record { layout, bytes }
    }

    /// Sets a number.
    ///
    /// # Errors
    /// No such field, or more digits than it has.
    pub fn number(self, key: &'static str, value: u64) -> Result<Record, FieldError> {
        self.digits(key, &value.to_string())
    }

    /// Sets digits, such as a code with zeros in front.
    ///
    /// # Errors
    /// No such field, more digits than it has, or something that is no digit.
    pub fn digits(self, key: &'static str, digits: &str) -> Result<Record, FieldError> {
        let field = self.field(key, |kind| kind == FieldKind::Number)?;
        if let Some(found) = digits.chars().find(|c| !c.is_ascii_digit()) {
            return Err(FieldError::NotAllowed { field: field.label, found });
        }
        let needed = digits.len();
        let Some(before) = field.length.checked_sub(needed) else {
            return Err(FieldError::TooLong { field: field.label, length: field.length, needed });
        };
        Ok(self.put(field.from + before, digits.bytes()))
    }

    /// Sets a text.
    ///
    /// # Errors
    /// No such field, too many characters, or one that the field may not hold.
    pub fn text(self, key: &'static str, text: &str) -> Result<Record, FieldError> {
        let field = self.field(key, |kind| matches!(kind, FieldKind::Text(_)))?;
        let FieldKind::Text(class) = field.kind else { return Err(FieldError::NoField(key)) };
        let mut bytes = Vec::new();
        for found in text.chars() {
            match encode(found).filter(|_| class.allows(found)) {
                Some(byte) => bytes.push(byte),
                None => return Err(FieldError::NotAllowed { field: field.label, found }),
            }
        }
        let (length, needed) = (field.length, bytes.len());
        if needed > length {
            return Err(FieldError::TooLong { field: field.label, length, needed });
        }
        Ok(self.put(field.from, bytes.into_iter()))
    }

    /// Sets a day with the year of its era.
    ///
    /// # Errors
    /// No such field, or a day before the oldest era.
    pub fn day(self, key: &'static str, day: NaiveDate) -> Result<Record, FieldError> {
        let field = self.field(key, |kind| kind == FieldKind::Number)?;
        let digits = era_digits(day).ok_or(FieldError::NoSuchDay { field: field.label, day })?;
        self.digits(key, &digits)
    }

    /// The record and what follows it in a file.
    #[must_use]
    pub fn finish(mut self, end: LineEnd) -> Vec<u8> {
        self.bytes.extend_from_slice(end.bytes());
        self.bytes
    }

    fn field(
        &self,
        key: &'static str,
        is_right: impl Fn(FieldKind) -> bool,
    ) -> Result<&'static Field, FieldError> {
        let field = self.layout.field(key).filter(|field| is_right(field.kind));
        field.ok_or(FieldError::NoField(key))
    }

    fn put(mut self, from: usize, content: impl Iterator<Item = u8>) -> Record {
        let places = self.bytes.iter_mut().skip(from - 1);
        for (place, byte) in places.zip(content) {
            *place = byte;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zengin::layouts::STATEMENT;

    #[test]
    fn values_that_do_not_fit_are_refused_by_the_name_of_their_field() {
        let header = || Record::new(STATEMENT.header);
        let too_long = |field, length, needed| FieldError::TooLong { field, length, needed };
        assert_eq!(
            header().number("balance_before", 100_000_000_000_000),
            Err(too_long("取引前残高", 14, 15))
        );
        assert_eq!(header().text("bank_name", "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀ"), Err(too_long("銀行名", 15, 16)));
        let not_allowed = |field, found| FieldError::NotAllowed { field, found };
        assert_eq!(header().digits("bank_code", "12a4"), Err(not_allowed("銀行コード", 'a')));
        assert_eq!(header().text("bank_name", "ｱ(ｲ"), Err(not_allowed("銀行名", '(')));
        assert_eq!(header().number("bank_name", 1), Err(FieldError::NoField("bank_name")));
        assert_eq!(header().text("nothing", ""), Err(FieldError::NoField("nothing")));
        let day = "1980-01-01".parse().unwrap();
        assert_eq!(
            header().day("from", day),
            Err(FieldError::NoSuchDay { field: "勘定日(自)", day })
        );
        assert_eq!(header().digits("record_type", "2"), Err(FieldError::NoField("record_type")));
    }
}
