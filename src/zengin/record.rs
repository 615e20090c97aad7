//! One record: filled field by field, or read field by field.

use chrono::NaiveDate;

use crate::zengin::era::era_digits;
use crate::zengin::layout::{Field, FieldKind, LineEnd, Must, RecordLayout};
use crate::zengin::text::{TextClass, decode, decode_lossy, encode};

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
    /// Something that is not in the field's list.
    #[error("{field} cannot be {found:?}")]
    NotListed {
        /// The field's name in the standard.
        field: &'static str,
        /// What it was to be, or is.
        found: String,
    },
    /// Not as long as the records of the format.
    #[error("a record has {length} bytes, not {found}")]
    Length {
        /// How long records are.
        length: usize,
        /// How long this is.
        found: usize,
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
                FieldKind::Number | FieldKind::MonthDay | FieldKind::EraDay => {
                    bytes.resize(bytes.len() + field.length, b'0');
                }
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

    /// Sets digits, such as a code with zeros in front. Nothing is zeros.
    ///
    /// # Errors
    /// No such field, more digits than it has, something that is no digit, or is not in its list.
    pub fn digits(self, key: &'static str, digits: &str) -> Result<Record, FieldError> {
        let field =
            self.field(key, |kind| matches!(kind, FieldKind::Number | FieldKind::MonthDay))?;
        self.put_digits(field, digits)
    }

    /// Sets a number of the sender's own: digits fill up with zeros in front; what some banks let
    /// stand there beside digits begins at the left, as text does.
    ///
    /// # Errors
    /// No such field, more characters than it has, or one that no field may hold.
    pub fn reference(self, key: &'static str, text: &str) -> Result<Record, FieldError> {
        let field = self.field(key, |kind| kind == FieldKind::Number)?;
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.put_digits(field, text);
        }
        let mut bytes = encoded(field.label, text, TextClass::Union, field.length)?;
        bytes.resize(field.length, b' ');
        Ok(self.put(field.from, bytes.into_iter()))
    }

    /// Sets a text.
    ///
    /// # Errors
    /// No such field, too many characters, one that the field may not hold, or not in its list.
    pub fn text(self, key: &'static str, text: &str) -> Result<Record, FieldError> {
        let field = self.field(key, |kind| matches!(kind, FieldKind::Text(_)))?;
        let FieldKind::Text(class) = field.kind else { return Err(FieldError::NoField(key)) };
        let bytes = encoded(field.label, text, class, field.length)?;
        let is_listed = field.values.is_empty() || field.values.contains(&text);
        if !is_listed && !text.is_empty() {
            return Err(FieldError::NotListed { field: field.label, found: text.to_owned() });
        }
        Ok(self.put(field.from, bytes.into_iter()))
    }

    /// Sets a text that takes the place of two fields, as EDI情報 does of the customer's codes.
    ///
    /// # Errors
    /// No such fields, too many characters, or one that the class has not.
    pub fn overlay(
        self,
        [first, last]: [&'static str; 2],
        label: &'static str,
        text: &str,
        class: TextClass,
    ) -> Result<Record, FieldError> {
        let first = self.field(first, |_| true)?;
        let last = self.field(last, |_| true)?;
        let length = (last.to() + 1).saturating_sub(first.from);
        let mut bytes = encoded(label, text, class, length)?;
        bytes.resize(length, b' ');
        Ok(self.put(first.from, bytes.into_iter()))
    }

    /// Sets a day with the year of its era.
    ///
    /// # Errors
    /// No such field, or a day before the oldest era.
    pub fn day(self, key: &'static str, day: NaiveDate) -> Result<Record, FieldError> {
        let field = self.field(key, |kind| kind == FieldKind::EraDay)?;
        let digits = era_digits(day).ok_or(FieldError::NoSuchDay { field: field.label, day })?;
        self.put_digits(field, &digits)
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

    fn put_digits(self, field: &Field, digits: &str) -> Result<Record, FieldError> {
        if let Some(found) = digits.chars().find(|c| !c.is_ascii_digit()) {
            return Err(FieldError::NotAllowed { field: field.label, found });
        }
        let needed = digits.len();
        let Some(before) = field.length.checked_sub(needed) else {
            return Err(FieldError::TooLong { field: field.label, length: field.length, needed });
        };
        let is_empty = field.must == Must::Optional && digits.bytes().all(|digit| digit == b'0');
        let padded = || format!("{digits:0>width$}", width = field.length);
        if !is_empty && !field.values.is_empty() && !field.values.contains(&padded().as_str()) {
            return Err(FieldError::NotListed { field: field.label, found: digits.to_owned() });
        }
        let zeros = std::iter::repeat_n(b'0', before);
        Ok(self.put(field.from, zeros.chain(digits.bytes())))
    }

    fn put(mut self, from: usize, content: impl Iterator<Item = u8>) -> Record {
        let places = self.bytes.iter_mut().skip(from - 1);
        for (place, byte) in places.zip(content) {
            *place = byte;
        }
        self
    }
}

/// The bytes of a text of this class, which a field of this length can hold.
fn encoded(
    label: &'static str,
    text: &str,
    class: TextClass,
    length: usize,
) -> Result<Vec<u8>, FieldError> {
    let mut bytes = Vec::with_capacity(length);
    for found in text.chars() {
        match encode(found).filter(|_| class.allows(found)) {
            Some(byte) => bytes.push(byte),
            None => return Err(FieldError::NotAllowed { field: label, found }),
        }
    }
    let needed = bytes.len();
    if needed > length {
        return Err(FieldError::TooLong { field: label, length, needed });
    }
    Ok(bytes)
}

/// A record that is read: its fields by their keys.
#[derive(Debug, Clone, Copy)]
pub struct RecordView<'a> {
    /// What it consists of.
    pub layout: RecordLayout,
    bytes: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// Exactly one record, without what follows it in a file.
    ///
    /// # Errors
    /// Another length than the layout's.
    pub fn new(layout: RecordLayout, bytes: &'a [u8]) -> Result<RecordView<'a>, FieldError> {
        let (length, found) = (layout.length, bytes.len());
        if length == found {
            Ok(RecordView { layout, bytes })
        } else {
            Err(FieldError::Length { length, found })
        }
    }

    /// The bytes of a field.
    ///
    /// # Errors
    /// No such field.
    pub fn bytes(&self, key: &'static str) -> Result<&'a [u8], FieldError> {
        Ok(self.field(key)?.of(self.bytes))
    }

    /// A text without the spaces behind it; U+FFFD stands for what is no character.
    ///
    /// # Errors
    /// No such field.
    pub fn text(&self, key: &'static str) -> Result<String, FieldError> {
        let text = decode_lossy(self.bytes(key)?);
        Ok(text.trim_end_matches(' ').to_owned())
    }

    /// A code or number as it stands there, with zeros in front; nothing where there are spaces.
    ///
    /// # Errors
    /// No such field.
    pub fn code(&self, key: &'static str) -> Result<String, FieldError> {
        Ok(decode_lossy(self.bytes(key)?).trim_matches(' ').to_owned())
    }

    /// A number; spaces are zero where the field may stay empty.
    ///
    /// # Errors
    /// No such field, or something that is no digit.
    pub fn number(&self, key: &'static str) -> Result<u64, FieldError> {
        let field = self.field(key)?;
        let bytes = field.of(self.bytes);
        if field.must != Must::Required && bytes.iter().all(|byte| *byte == b' ') {
            return Ok(0);
        }
        digits_of(bytes).ok_or_else(|| {
            let wrong = bytes.iter().find(|byte| !byte.is_ascii_digit());
            let found = wrong.and_then(|byte| decode(*byte));
            let found = found.unwrap_or(char::REPLACEMENT_CHARACTER);
            FieldError::NotAllowed { field: field.label, found }
        })
    }

    /// One digit; a space is zero where the field may stay empty.
    ///
    /// # Errors
    /// No such field, or something that is no digit.
    pub fn digit(&self, key: &'static str) -> Result<u8, FieldError> {
        let number = self.number(key)?;
        u8::try_from(number).map_err(|_| FieldError::NoField(key))
    }

    fn field(&self, key: &'static str) -> Result<&'static Field, FieldError> {
        self.layout.field(key).ok_or(FieldError::NoField(key))
    }
}

/// The number that digits make; nothing where others are among them, or there are too many.
#[must_use]
pub fn digits_of(bytes: &[u8]) -> Option<u64> {
    bytes.iter().try_fold(0u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zengin::layouts::{GENERAL_TRANSFER, STATEMENT};
    use crate::zengin::text::TextClass::Edi;

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
        let not_listed =
            |field, found: &str| FieldError::NotListed { field, found: found.to_owned() };
        assert_eq!(header().number("account_type", 3), Err(not_listed("預金種目", "3")));
        assert_eq!(header().number("overdraft_before", 3), Err(not_listed("貸越区分", "3")));
        assert!(header().number("overdraft_before", 0).is_ok(), "it may stay empty");
        let data = || Record::new(GENERAL_TRANSFER.data);
        assert_eq!(data().text("edi_flag", "N"), Err(not_listed("識別表示", "N")));
        let codes = ["customer_code1", "customer_code2"];
        let long = "A".repeat(21);
        assert_eq!(data().overlay(codes, "EDI情報", &long, Edi), Err(too_long("EDI情報", 20, 21)));
        assert_eq!(data().overlay(codes, "EDI情報", ",", Edi), Err(not_allowed("EDI情報", ',')));
    }

    #[test]
    fn what_was_set_is_read() {
        let record = Record::new(GENERAL_TRANSFER.data)
            .digits("payee_bank_code", "7")
            .and_then(|record| record.text("payee_name", "ｶ)ｱｵﾊﾞ"))
            .and_then(|record| record.number("amount", 9_999_999_999))
            .and_then(|record| record.reference("customer_code1", "12"))
            .and_then(|record| record.reference("customer_code2", "A-1"))
            .unwrap()
            .finish(LineEnd::None);
        let view = RecordView::new(GENERAL_TRANSFER.data, &record).unwrap();
        assert_eq!(view.code("payee_bank_code").unwrap(), "0007");
        assert_eq!(view.text("payee_name").unwrap(), "ｶ)ｱｵﾊﾞ");
        assert_eq!(view.number("amount").unwrap(), 9_999_999_999);
        assert_eq!(view.code("customer_code1").unwrap(), "0000000012");
        assert_eq!(view.code("customer_code2").unwrap(), "A-1");
        assert_eq!(view.digit("new_code").unwrap(), 0);
        let mut spaces = record.clone();
        spaces[90] = b' ';
        spaces[85] = b' ';
        spaces[51] = 0x81;
        let view = RecordView::new(GENERAL_TRANSFER.data, &spaces).unwrap();
        assert_eq!(view.digit("new_code").unwrap(), 0);
        let wrong = FieldError::NotAllowed { field: "振込金額", found: ' ' };
        assert_eq!(view.number("amount"), Err(wrong));
        assert_eq!(view.text("payee_name").unwrap(), "ｶ\u{FFFD}ｱｵﾊﾞ");
        let short = RecordView::new(GENERAL_TRANSFER.data, &record[1..]);
        assert_eq!(short.unwrap_err(), FieldError::Length { length: 120, found: 119 });
        assert_eq!(
            (digits_of(b""), digits_of(b"12a"), digits_of(&[b'9'; 20])),
            (Some(0), None, None)
        );
    }
}
