//! Search over the records of a file, on the bytes of its chunks: nothing is parsed but what is
//! shown.

use std::ops::{ControlFlow, Range};

use crate::db::DbConn;
use crate::domain::bulk_file::BulkFile;
use crate::operations::OperationError;
use crate::operations::bulk_file::codec_kind;
use crate::operations::bulk_file::read::{FIRST_ITEM, NumberedItem, each_record, items};
use crate::primitives::code::to_half_width;
use crate::primitives::party_name::{PAYEE_NAME_MAX, convert};
use crate::zengin::bulk::BulkItem;
use crate::zengin::text::encode;

// The same places in every kind (zengin.md 1.2).
const NUMBER: Range<usize> = 43..50;
const NAME: Range<usize> = 50..80;
const AMOUNT: Range<usize> = 80..90;
/// Fewer digits than that are found in too many account numbers.
const DIGITS_MIN: usize = 2;

/// What is searched for: a part of a name or of an account number, or an amount.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needle {
    name: Option<Vec<u8>>,
    digits: Option<String>,
    amount: Option<Vec<u8>>,
}

impl Needle {
    /// What was typed; nothing for what no record can have.
    #[must_use]
    pub fn of(typed: &str) -> Option<Needle> {
        let half = to_half_width(typed.trim());
        let plain: String =
            half.chars().filter(|c| !matches!(c, ',' | '円' | '¥' | '\\' | ' ')).collect();
        let is_number = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
        let name = convert(typed, PAYEE_NAME_MAX).ok();
        let needle = Needle {
            name: name.and_then(|converted| bytes_of(&converted.name)),
            digits: Some(plain.clone())
                .filter(|_| is_number && (DIGITS_MIN..=NUMBER.len()).contains(&plain.len())),
            amount: Some(format!("{plain:0>10}").into_bytes())
                .filter(|_| is_number && plain.len() <= AMOUNT.len()),
        };
        (needle != Needle::default()).then_some(needle)
    }

    fn is_in(&self, record: &[u8]) -> bool {
        let has = |place: Range<usize>, part: &[u8]| {
            let field = record.get(place).unwrap_or_default();
            let mut places = field.windows(part.len().max(1)).enumerate();
            // ﾀ is another letter than ﾀﾞ.
            places.any(|(at, window)| {
                window == part && !matches!(field.get(at + part.len()), Some(0xDE | 0xDF))
            })
        };
        self.name.as_ref().is_some_and(|name| has(NAME, name))
            || self.digits.as_ref().is_some_and(|digits| has(NUMBER, digits.as_bytes()))
            || self.amount.as_ref().is_some_and(|amount| has(AMOUNT, amount))
    }
}

fn bytes_of(name: &str) -> Option<Vec<u8>> {
    name.chars().map(encode).collect()
}

/// A page of what is found, and how much there is in all; without a needle, of all items.
///
/// # Errors
/// Whatever the database says; content that is none.
pub fn page(
    conn: &mut DbConn,
    file: &BulkFile,
    needle: Option<&Needle>,
    (skip, take): (u64, usize),
) -> Result<(Vec<NumberedItem>, u64), OperationError> {
    let Some(needle) = needle else {
        let found = items(conn, file, FIRST_ITEM.saturating_add(skip), take)?;
        return Ok((found, u64::try_from(file.item_count).unwrap_or(0)));
    };
    let kind = codec_kind(file.kind);
    let (mut found, mut total) = (Vec::new(), 0_u64);
    each_record(conn, file, FIRST_ITEM, |no, record| {
        if needle.is_in(record) {
            total += 1;
            if total > skip && found.len() < take {
                let item = BulkItem::read(kind, record);
                let item = item.map_err(|_| OperationError::Corrupt("a record of a bulk file"))?;
                found.push(NumberedItem { no, item });
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok((found, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: &str, name: &str, amount: u64) -> Vec<u8> {
        let mut record = vec![b' '; 120];
        record[NUMBER].copy_from_slice(number.as_bytes());
        let name = bytes_of(name).unwrap();
        record[NAME.start..NAME.start + name.len()].copy_from_slice(&name);
        record[AMOUNT].copy_from_slice(format!("{amount:010}").as_bytes());
        record
    }

    #[test]
    fn names_numbers_and_amounts_are_found_as_people_type_them() {
        let record = record("0123456", "ﾔﾏﾀﾞ ﾀﾛｳ", 1_200_000);
        for (typed, is_found) in [
            ("やまだ", true),
            ("ヤマダ タロウ", true),
            ("ﾀﾛｳ", true),
            ("ヤマタ", false),
            ("123456", true),
            ("０１２３", true),
            ("9", false),
            ("1,200,000円", true),
            ("1200000", true),
            ("120000", false),
        ] {
            let needle = Needle::of(typed);
            assert_eq!(needle.is_some_and(|needle| needle.is_in(&record)), is_found, "{typed}");
        }
        assert_eq!(Needle::of("　"), None);
        assert_eq!(Needle::of("山田"), None);
    }
}
