//! Which kinds of fields may hold a byte: one look into a table for each, so that a whole record is
//! known to be clean before any field of it is looked at.

use crate::zengin::text::TextClass;

/// A set of classes of bytes, one bit each.
pub type Mask = u16;

/// 0 to 9.
pub const DIGIT: Mask = 1;
/// 0x20.
pub const SPACE: Mask = 1 << 1;
/// A to Z.
pub const UPPER: Mask = 1 << 2;
/// ｱ to ﾝ, ﾞ, ﾟ: the large kana.
pub const KANA: Mask = 1 << 3;
/// ｦ.
pub const WO: Mask = 1 << 4;
/// `-`.
pub const DASH: Mask = 1 << 5;
/// `( ) .`, which names have beside `-`.
pub const NAME_SIGN: Mask = 1 << 6;
/// `¥ ｢ ｣ /`, which EDI情報 has beside those.
pub const EDI_SIGN: Mask = 1 << 7;
/// `' : + , ?`, which only the list for whole files (付録1) has.
pub const RARE_SIGN: Mask = 1 << 8;
/// ｰ.
pub const LONG_VOWEL: Mask = 1 << 9;
/// ｧ to ｯ: the small kana.
pub const SMALL_KANA: Mask = 1 << 10;
/// a to z.
pub const LOWER: Mask = 1 << 11;
/// ﾞ, which stands behind what takes it.
pub const VOICED_MARK: Mask = 1 << 12;
/// What ﾞ may follow: ｳ, ｶ to ﾄ, ﾊ to ﾎ.
pub const TAKES_VOICED: Mask = VOICED_MARK << 1;
/// What ﾟ may follow: ﾊ to ﾎ.
pub const TAKES_HALF_VOICED: Mask = HALF_VOICED_MARK >> 1;
/// ﾟ, which stands behind what takes it.
pub const HALF_VOICED_MARK: Mask = 1 << 15;

/// The classes of each byte.
pub static CLASSES: [Mask; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "the index stays below the length")]
const fn classes() -> [Mask; 256] {
    let mut table = [0; 256];
    let (mut at, mut byte) = (0, 0u8);
    while at < table.len() {
        table[at] = class(byte);
        at += 1;
        byte = byte.wrapping_add(1);
    }
    table
}

const fn class(byte: u8) -> Mask {
    match byte {
        b'0'..=b'9' => DIGIT,
        b' ' => SPACE,
        b'A'..=b'Z' => UPPER,
        b'a'..=b'z' => LOWER,
        b'-' => DASH,
        b'(' | b')' | b'.' => NAME_SIGN,
        b'/' | 0x5C | 0xA2 | 0xA3 => EDI_SIGN,
        b'\'' | b':' | b'+' | b',' | b'?' => RARE_SIGN,
        0xA6 => WO,
        0xA7..=0xAF => SMALL_KANA,
        0xB0 => LONG_VOWEL,
        0xB3 | 0xB6..=0xC4 => KANA | TAKES_VOICED,
        0xCA..=0xCE => KANA | TAKES_VOICED | TAKES_HALF_VOICED,
        0xDE => KANA | VOICED_MARK,
        0xDF => KANA | HALF_VOICED_MARK,
        0xB1..=0xDD => KANA,
        _ => 0,
    }
}

/// The classes of a byte.
#[must_use]
pub fn class_of(byte: u8) -> Mask {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// What a text of this class may hold.
#[must_use]
pub const fn mask_of(class: TextClass) -> Mask {
    const OFFICE: Mask = DIGIT | SPACE | UPPER | KANA | DASH;
    const PARTY: Mask = OFFICE | NAME_SIGN;
    const EDI: Mask = PARTY | WO | EDI_SIGN;
    match class {
        TextClass::Office => OFFICE,
        TextClass::Party => PARTY,
        TextClass::Edi => EDI,
        TextClass::Union => EDI | RARE_SIGN,
    }
}

/// Not zero where a byte of class `class` is a mark that cannot follow one of class `before`.
#[must_use]
pub const fn lonely(before: Mask, class: Mask) -> Mask {
    let voiced = (class & VOICED_MARK) << 1 & !before;
    let half_voiced = (class & HALF_VOICED_MARK) >> 1 & !before;
    voiced | half_voiced
}

/// Where the first ﾞ or ﾟ stands that has no kana to stand behind, from 0. What stands behind a
/// byte that `allowed` has not is not judged: that byte is the fault.
#[must_use]
pub fn lonely_mark(text: &[u8], allowed: Mask) -> Option<usize> {
    let mut before = DIGIT;
    for (at, byte) in text.iter().enumerate() {
        let class = class_of(*byte);
        if lonely(before, class) != 0 && before & allowed != 0 {
            return Some(at);
        }
        before = class;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zengin::text::{decode, encode};

    fn bytes(text: &str) -> Vec<u8> {
        text.chars().map(|c| encode(c).unwrap()).collect()
    }

    #[test]
    fn a_mark_stands_behind_a_kana_that_can_have_it() {
        let party = mask_of(TextClass::Party);
        for (text, at) in [
            ("ｶﾞｷﾞｻﾞﾀﾞﾊﾞﾊﾟｳﾞ", None),
            ("ﾞｶ", Some(0)),
            ("ｱﾞ", Some(1)),
            ("ｶﾟ", Some(1)),
            ("ｶ ﾞ", Some(2)),
            ("ﾊﾞﾞ", Some(2)),
            ("Aﾟ", Some(1)),
            ("", None),
        ] {
            assert_eq!(lonely_mark(&bytes(text), party), at, "{text}");
        }
        assert_eq!(lonely_mark(b"a\xDE", party), None, "the small letter is the fault");
        assert_eq!(lonely_mark(b"\x82\xDE", party), None);
    }

    #[test]
    fn each_byte_has_one_class() {
        let kinds = DIGIT | SPACE | UPPER | KANA | WO | DASH | NAME_SIGN | EDI_SIGN | RARE_SIGN;
        let kinds = kinds | LONG_VOWEL | SMALL_KANA | LOWER;
        for byte in 0..=u8::MAX {
            let count = (class_of(byte) & kinds).count_ones();
            assert!(count <= 1, "{byte:#x}");
            assert!(count == 0 || decode(byte).is_some(), "{byte:#x}");
        }
    }
}
