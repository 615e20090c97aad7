//! Whether a record is clean and has only bytes that nearly all good records have: reckoned for
//! sixteen bytes at a time without a branch and without a table, so that a processor does it with
//! a few instructions of its oldest vectors.

use crate::zengin::byte_class::{DASH, DIGIT, KANA, Mask, NAME_SIGN, SPACE, UPPER};
use crate::zengin::check::plan::LENGTH_MAX;

/// Bytes that are looked at together.
const WIDTH: usize = 16;
type Bytes = [u8; WIDTH];

/// What sixteen bytes of a record may be: 0xFF where a byte of the kind must not stand.
#[derive(Debug, Clone, Copy)]
struct Block {
    digit: Bytes,
    space: Bytes,
    kana: Bytes,
    /// A to Z, `-`.
    office: Bytes,
    /// `( ) .`
    sign: Bytes,
}

impl Block {
    fn of(masks: &[Mask]) -> Block {
        let denied = |kinds: Mask| {
            let mut bytes = [u8::MAX; WIDTH];
            for (byte, mask) in bytes.iter_mut().zip(masks) {
                *byte = if mask & kinds == kinds { 0 } else { u8::MAX };
            }
            bytes
        };
        Block {
            digit: denied(DIGIT),
            space: denied(SPACE),
            kana: denied(KANA),
            office: denied(UPPER | DASH),
            sign: denied(NAME_SIGN),
        }
    }

    /// Sets `wrong` where a byte must not stand in its place, or is ﾞ or ﾟ and the one before it
    /// no kana that takes it.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the index stays below the length")]
    fn check(&self, before: &Bytes, bytes: &Bytes, wrong: &mut Bytes) {
        for at in 0..WIDTH {
            let byte = bytes[at];
            // Each is 0 for a byte of the kind where that kind may stand.
            let kana = beyond(byte, 0xB1, 0xDF) | self.kana[at];
            let digit = beyond(byte, b'0', b'9') | self.digit[at];
            let space = byte ^ b' ' | self.space[at];
            let office = beyond(byte, b'A', b'Z').min(byte ^ b'-') | self.office[at];
            let sign = beyond(byte, b'(', b')').min(byte ^ b'.') | self.sign[at];
            let misfit = kana.min(digit).min(space).min(office).min(sign);
            wrong[at] |= misfit | lonely(before[at], byte);
        }
    }
}

/// 0 from `first` to `last`.
#[inline]
const fn beyond(byte: u8, first: u8, last: u8) -> u8 {
    byte.wrapping_sub(first).saturating_sub(last - first)
}

/// Not 0 where a byte is ﾞ or ﾟ and the one before it is no kana that takes it.
#[inline]
fn lonely(before: u8, byte: u8) -> u8 {
    let takes_both = beyond(before, 0xCA, 0xCE);
    let takes_voiced = takes_both.min(before ^ 0xB3).min(beyond(before, 0xB6, 0xC4));
    let voiced = if byte == 0xDE { takes_voiced } else { 0 };
    let half_voiced = if byte == 0xDF { takes_both } else { 0 };
    voiced | half_voiced
}

/// What the bytes of a record may be, but for rare ones.
#[derive(Debug, Clone)]
pub(super) struct Quick {
    length: usize,
    /// The bytes behind the first, which is a digit; the last block has the last bytes, some of
    /// which the one before it has too.
    blocks: Vec<Block>,
}

impl Quick {
    pub(super) fn of(masks: &[Mask; LENGTH_MAX], length: usize) -> Quick {
        let masks = masks.get(1..length).unwrap_or_default();
        let last = masks.last_chunk::<WIDTH>();
        let full = masks.as_chunks::<WIDTH>().0;
        Quick { length, blocks: full.iter().chain(last).map(|masks| Block::of(masks)).collect() }
    }

    /// Whether nothing is wrong with a record. Where it is not so, a look at each byte says.
    #[inline]
    pub(super) fn is_clean(&self, record: &[u8]) -> bool {
        let (Some((first, behind)), Some((_, before))) =
            (record.split_first(), record.split_last())
        else {
            return false;
        };
        let Some((last, full)) = self.blocks.split_last() else { return false };
        let (Some(last_bytes), Some(last_before)) = (behind.last_chunk(), before.last_chunk())
        else {
            return false;
        };
        let mut wrong = [0; WIDTH];
        let (mut before, mut behind) = (before.as_chunks().0.iter(), behind.as_chunks().0.iter());
        for block in full {
            let (Some(before), Some(bytes)) = (before.next(), behind.next()) else { return false };
            block.check(before, bytes, &mut wrong);
        }
        last.check(last_before, last_bytes, &mut wrong);
        record.len() == self.length && first.is_ascii_digit() && wrong == [0; WIDTH]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zengin::byte_class::{class_of, lonely as lonely_class};

    const COMMON: Mask = DIGIT | SPACE | UPPER | KANA | DASH | NAME_SIGN;

    /// What each byte says by the table of classes.
    fn is_clean_by_table(record: &[u8], mask: Mask) -> bool {
        let classes: Vec<Mask> = record.iter().map(|byte| class_of(*byte)).collect();
        let fits = classes[1..].iter().all(|class| class & mask & COMMON != 0);
        fits && classes.windows(2).all(|pair| lonely_class(pair[0], pair[1]) == 0)
    }

    #[test]
    fn what_is_reckoned_is_what_the_table_says() {
        for mask in [DIGIT, SPACE, DIGIT | SPACE, KANA | DIGIT | SPACE, COMMON & !NAME_SIGN, COMMON]
        {
            let quick = Quick::of(&[mask; LENGTH_MAX], 120);
            let filling = if mask & SPACE != 0 { b' ' } else { b'0' };
            for at in [1, 16, 17, 103, 104, 113, 119] {
                for byte in 0..=u8::MAX {
                    let mut record = [filling; 120];
                    (record[0], record[at]) = (b'2', byte);
                    let is_clean = is_clean_by_table(&record, mask);
                    assert_eq!(quick.is_clean(&record), is_clean, "{mask:#x} {at} {byte:#x}");
                }
            }
        }
    }

    #[test]
    fn a_mark_is_judged_by_the_byte_before_it() {
        let quick = Quick::of(&[COMMON; LENGTH_MAX], 120);
        for at in [2, 16, 17, 112, 113, 119] {
            for before in 0..=u8::MAX {
                for byte in [0xDD, 0xDE, 0xDF, 0xE0] {
                    let mut record = [b'2'; 120];
                    (record[at - 1], record[at]) = (before, byte);
                    let is_clean = is_clean_by_table(&record, COMMON);
                    assert_eq!(quick.is_clean(&record), is_clean, "{at} {before:#x} {byte:#x}");
                }
            }
        }
    }

    #[test]
    fn a_record_of_another_length_or_without_a_digit_is_not_clean() {
        let quick = Quick::of(&[COMMON; LENGTH_MAX], 120);
        assert!(quick.is_clean(&[b'2'; 120]) && !quick.is_clean(&[b' '; 120]));
        for length in [0, 1, 16, 17, 119, 121, 200] {
            assert!(!quick.is_clean(&vec![b'2'; length]), "{length}");
        }
    }
}
