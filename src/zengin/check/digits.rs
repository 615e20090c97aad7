//! Digits of fields of a known length, eight at a time in one word.

use crate::zengin::check::keyed::word;

const ZEROS: u64 = u64::from_le_bytes(*b"00000000");
const SPACES: u64 = u64::from_le_bytes(*b"        ");
const HIGH_HALVES: u64 = u64::from_le_bytes([0xF0; 8]);
const SIXES: u64 = u64::from_le_bytes([6; 8]);

/// Whether the eight bytes of a word are digits: their high halves are 3, and still are when 6 is
/// added to each.
#[inline]
const fn has_digits(word: u64) -> bool {
    let high = word & HIGH_HALVES;
    high == ZEROS && word.wrapping_add(SIXES) & HIGH_HALVES == ZEROS
}

/// The number that eight digits make; neighbours become numbers of two digits, those of four, and
/// those of eight.
#[inline]
const fn eight_digits(word: u64) -> u64 {
    let ones = word.wrapping_sub(ZEROS);
    let pairs = ones.wrapping_mul(10).wrapping_add(ones >> 8);
    let each_second = 0x0000_00FF_0000_00FF;
    let front = (pairs & each_second).wrapping_mul(100 + (1_000_000 << 32));
    let back = (pairs >> 16 & each_second).wrapping_mul(1 + (10_000 << 32));
    front.wrapping_add(back) >> 32
}

/// The number that ten digits make; nothing where others are among them.
#[inline]
pub(super) fn ten_digits(bytes: &[u8; 10]) -> Option<u64> {
    let [one, two, eight @ ..] = bytes;
    let eight = u64::from_le_bytes(*eight);
    if !(one.is_ascii_digit() && two.is_ascii_digit() && has_digits(eight)) {
        return None;
    }
    let front = u64::from(one - b'0') * 10 + u64::from(two - b'0');
    Some(front * 100_000_000 + eight_digits(eight))
}

/// The words of bytes, of which there are eight or more; the last word ends where they end.
#[inline]
fn all_words(bytes: &[u8], is_good: impl Fn(u64) -> bool) -> bool {
    let (eights, _) = bytes.as_chunks::<8>();
    let mut are_good = bytes.last_chunk::<8>().is_some_and(|last| is_good(word(last)));
    for eight in eights {
        are_good &= is_good(u64::from_le_bytes(*eight));
    }
    are_good
}

/// Whether these bytes, eight or more, are digits.
#[inline]
pub(super) fn are_digits<const N: usize>(bytes: &[u8; N]) -> bool {
    const { assert!(N >= 8) };
    all_words(bytes, has_digits)
}

/// Whether these bytes, eight or more, are digits only, or spaces only.
#[inline]
pub(super) fn is_uniform<const N: usize>(bytes: &[u8; N]) -> bool {
    are_digits(bytes) || all_words(bytes, |word| word == SPACES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zengin::check::fields;
    use crate::zengin::record::digits_of;

    #[test]
    fn words_say_what_their_bytes_say() {
        for text in [*b"0000000000", *b"9999999999", *b"0123456789", *b"9876543210", *b"          "]
        {
            for at in 0..text.len() {
                for byte in 0..=u8::MAX {
                    let mut ten = text;
                    ten[at] = byte;
                    assert_eq!(ten_digits(&ten), digits_of(&ten), "{ten:?}");
                    assert_eq!(is_uniform(&ten), fields::is_uniform(&ten), "{ten:?}");
                    let mut twenty = [text, text].concat();
                    twenty[at + 10] = byte;
                    let twenty: &[u8; 20] = twenty.first_chunk().unwrap();
                    assert_eq!(are_digits(twenty), twenty.iter().all(u8::is_ascii_digit));
                    assert_eq!(is_uniform(twenty), fields::is_uniform(twenty), "{twenty:?}");
                }
            }
        }
    }
}
